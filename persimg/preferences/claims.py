"""What may be said of a belief: a fact where the evidence carries it, else a guess."""

from __future__ import annotations

import math
from typing import Any

from persimg.preferences.lexicon import Lexicon
from persimg.preferences.naming import called
from persimg.preferences.profile import HIGH, LOW, MUTED, PINNED, TONE, Belief, Profile

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
    return {
        "attribute": belief.attribute, "name": called(belief.attribute, table), "claim": claim(belief), "weight": belief.weight,
        "sd": belief.sd, "sure": round(sure(belief), 3), "status": belief.status, "why": because(belief),
        "support": dict(belief.support), "evidence": dict(belief.evidence),
    }  # fmt: skip


REASONS = {
    "statement": "you said so", "edit": "you set it so", "comment": "you said so of {n} picture{s}", "like": "you liked {n} picture{s} with it",
    "keep": "you kept {n} picture{s} with it", "choice": "you chose {n} picture{s} with it", HIGH: "you rated {n} picture{s} with it high",
    LOW: "you rated {n} picture{s} without it low", "prompt": "{n} of your past prompts asked for it", "dislike": "you disliked {n} picture{s} without it", "delete": "you deleted {n} picture{s} without it",
    TONE: "you praised pictures with it or blamed ones without ({n} in all)",
}  # fmt: skip
"""kind of event → what it says for a liking; what the user said comes first, what is only concluded last"""
AGAINST = {
    "comment": "you said so of {n} picture{s}", "dislike": "you disliked {n} picture{s} with it", "delete": "you deleted {n} picture{s} with it",
    "prompt": "{n} of your past prompts asked for something else", "choice": "you passed over {n} picture{s} with it", LOW: "you rated {n} picture{s} with it low",
    HIGH: "you rated {n} picture{s} without it high", "like": "you liked {n} picture{s} without it",
    "keep": "you kept {n} picture{s} without it", TONE: "you blamed pictures with it or praised ones without ({n} in all)",
}  # fmt: skip


def because(belief: Belief) -> str:
    """One clause a kind of event that speaks for the belief, and one where most users share it."""
    table = REASONS if belief.weight > 0 else {**REASONS, **AGAINST}
    parts = [table[kind].format(n=n, s="" if n == 1 else "s") for kind in REASONS if (n := belief.support.get(kind))]
    shared = belief.common is not None and belief.common * belief.weight > 0
    return ", ".join([*parts, *([f"users {'like' if belief.weight > 0 else 'dislike'} it on average"] if shared else [])])
