"""Taste as a guide, the prompt untouched (ViPer, Salehi et al. 2024, arXiv:2407.17365), in two forms.

"states", as published: E(prompt) + beta (E(liked) - E(disliked)). The two lists are encoded as texts of their own; what they share, such
as the first token's large state, cancels. Pooled states stay the prompt's, as in the authors' release. The sum is position by position,
which is meaningful for CLIP's encoders alone.

"prediction", after the authors' release: the lists are denoised under on their own and pull the prediction (`predicted_taste.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import Any, Callable, Mapping, Sequence

from persimg.bases.base import Base, Conditioning
from persimg.errors import UserError
from persimg.sampling.guides.predicted_taste import RELEASED, Pull
from persimg.sampling.task import GuideUse

CLIP_FAMILIES = ("sd", "sdxl")
FORMS = ("states", "prediction")


@dataclass(frozen=True)
class Asked:
    """The guide's parameters. beta: the dial, 0..1, in the prediction of d_plus and d_minus, which are those at 1."""

    liked: Sequence[str] = ()
    disliked: Sequence[str] = ()
    beta: float = 0.5
    form: str = "states"
    d_plus: float = RELEASED
    d_minus: float = RELEASED

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise UserError(f"the guide taste has no form {self.form}", f"choose one of {', '.join(FORMS)}")
        for name in ("liked", "disliked"):
            words = getattr(self, name)
            if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) for word in words):
                raise UserError(f"{name} of the guide taste is {words!r}", "give a list of texts")
        for name in ("beta", "d_plus", "d_minus"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
                raise UserError(f"{name} of the guide taste is {value!r}", "give a number")


def _asked(parameters: Mapping[str, Any]) -> Asked:
    known = [f.name for f in fields(Asked)]
    for name in parameters:
        if name not in known:
            raise UserError(f"the guide taste has no parameter {name}", f"choose from {', '.join(known)}")
    return Asked(**parameters)


def steer(base: Base, encode: Callable[[str], Conditioning], cond: Conditioning, **parameters: Any) -> Conditioning:
    """cond: one row; parameters: of Asked. beta 0 gives cond itself, and so does the form "prediction", which leaves the conditioning alone.

    UserError for parameters that there aren't, and in the states for a family whose encoder isn't CLIP's.
    """
    asked = _asked(parameters)
    if asked.form == "prediction" or asked.beta == 0 or not (asked.liked or asked.disliked):
        return cond
    if base.family not in CLIP_FAMILIES:
        raise UserError(f"taste can't steer the conditioning of {base.family}", "take its form prediction, or another rewriter, such as attributes")
    towards, away = (encode(", ".join(words)).tokens for words in (asked.liked, asked.disliked))
    return replace(cond, tokens=cond.tokens + asked.beta * (towards - away))


def pull(guides: Sequence[GuideUse]) -> Pull | None:
    """What a task's guides ask of its predictions; None: nothing. UserError for parameters that there aren't."""
    for use in guides:
        if use.name == "taste":
            return _pull(_asked(json.loads(use.parameters)))
    return None


def _pull(asked: Asked) -> Pull | None:
    """A list without a word pulls nowhere."""
    strengths = asked.beta * asked.d_plus * bool(asked.liked), asked.beta * asked.d_minus * bool(asked.disliked)
    return Pull(", ".join(asked.liked), ", ".join(asked.disliked), *strengths) if asked.form == "prediction" and any(strengths) else None
