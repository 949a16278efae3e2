"""The networks of the face pack: a detector with SCRFD's output layout, a recognizer with ArcFace's input and its margin.

Sources: Guo et al. 2021, "Sample and Computation Redistribution for Efficient Face Detection" (SCRFD, arXiv:2105.04714);
Deng et al. 2019, "ArcFace: Additive Angular Margin Loss" (arXiv:1801.07698); Lin et al. 2017 (feature pyramids, focal loss).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDES = (8, 16, 32)
LIMITS = ((32.0, 64.0), (96.0, 144.0), (208.0, math.inf))
"""stride → largest face, px, of its first and of its second anchor"""
NOMINAL = ((22.0, 46.0), (80.0, 118.0), (174.0, 256.0))
"""stride → the face size, px, that distances of either anchor are measured in"""
COLUMNS = (1, 4, 10)
"""numbers of an anchor: score; distances to left, top, right, bottom; offsets x, y of five points"""
EMBEDDING = 512
CROP = 112
"""side of an aligned face, px"""


def conv(channels: int, out: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True)
    )  # fmt: skip


class Residual(nn.Module):
    """Two convolutions around a sum."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = conv(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


# --- detector ---------------------------------------------------------------------------------------------------------


class Level(nn.Module):
    """Predictions at one stride, two anchors a position."""

    def __init__(self, channels: int, stride: int, nominal: tuple[float, float]):
        super().__init__()
        self.tower = nn.Sequential(conv(channels, channels), conv(channels, channels))
        self.out = nn.ModuleList(nn.Conv2d(channels, 2 * n, 1) for n in COLUMNS)
        for head in self.out:
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
        nn.init.constant_(self.out[0].bias, -4.0)  # few positions hold a face
        self.register_buffer("unit", torch.tensor(nominal).div(stride).view(1, 2, 1), persistent=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, C, H, W) → logits (B, 2HW, 1), distances (B, 2HW, 4) and offsets (B, 2HW, 10), both in strides."""
        x = self.tower(x)
        rows = [head(x).permute(0, 2, 3, 1).reshape(x.shape[0], -1, n) for head, n in zip(self.out, COLUMNS)]
        scores, distances, offsets = rows
        scaled = [self._scaled(r.float()) for r in (0.5 * distances.float().clamp(-4, 4).exp(), offsets)]
        return scores.float(), scaled[0], scaled[1]

    def _scaled(self, rows: Tensor) -> Tensor:
        """In the anchors' nominal sizes → in strides; rows alternate between the anchors."""
        n = rows.shape[-1]
        return (rows.reshape(rows.shape[0], -1, 2, n) * self.unit).reshape(rows.shape[0], -1, n)


