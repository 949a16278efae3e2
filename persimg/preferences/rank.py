"""Candidates ordered for one user by what their attributes are worth to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Callable, Mapping, Sequence

from persimg.preferences.profile import MUTED, Profile

if TYPE_CHECKING:
    from PIL import Image

    from persimg.evaluation.backbones import Backbone
    from persimg.evaluation.interval import Interval

LARGEST_P = 0.05
"""with which a group is told to be behind"""


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


def scorer(profile: Profile) -> Callable[[Sequence[Image.Image], Backbone | None], list[float]]:
    """Pictures and the CLIP that reads them, None: they are measured alone → their taste scores: by what they show, not by their prompt."""

    def scores(pictures: Sequence[Image.Image], backbone: Backbone | None) -> list[float]:
        from persimg.preferences.pictures import of_pictures

        return [taste_score(profile, found) for found in of_pictures(pictures, backbone)]

    return scores


@dataclass(frozen=True)
class RankedGroup:
    """Pictures of one concept on one base. index: of the group; scores: of its pictures; why: attribute → its mean share in them, the
    largest first; mean: with its interval over pictures; behind: what the first group's pictures score more, paired, None for the first;
    p: of that, corrected for all pairs of groups, since which is first was seen in the same pictures.
    """

    index: int
    scores: tuple[float, ...]
    why: Mapping[str, float]
    mean: Interval
    behind: Interval | None = None
    p: float | None = None

    @property
    def is_shown(self) -> bool:
        """Is it behind by more than chance?"""
        return self.behind is not None and self.behind.verdict == "shown" and self.p is not None and self.p <= LARGEST_P


def ranked_groups(profile: Profile, groups: Sequence[Sequence[Mapping[str, float]]]) -> list[RankedGroup]:
    """The best on average first; equal ones in the order given. groups: attributes of as many pictures each, of the same seeds in order."""
    from persimg.evaluation.student import mean_of

    found = []
    for index, pictures in enumerate(groups):
        scores = tuple(taste_score(profile, attributes) for attributes in pictures)
        total: dict[str, float] = {}
        for attribute, share in (entry for attributes in pictures for entry in shares(profile, attributes)):
            total[attribute] = total.get(attribute, 0.0) + share / len(pictures)
        why = dict(sorted(total.items(), key=lambda item: (-abs(item[1]), item[0])))
        found.append(RankedGroup(index, scores, why, mean_of(scores, "pictures")))
    return _compared(sorted(found, key=lambda group: (-group.mean.mean, group.index)))


def _compared(order: Sequence[RankedGroup]) -> list[RankedGroup]:
    """With how far each is behind the first, by seeds."""
    from persimg.evaluation.interval import holm
    from persimg.evaluation.student import mean_of

    pairs = [
        mean_of([ours - theirs for ours, theirs in zip(one.scores, other.scores, strict=True)], "pictures, paired by seed")
        for one, other in combinations(order, 2)
    ]
    adjusted = holm([1.0 if pair.p is None else pair.p for pair in pairs])
    # the first group's pairs are the first ones
    return [*order[:1], *(replace(group, behind=pair, p=p) for group, pair, p in zip(order[1:], pairs, adjusted))]
