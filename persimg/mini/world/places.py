"""The places, 128 units a side, and the accessories."""

from __future__ import annotations

import random
from typing import Callable

from persimg.mini.world.brush import Brush, Colour
from persimg.mini.world.shapes import Anchor


def beach(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 66, (132, 204, 242))
    b.oval(r.randint(88, 116), 20, 11, 11, (255, 232, 112))
    b.rect(-5, 58, 133, 92, (38, 132, 196))
    b.rect(-5, 86, 133, 133, (244, 218, 150))


def forest(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (176, 220, 192))
    for i in range(6):
        x = i * 25 + r.randint(-5, 5)
        b.poly([(x - 17, 100), (x, 16 + r.randint(-8, 10)), (x + 17, 100)], (38, 112, 72))
    b.rect(-5, 95, 133, 133, (84, 136, 62))


def snow(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (176, 206, 236))
    x = r.randint(-8, 8)
    b.poly([(-10 + x, 92), (36 + x, 22), (82 + x, 92)], (138, 160, 190))
    b.poly([(48 + x, 92), (100 + x, 34), (150 + x, 92)], (156, 178, 206))
    b.rect(-5, 86, 133, 133, (244, 248, 252))


def desert(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (252, 208, 150))
    b.oval(r.randint(18, 34), 24, 12, 12, (250, 118, 58))
    x = r.choice([12, 114])
    b.rect(x - 5, 46, x + 5, 94, (58, 134, 70), 5)
    b.rect(x - 12, 58, x - 7, 72, (58, 134, 70), 3)
    b.rect(-5, 86, 133, 133, (226, 164, 88))


def city(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (248, 194, 152))
    for i in range(6):
        x, top = i * 22 + r.randint(-2, 2), r.randint(18, 56)
        b.rect(x, top, x + 19, 112, (92, 98, 126))
        b.rect(x + 6, top + 8, x + 13, top + 16, (252, 224, 130))
    b.rect(-5, 100, 133, 133, (72, 74, 84))


def room(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (238, 216, 188))
    x = r.choice([8, 82])
    b.rect(x, 12, x + 38, 50, (255, 255, 255))
    b.rect(x + 4, 16, x + 34, 46, (166, 214, 246))
    b.rect(-5, 94, 133, 133, (168, 110, 68))


def space(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (24, 20, 62))
    for _ in range(14):
        b.oval(r.randint(0, 128), r.randint(0, 128), 1.8, 1.8, (255, 255, 226))
    b.oval(r.randint(96, 116), r.randint(14, 30), 13, 13, (232, 150, 90))


def meadow(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (154, 214, 250))
    b.oval(28, 118, 92, 42, (118, 198, 94))
    b.oval(112, 122, 74, 36, (96, 178, 78))
    for _ in range(6):
        x, y, colour = r.randint(4, 124), r.randint(100, 124), r.choice(((255, 92, 124), (255, 232, 92), (255, 255, 255)))
        b.oval(x, y, 3.6, 3.6, colour)


DRAW_PLACE: dict[str, Callable[[Brush, random.Random], None]] = {
    "beach": beach, "forest": forest, "snow": snow, "desert": desert,
    "city": city, "room": room, "space": space, "meadow": meadow,
}  # fmt: skip

NAVY: Colour = (52, 44, 92)
SCARF: Colour = (222, 46, 58)
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
    b.rect(a.x + 5, y, a.x + 13, y + 20, SCARF, 2)
    b.rect(a.x - a.half, y - 5, a.x + a.half, y + 4, SCARF, 4)


def crown(b: Brush, a: Anchor) -> None:
    y = a.y - a.half * 0.7
    points = [(-15, 0), (-18, -20), (-8, -10), (0, -23), (8, -10), (18, -20), (15, 0)]
    b.poly([(a.x + dx, y + dy) for dx, dy in points], GOLD)


def bow(b: Brush, a: Anchor) -> None:
    y = a.y - a.half * 0.9
    for side in (-1, 1):
        b.poly([(a.x, y), (a.x + side * 16, y - 10), (a.x + side * 16, y + 9)], ROSE)
    b.oval(a.x, y, 4.6, 4.6, (196, 40, 104))


DRAW_ACCESSORY: dict[str, Callable[[Brush, Anchor], None]] = {
    "hat": hat, "glasses": glasses, "scarf": scarf, "crown": crown, "bow": bow,
}  # fmt: skip
