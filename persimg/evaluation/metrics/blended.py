"""Blended: of two people whom the prompt names, one face counts as both."""

from __future__ import annotations

from persimg.evaluation.metric import Material, Values

TITLE = "Blended"
BETTER = "lower"
NEEDS = ("references", "a person", "two people")


def measure(material: Material) -> Values:
    """1 or 0 a picture of two people, None for others."""
    return material.of_pairs(lambda index, found: float(found.is_blended))
