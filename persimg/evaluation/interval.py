"""Intervals that know that pictures of one subject, and of one prompt, are not independent.

Two-way cluster bootstrap over subjects and prompts; with few subjects, the wider of it and a t-interval on the subjects'
means. More seeds shrink only the smallest part of the variance: add subjects first, prompts second, seeds last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

import numpy as np

DRAWS = 2000
LEVEL = 0.95
FEW_SUBJECTS = 8
TOO_FEW_SUBJECTS = 5
# 97.5 % points of Student's t at 1 … 7 degrees of freedom
T_POINTS = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365)


@dataclass(frozen=True)
class Interval:
    """mean with the bounds of its 95 % interval; p: two-sided, of the mean being 0, never less than the draws can tell: 2 in 2001.

    subjects, prompts: how many entered; missing: share of cells without a value; speaks_of: what the interval is over.
    Of one value alone there is no interval: lo, hi and p are None.
    """

    mean: float
    lo: float | None
    hi: float | None
    p: float | None
    subjects: int
    prompts: int
    missing: float
    speaks_of: str

    @property
    def verdict(self) -> str:
        """"shown", "not shown" or "opposite", for a difference that was expected to be positive."""
        if self.subjects < TOO_FEW_SUBJECTS or self.lo is None or self.hi is None:
            return "not shown"
        return "shown" if self.lo > 0 else "opposite" if self.hi < 0 else "not shown"


def interval(cells: np.ndarray, seed: int = 0, over: str = "prompts") -> Interval | None:
    """95 % interval of the mean over cells[subject, prompt], each the mean over seeds; NaN where there is no value.

    For a paired comparison the cells are differences, paired by seed. One subject gives an interval over prompts that
    speaks of that subject only. over: what a row of cells is, "prompts", "seeds" or "pictures"; "" where it is one mean a
    subject. None when no cell has a value.
    """
    cells = np.atleast_2d(np.asarray(cells, dtype=np.float64))
    known = ~np.isnan(cells)
    if not known.any():
        return None
    subjects, mean, missing = cells.shape[0], float(cells[known].mean()), float(1 - known.mean())
    if known.sum() == 1:
        return Interval(mean, None, None, None, subjects, cells.shape[1], missing, "one value, which has none")
    means = _bootstrap_means(cells, known, np.random.default_rng(seed))
    lo, hi = (float(x) for x in np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    if 1 < subjects < FEW_SUBJECTS:
        half = _t_half_width(cells, known)
        lo, hi = min(lo, mean - half), max(hi, mean + half)
    fewest = min(int((means <= 0).sum()), int((means >= 0).sum()))
    p = min(1.0, 2 * (fewest + 1) / (len(means) + 1))
    scope = " and ".join(filter(None, ("subjects", over))) if subjects > 1 else f"{over}, of this subject only"
    return Interval(mean, lo, hi, p, subjects, cells.shape[1], missing, scope)


def bounds(found: Mapping[str, Any], form: str = ".3f") -> str:
    """How the interval of a score or difference is written."""
    return "no interval" if found["lo"] is None else f"[{found['lo']:{form}}, {found['hi']:{form}}]"


def said(score: Mapping[str, Any]) -> str:
    """A score as one line."""
    return score.get("not_measured") or f"{score['mean']:.3f} {bounds(score)} n={score['n']}"


def _bootstrap_means(cells: np.ndarray, known: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Means under resampled subjects and prompts; draws that hit no value are left out."""
    subjects, prompts = cells.shape
    of_subjects = rng.multinomial(subjects, np.full(subjects, 1 / subjects), DRAWS)
    of_prompts = rng.multinomial(prompts, np.full(prompts, 1 / prompts), DRAWS)
    total = np.einsum("bs,sp,bp->b", of_subjects, np.where(known, cells, 0.0), of_prompts)
    count = np.einsum("bs,sp,bp->b", of_subjects, known.astype(float), of_prompts)
    return total[count > 0] / count[count > 0]


def _t_half_width(cells: np.ndarray, known: np.ndarray) -> float:
    """Half width of Student's interval on the means of the subjects."""
    means = np.array([row[mask].mean() for row, mask in zip(cells, known) if mask.any()])
    if len(means) < 2:
        return 0.0
    return T_POINTS[len(means) - 2] * float(means.std(ddof=1)) / len(means) ** 0.5


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down correction; in the order given."""
    order, adjusted, running = np.argsort(p_values), [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = running
    return adjusted
