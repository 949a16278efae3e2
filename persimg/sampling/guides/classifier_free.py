"""Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598, eq. 6 with w + 1 = guidance_scale)."""

from __future__ import annotations

from typing import Callable

import torch
from torch import Tensor

from persimg.bases.base import Base, Conditioning
from persimg.sampling.guide import Denoiser, conditioned

Halves = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""(z_t (B, C, h, w), t (B,)) → predictions (B, C, h, w) under two conditionings"""


def classifier_free(base: Base, cond: Conditioning, uncond: Conditioning, guidance_scale: float, cache_interval: int = 1) -> Denoiser:
    """uncond + scale * (cond - uncond), both halves in one forward pass; at scale 1 the condition alone."""
    if guidance_scale == 1:
        return conditioned(base, cond, cache_interval)
    both = halves(base, uncond, cond, cache_interval)

    def denoise(z_t: Tensor, t: Tensor) -> Tensor:
        return guided(*both(z_t, t), guidance_scale)

    return denoise


def halves(base: Base, first: Conditioning, second: Conditioning, cache_interval: int = 1) -> Halves:
    """Both predictions in one forward pass."""
    both = conditioned(base, Conditioning.cat([first, second]), cache_interval)
    return lambda z_t, t: both(torch.cat([z_t, z_t]), torch.cat([t, t])).chunk(2)  # type: ignore[return-value]


def guided(without: Tensor, with_prompt: Tensor, guidance_scale: float) -> Tensor:
    return without + guidance_scale * (with_prompt - without)
