"""From events to beliefs: one estimator for every kind of event.

Each judgement becomes a row x over the attributes, in favour of which the user decided: the attributes of the picture chosen
less those of another one shown, of a liked picture less those of the user's average one, the attribute that a comment names. The
weights are the maximum a posteriori of a logistic regression with a Gaussian prior (deviation PRIOR_SD), their deviations those
of the Laplace approximation. What past prompts ask for moves the prior's mean a little: asking is not liking. At the maximum
w - w0 = s^2 sum_i e_i (1 - p_i) x_i, so that each event's share in a weight is exact. Beside a population, where there is one, the prior
is its Gaussian, a past prompt is a weak choice among what prompts ask for, and weights are told above what pictures mostly have.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Iterable, Mapping, Sequence

import numpy as np

from persimg.preferences import attributes
from persimg.preferences.events import Event
from persimg.preferences.fit import MAX_EVIDENCE, PRIOR_SD, Posterior, Row, fit, fitted, strongest
from persimg.preferences.lexicon import Lexicon, lexicon
from persimg.preferences.population import PRAISE, Population
from persimg.preferences.profile import ACTIVE, MUTED, PINNED, Asked, Belief, Profile

VERSION = "1"
HALF_LIFE_DAYS = 90.0
"""after which an event that isn't a statement counts half; counted back from the user's last event, not from today"""
WEIGHTS = {"comment": 2.0, "choice": 1.5, "rating": 1.0, "like": 1.0, "dislike": 1.0, "keep": 1.0, "delete": 0.5}
SEEN_IN_COMMENTED = 0.25
"""weight of what a commented picture has beside what the comment names, as a share of the comment's own"""
STATED = 2.0
"""least weight of what was stated outright"""
MAX_ROWS = 4_000
"""the newest judgements that are looked at: older ones have faded"""
ASKED_GAIN, ASKED_CAP, ASKED_DOUBT = 4.0, 1.0, 4.0
"""an attribute in a share of the past prompts has prior mean min(cap, gain * count / (prompts + doubt))"""
ASKED_ROW = 0.7
"""weight of a past prompt as a choice, beside a population"""
VALENCE = {"like": 1.0, "keep": 1.0, "dislike": -1.0, "delete": -1.0}
ASKING = 0.3


def profile_of(user: str, events: Iterable[Event], population: Population | None = None) -> Profile:
    """The profile of a user from all events, in any order. Without events there is none, whatever the population likes."""
    events = sorted(events, key=lambda e: (e.at, e.id))
    table = lexicon()
    beliefs = beside(population, events, table) if population and events else alone(events, table)
    return Profile(user, edited(beliefs, events, table), asked(events), unmapped(events), revision_of(events, population))


def alone(events: Sequence[Event], table: Lexicon) -> dict[str, Belief]:
    """Beliefs from nothing but the user's own events, ordered by time."""
    prior = prior_of(events, table)
    beliefs = fitted(judgements(events, table), {a: m for a, (m, _) in prior.items()})
    return {a: _with_prompts(belief, prior.get(a)) for a, belief in beliefs.items()}


def beside(population: Population, events: Sequence[Event], table: Lexicon) -> dict[str, Belief]:
    """Beliefs that begin at the population's. A weight is its share of that (common) and what the events add."""
    rows = judgements(events, table, population)
    return fitted(rows, population.mean, population.sd, lambda names: population.beside_usual(names, table))


def revision_of(events: Sequence[Event], population: Population | None = None) -> str:
    """Equal for equal events, lexicon, estimator and population. events: ordered by time and id."""
    digest = hashlib.sha256(f"{lexicon().version} {VERSION} {population.version if population else ''}".strip().encode())
    for event in events:
        # asdict copies every mapping, which takes three times as long
        fields = {**vars(event), "shown": [vars(shown) for shown in event.shown]}
        digest.update(json.dumps(fields, sort_keys=True, ensure_ascii=False, default=dict).encode())
    return digest.hexdigest()


# --- events to rows ---------------------------------------------------------------------------------------------------


def judgements(events: Sequence[Event], table: Lexicon, population: Population | None = None) -> list[Row]:
    """The newest MAX_ROWS rows, faded by age. Beside a population prompts are rows too."""
    if not events:
        return []
    mean, median = _average_picture(events), _median_rating(events)
    last = datetime.fromisoformat(events[-1].at)
    rows: list[Row] = []
    for event in reversed(events):
        if len(rows) >= MAX_ROWS:
            break
        fade = 0.5 ** (max(0.0, (last - datetime.fromisoformat(event.at)).total_seconds()) / 86_400 / HALF_LIFE_DAYS)
        rows += [replace(row, weight=row.weight * fade) for row in _rows(event, mean, median, table, population) if row.x]
    return rows[:MAX_ROWS]


