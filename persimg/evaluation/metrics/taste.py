"""Taste: what a picture's attributes, read from its pixels, are worth to a user's profile; 0 where it has no opinion of them."""

from __future__ import annotations

from persimg.evaluation.metric import Material, NotMeasured, Values

TITLE = "Taste"
BETTER = "higher"
NEEDS = ("a profile",)


def measure(material: Material) -> Values:
    """Log-odds a picture, each belief as far as it is sure; no probability of liking."""
    if not material.taste or not material.taste.score:
        raise NotMeasured("no profile that knows something: not measured")
    # the embedded CLIP sees its drawn world in photographs too, whatever their captions say
    is_known = material.embedded or material.backbone.name != "mini"
    return list(material.taste.score(material.pictures, material.backbone if is_known else None))
