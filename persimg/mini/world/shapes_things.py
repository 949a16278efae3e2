"""More things, in units of which a subject spans about 80, around (0, 0); see shapes.py."""

from __future__ import annotations

from persimg.mini.world.brush import INK, Brush, Colour, dark, light
from persimg.mini.world.shapes import GLASS, Anchor

WOOD: Colour = (150, 100, 60)
IRON: Colour = (52, 52, 60)
PALE: Colour = (252, 248, 236)


def train(b: Brush, c: Colour) -> Anchor:
    b.rect(14, -32, 24, -8, dark(c, 0.4), 2)
    b.rect(10, -38, 28, -29, dark(c, 0.4), 3)
    b.rect(-8, -12, 36, 16, c, 10)
    b.rect(-38, -30, -2, 18, c, 3)
    b.rect(-42, -36, 2, -27, dark(c, 0.4), 3)
    b.rect(-31, -21, -11, -5, GLASS, 2, detail=True)
    b.rect(-40, 14, 38, 22, dark(c, 0.55), 2)
    b.poly([(34, 12), (46, 32), (30, 32)], dark(c, 0.4))
    b.oval(34, 0, 4, 4, (255, 236, 150), detail=True)
    for x in (-28, -6, 16):
        b.oval(x, 26, 9, 9, IRON)
        b.oval(x, 26, 3.6, 3.6, (206, 208, 214), detail=True)
    return Anchor(-20, -18, 16, 26)


def plane(b: Brush, c: Colour) -> Anchor:
    b.poly([(-30, 0), (-44, -26), (-32, -26), (-14, 0)], dark(c, 0.4))
    b.poly([(6, -6), (-12, -30), (0, -30), (20, -6)], dark(c, 0.25))
    b.rect(-40, -10, 40, 14, c, 12)
    b.poly([(8, 4), (-18, 34), (-2, 34), (24, 4)], dark(c, 0.4))
    for x in (-20, -8, 4):
        b.oval(x, -1, 3.6, 3.6, GLASS, detail=True)
    b.poly([(22, -8), (34, -6), (37, 2), (22, 2)], GLASS, detail=True)
    return Anchor(18, -4, 15, 14)


def cup(b: Brush, c: Colour) -> Anchor:
    b.ring(26, 6, 13, 6, dark(c, 0.3), detail=False)
    b.poly([(-28, -22), (28, -22), (22, 30), (16, 36), (-16, 36), (-22, 30)], c)
    b.oval(0, -22, 28, 8, dark(c, 0.35))
    b.oval(0, -21, 21, 4.6, (108, 66, 40), detail=True)
    b.rect(-17, -6, -10, 20, light(c), 3.5, detail=True)
    return Anchor(0, -2, 18, 14)


def lamp(b: Brush, c: Colour) -> Anchor:
    b.rect(-3.5, -6, 3.5, 34, WOOD)
    b.oval(0, 35, 20, 5.5, dark(WOOD, 0.3))
    b.poly([(-15, -38), (15, -38), (34, 0), (-34, 0)], c)
    b.rect(-33, -6, 33, 1, dark(c, 0.35), 2, detail=True)
    b.oval(0, 5, 9, 6, (255, 240, 150))
    return Anchor(0, -16, 17, 24)


def clock(b: Brush, c: Colour) -> Anchor:
    for side in (-1, 1):
        b.oval(side * 17, -27, 10, 8, dark(c, 0.4))
        b.poly([(side * 12, 26), (side * 26, 38), (side * 16, 38), (side * 6, 30)], dark(c, 0.4))
    b.oval(0, 2, 32, 32, c)
    b.oval(0, 2, 23, 23, PALE, detail=True)
    b.poly([(-2, 4), (-2, -14), (2, -14), (2, 4)], INK, detail=True)
    b.poly([(-1, 0), (13, 7), (11, 11), (-2, 4)], INK, detail=True)
    b.oval(0, 2, 3.2, 3.2, (220, 50, 50), detail=True)
    return Anchor(0, -4, 18, 20)


def guitar(b: Brush, c: Colour) -> Anchor:
    b.rect(-4, -36, 4, 6, (92, 58, 38))
    b.rect(-8, -44, 8, -31, dark(c, 0.4), 3)
    b.oval(0, -2, 16, 13, c)
    b.oval(0, 20, 24, 19, c)
    b.oval(0, 10, 8, 8, (58, 38, 30), detail=True)
    b.rect(-10, 25, 10, 30, (58, 38, 30), 1, detail=True)
    b.rect(-2, -34, 2, 26, PALE, detail=True)
    return Anchor(0, -20, 14, 22)


def cactus(b: Brush, c: Colour) -> Anchor:
    b.rect(-32, -14, -21, 8, c, 5.5)
    b.rect(-32, 0, -6, 10, c, 5)
    b.rect(20, -24, 31, 2, c, 5.5)
    b.rect(6, -6, 31, 4, c, 5)
    b.rect(-12, -38, 12, 26, c, 12)
    b.poly([(-20, 18), (20, 18), (15, 40), (-15, 40)], (196, 110, 70))
    b.rect(-23, 15, 23, 23, (176, 92, 56), 2)
    for x, y in ((-5, -24), (5, -10), (-4, 4)):
        b.oval(x, y, 2.2, 3.6, light(c), detail=True)
    return Anchor(0, -24, 14, 14)


def umbrella(b: Brush, c: Colour) -> Anchor:
    b.rect(-2.5, -36, 2.5, 30, WOOD)
    b.arc(8, 28, 8, 9, 0, 180, 5, WOOD, detail=False)
    dome = [(-40, 4), (-37, -10), (-28, -24), (-14, -32), (0, -35), (14, -32), (28, -24), (37, -10), (40, 4)]
    b.poly([*dome, (27, -2), (13, 4), (0, -2), (-13, 4), (-27, -2)], c)
    b.poly([(-13, 3), (-9, -20), (0, -34), (9, -20), (13, 3), (0, -2)], light(c, 0.4), detail=True)
    return Anchor(0, -16, 17, 22)


def chair(b: Brush, c: Colour) -> Anchor:
    for side in (-1, 1):
        b.rect(side * 19 - 4, -36, side * 19 + 4, 40, dark(c, 0.4), 2)
        b.rect(side * 27 - 4, 14, side * 27 + 4, 42, dark(c, 0.4), 2)
    b.rect(-20, -32, 20, -8, c, 4)
    b.poly([(-22, 4), (22, 4), (32, 20), (-32, 20)], c)
    return Anchor(0, -22, 18, 18)