def _rows(event: Event, mean: Mapping[str, float], median: float, table: Lexicon, population: Population | None) -> list[Row]:
    weight = WEIGHTS.get(event.kind, 0.0)
    if event.kind == "choice":
        chosen, others = event.shown[event.chosen or 0], [s for i, s in enumerate(event.shown) if i != event.chosen]
        return [Row(event.id, event.kind, _less(chosen.attributes, other.attributes), weight / len(others)) for other in others]
    if event.kind in VALENCE:
        reference = _mean([s.attributes for s in event.shown[1:]]) if len(event.shown) > 1 else mean
        return [Row(event.id, event.kind, _less(event.shown[0].attributes, reference, VALENCE[event.kind]), weight)]
    if event.kind == "rating" and event.rating is not None and event.rating != median:
        sign = 1.0 if event.rating > median else -1.0
        return [Row(event.id, event.kind, _less(event.shown[0].attributes, mean, sign), weight * min(1.0, 2 * abs(event.rating - median)))]
    if event.kind == "comment":
        return _comment_rows(event, mean, weight, population)
    if event.kind == "prompt" and population:
        return [Row(event.id, event.kind, population.contrast(a, table), ASKED_ROW) for a in asked_how(event, table)]
    return []


def _comment_rows(event: Event, mean: Mapping[str, float], weight: float, population: Population | None) -> list[Row]:
    """A row for each attribute that is named; a faint one for what else the picture has, where the comment is of one mind."""
    pictured = event.shown[0].attributes if event.shown else {}
    named = {a: v for a, v in opinions(event.text, pictured).items()}
    signed = {a: float(np.sign(v)) for a, v in named.items()}
    rows = [Row(event.id, "comment", {a: s, PRAISE: s} if population else {a: s}, weight * abs(named[a])) for a, s in signed.items()]
    signs = {float(np.sign(v)) for v in named.values()}
    if len(signs) == 1 and pictured:
        rest = {a: v for a, v in _less(pictured, mean, signs.pop()).items() if a not in named}
        rows.append(Row(event.id, TONE, rest, weight * SEEN_IN_COMMENTED))
    return rows


TONE = "tone"
"""kind of what a comment says by being praise or blame of a picture, without a word about the attribute"""


def opinions(text: str, pictured: Mapping[str, float]) -> dict[str, float]:
    """Attribute → -1..1: what a text likes and dislikes, "the colours" being those that the picture has, but for what it names itself:
    "nice composition, but too busy" is no praise of the clutter."""
    said = attributes.mentions(text)
    named = {mention.attribute for mention in said.mentions}
    meant = tuple(mention for mention in attributes.resolved(said.requests, pictured) if mention.attribute not in named)
    return replace(said, mentions=said.mentions + meant).weights()


def _less(a: Mapping[str, float], b: Mapping[str, float], sign: float = 1.0) -> dict[str, float]:
    """sign * (a - b), without zeros."""
    found = {key: sign * (a.get(key, 0.0) - b.get(key, 0.0)) for key in (*a, *(k for k in b if k not in a))}
    return {key: value for key, value in found.items() if abs(value) > 1e-9}


