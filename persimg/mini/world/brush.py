"""Flat shapes in one of four drawing styles, on a skia canvas of 128 units a side."""

from __future__ import annotations

import math
from typing import Iterable, Sequence

import skia

Colour = tuple[int, int, int]
PAPER: Colour = (250, 247, 240)
CREAM: Colour = (255, 250, 236)
INK: Colour = (30, 28, 34)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """a + share * (b - a), per channel."""
    return tuple(round(x + share * (y - x)) for x, y in zip(a, b))  # type: ignore[return-value]


def dark(colour: Colour, share: float = 0.35) -> Colour:
    return mix(colour, (0, 0, 0), share)


def light(colour: Colour, share: float = 0.55) -> Colour:
    return mix(colour, (255, 255, 255), share)


def luminance(colour: Colour) -> float:
    """0..255, Rec. 601."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


_SUBJECT_TONE = {"flat": ((0, 0, 0), 0.0), "pastel": ((255, 255, 255), 0.42), "night": ((16, 16, 70), 0.28)}
_PLACE_TONE = {"flat": ((0, 0, 0), 0.0), "pastel": ((255, 255, 255), 0.58), "night": ((10, 12, 52), 0.58)}


class Brush:
    """Collects the shapes of one subject, or paints a place at once.

    Subject shapes are collected first, so that one rim can be drawn around the whole silhouette: it keeps
    white apart from snow and black apart from space.
    """

    def __init__(self, canvas: skia.Canvas, style: str, x: float = 0, y: float = 0, scale: float = 1, place: bool = False):
        self.canvas, self.style, self.place = canvas, style, place
        self.matrix = skia.Matrix.Translate(x, y)
        self.matrix.preScale(scale, scale)
        self.scale = scale
        self.shapes: list[tuple[skia.Path, Colour, bool]] = []

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour, detail: bool = False) -> None:
        path = skia.Path()
        path.addOval(skia.Rect(x - rx, y - ry, x + rx, y + ry))
        self._add(path, colour, detail)

    def rect(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, radius: float = 0, detail: bool = False) -> None:
        path = skia.Path()
        path.addRoundRect(skia.Rect(x0, y0, x1, y1), radius, radius)
        self._add(path, colour, detail)

    def poly(self, points: Iterable[Sequence[float]], colour: Colour, detail: bool = False) -> None:
        path = skia.Path()
        path.addPoly([skia.Point(x, y) for x, y in points], True)
        self._add(path, colour, detail)

    def star(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A five-pointed star."""
        angles = [math.pi * (k / 5 - 0.5) for k in range(10)]
        radii = [radius if k % 2 == 0 else radius * 0.45 for k in range(10)]
        self.poly([(x + r * math.cos(a), y + r * math.sin(a)) for a, r in zip(angles, radii)], colour, detail=True)

    def ring(self, x: float, y: float, radius: float, width: float, colour: Colour) -> None:
        """A stroked circle; the hole stays open."""
        path = skia.Path()
        path.addCircle(x, y, radius + width / 2)
        path.addCircle(x, y, radius - width / 2)
        path.setFillType(skia.PathFillType.kEvenOdd)
        self._add(path, colour, True)

    def _add(self, path: skia.Path, colour: Colour, detail: bool) -> None:
        path.transform(self.matrix)
        if self.place:
            self._fill(path, colour, detail)
        else:
            self.shapes.append((path, colour, detail))

    def finish(self, main: Colour) -> None:
        """Paint the collected shapes over one rim that contrasts with the subject's main colour."""
        if self.style != "outline":
            rim = dark(main, 0.6) if luminance(main) > 140 else CREAM
            paint = skia.Paint(AntiAlias=True, Color=skia.Color(*self._toned(rim)), Style=skia.Paint.kStroke_Style, StrokeWidth=5)
            paint.setStrokeJoin(skia.Paint.kRound_Join)
            for path, _, detail in self.shapes:
                if not detail:
                    self.canvas.drawPath(path, paint)
        for path, colour, detail in self.shapes:
            self._fill(path, colour, detail)

    def silhouette(self, canvas: skia.Canvas) -> None:
        """Draw what the subject covers in white, the rim included."""
        paint = skia.Paint(AntiAlias=True, Color=skia.ColorWHITE, Style=skia.Paint.kStrokeAndFill_Style, StrokeWidth=5)
        for path, _, _ in self.shapes:
            canvas.drawPath(path, paint)

    def _toned(self, colour: Colour) -> Colour:
        target, share = (_PLACE_TONE if self.place else _SUBJECT_TONE)[self.style]
        return mix(colour, target, share)

    def _fill(self, path: skia.Path, colour: Colour, detail: bool) -> None:
        if self.style == "outline":
            self._outlined(path, colour, detail)
        else:
            self.canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=skia.Color(*self._toned(colour))))

    def _outlined(self, path: skia.Path, colour: Colour, detail: bool) -> None:
        fill = mix(PAPER, colour, 0.85 if detail else (0.16 if self.place else 0.3))
        self.canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=skia.Color(*fill)))
        if detail:
            return
        ink = mix(PAPER, dark(colour, 0.1), 0.75) if self.place else dark(colour, 0.18)
        width = 2 if self.place else 3.5
        self.canvas.drawPath(
            path, skia.Paint(AntiAlias=True, Color=skia.Color(*ink), Style=skia.Paint.kStroke_Style, StrokeWidth=width)
        )
