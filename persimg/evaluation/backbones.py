"""The encoders that scores rest on, loaded through open_clip: the embedded one, a folder, or one of its names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Sequence

from persimg import files, mini
from persimg.errors import UserError

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

BATCH = 32
WIDE_VOCABULARY = 10_000
"""tokens"""
WEIGHTS = "open_clip_model.safetensors"


def check_backbone_name(name: str, option: str = "--backbone") -> None:
    """UserError for what can't be a backbone, in the words of the option that named it; needs no torch."""
    if name == "mini":
        mini.path("clip")
    elif Path(name).is_dir():
        if not (Path(name) / "open_clip_config.json").exists():
            raise UserError(f"{option} {name} holds no open_clip_config.json", "name a folder in open_clip's layout")
    elif "/" not in name or name.startswith((".", "/")):
        raise UserError(f"{option} {name} is no backbone", "take mini, a folder, or MODEL/PRETRAINED such as ViT-B-32/openai")


class Backbone:
    """A CLIP with its preprocessing. name: as the user gave it; version: digest of the weights or the pretrained tag."""

    def __init__(self, name: str, version: str, model: Any, preprocess: Any, tokenizer: Any):
        self.name, self.version = name, version
        self._model, self._preprocess, self._tokenizer = model.eval(), preprocess, tokenizer

    def images(self, pictures: Sequence[Image.Image]) -> Tensor:
        """(N, D) fp32, of length 1."""
        return self._features([self._preprocess(p.convert("RGB")) for p in pictures], self._model.encode_image)

    @property
    def scale(self) -> float:
        """What cosines are multiplied by before a softmax, as in training."""
        return float(self._model.logit_scale.detach().exp())

    def knows(self, text: str) -> bool:
        """Has the tokenizer a token for each word? One of the wide world spells what it has none for, and so knows all."""
        tokenizer = self._tokenizer if hasattr(self._tokenizer, "vocab_size") else self._tokenizer.tokenizer
        if tokenizer.vocab_size >= WIDE_VOCABULARY:
            return True
        return all(len(tokenizer(word, add_special_tokens=False)["input_ids"]) == 1 for word in re.findall(r"\w+", text.lower()))

    def texts(self, texts: Sequence[str]) -> Tensor:
        """(N, D) fp32, of length 1."""
        return self._features(list(self._tokenizer(list(texts))), self._model.encode_text)

    def _features(self, rows: list[Tensor], encode: Any) -> Tensor:
        import torch

        device = next(self._model.parameters()).device
        with torch.no_grad():
            parts = [encode(torch.stack(rows[i : i + BATCH]).to(device)).float().cpu() for i in range(0, len(rows), BATCH)]
        return torch.nn.functional.normalize(torch.cat(parts), dim=1)


def load_backbone(name: str = "mini", device: str | None = None) -> Backbone:
    """"mini" (the embedded evaluator), a folder in open_clip's layout, or MODEL/PRETRAINED. UserError where it can't be had."""
    import open_clip

    check_backbone_name(name)
    folder = mini.path("clip") if name == "mini" else Path(name) if Path(name).is_dir() else None
    model_name, _, pretrained = (f"local-dir:{folder}", "", None) if folder else name.partition("/")
    try:
        model, _, preprocess = open_clip.create_model_and_transforms(
            model_name, pretrained=pretrained, device=device or "cpu", require_pretrained=True
        )
        tokenizer = open_clip.get_tokenizer(model_name)
    except (RuntimeError, OSError, ValueError, AssertionError, ImportError) as error:
        raise UserError(f"the backbone {name} can't be loaded ({' '.join(str(error).split())[:200]})", "check the name, or take mini", 3) from error
    version = files.digest_file(folder / WEIGHTS)[:12] if folder and (folder / WEIGHTS).exists() else pretrained or ""
    return Backbone(name, version, model, preprocess, tokenizer)
