"""From a prompt back to what it says: metrics and truth pictures rest on it."""

from __future__ import annotations

import re
from functools import cache

from persimg.errors import UserError
from persimg.mini.world import words as w
from persimg.mini.world.caption import words
from persimg.mini.world.grammar import SINGLE_WORDS, Item, phrases, typed_words
from persimg.mini.world.scene import PartialScene
from persimg.mini.world.subjects import SubjectReader
from persimg.mini.world.vocabulary import VOCABULARY

NUMBERED = re.compile(r"<?(character|face|style):(\d+)>?")
MAX_SUBJECTS = 2


@cache
def _known() -> frozenset[str]:
    return (frozenset(VOCABULARY) | typed_words()) - frozenset(w.RARE_WORDS)


def parse(prompt: str) -> PartialScene:
    """What a prompt says of the drawn world; what it leaves open is None.

    Understands every caption of this package, its synonyms and templates, short prompts, the names of people, and
    character:N or face:N as a subject, style:N as a style. A plural is two of a kind, a girl a young woman. What the world
    has no drawing of, such as a table, a red tail or a black and white photo, says nothing. Raises UserError for a word
    that the world doesn't know, no subject, more than two, two accessories of one subject, or a number that doesn't exist.
    """
    slots: dict[str, str] = {}
    rest = []
    for item in _items(_tokens(prompt)):
        if item.slot in w.SLOTS and item.slot not in slots:
            slots[item.slot] = item.name
        else:
            rest.append(item)
    rest = [item for item in rest if not _single_word(item, slots)]
    reader = SubjectReader(rest)
    if not 1 <= len(reader.subjects) <= MAX_SUBJECTS:
        raise UserError(
            f"{prompt!r} names {len(reader.subjects)} subjects", f"name one or two of {', '.join(w.KINDS)}, a person, character:N or face:N"
        )
    return PartialScene(reader.subjects, relation=reader.relation, **slots)


def _single_word(item: Item, slots: dict[str, str]) -> bool:
    for slot, table in SINGLE_WORDS.items():
        if item.slot == "word" and item.name in table and slot not in slots:
            slots[slot] = table[item.name]
            return True
    return False


def _tokens(prompt: str) -> list[str]:
    tokens = []
    for word in prompt.lower().replace(",", " ").split():
        match = NUMBERED.fullmatch(word)
        tokens += [_numbered(match[1], int(match[2]))] if match else words(word)
    unknown = [t for t in tokens if t not in _known() and ":" not in t]
    unknown += [t for t in tokens if ":" in t and not NUMBERED.fullmatch(t)]
    if unknown:
        raise UserError(f"the drawn world doesn't know the word {unknown[0]!r}", "persimg world words lists the words")
    return tokens


def _numbered(what: str, number: int) -> str:
    from persimg.mini.world.characters import CHARACTERS
    from persimg.mini.world.people import HELD_OUT_FACES
    from persimg.mini.world.styles import HELD_OUT

    count = {"character": len(CHARACTERS), "face": len(HELD_OUT_FACES), "style": len(HELD_OUT)}[what]
    if number >= count:
        raise UserError(f"there is no {what} {number}", f"choose 0 to {count - 1}")
    return f"{what}:{number}"


def _items(tokens: list[str]) -> list[Item]:
    """Words and phrases with their meaning, in order; a slot that has been named takes no second phrase."""
    found, i = [], 0
    while i < len(tokens):
        length, item = _item_at(tokens, i)
        found.append(item)
        i += length
    return found


def _item_at(tokens: list[str], i: int) -> tuple[int, Item]:
    token = tokens[i]
    if ":" in token:
        return 1, Item("style" if token.startswith("style:") else "kind" if token.startswith("character:") else "face", token)
    for phrase, item in phrases().get(token, ()):
        if tuple(tokens[i : i + len(phrase)]) == phrase:
            return len(phrase), item
    return 1, Item("word", token)
