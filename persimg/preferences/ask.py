"""Which pictures to show a new user, so that a few answers tell the most.

Questions are chosen on the estimator's posterior over the attributes' weights, by samples of it. For a choice among several: expected
information gain, H(E p) - E H(p) (Houlsby et al. 2011, arXiv:1112.5745), or the expected utility of the best of the set, which is
within a constant of the best query too and never shows what nobody likes (Viappiani & Boutilier 2010). For a comment, which names
what strikes the user: the variance of what the picture has and isn't known yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Sequence

import numpy as np

from persimg.errors import UserError
from persimg.preferences.estimate import PRIOR_SD, Posterior

SAMPLES = 256
CRITERIA = ("information", "utility")
SWAPS = 2
"""rounds in which each picture of a set may be changed for a better one"""
TEMPERATURE = 1.0


@dataclass(frozen=True)
class Question:
    """kind: "comment" on one picture or "choice" among several; shown: indices in the pool; worth: of the criterion."""

    kind: str
    shown: tuple[int, ...]
    worth: float


def samples(posterior: Posterior, names: Sequence[str], rng: np.random.Generator, count: int = SAMPLES) -> np.ndarray:
    """(count, A) weights of the named attributes; those that the posterior doesn't have come from the prior."""
    column = {name: i for i, name in enumerate(posterior.names)}
    drawn = rng.normal(0.0, PRIOR_SD, (count, len(names)))
    known = [i for i, name in enumerate(names) if name in column]
    where = [column[names[i]] for i in known]
    if known:
        covariance = posterior.covariance[np.ix_(where, where)]
        drawn[:, known] = rng.multivariate_normal(posterior.mean[where], covariance, count, method="cholesky")
    return drawn


def features(pool: Sequence[Mapping[str, float]]) -> tuple[np.ndarray, list[str]]:
    """(N, A) confidences of the pool's pictures, and the attributes' names."""
    names = sorted({name for picture in pool for name in picture})
    column = {name: i for i, name in enumerate(names)}
    found = np.zeros((len(pool), len(names)))
    for i, picture in enumerate(pool):
        for name, value in picture.items():
            found[i, column[name]] = value
    return found, names


def information(utilities: np.ndarray) -> float:
    """Bits that the answer is expected to give. utilities: (S, k) of k pictures under S samples."""
    p = np.exp((utilities - utilities.max(1, keepdims=True)) / TEMPERATURE)
    p /= p.sum(1, keepdims=True)
    return float(entropy(p.mean(0)) - entropy(p).mean())


def entropy(p: np.ndarray) -> np.ndarray:
    """Bits, over the last axis."""
    return -(p * np.log2(np.maximum(p, 1e-300))).sum(-1)


def utility(utilities: np.ndarray) -> float:
    """Expected utility of what the user would take. utilities: (S, k)."""
    return float(utilities.max(1).mean())


def next_choice(
    pool: Sequence[Mapping[str, float]], posterior: Posterior, rng: np.random.Generator, size: int = 4, criterion: str = "information",
    seen: frozenset[int] = frozenset(),
) -> Question:  # fmt: skip
    """A set of `size` pictures of the pool, built greedily, then improved by exchange. seen: indices not to be shown again.

    Raises UserError for an unknown criterion or a pool that is too small.
    """
    if criterion not in CRITERIA:
        raise UserError(f"there is no criterion {criterion}", f"choose one of {', '.join(CRITERIA)}")
    free = [i for i in range(len(pool)) if i not in seen]
    if len(free) < size:
        raise UserError(f"{len(free)} pictures are left to choose from, {size} are to be shown", "give more pictures")
    phi, names = features(pool)
    u = samples(posterior, names, rng) @ phi.T
    worth = information if criterion == "information" else utility
    chosen = [max(free, key=lambda i: u[:, i].std())] if criterion == "information" else [max(free, key=lambda i: u[:, i].mean())]
    while len(chosen) < size:
        chosen.append(max((i for i in free if i not in chosen), key=lambda i: worth(u[:, [*chosen, i]])))
    chosen = _exchanged(chosen, free, u, worth)
    return Question("choice", tuple(chosen), worth(u[:, chosen]))


def _exchanged(chosen: list[int], free: Sequence[int], u: np.ndarray, worth) -> list[int]:
    for _ in range(SWAPS):
        before = list(chosen)
        for slot in range(len(chosen)):
            others = [i for k, i in enumerate(chosen) if k != slot]
            chosen[slot] = max((i for i in free if i not in others), key=lambda i: worth(u[:, [*others, i]]))
        if chosen == before:
            break
    return chosen


def next_comment(
    pool: Sequence[Mapping[str, float]], posterior: Posterior, seen: frozenset[int] = frozenset()
) -> Question:  # fmt: skip
    """The picture with the most variance in what it has: a comment names an attribute or two of it, liked or not."""
    free = [i for i in range(len(pool)) if i not in seen]
    if not free:
        raise UserError("no picture is left to ask about", "give more pictures")
    variance = dict(zip(posterior.names, np.diag(posterior.covariance)))
    worth = {i: sum(v * v * variance.get(name, PRIOR_SD**2) for name, v in pool[i].items()) for i in free}
    best = max(free, key=lambda i: (worth[i], -i))
    return Question("comment", (best,), float(worth[best]))
