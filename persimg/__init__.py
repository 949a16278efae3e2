"""persimg: personalized image generation. Everything below is imported when it is first used."""

from __future__ import annotations

import importlib
from typing import Any

from persimg.errors import UserError

_PUBLIC = {
    "load_base": "persimg.bases.loading",
    "train": "persimg.training.run",
    "Sampler": "persimg.sampling.sampler",
    "Safety": "persimg.sampling.safety",
    "evaluate": "persimg.evaluation.evaluate",
    "compare": "persimg.bench.compare",
    "Task": "persimg.sampling.task",
    "Concept": "persimg.concepts.concept",
    "Card": "persimg.concepts.concept",
    "load_concept": "persimg.concepts.store",
}
_NAMES = {"load_concept": "load"}
__all__ = ["UserError", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'persimg' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), _NAMES.get(name, name))
