"""What lies between a place and its viewer: sun and moon, light of a mood, marks of a style, weather."""

from __future__ import annotations

import random
from dataclasses import replace

import skia

from persimg.mini.world.brush import Brush, Colour
from persimg.mini.world.words import ROOFED

WHITE: Colour = (255, 255, 255)
CONFETTI: tuple[Colour, ...] = ((255, 70, 110), (255, 214, 40), (60, 190, 255), (110, 220, 90), (190, 100, 250))


def draw_sky(b: Brush, place: str, rng: random.Random) -> None:
    """Moon and stars, the low sun of a sunset, the pale sun of a morning; none under a roof. Stays out of the middle."""
    time = b.palette.time
    if time == "day" or place in ROOFED:
        return
    left = rng.random() < 0.5
    day = Brush(b.canvas, replace(b.palette, time="day", mood=None), place=True)
    if time == "night":
        x = 20 if left else 108
        day.oval(x, 19, 11, 11, (255, 242, 176), detail=True)
        for _ in range(7):
            day.oval(rng.randint(4, 124), rng.randint(4, 44), 1.9, 1.9, (255, 250, 214), detail=True)
    elif time == "sunset":
        day.oval(12 if left else 116, 50, 20, 20, (255, 190, 60), detail=True)
    else:
        x = 14 if left else 114
        for k in range(3):
            day.rect(x - 24 + 4 * k, 26 + 8 * k, x + 24 - 4 * k, 30 + 8 * k, (255, 250, 220), 2, detail=True)
        day.oval(x, 18, 13, 13, (255, 244, 170), detail=True)


def draw_mood(b: Brush, rng: random.Random) -> None:
    """Rays of light where the mood is bright, confetti where it is cheerful, curtains of shade where it is dark."""
    mood = b.palette.mood
    if mood == "bright":
        x = rng.choice((-6, 134))
        for k in range(4):
            path = skia.Path()
            far, low = (140 if x < 0 else -12), 8 + 40 * k
            path.addPoly([skia.Point(*p) for p in ((x, -8), (far, low), (far, low + 20))], True)
            b.canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=skia.Color(255, 255, 255, 110)))
    elif mood == "cheerful":
        for i in range(22):
            b.oval(rng.uniform(2, 126), rng.uniform(2, 126), 2.9, 2.9, CONFETTI[i % len(CONFETTI)], detail=True)
    elif mood == "dark":
        shade = skia.Paint(AntiAlias=True, Color=skia.Color(0, 0, 0, 120))
        for left, right in (((-5, -5), (34, -5)), ((94, -5), (133, -5))):
            edge = -5 if left[0] < 0 else 133
            path = skia.Path()
            path.addPoly([skia.Point(*p) for p in (left, right, (edge, 133))], True)
            b.canvas.drawPath(path, shade)


def draw_marks(b: Brush, rng: random.Random) -> None:
    """The leading of stained glass across a place, the grid of a blueprint."""
    if b.how.marks == "leading":
        paint = skia.Paint(AntiAlias=True, Color=skia.Color(26, 24, 30), StrokeWidth=3)
        for k in range(4):
            x = 16 + 32 * k + rng.randint(-8, 8)
            b.canvas.drawLine(x, -2, x + rng.randint(-30, 30), 130, paint)
        for y in (34, 80):
            b.canvas.drawLine(-2, y + rng.randint(-8, 8), 130, y + rng.randint(-8, 8), paint)
    elif b.how.marks == "grid":
        paint = skia.Paint(Color=skia.Color(120, 156, 220, 130), StrokeWidth=1.4)
        for k in range(8, 128, 16):
            b.canvas.drawLine(k, 0, k, 128, paint)
            b.canvas.drawLine(0, k, 128, k, paint)


def draw_weather(canvas: skia.Canvas, weather: str, rng: random.Random) -> None:
    """Over everything: streaks of rain, flakes of snow, bands of fog."""
    if weather == "rain":
        paint = skia.Paint(AntiAlias=True, Color=skia.Color(206, 232, 255, 225), StrokeWidth=2.4, StrokeCap=skia.Paint.kRound_Cap)
        canvas.drawColor(skia.Color(58, 72, 96, 72))
        for i in range(22):
            x, y = (i * 23 + rng.randint(-6, 6)) % 140, (i * 47 + rng.randint(-8, 8)) % 134 - 4
            canvas.drawLine(x, y, x - 5, y + 14, paint)
    elif weather == "snowfall":
        paint = skia.Paint(AntiAlias=True, Color=skia.ColorWHITE)
        ring = skia.Paint(AntiAlias=True, Color=skia.Color(120, 150, 190, 150))
        for i in range(24):
            x, y, size = (i * 29 + rng.randint(-6, 6)) % 128, (i * 53 + rng.randint(-6, 6)) % 128, rng.uniform(2.2, 3.4)
            canvas.drawCircle(x, y, size + 0.9, ring)
            canvas.drawCircle(x, y, size, paint)
    elif weather == "fog":
        canvas.drawColor(skia.Color(226, 230, 234, 46))
        _bank(canvas, 108, 0.75, rng)


def draw_fog_behind(canvas: skia.Canvas, weather: str, rng: random.Random) -> None:
    """Most of a fog lies behind what stands in it."""
    if weather == "fog":
        canvas.drawColor(skia.Color(226, 230, 234, 96))
        for y in (14, 44, 74):
            _bank(canvas, y, 0.9, rng)


def _bank(canvas: skia.Canvas, y: float, strength: float, rng: random.Random) -> None:
    top, left = y + rng.randint(-5, 5), rng.randint(-40, 10)
    paint = skia.Paint(AntiAlias=True, Color=skia.Color(240, 243, 246, round(200 * strength)))
    canvas.drawRoundRect(skia.Rect(left, top, left + 110, top + 14), 7, 7, paint)
    canvas.drawRoundRect(skia.Rect(left + 60, top + 8, left + 180, top + 20), 6, 6, paint)
