"""Drawn faces for the face pack: pictures with boxes and key points for the detector, aligned crops for the recognizers.

Every sample is a pure function of a seed, a family and its number, so that a training run sees the same samples on every
machine, after every resume and with any number of worker processes. Identities come from draws of their own: neither the
named people nor the held-out faces of the drawn world.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Callable, Sequence

import cv2
import numpy as np
import torch
from drawing import normalised, stacked
from mini_face_nets import CROP
from torch import Tensor
from torch.utils.data import Dataset

from persimg import seeds
from persimg.mini.world.face import Face, sample_face
from persimg.mini.world.figures import Figure, sample_look
from persimg.mini.world.render import draw
from persimg.mini.world.scene import Scene, Subject, is_held_out, sample_scene
from persimg.mini.world.words import STYLES

TEMPLATE = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
"""where insightface puts the five points of a face in its 112 px crop (insightface/utils/face_align.py)"""
FACELESS = 0.35
"""share of pictures without people"""
WINDOWS = ((128, 32), (256, 8))
"""side, px, and number of the pictures in a batch"""
LARGE = 0.33
"""share of batches of the second kind"""


# --- geometry ---------------------------------------------------------------------------------------------------------


def similarity(points: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """The scaling, turn and shift (2, 3) that brings points nearest to goal in least squares; both (N, 2).

    As complex numbers the best factor is sum(conj(p) q) / sum(|p|²), p and q from their means (Umeyama 1991, in a plane).
    """
    p, q = (a[:, 0] + 1j * a[:, 1] for a in (np.asarray(points, float), np.asarray(goal, float)))
    centred = p - p.mean()
    factor = (centred.conj() * (q - q.mean())).sum() / max((np.abs(centred) ** 2).sum(), 1e-9)
    shift = q.mean() - factor * p.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])


def moved(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(..., 2) points through a (2, 3) matrix."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def aligned(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) and (5, 2) px → uint8 (112, 112, 3), as insightface's norm_crop."""
    return cv2.warpAffine(picture, similarity(points, TEMPLATE), (CROP, CROP), borderValue=0.0)


# --- scenes -----------------------------------------------------------------------------------------------------------


def stranger(rng: random.Random, face: Face | None = None) -> Subject:
    """Somebody without a name, a random one unless a face is given."""
    face = face or sample_face(rng)
    return Subject("person", None, person=Figure(None, face.noun, face, sample_look(rng, face)))


def scene_of_strangers(rng: random.Random) -> Scene:
    """A scene of the training distribution whose people have no names."""
    scene = sample_scene(rng, people=True)
    return replace(scene, subjects=tuple(stranger(rng) if s.person else s for s in scene.subjects))


def even_style(scene: Scene, rng: random.Random) -> Scene:
    """The same in any style with equal chances."""
    found = replace(scene, style=rng.choice(list(STYLES)))
    return scene if is_held_out(found) else found


def portrait(rng: random.Random, faces: list[Face]) -> Scene:
    """One or two given faces in any style, place, light, with any look."""
    while True:
        scene = sample_scene(rng, people=True)
        people = [i for i, s in enumerate(scene.subjects) if s.person]
        if len(people) == len(faces):
            break
    given = iter(faces)
    subjects = tuple(stranger(rng, next(given)) if s.person else s for s in scene.subjects)
    return even_style(replace(scene, subjects=subjects), rng)


# --- disturbances -----------------------------------------------------------------------------------------------------


def disturbed(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """What a codec, a camera or a generator does to a picture: several in ten stay as they are. uint8 → uint8."""
    if rng.random() < 0.3:
        return picture
    numbers = np.random.default_rng(rng.getrandbits(32))
    for share, change in ((0.25, _blur), (0.3, _smear), (0.3, _tone), (0.35, _noise), (0.3, _jpeg)):
        if rng.random() < share:
            picture = change(picture, rng, numbers)
    return picture


def _clipped(x: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(x), 0, 255).astype(np.uint8)


def _blur(picture: np.ndarray, rng: random.Random, numbers: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.0))


