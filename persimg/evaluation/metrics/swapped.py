"""Swapped: both people are there, on each other's side; of prompts that say who stands left of whom."""

from __future__ import annotations

from persimg.evaluation.metric import Material, NotMeasured, Values
from persimg.mini.world.parse import parse

TITLE = "Swapped"
BETTER = "lower"
NEEDS = ("references", "a person", "two people", "drawn prompts")
SIDES = {"left of": True, "right of": False}
"""relation → whether the subject is the left one"""


def measure(material: Material) -> Values:
    """1 or 0 a picture of two people whose sides the prompt says, None for others; 0 where they aren't both recognised."""
    if not material.drawn:
        raise NotMeasured("prompts outside the drawn world: not measured")
    sides = [SIDES.get(parse(text).relation or "") for text in material.texts]
    values = material.of_pairs(lambda index, found: float(found.are_both_recognised and found.is_subject_left != sides[index]))
    return [value if side is not None else None for value, side in zip(values, sides)]
