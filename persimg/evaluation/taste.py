"""Whose taste pictures are scored by: a profile, handed in as a function, and pictures that somebody liked and disliked.

Those two folders stand in for ViPer's language model that looks at pictures (Salehi et al. 2024, arXiv:2407.17365): it is shown about eight
of each and says + or - of another one. Here a kernel on a CLIP's features does,

    sigma(t (mean of the nearest cosines to liked ones - mean of the nearest cosines to disliked ones)),

t fitted to what the kernel says of pairs that it wasn't shown. The nearest of forty are nearer than those of four, whatever they show: both
means are what a random draw of equally many from each folder would have on average. Where left-out pairs aren't told apart better than
under labels that were dealt at random, no score means anything: the area under their curve and that p go with it. A taste score is no
probability of liking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import comb
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
SHUFFLES = 1000
SHOWN = 0.025
"""largest p, one-sided"""
Z = 1.96
"""of a 95 % interval"""
SAME = 1 - 1e-4
"""a cosine from which on two pictures are one"""
PROFILE, PICTURES = "a profile", "liked pictures"
"""needs of metrics"""


@dataclass(frozen=True)
class Liking:
    """The fitted kernel. liked (n, D), disliked (m, D): features of length 1, each picture once; t: its sharpness; auc: the share of pairs
    of a liked and a disliked picture, both left out, that it orders right, ties half; lo, hi: its 95 % interval; p: how often labels dealt
    at random do as well; doubles: pictures that were there twice, or liked and disliked, and are left out.
    """

    liked: np.ndarray
    disliked: np.ndarray
    t: float
    auc: float
    lo: float
    hi: float
    p: float
    doubles: int = 0

    def scores(self, features: np.ndarray) -> list[float]:
        """(N, D) → N scores in 0..1, the same in whatever order the pictures were given. One of the pictures shown is compared with the others."""
        size = _pool(len(self.liked), len(self.disliked))
        nearness = [_nearest(_without_itself(features @ shown.T), size) for shown in (self.liked, self.disliked)]
        return [float(v) for v in _sigma(self.t * (nearness[0] - nearness[1]))]

    def among(self, features: np.ndarray) -> int:
        """How many of (N, D) are themselves among the pictures shown."""
        return int((features @ np.concatenate([self.liked, self.disliked]).T >= SAME).any(1).sum())

    @property
    def is_shown(self) -> bool:
        """Does it tell liked from disliked pictures at all?"""
        return self.p <= SHOWN


def fitted(liked: np.ndarray, disliked: np.ndarray, seed: int = 0) -> Liking:
    """liked (n, D), disliked (m, D): features of length 1; seed: of the labels dealt. UserError for too few of either."""
    given, (liked, disliked) = len(liked) + len(disliked), _once(liked, disliked)
    n, m = len(liked), len(disliked)
    doubles = given - n - m
    if min(n, m) < LEAST:
        less = f" without the {doubles} that are there twice" if doubles else ""
        raise UserError(f"{n} liked and {m} disliked pictures{less} are too few", f"give {LEAST} of each or more; eight are usual")
    everything = np.concatenate([liked, disliked])
    cosines, rng = everything @ everything.T, np.random.default_rng(seed)
    leads = _left_out(cosines, n)
    auc = _right(*leads)
    dealt = (rng.permutation(n + m) for _ in range(SHUFFLES))
    as_good = sum(_right(*_left_out(cosines[np.ix_(order, order)], n)) >= auc - 1e-9 for order in dealt)
    return Liking(liked, disliked, _sharpness(*leads), auc, *_wilson(auc, min(n, m)), (as_good + 1) / (SHUFFLES + 1), doubles)


def _once(liked: np.ndarray, disliked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each picture once, and none that is both: a copy left out would be its own nearest."""
    both = liked @ disliked.T >= SAME

    def kept(features: np.ndarray, is_both: np.ndarray) -> np.ndarray:
        return features[~is_both & ~np.tril(features @ features.T >= SAME, -1).any(1)]

    return kept(liked, both.any(1)), kept(disliked, both.any(0))


