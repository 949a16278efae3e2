"""Held-out characters: own shapes and two-colour patterns that no training picture and no caption contains.

Six groups of four share a class noun, so that telling one character from another of its class can be measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from persimg.mini.world.brush import Brush, Colour
from persimg.mini.world.shapes import BEAK, GLASS, HEAD_Y, INK, SNOUT, Anchor, ears, eyes, feet
from persimg.mini.world.shapes_held_out import pot, swimmer
from persimg.mini.world.words import COLOURS as C


@dataclass(frozen=True)
class Character:
    """description: what it looks like, in words of the vocabulary, some of which no training caption says (body, belly, star, fins:
    to the base they mean nothing); group: characters of one group share the class noun.
    """

    number: int
    name: str
    class_noun: str
    description: str
    group: int
    shape: Callable[[Brush], Anchor]
    main: Colour


def _belly_star(b: Brush, colour: Colour) -> None:
    b.star(0, 19, 13, colour)


def _belly_stripes(b: Brush, colour: Colour) -> None:
    for y, half in ((6, 13), (16, 16), (26, 14)):
        b.rect(-half, y, half, y + 5, colour, 2, detail=True)


def _belly_spots(b: Brush, colour: Colour) -> None:
    for x, y in ((-8, 9), (8, 13), (-6, 24), (8, 28)):
        b.oval(x, y, 4.5, 4.5, colour, detail=True)


def _belly_heart(b: Brush, colour: Colour) -> None:
    for side in (-1, 1):
        b.oval(side * 5, 14, 6, 6, colour, detail=True)
    b.poly([(-10.5, 16), (10.5, 16), (0, 29)], colour, detail=True)


def _horns(b: Brush, colour: Colour) -> None:
    for side in (-1, 1):
        b.poly([(side * 6, HEAD_Y - 12), (side * 22, HEAD_Y - 32), (side * 16, HEAD_Y - 8)], colour)


def _fan_ears(b: Brush, colour: Colour) -> None:
    for side in (-1, 1):
        b.poly([(side * 14, HEAD_Y), (side * 36, HEAD_Y - 22), (side * 34, HEAD_Y + 4)], colour)


def _antennae(b: Brush, colour: Colour) -> None:
    for side in (-1, 1):
        b.poly([(side * 5, HEAD_Y - 12), (side * 15, HEAD_Y - 30), (side * 9, HEAD_Y - 11)], colour)
        b.oval(side * 15, HEAD_Y - 31, 5, 5, colour)


def _mask(b: Brush, colour: Colour) -> None:
    b.rect(-18, HEAD_Y - 9, 18, HEAD_Y + 3, colour, 6, detail=True)
    for side in (-1, 1):
        b.oval(side * 8, HEAD_Y - 3, 4.6, 4.6, (255, 255, 255), detail=True)


def _creature(top: Callable, pattern: Callable, head: str, trunk: str, mark: str, mask: bool = False) -> Callable[[Brush], Anchor]:
    """An upright animal: `top` on the head, `pattern` on the belly, head and trunk in two colours."""

    def draw(b: Brush) -> Anchor:
        top(b, C[trunk])
        feet(b, C[mark])
        b.oval(0, 17, 21, 21, C[trunk])
        pattern(b, C[mark])
        b.oval(0, HEAD_Y, 20, 17, C[head])
        if mask:
            _mask(b, C[mark])
        b.oval(0, HEAD_Y + 7, 5, 3.6, SNOUT if head != "black" else C["pink"], detail=True)
        eyes(b, 0, HEAD_Y - 3, 8)
        return Anchor(0, HEAD_Y, 19, 17)

    return draw


def _long_ears(b: Brush, colour: Colour) -> None:
    ears(b, "long", colour, C["yellow"])


def _lop_ears(b: Brush, colour: Colour) -> None:
    for side in (-1, 1):
        b.poly([(side * 8, HEAD_Y - 14), (side * 34, HEAD_Y - 16), (side * 32, HEAD_Y + 18), (side * 22, HEAD_Y + 18)], colour)


def _one_long_ear(b: Brush, colour: Colour) -> None:
    b.oval(-9, HEAD_Y - 27, 6.5, 18, colour)
    b.poly([(4, HEAD_Y - 12), (26, HEAD_Y - 28), (20, HEAD_Y - 6)], colour)


def _machine(head: str, trunk: str, mark: str, top: str, pattern: Callable, one_eye: bool) -> Callable[[Brush], Anchor]:
    """A robot with a round or triangular head, an own antenna and a belly mark."""

    def draw(b: Brush) -> Anchor:
        _machine_top(b, top, C[mark])
        for side in (-1, 1):
            b.oval(side * 23, 14, 6, 6, C[mark])
            b.oval(side * 10, 37, 9, 5, C[mark])
        b.oval(0, 17, 20, 20, C[trunk])
        pattern(b, C[mark])
        b.oval(0, HEAD_Y, 21, 15, C[head])
        _machine_face(b, one_eye)
        return Anchor(0, HEAD_Y, 19, 16)

    return draw


def _machine_top(b: Brush, top: str, colour: Colour) -> None:
    if top == "dish":
        b.poly([(-18, HEAD_Y - 32), (18, HEAD_Y - 32), (4, HEAD_Y - 14), (-4, HEAD_Y - 14)], colour)
    elif top == "fins":
        b.poly([(-20, HEAD_Y - 2), (-36, HEAD_Y - 16), (-32, HEAD_Y + 10)], colour)
        b.poly([(20, HEAD_Y - 2), (36, HEAD_Y - 16), (32, HEAD_Y + 10)], colour)
    elif top == "cone":
        b.poly([(-13, HEAD_Y - 8), (0, HEAD_Y - 38), (13, HEAD_Y - 8)], colour)
    else:
        _antennae(b, colour)


def _machine_face(b: Brush, one_eye: bool) -> None:
    if one_eye:
        b.oval(0, HEAD_Y - 1, 9, 9, (255, 255, 255), detail=True)
        b.oval(0, HEAD_Y - 1, 4.4, 4.4, INK, detail=True)
    else:
        b.rect(-15, HEAD_Y - 6, 15, HEAD_Y + 5, INK, 4, detail=True)
        for side in (-1, 1):
            b.rect(side * 7 - 3.4, HEAD_Y - 4, side * 7 + 3.4, HEAD_Y + 3, C["yellow"], 1, detail=True)


def _ship(hull: str, second: str, mark: str, nose: str, pattern: str) -> Callable[[Brush], Anchor]:
    """A rocket with an own nose, fins and markings."""

    def draw(b: Brush) -> Anchor:
        b.poly([(-10, 30), (10, 30), (0, 44)], BEAK)
        _ship_fins(b, nose, C[second])
        b.rect(-15, -26, 15, 32, C[hull], 13)
        _ship_nose(b, nose, C[second])
        _ship_pattern(b, pattern, C[mark])
        b.oval(0, -10, 8, 8, C[mark], detail=True)
        b.oval(0, -10, 5, 5, GLASS, detail=True)
        return Anchor(0, -8, 15, 16)

    return draw


def _ship_fins(b: Brush, nose: str, colour: Colour) -> None:
    for side in (-1, 1):
        if nose in ("ball", "flat"):
            b.oval(side * 21, 22, 9, 14, colour)
        else:
            b.poly([(side * 12, -6), (side * 34, 12), (side * 34, 32), (side * 12, 26)], colour)


def _ship_nose(b: Brush, nose: str, colour: Colour) -> None:
    if nose == "ball":
        b.oval(0, -28, 13, 13, colour)
    elif nose == "flat":
        b.rect(-19, -38, 19, -24, colour, 4)
    elif nose == "needle":
        b.poly([(-14, -20), (0, -48), (14, -20)], colour)
    else:
        b.poly([(-15, -18), (-24, -42), (0, -28), (24, -42), (15, -18)], colour)


def _ship_pattern(b: Brush, pattern: str, colour: Colour) -> None:
    if pattern == "star":
        b.star(0, 15, 11, colour)
    elif pattern == "stripes":
        for y in (4, 13, 22):
            b.rect(-15, y, 15, y + 4.5, colour, detail=True)
    elif pattern == "spots":
        for x, y in ((-6, 6), (6, 13), (-6, 21)):
            b.oval(x, y, 4.4, 4.4, colour, detail=True)
    else:
        b.rect(-3.5, 3, 3.5, 30, colour, detail=True)
        b.rect(-12, 12, 12, 19, colour, detail=True)


_SHEET = (
    ("mobu", "cat", "an orange cat with a teal body and a yellow star belly", _creature(_fan_ears, _belly_star, "orange", "teal", "yellow"), "teal"),
    ("zilo", "cat", "a purple cat with a white body and pink spots", _creature(_horns, _belly_spots, "purple", "white", "pink"), "white"),
    ("karu", "cat", "a black cat with a yellow body and red stripes", _creature(_antennae, _belly_stripes, "black", "yellow", "red"), "yellow"),
    ("pemi", "cat", "a pink cat with a blue body and a white mask", _creature(_fan_ears, _belly_heart, "pink", "blue", "white", mask=True), "blue"),
    ("tovi", "rabbit", "a green rabbit with an orange body and a white heart belly", _creature(_lop_ears, _belly_heart, "green", "orange", "white"), "orange"),
    ("niba", "rabbit", "a white rabbit with a red body and a black mask", _creature(_one_long_ear, _belly_spots, "white", "red", "black", mask=True), "red"),
    ("duso", "rabbit", "a blue rabbit with a pink body and a yellow star belly", _creature(_lop_ears, _belly_star, "blue", "pink", "yellow"), "pink"),
    ("welo", "rabbit", "a yellow rabbit with a purple body and teal stripes", _creature(_long_ears, _belly_stripes, "yellow", "purple", "teal"), "purple"),
    ("bixo", "robot", "a red robot with a white body and a blue star belly", _machine("red", "white", "blue", "dish", _belly_star, True), "white"),
    ("quda", "robot", "a yellow robot with a black body and green fins", _machine("yellow", "black", "green", "fins", _belly_stripes, False), "black"),
    ("remo", "robot", "a teal robot with a pink body and a purple heart belly", _machine("teal", "pink", "purple", "antennae", _belly_heart, True), "pink"),
    ("fanu", "robot", "a white robot with an orange body and black spots", _machine("white", "orange", "black", "cone", _belly_spots, False), "orange"),
    ("gilo", "rocket", "a yellow rocket with red fins and a blue star", _ship("yellow", "red", "blue", "ball", "star"), "yellow"),
    ("husa", "rocket", "a pink rocket with green fins and white stripes", _ship("pink", "green", "white", "needle", "stripes"), "pink"),
    ("jove", "rocket", "a blue rocket with orange fins and yellow spots", _ship("blue", "orange", "yellow", "flat", "spots"), "blue"),
    ("lymo", "rocket", "a white rocket with purple wings and red stripes", _ship("white", "purple", "red", "fork", "cross"), "white"),
    ("sulo", "fish", "an orange fish with a blue body and a white tail", swimmer("orange", "blue", "white", "fan", "star"), "blue"),
    ("tamo", "fish", "a black fish with a pink body and yellow spots", swimmer("black", "pink", "yellow", "round", "spots"), "pink"),
    ("yvi", "fish", "a green fish with a white body and red stripes", swimmer("green", "white", "red", "spikes", "stripes"), "white"),
    ("ozu", "fish", "a purple fish with a yellow body and a teal heart", swimmer("purple", "yellow", "teal", "fork", "heart"), "yellow"),
    ("catu", "teapot", "a red teapot with a white top and blue stripes", pot("red", "white", "blue", "dome", "stripes"), "red"),
    ("dilu", "teapot", "a blue teapot with an orange top and a white star", pot("blue", "orange", "white", "cone", "star"), "blue"),
    ("eppo", "teapot", "a yellow teapot with a purple top and green ears", pot("yellow", "purple", "green", "ears", "spots"), "yellow"),
    ("flumi", "teapot", "a white teapot with a black top and a red heart", pot("white", "black", "red", "spikes", "heart"), "white"),
)  # fmt: skip

CHARACTERS = tuple(
    Character(n, name, noun, description, n // 4, shape, C[main])
    for n, (name, noun, description, shape, main) in enumerate(_SHEET)
)
