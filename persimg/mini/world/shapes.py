"""How each kind of subject looks, in units of which a subject spans about 80; y points down.

Every function draws around (0, 0) and returns the anchor of its accessories: centre of the head and its scale.
"""

from __future__ import annotations

from typing import NamedTuple

from persimg.mini.world.brush import INK, Brush, Colour, dark, light


class Anchor(NamedTuple):
    """Where a head is, for hats and glasses: centre, half width, and where a scarf lies."""

    x: float
    y: float
    half: float = 18
    neck: float = 17


SNOUT: Colour = (40, 30, 32)
BEAK: Colour = (248, 168, 40)
GLASS: Colour = (196, 230, 248)
HEAD_Y = -14.0


def eyes(b: Brush, x: float, y: float, apart: float = 7.0, radius: float = 3.0) -> None:
    for side in (-1, 1):
        b.oval(x + side * apart, y, radius, radius * 1.15, INK, detail=True)


def ears(b: Brush, kind: str, colour: Colour, inner: Colour) -> None:
    """Ears on the head of an animal: pointed, long, round or hanging."""
    for side in (-1, 1):
        if kind == "pointed":
            b.poly([(side * 18, HEAD_Y - 2), (side * 17, HEAD_Y - 27), (side * 3, HEAD_Y - 15)], colour)
            b.poly([(side * 14, HEAD_Y - 10), (side * 15, HEAD_Y - 20), (side * 8, HEAD_Y - 14)], inner, detail=True)
        elif kind == "long":
            b.oval(side * 8, HEAD_Y - 26, 6, 17, colour)
            b.oval(side * 8, HEAD_Y - 26, 2.8, 11, inner, detail=True)
        elif kind == "round":
            b.oval(side * 14, HEAD_Y - 14, 8, 8, colour)
            b.oval(side * 14, HEAD_Y - 14, 4, 4, inner, detail=True)
        elif kind == "hanging":
            b.oval(side * 19, HEAD_Y + 3, 6.5, 15, colour)


def body(b: Brush, colour: Colour, belly: Colour | None) -> None:
    b.oval(0, 16, 18, 21, colour)
    if belly:
        b.oval(0, 20, 10, 13, belly, detail=True)


def feet(b: Brush, colour: Colour) -> None:
    for side in (-1, 1):
        b.oval(side * 10, 36, 8, 5, colour)


def cat(b: Brush, c: Colour) -> Anchor:
    b.poly([(14, 30), (34, 24), (36, 2), (30, 2), (27, 18), (14, 22)], c)
    feet(b, c)
    body(b, c, light(c))
    ears(b, "pointed", c, (240, 150, 160))
    b.oval(0, HEAD_Y, 19, 17, c)
    b.poly([(-3, HEAD_Y + 4), (3, HEAD_Y + 4), (0, HEAD_Y + 8)], (236, 100, 124), detail=True)
    eyes(b, 0, HEAD_Y - 2, 8)
    return Anchor(0, HEAD_Y)


def dog(b: Brush, c: Colour) -> Anchor:
    feet(b, c)
    body(b, c, light(c))
    b.oval(0, HEAD_Y, 17, 18, c)
    ears(b, "hanging", dark(c, 0.4), c)
    b.oval(0, HEAD_Y + 8, 10, 8, light(c), detail=True)
    b.oval(0, HEAD_Y + 5, 4.5, 3.2, SNOUT, detail=True)
    eyes(b, 0, HEAD_Y - 4)
    return Anchor(0, HEAD_Y)


def rabbit(b: Brush, c: Colour) -> Anchor:
    feet(b, c)
    body(b, c, light(c))
    ears(b, "long", c, (246, 170, 184))
    b.oval(0, HEAD_Y, 17, 16, c)
    b.oval(0, HEAD_Y + 5, 3, 2.4, (236, 100, 124), detail=True)
    b.rect(-3.5, HEAD_Y + 8, 3.5, HEAD_Y + 13, (255, 255, 255), 1, detail=True)
    eyes(b, 0, HEAD_Y - 2)
    return Anchor(0, HEAD_Y)


