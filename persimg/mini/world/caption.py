"""Captions of scenes, in the ways that people phrase them."""

from __future__ import annotations

import random
import re

from persimg.mini.world import words as w
from persimg.mini.world.figures import say_person
from persimg.mini.world.scene import Scene, Subject, sample_scene

PLAIN = 0.5
"""share of captions in nearly canonical words"""
LEAVE_OUT = {"colour": 0.08, "pattern": 0.04, "place": 0.1, "accessory": 0.03, "pose": 0.04, "slot": 0.03, "relation": 0.05}
"""how often what differs from the default goes unsaid"""
NAME_DEFAULT = {"style": 0.35, "time": 0.06, "weather": 0.04, "framing": 0.06, "mood": 0.0}
"""how often a slot of the picture is said although it has its default"""
AFTER_COMMA = ("style", "mood", "framing")
TEMPLATE_MOODS = {"dark": "dark", "bright": "bright"}
"""word of a template → the mood in which it is true"""


def words(text: str) -> list[str]:
    """Lower-case words; commas and hyphens separate."""
    return text.lower().replace(",", " ").replace("-", " ").split()


def captioned(rng: random.Random, people: bool = False) -> tuple[Scene, str]:
    """One training pair. A slot that goes unsaid has mostly its default."""
    scene = sample_scene(rng, people)
    return scene, caption(scene, rng)


def caption(scene: Scene, rng: random.Random | None = None) -> str:
    """Say what a scene shows.

    Without rng in canonical words: everything but plain, standing and the defaults of time, weather, mood and framing.
    With rng in a random phrasing that may leave things out.
    """
    return re.sub(r"\ba (?=[aeiou])", "an ", _canonical(scene) if rng is None else _varied(scene, rng))


# --- canonical --------------------------------------------------------------------------------------------------------


def _canonical(scene: Scene) -> str:
    brief = len(scene.subjects) > 1
    subjects = f" {w.RELATIONS[scene.relation][0]} ".join(_canonical_subject(s, brief) for s in scene.subjects)
    found = [subjects, w.PLACES[scene.place][0]]
    found += [w.SLOTS[slot][getattr(scene, slot)][0] for slot in ("time", "weather") if getattr(scene, slot) != w.DEFAULTS[slot]]
    text = f"{' '.join(found)}, {_style(scene, None)}"
    return ", ".join([text, *(w.SLOTS[slot][getattr(scene, slot)][0] for slot in ("mood", "framing") if getattr(scene, slot) != w.DEFAULTS[slot])])


def _style(scene: Scene, rng: random.Random | None) -> str:
    if scene.style not in w.STYLES:
        return scene.style
    return w.STYLES[scene.style][0] if rng is None else _phrase(w.STYLES[scene.style], rng, False)


def _canonical_subject(subject: Subject, brief: bool) -> str:
    if subject.person:
        head, tail = say_person(subject.person, None, brief)
        return " ".join([head, *tail])
    thing = _description(subject) or f"a {_look(subject)} {subject.kind}"
    found = [thing]
    if subject.accessory:
        found.append(w.ACCESSORIES[subject.accessory][0])
    if subject.pose not in (None, "standing"):
        found.append(w.POSES[subject.pose][0])
    return " ".join(found)


def _look(subject: Subject) -> str:
    """Pattern and colour: "striped red", "red and white"."""
    if subject.pattern == "two tone":
        return f"{subject.colour} and {subject.second}"
    return f"{subject.colour}" if subject.pattern in (None, "plain") else f"{subject.pattern} {subject.colour}"


def _description(subject: Subject) -> str | None:
    if subject.character is None:
        return None
    from persimg.mini.world.characters import CHARACTERS

    return CHARACTERS[subject.character].description


# --- varied -----------------------------------------------------------------------------------------------------------


def _varied(scene: Scene, rng: random.Random) -> str:
    plain = rng.random() < PLAIN
    parts = [_subjects(scene, rng, plain)]
    if rng.random() >= LEAVE_OUT["place"]:
        parts.append(_phrase(w.PLACES[scene.place], rng, plain))
    said = [slot for slot in ("time", "weather", *AFTER_COMMA) if _is_said(scene, slot, rng)]
    parts += [_phrase(w.SLOTS[slot][getattr(scene, slot)], rng, plain) for slot in said if slot not in AFTER_COMMA]
    text = " ".join(parts)
    for slot in said:
        if slot in AFTER_COMMA:
            phrase = scene.style if slot == "style" and scene.style not in w.STYLES else _phrase(w.SLOTS[slot][getattr(scene, slot)], rng, plain)
            text += (", " if rng.random() < 0.7 else " ") + phrase
    return text


def _is_said(scene: Scene, slot: str, rng: random.Random) -> bool:
    if getattr(scene, slot) == w.DEFAULTS[slot]:
        return rng.random() < NAME_DEFAULT[slot]
    return rng.random() >= LEAVE_OUT["slot"]


