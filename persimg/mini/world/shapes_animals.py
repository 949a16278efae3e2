"""More animals, in units of which a subject spans about 80, around (0, 0); see shapes.py."""

from __future__ import annotations

from persimg.mini.world.brush import INK, Brush, Colour, dark, light
from persimg.mini.world.shapes import BEAK, HEAD_Y, Anchor, eyes, feet

WHITE: Colour = (252, 252, 252)
ROSY: Colour = (246, 150, 170)


def frog(b: Brush, c: Colour) -> Anchor:
    for side in (-1, 1):
        b.oval(side * 24, 20, 13, 15, c)
        b.oval(side * 22, 35, 16, 5, dark(c, 0.3))
        b.oval(side * 14, HEAD_Y - 13, 9.5, 9.5, c)
    b.oval(0, 15, 21, 21, c)
    b.oval(0, 20, 13, 14, light(c), detail=True)
    b.oval(0, HEAD_Y + 1, 27, 15, c)
    for side in (-1, 1):
        b.oval(side * 14, HEAD_Y - 13, 6.5, 6.5, WHITE, detail=True)
        b.oval(side * 14, HEAD_Y - 13, 3.4, 3.8, INK, detail=True)
    b.arc(0, HEAD_Y - 2, 16, 9, 15, 150, 3, dark(c, 0.65))
    return Anchor(0, HEAD_Y - 6, 18, 21)


def penguin(b: Brush, c: Colour) -> Anchor:
    for side in (-1, 1):
        b.poly([(side * 15, -6), (side * 34, 20), (side * 30, 26), (side * 16, 18)], dark(c, 0.35))
        b.oval(side * 10, 37, 10, 4.5, BEAK)
    b.oval(0, 12, 22, 26, c)
    b.oval(0, HEAD_Y - 2, 17, 17, c)
    b.oval(0, 15, 14, 20, WHITE, detail=True)
    for side in (-1, 1):
        b.oval(side * 6.5, HEAD_Y - 1, 8, 9, WHITE, detail=True)
    b.poly([(-6, HEAD_Y + 3), (6, HEAD_Y + 3), (0, HEAD_Y + 12)], BEAK, detail=True)
    eyes(b, 0, HEAD_Y - 3, 6.5, 2.9)
    return Anchor(0, HEAD_Y, 17, 15)


def turtle(b: Brush, c: Colour) -> Anchor:
    skin = light(c, 0.45)
    for x in (-20, 10):
        b.rect(x - 6, 16, x + 6, 34, skin, 5)
    b.poly([(-30, 20), (-44, 24), (-28, 12)], skin)
    b.rect(18, 0, 30, 20, skin, 5)
    b.oval(30, -4, 13, 12, skin)
    path_top = [(-36, 20), (-34, 4), (-24, -14), (-6, -23), (10, -18), (22, -2), (25, 20)]
    b.poly(path_top, c)
    b.rect(-38, 15, 27, 23, dark(c, 0.4), 4)
    for x, y in ((-22, 3), (-5, -8), (10, 4)):
        b.oval(x, y, 6, 5.5, dark(c, 0.3), detail=True)
    b.oval(34, -6, 2.9, 3.2, INK, detail=True)
    return Anchor(29, -5, 13, 13)


def elephant(b: Brush, c: Colour) -> Anchor:
    b.poly([(-32, 2), (-42, 20), (-38, 22), (-28, 10)], dark(c, 0.3))
    for x in (-22, 4):
        b.rect(x - 8, 14, x + 8, 38, c, 4)
    b.oval(-8, 6, 28, 21, c)
    b.rect(29, -8, 39, 26, c, 5)
    b.rect(29, 18, 46, 27, c, 4.5)
    b.oval(21, -12, 18, 17, c)
    b.oval(8, -10, 12, 17, dark(c, 0.3))
    b.oval(8, -10, 7, 11, ROSY, detail=True)
    b.oval(27, -15, 3, 3.4, INK, detail=True)
    b.poly([(26, 0), (36, 8), (26, 9)], WHITE, detail=True)
    return Anchor(21, -12, 16, 17)


def pig(b: Brush, c: Colour) -> Anchor:
    b.arc(24, 22, 7, 7, -120, 280, 4.5, dark(c, 0.2), detail=False)
    feet(b, dark(c, 0.35))
    b.oval(0, 17, 24, 20, c)
    b.oval(0, 22, 14, 12, light(c), detail=True)
    for side in (-1, 1):
        b.poly([(side * 6, HEAD_Y - 15), (side * 24, HEAD_Y - 20), (side * 19, HEAD_Y - 2)], dark(c, 0.25))
    b.oval(0, HEAD_Y, 22, 17, c)
    b.oval(0, HEAD_Y + 5, 11, 8, dark(c, 0.25), detail=True)
    for side in (-1, 1):
        b.oval(side * 4, HEAD_Y + 5, 2.3, 3, INK, detail=True)
    eyes(b, 0, HEAD_Y - 6, 10, 2.9)
    return Anchor(0, HEAD_Y, 19, 17)


def butterfly(b: Brush, c: Colour) -> Anchor:
    for side in (-1, 1):
        b.arc(side * 9, -22, 9, 12, 180 if side > 0 else 270, 90, 3, INK, detail=False)
        b.oval(side * 22, -8, 19, 20, c)
        b.oval(side * 17, 20, 14, 15, c)
        b.oval(side * 24, -9, 9, 9, light(c, 0.75), detail=True)
        b.oval(side * 17, 21, 6, 6, light(c, 0.75), detail=True)
    b.oval(0, 4, 5.5, 26, (70, 52, 48))
    b.oval(0, -20, 8.5, 8.5, (70, 52, 48))
    for side in (-1, 1):
        b.oval(side * 3.6, -21, 2.6, 3, WHITE, detail=True)
    return Anchor(0, -20, 12, 11)


def snowman(b: Brush, c: Colour) -> Anchor:
    for side in (-1, 1):
        b.poly([(side * 14, 4), (side * 36, -10), (side * 38, -6), (side * 16, 10)], (118, 78, 48))
    b.oval(0, 20, 25, 20, c)
    b.oval(0, -2, 18, 15, c)
    b.oval(0, -24, 14, 13, c)
    for y in (-6, 4, 18):
        b.oval(0, y, 2.8, 2.8, dark(c, 0.75), detail=True)
    b.poly([(0, -24), (17, -20), (0, -18)], (248, 140, 40), detail=True)
    eyes(b, 0, -28, 5.5, 2.6)
    return Anchor(0, -25, 14, 13)


