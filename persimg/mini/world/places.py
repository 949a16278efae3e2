"""The places, 128 units a side."""

from __future__ import annotations

import random
from typing import Callable

from persimg.mini.world.brush import Brush, Colour


def sun(b: Brush, x: float, y: float, radius: float, colour: Colour) -> None:
    """Only by day: the other times bring their own sun or moon."""
    if b.palette.time == "day":
        b.oval(x, y, radius, radius, colour)


def beach(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 66, (132, 204, 242))
    sun(b, r.randint(88, 116), 20, 11, (255, 232, 112))
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
    for _ in range(3):
        x, size = r.randint(0, 128), r.randint(12, 18)
        b.poly([(x - size * 0.7, 90), (x, 90 - size * 2.4), (x + size * 0.7, 90)], (112, 152, 160))
        b.poly([(x - size * 0.35, 90 - size * 1.2), (x, 90 - size * 2.4), (x + size * 0.35, 90 - size * 1.2)], (246, 250, 255))
    b.oval(20 + r.randint(-8, 8), 98, 60, 20, (232, 240, 250))
    b.rect(-5, 92, 133, 133, (244, 248, 252))


def desert(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (252, 208, 150))
    sun(b, r.randint(18, 34), 24, 12, (250, 118, 58))
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
    b.oval(64, 152, 92, 44, (150, 144, 166))


def meadow(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (154, 214, 250))
    b.oval(28, 118, 92, 42, (118, 198, 94))
    b.oval(112, 122, 74, 36, (96, 178, 78))
    for _ in range(6):
        x, y, colour = r.randint(4, 124), r.randint(100, 124), r.choice(((255, 92, 124), (255, 232, 92), (255, 255, 255)))
        b.oval(x, y, 3.6, 3.6, colour)


def mountain(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (160, 206, 240))
    x = r.randint(-10, 10)
    for left, top, right, colour in ((-30, 26, 76, (112, 108, 128)), (50, 14, 160, (134, 128, 146))):
        middle = (left + right) / 2 + x
        b.poly([(left + x, 100), (middle, top), (right + x, 100)], colour)
        b.poly([(middle - 14, top + 22), (middle, top), (middle + 14, top + 22), (middle + 5, top + 17), (middle - 4, top + 25)], (250, 252, 255))
    b.rect(-5, 96, 133, 133, (126, 122, 118))
    for _ in range(3):
        b.oval(r.randint(4, 124), r.randint(106, 122), r.randint(6, 10), 4.5, (158, 154, 150))


def lake(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (186, 226, 250))
    b.oval(20 + r.randint(-10, 10), 58, 52, 20, (92, 164, 108))
    b.oval(108 + r.randint(-10, 10), 58, 46, 15, (112, 180, 120))
    b.rect(-5, 56, 133, 104, (64, 152, 214))
    for _ in range(4):
        x, y = r.randint(0, 110), r.randint(64, 98)
        b.rect(x, y, x + 20, y + 3, (176, 222, 250), 1.5)
    b.rect(-5, 102, 133, 133, (110, 176, 84))
    for x in (r.randint(2, 14), r.randint(112, 126)):
        for dx in (-5, 0, 5):
            b.rect(x + dx - 1.3, 76 + abs(dx), x + dx + 1.3, 108, (62, 112, 60))


def kitchen(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (250, 236, 170))
    b.rect(-5, 2, 133, 26, (74, 164, 160))
    for x in range(-4, 133, 27):
        b.rect(x + 11, 18, x + 17, 22, (250, 250, 240), 1)
    x = r.choice([2, 86])
    b.rect(x, 50, x + 40, 100, (236, 238, 242), 3)
    b.rect(x + 6, 66, x + 34, 92, (72, 80, 92), 3)
    for dx in (9, 20, 31):
        b.oval(x + dx, 58, 3, 3, (222, 70, 60))
    b.rect(-5, 98, 133, 133, (232, 232, 228))
    for x in range(-4 + r.randint(0, 6), 133, 28):
        b.rect(x, 98, x + 14, 133, (92, 112, 128))


