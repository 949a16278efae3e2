"""Scenes to pictures, with masks of what each subject covers."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import skia

from persimg.mini.world.brush import PAPER, Brush
from persimg.mini.world.characters import CHARACTERS
from persimg.mini.world.places import DRAW_ACCESSORY, DRAW_PLACE
from persimg.mini.world.scene import Scene, Subject
from persimg.mini.world.shapes import SHAPES
from persimg.mini.world.words import COLOURS

SIDE = 128


@dataclass(frozen=True)
class Drawing:
    """picture: uint8 (size, size, 3); masks: one bool (size, size) a subject, what is visible of it, accessories included."""

    picture: np.ndarray
    masks: tuple[np.ndarray, ...]


def draw(scene: Scene, size: int = SIDE) -> Drawing:
    """Draw a scene; the same scene gives the same picture, whatever was drawn before."""
    surface, canvas = _surface(size)
    rng = random.Random(scene.seed)
    canvas.clear(skia.Color(*PAPER))
    DRAW_PLACE[scene.place](Brush(canvas, scene.style, place=True), rng)
    masks = []
    for subject, (x, y, scale) in zip(scene.subjects, _layout(len(scene.subjects), rng)):
        brush = Brush(canvas, scene.style, x, y, scale)
        brush.finish(_collect(brush, subject))
        masks.append(_mask(brush, size))
    return Drawing(_pixels(surface), _visible(masks))


def _surface(size: int) -> tuple[skia.Surface, skia.Canvas]:
    surface = skia.Surface(size, size)
    canvas = surface.getCanvas()
    canvas.scale(size / SIDE, size / SIDE)
    return surface, canvas


def _pixels(surface: skia.Surface) -> np.ndarray:
    return surface.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)[..., :3].copy()


def _layout(count: int, rng: random.Random) -> list[tuple[float, float, float]]:
    """Centre and scale of each subject, in units of 1/128 of the picture."""
    if count == 1:
        return [(64 + rng.uniform(-16, 16), 74 + rng.uniform(-5, 7), rng.uniform(1.0, 1.25))]
    return [(x + rng.uniform(-3, 3), 80 + rng.uniform(-4, 6), rng.uniform(0.7, 0.8)) for x in (34, 94)]


def _collect(brush: Brush, subject: Subject) -> tuple[int, int, int]:
    """Let the subject leave its shapes on the brush; returns its main colour."""
    number = subject.character
    if number is None:
        main = COLOURS[subject.colour]  # type: ignore[index]
        anchor = SHAPES[subject.kind](brush, main)
    else:
        main = CHARACTERS[number].main
        anchor = CHARACTERS[number].shape(brush)
    if subject.accessory:
        DRAW_ACCESSORY[subject.accessory](brush, anchor)
    return main


def _mask(brush: Brush, size: int) -> np.ndarray:
    surface, canvas = _surface(size)
    canvas.clear(skia.ColorBLACK)
    brush.silhouette(canvas)
    return _pixels(surface)[..., 0] > 127


def _visible(masks: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Later subjects cover earlier ones."""
    return tuple(
        mask & ~np.logical_or.reduce([*masks[i + 1 :], np.zeros_like(mask)]) for i, mask in enumerate(masks)
    )
