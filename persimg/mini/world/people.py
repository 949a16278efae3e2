"""People: 128 with names, 24 held out, any number without a name; portraits and half figures of them.

A face never depends on the words of a name: it comes from a seeded draw of its own. Identities for training a detector or a
recognizer come from `sample_face` with other seeds; in so many continuous parameters none of them is a face of this module.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import skia

from persimg.mini.world import face_parts as parts
from persimg.mini.world.accessories import DRAW_ACCESSORY, GOLD, NAVY
from persimg.mini.world.brush import INK, Brush, Colour, dark, light, luminance
from persimg.mini.world.face import PLAIN, Face, Look, sample_face
from persimg.mini.world.names import FIRST_WORDS, LAST_WORDS
from persimg.mini.world.shapes import Anchor

APART = 0.29
"""Least distance between any two faces of PEOPLE and HELD_OUT_FACES."""

FRAMINGS = ("portrait", "half")


@dataclass(frozen=True)
class Person:
    """number: in PEOPLE; name: two words; noun: "woman" or "man"."""

    number: int
    name: str
    noun: str
    face: Face


class FaceGeometry(NamedTuple):
    """Where a drawn face is, in the brush's units.

    anchor: of accessories; box: x0, y0, x1, y1 from forehead to chin; points: left eye, right eye, tip of the nose, left and
    right corner of the mouth, as the viewer sees them; main: the colour for `Brush.finish`.
    """

    anchor: Anchor
    box: tuple[float, float, float, float]
    points: tuple[tuple[float, float], ...]
    main: Colour

    def pixels(self, brush: Brush, size: int = 128) -> tuple[np.ndarray, np.ndarray]:
        """The box (4,) and the points (5, 2) in pixels of a picture of `size`."""
        corners = [self.box[:2], self.box[2:], *self.points]
        placed = np.array([tuple(brush.matrix.mapXY(x, y)) for x, y in corners]) * (size / 128)
        return placed[:2].reshape(4), placed[2:]


def _apart_faces(rng: random.Random, count: int, others: tuple[Face, ...] = ()) -> tuple[Face, ...]:
    faces = list(others)
    while len(faces) < len(others) + count:
        face = sample_face(rng)
        if all(face.distance(other) >= APART for other in faces):
            faces.append(face)
    return tuple(faces[len(others) :])


def _people() -> tuple[Person, ...]:
    shared = len(LAST_WORDS) - len(FIRST_WORDS)
    firsts = (*FIRST_WORDS, *FIRST_WORDS[:shared])
    faces = _apart_faces(random.Random("named faces"), len(LAST_WORDS))
    return tuple(
        Person(n, f"{first} {last}", face.noun, face) for n, (first, last, face) in enumerate(zip(firsts, LAST_WORDS, faces))
    )


PEOPLE = _people()
HELD_OUT_FACES = _apart_faces(random.Random("held-out faces"), 24, tuple(p.face for p in PEOPLE))
"""Faces without a name, which no training picture shows: `face:0` to `face:23`."""

_FRAMES = {"portrait": (-6.0, 1.15), "half": (-24.0, 0.66)}
"""framing → height of the eyes' line and scale of the head, in the brush's units"""


def draw_person(
    brush: Brush, face: Face, look: Look = PLAIN, framing: str = "portrait", clothes: Colour = (72, 110, 180),
    turn: float = 0, tilt: float = 0,
) -> FaceGeometry:  # fmt: skip
    """Draw around (0, 0), the accessory included; turn: -1 (to the viewer's left) to 1; tilt: degrees, clockwise."""
    p = parts.plan(face, look, turn)
    y, scale = _FRAMES[framing]
    with brush.placed(0, y, scale):
        (_shoulders if framing == "portrait" else _figure)(brush, p, clothes)
    with brush.placed(0, y, scale, tilt):
        _head(brush, p)
        _wear(brush, p)
    return _geometry(p, y, scale, tilt)


def _head(b: Brush, p: parts.Plan) -> None:
    parts.back_hair(b, p)
    b.rect(-9, p.chin - 10, 9, 33, dark(p.skin, 0.2), 5)
    parts.ears(b, p)
    for part in (parts.head, parts.wrinkles, parts.freckles, parts.beard, parts.nose, parts.mouth):
        part(b, p)
    for part in (parts.eyes, parts.front_hair, parts.brows):
        part(b, p)


def _shoulders(b: Brush, p: parts.Plan, clothes: Colour) -> None:
    path = skia.Path()
    path.moveTo(0, 28)
    path.cubicTo(18, 28, 38, 32, 42, 48)
    path.lineTo(46, 84)
    path.lineTo(-46, 84)
    path.lineTo(-42, 48)
    path.cubicTo(-38, 32, -18, 28, 0, 28)
    b.path(path, clothes)
    parts.band(b, [(-15, 30), (-8, 44), (8, 44), (15, 30)], 4.5, light(clothes, 0.5) if luminance(clothes) < 190 else dark(clothes, 0.3))


def _figure(b: Brush, p: parts.Plan, clothes: Colour) -> None:
    """Trunk to the hips with both arms, in the head's units."""
    for side in (-1, 1):
        parts.band(b, [(side * 29, 42), (side * 47, 62), (side * 43, 92)], 14, dark(clothes, 0.2), detail=False)
        b.oval(side * 42.5, 99, 7, 7.5, p.skin)
    path = skia.Path()
    path.moveTo(0, 28)
    path.cubicTo(16, 28, 34, 31, 36, 42)
    path.cubicTo(30, 66, 26, 80, 31, 122)
    path.lineTo(-31, 122)
    path.cubicTo(-26, 80, -30, 66, -36, 42)
    path.cubicTo(-34, 31, -16, 28, 0, 28)
    b.path(path, clothes)
    parts.band(b, [(-15, 30), (-8, 44), (8, 44), (15, 30)], 4.5, light(clothes, 0.5) if luminance(clothes) < 190 else dark(clothes, 0.3))


def _wear(b: Brush, p: parts.Plan) -> None:
    """The accessory: what has to fit the head is drawn here, the rest as the world draws it."""
    name = p.look.accessory
    if name in _OWN:
        _OWN[name](b, p)
    elif name:
        x, y, half = _SITS.get(name, (0.0, 0.0, 16.0))
        scale = 1.0 if name == "balloon" else p.half / 16
        with b.placed(x, y, scale):
            DRAW_ACCESSORY[name](b, Anchor(0, 0, half, (35 - y) / scale))


_SITS = {"bow": (0.0, -6.0, 18.0), "scarf": (0.0, 0.0, 17.0), "flower": (2.0, -4.0, 18.0), "balloon": (-2.0, -4.0, 16.0)}
"""accessory → place (head's units) and half width (its own) of the anchor that the world's drawing gets"""


def _glasses(b: Brush, p: parts.Plan) -> None:
    radius = min(max(p.eye_rx + 2.4, 8), p.eye_x + 0.8)
    frame = INK if luminance(p.skin) > 70 else (232, 196, 90)
    parts.band(b, [(p.shift - p.eye_x, -2), (p.shift, -4), (p.shift + p.eye_x, -2)], 2.2, frame)
    for side in (-1, 1):
        x, _ = p.eye(side)
        b.ring(x, 0, radius, 2.6, frame)
        parts.band(b, [(x + side * radius, -1), (side * (p.half + 1), -2)], 2.2, frame)


def _headphones(b: Brush, p: parts.Plan) -> None:
    w, top = p.half + 4, parts.SKULL - 9
    parts.band(b, [(-w, -2), (-w, top * 1.28), (w, top * 1.28), (w, -2)], 4.2, (54, 56, 70), detail=False)
    for side in (-1, 1):
        b.oval(side * (w + 0.5), 3, 6, 10, (226, 62, 62))
        b.oval(side * (w + 0.5), 3, 3, 6, (54, 56, 70), detail=True)


def _hat(b: Brush, p: parts.Plan) -> None:
    w, y = p.half, -17
    b.rect(-w * 0.8, y - 24, w * 0.8, y, NAVY, 5)
    b.rect(-w - 9, y - 4, w + 9, y + 3, NAVY, 3.5)
    b.rect(-w * 0.8, y - 11, w * 0.8, y - 4, (226, 62, 62), detail=True)


def _crown(b: Brush, p: parts.Plan) -> None:
    w, y = p.half * 0.85, -19
    b.poly([(-w, y), (-w * 1.2, y - 19), (-w * 0.5, y - 10), (0, y - 22), (w * 0.5, y - 10), (w * 1.2, y - 19), (w, y)], GOLD)


_OWN = {"glasses": _glasses, "headphones": _headphones, "hat": _hat, "crown": _crown}


def _geometry(p: parts.Plan, y: float, scale: float, tilt: float) -> FaceGeometry:
    """The head's lengths in the brush's units, turned with it."""
    matrix = skia.Matrix.Translate(0, y)
    matrix.preRotate(tilt).preScale(scale, scale)
    ends = p.mouth_y + 1 if p.look.expression == "surprised" else p.mouth_y - p.curve * 0.5
    mouth = p.shift * 1.1
    marks = [
        (p.eye(-1)[0], 0.0), (p.eye(1)[0], 0.0), (p.shift * 1.35, p.nose_y), (mouth - p.mouth_half, ends), (mouth + p.mouth_half, ends),
    ]  # fmt: skip
    middle = matrix.mapXY(0, (p.chin - 18) / 2)
    half_x, half_y = scale * p.half, scale * (p.chin + 18) / 2
    return FaceGeometry(
        Anchor(*tuple(matrix.mapXY(0, -4)), p.half * scale, 39 * scale),
        (middle.x() - half_x, middle.y() - half_y, middle.x() + half_x, middle.y() + half_y),
        tuple(tuple(matrix.mapXY(*mark)) for mark in marks),
        p.hair if p.face.hair_length > 0.06 else p.skin,
    )
