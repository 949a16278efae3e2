"""Candidates ordered for one user by what their attributes are worth to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Sequence

import numpy as np

from persimg.preferences.profile import MUTED, Profile


@dataclass(frozen=True)
class Ranked:
    """index: of the candidate; score: the taste score; why: attribute → its share in the score, the largest first."""

    index: int
    score: float
    why: Mapping[str, float]


def taste_score(profile: Profile, attributes: Mapping[str, float]) -> float:
    """sum_a w_a min(1, |z_a|) confidence_a: 0 for a picture that the profile has no opinion of. Not a probability of liking."""
    return sum(share for _, share in shares(profile, attributes))


def shares(profile: Profile, attributes: Mapping[str, float]) -> list[tuple[str, float]]:
    """What each attribute of a picture adds to its score, the largest first."""
    known = ((profile.beliefs[a], v) for a, v in attributes.items() if a in profile.beliefs and profile.beliefs[a].status != MUTED)
    found = [(b.attribute, b.weight * min(1.0, abs(b.z)) * v) for b, v in known]
    return sorted(found, key=lambda item: (-abs(item[1]), item[0]))


def ranked(profile: Profile, candidates: Sequence[Mapping[str, float]]) -> list[Ranked]:
    """The best first; equal ones in the order given. candidates: attribute → confidence, of pictures or of previews."""
    found = [Ranked(i, taste_score(profile, c), dict(shares(profile, c))) for i, c in enumerate(candidates)]
    return sorted(found, key=lambda r: (-r.score, r.index))


def auc(scores: Sequence[float], liked: Sequence[bool]) -> float | None:
    """Share of pairs of a liked and a disliked picture that the scores order right, ties half. None without both."""
    s, y = np.asarray(scores, float), np.asarray(liked, bool)
    if y.all() or not y.any():
        return None
    differences = s[y][:, None] - s[~y][None]
    return float((differences > 0).mean() + (differences == 0).mean() / 2)
