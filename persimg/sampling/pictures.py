"""Latents to pictures, and pictures to what the autoencoder takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

import torch
from torch import Tensor

from persimg.bases.base import Base

if TYPE_CHECKING:
    from PIL import Image

DECODED_TOGETHER = 4
"""at most; the decoder's widest layers are as large as the picture, and blocks above 32 MB are asked of the system anew each time"""


def decoded(base: Base, latents: Tensor, count: int | None = None) -> list[Image.Image]:
    """The pictures of the first `count` rows, all by default; decoded in slices whose size depends on the number of rows alone."""
    count = len(latents) if count is None else count
    size = next(n for n in range(DECODED_TOGETHER, 0, -1) if len(latents) % n == 0)
    slices = [latents[start : start + size] for start in range(0, count, size)]
    return [picture for part in slices for picture in to_pictures(base.decode(part))][:count]


def to_pictures(pixels: Tensor) -> list[Image.Image]:
    """(B, 3, H, W) in [-1, 1] → 8-bit pictures, rounded as diffusers does."""
    from PIL import Image

    values = (pixels / 2 + 0.5).clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return [Image.fromarray(value) for value in values]


def from_pictures(pictures: Sequence[Image.Image], size: tuple[int, int]) -> Tensor:
    """Pictures → (B, 3, H, W) in [-1, 1], resized to (height, width)."""
    import numpy as np

    resized = [np.asarray(p.convert("RGB").resize((size[1], size[0]), resample=3)) for p in pictures]
    return torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2).float().div(127.5).sub(1)
