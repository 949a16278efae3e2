"""Grids of pictures: one setting across, one down, with their values at the edges."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Sequence

from persimg.errors import UserError
from persimg_demo import limits
from persimg_demo.drawing import Wish
from persimg_demo.settings import Limits

if TYPE_CHECKING:
    from PIL import Image

AXES = {"nothing": "", "seed": "seed", "concept strength": "scale", "guidance": "guidance", "steps": "steps"}
"""name on the page → field of a wish"""
EDGE, GAP, MAX_CELL = 34, 6, 320


def values(axis: str, text: str, most: Limits) -> list[Any]:
    """"0.5, 1" → [0.5, 1.0]; "1-4" → [1, 2, 3, 4] for seeds and steps. [None] for no axis."""
    if axis not in AXES:
        raise UserError(f"{axis!r} can't be an axis", f"choose one of {', '.join(AXES)}")
    if not AXES[axis]:
        return [None]
    whole = axis in ("seed", "steps")
    found: list[Any] = []
    for part in filter(None, re.split(r"[,;\s]+", text.strip())):
        found += _range(part) if whole and re.fullmatch(r"\d{1,9}-\d{1,9}", part) else [_value(part, axis, whole)]
        if len(found) > most.cells:
            raise UserError(f"{axis} has more than {most.cells} values", "give fewer")
    if not found:
        raise UserError(f"{axis} has no values", "write some with commas, such as 0.5, 1, 1.5")
    return [_checked(value, axis, most) for value in found]


def _range(part: str) -> list[int]:
    first, last = map(int, part.split("-"))
    return list(range(first, min(last, first + 1000) + 1))


def _value(part: str, axis: str, whole: bool) -> float | int:
    try:
        return int(part) if whole else float(part)
    except ValueError as error:
        raise UserError(f"{part[:20]!r} is no value of {axis}", "write numbers with commas between") from error


def _checked(value: Any, axis: str, most: Limits) -> Any:
    bounds = {"seed": (0, 2**53), "steps": (1, most.steps), "guidance": (0, 30), "concept strength": (-2, 3)}
    limits.number(value, *bounds[axis], axis)
    return value


def wishes(wish: Wish, x: str, xs: Sequence[Any], y: str, ys: Sequence[Any], most: Limits) -> list[Wish]:
    """Row by row."""
    if x == y != "nothing":
        raise UserError(f"both axes are {x}", "choose two different ones")
    if len(xs) * len(ys) > most.cells:
        raise UserError(f"this grid has {len(xs) * len(ys)} pictures", f"keep to {most.cells}")
    return [_with(_with(wish, x, across), y, down) for down in ys for across in xs]


def _with(wish: Wish, axis: str, value: Any) -> Wish:
    return replace(wish, **{AXES[axis]: value}) if AXES[axis] else wish


def compose(pictures: Sequence[Image.Image], across: Sequence[str], down: Sequence[str]) -> Image.Image:
    """One picture of all, row by row, with the labels at the edges."""
    from PIL import Image, ImageDraw, ImageFont

    cell = min(MAX_CELL, pictures[0].width)
    left, top = (EDGE * 3 if any(down) else 0), (EDGE if any(across) else 0)
    sheet = Image.new("RGB", (left + len(across) * (cell + GAP), top + len(down) * (cell + GAP)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for i, label in enumerate(across):
        pen.text((left + i * (cell + GAP) + 4, 8), label, "black", font)
    for j, label in enumerate(down):
        pen.text((4, top + j * (cell + GAP) + cell // 2), label, "black", font)
    for n, picture in enumerate(pictures):
        row, column = divmod(n, len(across))
        sheet.paste(picture.resize((cell, cell)), (left + column * (cell + GAP), top + row * (cell + GAP)))
    return sheet
