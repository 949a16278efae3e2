"""From a prompt back to what it says: metrics and truth pictures rest on it."""

from __future__ import annotations

import re
from functools import cache

from persimg.errors import UserError
from persimg.mini.world.caption import words
from persimg.mini.world.scene import PartialScene, Subject
from persimg.mini.world.words import (
    ACCESSORIES,
    COLOUR_SYNONYMS,
    COLOURS,
    KINDS,
    PLACES,
    RARE_WORDS,
    STYLES,
    VOCABULARY,
)

CHARACTER = re.compile(r"<?character:(\d+)>?")
STYLE_WORDS = {"outline": "outline", "pastel": "pastel", "flat": "flat", "moonlight": "night"}
MAX_SUBJECTS = 2


@cache
def _known() -> frozenset[str]:
    return frozenset(VOCABULARY) - frozenset(RARE_WORDS)


@cache
def _kinds() -> dict[str, str]:
    return {word: kind for kind, others in KINDS.items() for word in (kind, *others)}


@cache
def _phrases() -> list[tuple[tuple[str, ...], str, str]]:
    """(words, slot, name), the longest first."""
    found = []
    for slot, table in (("place", PLACES), ("style", STYLES)):
        found += [(tuple(words(phrase)), slot, name) for name, phrases in table.items() for phrase in phrases]
    return sorted(found, key=lambda entry: -len(entry[0]))


def parse(prompt: str) -> PartialScene:
    """What a prompt says of the drawn world; what it leaves open is None.

    Understands every caption of this package, its synonyms and templates, short prompts, and character:N as a subject.
    Raises UserError for a word that the world doesn't know, no subject, more than two, or no such character.
    """
    tokens = _tokens(prompt)
    slots: dict[str, str] = {}
    rest = _take_phrases(tokens, slots)
    return PartialScene(_subjects(rest, prompt), slots.get("place"), slots.get("style"))


def _tokens(prompt: str) -> list[str]:
    from persimg.mini.world.characters import CHARACTERS

    tokens = []
    for word in prompt.lower().replace(",", " ").split():
        match = CHARACTER.fullmatch(word)
        if match and int(match.group(1)) >= len(CHARACTERS):
            raise UserError(f"there is no character {match.group(1)}", f"choose 0 to {len(CHARACTERS) - 1}")
        tokens += [f"character:{int(match.group(1))}"] if match else words(word)
    unknown = [t for t in tokens if t not in _known() and not t.startswith("character:")]
    if unknown:
        raise UserError(f"the drawn world doesn't know the word {unknown[0]!r}", "persimg world words lists the words")
    return tokens


def _take_phrases(tokens: list[str], slots: dict[str, str]) -> list[str]:
    """Read places and styles; returns the other words."""
    rest, i = [], 0
    while i < len(tokens):
        for phrase, slot, name in _phrases():
            if tuple(tokens[i : i + len(phrase)]) == phrase and slot not in slots:
                slots[slot] = name
                i += len(phrase)
                break
        else:
            rest.append(tokens[i])
            i += 1
    _take_single_words(rest, slots)
    return rest


def _take_single_words(rest: list[str], slots: dict[str, str]) -> None:
    """Short prompts name a place or a style by one word: "cat beach pastel"."""
    for word in list(rest):
        if word in PLACES and "place" not in slots:
            slots["place"] = word
            rest.remove(word)
        elif word in STYLE_WORDS and "style" not in slots:
            slots["style"] = STYLE_WORDS[word]
            rest.remove(word)


def _subjects(tokens: list[str], prompt: str) -> tuple[Subject, ...]:
    """A colour belongs to the kind after it, or before it with "that is"; an accessory to the kind before it."""
    found: list[dict[str, str | None]] = []
    colour = None
    for i, word in enumerate(tokens):
        word = COLOUR_SYNONYMS.get(word, word)
        if word in COLOURS:
            if found and tokens[max(0, i - 2) : i] == ["that", "is"]:
                found[-1]["colour"] = word
            else:
                colour = word
        elif word in _kinds() or word.startswith("character:"):
            found.append({"kind": _kinds().get(word, word), "colour": colour, "accessory": None})
            colour = None
        elif word in ACCESSORIES and found:
            found[-1]["accessory"] = word
    if not 1 <= len(found) <= MAX_SUBJECTS:
        raise UserError(f"{prompt!r} names {len(found)} subjects", f"name one or two of {', '.join(KINDS)}, or character:N")
    return tuple(Subject(f["kind"], f["colour"], f["accessory"]) for f in found)  # type: ignore[arg-type]
