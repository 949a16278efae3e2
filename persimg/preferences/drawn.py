"""Which attributes of the lexicon the drawn world can draw: read off the phrases that its grammar knows, no table of its own."""

from __future__ import annotations

from functools import cache

from persimg.mini.world import words as w
from persimg.mini.world.grammar import SINGLE_WORDS, phrases
from persimg.preferences.attributes import of_prompt
from persimg.preferences.lexicon import lexicon

SLOTS: dict[str, tuple[str, ...]] = {
    **{slot: tuple(table) for slot, table in w.SLOTS.items()},
    "pattern": tuple(w.PATTERNS),
    "colour": tuple(w.COLOURS),
    "accessory": tuple(w.ACCESSORIES),
}
"""slot of the drawn world that is a matter of taste → its values"""


@cache
def drawn() -> dict[str, tuple[str, str]]:
    """Lexicon id → slot and value of what the drawn world draws for its phrase; several ids can mean one value, such as
    pastel colors and a pastel drawing. What the world knows no phrase of is missing.
    """
    values = meanings()
    found = {id: next((values[p] for p in (*attribute.phrases, *attribute.instead) if p in values), None) for id, attribute in lexicon().attributes.items()}
    return {id: value for id, value in found.items() if value}


@cache
def attribute_of(slot: str, value: str) -> str:
    """The one id that a value of SLOTS is: that of its first phrase in the drawn world."""
    table = {**w.SLOTS, "pattern": w.PATTERNS, "accessory": w.ACCESSORIES}.get(slot)
    (id,) = of_prompt(table[value][0] if table else value)
    return id


@cache
def meanings() -> dict[str, tuple[str, str]]:
    """Phrase → slot and value, of SLOTS."""
    found = {word: (slot, value) for slot, table in SINGLE_WORDS.items() for word, value in table.items()}
    found |= {" ".join(keys): (item.slot, item.name) for table in phrases().values() for keys, item in table if item.slot in SLOTS}
    found |= {phrase: ("accessory", value) for value, names in w.ACCESSORIES.items() for phrase in names}
    return found | {f"that is {colour}": ("colour", colour) for colour in w.COLOURS}
