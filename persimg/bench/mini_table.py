"""The table of `persimg bench mini`: what was aimed at, what was reached, what true renders reach."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Sequence

import numpy as np

from persimg.evaluation.interval import bounds, interval

PERCENT = "%"


@dataclass(frozen=True)
class Figure:
    """mean with the bounds of its 95 % interval, over n pictures; one picture has none."""

    mean: float
    lo: float | None
    hi: float | None
    n: int


@dataclass(frozen=True)
class Row:
    """part: what of the models is measured; aim: None where there is none; reached: None where note says why not.

    truth: the same of true renders, where that says something; at_most: smaller is better.
    """

    part: str
    title: str
    aim: float | None = None
    reached: Figure | None = None
    truth: Figure | None = None
    unit: str = PERCENT
    at_most: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        if self.aim is None or self.reached is None:
            return None
        return self.reached.mean <= self.aim if self.at_most else self.reached.mean >= self.aim


def figure(values: Sequence[float] | np.ndarray, scale: float = 100) -> Figure | None:
    """Of values a picture, or cells[subject, picture]; NaN where there is none. None when there is no value at all."""
    cells = np.atleast_2d(np.asarray(values, dtype=np.float64))
    found = interval(cells) if cells.size else None
    if not found:
        return None
    mean, lo, hi = (None if value is None else scale * value for value in (found.mean, found.lo, found.hi))
    return Figure(mean, lo, hi, int((~np.isnan(cells)).sum()))  # type: ignore[arg-type]


def as_json(row: Row) -> dict[str, Any]:
    """What isn't there is left out."""
    found: dict[str, Any] = {"part": row.part, "title": row.title, "unit": row.unit, "aim": row.aim, "met": row.met}
    found |= {name: _rounded(value) for name, value in (("reached", row.reached), ("true_renders", row.truth)) if value}
    return found | ({"note": row.note} if row.note else {})


def _rounded(found: Figure) -> dict[str, float | int | None]:
    return {name: None if value is None else round(value, 4) for name, value in asdict(found).items()}


def lines(rows: Sequence[Row]) -> list[str]:
    """The table as text, a heading a part."""
    found = [f"{'':48} {'aim':>8}  {'reached':32} true renders"]
    for i, row in enumerate(rows):
        found += [row.part] if not i or rows[i - 1].part != row.part else []
        aim = "" if row.aim is None else f"{'≤' if row.at_most else '≥'} {row.aim:g}"
        mark = {True: " ✓", False: " ✗", None: ""}[row.met]
        reached = _said(row.reached, row.unit) + mark if row.reached else row.note
        found.append(f"  {row.title:46} {aim:>8}  {reached:32} {_said(row.truth, row.unit)}".rstrip())
    return found


def _said(found: Figure | None, unit: str) -> str:
    if not found:
        return ""
    digits = 1 if unit in (PERCENT, "points", "dB") else 3
    return f"{found.mean:.{digits}f} {bounds(asdict(found), f'.{digits}f')} {unit} n={found.n}"
