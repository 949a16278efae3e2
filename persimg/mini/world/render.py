"""Scenes to pictures, with masks of what each subject covers."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import skia

from persimg.mini.world.accessories import DRAW_ACCESSORY
from persimg.mini.world.air import draw_fog_behind, draw_marks, draw_mood, draw_sky, draw_weather
from persimg.mini.world.brush import Brush, Palette, Pattern, toned
from persimg.mini.world.characters import CHARACTERS
from persimg.mini.world.colours import Colour
from persimg.mini.world.kinds import SHAPES, SPLITS
from persimg.mini.world.people import draw_person
from persimg.mini.world.places import DRAW_PLACE
from persimg.mini.world.scene import Scene, Subject
from persimg.mini.world.styles import style_of
from persimg.mini.world.words import COLOURS, SECOND

SIDE = 128
CLOTHES = tuple(COLOURS[name] for name in ("red", "yellow", "green", "blue", "purple", "teal", "white", "gray", "orange"))


@dataclass(frozen=True)
class FaceMark:
    """subject: its index in the scene; box: x0, y0, x1, y1 px; points: (5, 2) px, left eye, right eye, nose, mouth corners."""

    subject: int
    box: np.ndarray
    points: np.ndarray


@dataclass(frozen=True)
class Drawing:
    """picture: uint8 (size, size, 3); masks: one bool (size, size) a subject, what is visible of it, accessories included.

    faces: where the people's faces are, one a person.
    """

    picture: np.ndarray
    masks: tuple[np.ndarray, ...]
    faces: tuple[FaceMark, ...] = ()


class Spot(NamedTuple):
    """Where a subject stands: centre and scale in units of 1/128 of the picture."""

    x: float
    y: float
    scale: float


def draw(scene: Scene, size: int = SIDE, masks: bool = True) -> Drawing:
    """Draw a scene; the same scene gives the same picture, whatever was drawn before. masks=False saves their time."""
    surface, canvas = _surface(size)
    palette = Palette(scene.style, scene.time, scene.mood)
    _draw_place(canvas, scene, palette)
    found, faces = {}, []
    for i, spot in _standing(scene):
        subject = scene.subjects[i]
        brush = _brush(canvas, palette, subject, spot)
        if subject.pose == "jumping":
            _shadow(canvas, palette, spot)
        face = _draw_subject(brush, subject, scene, i)
        faces += [FaceMark(i, *face.pixels(brush, size))] if face else []
        found[i] = _mask(brush, size) if masks else None
    draw_weather(canvas, scene.weather, random.Random(scene.seed + 2))
    picture, finish = _pixels(surface), style_of(scene.style).finish
    return Drawing(finish(picture) if finish else picture, _visible(found) if masks else (), tuple(faces))


def _draw_place(canvas: skia.Canvas, scene: Scene, palette: Palette) -> None:
    brush, rng = Brush(canvas, palette, place=True), random.Random(scene.seed)
    canvas.clear(skia.Color(*toned(palette, brush.how.paper, True, False)))
    DRAW_PLACE[scene.place](brush, rng)
    rng = random.Random(scene.seed + 1)
    draw_sky(brush, scene.place, rng)
    draw_marks(brush, rng)
    draw_mood(brush, rng)
    draw_fog_behind(canvas, scene.weather, rng)


def _surface(size: int) -> tuple[skia.Surface, skia.Canvas]:
    surface = skia.Surface(size, size)
    canvas = surface.getCanvas()
    canvas.scale(size / SIDE, size / SIDE)
    return surface, canvas


def _pixels(surface: skia.Surface) -> np.ndarray:
    return surface.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)[..., :3].copy()


# --- where subjects stand ---------------------------------------------------------------------------------------------


def _standing(scene: Scene) -> list[tuple[int, Spot]]:
    """(index of a subject, its spot), those behind first."""
    rng = random.Random(scene.seed + 3)
    if any(s.person for s in scene.subjects):
        spots = _people_spots(scene, rng)
    else:
        spots = _spots(scene, rng)
    order = list(enumerate(spots))[: len(scene.subjects)]
    return order[::-1] if scene.relation == "in front of" else order


def _spots(scene: Scene, rng: random.Random) -> list[Spot]:
    if len(scene.subjects) == 1:
        reach, low, high = {"close": (6, 1.62, 1.8), "full": (13, 1.02, 1.24), "wide": (34, 0.6, 0.68)}[scene.framing]
        y = {"close": 72, "full": 74, "wide": 90}[scene.framing]
        return [Spot(64 + rng.uniform(-reach, reach), y + rng.uniform(-4, 6), rng.uniform(low, high))]
    zoom = {"close": 1.18, "full": 1.0, "wide": 0.74}[scene.framing]
    if scene.relation in ("behind", "in front of"):
        return _one_behind(scene.relation == "behind", zoom, rng)
    apart = {"close": 33, "full": 30, "wide": 23}[scene.framing]
    sides = (apart, -apart) if scene.relation == "right of" else (-apart, apart)
    return [Spot(64 + x + rng.uniform(-3, 3), 80 + rng.uniform(-4, 6), zoom * rng.uniform(0.7, 0.8)) for x in sides]


def _one_behind(first: bool, zoom: float, rng: random.Random) -> list[Spot]:
    """The first subject to the left, behind the other or in front of it; the one behind is higher and smaller."""
    back, front = (58, 0.72), (86, 0.86)
    heights = (back, front) if first else (front, back)
    return [
        Spot(64 + x * zoom + rng.uniform(-2, 2), y + rng.uniform(-3, 3), zoom * scale * rng.uniform(0.96, 1.04))
        for x, (y, scale) in zip((-21, 21), heights)
    ]


def _people_spots(scene: Scene, rng: random.Random) -> list[Spot]:
    """Heads and shoulders; half figures where the view is wide, with a thing at their side."""
    if len(scene.subjects) == 1:
        scale = {"close": 1.55, "full": 1.18, "wide": 0.92}[scene.framing] * rng.uniform(0.95, 1.05)
        y = {"close": 78, "full": 70, "wide": 76}[scene.framing]
        return [Spot(64 + rng.uniform(-10, 10), y + rng.uniform(-4, 4), scale)]
    zoom = {"close": 1.12, "full": 0.94, "wide": 0.74}[scene.framing]
    y = {"close": 74, "full": 78, "wide": 82}[scene.framing]
    sides = (32, -32) if scene.relation == "right of" else (-32, 32)
    spots = [Spot(64 + x + rng.uniform(-3, 3), y + rng.uniform(-4, 4), zoom * rng.uniform(0.95, 1.05)) for x in sides]
    return [
        spot if subject.person else Spot(spot.x + 2, 92, 0.66 * rng.uniform(0.95, 1.05)) for subject, spot in zip(scene.subjects, spots)
    ]


# --- one subject ------------------------------------------------------------------------------------------------------


def _brush(canvas: skia.Canvas, palette: Palette, subject: Subject, spot: Spot) -> Brush:
    turn = {"jumping": -20, "lying": 84, "upside down": 180}.get(subject.pose or "", 0)
    rise = {"jumping": -13, "lying": 8}.get(subject.pose or "", 0) * spot.scale
    pattern = None
    if subject.colour and subject.pattern not in (None, "plain"):
        second = (subject.second if subject.pattern == "two tone" else None) or SECOND[subject.colour]
        pattern = Pattern(subject.pattern, COLOURS[subject.colour], COLOURS[second], SPLITS.get(subject.kind, 3))
    return Brush(canvas, palette, spot.x, spot.y + rise, spot.scale, turn=turn, mirror=subject.pose == "facing left", pattern=pattern)


def _shadow(canvas: skia.Canvas, palette: Palette, spot: Spot) -> None:
    """On the ground below somebody in the air."""
    rect = skia.Rect.MakeXYWH(spot.x - 24 * spot.scale, spot.y + 36 * spot.scale, 48 * spot.scale, 8 * spot.scale)
    canvas.drawOval(rect, skia.Paint(AntiAlias=True, Color=skia.Color(0, 0, 0, 90)))


def _draw_subject(brush: Brush, subject: Subject, scene: Scene, index: int):
    """Returns the geometry of a person's face."""
    if subject.person:
        return _draw_figure(brush, subject, scene, index)
    brush.finish(_collect(brush, subject))
    return None


