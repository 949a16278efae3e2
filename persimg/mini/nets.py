"""Small networks of the embedded evaluators, and how they are loaded: reader, selector, self-supervised encoder."""

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
    """Reads what a left and a right subject are and how the whole is drawn from a picture, and where the subjects are.

    labels: slot → names; a slot's first name is "none" where it can be missing. Slots that end in _0 and _1 are of the left
    and the right subject; both are read by one head, each from where its subject is, so that the rarer second subject
    is learned from the first. Features of 16 x 16 cells, stride 8, with those of 8 x 8 cells and the whole mixed in.
    """

    CELLS = 16
    """cells a side of the map of presence"""
    CHANNELS = ("subject_0", "subject_1", "person")
    """of the map of presence: the left or only subject, the right one, anybody"""

    def __init__(self, labels: dict[str, Sequence[str]], width: int = 32):
        super().__init__()
        self.labels, self.width = {slot: list(names) for slot, names in labels.items()}, width
        c = 4 * width
        self.features = _features(width)
        self.position = nn.Parameter(torch.zeros(1, c, self.CELLS, self.CELLS))
        self.from_whole = nn.Linear(2 * c, c)
        self.mixed = nn.Sequential(_block(c, c, 1), _block(c, c, 1))
        self.map = nn.Conv2d(c, len(self.CHANNELS), 1)
        self.heads = nn.ModuleDict({_attribute(slot)[0]: nn.Linear(4 * c, len(names)) for slot, names in self.labels.items()})

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        """(B, 3, 128, 128) in [-1, 1] → slot: (B, names) logits."""
        return self.read_and_locate(pixels)[0]

    def read_and_locate(self, pixels: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """(B, 3, 128, 128) in [-1, 1] → slot: (B, names) logits; the map of presence (B, 3, 16, 16), logits."""
        grid = self._grid(pixels)
        presence = self.map(grid).float()
        whole = torch.cat([grid.amax((2, 3)), grid.mean((2, 3))], 1)
        regions = [_pooled(grid, presence[:, i : i + 1].sigmoid().to(grid.dtype)) for i in (0, 1)]
        both = torch.cat([mean for _, mean in regions], 1)
        inputs = {"": torch.cat([whole, both], 1)} | {str(i): torch.cat([whole, *regions[i]], 1) for i in (0, 1)}
        logits = {}
        for slot in self.labels:
            name, side = _attribute(slot)
            logits[slot] = self.heads[name](inputs[side])
        return logits, presence

    def _grid(self, pixels: Tensor) -> Tensor:
        """(B, 3, 128, 128) → (B, 4w, 16, 16)."""
        fine = self.features[:6](pixels)
        coarse = self.features[6:](fine)
        whole = self.from_whole(torch.cat([coarse.amax((2, 3)), coarse.mean((2, 3))], 1))
        around = nn.functional.interpolate(coarse, scale_factor=2, mode="nearest")
        return self.mixed(fine + around + whole[..., None, None] + self.position)

    @torch.no_grad()
    def read(self, pixels: Tensor) -> list[dict[str, str]]:
        """The most probable name of every slot, a dict a picture."""
        logits = self.forward(pixels)
        picks = {slot: values.argmax(1).tolist() for slot, values in logits.items()}
        return [{slot: self.labels[slot][picks[slot][i]] for slot in picks} for i in range(len(pixels))]


def _attribute(slot: str) -> tuple[str, str]:
    """ "kind_1" → ("kind", "1"), "place" → ("place", "")."""
    name, _, side = slot.partition("_")
    return name, side


def _pooled(grid: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
    """Maximum and mean of a grid (B, C, h, w) where share (B, 1, h, w) in 0..1 is high, (B, C) each; zero where it is nowhere."""
    weighted = grid * share
    return weighted.amax((2, 3)), weighted.sum((2, 3)) / (share.sum((2, 3)) + 1)


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


class SelfSupervised(nn.Module):
    """The self-supervised encoder, for DINO-like scores: one unit vector a picture, learned without any label.

    A picture's features are centred and scaled by what is usual over pictures, so that unrelated ones have a cosine of
    about 0.
    """

    def __init__(self, width: int = 32):
        super().__init__()
        self.width, self.size = width, 16 * width
        self.features = nn.Sequential(*_features(width), _block(4 * width, 8 * width, 2), _block(8 * width, 8 * width, 1))
        self.usual = nn.BatchNorm1d(self.size, affine=False)

    def whitened(self, pixels: Tensor) -> Tensor:
        """(B, 3, S, S) in [-1, 1] → (B, 16w), each of mean 0 and deviation 1 over pictures."""
        grid = self.features(pixels).float()
        return self.usual(torch.cat([grid.amax((2, 3)), grid.mean((2, 3))], 1))

    def forward(self, pixels: Tensor) -> Tensor:
        """(B, 3, 128, 128) in [-1, 1] → (B, 16w), of length 1."""
        return nn.functional.normalize(self.whitened(pixels), dim=1)


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
    (folder / "config.json").write_text(json.dumps({"width": reader.width, "labels": reader.labels}, indent=1))


def load_reader(folder: Path | None = None) -> Reader:
    """The embedded reader, fp32, for evaluation."""
    from safetensors.torch import load_file

    folder = folder or mini.path("reader")
    config = json.loads((folder / "config.json").read_text())
    reader = Reader(config["labels"], config["width"])
    reader.load_state_dict(load_file(folder / "model.safetensors"))
    return reader.float().eval()


def save_ssl(encoder: SelfSupervised, folder: Path) -> None:
    _save(encoder, folder)
    (folder / "config.json").write_text(json.dumps({"width": encoder.width}))


def load_ssl(folder: Path | None = None) -> SelfSupervised:
    """The embedded self-supervised encoder, fp32, for evaluation."""
    from safetensors.torch import load_file

    folder = folder or mini.path("ssl")
    encoder = SelfSupervised(json.loads((folder / "config.json").read_text())["width"])
    encoder.load_state_dict(load_file(folder / "model.safetensors"))
    return encoder.float().eval()