def _mean(pictures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for picture in pictures:
        for key, value in picture.items():
            total[key] += value / len(pictures)
    return dict(total)


def _average_picture(events: Sequence[Event]) -> dict[str, float]:
    """The mean of all pictures that the user saw, with one empty picture more: a single one differs from it too."""
    seen = [shown.attributes for event in events if event.kind != "prompt" for shown in event.shown]
    return _mean([*seen, {}])


def _median_rating(events: Sequence[Event]) -> float:
    ratings = [event.rating for event in events if event.rating is not None]
    return float(np.median(ratings)) if len(ratings) > 1 else 0.5


# --- what was asked for -----------------------------------------------------------------------------------------------


def asked(events: Sequence[Event]) -> tuple[Asked, ...]:
    """Past prompts, each text once, with what became of its pictures; oldest first."""
    found: dict[str, Asked] = {}
    for event in events:
        if event.kind == "prompt":
            known = found.pop(event.text, None)
            found[event.text] = Asked(event.id, event.text, known.valence if known else ASKING)
        elif event.kind in VALENCE and event.shown[0].asked:
            text = event.shown[0].asked
            found[text] = Asked(found[text].event if text in found else event.id, text, VALENCE[event.kind])
    return tuple(found.values())


def prior_of(events: Sequence[Event], table: Lexicon) -> dict[str, tuple[float, list[str]]]:
    """Attribute → mean of its prior, and the prompts it comes from. Content is left out: who asks for castles need not like them."""
    prompts = {event.text: event for event in events if event.kind == "prompt"}
    named: dict[str, list[str]] = defaultdict(list)
    for event in prompts.values():
        for attribute in asked_how(event, table):
            named[attribute].append(event.id)
    return {a: (min(ASKED_CAP, ASKED_GAIN * len(ids) / (len(prompts) + ASKED_DOUBT)), ids) for a, ids in named.items()}


def asked_how(event: Event, table: Lexicon) -> list[str]:
    """What a prompt asks for beside content: read when it was recorded, which takes far less time than reading it again."""
    found = event.shown[0].attributes if event.shown else attributes.of_prompt(event.text)
    entries = [table.attributes[a] for a in found if a in table.attributes]
    return [entry.id for entry in entries if not (entry.is_sensitive or table.categories[entry.category].is_content)]


def _with_prompts(belief: Belief, prior: tuple[float, list[str]] | None) -> Belief:
    """The belief with its past prompts as evidence, which share the prior's mean."""
    if not prior:
        return belief
    mean, ids = prior
    evidence = {**belief.evidence, **{id: mean / len(ids) for id in ids[-MAX_EVIDENCE:]}}
    support = {**belief.support, **({"prompt": len(ids)} if belief.weight > 0 else {})}
    return replace(belief, evidence=strongest(evidence), support=support)


# --- the fit ----------------------------------------------------------------------------------------------------------


def posterior_of(events: Iterable[Event], also: Iterable[str] = ()) -> Posterior:
    """Over all attributes that the events, the prior or `also` name: what questions are chosen by."""
    events, table = sorted(events, key=lambda e: (e.at, e.id)), lexicon()
    prior = {a: m for a, (m, _) in prior_of(events, table).items()}
    return fit(judgements(events, table), {**dict.fromkeys(also, 0.0), **prior}, {})[0]


# --- what the user says of himself ------------------------------------------------------------------------------------


def edited(beliefs: dict[str, Belief], events: Sequence[Event], table: Lexicon) -> dict[str, Belief]:
    """Statements and edits over what was inferred, the newest last. Sensitive attributes stay only where they were stated."""
    found = {a: b for a, b in beliefs.items() if a in table.attributes and not table.attributes[a].is_sensitive}
    for event in events:
        if event.kind == "statement":
            found |= {a: _pinned(found.get(a), a, v * STATED, event) for a, v in opinions(event.text, {}).items()}
        elif event.kind == "edit" and event.attribute in table.attributes:
            _apply(found, beliefs, event)
    return found


def _pinned(known: Belief | None, attribute: str, weight: float, event: Event) -> Belief:
    """At least STATED in the direction that was said."""
    inferred = known.weight if known and known.weight * weight > 0 else 0.0
    weight = float(np.sign(weight)) * max(STATED, abs(inferred)) if event.kind == "statement" else weight
    evidence = strongest({**(known.evidence if known else {}), event.id: weight})
    return Belief(attribute, round(weight, 6), 0.0, evidence, {**(known.support if known else {}), event.kind: 1}, PINNED)


def _apply(found: dict[str, Belief], inferred: Mapping[str, Belief], event: Event) -> None:
    attribute, known = event.attribute, found.get(event.attribute)
    if event.text == "pin":
        found[attribute] = _pinned(known, attribute, float(event.weight or 0.0), event)
    elif event.text == "mute":
        found[attribute] = replace(known or Belief(attribute, 0.0, PRIOR_SD, {}), status=MUTED)
    elif attribute in inferred:
        found[attribute] = replace(inferred[attribute], status=ACTIVE)
    else:
        found.pop(attribute, None)


def unmapped(events: Sequence[Event]) -> tuple[tuple[str, bool, str], ...]:
    """What was said that the lexicon has no word for, or that no picture answers ("I love the colours", of nothing)."""
    found: list[tuple[str, bool, str]] = []
    for event in events:
        if event.kind in ("comment", "statement"):
            said, pictured = attributes.mentions(event.text), event.shown[0].attributes if event.shown else {}
            open_requests = [r for r in said.requests if not attributes.resolved([r], pictured)]
            found += [(r.text, r.polarity > 0, event.id) for r in said.unmapped] + [(r.quote, r.polarity > 0, event.id) for r in open_requests]
    return tuple(dict.fromkeys(found))
