"""Fish and teapots that only held-out characters look like."""

from __future__ import annotations

from typing import Callable

from persimg.mini.world.brush import INK, Brush, Colour
from persimg.mini.world.shapes import Anchor
from persimg.mini.world.words import COLOURS as C

WHITE: Colour = (255, 255, 255)


def swimmer(front: str, second: str, mark: str, tail: str, pattern: str) -> Callable[[Brush], Anchor]:
    """A fish with a body in two colours, an own tail and markings."""

    def draw(b: Brush) -> Anchor:
        _tail(b, tail, C[mark])
        b.oval(-2, 2, 31, 22, C[second])
        b.oval(14, 0, 18, 18, C[front])
        _scales(b, pattern, C[mark])
        b.oval(18, -4, 7, 7, WHITE, detail=True)
        b.oval(19, -4, 3.6, 3.6, INK, detail=True)
        return Anchor(12, -4, 16, 15)

    return draw


def _tail(b: Brush, tail: str, colour: Colour) -> None:
    if tail == "fan":
        b.poly([(-24, 2), (-46, -24), (-40, -8), (-48, 2), (-40, 12), (-46, 28)], colour)
    elif tail == "round":
        b.oval(-38, 2, 12, 17, colour)
        b.oval(0, -20, 12, 9, colour)
    elif tail == "spikes":
        b.poly([(-24, -6), (-46, -18), (-46, 22), (-24, 10)], colour)
        for x in (-14, -2, 10):
            b.poly([(x - 7, -14), (x, -34), (x + 7, -14)], colour)
    else:
        b.poly([(-22, 0), (-44, -30), (-30, 2), (-44, 34)], colour)
        b.poly([(-16, -14), (16, -16), (-10, -38)], colour)


def _scales(b: Brush, pattern: str, colour: Colour) -> None:
    if pattern == "star":
        b.star(-13, 3, 12, colour)
    elif pattern == "spots":
        for x, y in ((-20, -4), (-10, 8), (-22, 10), (-8, -8)):
            b.oval(x, y, 4.4, 4.4, colour, detail=True)
    elif pattern == "stripes":
        for x in (-23, -13, -3):
            b.rect(x - 2.6, -12, x + 2.6, 16, colour, 2, detail=True)
    else:
        for side in (-1, 1):
            b.oval(-12 + side * 5, -2, 6, 6, colour, detail=True)
        b.poly([(-22.5, 0), (-1.5, 0), (-12, 14)], colour, detail=True)


def pot(trunk: str, second: str, mark: str, lid: str, pattern: str) -> Callable[[Brush], Anchor]:
    """A teapot with an own lid, handle and spout in a second colour, and markings."""

    def draw(b: Brush) -> Anchor:
        b.ring(-30, 6, 12, 7, C[second], detail=False)
        b.poly([(16, 18), (34, -8), (30, -16), (48, -16), (44, -4), (28, 24)], C[second])
        b.rect(-27, -14, 27, 32, C[trunk], 14)
        _lid(b, lid, C[second], C[mark])
        _glaze(b, pattern, C[mark])
        return Anchor(0, -2, 16, 14)

    return draw


def _lid(b: Brush, lid: str, colour: Colour, mark: Colour) -> None:
    if lid == "dome":
        b.oval(0, -15, 20, 13, colour)
        b.oval(0, -30, 6, 6, mark)
    elif lid == "cone":
        b.poly([(-22, -11), (0, -44), (22, -11)], colour)
    elif lid == "ears":
        b.rect(-22, -20, 22, -10, colour, 4)
        for side in (-1, 1):
            b.oval(side * 14, -26, 7, 9, mark)
    else:
        b.rect(-22, -20, 22, -10, colour, 4)
        for x in (-14, 0, 14):
            b.poly([(x - 7, -18), (x, -36), (x + 7, -18)], mark)


def _glaze(b: Brush, pattern: str, colour: Colour) -> None:
    if pattern == "star":
        b.star(0, 10, 14, colour)
    elif pattern == "spots":
        for x, y in ((-14, 0), (0, 10), (14, 0), (-12, 20), (13, 20)):
            b.oval(x, y, 4.6, 4.6, colour, detail=True)
    elif pattern == "stripes":
        for y in (-3, 8, 19):
            b.rect(-25, y, 25, y + 5, colour, detail=True)
    else:
        for side in (-1, 1):
            b.oval(side * 6, 4, 7, 7, colour, detail=True)
        b.poly([(-12.5, 6), (12.5, 6), (0, 23)], colour, detail=True)
