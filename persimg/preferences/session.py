"""A new user's first two minutes: a few pictures to comment on or to choose from, then a useful profile.

Pictures differ in what they are like, hardly in what they show. They come from prompts that this module writes, so that what
they are like is known without looking; a comment tells most, so a session is comments and one choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterator, Sequence

import numpy as np

from persimg import seeds
from persimg.errors import UserError
from persimg.preferences import ask
from persimg.preferences.attributes import of_prompt
from persimg.preferences.estimate import posterior_of
from persimg.preferences.events import Event, Shown, new_id, now
from persimg.preferences.lexicon import Attribute, lexicon
from persimg.preferences.rewriter import Target

QUESTIONS = 8
POOL = 96
CATEGORIES_A_PICTURE = 4
TRIES = 20
"""prompts made for each that is wanted, at most: those shown before are passed over"""
SUBJECTS = ("a cat", "a house", "a boat", "a bird", "a car", "a teapot")
CONFIDENCE = 0.8
"""that a picture has what its prompt asks for"""
CHOICE_AT, CHOICE_EVERY = 3, 8
"""the fourth of each eight questions is a choice, the others ask for a comment: with two choices simulated users gained half as much over a
prompt enriched without knowing them"""
CHOICE_SIZE = 4


@dataclass(frozen=True)
class Asked:
    """A question with its pictures: prompts and what they are like."""

    number: int
    kind: str
    prompts: tuple[str, ...]
    shown: tuple[Shown, ...]
    subject: str


def pool(target: Target, seed: int = 0, count: int = POOL, known: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """(subject, prompt) of different pictures that each have an attribute of some categories, all in words that the target knows.

    known: prompts that were shown already. Raises UserError where the target knows too few words of taste.
    """
    rng = seeds.rng(seed, "taste session")
    by_category: dict[str, list[tuple[Attribute, str]]] = {}
    for attribute in lexicon().attributes.values():
        phrase = target.first(attribute.phrases)
        if phrase and not attribute.is_sensitive and not lexicon().categories[attribute.category].is_content:
            by_category.setdefault(attribute.category, []).append((attribute, phrase))
    usable = [values for values in by_category.values() if len(values) > 1]
    subjects = [subject for subject in SUBJECTS if target.knows(subject)]
    if len(usable) < 2 or not subjects:
        raise UserError("the base knows too few words of style to ask about", "take another base")
    made: dict[str, str] = {}
    for _ in range(TRIES * count):
        subject, prompt = _prompt(rng, subjects, usable)
        if prompt not in known:
            made[prompt] = subject
        if len(made) == count:
            break
    return [(subject, prompt) for prompt, subject in made.items()]


def _prompt(rng, subjects: Sequence[str], usable: Sequence[Sequence[tuple[Attribute, str]]]) -> tuple[str, str]:
    chosen: list[tuple[Attribute, str]] = []
    for values in rng.sample(usable, min(CATEGORIES_A_PICTURE, len(usable))):
        attribute, phrase = rng.choice(values)
        if not any(lexicon().conflicts(attribute.id, other.id) for other, _ in chosen):
            chosen.append((attribute, phrase))
    subject = rng.choice(subjects)
    return subject, ", ".join([subject, *(phrase for _, phrase in sorted(chosen, key=lambda item: item[0].order))])


def session(
    events: Sequence[Event], target: Target, seed: int = 0, questions: int = QUESTIONS, criterion: str = "information"
) -> Iterator[Asked]:
    """Questions, each chosen after the answers so far: `events` is looked at again each time, append answers to it.

    No picture is shown that an event is about already.
    """
    known = frozenset(shown.asked for event in events for shown in event.shown)
    candidates = pool(target, seed, known=known)
    attributes = [{a: CONFIDENCE for a in of_prompt(prompt)} for _, prompt in candidates]
    seen: frozenset[int] = frozenset()
    for number in range(questions):
        posterior = posterior_of(events, {a for picture in attributes for a in picture})
        if number % CHOICE_EVERY == CHOICE_AT:
            subject = candidates[_free(candidates, seen)][0]
            alike = frozenset(i for i, (s, _) in enumerate(candidates) if s != subject)
            question = ask.next_choice(attributes, posterior, np.random.default_rng(seed + number), CHOICE_SIZE, criterion, seen | alike)
        else:
            question = ask.next_comment(attributes, posterior, seen)
        seen |= frozenset(question.shown)
        prompts = tuple(candidates[i][1] for i in question.shown)
        shown = tuple(Shown(prompt, attributes[i], prompt) for i, prompt in zip(question.shown, prompts))
        yield Asked(number, question.kind, prompts, shown, candidates[question.shown[0]][0])


def _free(candidates: Sequence[tuple[str, str]], seen: frozenset[int]) -> int:
    """A picture of the subject that most unseen pictures have, so that a choice is between likenesses, not between subjects."""
    left = [subject for i, (subject, _) in enumerate(candidates) if i not in seen]
    most = max(sorted(set(left)), key=left.count)
    return next(i for i, (subject, _) in enumerate(candidates) if subject == most and i not in seen)


def answered(asked: Asked, user: str, answer: str, pictures: Sequence[str] = (), clock: Callable[[], str] = now) -> Event | None:
    """The event of an answer: a comment, or the number of the picture chosen, from 1. None for an empty one.

    pictures: digests of the files shown, in the place of the prompts. Raises UserError for a number that isn't on show.
    """
    if not answer.strip():
        return None
    shown = tuple(Shown(name, s.attributes, s.asked) for name, s in zip(pictures or asked.prompts, asked.shown, strict=True))
    if asked.kind == "comment":
        return Event(new_id(), user, clock(), "comment", answer.strip(), shown, subject=asked.subject)
    if not answer.strip().isdecimal() or not 1 <= int(answer) <= len(shown):
        raise UserError(f"{answer.strip()!r} is none of the pictures", f"answer with a number from 1 to {len(shown)}")
    return Event(new_id(), user, clock(), "choice", "", shown, chosen=int(answer) - 1, subject=asked.subject)
