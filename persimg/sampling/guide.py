"""Guides: what intervenes while denoising. A guided denoiser is a denoiser, so guides compose."""

from __future__ import annotations

from typing import Callable, Protocol

from torch import Tensor

from persimg.bases.base import Base, Conditioning
from persimg.sampling.feature_cache import FeatureCache

Denoiser = Callable[[Tensor, Tensor], Tensor]
"""(z_t (B, C, h, w), t (B,)) → prediction (B, C, h, w)"""


class Guide(Protocol):
    """Turns a denoiser of a batch into a guided one."""

    def __call__(self, denoiser: Denoiser) -> Denoiser: ...


def conditioned(base: Base, cond: Conditioning, cache_interval: int = 1) -> Denoiser:
    """The base itself under one conditioning; its deep features anew every so many calls."""
    predict = base.predict if cache_interval == 1 else FeatureCache(base, cache_interval)

    def denoise(z_t: Tensor, t: Tensor) -> Tensor:
        return predict(z_t.to(base.dtype), t, cond).float()

    return denoise
