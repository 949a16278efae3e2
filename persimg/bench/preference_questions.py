"""Which questions teach the most: eight choices, picked by what they are expected to tell or at random; and the product's own first session.

Gains are over the enricher of equal length, as everywhere: who adds more words gains over the prompt by that alone.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Mapping, Sequence

import numpy as np

from persimg.bench import users
from persimg.bench.preference_arms import DEFAULT, FEW, Text, avoiding, enriched, negatives, own, population
from persimg.bench.preference_checks import Row
from persimg.bench.preference_scores import Score, Setting, closed, figure, from_events, scores, table, worse
from persimg.bench.user_events import SLATE, START, commented, taken
from persimg.bench.user_worlds import Picture, fill, observed
from persimg.bench.users import User
from persimg.preferences.ask import CRITERIA, next_choice
from persimg.preferences.estimate import posterior_of
from persimg.preferences.events import Event, Shown, new_id
from persimg.preferences.profile import Profile
from persimg.preferences.rank import taste_score
from persimg.preferences.session import Asked, answered
from persimg.preferences.session import session as product_session

QUESTIONS, POOL, PAIRS = 8, 60, 100
ARMS = (*CRITERIA, "random")


def questions(found: Sequence[User], setting: Setting) -> list[Row]:
    """accuracy: of pairs of new pictures, share that the taste score orders as the user would; gain: of `attributes` over the enricher
    that adds at most as many phrases."""
    rows = []
    known = {arm: from_events(found, [choices(one, arm, setting) for one in found], setting) for arm in ARMS}
    made = {arm: [_scored(one, p, setting) for one, p in zip(found, known[arm])] for arm in ARMS}
    accuracy = {arm: np.array([pair_accuracy(one, p) for one, p in zip(found, known[arm])]) for arm in ARMS}
    gain = {arm: np.array([m["own"]["utility"] - m["generic"]["utility"] for m in made[arm]]) for arm in ARMS}
    added = {arm: np.array([m["own"]["added"] for m in made[arm]]) for arm in ARMS}
    for name, values in (("accuracy", accuracy), ("gain over generic", gain), ("phrases added", added)):
        rows += [Row("questions", f"{arm}: {name}", figure(values[arm])) for arm in ARMS]
        rows += [Row("questions", f"{arm} over random: {name}", figure(values[arm] - values["random"])) for arm in CRITERIA]
    return [*rows, *(row for criterion in CRITERIA for row in first_sessions(found, criterion, setting))]


def first_sessions(found: Sequence[User], criterion: str, setting: Setting) -> list[Row]:
    """What `persimg profile ask` comes to: `both` after its questions, answered as the users would."""
    known = from_events(found, [first_session(one, criterion, setting) for one in found], setting)
    scored = table(found, known, replace(setting, arms=FEW))
    generic = f"generic, as {DEFAULT}"
    over = np.array([a["utility"] - b["utility"] for a, b in zip(scored[DEFAULT], scored[generic])])
    accuracy = np.array([pair_accuracy(one, profile) for one, profile in zip(found, known)])
    title = f"first session, {criterion}"
    return [
        Row("questions", f"{title}: share closed", closed(scored)), Row("questions", f"{title}: over generic", figure(over)),
        Row("questions", f"{title}: users worse than generic", worse(scored), at_most=True),
        Row("questions", f"{title}: accuracy", figure(accuracy)),
    ]  # fmt: skip


def first_session(one: User, criterion: str, setting: Setting) -> list[Event]:
    """The product's questions with the user's answers."""
    events: list[Event] = []
    for asked in product_session(events, setting.target, one.rng("session").randrange(2**31), QUESTIONS, criterion):
        rng = one.rng("first session", asked.number)
        pictures = setting.show(list(asked.prompts), [rng.randrange(2**31)] * len(asked.prompts))
        at = START + timedelta(hours=asked.number)
        event = answered(asked, one.name, _answer(one, asked, pictures, rng), clock=lambda at=at: at.isoformat(timespec="milliseconds"))
        assert event, "simulated users always answer"
        events.append(replace(event, id=new_id(int(at.timestamp() * 1000), rng.randbytes(10))))
    return events


def _answer(one: User, asked: Asked, pictures: Sequence[Picture], rng: random.Random) -> str:
    if asked.kind == "comment":
        return commented(one, pictures[0], False, rng)
    return str(taken([one.utility(picture) for picture in pictures], one, rng) + 1)


def pool_of(one: User, setting: Setting) -> list[Picture]:
    """Pictures of prompts that name only a subject."""
    prompts = [f"a {one.rng('pool', k).choice(list(users.w.KINDS))}" for k in range(POOL)]
    return setting.show(prompts, [one.rng("pool picture", k).randrange(2**31) for k in range(POOL)])


def choices(one: User, criterion: str, setting: Setting) -> list[Event]:
    """Choices among four, each picked after the answers so far."""
    pool = pool_of(one, setting)
    attributes = [observed(picture, one.rng("pool observed", k)) for k, picture in enumerate(pool)]
    names = sorted({a for picture in attributes for a in picture})
    events: list[Event] = []
    seen: frozenset[int] = frozenset()
    for number in range(QUESTIONS):
        shown = _picked(one, criterion, number, attributes, events, names, seen)
        seen |= set(shown)
        at = START + timedelta(hours=number)
        rng = one.rng("answer", number)
        index = taken([one.utility(pool[i]) for i in shown], one, rng)
        pictures = tuple(Shown(f"pool-{i}", attributes[i]) for i in shown)
        id = new_id(int(at.timestamp() * 1000), rng.randbytes(10))
        events.append(Event(id, one.name, at.isoformat(timespec="milliseconds"), "choice", shown=pictures, chosen=index))
    return events


def _picked(
    one: User, criterion: str, number: int, attributes: Sequence[dict[str, float]], events: list[Event], names: list[str],
    seen: frozenset[int],
) -> tuple[int, ...]:  # fmt: skip
    if criterion == "random":
        return tuple(one.rng("random question", number).sample([i for i in range(POOL) if i not in seen], SLATE))
    rng = np.random.default_rng(one.rng("question", number).randrange(2**31))
    return next_choice(attributes, posterior_of(events, names), rng, SLATE, criterion, seen).shown


def pair_accuracy(one: User, profile: Profile) -> float:
    """Ties of the score count half."""
    pictures = [fill(one.rng("pair", k).randrange(2**31)) for k in range(2 * PAIRS)]
    scored = [taste_score(profile, observed(picture, one.rng("pair observed", k))) for k, picture in enumerate(pictures)]
    worths = [one.utility(picture) for picture in pictures]
    differences = [(scored[k] - scored[k + PAIRS]) * np.sign(worths[k] - worths[k + PAIRS]) for k in range(PAIRS)]
    return float(np.mean([1.0 if d > 0 else 0.5 if d == 0 else 0.0 for d in differences]))


def _scored(one: User, profile: Profile, setting: Setting) -> Mapping[str, Score]:
    known, prompts, written = population(one.world), users.new_prompts(one, setting.prompts), []
    for prompt in prompts:
        made = own("attributes", prompt, profile, setting.target)
        generic = avoiding(enriched(prompt, known["generic"], made.added, setting.target), prompt, known["avoided"], negatives(made))
        written.append({"own": made, "generic": generic, "none": Text(prompt, 0)})
    return scores(one, prompts, written, setting)