def _draw_figure(brush: Brush, subject: Subject, scene: Scene, index: int):
    rng = random.Random(scene.seed + 4 + index)
    who = subject.person
    assert who and who.face
    framing = "half" if scene.framing == "wide" else "portrait"
    face = draw_person(brush, who.face, who.look, framing, rng.choice(CLOTHES), rng.uniform(-0.8, 0.8), rng.uniform(-6, 6))
    brush.finish(face.main)
    return face


def _collect(brush: Brush, subject: Subject) -> Colour:
    """Let the subject leave its shapes on the brush; returns its main colour."""
    number = subject.character
    if number is None:
        main = COLOURS[subject.colour]  # type: ignore[index]
        anchor = SHAPES[subject.kind](brush, main)
    else:
        main = CHARACTERS[number].main
        anchor = CHARACTERS[number].shape(brush)
    if subject.accessory:
        brush.dress()
        DRAW_ACCESSORY[subject.accessory](brush, anchor)
    return main


def _mask(brush: Brush, size: int) -> np.ndarray:
    surface, canvas = _surface(size)
    canvas.clear(skia.ColorBLACK)
    brush.silhouette(canvas)
    return _pixels(surface)[..., 0] > 127


def _visible(masks: dict[int, np.ndarray]) -> tuple[np.ndarray, ...]:
    """Of each subject, in the scene's order; those drawn later cover earlier ones."""
    found, covered = {}, None
    for i, mask in reversed(masks.items()):
        found[i] = mask if covered is None else mask & ~covered
        covered = mask if covered is None else mask | covered
    return tuple(found[i] for i in sorted(found))
