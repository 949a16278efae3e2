"""Latents, encoded once and kept on disk under the digest of all that they depend on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import max_pool2d

from persimg import files
from persimg.bases.base import Base
from persimg.data.concept_data import ConceptData
from persimg.data.pictures import Picture, area, fitted, opened, opened_mask, target_size

VERSION = 2


@dataclass(frozen=True)
class Example:
    """latents: (C, h, w) fp32, mirrored: the same of the mirrored picture or None; mask: (1, h, w) in 0..1, what counts, or None for all."""

    latents: Tensor
    size: tuple[int, int]
    mirrored: Tensor | None = None
    mask: Tensor | None = None


def pixels(image: Image.Image) -> Tensor:
    """(1, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None].float().div(127.5).sub(1)


def examples(base: Base, data: ConceptData, folder: Path) -> list[Example]:
    """One example a picture, read from the cache where it fits."""
    key = files.digest_bytes(f"{VERSION} {base.fingerprint} {data.digest} {data.size} {data.fit} {data.flip} {data.cut}".strip().encode())[:16]
    path = folder / f"latents-{key}.safetensors"
    if not path.exists():
        encode(base, data.pictures, data, path)
    return _read(path, len(data.pictures))


def _step(base: Base) -> int:
    return base.downscale * 2 ** (len(base.denoiser.config.block_out_channels) - 1)


@torch.no_grad()
def encode(base: Base, pictures: Sequence[Picture], data: ConceptData, path: Path) -> None:
    """Encode every picture, and its mask at the latents' resolution."""
    tensors: dict[str, Tensor] = {}
    for i, picture in enumerate(pictures):
        size = target_size(picture, data.fit, data.size, _step(base))
        x = pixels(fitted(opened(picture), size, data.fit)).to(base.device)
        tensors[f"{i}.latents"] = base.encode_pictures(x)[0].float().cpu()
        if data.flip:
            tensors[f"{i}.mirrored"] = base.encode_pictures(x.flip(-1))[0].float().cpu()
        inside = _inside(area(picture), size, data.fit, base.downscale)
        if picture.mask_path:
            tensors[f"{i}.mask"] = _mask(opened_mask(picture), size, data.fit, base.downscale) * inside
        elif inside.min() < 1:
            tensors[f"{i}.mask"] = inside
    files.save_tensors(path, tensors)


def _mask(mask: Image.Image, size: tuple[int, int], fit: str, downscale: int) -> Tensor:
    """(1, h, w): pooled by the maximum, so that nothing thin is lost."""
    return max_pool2d(_levels(mask, size, fit), downscale)


def _inside(white: Image.Image, size: tuple[int, int], fit: str, downscale: int) -> Tensor:
    """(1, h, w): 0 where a latent holds padding, which would otherwise be learned as part of the subject, else 1. white: see `area`."""
    return 1 - max_pool2d(1 - _levels(white, size, fit), downscale).ceil()


def _levels(picture: Image.Image, size: tuple[int, int], fit: str) -> Tensor:
    """(1, H, W) in 0..1 of a fitted grayscale picture, black around it."""
    return torch.from_numpy(np.asarray(fitted(picture, size, fit, fill="black").convert("L")).copy()).float().div(255)[None]


def _read(path: Path, count: int) -> list[Example]:
    from safetensors.torch import load_file

    tensors, found = load_file(path), []
    for i in range(count):
        latents = tensors[f"{i}.latents"]
        found.append(Example(latents, tuple(latents.shape[1:]), tensors.get(f"{i}.mirrored"), tensors.get(f"{i}.mask")))
    return found
