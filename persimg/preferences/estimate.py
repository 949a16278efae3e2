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
import itertools
import json
import re
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Iterable, Mapping, Sequence

import numpy as np

from persimg.preferences import attributes, statement
from persimg.preferences.events import Event
from persimg.preferences.fit import MAX_EVIDENCE, PRIOR_SD, Posterior, Row, fit, fitted, strongest
from persimg.preferences.lexicon import Lexicon, lexicon
from persimg.preferences.population import PRAISE, Population
from persimg.preferences.profile import HIGH, LOW, MUTED, PINNED, TONE, Asked, Belief, Profile

VERSION = "3"
"""another one whenever equal events may give other beliefs, be it by the parser of comments"""
HALF_LIFE_DAYS = 90.0
"""after which an event that isn't a statement counts half; counted back from the user's last event, not from today"""
WEIGHTS = {"comment": 3.0, "choice": 1.0, "rating": 1.0, "like": 1.0, "dislike": 1.0, "keep": 1.0, "delete": 0.5}
SEEN_IN_COMMENTED = 0.15
"""weight of what a commented picture has beside what the comment names, as a share of the comment's own"""
STATED = 2.0
"""least weight of what was stated outright"""
MAX_ROWS = 4_000
"""the newest judgements that are looked at: older ones have faded"""
ASKED_GAIN, ASKED_CAP, ASKED_DOUBT = 6.0, 1.0, 4.0
"""an attribute in a share of the past prompts has prior mean min(cap, gain * count / (prompts + doubt))"""
ASKED_ROW = 0.7
"""weight of a past prompt as a choice, beside a population"""
RATING_DOUBT = 2.0
"""ratings that the middle of the scale counts as"""
HASHED_AT_ONCE = 4096
HOUR = len("2026-01-01T10")
MOST_ENDS = 100
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
    for i in range(0, len(events), HASHED_AT_ONCE):
        # vars, since asdict copies every mapping, and many at once: each takes a third of the time
        fields = [{**vars(event), "shown": [vars(shown) for shown in event.shown]} for event in events[i : i + HASHED_AT_ONCE]]
        digest.update(json.dumps(fields, sort_keys=True, ensure_ascii=False, default=dict).encode())
    return digest.hexdigest()


# --- events to rows ---------------------------------------------------------------------------------------------------


def judgements(events: Sequence[Event], table: Lexicon, population: Population | None = None) -> list[Row]:
    """The newest MAX_ROWS rows, faded by age. Beside a population prompts are rows too."""
    if not events:
        return []
    mean, median = _average_picture(events), _median_rating(events)
    rows: list[Row] = []
    for event in reversed(events):
        if len(rows) >= MAX_ROWS:
            break
        rows += [replace(row, weight=row.weight * faded(event, events[-1])) for row in _rows(event, mean, median, table, population) if row.x]
    return rows[:MAX_ROWS]


def faded(event: Event, last: Event) -> float:
    """0..1: what is left of an event's weight at the time of the last one, to the hour."""
    return _faded(event.at[:HOUR], last.at[:HOUR])


@lru_cache(10_000)
def _faded(at: str, last: str) -> float:
    passed = datetime.fromisoformat(f"{last}:00") - datetime.fromisoformat(f"{at}:00")
    return 0.5 ** (max(0.0, passed.total_seconds()) / 86_400 / HALF_LIFE_DAYS)


def _rows(event: Event, mean: Mapping[str, float], median: float, table: Lexicon, population: Population | None) -> list[Row]:
    weight = WEIGHTS.get(event.kind, 0.0)
    if event.kind == "choice":
        chosen, others = event.shown[event.chosen or 0], [s for i, s in enumerate(event.shown) if i != event.chosen]
        return [Row(event.id, event.kind, _less(chosen.attributes, other.attributes), weight / len(others)) for other in others]
    if event.kind in VALENCE:
        reference = _mean([s.attributes for s in event.shown[1:]]) if len(event.shown) > 1 else mean
        return [Row(event.id, event.kind, _less(event.shown[0].attributes, reference, VALENCE[event.kind]), weight)]
    if event.kind == "rating" and event.rating is not None and event.rating != median:
        kind, sign = (HIGH, 1.0) if event.rating > median else (LOW, -1.0)
        return [Row(event.id, kind, _less(event.shown[0].attributes, mean, sign), weight * min(1.0, 2 * abs(event.rating - median)))]
    if event.kind == "comment":
        return _comment_rows(event, mean, weight, population)
    if event.kind == "prompt" and population:
        return [Row(event.id, event.kind, population.contrast(a, table), ASKED_ROW) for a in asked_how(event, table)]
    return []


def _comment_rows(event: Event, mean: Mapping[str, float], weight: float, population: Population | None) -> list[Row]:
    """A row for each attribute that is named; a fainter one for what else the picture has, by the verdict on it as a whole, or
    without one where all that is named is praised or all is blamed."""
    pictured = event.shown[0].attributes if event.shown else {}
    named = opinions(event.text, pictured)
    signed = {a: float(np.sign(v)) for a, v in named.items()}
    rows = [Row(event.id, "comment", {a: s, PRAISE: s} if population else {a: s}, weight * abs(named[a])) for a, s in signed.items()]
    tone = _tone(event.text, set(signed.values()), weight) if pictured else 0.0
    if tone:
        rest = {a: v for a, v in _less(pictured, mean, float(np.sign(tone))).items() if a not in named}
        rows.append(Row(event.id, TONE, rest, abs(tone)))
    return rows


