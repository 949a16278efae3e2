"""The estimator's regression: judgements as rows, the maximum a posteriori of their weights, and each event's share in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Callable, Mapping, Sequence

import numpy as np

from persimg.preferences.profile import Belief

PRIOR_SD = 1.0
MAX_EVIDENCE = 20
LEAST_SHARE = 0.02
"""what an event must add to a weight to count as speaking for it: each picture differs a little from the average one"""
NEWTON_STEPS = 25


@dataclass(frozen=True)
class Row:
    """x: attribute → value, in the direction that the user favoured; weight: how much the judgement counts."""

    event: str
    kind: str
    x: Mapping[str, float]
    weight: float


@dataclass(frozen=True)
class Posterior:
    """What is known of the weights of some attributes: mean (A,), covariance (A, A). Others have the prior, N(0, PRIOR_SD^2)."""

    names: tuple[str, ...]
    mean: np.ndarray
    covariance: np.ndarray


def fitted(
    rows: Sequence[Row], prior: Mapping[str, float], spread: Mapping[str, float] | None = None,
    beside_usual: Callable[[Sequence[str]], np.ndarray] | None = None,
) -> dict[str, Belief]:  # fmt: skip
    """Beliefs of all attributes that a row or the prior names.

    prior: name → mean; spread: name → deviation of the prior, where it isn't PRIOR_SD; beside_usual: names → (A, A), what weights are
    told as. With it beliefs say what the prior alone comes to (common).
    """
    found, x = fit(rows, prior, spread or {})
    told = beside_usual(found.names) if beside_usual else np.eye(len(found.names))
    shares = shares_of(rows, x, found, spread or {}) @ told.T
    mean, sd = told @ found.mean, np.sqrt(np.diag(told @ found.covariance @ told.T))
    beliefs = {name: _belief(name, float(mean[i]), float(sd[i]), rows, shares[:, i]) for i, name in enumerate(found.names)}
    if not beside_usual:
        return beliefs
    common = told @ _vector(found.names, prior, 0.0)
    return {name: replace(beliefs[name], common=round(float(common[i]), 6)) for i, name in enumerate(found.names)}


def shares_of(rows: Sequence[Row], x: np.ndarray, found: Posterior, spread: Mapping[str, float]) -> np.ndarray:
    """(n, A): what each row adds to each weight, s^2 e_i (1 - p_i) x_i; they sum to the weights less the prior's mean."""
    slack = np.array([row.weight for row in rows]) / (1 + np.exp(np.clip(x @ found.mean, -50, 50)))
    return _vector(found.names, spread, PRIOR_SD) ** 2 * slack[:, None] * x


def fit(rows: Sequence[Row], prior: Mapping[str, float], spread: Mapping[str, float]) -> tuple[Posterior, np.ndarray]:
    """The posterior and the rows as a matrix (n, A)."""
    names = tuple(sorted({*prior, *(a for row in rows for a in row.x)}))
    x, weights = matrix(rows, names), np.array([row.weight for row in rows])
    return Posterior(names, *maximum(x, weights, _vector(names, prior, 0.0), _vector(names, spread, PRIOR_SD))), x


def _vector(names: Sequence[str], values: Mapping[str, float], otherwise: float) -> np.ndarray:
    return np.array([values.get(name, otherwise) for name in names], float)


def maximum(x: np.ndarray, e: np.ndarray, w0: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """argmax_w sum_i e_i log sigmoid(w x_i) - sum_a (w - w0)_a^2 / (2 sd_a^2) and the covariance there. x: (n, A); e: (n,); w0, sd: (A,)."""
    w, precision = w0.copy(), 1 / sd**2

    def loss(w: np.ndarray) -> float:
        return float(e @ np.logaddexp(0, -x @ w) + precision @ (w - w0) ** 2 / 2)

    def curvature(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p = 1 / (1 + np.exp(-np.clip(x @ w, -50, 50)))
        return p, (x * (e * p * (1 - p))[:, None]).T @ x + np.diag(precision)

    for _ in range(NEWTON_STEPS):
        p, hessian = curvature(w)
        step = np.linalg.solve(hessian, x.T @ (e * (1 - p)) - (w - w0) * precision)
        if np.abs(step).max(initial=0) < 1e-9:
            break
        before = loss(w)
        while loss(w + step) > before and np.abs(step).max() > 1e-9:  # Newton's step can lead beyond the valley
            step = step / 2
        w = w + step
    return w, np.linalg.inv(curvature(w)[1])


def matrix(rows: Sequence[Row], names: Sequence[str]) -> np.ndarray:
    """(n, A) of the named attributes; what isn't among them is left out."""
    column = {name: i for i, name in enumerate(names)}
    x = np.zeros((len(rows), len(names)))
    for i, row in enumerate(rows):
        for name, value in row.x.items():
            if name in column:
                x[i, column[name]] = value
    return x


def _belief(name: str, weight: float, sd: float, rows: Sequence[Row], shares: np.ndarray) -> Belief:
    by_event: dict[str, float] = defaultdict(float)
    kinds = {}
    for i in np.flatnonzero(shares):
        by_event[rows[i].event] += float(shares[i])
        kinds[rows[i].event] = rows[i].kind
    grounds = speaking_for(by_event, weight)
    support = Counter(kinds[event] for event in grounds)
    return Belief(name, round(weight, 6), round(sd, 6), strongest(grounds), dict(support))


def speaking_for(shares: Mapping[str, float], weight: float) -> dict[str, float]:
    """Of the events' shares in a weight those of its sign that count; the greatest of its sign where none does."""
    same = {event: share for event, share in shares.items() if share * weight > 0}
    found = {event: share for event, share in same.items() if abs(share) >= LEAST_SHARE}
    return found or strongest(same, 1)


def strongest(evidence: Mapping[str, float], most: int = MAX_EVIDENCE) -> dict[str, float]:
    ordered = sorted(evidence.items(), key=lambda item: (-abs(item[1]), item[0]))
    return {event: round(share, 6) for event, share in ordered[:most]}
