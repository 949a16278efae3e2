"""Diversity: how far apart are pictures of one prompt under different seeds? (DIV of Ruiz et al. 2022, in the backbone's cosine.)"""

from __future__ import annotations

from persimg.evaluation.metric import Material, NotMeasured, Values

TITLE = "Diversity"
BETTER = ""
NEEDS = ("prompts", "several seeds")


def measure(material: Material) -> Values:
    """Mean cosine distance in 0..2 to the other pictures of the prompt; None for a prompt with one picture."""
    texts = material.texts
    distance = 1 - material.features @ material.features.T
    groups = [[j for j, other in enumerate(texts) if other == text and j != i] for i, text in enumerate(texts)]
    if not any(groups):
        raise NotMeasured("one seed a prompt: not measured")
    return [float(distance[i, others].mean()) if others else None for i, others in enumerate(groups)]