def _phrase(phrases: tuple[str, ...], rng: random.Random, plain: bool) -> str:
    return phrases[0] if plain else rng.choice(phrases)


def _subjects(scene: Scene, rng: random.Random, plain: bool) -> str:
    if any(s.person for s in scene.subjects):
        return _with_people(scene, rng, plain)
    things = [_thing(s, rng, plain) for s in scene.subjects]
    tails = [_tail(s, rng, plain) for s in scene.subjects]
    if len(things) == 1 and not plain and rng.random() < 0.5:
        template = rng.choice([t for t in w.OBJECT_TEMPLATES if _is_true(t, scene)]).replace("-", " ")
        return " ".join([template.format(things[0]), *tails[0]])
    article = "" if not plain and rng.random() < 0.2 else "a "
    if not article:
        things = [_without_clause(thing) for thing in things]
    text = _related(scene, [" ".join([article + thing, *tail]) for thing, tail in zip(things, tails)], rng, plain)
    return rng.choice(w.FRAMES).format(text) if not plain and article and rng.random() < 0.4 else text


def _related(scene: Scene, subjects: list[str], rng: random.Random, plain: bool) -> str:
    """Two subjects with their relation; one that isn't said becomes "and"."""
    if len(subjects) == 1:
        return subjects[0]
    unsaid = rng.random() < LEAVE_OUT["relation"]
    relation = "and" if unsaid else _phrase(w.RELATIONS[scene.relation], rng, plain)
    return f"{subjects[0]} {relation} {subjects[1]}"


def _is_true(template: str, scene: Scene) -> bool:
    """Light and framing that a template speaks of are those of the scene."""
    moods = [mood for word, mood in TEMPLATE_MOODS.items() if word in words(template)]
    return moods in ([], [scene.mood]) and ("close-up" not in template or scene.framing == "close")


def _thing(subject: Subject, rng: random.Random, plain: bool) -> str:
    """Pattern, colour and kind, without an article."""
    if subject.character is not None:
        return (_description(subject) or "").split(" ", 1)[1]
    kind = subject.kind if plain else rng.choice((subject.kind, subject.kind, *w.KINDS[subject.kind]))
    pattern = subject.pattern if rng.random() >= LEAVE_OUT["pattern"] else "plain"
    if rng.random() < LEAVE_OUT["colour"]:
        return kind if pattern == "plain" else f"{_phrase(w.PATTERNS[pattern], rng, plain)} {kind}"  # type: ignore[index]
    colour = _colour(subject.colour, rng, plain)
    if pattern == "two tone":
        if subject.second == w.SECOND[subject.colour] and rng.random() < 0.3:  # type: ignore[index]
            return f"{_phrase(w.PATTERNS[pattern], rng, plain)} {colour} {kind}"
        return f"{colour} and {_colour(subject.second, rng, plain)} {kind}"
    if pattern != "plain":
        return f"{_phrase(w.PATTERNS[pattern], rng, plain)} {colour} {kind}"  # type: ignore[index]
    return f"{kind} that is {colour}" if not plain and rng.random() < 0.1 else f"{colour} {kind}"


def _without_clause(thing: str) -> str:
    """ "cat that is red" → "red cat": without articles the clause would run into the next subject."""
    kind, clause, colour = thing.partition(" that is ")
    return f"{colour} {kind}" if clause else thing


def _colour(colour: str | None, rng: random.Random, plain: bool) -> str:
    names = [] if plain else [other for other, meant in w.COLOUR_SYNONYMS.items() if meant == colour]
    return rng.choice([colour, colour, *names])


def _tail(subject: Subject, rng: random.Random, plain: bool) -> list[str]:
    found = []
    if subject.accessory and rng.random() >= LEAVE_OUT["accessory"]:
        found.append(_phrase(w.ACCESSORIES[subject.accessory], rng, plain))
    if subject.pose not in (None, "standing") and rng.random() >= LEAVE_OUT["pose"]:
        found.append(_phrase(w.POSES[subject.pose], rng, plain))
    return found


def _with_people(scene: Scene, rng: random.Random, plain: bool) -> str:
    subjects = []
    for subject in scene.subjects:
        if subject.person:
            head, tail = say_person(subject.person, rng, len(scene.subjects) > 1)
            subjects.append(" ".join([head, *tail]))
        else:
            subjects.append(" ".join(["a " + _thing(subject, rng, True), *_tail(subject, rng, plain)]))
    if len(subjects) == 2 and scene.subjects[1].person is None and scene.relation == "next to" and rng.random() < 0.5:
        text = f"{subjects[0]} with {subjects[1]}"
    else:
        text = _related(scene, subjects, rng, plain)
    return rng.choice((*w.FRAMES, "a portrait of {}")).format(text) if not plain and rng.random() < 0.5 else text
