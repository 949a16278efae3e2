"""CLIP-I: cosine of a picture to the held-out references, all pairs, mean over references (Ruiz et al. 2022, section 4.1)."""

from __future__ import annotations

from torch import Tensor

from persimg.evaluation.metric import Material, NotMeasured, Values

TITLE = "CLIP-I"
BETTER = "higher"
NEEDS = ("references",)


def measure(material: Material) -> Values:
    """Mean cosine in [-1, 1] a picture; a reference isn't compared with itself."""
    return mean_cosines(material.features @ material.reference_features.T, material.leave_one_out)


def mean_cosines(similarity: Tensor, leave_one_out: bool) -> Values:
    """(N, R) cosines → their mean over references, a value a picture; leave_one_out: the pictures are the references."""
    if not leave_one_out:
        return similarity.mean(1).tolist()
    if len(similarity) < 2:
        raise NotMeasured("one reference alone has no ceiling")
    return ((similarity.sum(1) - similarity.diagonal()) / (len(similarity) - 1)).tolist()
