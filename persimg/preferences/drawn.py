"""Which attributes of the lexicon the drawn world can draw: read off the phrases that its captions know, no table of its own."""

from __future__ import annotations

from functools import cache

from persimg.mini.world import words as w
from persimg.preferences.attributes import of_prompt
from persimg.preferences.lexicon import lexicon

TABLES = {"place": w.PLACES, "style": w.STYLES, "accessory": w.ACCESSORIES}
SLOTS: dict[str, tuple[str, ...]] = {**{slot: tuple(table) for slot, table in TABLES.items()}, "colour": tuple(w.COLOURS)}
"""slot of the drawn world that is a matter of taste → its values"""


@cache
def drawn() -> dict[str, tuple[str, str]]:
    """Lexicon id → slot and value of what the drawn world draws for its phrase; several ids can mean one value, such as
    pastel colors and a pastel drawing. What the world knows no phrase of is missing.
    """
    values = meanings()
    found = {id: next((values[p] for p in attribute.phrases if p in values), None) for id, attribute in lexicon().attributes.items()}
    return {id: value for id, value in found.items() if value}


@cache
def attribute_of(slot: str, value: str) -> str:
    """The one id that a value of SLOTS is: that of its first phrase in the drawn world."""
    (id,) = of_prompt(TABLES[slot][value][0] if slot in TABLES else value)
    return id


@cache
def meanings() -> dict[str, tuple[str, str]]:
    """Phrase → slot and value, of SLOTS."""
    found = {phrase: (slot, value) for slot, table in TABLES.items() for value, phrases in table.items() for phrase in (value, *phrases)}
    found |= {colour: ("colour", colour) for colour in w.COLOURS}
    return found | {f"that is {colour}": ("colour", colour) for colour in w.COLOURS}
