"""Every word that the mini models have a row for, and which of them captions say."""

from __future__ import annotations

from persimg.mini.world import words as w
from persimg.mini.world.figures import PERSON_WORDS

UNSAID = ("plain", "standing")
"""pattern and pose that captions don't mention"""


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in text.replace("{}", " ").replace(",", " ").replace("-", " ").split()}


def vocabulary() -> tuple[str, ...]:
    """Every word that a caption, a template or a description can contain or that people type, sorted; rare and spare words at the end.

    A word of no caption has a row in the embedding tables like any other, but no model was taught what it means.
    """
    tables = (*w.SLOTS.values(), w.PATTERNS, w.POSES, w.ACCESSORIES, w.RELATIONS)
    phrases = [p for table in tables for name, ps in table.items() for p in (name, *ps)]
    synonyms = [word for words in w.KINDS.values() for word in words]
    words = _words(*w.KINDS, *synonyms, *w.COLOURS, *w.COLOUR_SYNONYMS, *phrases, *w.FRAMES, *PERSON_WORDS)
    words |= _words(*w.OBJECT_TEMPLATES, *w.STYLE_TEMPLATES, w.PATTERN_WORDS, w.TYPED_WORDS)
    return (*sorted(words - set(w.RARE_WORDS)), *w.RARE_WORDS, *w.SPARE_WORDS)


def caption_words() -> frozenset[str]:
    """Those that captions of training scenes are made of."""
    tables = (*w.SLOTS.values(), w.PATTERNS, w.POSES, w.ACCESSORIES, w.RELATIONS)
    phrases = [p for table in tables for name, ps in table.items() if name not in UNSAID for p in ps]
    synonyms = [word for words in w.KINDS.values() for word in words]
    words = _words(*w.KINDS, *synonyms, *w.COLOURS, *w.COLOUR_SYNONYMS, *phrases, *w.FRAMES, *w.OBJECT_TEMPLATES, *PERSON_WORDS)
    return frozenset(words | {"portrait"})


VOCABULARY = vocabulary()
