"""The drawing styles: how a shape's colour is laid on, which lines it gets, what happens to the finished picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Callable

import numpy as np

from persimg.mini.world.colours import INK, PAPER, Colour, dark, light, luminance, mix, saturated

Line = tuple[Colour, float]
"""colour, width in units of 1/128 of the picture"""


@dataclass(frozen=True)
class Style:
    """fill, line: of a colour, for (place, detail); rim: one contour around a whole subject; alpha: of fills, 0..1.

    shadow: offset of what each shape casts, units; glow: width of the halo of lines, units; finish: pixels to pixels.
    """

    fill: Callable[[Colour, bool, bool], Colour] = lambda colour, place, detail: colour
    line: Callable[[Colour, bool, bool], Line | None] = lambda colour, place, detail: None
    rim: bool = False
    alpha: float = 1.0
    shadow: float = 0.0
    glow: float = 0.0
    paper: Colour = PAPER
    marks: str | None = None
    finish: Callable[[np.ndarray], np.ndarray] | None = None


def _gray(colour: Colour, share: float = 0.5) -> Colour:
    level = round(luminance(colour))
    return mix(PAPER, (level, level, level), share)


NIGHT_BLUE: Colour = (14, 10, 34)
BOARD: Colour = (36, 60, 50)
BLUE: Colour = (22, 62, 142)


def _outline_fill(colour: Colour, place: bool, detail: bool) -> Colour:
    return mix(PAPER, colour, 0.85 if detail else (0.16 if place else 0.3))


def _outline_line(colour: Colour, place: bool, detail: bool) -> Line | None:
    if detail:
        return None
    return (mix(PAPER, dark(colour, 0.1), 0.75), 2.0) if place else (dark(colour, 0.18), 3.5)


def _black_lines(colour: Colour, place: bool, detail: bool, width: float = 4.0) -> Line | None:
    return None if detail else (INK, width * (0.6 if place else 1))


def _neon_line(colour: Colour, place: bool, detail: bool) -> Line | None:
    if detail:
        return None
    return (mix(NIGHT_BLUE, light(saturated(colour, 1.6), 0.2), 0.62), 2.2) if place else (light(colour, 0.35), 3.4)


def _chalk_line(colour: Colour, place: bool, detail: bool) -> Line | None:
    return None if detail else (light(colour, 0.7), 2.2 if place else 3.6)


def _blueprint_line(colour: Colour, place: bool, detail: bool) -> Line | None:
    return ((220, 234, 255), 1.8 if place else 3.2) if not detail else ((220, 234, 255), 1.6)


def _poster_fill(colour: Colour, place: bool, detail: bool) -> Colour:
    if not place:
        return tuple(int(x > 190) * 245 + int(85 < x <= 190) * 130 + 10 for x in colour)  # type: ignore[return-value]
    level = luminance(colour)
    return (28, 34, 74) if level < 110 else (226, 92, 62) if level < 185 else (248, 226, 178)


# --- what happens to pixels -------------------------------------------------------------------------------------------


def blocks(picture: np.ndarray) -> np.ndarray:
    """Thirty-two by thirty-two squares, each the mean of what it covers."""
    size = len(picture)
    side = max(1, size // 32)
    whole = picture[: size // side * side, : size // side * side]
    means = whole.reshape(size // side, side, size // side, side, 3).mean((1, 3), dtype=np.float32)
    means = (np.round(means / 17) * 17).clip(0, 255).astype(np.uint8)
    index = np.minimum(np.arange(size) // side, len(means) - 1)
    return means[index][:, index]


@cache
def _grain(size: int) -> np.ndarray:
    """(size, size, 1) in 0..1, fixed: grains of 2/128 of the picture."""
    cells = np.random.default_rng(0).random((64, 64), dtype=np.float32)
    index = np.arange(size) * 64 // size
    return cells[index][:, index][..., None]


@cache
def _dots(size: int) -> np.ndarray:
    """(size, size) bool: staggered dots, six units apart."""
    y, x = np.mgrid[:size, :size] * (128 / size)
    return ((x + y) % 7 - 3.5) ** 2 + ((x - y) % 7 - 3.5) ** 2 < 6.5


@cache
def _threshold(size: int) -> np.ndarray:
    """(size, size): 0..255 across slanted bands of 5 units."""
    y, x = np.mgrid[:size, :size] * (128 / size)
    return np.abs((y + 0.35 * x) % 5.5 - 2.75) * (255 / 2.75)


@cache
def _wash(size: int) -> np.ndarray:
    """(size, size, 1) in 0..1, fixed: how much paper shines through; ragged white margins and soft blots."""
    y, x = np.mgrid[:size, :size] * (128 / size)
    ragged = 3 * np.sin(x / 7.3) + 2.4 * np.sin(y / 5.1 + 1) + 1.6 * np.sin((x + y) / 3.7)
    margin = np.clip(1.4 - (np.minimum.reduce([x, y, 127 - x, 127 - y]) + ragged) / 5, 0, 1)
    blots = 0.16 * np.clip(np.sin(x / 17 + np.sin(y / 13)) + np.sin(y / 19 + 2 * np.sin(x / 23)), 0, 1)
    return np.maximum(margin, blots).astype(np.float32)[..., None]


def washed(picture: np.ndarray) -> np.ndarray:
    return (picture + (255 - picture) * _wash(len(picture))).astype(np.uint8)


def chalked(picture: np.ndarray) -> np.ndarray:
    board = np.array(BOARD, np.float32)
    share = 0.62 + 0.38 * (_grain(len(picture)) > 0.3)
    return (board + (picture - board) * share).clip(0, 255).astype(np.uint8)


def dotted(picture: np.ndarray) -> np.ndarray:
    picture = picture.copy()
    picture[_dots(len(picture))] = (picture[_dots(len(picture))] * 0.72).astype(np.uint8)
    return picture


def cut_in_wood(picture: np.ndarray) -> np.ndarray:
    level = picture @ np.array([0.299, 0.587, 0.114], np.float32)
    inked = _threshold(len(picture)) > (level - 40) * 1.45
    return np.where(inked[..., None], np.uint8([52, 30, 26]), np.uint8([244, 228, 196]))


STYLES: dict[str, Style] = {
    "flat": Style(rim=True),
    "outline": Style(_outline_fill, _outline_line),
    "pastel": Style(lambda c, place, detail: light(c, 0.58 if place else 0.42), rim=True),
    "ink": Style(lambda c, place, detail: _gray(c, 0.42) if place else c, _black_lines),
    "pixel": Style(rim=True, finish=blocks),
    "watercolor": Style(lambda c, place, detail: c, lambda c, place, detail: (c, 3.0), alpha=0.5, paper=(255, 254, 250), finish=washed),
    "neon": Style(lambda c, place, detail: mix(NIGHT_BLUE, c, 0.9 if detail else 0.1 if place else 0.55), _neon_line, glow=9, paper=NIGHT_BLUE),
    "glass": Style(lambda c, place, detail: saturated(c, 1.5 if place else 1.25), lambda c, place, detail: (INK, 2.4 if detail else 4.2), marks="leading"),
}  # fmt: skip
"""The styles of training scenes."""

HELD_OUT: dict[str, tuple[Style, str, str]] = {
    "style:0": (Style(lambda c, place, detail: mix(BOARD, c, 0.8 if detail else 0.1 if place else 0.4), _chalk_line, paper=BOARD, finish=chalked), "kresa", "chalk lines on a dark board"),
    "style:1": (Style(lambda c, place, detail: mix(BLUE, c, 0.25 if detail else 0.0 if place else 0.22), _blueprint_line, paper=BLUE, marks="grid"), "plano", "white lines on blue paper"),
    "style:2": (Style(lambda c, place, detail: light(saturated(c, 0.8), 0.12), shadow=3.4), "sicho", "cut out of paper with shadows"),
    "style:3": (Style(_poster_fill, rim=True), "afika", "a simple poster in red and cream"),
    "style:4": (Style(lambda c, place, detail: saturated(c, 1.3), lambda c, place, detail: _black_lines(c, place, detail, 5.0), finish=dotted), "komix", "a comic with dots and thick black lines"),
    "style:5": (Style(line=_black_lines, finish=cut_in_wood), "driva", "a woodcut of thick dark lines"),
}  # fmt: skip
"""style:N → style, name, what it is in words of the vocabulary, many of which (chalk, paper, poster, woodcut)
no training caption says; no training scene has one."""


def style_of(name: str) -> Style:
    return STYLES[name] if name in STYLES else HELD_OUT[name][0]
