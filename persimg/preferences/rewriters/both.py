"""History and attributes together, the default: beliefs about taste, and what past prompts like this one asked for.

score = tanh(w / 2) min(1, |z|) + 0.3 share surprise, where share is the sum over the past prompts i that ask for the attribute of
relevance_i valence_i, by the sum over all that were retrieved of relevance_i |valence_i| (1 where the picture was liked or kept, 0.3 where
it was only asked for, -1 where it was disliked or deleted), and surprise, 0..1, is how far that is above what prompts ask for in general.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Sequence

from persimg.preferences.compose import Candidate, composed
from persimg.preferences.profile import Profile
from persimg.preferences.retrieval import Hit
from persimg.preferences.rewriter import Rewrite, Target
from persimg.preferences.rewriters import attributes, history

FROM_HISTORY = 0.3


def rewrite(prompt: str, profile: Profile, strength: float = 1.0, target: Target = Target()) -> Rewrite:
    hits = history.retrieved(prompt, profile)
    return history.traced(composed(prompt, candidates(profile, hits), profile, strength, target), profile, hits)


def candidates(profile: Profile, hits: Sequence[Hit]) -> list[Candidate]:
    found = {c.attribute: c for c in attributes.candidates(profile)}
    for past in history.candidates(profile, hits):
        found[past.attribute] = merged(found.get(past.attribute), past)
    return list(found.values())


def merged(belief: Candidate | None, past: Candidate) -> Candidate:
    """Both reasons, both evidences."""
    bonus = FROM_HISTORY * past.score
    if belief is None:
        return replace(past, score=bonus)
    evidence = tuple(dict.fromkeys((*belief.evidence, *past.evidence)))
    return Candidate(belief.attribute, belief.score + bonus, belief.weight, f"{belief.why}, {past.why}", evidence)