class Detector(nn.Module):
    """Faces with five key points in pictures whose sides are multiples of 32."""

    def __init__(self, width: int = 16):
        super().__init__()
        w = width
        self.stem = nn.Sequential(conv(3, w, 2), conv(w, 2 * w, 2), conv(2 * w, 2 * w))
        self.down = nn.ModuleList(
            [
                nn.Sequential(conv(2 * w, 4 * w, 2), Residual(4 * w)),
                nn.Sequential(conv(4 * w, 6 * w, 2), Residual(6 * w)),
                nn.Sequential(conv(6 * w, 8 * w, 2), conv(8 * w, 8 * w)),
            ]
        )
        self.lateral = nn.ModuleList(nn.Conv2d(n * w, 4 * w, 1) for n in (4, 6, 8))
        self.levels = nn.ModuleList(Level(4 * w, stride, nominal) for stride, nominal in zip(STRIDES, NOMINAL))

    def forward(self, pixels: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
        """(B, 3, H, W), RGB, (value - 127.5) / 128 → (logits, distances, offsets) a stride."""
        x, grids = self.stem(pixels), []
        for down, lateral in zip(self.down, self.lateral):
            x = down(x)
            grids.append(lateral(x))
        for i in (1, 0):
            grids[i] = grids[i] + F.interpolate(grids[i + 1], scale_factor=2.0, mode="nearest")
        return [level(grid) for level, grid in zip(self.levels, grids)]


class DetectorOutputs(nn.Module):
    """The nine outputs that insightface's SCRFD decodes: scores, distances, offsets, three strides each."""

    def __init__(self, detector: nn.Module):
        super().__init__()
        self.detector = detector

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        rows = self.detector(pixels)
        return (*(r[0].sigmoid() for r in rows), *(r[1] for r in rows), *(r[2] for r in rows))


# --- recognizer -------------------------------------------------------------------------------------------------------


class Recognizer(nn.Module):
    """An aligned face to a vector; cosines between vectors tell who is who.

    channels: at 56, 28, 14 and 7 positions a side; depths: residual blocks at 28, 14 and 7; pooling: "depthwise", a weight a
    place and channel (as in MobileFaceNets, Chen et al. 2018), or "both", mean and maximum.
    """

    def __init__(self, channels: tuple[int, ...], depths: tuple[int, ...], pooling: str):
        super().__init__()
        layers: list[nn.Module] = [conv(3, channels[0], 2)]
        for before, after, depth in zip(channels, channels[1:], depths):
            layers += [conv(before, after, 2), *(Residual(after) for _ in range(depth))]
        last, self.pooling = channels[-1], pooling
        self.features = nn.Sequential(*layers)
        self.pool = nn.Conv2d(last, last, 7, groups=last, bias=False) if pooling == "depthwise" else nn.Identity()
        pooled = last if pooling == "depthwise" else 2 * last
        self.out = nn.Sequential(nn.BatchNorm1d(pooled), nn.Linear(pooled, EMBEDDING, bias=False), nn.BatchNorm1d(EMBEDDING))

    def forward(self, pixels: Tensor) -> Tensor:
        """(B, 3, 112, 112), RGB, (value - 127.5) / 127.5 → (B, 512), of any length."""
        grid = self.features(pixels)
        if self.pooling == "depthwise":
            return self.out(self.pool(grid).flatten(1))
        return self.out(torch.cat([grid.mean((2, 3)), grid.amax((2, 3))], 1))


class Centres(nn.Module):
    """The direction of every identity in the embedding, as a function of the face's parameters.

    ArcFace has a free vector an identity; here all share one small network, so that an identity met for the first time
    already has its place, and thousands of them cost no more than one.
    """

    def __init__(self, parameters: int, hidden: int = 256):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(parameters, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, EMBEDDING)
        )  # fmt: skip

    def forward(self, faces: Tensor) -> Tensor:
        """(N, parameters) in 0..1 → (N, 512), of length 1."""
        return F.normalize(self.net(faces * 2 - 1), dim=1)


def margin_loss(embeddings: Tensor, centres: Tensor, labels: Tensor, scale: float = 32.0, margin: float = 0.3) -> Tensor:
    """ArcFace: cross entropy of scale · cos, the true angle made larger by `margin` radians. (B, D), (N, D), (B,) → ()."""
    cosines = F.normalize(embeddings.float(), dim=1) @ centres.float().T
    true = cosines.gather(1, labels[:, None]).clamp(-1 + 1e-6, 1 - 1e-6)
    # beyond pi - margin the shifted cosine would rise again: a straight line instead, as in the authors' code
    shifted = torch.where(true > math.cos(math.pi - margin), (true.acos() + margin).cos(), true - margin * math.sin(margin))
    return F.cross_entropy(scale * cosines.scatter(1, labels[:, None], shifted), labels)


ROLES = {
    "detector": lambda: Detector(),
    "recognizer": lambda: Recognizer((32, 32, 96, 160), (1, 2, 1), "depthwise"),
    "second": lambda: Recognizer((16, 32, 64, 128), (1, 1, 2), "both"),
}
"""role → a fresh network"""


def build(role: str) -> nn.Module:
    return ROLES[role]()
