"""Which questions teach the most: sessions of eight choices, picked by what they are expected to tell or at random."""

from __future__ import annotations

from datetime import timedelta
from typing import Sequence

import numpy as np

from persimg.bench import users
from persimg.bench.preference_arms import Text, own
from persimg.bench.preference_checks import Row
from persimg.bench.preference_scores import Setting, figure, from_events, scores
from persimg.bench.user_events import SLATE, START, taken
from persimg.bench.user_worlds import Picture, fill, observed
from persimg.bench.users import User
from persimg.preferences.ask import CRITERIA, next_choice
from persimg.preferences.estimate import posterior_of
from persimg.preferences.events import Event, Shown, new_id
from persimg.preferences.profile import Profile
from persimg.preferences.rank import taste_score

QUESTIONS, POOL, PAIRS = 8, 60, 100
ARMS = (*CRITERIA, "random")


def questions(found: Sequence[User], setting: Setting) -> list[Row]:
    """accuracy: of pairs of new pictures, share that the taste score orders as the user would; gain: of `attributes` over the prompt."""
    rows = []
    known = {arm: from_events(found, [session(one, arm, setting) for one in found], setting) for arm in ARMS}
    accuracy = {arm: np.array([pair_accuracy(one, p) for one, p in zip(found, known[arm])]) for arm in ARMS}
    gain = {arm: np.array([_gain(one, p, setting) for one, p in zip(found, known[arm])]) for arm in ARMS}
    for name, values in (("accuracy", accuracy), ("gain", gain)):
        rows += [Row("questions", f"{arm}: {name}", figure(values[arm])) for arm in ARMS]
        rows += [Row("questions", f"{arm} over random: {name}", figure(values[arm] - values["random"])) for arm in CRITERIA]
    return rows


def pool_of(one: User, setting: Setting) -> list[Picture]:
    """Pictures of prompts that name only a subject."""
    prompts = [f"a {one.rng('pool', k).choice(list(users.w.KINDS))}" for k in range(POOL)]
    return setting.show(prompts, [one.rng("pool picture", k).randrange(2**31) for k in range(POOL)])


def session(one: User, criterion: str, setting: Setting) -> list[Event]:
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


def _gain(one: User, profile: Profile, setting: Setting) -> float:
    prompts = users.new_prompts(one, setting.prompts)
    made = scores(one, prompts, [{"own": own("attributes", p, profile, setting.target), "none": Text(p, 0)} for p in prompts], setting)
    return made["own"]["utility"] - made["none"]["utility"]
