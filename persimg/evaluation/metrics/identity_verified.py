"""Verified: is the subject's face nearer to the references than 99 % of different people are to each other?"""

from __future__ import annotations

from persimg.evaluation.metric import Material, Values

TITLE = "Verified"
BETTER = "higher"
NEEDS = ("references", "a person")


def measure(material: Material) -> Values:
    """1 or 0 a picture; 0 where no face is found."""
    return [float(found.is_recognised(0)) for found in material.seen]
