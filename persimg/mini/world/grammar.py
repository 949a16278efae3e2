"""The phrases that prompts are made of, and what each means."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from persimg.mini.world import words as w
from persimg.mini.world.face import HAIR_WORDS
from persimg.mini.world.figures import EXPRESSIONS, NOUNS, names

SINGLE_WORDS = {
    "style": {word: word for word in ("outline", "pastel", "flat", "ink", "pixel", "watercolor", "neon")},
    "time": {"night": "night", "sunset": "sunset", "morning": "morning", "evening": "sunset", "moonlight": "night"},
    "weather": {"rain": "rain", "rainy": "rain", "snowfall": "snowfall", "fog": "fog", "foggy": "fog", "misty": "fog"},
    "mood": {"gloomy": "dark", "cheerful": "cheerful", "vivid": "cheerful", "muted": "muted", "confetti": "cheerful"},
    "framing": {},
    "place": {name: name for name in w.PLACES},
}
"""slot → word → name: short prompts name a slot by one word, "cat beach pastel" """
SURFACES = ("photo", "painting", "picture", "rendering")
"""what a template calls dark or bright"""

TRAITS = {
    "age": ("old", "young"), "hair_length": ("bald", "short", "long"), "hair_curl": ("straight", "curly"),
    "freckles": ("freckles",), "beard": ("beard",), "make_up": ("makeup",),
}  # fmt: skip
"""trait of a person → words that say it by themselves"""


class Item(NamedTuple):
    """A word or a phrase of a prompt and what it means; slot "word": nothing by itself."""

    slot: str
    name: str


@cache
def phrases() -> dict[str, list[tuple[tuple[str, ...], Item]]]:
    """First word → phrases with their meaning, the longest first."""
    tables = {**w.SLOTS, "pattern": w.PATTERNS, "pose": w.POSES, "relation": w.RELATIONS, "expression": EXPRESSIONS}
    pairs = [(phrase, Item(slot, name)) for slot, table in tables.items() for name, phrases in table.items() for phrase in phrases]
    pairs += [(f"{light} {surface}", Item("mood", light)) for light in ("dark", "bright") for surface in SURFACES]
    pairs += [(word, Item("kind", kind)) for kind, others in w.KINDS.items() for word in (kind, *others)]
    pairs += [(word, Item("noun", noun)) for noun, others in NOUNS.items() for word in (noun, *others)]
    pairs += [(word, Item("colour", word)) for word in w.COLOURS] + [(word, Item("colour", meant)) for word, meant in w.COLOUR_SYNONYMS.items()]
    pairs += [(word, Item("accessory", word)) for word in w.ACCESSORIES] + [(word, Item("hair_colour", word)) for word in HAIR_WORDS if word not in w.COLOURS]
    pairs += [(" ".join(name), Item("name", str(number))) for name, number in names().items()]
    pairs += [("person", Item("noun", ""))]
    pairs += [(word, Item(trait, word)) for trait, ws in TRAITS.items() for word in ws]
    found: dict[str, list[tuple[tuple[str, ...], Item]]] = {}
    for phrase, item in sorted(pairs, key=lambda pair: -len(pair[0].split())):
        if phrase != "and":
            found.setdefault(phrase.split()[0], []).append((tuple(phrase.split()), item))
    return found