def _tone(text: str, signs: set[float], weight: float) -> float:
    """Signed weight of what a comment tells of the rest of its picture. One that is only a verdict counts as a like or a dislike."""
    verdict = statement.verdict(text)
    if not signs:
        return verdict * WEIGHTS["like"]
    sign = float(np.sign(verdict)) if verdict else sum(signs)  # of both signs: 0
    return sign * weight * SEEN_IN_COMMENTED


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
    """Of the user's ratings, drawn to the middle of the scale while they are few: three times the best is no average."""
    ratings = [event.rating for event in events if event.rating is not None]
    if not ratings:
        return 0.5
    return (len(ratings) * float(np.median(ratings)) + RATING_DOUBT * 0.5) / (len(ratings) + RATING_DOUBT)


# --- what was asked for -----------------------------------------------------------------------------------------------


def asked(events: Sequence[Event]) -> tuple[Asked, ...]:
    """Past prompts, each text once, with what became of its pictures; oldest first."""
    found: dict[str, Asked] = {}
    for event in events:
        if event.kind == "prompt":
            known = found.pop(event.text, None)
            found[event.text] = Asked(event.id, event.text, known.valence if known else ASKING)
        elif event.kind in VALENCE and (text := _typed(event.shown[0].asked, found)):
            found[text] = replace(found[text], valence=VALENCE[event.kind])
    return tuple(found.values())


def _typed(asked: str, prompts: Mapping[str, Asked]) -> str:
    """The past prompt that a picture was drawn for, behind which rewriting may have gone on (`compose.joined`); "" for none: what persimg
    added itself must not count as asked for. Of long texts only the first MOST_ENDS places are looked at."""
    if asked in prompts:
        return asked
    marks = [match.start() for match in itertools.islice(re.finditer(r"[,.;] ", asked), MOST_ENDS)]
    heads = (head for mark in reversed(marks) for head in (asked[: mark + 1], asked[:mark]))
    return next((head for head in heads if head in prompts), "")


def prior_of(events: Sequence[Event], table: Lexicon) -> dict[str, tuple[float, list[str]]]:
    """Attribute → mean of its prior, and the prompts it comes from. Content is left out: who asks for castles need not like them."""
    prompts = {event.text: event for event in events if event.kind == "prompt"}
    named: dict[str, dict[str, float]] = defaultdict(dict)
    total = ASKED_DOUBT
    for event in prompts.values():
        total += (fade := faded(event, events[-1]))
        for attribute in asked_how(event, table):
            named[attribute][event.id] = fade
    return {a: (min(ASKED_CAP, ASKED_GAIN * sum(fades.values()) / total), list(fades)) for a, fades in named.items()}


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
    if belief.weight <= 0:
        return belief
    evidence = {**belief.evidence, **{id: mean / len(ids) for id in ids[-MAX_EVIDENCE:]}}
    return replace(belief, evidence=strongest(evidence), support={**belief.support, "prompt": len(ids)})


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
    reset = {event.attribute: i for i, event in enumerate(events) if event.kind == "edit" and event.text == "reset"}
    for i, event in enumerate(events):
        if event.kind == "statement":
            found |= {a: _pinned(found.get(a), a, v * STATED, event) for a, v in opinions(event.text, {}).items()}
        elif event.kind == "edit" and event.attribute in table.attributes and i > reset.get(event.attribute, -1):
            found[event.attribute] = _changed(found.get(event.attribute), event)
    return found


def _changed(known: Belief | None, edit: Event) -> Belief:
    if edit.text == "pin":
        return _pinned(known, edit.attribute, float(edit.weight or 0.0), edit)
    return replace(known or Belief(edit.attribute, 0.0, PRIOR_SD, {}), status=MUTED)


def _pinned(known: Belief | None, attribute: str, weight: float, event: Event) -> Belief:
    """As the user set it; at least STATED in the direction of a statement, which doesn't undo a mute. What spoke for the contrary is no reason."""
    agrees = known is not None and known.weight * weight > 0
    if event.kind == "statement":
        weight = float(np.sign(weight)) * max(STATED, abs(known.weight) if known and agrees else 0.0)
    reasons, support = (known.evidence, known.support) if known and agrees else ({}, {})
    status = MUTED if known and known.status == MUTED and event.kind == "statement" else PINNED
    return Belief(attribute, round(weight, 6), 0.0, strongest({**reasons, event.id: weight}), {**support, event.kind: 1}, status)


def unmapped(events: Sequence[Event]) -> tuple[tuple[str, bool, str], ...]:
    """What was said that the lexicon has no word for, or that no picture answers ("I love the colours", of nothing)."""
    found: list[tuple[str, bool, str]] = []
    for event in events:
        if event.kind in ("comment", "statement"):
            said, pictured = attributes.mentions(event.text), event.shown[0].attributes if event.shown else {}
            answered = {r.quote for r in said.requests if attributes.resolved([r], pictured)}  # "the colours" ask in several categories
            open_requests = [r for r in said.requests if r.quote not in answered]
            found += [(r.text, r.polarity > 0, event.id) for r in said.unmapped] + [(r.quote, r.polarity > 0, event.id) for r in open_requests]
    return tuple(dict.fromkeys(found))
