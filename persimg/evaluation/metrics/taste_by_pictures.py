"""Taste by pictures: is a picture nearer to liked than to disliked ones? A kernel on CLIP features, 0..1, 0.5 undecided; no probability."""

from __future__ import annotations

from persimg.evaluation.metric import Material, NotMeasured, Values

TITLE = "Taste by pictures"
BETTER = "higher"
NEEDS = ("liked pictures",)


def measure(material: Material) -> Values:
    """What stands in for the published system's language model (`evaluation/taste.py`)."""
    if not material.taste or not material.taste.liking:
        raise NotMeasured("no liked and disliked pictures: not measured")
    return list(material.taste.liking.scores(material.features.numpy()))
