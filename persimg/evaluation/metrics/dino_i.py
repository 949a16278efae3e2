"""DINO-I: cosine of a picture to the held-out references in a self-supervised encoder (Ruiz et al. 2022, section 4.1).

All pairs, mean over references, as CLIP-I. With the embedded encoder it is DINO-like: trained without labels on drawn
pictures, not DINO itself; scores of different encoders can't be compared.
"""

from __future__ import annotations

from persimg.evaluation.metric import Material, Values
from persimg.evaluation.metrics.clip_i import mean_cosines

TITLE = "DINO-I"
BETTER = "higher"


def measure(material: Material) -> Values:
    """Mean cosine in [-1, 1] a picture; a reference isn't compared with itself."""
    own, references = material.dino_features
    return mean_cosines(own @ references.T, material.leave_one_out)
