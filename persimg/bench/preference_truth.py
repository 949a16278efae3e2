"""Is what a profile claims true, does it rank tastes as the user does, and do its explanations say what it rests on?"""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np

from persimg.bench import users
from persimg.bench.preference_arms import DEFAULT
from persimg.bench.preference_checks import MANY, Row
from persimg.bench.preference_scores import Setting, figure, profiles
from persimg.bench.user_events import life
from persimg.bench.user_worlds import TASTE_SLOTS, VALUES
from persimg.bench.users import User
from persimg.preferences import rewriters
from persimg.preferences.drawn import attribute_of, drawn
from persimg.preferences.events import Event
from persimg.preferences.profile import Belief, Profile

TRUTH = (("comments", 8), ("choices", 32), ("mixed", 32), ("mixed", 64))
TOP, CLEAR = 10, 0.3
"""tastes compared at the top; hidden weight from which on a taste is one"""
CITED_PROMPTS = 3
"""prompts a user in the deletion test"""
GONE, STAYS_GONE = 0.95, 0.05


# --- truth ------------------------------------------------------------------------------------------------------------


def truth(found: Sequence[User], setting: Setting) -> list[Row]:
    """Are claims ("you like X") true, do weights follow the hidden ones, and is nothing claimed of users without a taste?

    Spearman: of the weights of all values of the drawn world, unknown ones 0. precision: of the ten strongest beliefs, share that the
    user holds clearly and with that sign; recall: of the ten strongest hidden tastes, share among those ten beliefs with their sign."""
    rows = []
    for stream, count in TRUTH:
        known = profiles(found, stream, count, setting)
        title = f"{count} {stream}"
        right = [_right_claims(one, profile) for one, profile in zip(found, known)]
        rows.append(Row("truth", f"{title}: claims with the right sign", figure(np.array([np.mean(r) if r else np.nan for r in right])), 0.9))
        rows.append(Row("truth", f"{title}: claims a user", figure(np.array([float(len(r)) for r in right]))))
        ranks = [ranked(hidden_weights(one), profile) for one, profile in zip(found, known)]
        rows += [Row("truth", f"{title}: {name}", figure(np.array([row[name] for row in ranks]))) for name in ranks[0]]
    blank = [users.indifferent(one) for one in found]
    for stream, count in TRUTH:
        known, title = profiles(blank, stream, count, setting), f"{count} {stream}, users without a taste"
        false = [len(claims(profile)) / max(1, len(profile.beliefs)) for profile in known]
        rows.append(Row("truth", f"{title}: attributes claimed", figure(np.array(false)), 0.05, True))
        rows.append(Row("truth", f"{title}: claims a user", figure(np.array([float(len(claims(profile))) for profile in known]))))
    return rows


def claims(profile: Profile) -> list[Belief]:
    return [belief for belief in profile.beliefs.values() if belief.is_claimable and belief.weight]


def _right_claims(one: User, profile: Profile) -> list[bool]:
    """Of every claim that says something of the drawn world: has the hidden weight its sign?"""
    hidden = hidden_weights(one)
    meant = [(belief.weight, drawn().get(belief.attribute)) for belief in claims(profile)]
    return [bool(hidden[value] * weight > 0) for weight, value in meant if value]


def hidden_weights(one: User) -> dict[tuple[str, str], float]:
    """(slot, value) → how much better it is than what pictures mostly have, over animals and things. With quality, which answers go by
    too."""
    quality = users.quality(one.world)
    both = [{slot: {v: w[slot][v] + quality[slot][v] for v in w[slot]} for slot in TASTE_SLOTS} for w in (one.late.weights, one.late.of_things)]
    return {(s, v): float(np.mean([w[s][v] - users.expected(w, s) for w in both])) for s in TASTE_SLOTS for v in VALUES[s]}


def ranked(hidden: Mapping[tuple[str, str], float], profile: Profile) -> dict[str, float]:
    """Spearman's correlation, precision and recall of the ten strongest; NaN where nothing is believed or nothing held."""
    beliefs = {item: profile.beliefs.get(attribute_of(*item)) for item in hidden}
    believed = {item: belief.weight if belief else 0.0 for item, belief in beliefs.items()}
    own, true = _top(believed), _top(hidden)
    return {
        "rank correlation of weights": _spearman(np.array(list(believed.values())), np.array(list(hidden.values()))),
        f"precision of the {TOP} strongest": float(np.mean([hidden[i] * s >= CLEAR for i, s in own.items()])) if own else np.nan,
        f"recall of the {TOP} strongest": float(np.mean([own.get(i) == s for i, s in true.items()])) if true else np.nan,
    }  # fmt: skip


def _top(weights: Mapping[Any, float]) -> dict[Any, float]:
    """The strongest → their signs; what weighs nothing isn't among them."""
    order = sorted((item for item in weights if weights[item]), key=lambda item: (-abs(weights[item]), item))
    return {item: float(np.sign(weights[item])) for item in order[:TOP]}


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    """NaN where one is constant."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Equal values share the mean of their ranks."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts + 1) / 2)[where]


# --- explanations -----------------------------------------------------------------------------------------------------


def deletion(found: Sequence[User], setting: Setting) -> list[Row]:
    """Without the events that a phrase cites it is gone; without as many others it stays. Phrases that cite more events than they leave
    uncited are left out of both and counted; users without any other are left out too."""
    answers = [_deleted(one, setting) for one in found]
    gone, lost = (np.array([np.mean([row[k] for row in rows]) if rows else np.nan for rows, _ in answers]) for k in (0, 1))
    left_out, measured = sum(n for _, n in answers), sum(len(rows) for rows, _ in answers)
    note = f"{measured} phrases, {left_out} more cite over half of the events"
    return [
        Row("deletion", "phrases gone without the events they cite", figure(gone), GONE, note=note),
        Row("deletion", "phrases gone without as many other events", figure(lost), STAYS_GONE, True, note),
    ]


def _deleted(one: User, setting: Setting) -> tuple[list[tuple[bool, bool]], int]:
    """For each phrase, is it gone without the cited, and without as many others; and how many phrases were left out."""
    events, rows, left_out = life(one, "mixed", MANY, setting.lived), [], 0
    for prompt in users.new_prompts(one, CITED_PROMPTS):
        for attribute, cited in _cited(prompt, one, events, setting).items():
            others = [e.id for e in events if e.id not in cited]
            if len(others) < len(cited):
                left_out += 1
                continue
            uncited = set(one.rng("uncited", prompt, attribute).sample(others, len(cited)))
            left = ([e for e in events if e.id not in without] for without in (cited, uncited))
            gone, lost = (attribute not in _cited(prompt, one, part, setting) for part in left)
            rows.append((gone, lost))
    return rows, left_out


def _cited(prompt: str, one: User, events: Sequence[Event], setting: Setting) -> dict[str, set[str]]:
    made = rewriters.find(DEFAULT)(prompt, setting.profile_of(one, events), 1.0, setting.target)
    return {change.attribute: set(change.evidence) for change in made.changes if change.evidence and not change.negated}
