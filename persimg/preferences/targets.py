"""The text encoder that a prompt is rewritten for, by name or from a loaded base."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Hashable, Mapping, Sequence

from persimg import files
from persimg.concepts.prompts import PLACEHOLDER
from persimg.errors import UserError
from persimg.preferences.rewriter import Target

if TYPE_CHECKING:
    from persimg.bases.base import Base

SPECIAL = 2
"""tokens that begin and end a prompt"""
MINI_NEGATIVE = 2
"""phrases of a negative prompt for the embedded base: measured on train users, eight of them gain nothing over two and cost fidelity"""
WORDS = re.compile(r"[^\W\d_]+")
LEARNED = re.compile(r"<[^<>\s]+>\w*")
"""what a concept adds to a tokenizer: "<cat>", "<cat>_1", …"""
ONE = "a"
"""a word that is one token to every encoder"""


def of_base(base: Base) -> Target:
    """Of a loaded base; of several encoders the smallest budget and the largest count."""
    tokenizers = list(base.tokenizers.values())
    budget = min(tokenizer.model_max_length for tokenizer in tokenizers) - SPECIAL
    if base.word_level:
        return _of_words(budget, _counter(tokenizers), lambda words: not base.unknown_words(words))
    return Target(budget, _counter(tokenizers))


def of_name(name: str | None) -> Target:
    """Of a base that isn't loaded: None, "mini" or a folder with a pipeline's tokenizers, all that is read of it.

    Raises UserError for what has none, or damaged ones; hub ids are not looked up.
    """
    from persimg.bases.loading import is_word_level, locate

    if name is None:
        return Target()
    folder = locate(name) or Path(name)
    folders = [folder / part for part in ("tokenizer", "tokenizer_2") if (folder / part).is_dir()]
    if not folders:
        raise UserError(f"--base {name} has no tokenizer to read", "name mini or a pipeline's folder, or leave --base out")
    try:
        return _of_whole_words(folders[0]) if is_word_level(name) else _of_folders(folders)
    except UserError:
        raise
    except Exception as error:  # the libraries raise whatever the damage leads to
        raise UserError(f"the tokenizer of --base {name} can't be read ({type(error).__name__})", "restore the folder", 3) from error


def for_task(target: Target, expansions: Mapping[str, str], negative: str = "") -> Target:
    """The target of one task: what a <name> becomes is counted, and the user's own negative prompt with it.

    expansions: "<name>" → what its card says, in which every token that was learned is one to the encoder.
    """

    def count(text: str) -> int:
        return target.count(PLACEHOLDER.sub(lambda found: known.get(found.group(0), found.group(0)), text))

    known = {placeholder: LEARNED.sub(ONE, expansion) for placeholder, expansion in expansions.items()}
    return replace(target, count=count if known else target.count, negative=negative)


def _counter(tokenizers: Sequence[Any]) -> Callable[[str], int]:
    return lambda text: max(len(tokenizer(text, add_special_tokens=False).input_ids) for tokenizer in tokenizers)


def _of_folders(folders: Sequence[Path]) -> Target:
    from transformers import CLIPTokenizer

    tokenizers = [CLIPTokenizer.from_pretrained(folder) for folder in folders]
    return Target(min(t.model_max_length for t in tokenizers) - SPECIAL, _counter(tokenizers))


def _of_whole_words(folder: Path) -> Target:
    """Read without transformers, which takes longer to import than all else here."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    budget = files.read_json(folder / "tokenizer_config.json")["model_max_length"] - SPECIAL
    return _of_words(budget, count, lambda words: all(count(word) == 1 for word in WORDS.findall(words.lower())))


def _of_words(budget: int, count: Callable[[str], int], knows: Callable[[str], bool]) -> Target:
    """Bases of whole words are those of the drawn world, whose grammar says what has a meaning."""
    return Target(budget, count, knows, _is_drawn, _side, _means, MINI_NEGATIVE)


def _is_drawn(phrase: str) -> bool:
    """The grammar reads a pattern only before its subject, where nothing is added."""
    return _side(phrase) not in ("", "pattern")


def _side(phrase: str) -> str:
    """The slot of the drawn world that a phrase fills."""
    from persimg.preferences.drawn import meanings

    return meanings().get(phrase, ("",))[0]


def _means(phrase: str) -> Hashable:
    """What the drawn world draws for a phrase; the phrase itself where it draws nothing."""
    from persimg.preferences.drawn import meanings

    return meanings().get(phrase, phrase)
