"""Captions to learn with: the templates of Gal et al. 2022 (arXiv:2208.01618), or none."""

from __future__ import annotations

from persimg.mini.world.words import OBJECT_TEMPLATES, STYLE_TEMPLATES

TEMPLATES: dict[str, tuple[str, ...]] = {"object": OBJECT_TEMPLATES, "style": STYLE_TEMPLATES, "none": ("a photo of {}",), "dreambooth": ("a {}",)}
