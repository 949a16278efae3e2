"""What the detector should say of a picture, and how far it is from that.

A face belongs to one of six anchors by its size (two a stride) and to the positions near its middle; positions on a face of a
neighbouring size or of a face that is hardly visible count neither as face nor as background.
Focal loss for scores (Lin et al. 2017, with the squared difference of SCRFD's quality focal loss), distance IoU loss for
boxes (Zheng et al. 2020, arXiv:1911.08287), smooth L1 for key points in units of the eye distance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from mini_face_data import Window
from mini_face_nets import LIMITS, STRIDES
from torch import Tensor

CORE = 0.2
"""positions this share of a face's size around its middle are its own"""
NEIGHBOUR = 1.25
"""a face this much beyond an anchor's limits leaves that anchor's positions undecided"""
BOX_WEIGHT, POINTS_WEIGHT = 1.0, 3.0
BEND = 0.02
"""error in eye distances up to which the points' loss is a square: well below the 5 % that are asked for"""


class Targets(NamedTuple):
    """score: (N,) 1 face, 0 background, -1 undecided; boxes (N, 4) and points (N, 5, 2) px, where score is 1; centres (N, 2) px.

    N: rows of all strides, one stride after the other, two anchors a position, as the network has them. Of a batch: tensors,
    with a dimension in front.
    """

    score: np.ndarray | Tensor
    boxes: np.ndarray | Tensor
    points: np.ndarray | Tensor
    centres: np.ndarray | Tensor


def centres(side: int, stride: int) -> np.ndarray:
    """(2 · (side / stride)², 2) x, y px, where insightface's decoder puts the anchors: corners of the cells."""
    cells = np.stack(np.mgrid[: side // stride, : side // stride][::-1], -1).reshape(-1, 2)
    return np.repeat(cells * float(stride), 2, 0)


def bounds() -> list[list[tuple[float, float]]]:
    """stride → anchor → smallest and largest face, px."""
    ends = [0.0, *(limit for pair in LIMITS for limit in pair)]
    return [[(ends[2 * i + a], ends[2 * i + a + 1]) for a in (0, 1)] for i in range(len(STRIDES))]


def targets(window: Window) -> Targets:
    side = window.picture.shape[0]
    parts = [_at_stride(window, side, stride, limits) for stride, limits in zip(STRIDES, bounds())]
    return Targets(*(np.concatenate(columns) for columns in zip(*parts)))


def _at_stride(window: Window, side: int, stride: int, limits: list[tuple[float, float]]) -> tuple[np.ndarray, ...]:
    at = centres(side, stride)
    score, boxes, points = np.zeros(len(at), np.float32), np.zeros((len(at), 4), np.float32), np.zeros((len(at), 5, 2), np.float32)
    low, high = (np.tile([pair[i] for pair in limits], len(at) // 2) for i in (0, 1))
    nearest = np.full(len(at), np.inf)
    for box, five, cut in zip(window.boxes, window.points, window.cut):
        size = math.sqrt((box[2] - box[0]) * (box[3] - box[1]))
        away = np.abs(at - (box[:2] + box[2:]) / 2).max(1)
        on_face = ((at >= box[:2]) & (at <= box[2:])).all(1)
        if cut:
            score[on_face & (score == 0)] = -1
            continue
        own = (low < size) & (size <= high)
        near = (low / NEIGHBOUR < size) & (size <= high * NEIGHBOUR)
        core = away <= max(0.55 * stride, CORE * size)
        score[on_face & near & (score == 0)] = -1
        chosen = core & own & (away < nearest)
        score[chosen], boxes[chosen], points[chosen], nearest[chosen] = 1, box, five, away[chosen]
    return score, boxes, points, at.astype(np.float32)


def box_loss(found: Tensor, true: Tensor) -> Tensor:
    """Distance IoU, 0 for equal boxes, up to 2. (P, 4), (P, 4) x0, y0, x1, y1 → (P,)."""
    inner = (torch.minimum(found[:, 2:], true[:, 2:]) - torch.maximum(found[:, :2], true[:, :2])).clamp(min=0).prod(1)
    areas = [(b[:, 2:] - b[:, :2]).prod(1) for b in (found, true)]
    overlap = inner / (areas[0] + areas[1] - inner + 1e-6)
    hull = torch.maximum(found[:, 2:], true[:, 2:]) - torch.minimum(found[:, :2], true[:, :2])
    apart = (found[:, :2] + found[:, 2:] - true[:, :2] - true[:, 2:]).square().sum(1) / 4
    return 1 - overlap + apart / (hull.square().sum(1) + 1e-6)


def detector_loss(outputs: list[tuple[Tensor, Tensor, Tensor]], true: Targets) -> tuple[Tensor, dict[str, Tensor]]:
    """The sum to be made small, and its parts; `points` is the mean error in eye distances."""
    (score, boxes, points, at), device = true, outputs[0][0].device
    logits = torch.cat([o[0] for o in outputs], 1)[..., 0]
    strides = torch.cat([torch.full((o[0].shape[1],), float(s), device=device) for o, s in zip(outputs, STRIDES)])
    faces = score == 1
    count = faces.sum().clamp(min=1)
    decided = score >= 0
    entropy = F.binary_cross_entropy_with_logits(logits, score.clamp(min=0), reduction="none")
    focal = (entropy * (logits.sigmoid() - score).square())[decided].sum()
    where = faces.nonzero(as_tuple=True)
    at, unit = at[where], strides[where[1]][:, None]
    distances = torch.cat([o[1] for o in outputs], 1)[where] * unit
    offsets = (torch.cat([o[2] for o in outputs], 1)[where] * unit).view(-1, 5, 2)
    boxed = box_loss(torch.cat([at - distances[:, :2], at + distances[:, 2:]], 1), boxes[where])
    eyes = (points[where][:, 1] - points[where][:, 0]).norm(dim=1)[:, None, None]
    errors = (offsets + at[:, None] - points[where]) / eyes
    pointed = F.smooth_l1_loss(errors, torch.zeros_like(errors), beta=BEND, reduction="sum") / 10
    loss = (focal + BOX_WEIGHT * boxed.sum() + POINTS_WEIGHT * pointed) / count
    mean = errors.detach().norm(dim=2).sum() / (5 * count)
    return loss, {"scores": focal.detach() / count, "boxes": boxed.detach().sum() / count, "points": mean}
