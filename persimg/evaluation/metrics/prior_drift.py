"""Prior drift: does the bare class word now give the subject? PRES (Ruiz et al. 2022) less the same number of the base."""

from __future__ import annotations

from persimg.evaluation.metric import Material, NotMeasured, Values

TITLE = "Prior drift"
BETTER = "lower"
NEEDS = ("references", "class pictures")
PER_PROMPT = False


def measure(material: Material) -> Values:
    """A value a picture of the class word, paired by seed: mean cosine to the references, personalised less base."""
    references = material.reference_features
    if not material.class_pictures:
        raise NotMeasured("no pictures of the bare class word: not measured")
    own = material.backbone.images(material.class_pictures) @ references.T
    base = material.backbone.images(material.base_class_pictures) @ references.T
    return (own.mean(1) - base.mean(1)).tolist()