def bear(b: Brush, c: Colour) -> Anchor:
    for side in (-1, 1):
        b.oval(side * 20, 12, 7, 12, c)
    feet(b, c)
    b.oval(0, 16, 21, 21, c)
    b.oval(0, 18, 12, 12, light(c), detail=True)
    ears(b, "round", c, light(c))
    b.oval(0, HEAD_Y, 19, 17, c)
    b.oval(0, HEAD_Y + 7, 9, 6.5, light(c), detail=True)
    b.oval(0, HEAD_Y + 4, 4, 3, SNOUT, detail=True)
    eyes(b, 0, HEAD_Y - 4)
    return Anchor(0, HEAD_Y)


def owl(b: Brush, c: Colour) -> Anchor:
    for side in (-1, 1):
        b.poly([(side * 17, HEAD_Y - 8), (side * 19, HEAD_Y - 24), (side * 5, HEAD_Y - 15)], c)
    b.oval(0, 6, 22, 32, c)
    for side in (-1, 1):
        b.oval(side * 21, 12, 7, 19, dark(c, 0.4))
        b.oval(side * 9, HEAD_Y, 9.5, 9.5, (252, 246, 222), detail=True)
    b.oval(0, 20, 11, 13, light(c), detail=True)
    b.poly([(-4, HEAD_Y + 5), (4, HEAD_Y + 5), (0, HEAD_Y + 13)], BEAK, detail=True)
    eyes(b, 0, HEAD_Y, 9, 4)
    return Anchor(0, HEAD_Y, 19, 20)


def bird(b: Brush, c: Colour) -> Anchor:
    b.poly([(-18, 4), (-40, -6), (-40, 12)], dark(c, 0.4))
    for x in (-4, 8):
        b.rect(x - 1.8, 22, x + 1.8, 36, BEAK)
    b.poly([(24, -20), (40, -14), (24, -9)], BEAK)
    b.oval(0, 8, 25, 19, c)
    b.oval(14, -14, 15, 14, c)
    b.oval(-6, 8, 15, 10, dark(c, 0.4), detail=True)
    b.oval(18, -16, 3, 3.4, INK, detail=True)
    return Anchor(14, -14, 14, 12)


def fish(b: Brush, c: Colour) -> Anchor:
    b.poly([(-20, 0), (-42, -19), (-36, 0), (-42, 19)], dark(c, 0.4))
    b.poly([(-12, -14), (10, -15), (-6, -31)], dark(c, 0.4))
    b.oval(2, 0, 30, 20, c)
    b.poly([(-6, 4), (6, 2), (-4, 14)], dark(c, 0.4), detail=True)
    b.oval(19, -5, 6, 6, (255, 255, 255), detail=True)
    b.oval(20, -5, 3, 3, INK, detail=True)
    return Anchor(12, -4, 16, 15)


def robot(b: Brush, c: Colour) -> Anchor:
    b.rect(-1.8, HEAD_Y - 26, 1.8, HEAD_Y - 12, dark(c, 0.4))
    b.oval(0, HEAD_Y - 27, 4.5, 4.5, (240, 70, 60))
    for side in (-1, 1):
        b.rect(side * 22 - 4, 4, side * 22 + 4, 26, dark(c, 0.4), 4)
        b.rect(side * 9 - 5, 28, side * 9 + 5, 40, dark(c, 0.4), 2)
    b.rect(-18, 2, 18, 32, c, 4)
    b.rect(-10, 9, 10, 22, light(c), 2, detail=True)
    b.rect(-19, HEAD_Y - 14, 19, HEAD_Y + 13, c, 5)
    b.rect(-14, HEAD_Y - 8, 14, HEAD_Y + 4, (30, 40, 52), 4, detail=True)
    for side in (-1, 1):
        b.oval(side * 7, HEAD_Y - 2, 3.4, 3.4, (110, 240, 240), detail=True)
    return Anchor(0, HEAD_Y, 18, 16)


