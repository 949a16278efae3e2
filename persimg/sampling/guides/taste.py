"""Taste in the conditioning: E(prompt) + beta (E(liked) - E(disliked)), the prompt untouched (ViPer, Salehi et al. 2024, arXiv:2407.17365).

The two lists are encoded as texts of their own; what they share, such as the first token's large state, cancels. Pooled states stay
the prompt's, as in the authors' release. The sum is position by position, which is meaningful for CLIP's encoders alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Sequence

from persimg.bases.base import Base, Conditioning
from persimg.errors import UserError

CLIP_FAMILIES = ("sd", "sdxl")


def steer(
    base: Base, encode: Callable[[str], Conditioning], cond: Conditioning, liked: Sequence[str] = (), disliked: Sequence[str] = (), beta: float = 0.5
) -> Conditioning:
    """cond: one row; beta 0..1, 0 gives cond itself. UserError for a family whose encoder isn't CLIP's."""
    if beta == 0 or not (liked or disliked):
        return cond
    if base.family not in CLIP_FAMILIES:
        raise UserError(f"taste can't steer the conditioning of {base.family}", "take another rewriter, such as attributes")
    towards, away = (encode(", ".join(words)).tokens for words in (liked, disliked))
    return replace(cond, tokens=cond.tokens + beta * (towards - away))
