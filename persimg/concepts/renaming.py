"""A concept under another name: its card, and the rows that are called after it."""

from __future__ import annotations

import dataclasses
from typing import Any

from persimg.concepts.concept import Concept
from persimg.concepts.prompts import check_name


def renamed(concept: Concept, name: str) -> Concept:
    """The same weights under another name; the digest changes where rows of the tokenizer bear the name."""
    check_name(name)
    card = concept.card
    spaces = {kind: _config(config, card.placeholder, f"<{name}>") for kind, config in card.spaces.items()}
    expansion = card.expansion.replace(card.placeholder, f"<{name}>")
    return Concept(dataclasses.replace(card, name=name, expansion=expansion, spaces=spaces), concept.weights)


def _config(config: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return config | {"placeholder": new} if config.get("placeholder") == old else config
