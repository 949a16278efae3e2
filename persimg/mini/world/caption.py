"""Captions of scenes, in the ways that people phrase them."""

from __future__ import annotations

import random
from dataclasses import replace

from persimg.mini.world.scene import Scene, Subject, sample_scene
from persimg.mini.world.words import (
    ACCESSORIES,
    COLOUR_SYNONYMS,
    FRAMES,
    KINDS,
    OBJECT_TEMPLATES,
    PLACES,
    STYLES,
)

PLAIN = 0.5
"""share of captions in nearly canonical words"""
LEAVE_OUT = {"colour": 0.1, "place": 0.12, "accessory": 0.03, "style": 0.25}
FLAT_IF_UNNAMED = 0.7


def words(text: str) -> list[str]:
    """Lower-case words; commas and hyphens separate."""
    return text.lower().replace(",", " ").replace("-", " ").split()


def captioned(rng: random.Random) -> tuple[Scene, str]:
    """One training pair. Where the style isn't named, the scene is mostly flat."""
    scene = sample_scene(rng)
    names_style = rng.random() >= LEAVE_OUT["style"]
    if not names_style and rng.random() < FLAT_IF_UNNAMED:
        scene = replace(scene, style="flat")
    return scene, _varied(scene, rng, names_style)


def caption(scene: Scene, rng: random.Random | None = None) -> str:
    """Say what a scene shows: everything in canonical words, or with rng in a random phrasing that may leave things out."""
    if rng is None:
        subjects = " and ".join(_canonical(s) for s in scene.subjects)
        return f"{subjects} {PLACES[scene.place][0]}, {STYLES[scene.style][0]}"
    return _varied(scene, rng, rng.random() >= LEAVE_OUT["style"])


def _canonical(subject: Subject) -> str:
    thing = _description(subject) or f"a {subject.colour} {subject.kind}"
    return f"{thing} {ACCESSORIES[subject.accessory][0]}" if subject.accessory else thing


def _description(subject: Subject) -> str | None:
    if subject.character is None:
        return None
    from persimg.mini.world.characters import CHARACTERS

    return CHARACTERS[subject.character].description


def _varied(scene: Scene, rng: random.Random, names_style: bool) -> str:
    plain = rng.random() < PLAIN
    parts = [_subjects(scene, rng, plain)]
    if rng.random() >= LEAVE_OUT["place"]:
        parts.append(_phrase(PLACES[scene.place], rng, plain))
    text = " ".join(parts)
    if names_style:
        text += (", " if rng.random() < 0.7 else " ") + _phrase(STYLES[scene.style], rng, plain)
    return text


def _phrase(phrases: tuple[str, ...], rng: random.Random, plain: bool) -> str:
    return phrases[0] if plain else rng.choice(phrases)


def _subjects(scene: Scene, rng: random.Random, plain: bool) -> str:
    things = [_thing(s, rng, plain) for s in scene.subjects]
    tails = [_tail(s, rng, plain) for s in scene.subjects]
    if len(things) == 1 and not plain and rng.random() < 0.5:
        template = rng.choice(OBJECT_TEMPLATES).replace("-", " ")
        return " ".join([template.format(things[0]), *tails[0]])
    article = "" if not plain and rng.random() < 0.2 else "a "
    text = " and ".join(" ".join([article + thing, *tail]) for thing, tail in zip(things, tails))
    return rng.choice(FRAMES).format(text) if not plain and article and rng.random() < 0.4 else text


def _thing(subject: Subject, rng: random.Random, plain: bool) -> str:
    """Colour and kind, without an article."""
    if subject.character is not None:
        return (_description(subject) or "").split(" ", 1)[1]
    kind = subject.kind if plain else rng.choice((subject.kind, subject.kind, *KINDS[subject.kind]))
    if rng.random() < LEAVE_OUT["colour"]:
        return kind
    colour = subject.colour
    if not plain:
        names = [other for other, meant in COLOUR_SYNONYMS.items() if meant == colour]
        colour = rng.choice([colour, colour, *names])
        if rng.random() < 0.1:
            return f"{kind} that is {colour}"
    return f"{colour} {kind}"


def _tail(subject: Subject, rng: random.Random, plain: bool) -> list[str]:
    if subject.accessory is None or rng.random() < LEAVE_OUT["accessory"]:
        return []
    return [_phrase(ACCESSORIES[subject.accessory], rng, plain)]