def _smear(picture: np.ndarray, rng: random.Random, numbers: np.random.Generator) -> np.ndarray:
    """As an autoencoder blurs: blotches of colour, and lines that are pushed about by about a pixel."""
    h, w = picture.shape[:2]
    grid = (max(2, h // 8), max(2, w // 8))
    blotches = cv2.resize(numbers.normal(0, rng.uniform(2, 12), (*grid, 3)).astype(np.float32), (w, h))
    push = cv2.resize(numbers.normal(0, rng.uniform(0.2, 0.9), (*grid, 2)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    rows, columns = np.mgrid[:h, :w].astype(np.float32)
    shifted = cv2.remap(picture, columns + push[..., 0], rows + push[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _clipped(shifted + blotches)


def _tone(picture: np.ndarray, rng: random.Random, numbers: np.random.Generator) -> np.ndarray:
    x = picture.astype(np.float32)
    if rng.random() < 0.15:
        x = np.repeat(x.mean(2, keepdims=True), 3, 2)
    x = (x - 127.5) * rng.uniform(0.7, 1.25) + 127.5 + rng.uniform(-25, 25)
    return _clipped(x * numbers.uniform(0.92, 1.08, 3))


def _noise(picture: np.ndarray, rng: random.Random, numbers: np.random.Generator) -> np.ndarray:
    return _clipped(picture + numbers.normal(0, rng.uniform(1, 14), picture.shape))


def _jpeg(picture: np.ndarray, rng: random.Random, numbers: np.random.Generator) -> np.ndarray:
    _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(35, 92)])
    return cv2.imdecode(code, cv2.IMREAD_COLOR)


# --- detector ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """picture: uint8 (S, S, 3) RGB; boxes: (N, 4) x0, y0, x1, y1 px; points: (N, 5, 2) px; cut: (N,) bool, hardly visible."""

    picture: np.ndarray
    boxes: np.ndarray
    points: np.ndarray
    cut: np.ndarray


def window(rng: random.Random, side: int) -> Window:
    """A picture as the detector sees it: whole and as large as the canvas, or scaled, turned, shifted, cut and padded."""
    people = rng.random() >= FACELESS
    scene = scene_of_strangers(rng) if people else sample_scene(rng)
    if rng.random() < 0.5:
        scene = even_style(scene, rng)
    whole = rng.random() < 0.35
    size = 256 if side > 128 and rng.random() < 0.3 else 128
    drawing = draw(scene, size, masks=False)
    zoom, turn, shift = (side / size, 0.0, (0.0, 0.0)) if whole else _view(rng, side, size)
    matrix = cv2.getRotationMatrix2D((size / 2, size / 2), turn, zoom) if turn else np.array([[zoom, 0, 0], [0, zoom, 0.0]])
    matrix[:, 2] += shift
    pad = (0, 0, 0) if rng.random() < 0.6 else tuple(rng.randrange(256) for _ in range(3))
    picture = disturbed(cv2.warpAffine(drawing.picture, matrix, (side, side), borderValue=pad), rng)
    boxes = np.array([_box(face.box, matrix, zoom) for face in drawing.faces]).reshape(-1, 4)
    points = np.array([moved(face.points, matrix) for face in drawing.faces]).reshape(-1, 5, 2)
    return Window(picture, boxes, points, _cut(boxes, points, side))


def _view(rng: random.Random, side: int, size: int) -> tuple[float, float, tuple[float, float]]:
    """Zoom, turn in degrees and shift in px: a small picture somewhere on the canvas, or a part of a large one."""
    zoom = side / size * np.exp(rng.uniform(np.log(0.35), np.log(2.0)))
    spare = side - size * zoom
    shift = tuple(rng.uniform(min(0, spare), max(0, spare)) + rng.gauss(0, 0.03) * side for _ in range(2))
    turn = rng.gauss(0, 10) if rng.random() < 0.3 else 0.0
    if turn:  # the matrix turns around the picture's middle and leaves it there; the shift counts from the corner
        shift = tuple(s - (size - size * zoom) / 2 for s in shift)
    return zoom, turn, shift


def _box(box: np.ndarray, matrix: np.ndarray, zoom: float) -> np.ndarray:
    """A box keeps its shape when the picture turns, as a face's box does when the head is tilted."""
    middle, half = moved((box[:2] + box[2:]) / 2, matrix), (box[2:] - box[:2]) / 2 * zoom
    return np.concatenate([middle - half, middle + half])


def _cut(boxes: np.ndarray, points: np.ndarray, side: int) -> np.ndarray:
    """Faces of which an eye or the mouth is outside, or that are too small: neither found nor missed."""
    inside = ((points > 1) & (points < side - 1)).all((1, 2)) if len(points) else np.zeros(0, bool)
    return ~inside | (np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(1)) < 9)


# --- recognizers ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def identities(family: str, count: int) -> tuple[Face, ...]:
    """The faces of a family, by its name."""
    return tuple(sample_face(seeds.rng(0, "identities", family, i)) for i in range(count))


def jittered(points: np.ndarray, rng: random.Random, share: float) -> np.ndarray:
    """Points as a detector finds them: each off by a normal error of `share` of the eye distance. (5, 2) px."""
    distance = np.hypot(*(points[1] - points[0]))
    return points + np.array([[rng.gauss(0, share * distance) for _ in range(2)] for _ in range(5)])


def crops(rng: random.Random, faces: list[Face], undisturbed: bool = False) -> list[np.ndarray]:
    """Aligned crops, uint8 (112, 112, 3) RGB, of faces that stand in one scene."""
    drawing = draw(portrait(rng, faces), 256 if rng.random() < 0.1 else 128, masks=False)
    picture = drawing.picture if undisturbed else disturbed(drawing.picture, rng)
    share = 0.0 if undisturbed else rng.choice((0.0, 0.02, 0.05))
    found = {mark.subject: aligned(picture, jittered(mark.points, rng, share)) for mark in drawing.faces}
    return [found[i] for i in sorted(found)]


# --- batches ----------------------------------------------------------------------------------------------------------


def pixels(pictures: list[np.ndarray], unit: float) -> Tensor:
    """uint8 (H, W, 3) → (B, 3, H, W), (value - 127.5) / unit: 128 for the detector, 127.5 for a recognizer."""
    return normalised(stacked(pictures), unit)


@dataclass(frozen=True)
class Windows(Dataset):
    """Batch number → pictures, uint8 (B, S, S, 3), and what `say` makes of each window: arrays, a row a picture."""

    seed: int
    say: Callable[[Window], Sequence[np.ndarray]]

    def windows(self, step: int) -> list[Window]:
        side, count = WINDOWS[seeds.rng(self.seed, "canvas", step).random() < LARGE]
        return [window(seeds.rng(self.seed, "window", step, i), side) for i in range(count)]

    def __getitem__(self, step: int) -> tuple[Tensor, ...]:
        found = self.windows(step)
        columns = zip(*(self.say(w) for w in found))
        return stacked([w.picture for w in found]), *(torch.from_numpy(np.stack(column)) for column in columns)


@dataclass(frozen=True)
class Crops(Dataset):
    """Batch number → pictures, uint8 (count, 112, 112, 3), and identities (count,); half of the crops from scenes of two."""

    seed: int
    family: str
    identities: int
    count: int = 64

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        faces, pictures, labels = identities(self.family, self.identities), [], []
        while len(labels) < self.count:
            rng = seeds.rng(self.seed, self.family, step, len(labels))
            who = rng.sample(range(self.identities), 1 if rng.random() < 0.66 else 2)
            pictures += crops(rng, [faces[i] for i in who])
            labels += who
        return stacked(pictures[: self.count]), torch.tensor(labels[: self.count])


