"""Texts as vectors, by a CLIP: what past prompts are searched with where words alone don't do."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Sequence

import numpy as np

if TYPE_CHECKING:
    from persimg.evaluation.backbones import Backbone

MOST_KNOWN = 16_384
"""vectors kept in memory"""


class Encoder:
    """texts → (N, D) vectors of length 1. Loaded when it is first needed; what it was shown once it knows by heart."""

    def __init__(self, name: str):
        self.name = name
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known |= zip(new, self._backbone.texts(new).numpy())
        return np.stack([self._known[text] for text in texts])

    @cached_property
    def _backbone(self) -> Backbone:
        from persimg.evaluation.backbones import load_backbone

        return load_backbone(self.name)


@lru_cache(maxsize=2)
def encoder(name: str = "mini") -> Encoder:
    """Of a CLIP by the name that the evaluation takes. UserError for what can't be one; loads nothing yet."""
    from persimg.evaluation.backbones import check_backbone_name

    check_backbone_name(name, "--clip")
    return Encoder(name)
