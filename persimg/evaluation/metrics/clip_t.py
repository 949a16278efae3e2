"""CLIP-T: cosine of picture and prompt, the class noun in place of the subject; raw cosine (times 2.5 elsewhere, times 100)."""

from __future__ import annotations

from persimg.evaluation.metric import Material, Values

TITLE = "CLIP-T"
BETTER = "higher"
NEEDS = ("prompts",)


def measure(material: Material) -> Values:
    """Cosine in [-1, 1] a picture."""
    texts = material.backbone.texts(material.texts)
    return (material.features * texts).sum(1).tolist()
