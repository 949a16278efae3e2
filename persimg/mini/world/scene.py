"""What a picture shows: one or two subjects or people, a place, and how it is drawn."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from persimg.mini.world import words as w

if TYPE_CHECKING:
    from persimg.mini.world.figures import Figure

TWO_SUBJECTS = 0.2
HELD_OUT_ONE_IN = 10


@dataclass(frozen=True)
class Subject:
    """A thing, an animal, a held-out character or a person.

    kind: one of KINDS, "character:N" or "person"; colour: one of COLOURS, None for a character or a person; accessory:
    one of ACCESSORIES or None, a person's is in the look; pattern: one of PATTERNS; second: the other colour of a
    two-tone subject, else None; pose: one of POSES; person: who it is, of a person. In what a prompt says, None is open.
    """

    kind: str
    colour: str | None
    accessory: str | None = None
    pattern: str | None = "plain"
    second: str | None = None
    pose: str | None = "standing"
    person: Figure | None = None

    @property
    def character(self) -> int | None:
        """The number of the held-out character, None for other subjects."""
        return int(self.kind.split(":")[1]) if self.kind.startswith("character:") else None

    @property
    def is_thing(self) -> bool:
        """Of a known kind: neither a character nor a person."""
        return self.kind in w.KINDS


@dataclass(frozen=True)
class Scene:
    """subjects: one or two; relation: of the first to the second; seed fixes the layout, so that drawing is a pure function."""

    subjects: tuple[Subject, ...]
    place: str
    style: str
    seed: int = 0
    time: str = "day"
    weather: str = "clear"
    mood: str | None = None
    framing: str = "full"
    relation: str = "next to"

    @property
    def from_left(self) -> tuple[Subject, ...]:
        """The subjects as they stand from left to right."""
        return self.subjects[::-1] if self.relation == "right of" else self.subjects


@dataclass(frozen=True)
class PartialScene:
    """What a prompt says; what it leaves open is None."""

    subjects: tuple[Subject, ...]
    place: str | None = None
    style: str | None = None
    time: str | None = None
    weather: str | None = None
    mood: str | None = None
    framing: str | None = None
    relation: str | None = None

    def filled(self, rng: random.Random) -> Scene:
        """A scene that says the same: open colours, faces and places at random, everything else at its default."""
        from persimg.mini.world.figures import filled_person

        subjects = tuple(filled_person(s, rng) if s.person else _filled_thing(s, rng) for s in self.subjects)
        place = self.place or rng.choice(list(w.PLACES))
        open_slots = {slot: getattr(self, slot) or default for slot, default in w.DEFAULTS.items()}
        return Scene(subjects, place, seed=rng.randrange(2**31), **open_slots)  # type: ignore[arg-type]


def _filled_thing(subject: Subject, rng: random.Random) -> Subject:
    colour = None if subject.character is not None else subject.colour or rng.choice(list(w.COLOURS))
    pattern = subject.pattern or "plain"
    second = (subject.second or w.SECOND[colour]) if pattern == "two tone" and colour else None
    return replace(subject, colour=colour, pattern=pattern, second=second, pose=subject.pose or "standing")


def poses_of(kind: str) -> tuple[str, ...]:
    """The poses that a kind is drawn in; every kind can be asked for every one."""
    if kind in w.IN_PROFILE:
        return ("standing", "jumping" if kind in w.LIVING else "upside down", "facing left")
    return ("standing", "jumping", "lying") if kind in w.LIVING else ("standing", "upside down")


# --- training scenes --------------------------------------------------------------------------------------------------


def sample_scene(rng: random.Random, people: bool = False, held_out: bool = False) -> Scene:
    """One scene of the training distribution: known kinds, colours, styles and people, no held-out combination.

    people: portraits and half figures instead of things; held_out: scenes with a held-out combination of known
    attributes instead, for measuring what a model makes of them.
    """
    while True:
        scene = _sample(rng, people)
        if is_held_out(scene) == held_out:
            return scene


def is_held_out(scene: Scene) -> bool:
    """Is the scene outside what models are trained on?

    True where a subject is a held-out character or face, or the style is a held-out one; and for one in ten, by a
    fixed hash, of all (kind, colour, pattern), of all (kind, accessory), of all (named person, accessory), and of all
    (place, style) with a style other than flat, which is the style of a prompt that names none.
    """
    if scene.style not in w.STYLES:
        return True
    if scene.style != "flat" and _held_out("place and style", scene.place, scene.style):
        return True
    return any(_subject_held_out(s) for s in scene.subjects)


def _subject_held_out(subject: Subject) -> bool:
    if subject.person:
        who, worn = subject.person, subject.person.look.accessory
        return who.held_out or (who.who is not None and worn is not None and _held_out("worn", who.who, worn))
    if subject.character is not None or _held_out("look", subject.kind, subject.colour, subject.pattern):
        return True
    return subject.accessory is not None and _held_out("accessory", subject.kind, subject.accessory)


def _held_out(*names: str | None) -> bool:
    return zlib.crc32("|".join(map(str, names)).encode()) % HELD_OUT_ONE_IN == 0


def _sample(rng: random.Random, people: bool) -> Scene:
    subjects = _sample_people(rng) if people else tuple(_sample_thing(rng) for _ in range(1 + (rng.random() < TWO_SUBJECTS)))
    place = rng.choice(list(w.PLACES))
    return Scene(
        subjects,
        place,
        _mostly(rng, 0.34, w.STYLES, "flat"),
        rng.randrange(2**31),
        time=_mostly(rng, 0.64, w.TIMES, "day"),
        weather="clear" if place in w.ROOFED else _mostly(rng, 0.64, w.WEATHERS, "clear"),
        mood=rng.choice(list(w.MOODS)) if rng.random() < 0.3 else None,
        framing=_mostly(rng, 0.68, w.FRAMINGS, "full"),
        relation=_mostly(rng, 0.4, _relations(people), "next to") if len(subjects) == 2 else "next to",
    )


def _relations(people: bool) -> dict[str, tuple[str, ...]]:
    """People stand side by side, so that no face is covered."""
    return {name: phrases for name, phrases in w.RELATIONS.items() if not people or name not in ("behind", "in front of")}


def _mostly(rng: random.Random, share: float, names: dict[str, tuple[str, ...]], default: str) -> str:
    return default if rng.random() < share else rng.choice([name for name in names if name != default])


def _sample_thing(rng: random.Random) -> Subject:
    kind, colour = rng.choice(list(w.KINDS)), rng.choice(list(w.COLOURS))
    accessory = rng.choice(list(w.ACCESSORIES)) if rng.random() < 0.45 else None
    pattern = _mostly(rng, 0.6, w.PATTERNS, "plain")
    second = None
    if pattern == "two tone":
        second = w.SECOND[colour] if rng.random() < 0.5 else rng.choice([c for c in w.COLOURS if c != colour])
    pose = rng.choice(poses_of(kind)) if rng.random() < 0.25 else "standing"
    return Subject(kind, colour, accessory, pattern, second, pose)


def _sample_people(rng: random.Random) -> tuple[Subject, ...]:
    """One person, two people, or a person and a thing in one colour."""
    from persimg.mini.world.figures import sample_person

    first, kind = sample_person(rng), rng.random()
    if kind < 0.16:
        return first, sample_person(rng, other_than=first)
    if kind < 0.24:
        return first, Subject(rng.choice(list(w.KINDS)), rng.choice(list(w.COLOURS)))
    return (first,)
