"""Taste in what is predicted, the prompt untouched: the form of ViPer (Salehi et al. 2024, arXiv:2407.17365) that its authors released.

The two lists of `attributes` are denoised under on their own, at each step, and pull the prediction. It takes twice as long as `conditioning`;
on the embedded base it keeps more of the prompt and shows more of the taste.
"""

from __future__ import annotations

from persimg.preferences.profile import Profile
from persimg.preferences.rewriter import Rewrite, Target
from persimg.preferences.rewriters.conditioning import guided


def rewrite(prompt: str, profile: Profile, strength: float = 1.0, target: Target = Target()) -> Rewrite:
    """The prompt itself, and a guide that pulls the prediction; strength is its dial."""
    return guided(prompt, profile, strength, target, "prediction")
