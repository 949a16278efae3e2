"""What simulated users see: pictures of prompts as slots of the drawn world, at two fidelities behind one call.

symbolic: the prompt is parsed by the world's own grammar; what it leaves open comes from the distribution that scenes are drawn
from, a fifth of what it says is not followed, and one slot in twenty shows something else. generated: pictures that a base draws
for the prompt, read by a reader of pictures. Equal seeds give equal chances to all prompts, so that arms are paired.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Mapping, Sequence

from persimg import seeds as places_of
from persimg.errors import UserError
from persimg.mini.world import words as w
from persimg.mini.world.labels import NONE
from persimg.mini.world.parse import parse
from persimg.mini.world.scene import Scene, sample_scene
from persimg.preferences.drawn import SLOTS, attribute_of

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.mini.nets import Reader

Picture = Mapping[str, str]
"""slot → value, "none" where there is none"""
Show = Callable[..., "list[Picture]"]
"""prompts, as many seeds and, if any, as many negative prompts → what the pictures show"""

IGNORED, SPURIOUS = 0.2, 0.05
"""symbolic pictures: share of what is said that isn't followed, and of slots that show anything"""
PICTURE_SLOTS = ("place", "style", "time", "weather", "mood", "framing")
SUBJECT_SLOTS = ("colour", "pattern", "accessory")
TASTE_SLOTS = (*PICTURE_SLOTS, *SUBJECT_SLOTS)
VALUES = {slot: SLOTS[slot] for slot in TASTE_SLOTS}
MISSED, MISREAD, LEAST_SURE = 0.05, 0.05, 0.6
"""observation: share of a picture's values that an extractor doesn't see or takes for another; how sure it is at least"""
STEPS, GUIDANCE, BATCH = 25, 4.0, 32


def phrase(slot: str, value: str) -> str:
    """What is put behind a prompt to ask for a value, in the world's own words; "" where nothing behind a prompt can."""
    if slot == "colour":
        return f"that is {value}"
    if slot == "pattern":
        return ""  # a pattern is said before its subject
    return (w.ACCESSORIES if slot == "accessory" else w.SLOTS[slot])[value][0]


@lru_cache(100_000)
def said(prompt: str) -> dict[str, str]:
    """Slot → value of what a prompt asks for, of its first subject; empty where it isn't of the drawn world."""
    try:
        found = parse(prompt)
    except UserError:
        return {}
    subject = found.subjects[0]
    slots = {slot: getattr(found, slot) for slot in PICTURE_SLOTS} | {slot: getattr(subject, slot) for slot in ("kind", *SUBJECT_SLOTS)}
    return {slot: value for slot, value in slots.items() if value}


def slots_of(scene: Scene) -> dict[str, str]:
    """Of the first subject and of the picture."""
    subject = scene.subjects[0]
    found = {slot: getattr(scene, slot) for slot in PICTURE_SLOTS} | {slot: getattr(subject, slot) for slot in ("kind", *SUBJECT_SLOTS)}
    return {slot: value or NONE for slot, value in found.items()}


@lru_cache(50_000)
def fill(seed: int) -> dict[str, str]:
    """What a picture shows where nothing is asked for."""
    return slots_of(sample_scene(places_of.rng(seed, "symbolic fill")))


@cache
def house(scenes: int = 4000) -> Mapping[str, Mapping[str, float]]:
    """Slot → value → share of pictures of the training distribution."""
    counts: dict[str, Counter[str]] = {slot: Counter() for slot in TASTE_SLOTS}
    for number in range(scenes):
        for slot, value in slots_of(sample_scene(places_of.rng(0, "house", number))).items():
            if slot in counts:
                counts[slot][value] += 1
    return {slot: {value: count / scenes for value, count in found.items()} for slot, found in counts.items()}


# --- two fidelities ---------------------------------------------------------------------------------------------------


