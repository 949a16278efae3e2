"""Every word that the mini models know."""

from __future__ import annotations

from persimg.mini.world import words as w
from persimg.mini.world.figures import PERSON_WORDS


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in text.replace("{}", " ").replace(",", " ").replace("-", " ").split()}


def vocabulary() -> tuple[str, ...]:
    """Every word that a caption, a template or a description can contain, sorted; rare and spare words at the end."""
    tables = (*w.SLOTS.values(), w.PATTERNS, w.POSES, w.ACCESSORIES, w.RELATIONS)
    phrases = [p for table in tables for name, ps in table.items() for p in (name, *ps)]
    synonyms = [word for words in w.KINDS.values() for word in words]
    words = _words(*w.KINDS, *synonyms, *w.COLOURS, *w.COLOUR_SYNONYMS, *phrases, *w.FRAMES, *PERSON_WORDS)
    words |= _words(*w.OBJECT_TEMPLATES, *w.STYLE_TEMPLATES, w.PATTERN_WORDS, w.TYPED_WORDS)
    return (*sorted(words - set(w.RARE_WORDS)), *w.RARE_WORDS, *w.SPARE_WORDS)


VOCABULARY = vocabulary()
