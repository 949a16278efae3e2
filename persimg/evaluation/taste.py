"""Whose taste pictures are scored by: a profile, handed in as a function, and pictures that somebody liked and disliked.

Those two folders stand in for ViPer's language model that looks at pictures (Salehi et al. 2024, arXiv:2407.17365): it is shown about eight
of each and says + or - of another one. Here a kernel on a CLIP's features does,

    sigma(t (mean of the nearest cosines to liked ones - mean of the nearest cosines to disliked ones)),

t fitted to what the kernel says of pairs that it wasn't shown. Where such pairs aren't told apart, no score of it means anything: the
area under the curve of the left-out pairs goes with it. A taste score is no probability of liking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Callable, Sequence

import numpy as np

from persimg.errors import UserError

if TYPE_CHECKING:
    from PIL import Image

    from persimg.evaluation.backbones import Backbone

NEAREST = 3
"""pictures of each kind that one is compared with"""
LEAST = 3
"""pictures of each kind, so that two are left beside one left out"""
SHARPEST = 100.0
"""of t"""
DRAWS = 2000
PROFILE, PICTURES = "a profile", "liked pictures"
"""needs of metrics"""


@dataclass(frozen=True)
class Liking:
    """The fitted kernel. liked (n, D), disliked (m, D): features of length 1; t: its sharpness; auc with its 95 % interval: the share of
    pairs of a liked and a disliked picture, both left out, that it orders right, ties half."""

    liked: np.ndarray
    disliked: np.ndarray
    t: float
    auc: float
    lo: float
    hi: float

    def scores(self, features: np.ndarray) -> list[float]:
        """(N, D) → N scores in 0..1, the same in whatever order the pictures were given."""
        leads = _nearest(features @ self.liked.T, self.count) - _nearest(features @ self.disliked.T, self.count)
        return [float(v) for v in _sigma(self.t * leads)]

    @property
    def count(self) -> int:
        return min(NEAREST, len(self.liked) - 1, len(self.disliked) - 1)

    @property
    def is_shown(self) -> bool:
        """Does it tell liked from disliked pictures at all?"""
        return self.lo > 0.5


def fitted(liked: np.ndarray, disliked: np.ndarray, seed: int = 0) -> Liking:
    """liked (n, D), disliked (m, D): features of length 1. UserError for too few of either."""
    if min(len(liked), len(disliked)) < LEAST:
        raise UserError(f"{len(liked)} liked and {len(disliked)} disliked pictures are too few", f"give {LEAST} of each or more; eight are usual")
    ours, theirs = _left_out(liked, disliked)
    right = (ours > theirs) + (ours == theirs) / 2
    rng = np.random.default_rng(seed)
    rows, columns = (rng.integers(0, n, (DRAWS, n)) for n in right.shape)
    drawn = [right[np.ix_(i, j)].mean() for i, j in zip(rows, columns)]
    lo, hi = np.quantile(drawn, [0.025, 0.975])
    return Liking(liked, disliked, _sharpness(ours, theirs), float(right.mean()), float(lo), float(hi))


def _left_out(liked: np.ndarray, disliked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, m) leads of the liked and of the disliked picture of every pair, neither among those that it is compared with.

    With one picture left out alone, its own kind would have one fewer to be near to.
    """
    count = min(NEAREST, len(liked) - 1, len(disliked) - 1)
    within, across, other = liked @ liked.T, liked @ disliked.T, disliked @ disliked.T
    n, m = across.shape
    own, own_other = (np.array([_nearest(np.delete(c[i], i)[None], count)[0] for i in range(len(c))]) for c in (within, other))
    far = np.array([[_nearest(np.delete(across[i], j)[None], count)[0] for j in range(m)] for i in range(n)])
    far_other = np.array([[_nearest(np.delete(across[:, j], i)[None], count)[0] for j in range(m)] for i in range(n)])
    return own[:, None] - far, far_other - own_other[None]


def _nearest(cosines: np.ndarray, count: int) -> np.ndarray:
    """(N, R) → (N,) mean of the largest."""
    return np.sort(cosines, 1)[:, -count:].mean(1)


def _sharpness(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The likeliest t of 0..SHARPEST for left-out pairs, with Platt's targets (1999): a few pictures that are all told apart make nothing
    certain, least of all of what is like none of them."""
    n, m = ours.shape
    liked, disliked = (n + 1) / (n + 2), 1 / (m + 2)
    grid = np.linspace(0, SHARPEST, 401)
    loss = [_doubt(t * ours, liked) + _doubt(t * theirs, disliked) for t in grid]
    return float(grid[int(np.argmin(loss))])


def _doubt(x: np.ndarray, target: float) -> float:
    """Mean cross entropy of sigma(x), (n, m), with a target."""
    return float((target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x)).mean())


def _sigma(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@dataclass(frozen=True)
class Taste:
    """What is known of one user, as metrics meet it.

    user, revision: of the profile; score: pictures and the CLIP that reads them, None: none does → what each is worth to the profile,
    None without a profile; liked, disliked: pictures; liking: fitted to these.
    """

    user: str = ""
    revision: str = ""
    score: Callable[[Sequence[Image.Image], Backbone | None], list[float]] | None = None
    liked: tuple[Image.Image, ...] = ()
    disliked: tuple[Image.Image, ...] = ()
    liking: Liking | None = None

    @property
    def needs(self) -> set[str]:
        """Which needs of metrics are met."""
        return ({PROFILE} if self.score else set()) | ({PICTURES} if self.liked and self.disliked else set())

    def seen_by(self, judge: Backbone) -> Taste:
        """With the kernel on this CLIP's features, where there are pictures. UserError for too few."""
        if PICTURES not in self.needs:
            return self
        return replace(self, liking=fitted(*(judge.images(pictures).numpy().astype(float) for pictures in (self.liked, self.disliked))))

    def record(self) -> dict[str, Any]:
        """As scores.json has it: of whom, and how far pictures tell."""
        found: dict[str, Any] = {"user": self.user, "revision": self.revision} if self.score else {}
        if self.liking:
            shown = {name: round(getattr(self.liking, name), 4) for name in ("auc", "lo", "hi", "t")}
            found["by_pictures"] = {"liked": len(self.liked), "disliked": len(self.disliked), **shown, "shown": self.liking.is_shown}
        return found


def told(record: dict[str, Any]) -> list[str]:
    """What a reader must know of the taste in scores.json."""
    lines = [f"Taste is {record['user']}'s, read off the pictures; 0 is no opinion."] if record.get("user") else []
    if found := record.get("by_pictures"):
        known = "" if found["shown"] else ", which is not shown to be better than chance: its scores mean nothing"
        lines.append(
            f"Taste by pictures orders {found['auc']:.2f} [{found['lo']:.2f}, {found['hi']:.2f}] of left-out pairs right, of {found['liked']} liked and "
            f"{found['disliked']} disliked pictures{known}."
        )  # fmt: skip
    return lines
