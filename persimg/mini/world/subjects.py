"""The subjects that a prompt names, with what it says of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Iterable

from persimg.errors import UserError
from persimg.mini.world.face import HAIR_WORDS
from persimg.mini.world.figures import Figure, figure, look_of
from persimg.mini.world.grammar import ARTICLES, OTHER_NOUNS, TRAITS, Item
from persimg.mini.world.scene import Subject

SURROUNDINGS = ("place", "time", "weather")
"""slots whose words end a noun phrase: the snow of "white snow" is white, and nothing else"""


class SubjectReader:
    """Reads subjects from left to right: what stands before a subject waits for it, what follows goes to the last one.

    A colour belongs to the kind after it, or before it with "that is"; an accessory to the subject before it. Of a plural
    all share what is said, until "one" speaks of the second alone; the next "one" is the first. What is denied isn't among the
    items. subjects: what was found; relation: of the first to the second, None where none stands between.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._found: list[Subject] = []
        self._waiting: dict[str, str] = {}
        self._before: list[Item] = []
        self._relation_said: str | None = None
        self._of: list[int] = []
        """which of the subjects is spoken of: those that the last noun named"""
        self._one: list[int] = []
        """those of a plural that "one" can still mean"""
        self._opened = True
        """has something begun that no noun has ended, so that a pose or an expression is of what comes?"""
        self._elsewhere = False
        """has a relation begun that no subject has ended, so that what is named is nobody's?"""
        for item in items:
            self._read(item)
        self._settle()

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return tuple(_done(s) for s in self._found)

    @property
    def relation(self) -> str | None:
        return self._relation_said if len(self._found) == 2 else None

    def _read(self, item: Item) -> None:
        action = getattr(self, f"_{item.slot}", None)
        if action:
            action(item.name)
        elif item.slot in SURROUNDINGS:
            self._end()
        elif item.slot in TRAITS:
            self._trait(item.slot, item.name)
        self._before.append(item)

    def _word(self, word: str) -> None:
        if word in ARTICLES:
            self._begin()
        elif word == "and":
            self._opened = True
        elif word == "one" and self._one:
            self._of = [self._one.pop()]
        elif word in OTHER_NOUNS:
            self._end()
        elif word in ("hair", "eyes"):
            self._hair_or_eyes(word)
            self._end()

    def _relation(self, name: str) -> None:
        self._begin()
        self._elsewhere = True
        if len(self._found) == 1:
            self._relation_said = self._relation_said or name

    def _begin(self) -> None:
        """Another noun begins: what waits can't be of it."""
        self._settle()
        self._waiting, self._opened = {}, True

    def _end(self) -> None:
        """A noun that is no subject takes the look before it along; a pose or an expression was somebody's.

        A relation to it is none: the world draws relations of two subjects.
        """
        kept = ("pose", "expression") if self._found else ()
        self._waiting = {trait: name for trait, name in self._waiting.items() if trait in kept}
        self._opened = not self._found
        if self._elsewhere and len(self._found) == 1:
            self._relation_said = None

    def _settle(self) -> None:
        """What still waits for a subject and can stand behind one is of the last: "a cat in the snow and jumping"."""
        for trait in ("pose", "expression"):
            name = self._waiting.pop(trait, None)
            if name and self._found and not self._elsewhere and not self._has(trait):
                self._say(trait, name)

    # --- subjects -------------------------------------------------------------------------------------------------

    def _kind(self, name: str) -> None:
        self._things(name, int(self._waiting.get("number", 1)))

    def _kinds(self, name: str) -> None:
        self._things(name, int(self._waiting.get("number", 2)))

    def _things(self, name: str, count: int) -> None:
        get = self._waiting.get
        second = get("second") if get("pattern") == "two tone" else None
        self._add(Subject(name, get("colour"), None, get("pattern"), second, get("pose")), count)
        self._waiting = {}

    def _noun(self, name: str) -> None:
        self._people(name, int(self._waiting.get("number", 1)))

    def _nouns(self, name: str) -> None:
        self._people(name, int(self._waiting.get("number", 2)))

    def _people(self, name: str, count: int) -> None:
        age, _, noun = name.rpartition(" ")
        if age:
            self._waiting.setdefault("age", age)
        self._person(Figure(None, noun or None, None), count)

    def _name(self, number: str) -> None:
        self._person(figure(f"person:{number}"))

    def _face(self, token: str) -> None:
        self._person(figure(token))

    def _person(self, who: Figure, count: int = 1) -> None:
        self._add(Subject("person", None, None, None, None, None, who), count)
        waiting, self._waiting = self._waiting, {}
        for trait in ("age", "hair_length", "hair_colour", "expression"):
            if trait in waiting and (trait != "hair_length" or waiting[trait] == "bald"):
                self._say(trait, waiting[trait])

    def _add(self, subject: Subject, count: int) -> None:
        self._of = list(range(len(self._found), len(self._found) + count))
        self._one = self._of[:] if count > 1 else []
        self._found += [subject] * count
        self._opened = self._elsewhere = False

    def _number(self, count: str) -> None:
        self._begin()
        self._waiting["number"] = count

    # --- what is said of them -------------------------------------------------------------------------------------

    @property
    def _last_is_person(self) -> bool:
        return bool(self._of) and self._found[self._of[-1]].person is not None

    def _has(self, trait: str) -> str | None:
        """What was said of the last subject."""
        last = self._found[self._of[-1]]
        return dict(last.person.said).get(trait) if last.person else getattr(last, trait, None)

    def _say(self, trait: str, word: str) -> None:
        """The last subjects have this trait; what a thing or a person can't have is left unsaid."""
        if self._last_is_person:
            for i in self._of:
                self._found[i] = _said_of_person(self._found[i], trait, word)
        elif trait in ("pose", "accessory"):
            self._change(**{trait: word})

    def _change(self, **slots: Any) -> None:
        for i in self._of:
            self._found[i] = replace(self._found[i], **slots)

    def _colour(self, name: str) -> None:
        before = [item.name for item in self._before[-4:]]
        of_last = bool(self._found) and not self._last_is_person
        if of_last and before[-2:] == ["that", "is"]:
            self._change(colour=name)
        elif of_last and before[:2] == ["that", "is"] and before[3:] == ["and"] and before[2] == self._has("colour"):
            self._change(pattern="two tone", second=name)
        elif before[-1:] == ["and"] and self._before[-2:-1] and self._before[-2].slot == "colour" and "colour" in self._waiting:
            self._waiting = {"pattern": "two tone", "second": name} | self._waiting
        else:
            self._waiting["colour"] = name

    def _pattern(self, name: str) -> None:
        self._waiting["pattern"] = name

    def _pose(self, name: str) -> None:
        if self._opened:
            self._waiting["pose"] = name
        elif not self._last_is_person:
            self._say("pose", name)

    def _expression(self, name: str) -> None:
        if self._opened:
            self._waiting["expression"] = name
        elif self._last_is_person:
            self._say("expression", name)

    def _accessory(self, name: str) -> None:
        self._end()
        if not self._found or self._elsewhere:
            return
        worn = self._has("accessory")
        if worn not in (None, name):
            raise UserError(f"{worn} and {name} are asked for on one subject", "the drawn world has one accessory a subject: name one")
        self._say("accessory", name)

    def _hair_colour(self, name: str) -> None:
        self._waiting["hair_colour"] = name

    def _trait(self, trait: str, word: str) -> None:
        if trait not in ("freckles", "beard", "make_up"):
            self._waiting[trait] = word
            return
        if self._last_is_person:
            self._say(trait, word)
        self._end()

    def _hair_or_eyes(self, word: str) -> None:
        pop = self._waiting.pop
        colour, hair_colour = pop("colour", None), pop("hair_colour", None)
        if not self._last_is_person:
            return
        if word == "eyes":
            if colour:
                self._say("eyes", colour)
            return
        for trait in ("hair_length", "hair_curl"):
            if trait in self._waiting:
                self._say(trait, pop(trait))
        if hair_colour or colour in HAIR_WORDS:
            self._say("hair_colour", hair_colour or colour or "")


def _said_of_person(subject: Subject, trait: str, word: str) -> Subject:
    """Somebody without a name is described by it, anyone else looks so."""
    assert subject.person
    said = {**dict(subject.person.said), trait: word}
    who = replace(subject.person, said=tuple(said.items()))
    return replace(subject, person=replace(who, look=look_of(said)) if who.who else who)


def _done(subject: Subject) -> Subject:
    """A named person's words are in the look."""
    if subject.person and subject.person.who:
        return replace(subject, person=replace(subject.person, said=()))
    return subject