def _wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's interval (1927), as though each picture of the smaller folder were one trial: pairs that share a picture aren't independent."""
    scale, middle = 1 + Z**2 / count, share + Z**2 / (2 * count)
    half = Z * (share * (1 - share) / count + Z**2 / (4 * count**2)) ** 0.5
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def _right(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(((ours > theirs) + (ours == theirs) / 2).mean())


def _left_out(cosines: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """cosines: of n liked, then m disliked pictures with each other → (n, m) leads of the liked and of the disliked picture of every pair,
    neither among those that it is compared with."""
    across = cosines[:n, n:]
    size = _pool(n, across.shape[1])
    own, own_other = (_nearest(_off_diagonal(c), size) for c in (cosines[:n, :n], cosines[n:, n:]))
    return own[:, None] - _nearest_but_one(across, size), _nearest_but_one(across.T, size).T - own_other[None]


def _pool(n: int, m: int) -> int:
    """How many of each folder one picture is compared with: as many of both, and also beside one left out."""
    return min(n, m) - 1


def _off_diagonal(square: np.ndarray) -> np.ndarray:
    """(n, n) → (n, n - 1)."""
    n = len(square)
    return square[~np.eye(n, dtype=bool)].reshape(n, n - 1)


def _without_itself(cosines: np.ndarray) -> np.ndarray:
    """(N, R), the nearest of a row NaN where it is the picture itself."""
    found = cosines.copy()
    rows = np.flatnonzero(found.max(1) >= SAME)
    found[rows, found[rows].argmax(1)] = np.nan
    return found


def _nearest(cosines: np.ndarray, size: int) -> np.ndarray:
    """(N, R) → (N,) expected mean of the largest few of `size` drawn at random; a row may lack some, NaN."""
    ordered, found = -np.sort(-cosines, 1), np.empty(len(cosines))
    counts = (~np.isnan(ordered)).sum(1)
    for count in set(counts.tolist()):
        rows = counts == count
        found[rows] = ordered[rows, :count] @ _shares(count, size)
    return found


def _nearest_but_one(cosines: np.ndarray, size: int) -> np.ndarray:
    """(N, R) → (N, R) what `_nearest` says of each row without its entry j."""
    shares, order = _shares(cosines.shape[1] - 1, size), np.argsort(-cosines, 1)
    ordered = np.take_along_axis(cosines, order, 1)
    above = np.cumsum(ordered * np.append(shares, 0), 1) - ordered * np.append(shares, 0)
    below = np.cumsum((ordered * np.insert(shares, 0, 0))[:, ::-1], 1)[:, ::-1] - ordered * np.insert(shares, 0, 0)
    found = np.empty_like(cosines)
    np.put_along_axis(found, order, above + below, 1)
    return found


@lru_cache(maxsize=64)
def _shares(count: int, size: int) -> np.ndarray:
    """(count,) what each of `count` cosines, the largest first, has on average in the mean of the largest few of `size` drawn of them."""
    few = min(NEAREST, size)
    odds = [sum(comb(rank, above) * comb(count - 1 - rank, size - 1 - above) for above in range(few)) for rank in range(count)]
    return np.array([chosen / comb(count, size) for chosen in odds]) / few


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

    def record(self, scored: Sequence[np.ndarray] = ()) -> dict[str, Any]:
        """As scores.json has it: of whom, and how far pictures tell. scored: features (N, D) of the pictures of each row that is scored."""
        found: dict[str, Any] = {"user": self.user, "revision": self.revision} if self.score else {}
        if kernel := self.liking:
            shown = {name: round(getattr(kernel, name), 4) for name in ("auc", "lo", "hi", "p", "t")}
            counts = {"liked": len(kernel.liked), "disliked": len(kernel.disliked), "doubles": kernel.doubles, "among": sum(map(kernel.among, scored))}
            found["by_pictures"] = {**counts, **shown, "shown": kernel.is_shown}
        return found


def told(record: dict[str, Any]) -> list[str]:
    """What a reader must know of the taste in scores.json."""
    lines = [f"Taste is {record['user']}'s, read off the pictures; 0 is no opinion."] if record.get("user") else []
    if found := record.get("by_pictures"):
        known = "" if found["shown"] else ", which is not shown to be better than chance: its scores mean nothing"
        lines.append(
            f"Taste by pictures orders {found['auc']:.2f} [{found['lo']:.2f}, {found['hi']:.2f}] of left-out pairs right (p {found['p']:.3f}, {SHOWN} is needed), "
            f"of {found['liked']} liked and {found['disliked']} disliked pictures{known}."
        )  # fmt: skip
        if found["doubles"]:
            lines.append(f"Left out of the liked and disliked pictures: {found['doubles']} that are there twice, or are both.")
        if found["among"]:
            lines.append(f"Compared with the others alone: {found['among']} of the scored pictures that are among the liked or disliked ones themselves.")
    return lines
