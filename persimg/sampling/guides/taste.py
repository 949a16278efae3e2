"""Taste as a guide, the prompt untouched (ViPer, Salehi et al. 2024, arXiv:2407.17365), in two forms.

"states", as published: E(prompt) + beta (E(liked) - E(disliked)). The two lists are encoded as texts of their own; what they share, such
as the first token's large state, cancels. Pooled states stay the prompt's, as in the authors' release. The sum is position by position,
which is meaningful for CLIP's encoders alone.

"prediction", after the authors' release: the lists are denoised under on their own and pull the prediction (`predicted_taste.py`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Callable, Sequence

from persimg.bases.base import Base, Conditioning
from persimg.errors import UserError
from persimg.sampling.guides.predicted_taste import RELEASED, Pull
from persimg.sampling.task import GuideUse

CLIP_FAMILIES = ("sd", "sdxl")
FORMS = ("states", "prediction")


def steer(
    base: Base, encode: Callable[[str], Conditioning], cond: Conditioning, liked: Sequence[str] = (), disliked: Sequence[str] = (),
    beta: float = 0.5, form: str = "states", **strengths: float,
) -> Conditioning:  # fmt: skip
    """cond: one row; beta 0..1, 0 gives cond itself, and so does the form "prediction", which leaves the conditioning alone.

    UserError for an unknown form, and in the states for a family whose encoder isn't CLIP's.
    """
    if form not in FORMS:
        raise UserError(f"the guide taste has no form {form}", f"choose one of {', '.join(FORMS)}")
    if form == "prediction" or beta == 0 or not (liked or disliked):
        return cond
    if base.family not in CLIP_FAMILIES:
        raise UserError(f"taste can't steer the conditioning of {base.family}", "take its form prediction, or another rewriter, such as attributes")
    towards, away = (encode(", ".join(words)).tokens for words in (liked, disliked))
    return replace(cond, tokens=cond.tokens + beta * (towards - away))


def pull(guides: Sequence[GuideUse]) -> Pull | None:
    """What a task's guides ask of its predictions; None: nothing."""
    for use in guides:
        if use.name == "taste":
            return _pull(**json.loads(use.parameters))
    return None


def _pull(
    liked: Sequence[str] = (), disliked: Sequence[str] = (), beta: float = 0.5, form: str = "states", d_plus: float = RELEASED, d_minus: float = RELEASED
) -> Pull | None:
    """beta: the dial, 0..1, of d_plus and d_minus, which are those at 1. A list without a word pulls nowhere."""
    found = Pull(", ".join(liked), ", ".join(disliked), beta * d_plus * bool(liked), beta * d_minus * bool(disliked))
    return found if form == "prediction" and (found.d_plus or found.d_minus) else None
