"""Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598, eq. 6 with w + 1 = guidance_scale)."""

from __future__ import annotations

import torch
from torch import Tensor

from persimg.bases.base import Base, Conditioning
from persimg.sampling.guide import Denoiser, conditioned


def classifier_free(base: Base, cond: Conditioning, uncond: Conditioning, guidance_scale: float, cache_interval: int = 1) -> Denoiser:
    """uncond + scale * (cond - uncond), both halves in one forward pass; at scale 1 the condition alone."""
    if guidance_scale == 1:
        return conditioned(base, cond, cache_interval)
    both = conditioned(base, Conditioning.cat([uncond, cond]), cache_interval)

    def denoise(z_t: Tensor, t: Tensor) -> Tensor:
        without, with_prompt = both(torch.cat([z_t, z_t]), torch.cat([t, t])).chunk(2)
        return without + guidance_scale * (with_prompt - without)

    return denoise
