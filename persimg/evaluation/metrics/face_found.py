"""Faces found: is there a face for everybody whom the prompt names?"""

from __future__ import annotations

from persimg.evaluation.metric import Material, Values

TITLE = "Faces found"
BETTER = "higher"
NEEDS = ("references", "a person")


def measure(material: Material) -> Values:
    """1 or 0 a picture."""
    return [float(len(found.face) == len(found.cosines)) for found in material.seen]