def symbolic(prompts: Sequence[str], seeds: Sequence[int], negatives: Sequence[str] = ()) -> list[Picture]:
    """Negative prompts change nothing here: the grammar says nothing of what a base would draw in place of what is barred."""
    return [_symbolic(said(prompt), seed) for prompt, seed in zip(prompts, seeds, strict=True)]


def _symbolic(asked: Mapping[str, str], seed: int) -> Picture:
    rng, found = places_of.rng(seed, "symbolic"), dict(fill(seed))
    for slot in ("kind", *TASTE_SLOTS):
        ignored, spurious, other = rng.random(), rng.random(), rng.random()
        if slot in asked and ignored >= IGNORED:
            found[slot] = asked[slot]
        if slot != "kind" and spurious < SPURIOUS:
            found[slot] = VALUES[slot][int(other * len(VALUES[slot]))]
    return found


@dataclass
class Generated:
    """Pictures of a base, kept in a folder under their tasks' names, read by a reader. Called as Show."""

    base: Base
    reader: Reader
    folder: Path
    tell: Callable[[str], None] = lambda text: None

    def __call__(self, prompts: Sequence[str], seeds: Sequence[int], negatives: Sequence[str] = ()) -> list[Picture]:
        from persimg.bench.mini_pictures import in_parts, to_pixels

        tasks, paths = self._drawn(prompts, seeds, negatives or [""] * len(prompts))
        found: list[Picture] = []
        for i in range(0, len(tasks), BATCH):
            pixels = to_pixels([_opened(path) for path in paths[i : i + BATCH]])
            found += [read_slots(answer) for part in in_parts(self.reader.read, pixels) for answer in part]
        return found

    def _drawn(self, prompts: Sequence[str], seeds: Sequence[int], negatives: Sequence[str]):
        """Tasks and paths; what isn't there yet is drawn, each task once."""
        from persimg.sampling import provenance
        from persimg.sampling.sampler import Sampler

        sampler = Sampler(self.base, batch=BATCH)
        asked = zip(prompts, seeds, negatives, strict=True)
        tasks = [sampler.task(prompt, negative=negative, seed=seed, steps=STEPS, guidance=GUIDANCE) for prompt, seed, negative in asked]
        paths = [self.folder / f"{task.id}.png" for task in tasks]
        missing = {task.id: task for task, path in zip(tasks, paths) if not path.exists()}
        if missing:
            self.tell(f"drawing {len(missing)} pictures")
        for made in sampler.stream(list(missing.values())):
            provenance.save(made, self.folder / f"{made.task.id}.png", self.base.name)
        return tasks, paths


def _opened(path: Path):
    import numpy as np
    from PIL import Image

    return np.asarray(Image.open(path).convert("RGB").resize((128, 128)))


def read_slots(answer: Mapping[str, str]) -> Picture:
    """A reader's answer as slots of the left or only subject and of the picture."""
    return {slot: answer[slot if slot in PICTURE_SLOTS else f"{slot}_0"] for slot in ("kind", *TASTE_SLOTS)}


# --- what an extractor of attributes makes of it ----------------------------------------------------------------------


def observed(picture: Picture, rng: random.Random) -> dict[str, float]:
    """Lexicon id → how sure an extractor is, with its oversights and mistakes; never what wasn't looked at, the user's taste."""
    found = {}
    for slot in TASTE_SLOTS:
        value, chance, sure, other = picture[slot], rng.random(), rng.uniform(LEAST_SURE, 1.0), rng.choice(VALUES[slot])
        if value == NONE or chance < MISSED:
            continue
        found[attribute_of(slot, other if chance < MISSED + MISREAD else value)] = round(sure, 3)
    return found


def fidelity(prompt: str, picture: Picture) -> float:
    """Share of what the prompt says that the picture shows."""
    asked = said(prompt)
    return sum(picture[slot] == value for slot, value in asked.items()) / len(asked) if asked else 1.0
