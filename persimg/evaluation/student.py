"""Student's t for a few values: his interval of their mean and its p, without scipy."""

from __future__ import annotations

from math import atan, cos, inf, pi, sin, sqrt
from typing import Sequence

import numpy as np

from persimg.evaluation.interval import LEVEL, Interval


def p_of(t: float, freedom: int) -> float:
    """Two-sided p of t at whole degrees of freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4)."""
    angle = atan(abs(t) / sqrt(freedom))
    odd = freedom % 2
    term, total = (cos(angle), 0.0) if odd else (1.0, 0.0)
    for step in range(freedom // 2):
        total += term
        term *= cos(angle) ** 2 * (2 * step + 1 + odd) / (2 * step + 2 + odd)
    within = 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
    return min(1.0, max(0.0, 1 - within))


def point(freedom: int) -> float:
    """The t that LEVEL of values are within."""
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if p_of(middle, freedom) > 1 - LEVEL else (low, middle)
    return high


def mean_of(values: Sequence[float], over: str) -> Interval:
    """Mean of one value or more with its interval; a value counts as a subject. over: what they are. Of one value there is no interval."""
    count, mean = len(values), float(np.mean(values))
    if count == 1:
        return Interval(mean, None, None, None, 1, 1, 0.0, "one value, which has none")
    error = float(np.std(values, ddof=1)) / sqrt(count)
    half = point(count - 1) * error
    t = mean / error if error else inf if mean else 0.0
    return Interval(mean, mean - half, mean + half, p_of(t, count - 1), count, 1, 0.0, over)
