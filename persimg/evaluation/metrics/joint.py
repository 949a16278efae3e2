"""Joint: both people recognised and the place right, as the embedded reader sees it."""

from __future__ import annotations

from persimg.evaluation.metric import Material, NotMeasured, Values
from persimg.evaluation.metrics.slot_accuracy import answers
from persimg.mini.nets import load_reader
from persimg.mini.world.parse import parse

TITLE = "Both and the place"
BETTER = "higher"
NEEDS = ("references", "a person", "two people", "drawn prompts")


def measure(material: Material) -> Values:
    """1 or 0 a picture of two people, None for others; a prompt that names no place asks for none."""
    if not material.drawn:
        raise NotMeasured("prompts outside the drawn world: not measured")
    seen = answers(load_reader(), material.pictures)
    asked = [parse(text).place for text in material.texts]
    is_there = [place in (None, answer["place"]) for place, answer in zip(asked, seen)]
    return material.of_pairs(lambda index, found: float(is_there[index] and found.are_both_recognised))
