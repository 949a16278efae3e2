"""A population from the events of many users: empirical Bayes (Efron & Morris 1973), by expectation maximization.

Each user's weights are a draw from a Gaussian with the population's means and deviations; a step fits every user beside the population
so far, and takes the means and the spread of what was found. How the attributes go together isn't learned: with 200 users of 64 events
such a covariance served new users no better than the deviations alone.
"""

from __future__ import annotations

from collections import Counter
from typing import Sequence

import numpy as np

from persimg.errors import UserError
from persimg.preferences.attributes import of_prompt
from persimg.preferences.estimate import judgements
from persimg.preferences.events import Event
from persimg.preferences.fit import PRIOR_SD, Row, matrix, maximum
from persimg.preferences.lexicon import Lexicon, lexicon
from persimg.preferences.population import LEAST_USERS, PRAISE, Population

STEPS = 10
LEAST_SD = 0.15
DIGITS = 4


def population_of(histories: Sequence[Sequence[Event]]) -> Population:
    """Of users' events, one list a user. UserError for fewer than LEAST_USERS users."""
    histories = [sorted(events, key=lambda e: (e.at, e.id)) for events in histories if events]
    if len(histories) < LEAST_USERS:
        mend = f"take at least {LEAST_USERS}, so that nobody's taste shows"
        raise UserError(f"{len(histories)} users with events are too few for a population", mend)
    table = lexicon()
    begun = Population(len(histories), {PRAISE: 0.0}, {PRAISE: PRIOR_SD}, *_shares(histories, table))
    rows = [judgements(events, table, begun) for events in histories]
    names = _named(rows, table)
    mean, sd = _fitted(rows, names)
    known = set(names)
    seen, asked = ({a: round(v, DIGITS) for a, v in shares.items() if a in known} for shares in (begun.seen, begun.asked))
    return Population(len(histories), _rounded(names, mean), _rounded(names, sd), seen, asked)


def _rounded(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return {name: round(float(value), DIGITS) for name, value in zip(names, values)}


def _shares(histories: Sequence[Sequence[Event]], table: Lexicon) -> tuple[dict[str, float], dict[str, float]]:
    """Lexicon id → share of the pictures seen that have it, and of prompts that ask for it."""
    seen: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    pictures = prompts = 0
    for event in (event for events in histories for event in events):
        if event.kind == "prompt":
            prompts += 1
            asked.update(set(of_prompt(event.text)))
        else:
            pictures += len(event.shown)
            for shown in event.shown:
                seen.update(shown.attributes)
    return {a: n / pictures for a, n in sorted(seen.items())}, {a: n / prompts for a, n in sorted(asked.items())}


def _named(rows: Sequence[Sequence[Row]], table: Lexicon) -> tuple[str, ...]:
    """What LEAST_USERS users told something of; nothing sensitive."""
    counts = Counter(name for own in rows for name in {a for row in own for a in row.x})
    return tuple(sorted(a for a, n in counts.items() if n >= LEAST_USERS and (a not in table.attributes or not table.attributes[a].is_sensitive)))


def _fitted(rows: Sequence[Sequence[Row]], names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(A,) means and deviations over users."""
    mean, sd = np.zeros(len(names)), np.full(len(names), PRIOR_SD)
    data = [(matrix(own, names), np.array([row.weight for row in own])) for own in rows]
    for _ in range(STEPS):
        found = [maximum(x, e, mean, sd) for x, e in data]
        weights = np.array([w for w, _ in found])
        mean = weights.mean(0)
        sd = np.sqrt(((weights - mean) ** 2).mean(0) + np.mean([np.diag(covariance) for _, covariance in found], 0))
    return mean, np.maximum(sd, LEAST_SD)
