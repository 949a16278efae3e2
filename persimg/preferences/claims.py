"""What may be said of a belief: a fact where the evidence carries it, else a guess."""

from __future__ import annotations

import math
from typing import Any

from persimg.preferences.lexicon import Lexicon
from persimg.preferences.naming import called
from persimg.preferences.profile import MUTED, PINNED, Belief, Profile

LIKES, DISLIKES, MAY_LIKE, MAY_DISLIKE, NEVER_USED = "likes", "dislikes", "may like", "may dislike", "never used"


def claim(belief: Belief) -> str:
    """One of the five; "" for a belief that says nothing."""
    if belief.status == MUTED:
        return NEVER_USED
    if not belief.weight:
        return ""
    fact, guess = (LIKES, MAY_LIKE) if belief.weight > 0 else (DISLIKES, MAY_DISLIKE)
    return fact if belief.is_claimable else guess


def sure(belief: Belief) -> float:
    """Probability that the weight's sign is right."""
    return 1.0 if belief.status == PINNED else 0.5 + 0.5 * math.erf(abs(belief.z) / math.sqrt(2))


def by_strength(profile: Profile) -> list[Belief]:
    return sorted(profile.beliefs.values(), key=lambda b: (-abs(b.weight), b.attribute))


def belief_record(belief: Belief, table: Lexicon) -> dict[str, Any]:
    """For machines, with what people are told of it."""
    from persimg.preferences.compose import because

    return {
        "attribute": belief.attribute, "name": called(belief.attribute, table), "claim": claim(belief), "weight": belief.weight,
        "sd": belief.sd, "sure": round(sure(belief), 3), "status": belief.status, "why": because(belief),
        "support": dict(belief.support), "evidence": dict(belief.evidence),
    }  # fmt: skip
