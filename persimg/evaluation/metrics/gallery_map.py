"""Gallery rank, mean average precision: how far up a same-class gallery do this subject's references stand?"""

from __future__ import annotations

import torch

from persimg.evaluation.metric import Material, Values
from persimg.evaluation.metrics.gallery_top1 import ranked

TITLE = "Gallery mAP"
BETTER = "higher"
NEEDS = ("references", "distractors")


def measure(material: Material) -> Values:
    """Average precision in 0..1 a picture."""
    hits = ranked(material).float()
    precision = hits.cumsum(1) / torch.arange(1, hits.shape[1] + 1)
    return ((precision * hits).sum(1) / hits.sum(1)).tolist()
