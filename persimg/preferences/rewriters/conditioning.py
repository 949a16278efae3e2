"""Taste in the conditioning, the prompt untouched: ViPer's embedding level (Salehi et al. 2024, arXiv:2407.17365).

What `attributes` would write into the prompt and the negative prompt becomes the guide `taste` of the sampler, with strength as
its dial. Nothing competes for the prompt's tokens, and no word of it is outvoted.
"""

from __future__ import annotations

from persimg.preferences.profile import Profile
from persimg.preferences.rewriter import Rewrite, Target
from persimg.preferences.rewriters import attributes


def rewrite(prompt: str, profile: Profile, strength: float = 1.0, target: Target = Target()) -> Rewrite:
    """The prompt itself, and a guide. Which attributes take part doesn't depend on strength, unless it is 0."""
    if strength == 0:
        return attributes.rewrite(prompt, profile, strength, target)
    full = attributes.rewrite(prompt, profile, 1.0, target)
    liked, disliked = ([change.text for change in full.changes if change.negated is negated] for negated in (False, True))
    guides = {"taste": {"liked": liked, "disliked": disliked, "beta": strength}} if full.changes else {}
    return Rewrite(prompt, prompt, "", full.changes, full.dropped, guides, full.trace)
