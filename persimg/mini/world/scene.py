"""What a picture shows: one or two subjects, a place, a drawing style."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from persimg.mini.world.words import ACCESSORIES, COLOURS, KINDS, PLACES, STYLES

TWO_SUBJECTS = 0.2
WITH_ACCESSORY = 0.5


@dataclass(frozen=True)
class Subject:
    """kind: one of KINDS, or "character:N"; colour: one of COLOURS, None for a character; accessory: one of ACCESSORIES or None."""

    kind: str
    colour: str | None
    accessory: str | None = None

    @property
    def character(self) -> int | None:
        """The number of the held-out character, None for a subject of a known kind."""
        return int(self.kind.split(":")[1]) if self.kind.startswith("character:") else None


@dataclass(frozen=True)
class Scene:
    """subjects: one or two; seed fixes the layout, so that drawing is a pure function of the scene."""

    subjects: tuple[Subject, ...]
    place: str
    style: str
    seed: int = 0


@dataclass(frozen=True)
class PartialScene:
    """What a prompt says; what it leaves open is None."""

    subjects: tuple[Subject, ...]
    place: str | None = None
    style: str | None = None

    def filled(self, rng: random.Random) -> Scene:
        """A scene that says the same: open colours and places drawn at random, an unnamed style is flat."""
        subjects = tuple(
            s if s.character is not None or s.colour else replace(s, colour=rng.choice(list(COLOURS)))
            for s in self.subjects
        )
        place = self.place or rng.choice(list(PLACES))
        return Scene(subjects, place, self.style or "flat", rng.randrange(2**31))


def sample_scene(rng: random.Random) -> Scene:
    """One scene of the training distribution: known kinds in one colour, never a character."""
    count = 2 if rng.random() < TWO_SUBJECTS else 1
    subjects = tuple(_sample_subject(rng) for _ in range(count))
    return Scene(subjects, rng.choice(list(PLACES)), rng.choice(list(STYLES)), rng.randrange(2**31))


def _sample_subject(rng: random.Random) -> Subject:
    accessory = rng.choice(list(ACCESSORIES)) if rng.random() < WITH_ACCESSORY else None
    return Subject(rng.choice(list(KINDS)), rng.choice(list(COLOURS)), accessory)