def car(b: Brush, c: Colour) -> Anchor:
    b.rect(-24, -16, 20, 10, c, 11)
    b.rect(-40, 0, 40, 22, c, 8)
    b.rect(-17, -10, -3, 2, GLASS, 3, detail=True)
    b.rect(1, -10, 14, 2, GLASS, 3, detail=True)
    b.oval(36, 8, 3.5, 3.5, (255, 236, 150), detail=True)
    for side in (-1, 1):
        b.oval(side * 22, 22, 10, 10, (46, 46, 52))
        b.oval(side * 22, 22, 4, 4, (200, 202, 208), detail=True)
    return Anchor(-2, -4, 16, 12)


def house(b: Brush, c: Colour) -> Anchor:
    b.rect(-28, -6, 28, 36, c)
    b.poly([(-38, -4), (0, -38), (38, -4)], dark(c, 0.45))
    b.rect(-7, 14, 7, 36, (116, 74, 46), 1, detail=True)
    for side in (-1, 1):
        b.rect(side * 18 - 5, 4, side * 18 + 5, 14, GLASS, 1, detail=True)
    return Anchor(0, -14, 16, 14)


def teapot(b: Brush, c: Colour) -> Anchor:
    b.ring(-30, 6, 11, 5, dark(c, 0.4))
    b.poly([(18, 16), (38, -12), (44, -8), (28, 22)], c)
    b.oval(0, 8, 27, 23, c)
    b.oval(0, -14, 15, 6, dark(c, 0.4))
    b.oval(0, -21, 5, 5, dark(c, 0.4))
    b.oval(-8, 2, 6, 8, light(c), detail=True)
    return Anchor(0, -2, 16, 14)


def boat(b: Brush, c: Colour) -> Anchor:
    b.rect(-3, -38, 1, 12, (118, 80, 50))
    b.poly([(4, -36), (32, 4), (4, 4)], light(c))
    b.poly([(-6, -30), (-26, 4), (-6, 4)], light(c, 0.75))
    b.poly([(-40, 10), (40, 10), (26, 32), (-26, 32)], c)
    b.rect(-32, 15, 32, 19, light(c), detail=True)
    return Anchor(0, -6, 16, 16)


def rocket(b: Brush, c: Colour) -> Anchor:
    b.poly([(-8, 26), (8, 26), (0, 44)], (252, 170, 40))
    for side in (-1, 1):
        b.poly([(side * 10, 6), (side * 28, 34), (side * 8, 26)], dark(c, 0.4))
    b.oval(0, -4, 17, 36, c)
    b.poly([(-13, -24), (0, -42), (13, -24)], dark(c, 0.4))
    b.oval(0, -8, 8, 8, GLASS, detail=True)
    return Anchor(0, -8, 15, 16)


def backpack(b: Brush, c: Colour) -> Anchor:
    b.ring(0, -28, 9, 5, dark(c, 0.4))
    for side in (-1, 1):
        b.rect(side * 26 - 4, -8, side * 26 + 4, 26, dark(c, 0.4), 4)
    b.rect(-24, -28, 24, 36, c, 15)
    b.rect(-16, 8, 16, 28, dark(c, 0.4), 5, detail=True)
    b.rect(-3, 10, 3, 16, (250, 220, 120), 1, detail=True)
    return Anchor(0, -12, 18, 14)


def mushroom(b: Brush, c: Colour) -> Anchor:
    b.rect(-12, -4, 12, 36, (246, 232, 208), 8)
    b.oval(0, -10, 34, 23, c)
    for x, y, r in ((-17, -12, 5.5), (3, -22, 5.5), (17, -8, 5.5)):
        b.oval(x, y, r, r, light(c, 0.85), detail=True)
    return Anchor(0, -10, 18, 22)


def ball(b: Brush, c: Colour) -> Anchor:
    b.oval(0, 4, 31, 31, c)
    b.rect(-30, -1, 30, 9, light(c, 0.75), detail=True)
    b.oval(-12, -12, 6, 5, light(c, 0.75), detail=True)
    return Anchor(0, -4, 18, 18)
