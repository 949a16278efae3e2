"""Captions to learn with: the templates of Gal et al. 2022 (arXiv:2208.01618), or none."""

from __future__ import annotations

from persimg.mini.world.words import OBJECT_TEMPLATES, STYLE_TEMPLATES

PERSON_TEMPLATES = (
    "a photo of the face of {} person", "a portrait of {} person", "a photo of {} person", "a close-up photo of {} person",
    "a picture of the face of {} person", "a good photo of {} person", "the face of {} person", "a bright photo of {} person",
    "a cropped photo of the face of {} person", "a photo of a nice {} person",
)  # fmt: skip
"""Around "face of <id> person", as the released code of Yuan et al. 2023 (arXiv:2306.00926) has them; the words are ours."""
NAME_TEMPLATES = ("a photo of {}", "a picture of {}", "a portrait of {}", "an image of {}", "a drawing of {}")
"""As the drawn world speaks of people whom it has names for; "person" is a word that its captions don't have."""
TEMPLATES: dict[str, tuple[str, ...]] = {
    "object": OBJECT_TEMPLATES, "style": STYLE_TEMPLATES, "person": PERSON_TEMPLATES, "name": NAME_TEMPLATES, "none": ("a photo of {}",), "dreambooth": ("a {}",),
}  # fmt: skip
