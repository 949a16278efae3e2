"""Both recognised: of two people whom the prompt names, each has a face of their own that is verified."""

from __future__ import annotations

from persimg.evaluation.metric import Material, Values

TITLE = "Both recognised"
BETTER = "higher"
NEEDS = ("references", "a person", "two people")


def measure(material: Material) -> Values:
    """1 or 0 a picture of two people, None for others."""
    return material.of_pairs(lambda index, found: float(found.are_both_recognised))
