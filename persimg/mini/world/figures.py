"""People in scenes: who stands there with what look, how captions say it, and how it is filled in."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from persimg.mini.world.face import HAIR_WORDS, PEOPLE_WORDS, PLAIN, Face, Look, describe, sample_face
from persimg.mini.world.names import FIRST_WORDS, LAST_WORDS
from persimg.mini.world.words import ACCESSORIES

if TYPE_CHECKING:
    from persimg.mini.world.people import Person
    from persimg.mini.world.scene import Subject

EXPRESSIONS: dict[str, tuple[str, ...]] = {
    "smiling": ("smiling", "with a smile", "who is smiling"),
    "sad": ("sad", "looking sad", "who is sad"),
    "surprised": ("surprised", "looking surprised", "who is surprised"),
    "angry": ("angry", "looking angry", "who is angry"),
    "sleeping": ("sleeping", "asleep", "with closed eyes"),
}
"""expression → phrases; the first is the canonical one"""

NOUNS = {"woman": ("lady",), "man": ("guy",)}
"""noun → synonyms"""

WORN = tuple(ACCESSORIES)
"""what people wear"""

PERSON_WORDS = tuple(
    sorted({*PEOPLE_WORDS, *FIRST_WORDS, *LAST_WORDS, *(w for ws in NOUNS.values() for w in ws)} | {p for ps in EXPRESSIONS.values() for p in ps})
)
"""Words and phrases that captions of people are made of."""

UNNAMED = 0.35
"""share of people without a name"""


@dataclass(frozen=True)
class Figure:
    """Somebody in a picture.

    who: "person:N" for a named one, "face:N" for a held-out face, None for anybody; noun: woman or man, None: open;
    face: None where a prompt leaves it open; said: what a prompt says of somebody without a name, as (trait, word).
    """

    who: str | None
    noun: str | None
    face: Face | None
    look: Look = PLAIN
    said: tuple[tuple[str, str], ...] = ()

    @property
    def held_out(self) -> bool:
        return self.who is not None and self.who.startswith("face:")

    @property
    def person(self) -> Person | None:
        """The named person."""
        from persimg.mini.world.people import PEOPLE

        return PEOPLE[int(self.who.split(":")[1])] if self.who and not self.held_out else None

    @property
    def traits(self) -> dict[str, str]:
        """Trait → word, as describe() has them; of a prompt, those that it says."""
        return describe(self.face, self.look) if self.face else dict(self.said)


@cache
def names() -> dict[tuple[str, str], int]:
    """(first, last) → number in PEOPLE."""
    from persimg.mini.world.people import PEOPLE

    return {tuple(p.name.split()): p.number for p in PEOPLE}  # type: ignore[misc]


def figure(who: str) -> Figure:
    """The one of "person:N" or "face:N"."""
    from persimg.mini.world.people import HELD_OUT_FACES, PEOPLE

    number = int(who.split(":")[1])
    held_out: Any = HELD_OUT_FACES[number] if who.startswith("face:") else PEOPLE[number]
    face: Face = getattr(held_out, "face", held_out)
    return Figure(who, face.noun, face)


# --- sampling ---------------------------------------------------------------------------------------------------------


def sample_person(rng: random.Random, other_than: Subject | None = None) -> Subject:
    """Somebody of the training distribution: mostly named, never a held-out face."""
    from persimg.mini.world.people import PEOPLE
    from persimg.mini.world.scene import Subject

    if rng.random() < UNNAMED:
        face = sample_face(rng)
        return Subject("person", None, person=Figure(None, face.noun, face, sample_look(rng, face)))
    while True:
        found = figure(f"person:{rng.randrange(len(PEOPLE))}")
        if other_than is None or other_than.person is None or other_than.person.who != found.who:
            return Subject("person", None, person=replace(found, look=sample_look(rng, found.face)))


def sample_look(rng: random.Random, face: Face) -> Look:
    """What somebody puts on for one picture; a bald head gets no other colour of hair."""
    noun, bald = face.noun, describe(face).get("hair_length") == "bald"
    return Look(
        expression=rng.choice(list(EXPRESSIONS)) if rng.random() < 0.4 else None,
        hair_colour=rng.choice(list(HAIR_WORDS)) if rng.random() < 0.15 and not bald else None,
        beard=True if noun == "man" and rng.random() < 0.15 else None,
        make_up=True if noun == "woman" and rng.random() < 0.15 else None,
        age=rng.choice(("young", "old")) if rng.random() < 0.15 else None,
        accessory=rng.choice(WORN) if rng.random() < 0.4 else None,
    )


_TRAIT_VALUES = {
    "hair_length": {"bald": (0.0, 0.05), "short": (0.1, 0.3), "long": (0.65, 1.0)},
    "hair_curl": {"straight": (0.0, 0.18), "curly": (0.65, 1.0)},
    "eyes": {"brown": (0.0, 0.18), "green": (0.4, 0.56), "blue": (0.64, 0.8)},
    "freckles": {"freckles": (0.65, 1.0)},
}
"""trait → word → range of the face's parameter of which describe() says the word"""

