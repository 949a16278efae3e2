"""Copy index: cosine to the nearest picture that was learned from."""

from __future__ import annotations

from persimg.evaluation.metric import Material, Values

TITLE = "Copy index"
BETTER = "lower"
NEEDS = ("training",)


def measure(material: Material) -> Values:
    """Cosine in [-1, 1] a picture."""
    return (material.features @ material.training_features.T).amax(1).tolist()
