"""The words of taste: what pictures can be like, beside what they show.

The table is `lexicon.yaml`. No living artist's name and no trait of a person is in it; entries marked sensitive are never inferred,
only used when the user states them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Mapping

PATH = Path(__file__).parent / "lexicon.yaml"


@dataclass(frozen=True)
class Category:
    """A side of pictures that attributes are values of, such as lighting.

    words: what people call it ("the colours"); is_exclusive: a picture has one of its values; is_content: what is shown rather than
    how, which past prompts alone say nothing about; templates: sentences for a CLIP, with {} for an attribute's name.
    """

    name: str
    words: tuple[str, ...]
    is_exclusive: bool
    is_content: bool
    templates: tuple[str, ...]


@dataclass(frozen=True)
class Attribute:
    """One value, such as "golden hour".

    id: "lighting.golden_hour"; names: how people call it, the first is shown to them; phrases: what is added to a prompt, the
    first that the base knows; instead: phrases of something wider, for a base that knows none of these; negative: the same for negative
    prompts; opposites: ids; order: place in the table, the order of
    phrases in a prompt; is_fault: who names it without more complains of it.
    """

    id: str
    category: str
    names: tuple[str, ...]
    phrases: tuple[str, ...]
    negative: tuple[str, ...]
    opposites: tuple[str, ...]
    is_sensitive: bool
    order: int
    instead: tuple[str, ...] = ()
    is_fault: bool = False

    @property
    def name(self) -> str:
        return self.names[0]


@dataclass(frozen=True)
class Lexicon:
    """version: changes when the table's meaning does, part of a profile's revision."""

    version: str
    categories: Mapping[str, Category]
    attributes: Mapping[str, Attribute]

    def conflicts(self, first: str, second: str) -> bool:
        """Can a picture not have both?"""
        a, b = self.attributes[first], self.attributes[second]
        return second in a.opposites or (first != second and a.category == b.category and self.categories[a.category].is_exclusive)


@cache
def lexicon() -> Lexicon:
    """The table, read once."""
    import yaml

    table = yaml.load(PATH.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    categories = {name: _category(name, entry) for name, entry in table["categories"].items()}
    attributes: dict[str, Attribute] = {}
    for name, entry in table["categories"].items():
        for key, value in entry["attributes"].items():
            attributes[f"{name}.{key}"] = _attribute(f"{name}.{key}", value or {}, len(attributes))
    return Lexicon(str(table["version"]), categories, _symmetric(attributes))


def _symmetric(attributes: dict[str, Attribute]) -> dict[str, Attribute]:
    """Of two opposites each names the other, whichever says so in the table."""
    named: dict[str, set[str]] = {id: set(attribute.opposites) for id, attribute in attributes.items()}
    for id, attribute in attributes.items():
        for opposite in attribute.opposites:
            named[opposite].add(id)
    return {id: replace(a, opposites=tuple(sorted(named[id], key=lambda o: attributes[o].order))) for id, a in attributes.items()}


def _category(name: str, entry: Mapping[str, Any]) -> Category:
    words = tuple(entry.get("words", (name,)))
    return Category(name, words, entry.get("exclusive", False), entry.get("content", False), tuple(entry["templates"]))


def _attribute(id: str, entry: Mapping[str, Any], order: int) -> Attribute:
    """Names default to the key in words, phrases and negative to the first name."""
    category, key = id.split(".")
    names = tuple(entry.get("names", (key.replace("_", " "),)))
    phrases = tuple(entry.get("phrases", names[:1]))
    opposites = tuple(o if "." in o else f"{category}.{o}" for o in entry.get("opposites", ()))
    return Attribute(id, category, names, phrases, tuple(entry.get("negative", phrases)), opposites, entry.get("sensitive", False), order,
                     tuple(entry.get("instead", ())), entry.get("fault", False))  # fmt: skip