def library(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (96, 58, 40))
    books = ((206, 62, 58), (62, 110, 180), (230, 178, 70), (76, 150, 96), (220, 208, 186))
    for y in (30, 62, 94):
        x = -3 + r.randint(0, 4)
        while x < 128:
            width, height = r.randint(7, 11), r.randint(17, 24)
            b.rect(x, y - height, x + width - 1.5, y, r.choice(books))
            x += width
        b.rect(-5, y, 133, y + 5, (148, 96, 60))
    b.rect(-5, 100, 133, 133, (124, 44, 52))


def farm(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (176, 220, 248))
    b.rect(-5, 76, 133, 133, (226, 196, 92))
    x = r.choice([4, 78])
    b.rect(x, 38, x + 46, 84, (190, 56, 48))
    b.poly([(x - 6, 40), (x + 8, 20), (x + 38, 20), (x + 52, 40)], (112, 54, 48))
    b.rect(x + 14, 56, x + 32, 84, (250, 246, 236))
    b.poly([(x + 14, 56), (x + 18, 56), (x + 32, 84), (x + 28, 84)], (190, 56, 48))
    for y in (88, 97):
        b.rect(-5, y, 133, y + 3.4, (146, 104, 64))
    for x in range(4 + r.randint(0, 8), 133, 24):
        b.rect(x, 82, x + 5, 104, (146, 104, 64))


def castle(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (196, 206, 246))
    x, stone = r.randint(-6, 6), (164, 158, 172)
    b.rect(12 + x, 48, 116 + x, 104, stone)
    for left in range(12, 116, 16):
        b.rect(left + x, 40, left + 9 + x, 50, stone)
    for left in (2, 98):
        b.rect(left + x, 30, left + 28 + x, 106, (142, 136, 154))
        b.poly([(left - 4 + x, 32), (left + 14 + x, 4), (left + 32 + x, 32)], (122, 62, 150))
        b.rect(left + 10 + x, 44, left + 18 + x, 58, (66, 58, 84), 4)
    b.rect(-5, 102, 133, 133, (134, 190, 112))


def underwater(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (24, 108, 170))
    b.rect(-5, -5, 133, 22, (62, 158, 208))
    for _ in range(7):
        size = r.uniform(2.5, 4.5)
        b.oval(r.randint(4, 124), r.randint(14, 84), size, size, (176, 224, 246))
    for x in (r.randint(4, 16), r.randint(110, 124), r.randint(24, 40)):
        for k in range(4):
            b.oval(x + (4 if k % 2 else -4), 100 - 13 * k, 4.5, 9, (38, 150, 104))
    b.oval(64, 124, 100, 22, (216, 196, 140))


def jungle(b: Brush, r: random.Random) -> None:
    b.rect(-5, -5, 133, 133, (228, 232, 128))
    for x in (r.randint(8, 24), r.randint(98, 116), r.randint(52, 72)):
        b.rect(x - 4, 26, x + 4, 104, (124, 84, 52))
        for dx, dy in ((-30, 14), (-22, -8), (22, -8), (30, 14), (0, -18)):
            b.poly([(x - 3, 26), (x + dx * 0.5 - 2, 18 + dy * 0.4), (x + dx, 28 + dy), (x + dx * 0.5 + 2, 30 + dy * 0.5), (x + 3, 30)], (20, 128, 60))
    b.rect(-5, 98, 133, 133, (44, 104, 48))
    for _ in range(4):
        x = r.randint(0, 128)
        b.poly([(x - 12, 112), (x - 5, 90), (x, 104), (x + 6, 88), (x + 12, 112)], (72, 164, 60))


DRAW_PLACE: dict[str, Callable[[Brush, random.Random], None]] = {
    "beach": beach, "forest": forest, "snow": snow, "desert": desert, "city": city, "room": room, "space": space,
    "meadow": meadow, "mountain": mountain, "lake": lake, "kitchen": kitchen, "library": library, "farm": farm,
    "castle": castle, "underwater": underwater, "jungle": jungle,
}  # fmt: skip
