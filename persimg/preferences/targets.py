"""The text encoder that a prompt is rewritten for, by name or from a loaded base."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from persimg.errors import UserError
from persimg.preferences.rewriter import Target

if TYPE_CHECKING:
    from persimg.bases.base import Base

SPECIAL = 2
"""tokens that begin and end a prompt"""
MINI_NEGATIVE = 2
"""phrases of a negative prompt for the embedded base: measured on train users, eight of them gain nothing over two and cost fidelity"""
PIECES = re.compile(r"\w+|[^\w\s]")


def of_base(base: Base) -> Target:
    """Of a loaded base; of several encoders the smallest budget and the largest count."""
    tokenizers = list(base.tokenizers.values())
    budget = min(tokenizer.model_max_length for tokenizer in tokenizers) - SPECIAL
    if base.word_level:
        return Target(budget, _counter(tokenizers), lambda words: not base.unknown_words(words), _is_drawn, _side, MINI_NEGATIVE)
    return Target(budget, _counter(tokenizers))


def of_name(name: str | None) -> Target:
    """Of a base that isn't loaded: None, "mini" or a pipeline folder. Only a folder's tokenizers are read.

    Raises UserError for a folder without them; hub ids are not looked up.
    """
    if name is None:
        return Target()
    if name == "mini":
        return _mini()
    folders = [Path(name) / part for part in ("tokenizer", "tokenizer_2") if (Path(name) / part).is_dir()]
    if not folders:
        raise UserError(f"--base {name} has no tokenizer to read", "name mini or a pipeline's folder, or leave --base out")
    from transformers import CLIPTokenizer

    tokenizers = [CLIPTokenizer.from_pretrained(folder) for folder in folders]
    return Target(min(t.model_max_length for t in tokenizers) - SPECIAL, _counter(tokenizers))


def _counter(tokenizers: list) -> Callable[[str], int]:
    return lambda text: max(len(tokenizer(text, add_special_tokens=False).input_ids) for tokenizer in tokenizers)


def _mini() -> Target:
    """The embedded base reads whole words, so that its word list is enough."""
    import json

    from persimg import mini
    from persimg.mini.world.vocabulary import VOCABULARY

    config = json.loads((mini.path("base") / "tokenizer" / "tokenizer_config.json").read_text())
    known = frozenset(VOCABULARY)

    def count(text: str) -> int:
        return sum(1 if piece in known else len(piece) for piece in PIECES.findall(text.lower()))

    return Target(config["model_max_length"] - SPECIAL, count, lambda words: known.issuperset(re.findall(r"\w+", words.lower())), _is_drawn, _side, MINI_NEGATIVE)


def _is_drawn(phrase: str) -> bool:
    """Bases of whole words are those of the drawn world, whose grammar says what has a meaning; it reads a pattern only before its
    subject, where nothing is added."""
    return _side(phrase) not in ("", "pattern")


def _side(phrase: str) -> str:
    """The slot of the drawn world that a phrase fills."""
    from persimg.preferences.drawn import meanings

    return meanings().get(phrase, ("",))[0]
