"""Small networks of the embedded evaluators, and how they are loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Sequence

import torch
from torch import Tensor, nn

from persimg import mini


def _block(channels: int, out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())


def _features(w: int) -> nn.Sequential:
    """(B, 3, S, S) → (B, 4w, S/16, S/16)."""
    return nn.Sequential(
        _block(3, w, 2), _block(w, w, 1), _block(w, 2 * w, 2), _block(2 * w, 2 * w, 1),
        _block(2 * w, 4 * w, 2), _block(4 * w, 4 * w, 1), _block(4 * w, 4 * w, 2), _block(4 * w, 4 * w, 1),
    )  # fmt: skip


class Reader(nn.Module):
    """Reads kind, colour and accessory of a left and a right subject, place and style from a picture.

    labels: slot → names; every slot's first name is "none" where a subject or an accessory can be missing.
    """

    def __init__(self, labels: dict[str, Sequence[str]], width: int = 32):
        super().__init__()
        self.labels = {slot: list(names) for slot, names in labels.items()}
        self.features = _features(width)
        self.heads = nn.ModuleDict({slot: nn.Linear(12 * width, len(names)) for slot, names in self.labels.items()})

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        """(B, 3, 128, 128) in [-1, 1] → slot: (B, names) logits."""
        grid = self.features(pixels)
        half = grid.shape[-1] // 2
        # the whole, the left and the right half: where a subject stands tells which slot it is
        pooled = torch.cat([grid.amax((2, 3)), grid[..., :half].mean((2, 3)), grid[..., half:].mean((2, 3))], 1)
        return {slot: head(pooled) for slot, head in self.heads.items()}

    @torch.no_grad()
    def read(self, pixels: Tensor) -> list[dict[str, str]]:
        """The most probable name of every slot, a dict a picture."""
        logits = self.forward(pixels)
        picks = {slot: values.argmax(1).tolist() for slot, values in logits.items()}
        return [{slot: self.labels[slot][picks[slot][i]] for slot in picks} for i in range(len(pixels))]


class Encoder(nn.Module):
    """The selector: one unit vector a picture, near for pictures of one subject."""

    def __init__(self, width: int = 32, out: int = 96):
        super().__init__()
        self.features = _features(width)
        self.head = nn.Linear(8 * width, out)

    def pooled(self, pixels: Tensor) -> Tensor:
        """(B, 3, 128, 128) in [-1, 1] → (B, 8 * width): the whole picture, before the subject is singled out."""
        grid = self.features(pixels)
        return torch.cat([grid.amax((2, 3)), grid.mean((2, 3))], 1)

    def identity(self, pooled: Tensor) -> Tensor:
        """(B, 8 * width) → (B, out), of length 1."""
        return nn.functional.normalize(self.head(pooled).float(), dim=1)

    def forward(self, pixels: Tensor) -> Tensor:
        """(B, 3, 128, 128) in [-1, 1] → (B, out), of length 1."""
        return self.identity(self.pooled(pixels))


def _save(net: nn.Module, folder: Path) -> None:
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    halves = {n: t.half().contiguous() if t.is_floating_point() else t.contiguous() for n, t in net.state_dict().items()}
    save_file(halves, folder / "model.safetensors")


def save_encoder(encoder: Encoder, folder: Path) -> None:
    _save(encoder, folder)


def load_encoder(folder: Path | None = None) -> Encoder:
    """The embedded selector, fp32, for the choice of a checkpoint."""
    from safetensors.torch import load_file

    encoder = Encoder()
    encoder.load_state_dict(load_file((folder or mini.path("selector")) / "model.safetensors"))
    return encoder.float().eval()


def save_reader(reader: Reader, folder: Path) -> None:
    _save(reader, folder)
    (folder / "config.json").write_text(json.dumps({"labels": reader.labels}, indent=1))


def load_reader(folder: Path | None = None) -> Reader:
    """The embedded reader, fp32, for evaluation."""
    from safetensors.torch import load_file

    folder = folder or mini.path("reader")
    reader = Reader(json.loads((folder / "config.json").read_text())["labels"])
    reader.load_state_dict(load_file(folder / "model.safetensors"))
    return reader.float().eval()
