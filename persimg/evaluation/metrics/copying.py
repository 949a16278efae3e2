"""Copying rate: is a picture nearer to a training picture than 99 % of the held-out references are?"""

from __future__ import annotations

from persimg.evaluation.metric import Material, Values

TITLE = "Copying"
BETTER = "lower"
NEEDS = ("references", "training")
QUANTILE = 0.99


def measure(material: Material) -> Values:
    """1 or 0 a picture."""
    usual = (material.reference_features @ material.training_features.T).amax(1).quantile(QUANTILE)
    return ((material.features @ material.training_features.T).amax(1) > usual).float().tolist()
