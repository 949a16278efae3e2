"""Self-supervised encoders for DINO-like scores: the embedded one, one of timm's by name, or a folder or hub id of transformers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Sequence

from persimg.errors import UserError

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

BATCH = 32
TIMM = "timm:"
SIDE = 128


class Dino:
    """preprocess: a picture → (3, S, S); encode: (B, 3, S, S) → (B, D)."""

    def __init__(self, name: str, preprocess: Callable[[Image.Image], Tensor], encode: Callable[[Tensor], Tensor]):
        self.name, self._preprocess, self._encode = name, preprocess, encode

    def images(self, pictures: Sequence[Image.Image]) -> Tensor:
        """(N, D) fp32, of length 1."""
        import torch

        with torch.no_grad():
            rows = [self._preprocess(p.convert("RGB")) for p in pictures]
            parts = [self._encode(torch.stack(rows[i : i + BATCH])).float() for i in range(0, len(rows), BATCH)]
        return torch.nn.functional.normalize(torch.cat(parts), dim=1)


@cache
def load_dino(name: str = "mini") -> Dino:
    """"mini" (the embedded encoder), timm:MODEL such as timm:vit_small_patch16_224.dino, or a folder or hub id of transformers.

    Of a ViT the class token is taken. UserError where the encoder can't be had.
    """
    try:
        return _mini() if name == "mini" else _timm(name) if name.startswith(TIMM) else _transformers(name)
    except (RuntimeError, OSError, ValueError, ImportError) as error:
        raise UserError(f"the encoder {name} can't be loaded ({' '.join(str(error).split())[:200]})", "check the name, or take mini", 3) from error


def _mini() -> Dino:
    from persimg.mini.nets import load_ssl

    return Dino("mini", pixels, load_ssl())


def pixels(picture: Image.Image) -> Tensor:
    """(3, 128, 128) in [-1, 1]."""
    import numpy as np
    import torch

    array = np.asarray(picture.resize((SIDE, SIDE)), dtype=np.float32)
    return torch.from_numpy(array).permute(2, 0, 1) / 127.5 - 1


def _timm(name: str) -> Dino:
    import timm

    model = timm.create_model(name.removeprefix(TIMM), pretrained=True, num_classes=0).eval()
    return Dino(name, timm.data.create_transform(**timm.data.resolve_model_data_config(model)), model)


def _transformers(name: str) -> Dino:
    from transformers import AutoImageProcessor, AutoModel

    if not Path(name).is_dir() and "/" not in name:
        raise ValueError("neither a folder nor a hub id")
    processor, model = AutoImageProcessor.from_pretrained(name), AutoModel.from_pretrained(name).eval()

    def preprocess(picture: Any) -> Tensor:
        return processor(picture, return_tensors="pt")["pixel_values"][0]

    return Dino(name, preprocess, lambda batch: model(pixel_values=batch).last_hidden_state[:, 0])
