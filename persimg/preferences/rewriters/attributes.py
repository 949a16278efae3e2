"""Liked attributes behind the prompt, disliked ones in the negative prompt.

After ViPer (Salehi et al. 2024, arXiv:2407.17365), prompt level. What the published system has a language model extract from
comments is estimated here (persimg.preferences.estimate), so every attribute has a weight and evidence. The same two lists steer
the conditioning itself where `taste` is handed to the sampler as a guide (persimg.sampling.guides.taste).
"""

from __future__ import annotations

from persimg.preferences.claims import because
from persimg.preferences.compose import Candidate, certainty, composed
from persimg.preferences.profile import Profile
from persimg.preferences.rewriter import Rewrite, Target


def rewrite(prompt: str, profile: Profile, strength: float = 1.0, target: Target = Target()) -> Rewrite:
    """The prompt with what the profile likes, however it came to be known."""
    return composed(prompt, candidates(profile), profile, strength, target)


def candidates(profile: Profile) -> list[Candidate]:
    """What is liked and rests on at least one event of this user, or on a population that the profile begins at."""
    found = [b for b in profile.liked() if b.evidence or b.common is not None]
    return [Candidate(b.attribute, certainty(b), b.weight, because(b), tuple(b.evidence)) for b in found]
