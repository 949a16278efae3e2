"""Shapes in a drawing style, on a skia canvas of 128 units a side."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Iterable, Iterator, Sequence

import skia

from persimg.mini.world.colours import (  # noqa: F401
    CREAM,
    INK,
    PAPER,
    Colour,
    dark,
    in_mood,
    in_time,
    light,
    luminance,
    mix,
)
from persimg.mini.world.styles import Line, style_of

RIM = 5.0
"""width of the contour around a subject, units"""


@dataclass(frozen=True)
class Palette:
    """What decides how a colour appears: the scene's style, time of day and mood."""

    style: str
    time: str = "day"
    mood: str | None = None


@cache
def toned(palette: Palette, colour: Colour, place: bool, detail: bool) -> Colour:
    return lit(palette, style_of(palette.style).fill(colour, place, detail), place)


@cache
def lined(palette: Palette, colour: Colour, place: bool, detail: bool) -> Line | None:
    line = style_of(palette.style).line(colour, place, detail)
    return line and (lit(palette, line[0], place), line[1])


def lit(palette: Palette, colour: Colour, place: bool) -> Colour:
    return in_mood(in_time(colour, palette.time, place), palette.mood, place)


@dataclass(frozen=True)
class Pattern:
    """name: striped, spotted or two tone; over: the main colour, whose shapes get it; in the second colour.

    split: height below which a two-tone subject has the second colour, units.
    """

    name: str
    over: Colour
    second: Colour
    split: float = 3


class Brush:
    """Collects the shapes of one subject, or paints a place at once.

    Subject shapes are collected first, so that one rim can be drawn around the whole silhouette: it keeps
    white apart from snow and black apart from space.
    """

    def __init__(
        self, canvas: skia.Canvas, palette: Palette | str, x: float = 0, y: float = 0, scale: float = 1, place: bool = False,
        turn: float = 0, mirror: bool = False, pattern: Pattern | None = None,
    ):  # fmt: skip
        self.canvas, self.place, self.pattern = canvas, place, pattern
        self.palette = Palette(palette) if isinstance(palette, str) else palette
        self.style, self.how = self.palette.style, style_of(self.palette.style)
        self.matrix = skia.Matrix.Translate(x, y)
        self.matrix.preScale(scale * (-1 if mirror else 1), scale)
        self.matrix.preRotate(turn)
        self.scale = scale
        self.shapes: list[tuple[skia.Path, Colour, bool]] = []
        self.worn = 0

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour, detail: bool = False) -> None:
        path = skia.Path()
        path.addOval(skia.Rect(x - rx, y - ry, x + rx, y + ry))
        self.add(path, colour, detail)

    def rect(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, radius: float = 0, detail: bool = False) -> None:
        path = skia.Path()
        path.addRoundRect(skia.Rect(x0, y0, x1, y1), radius, radius)
        self.add(path, colour, detail)

    def poly(self, points: Iterable[Sequence[float]], colour: Colour, detail: bool = False) -> None:
        path = skia.Path()
        path.addPoly([skia.Point(x, y) for x, y in points], True)
        self.add(path, colour, detail)

    def star(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A five-pointed star."""
        angles = [math.pi * (k / 5 - 0.5) for k in range(10)]
        radii = [radius if k % 2 == 0 else radius * 0.45 for k in range(10)]
        self.poly([(x + r * math.cos(a), y + r * math.sin(a)) for a, r in zip(angles, radii)], colour, detail=True)

    def ring(self, x: float, y: float, radius: float, width: float, colour: Colour, detail: bool = True) -> None:
        """A stroked circle; the hole stays open."""
        path = skia.Path()
        path.addCircle(x, y, radius + width / 2)
        path.addCircle(x, y, radius - width / 2)
        path.setFillType(skia.PathFillType.kEvenOdd)
        self.add(path, colour, detail)

    def arc(self, x: float, y: float, rx: float, ry: float, start: float, sweep: float, width: float, colour: Colour, detail: bool = True) -> None:
        """A stroked part of an oval as a closed band; start and sweep in degrees, clockwise from the right."""
        angles = [math.radians(start + sweep * k / 16) for k in range(17)]
        outer = [(x + (rx + width / 2) * math.cos(a), y + (ry + width / 2) * math.sin(a)) for a in angles]
        inner = [(x + (rx - width / 2) * math.cos(a), y + (ry - width / 2) * math.sin(a)) for a in reversed(angles)]
        self.poly([*outer, *inner], colour, detail)

    def path(self, path: skia.Path, colour: Colour, detail: bool = False) -> None:
        """Any closed path."""
        self.add(skia.Path(path), colour, detail)

    def stroke(self, points: Sequence[Sequence[float]], width: float, colour: Colour, detail: bool = True) -> None:
        """A line through points with round ends, curved where there are three or more."""
        self.add(_band([(x, y) for x, y in points], width), colour, detail)

    @contextmanager
    def placed(self, x: float, y: float, scale: float = 1, turn: float = 0) -> Iterator[None]:
        """Draw around another origin; turn: degrees, clockwise."""
        before = skia.Matrix()
        before.preConcat(self.matrix)
        self.matrix.preTranslate(x, y).preRotate(turn).preScale(scale, scale)
        yield
        self.matrix = before

    def add(self, path: skia.Path, colour: Colour, detail: bool = False) -> None:
        """Any path in the brush's own units; details get no rim and no outline."""
        path.transform(self.matrix)
        if self.place:
            self._fill(path, colour, detail)
        else:
            self.shapes.append((path, colour, detail))

    _add = add

    def dress(self) -> None:
        """What follows is worn: it gets a contour of its own against the subject."""
        self.worn = len(self.shapes)

    def finish(self, main: Colour) -> None:
        """Paint the collected shapes over one rim that contrasts with the subject's main colour."""
        if self.how.rim:
            self._contour(dark(main, 0.6) if luminance(main) > 140 else CREAM, RIM, self.shapes)
        elif self.how.alpha < 1:
            self._contour(self.how.paper, 2.5, self.shapes)
        for i, (path, colour, detail) in enumerate(self.shapes):
            if i and i == self.worn and (self.how.rim or self.how.alpha < 1):
                self._contour(CREAM if luminance(main) < 100 else INK, 3.6, self.shapes[i:])
            if self.pattern and detail and colour == light(self.pattern.over):
                continue  # a pale belly would hide the pattern
            self._fill(path, colour, detail)
            if self.pattern and not detail and colour == self.pattern.over:
                self._patterned(path)

    def _contour(self, colour: Colour, width: float, shapes: list[tuple[skia.Path, Colour, bool]]) -> None:
        ink = toned(self.palette, colour, False, False)
        paint = skia.Paint(AntiAlias=True, Color=skia.Color(*ink), Style=skia.Paint.kStrokeAndFill_Style, StrokeWidth=width)
        paint.setStrokeJoin(skia.Paint.kRound_Join)
        for path, _, detail in shapes:
            if not detail:
                self.canvas.drawPath(path, paint)

    def silhouette(self, canvas: skia.Canvas) -> None:
        """Draw what the subject covers in white, the rim included."""
        paint = skia.Paint(AntiAlias=True, Color=skia.ColorWHITE, Style=skia.Paint.kStrokeAndFill_Style, StrokeWidth=RIM)
        for path, _, _ in self.shapes:
            canvas.drawPath(path, paint)

    def _fill(self, path: skia.Path, colour: Colour, detail: bool) -> None:
        style = self.how
        if style.shadow and not detail:
            cast = skia.Paint(AntiAlias=True, Color=skia.Color(20, 16, 30, 96))
            self.canvas.translate(style.shadow * 0.7, style.shadow)
            self.canvas.drawPath(path, cast)
            self.canvas.translate(-style.shadow * 0.7, -style.shadow)
        alpha = round(255 * (1 if detail else style.alpha + (0 if self.place else 0.25 * (style.alpha < 1))))
        self.canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=skia.Color(*toned(self.palette, colour, self.place, detail), alpha)))
        line = lined(self.palette, colour, self.place, detail)
        if line:
            self._stroke(path, line[0], _fine(path, line[1]) if detail else line[1])

    def _stroke(self, path: skia.Path, colour: Colour, width: float) -> None:
        paint = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeJoin=skia.Paint.kRound_Join)
        if self.how.glow:
            paint.setColor(skia.Color(*colour, 70))
            paint.setStrokeWidth(self.how.glow * (0.6 if self.place else 1))
            self.canvas.drawPath(path, paint)
        paint.setColor(skia.Color(*colour, 120 if self.how.alpha < 1 else 255))
        paint.setStrokeWidth(width)
        self.canvas.drawPath(path, paint)

    def _patterned(self, path: skia.Path) -> None:
        self.canvas.save()
        self.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
        second = toned(self.palette, self.pattern.second, False, False)
        marks = _marks(self.pattern)
        marks.transform(self.matrix)
        self.canvas.drawPath(marks, skia.Paint(AntiAlias=True, Color=skia.Color(*second)))
        self.canvas.restore()
        line = lined(self.palette, self.pattern.over, False, False)
        if line:
            self._stroke(path, *line)


