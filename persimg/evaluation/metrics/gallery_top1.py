"""Gallery rank, top-1: is the nearest picture of a gallery of same-class subjects one of this subject?

Chance is known and a common offset of all similarities changes nothing, so that class and colour alone don't win
(the idea of Finer-Personalization Rank, arXiv:2512.19026).
"""

from __future__ import annotations

import torch
from torch import Tensor

from persimg.evaluation.metric import Material, NotMeasured, Values

TITLE = "Gallery top-1"
BETTER = "higher"
NEEDS = ("references", "distractors")


def ranked(material: Material) -> Tensor:
    """(N, G) bool: for each picture the gallery from nearest to farthest, true where it shows the subject."""
    own = material.reference_features
    if not material.distractors:
        raise NotMeasured("no pictures of other subjects of the class: not measured")
    others = material.backbone.images([p for pictures in material.distractors.values() for p in pictures])
    similarity = material.features @ torch.cat([own, others]).T
    if material.leave_one_out:
        if len(own) < 2:
            raise NotMeasured("one reference alone has no ceiling")
        similarity[range(len(own)), range(len(own))] = -2  # a reference doesn't find itself: last, and taken off below
    mine = torch.arange(similarity.shape[1]) < len(own)
    order = similarity.argsort(dim=1, descending=True, stable=True)
    return mine[order][:, : -1 if material.leave_one_out else None]


def measure(material: Material) -> Values:
    """1 or 0 a picture."""
    return ranked(material)[:, 0].float().tolist()
