"""Identity: cosine of the subject's face to the held-out references, by a recognizer that nothing is learned with; misses left out.

As published tables have it (Yuan et al. 2023, arXiv:2306.00926): read it beside the share of pictures in which a face is found.
"""

from __future__ import annotations

from persimg.evaluation.metric import Material, Values

TITLE = "Identity"
BETTER = "higher"
NEEDS = ("references", "a person")


def measure(material: Material) -> Values:
    """Cosine in [-1, 1] a picture to the mean of the references; None where no face is found."""
    return [found.subject for found in material.seen]
