"""Taste in the conditioning, the prompt untouched: ViPer's embedding level (Salehi et al. 2024, arXiv:2407.17365).

What `attributes` would write into the prompt and the negative prompt becomes the guide `taste` of the sampler, with strength as
its dial. Nothing competes for the prompt's tokens, and no word of it is outvoted.
"""

from __future__ import annotations

from persimg.preferences.compose import check_strength, composed
from persimg.preferences.profile import Profile
from persimg.preferences.rewriter import Rewrite, Target
from persimg.preferences.rewriters.attributes import candidates


def rewrite(prompt: str, profile: Profile, strength: float = 1.0, target: Target = Target()) -> Rewrite:
    """The prompt itself, and a guide that shifts its states."""
    return guided(prompt, profile, strength, target, "states")


def guided(prompt: str, profile: Profile, strength: float, target: Target, form: str) -> Rewrite:
    """The prompt itself, and the guide `taste` in one of its forms. Which attributes take part doesn't depend on strength, unless it is 0. Each of the two lists has
    the encoder's whole budget, however long the prompt is."""
    made = composed(prompt, candidates(profile), profile, 1.0 if check_strength(strength) else 0.0, target, is_apart=True)
    liked, disliked = ([change.text for change in made.changes if change.negated is negated] for negated in (False, True))
    # the default form is left out, so that tasks keep the ids that they had when there was no other
    parameters = {"liked": liked, "disliked": disliked, "beta": strength, **({} if form == "states" else {"form": form})}
    guides = {"taste": parameters} if made.changes else {}
    return Rewrite(prompt, prompt, "", made.changes, made.dropped, guides, made.trace)
