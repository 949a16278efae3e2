"""What things and people wear, in the units of a subject, around its anchor."""

from __future__ import annotations

from typing import Callable

from persimg.mini.world.brush import Brush, Colour
from persimg.mini.world.shapes import Anchor

NAVY: Colour = (52, 44, 92)
SCARF: Colour = (222, 46, 58)
PALE: Colour = (255, 244, 214)
GOLD: Colour = (252, 206, 44)
ROSE: Colour = (246, 84, 150)


def hat(b: Brush, a: Anchor) -> None:
    y = a.y - a.half * 0.72
    b.rect(a.x - 13, y - 24, a.x + 13, y, NAVY, 2)
    b.rect(a.x - 22, y - 4, a.x + 22, y + 3, NAVY, 3)
    b.rect(a.x - 13, y - 10, a.x + 13, y - 4, (226, 62, 62), detail=True)


def glasses(b: Brush, a: Anchor) -> None:
    for side in (-1, 1):
        b.oval(a.x + side * 9, a.y - 2, 7, 7, (236, 246, 255), detail=True)
        b.ring(a.x + side * 9, a.y - 2, 7.5, 3.2, (24, 22, 26))
        b.oval(a.x + side * 9, a.y - 2, 2.6, 3, (24, 22, 26), detail=True)


def scarf(b: Brush, a: Anchor) -> None:
    y = a.y + a.neck
    b.rect(a.x + 3, y, a.x + 14, y + 24, SCARF, 2)
    b.rect(a.x - a.half - 1, y - 6, a.x + a.half + 1, y + 5, SCARF, 5)
    for dy in (9, 17):
        b.rect(a.x + 3, y + dy, a.x + 14, y + dy + 4, PALE, detail=True)
    for x in (-0.6, 0.0, 0.6):
        b.rect(a.x + x * a.half - 2, y - 6, a.x + x * a.half + 2, y + 5, PALE, detail=True)


def crown(b: Brush, a: Anchor) -> None:
    y = a.y - a.half * 0.7
    points = [(-15, 0), (-18, -20), (-8, -10), (0, -23), (8, -10), (18, -20), (15, 0)]
    b.poly([(a.x + dx, y + dy) for dx, dy in points], GOLD)


def bow(b: Brush, a: Anchor) -> None:
    y = a.y - a.half * 0.9
    for side in (-1, 1):
        b.poly([(a.x, y), (a.x + side * 16, y - 10), (a.x + side * 16, y + 9)], ROSE)
    b.oval(a.x, y, 4.6, 4.6, (196, 40, 104))


def headphones(b: Brush, a: Anchor) -> None:
    w = a.half + 2
    b.arc(a.x, a.y - 1, w, a.half + 3, 180, 180, 5, (54, 56, 70), detail=False)
    for side in (-1, 1):
        b.oval(a.x + side * w, a.y + 1, 6, 9.5, (236, 66, 62))
        b.oval(a.x + side * w, a.y + 1, 2.8, 5.5, (54, 56, 70), detail=True)


def flower(b: Brush, a: Anchor) -> None:
    x, y = a.x + a.half * 0.7, a.y - a.half * 0.75
    for dx, dy in ((0, -7.5), (7, -2), (4.5, 6), (-4.5, 6), (-7, -2)):
        b.oval(x + dx, y + dy, 5.6, 5.6, (255, 250, 250))
    b.oval(x, y, 5, 5, (255, 190, 30), detail=True)


def balloon(b: Brush, a: Anchor) -> None:
    x, y = a.x - a.half - 20, a.y - a.half - 12
    b.poly([(x - 1.5, y + 12), (x + 1.5, y + 12), (a.x - a.half * 0.8 + 2, a.y + 22), (a.x - a.half * 0.8 - 2, a.y + 22)], (120, 120, 130))
    b.poly([(x, y + 9), (x + 5, y + 17), (x - 5, y + 17)], (230, 40, 60))
    b.oval(x, y, 12, 14, (230, 40, 60))
    b.oval(x - 4, y - 5, 3, 4, (255, 190, 196), detail=True)


DRAW_ACCESSORY: dict[str, Callable[[Brush, Anchor], None]] = {
    "hat": hat, "glasses": glasses, "scarf": scarf, "crown": crown, "bow": bow,
    "headphones": headphones, "flower": flower, "balloon": balloon,
}  # fmt: skip
