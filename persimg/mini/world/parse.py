"""From a prompt back to what it says: metrics and truth pictures rest on it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from persimg.errors import UserError
from persimg.mini.world import words as w
from persimg.mini.world.caption import words
from persimg.mini.world.face import HAIR_WORDS
from persimg.mini.world.figures import Figure, figure, look_of
from persimg.mini.world.grammar import SINGLE_WORDS, TRAITS, Item, phrases
from persimg.mini.world.scene import PartialScene, Subject
from persimg.mini.world.vocabulary import VOCABULARY

NUMBERED = re.compile(r"<?(character|face|style):(\d+)>?")
MAX_SUBJECTS = 2


@cache
def _known() -> frozenset[str]:
    return frozenset(VOCABULARY) - frozenset(w.RARE_WORDS)


def parse(prompt: str) -> PartialScene:
    """What a prompt says of the drawn world; what it leaves open is None.

    Understands every caption of this package, its synonyms and templates, short prompts, the names of people, and
    character:N or face:N as a subject, style:N as a style. Raises UserError for a word that the world doesn't know, no
    subject, more than two, or a number that doesn't exist.
    """
    slots: dict[str, str] = {}
    rest = []
    for item in _items(_tokens(prompt)):
        if item.slot in ("relation", *w.SLOTS) and item.slot not in slots:
            slots[item.slot] = item.name
        else:
            rest.append(item)
    rest = [item for item in rest if not _single_word(item, slots)]
    return PartialScene(_subjects(rest, prompt), **slots)


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


# --- subjects ---------------------------------------------------------------------------------------------------------


class _Reader:
    """Reads subjects from left to right: what stands before a subject waits for it, what follows goes to the last one."""

    def __init__(self) -> None:
        self.found: list[Subject] = []
        self.waiting: dict[str, str] = {}
        self.before: list[Item] = []

    def read(self, item: Item) -> None:
        action = getattr(self, f"_{item.slot}", None)
        if action:
            action(item.name)
        elif item.slot in TRAITS:
            self._trait(item.slot, item.name)
        elif item.slot == "word" and item.name in ("hair", "eyes"):
            self._hair_or_eyes(item.name)
        self.before.append(item)

    @property
    def _last_is_person(self) -> bool:
        return bool(self.found) and self.found[-1].person is not None

    def _kind(self, name: str) -> None:
        get = self.waiting.get
        self.found.append(Subject(name, get("colour"), None, get("pattern"), get("second"), None))
        self.waiting = {}

    def _noun(self, name: str) -> None:
        self._person(Figure(None, name or None, None))

    def _name(self, number: str) -> None:
        self._person(figure(f"person:{number}"))

    def _face(self, token: str) -> None:
        self._person(figure(token))

    def _person(self, who: Figure) -> None:
        self.found.append(Subject("person", None, None, None, None, None, who))
        waiting, self.waiting = self.waiting, {}
        for trait in ("age", "hair_length", "expression"):
            if trait in waiting and (trait != "hair_length" or waiting[trait] == "bald"):
                self._say(trait, waiting[trait])

    def _say(self, trait: str, word: str) -> None:
        """The last person has this trait: somebody without a name is described by it, anyone else looks so."""
        last = self.found[-1]
        assert last.person
        said = {**dict(last.person.said), trait: word}
        who = replace(last.person, said=tuple(said.items()))
        if who.who:
            who = replace(who, look=look_of(said))
        self.found[-1] = replace(last, person=who)

    def _colour(self, name: str) -> None:
        said = [item.name for item in self.before[-2:]]
        if self.found and said == ["that", "is"] and not self._last_is_person:
            self.found[-1] = replace(self.found[-1], colour=name)
        elif said[-1:] == ["and"] and self.before[-2:-1] and self.before[-2].slot == "colour" and "colour" in self.waiting:
            self.waiting |= {"pattern": "two tone", "second": name}
        else:
            self.waiting["colour"] = name

    def _pattern(self, name: str) -> None:
        self.waiting["pattern"] = name

    def _pose(self, name: str) -> None:
        if self.found and not self._last_is_person:
            self.found[-1] = replace(self.found[-1], pose=name)

    def _accessory(self, name: str) -> None:
        self.waiting.pop("colour", None)
        if self._last_is_person:
            self._say("accessory", name)
        elif self.found:
            self.found[-1] = replace(self.found[-1], accessory=name)

    def _expression(self, name: str) -> None:
        if self._last_is_person:
            self._say("expression", name)
        elif not self.found:
            self.waiting["expression"] = name

    def _hair_colour(self, name: str) -> None:
        self.waiting["colour"] = name

    def _trait(self, trait: str, word: str) -> None:
        if trait in ("freckles", "beard", "make_up"):
            if self._last_is_person:
                self._say(trait, word)
        else:
            self.waiting[trait] = word

    def _hair_or_eyes(self, word: str) -> None:
        colour = self.waiting.pop("colour", None)
        if not self._last_is_person:
            return
        if word == "eyes":
            if colour:
                self._say("eyes", colour)
            return
        for trait in ("hair_length", "hair_curl"):
            if trait in self.waiting:
                self._say(trait, self.waiting.pop(trait))
        if colour in HAIR_WORDS:
            self._say("hair_colour", colour)


def _subjects(items: list[Item], prompt: str) -> tuple[Subject, ...]:
    """A colour belongs to the kind after it, or before it with "that is"; an accessory to the subject before it."""
    reader = _Reader()
    for item in items:
        reader.read(item)
    if not 1 <= len(reader.found) <= MAX_SUBJECTS:
        raise UserError(
            f"{prompt!r} names {len(reader.found)} subjects", f"name one or two of {', '.join(w.KINDS)}, a person, character:N or face:N"
        )
    return tuple(_done(s) for s in reader.found)


def _done(subject: Subject) -> Subject:
    """A named person's words are in the look."""
    if subject.person and subject.person.who:
        return replace(subject, person=replace(subject.person, said=()))
    return subject
