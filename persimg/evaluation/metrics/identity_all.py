"""Identity with misses: the same cosine, and 0 where no face is found."""

from __future__ import annotations

from persimg.evaluation.metric import Material, Values

TITLE = "Identity, misses 0"
BETTER = "higher"
NEEDS = ("references", "a person")


def measure(material: Material) -> Values:
    """Cosine in [-1, 1] a picture to the mean of the references."""
    return [found.subject or 0.0 for found in material.seen]