_PARAMETERS = {"hair_length": "hair_length", "hair_curl": "hair_curl", "eyes": "eye_colour", "freckles": "freckles"}


def filled_person(subject: Subject, rng: random.Random) -> Subject:
    """The same with a face: somebody without a name gets a random one of which all that was said is true."""
    who = subject.person
    assert who
    if who.face:
        return replace(subject, pattern="plain", pose="standing")
    said, face = dict(who.said), sample_face(rng)
    while who.noun and face.noun != who.noun:
        face = sample_face(rng)
    ranges = {_PARAMETERS[trait]: _TRAIT_VALUES[trait].get(word) for trait, word in said.items() if trait in _TRAIT_VALUES}
    face = replace(face, **{name: rng.uniform(*limits) for name, limits in ranges.items() if limits})
    if said.get("hair_length") != "bald" and face.hair_length < 0.1 and "hair_colour" in said:
        face = replace(face, hair_length=0.3)
    done = replace(who, noun=face.noun, face=face, look=look_of(said), said=())
    return replace(subject, pattern="plain", pose="standing", person=done)


def look_of(said: dict[str, str]) -> Look:
    """What of the said traits is a look."""
    return Look(
        expression=said.get("expression"),
        hair_colour=said.get("hair_colour"),
        beard=True if "beard" in said else None,
        make_up=True if "make_up" in said else None,
        age=said.get("age"),
        accessory=said.get("accessory"),
    )


def look_traits(look: Look) -> dict[str, str]:
    """The traits that a look sets; the inverse of look_of."""
    said = {
        "age": look.age, "hair_colour": look.hair_colour, "beard": "beard" if look.beard else None,
        "make_up": "makeup" if look.make_up else None, "accessory": look.accessory, "expression": look.expression,
    }  # fmt: skip
    return {trait: word for trait, word in said.items() if word}


# --- captions ---------------------------------------------------------------------------------------------------------


def say_person(who: Figure, rng: random.Random | None, brief: bool) -> tuple[str, list[str]]:
    """(article, adjectives and name or noun; what follows). Without rng everything in canonical words.

    brief: leave out eyes, curls and freckles, where there is more to say than a caption holds.
    """
    traits = look_traits(who.look) if who.who else dict(who.traits)
    for trait in ("eyes", "hair_curl", "freckles") if brief else ():
        traits.pop(trait, None)
    if rng:
        traits = {trait: word for trait, word in traits.items() if rng.random() >= _left_out(trait, who)}
    adjectives = [traits[t] for t in ("age",) if t in traits] + (["bald"] if traits.get("hair_length") == "bald" else [])
    return _head(who, adjectives, rng), _tail(traits, rng)


def _left_out(trait: str, who: Figure) -> float:
    """A look is said, what the face brings along is said half of the time."""
    return 0.04 if trait in look_traits(who.look) else 0.55


def _head(who: Figure, adjectives: list[str], rng: random.Random | None) -> str:
    if who.held_out:
        return " ".join([*adjectives, who.who or ""])
    if who.person:
        return " ".join([*adjectives, who.person.name])
    noun = who.noun or "person"
    if rng and rng.random() < 0.2:
        noun = rng.choice(NOUNS.get(noun, (noun,)))
    text = " ".join([*adjectives, noun])
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"


def _tail(traits: dict[str, str], rng: random.Random | None) -> list[str]:
    hair = [traits[t] for t in ("hair_length", "hair_curl", "hair_colour") if traits.get(t, "bald") != "bald"]
    found = [" ".join(["with", *hair, "hair"])] if hair else []
    if "eyes" in traits:
        found.append(f"with {traits['eyes']} eyes")
    found += [phrase for trait, phrase in (("freckles", "with freckles"), ("beard", "with a beard"), ("make_up", "wearing makeup")) if trait in traits]
    for trait, table in (("accessory", ACCESSORIES), ("expression", EXPRESSIONS)):
        if trait in traits:
            phrases = table[traits[trait]]
            found.append(rng.choice(phrases) if rng and rng.random() < 0.5 else phrases[0])
    return found