def _fine(path: skia.Path, width: float) -> float:
    """The width of a detail's line: small details, as eyes are, get a thin one."""
    bounds = path.getBounds()
    return min(width, max(0.5, min(bounds.width(), bounds.height()) / 9))


def _band(points: list[tuple[float, float]], width: float) -> skia.Path:
    path = skia.Path()
    path.moveTo(*points[0])
    for (x, y), (after_x, after_y) in zip(points[1:-1], points[2:]):
        last = (after_x, after_y) == points[-1]
        path.quadTo(x, y, *((after_x, after_y) if last else ((x + after_x) / 2, (y + after_y) / 2)))
    if len(points) == 2:
        path.lineTo(*points[1])
    paint = skia.Paint(Style=skia.Paint.kStroke_Style, StrokeWidth=width, StrokeCap=skia.Paint.kRound_Cap, StrokeJoin=skia.Paint.kRound_Join)
    band = skia.Path()
    paint.getFillPath(path, band)
    return band


def _marks(pattern: Pattern) -> skia.Path:
    """What a pattern lays over a subject, in its units."""
    path = skia.Path()
    if pattern.name == "two tone":
        path.addRect(skia.Rect(-70, pattern.split, 70, 70))
    elif pattern.name == "striped":
        for x in range(-96, 70, 13):
            path.addPoly([skia.Point(*p) for p in ((x, -60), (x + 6, -60), (x + 36, 60), (x + 30, 60))], True)
    else:
        for row, y in enumerate(range(-56, 57, 11)):
            for x in range(-60 + 7 * (row % 2), 61, 14):
                path.addCircle(x, y, 3.7)
    return path
