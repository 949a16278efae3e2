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

ARTICLES = frozenset("a an the my your his her its".split())
"""what begins another noun: no look said before it is of that one"""
NEGATIONS = ("no", "not", "without")
LEADS = ARTICLES | frozenset("with wearing holding in on at by of to from under over near like as is that who".split())
"""what stands between a negation and what it denies, as in "not in a forest" or "not wearing a hat" """
PICTURES = frozenset(
    "photo painting picture rendering rendition drawing illustration image cartoon portrait sketch comic poster print blueprint woodcut".split()
)
"""nouns of the picture itself: "a cat portrait" shows a cat"""
OTHER_NOUNS = PICTURES | frozenset(
    "face head body belly tail ears horn horns wings fins antenna mask socks star heart spots stripes patch ring rings wheels table book rug floor "
    "wall window street road sky water grass tree rock rocks sun moon clouds background shadow shadows dots lines leaves".split()
)
"""nouns of which the world draws no subject: a look before one is its own, and nobody else's"""

TYPED_KINDS = {"teddy bear": "bear"}
"""phrase → kind: what prompts call a kind and captions never do"""
YOUNG = {"girl": "woman", "boy": "man"}
"""noun of somebody young → noun"""
NUMBERS = {"two": 2, "three": 3}
IRREGULAR = {"man": "men", "woman": "women", "snowman": "snowmen", "cactus": "cacti", "person": "people"}
TYPED_PHRASES: dict[str, dict[str, str]] = {
    "pose": {"lying": "lying"}, "expression": {"smile": "smiling"}, "hair_colour": {"blonde": "blond"},
    "place": {"on the street": "city", "in the street": "city", "in a town": "city"},
}  # fmt: skip
"""slot → phrase → name: more of what prompts say and captions never do"""

TRAITS = {
    "age": ("old", "young"), "hair_length": ("bald", "short", "long"), "hair_curl": ("straight", "curly"),
    "freckles": ("freckles",), "beard": ("beard",), "make_up": ("makeup",),
}  # fmt: skip
"""trait of a person → words that say it by themselves"""


class Item(NamedTuple):
    """A word or a phrase of a prompt and what it means; slot "word": nothing by itself."""

    slot: str
    name: str


def short(item: Item) -> Item:
    """A word that names a slot of the picture by itself, as that slot; anything else as it is."""
    tables = SINGLE_WORDS.items() if item.slot == "word" else ()
    return next((Item(slot, table[item.name]) for slot, table in tables if item.name in table), item)


@cache
def phrases() -> dict[str, list[tuple[tuple[str, ...], Item]]]:
    """First word → phrases with their meaning, the longest first. Slots "kinds" and "nouns": more than one, in a plural."""
    tables = {**w.SLOTS, "pattern": w.PATTERNS, "pose": w.POSES, "relation": w.RELATIONS, "expression": EXPRESSIONS}
    pairs = [(phrase, Item(slot, name)) for slot, table in tables.items() for name, phrases in table.items() for phrase in phrases]
    pairs += [(f"{light} {surface}", Item("mood", light)) for light in ("dark", "bright") for surface in SURFACES]
    pairs += [(word, Item("kind", kind)) for kind, others in w.KINDS.items() for word in (kind, *others)]
    pairs += [(word, Item("noun", noun)) for noun, others in NOUNS.items() for word in (noun, *others)]
    pairs += [(word, Item("colour", word)) for word in w.COLOURS] + [(word, Item("colour", meant)) for word, meant in w.COLOUR_SYNONYMS.items()]
    pairs += [(word, Item("accessory", word)) for word in w.ACCESSORIES] + [(word, Item("hair_colour", word)) for word in HAIR_WORDS if word not in w.COLOURS]
    pairs += [(" ".join(name), Item("name", str(number))) for name, number in names().items()]
    pairs += [("person", Item("noun", ""))] + [(word, Item("noun", f"young {noun}")) for word, noun in YOUNG.items()]
    pairs += [(word, Item(trait, word)) for trait, ws in TRAITS.items() for word in ws]
    pairs += [(phrase, Item("kind", kind)) for phrase, kind in TYPED_KINDS.items()] + [(word, Item("number", str(n))) for word, n in NUMBERS.items()]
    pairs += [(phrase, Item(slot, name)) for slot, table in TYPED_PHRASES.items() for phrase, name in table.items()]
    pairs += [(plural(phrase), Item(f"{item.slot}s", item.name)) for phrase, item in pairs if item.slot in ("kind", "noun")]
    found: dict[str, list[tuple[tuple[str, ...], Item]]] = {}
    for phrase, item in sorted(pairs, key=lambda pair: -len(pair[0].split())):
        if phrase != "and":
            found.setdefault(phrase.split()[0], []).append((tuple(phrase.split()), item))
    return found


@cache
def typed_words() -> frozenset[str]:
    """Words of phrases, plurals for one, whether or not the mini models know them."""
    return frozenset(word for table in phrases().values() for phrase, _ in table for word in phrase)


def plural(noun: str) -> str:
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("ch", "sh", "s", "x")) else f"{noun}s"
