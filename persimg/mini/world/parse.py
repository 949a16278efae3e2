"""From a prompt back to what it says: metrics and truth pictures rest on it."""

from __future__ import annotations

import re
from functools import cache

from persimg.errors import UserError
from persimg.mini.world import words as w
from persimg.mini.world.caption import words
from persimg.mini.world.grammar import LEADS, NEGATIONS, OTHER_NOUNS, PICTURES, Item, phrases, short, typed_words
from persimg.mini.world.scene import PartialScene
from persimg.mini.world.subjects import SURROUNDINGS, SubjectReader
from persimg.mini.world.vocabulary import VOCABULARY

NUMBERED = re.compile(r"<?(character|face|style):(\d+)>?")
MAX_SUBJECTS = 2
COMMA = Item("word", ",")
NOUN_SLOTS = ("kind", "kinds", "noun", "nouns", "name", "face", "accessory", "freckles", "beard", "make_up")
"""of phrases that end with a noun, so that a denial ends with them"""


@cache
def _known() -> frozenset[str]:
    return (frozenset(VOCABULARY) | typed_words()) - frozenset(w.RARE_WORDS)


def parse(prompt: str) -> PartialScene:
    """What a prompt says of the drawn world; what it leaves open is None.

    Understands every caption of this package, its synonyms and templates, short prompts, the names of people, and
    character:N or face:N as a subject, style:N as a style. A plural is two of a kind, a girl a young woman. What the world
    has no drawing of, such as a table, a red tail, cat ears or a black and white photo, says nothing, nor does what is denied.
    A phrase goes before a single word for a slot of the picture, then the first one counts. Raises UserError for a word
    that the world doesn't know, no subject, more than two, two accessories of one subject, a number that doesn't exist, and
    for a kind directly before another subject, where "dog house" or "cat dog" leaves open whether that is one thing or two.
    """
    items = _affirmed(_subjects_apart(_items(_tokens(prompt)), prompt))
    shortened = [short(item) for item in items]
    slots: dict[str, str] = {}
    for item in items + shortened:
        if item.slot in w.SLOTS:
            slots.setdefault(item.slot, item.name)
    reader = SubjectReader(item for item in shortened if item.slot not in w.SLOTS or item.slot in SURROUNDINGS)
    if not 1 <= len(reader.subjects) <= MAX_SUBJECTS:
        raise UserError(
            f"{prompt!r} names {len(reader.subjects)} subjects", f"name one or two of {', '.join(w.KINDS)}, a person, character:N or face:N"
        )
    return PartialScene(reader.subjects, relation=reader.relation, **slots)


def _tokens(prompt: str) -> list[str]:
    """Words, character:N and the like, and commas."""
    tokens = []
    for word in prompt.lower().replace(",", " , ").split():
        match = NUMBERED.fullmatch(word)
        tokens += [_numbered(match[1], int(match[2]))] if match else words(word) or [","]
    unknown = [t for t in tokens if t not in _known() and ":" not in t and t != ","]
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
    """Words and phrases with their meaning, in order."""
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


# --- what the prompt doesn't say is there -----------------------------------------------------------------------------


def _affirmed(items: list[Item]) -> list[Item]:
    """Without what a negation denies; a comma stands in its place, so that what it parted stays apart."""
    found, i = [], 0
    while i < len(items):
        if items[i].slot == "word" and items[i].name in NEGATIONS:
            i = _behind_denied(items, i + 1)
            found.append(COMMA)
        else:
            found.append(items[i])
            i += 1
    return found


def _behind_denied(items: list[Item], i: int) -> int:
    """Where a denial that begins at i ends: behind its noun, or behind its adjectives where no noun follows them."""
    described = False
    for at in range(i, len(items)):
        item = items[at]
        if _is_noun(item):
            return at + 1
        if item.slot == "relation" or (item.slot == "word" and item.name in LEADS):
            if described:
                return at
        elif item.slot == "word" and item.name in (",", "and", *NEGATIONS):
            if not _of_two_colours(items, at):
                return at
        else:
            described = True
    return len(items)


def _is_noun(item: Item) -> bool:
    """Does a noun phrase end with it? A phrase of the picture, such as "in the snow", ends with its own."""
    return item.slot in NOUN_SLOTS or item.slot in w.SLOTS or (item.slot == "word" and item.name in (*OTHER_NOUNS, "hair", "eyes"))


def _of_two_colours(items: list[Item], at: int) -> bool:
    """Is this the "and" of "black and white"?"""
    return items[at].name == "and" and [item.slot for item in items[at - 1 : at + 2 : 2]] == ["colour", "colour"]


def _subjects_apart(items: list[Item], prompt: str) -> list[Item]:
    """Without what is part of another noun, as the cat of "cat ears". UserError where that can't be told."""
    found = []
    for item, behind in zip(items, [*items[1:], COMMA]):
        is_kind = item.slot == "kind" and item.name in w.KINDS
        if is_kind and _is_unnamed(behind):
            raise UserError(
                f"{prompt!r} names {item.name} and {behind.name or 'person'} with nothing between them, which can be one thing or two",
                'put "and" or a comma between two subjects; of one thing that is both the world has no drawing',
            )
        if not (is_kind and behind.slot == "word" and behind.name in OTHER_NOUNS - PICTURES):
            found.append(item)
    return found


def _is_unnamed(item: Item) -> bool:
    """Is it a kind or a person without a name? character:N is a name."""
    return item.slot in ("noun", "nouns") or (item.slot in ("kind", "kinds") and item.name in w.KINDS)
