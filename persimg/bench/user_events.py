"""What simulated users do: choices, ratings, likes, comments, prompts, as the events that a profile is computed from.

Choices go by a softmax of the hidden preference, now and then by place or at random; comments mostly name a true reason, sometimes
something that is there besides, sometimes nothing. Pictures carry what an extractor observed of them, never the hidden truth.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from importlib import import_module
from types import ModuleType
from typing import Sequence

from persimg.bench import users
from persimg.bench.remarks import Reason
from persimg.bench.user_worlds import TASTE_SLOTS, VALUES, Picture, Show, observed
from persimg.bench.users import CONTRADICTS, FIRST, User
from persimg.mini.world.labels import NONE
from persimg.preferences.drawn import attribute_of
from persimg.preferences.events import Event, Shown, new_id

SLATE = 4
START, STEP_HOURS = datetime(2026, 1, 1, tzinfo=timezone.utc), 18
MIXED = (
    "prompt", "choice", "comment", "rating", "choice", "prompt", "comment", "like",
    "prompt", "choice", "comment", "rating", "choice", "prompt", "comment", "dislike",
)  # fmt: skip
"""the order of mixed events, over and over: each four of prompts, choices and comments"""
STREAMS = {"comments": ("comment",), "choices": ("choice",), "prompts": ("prompt",), "mixed": MIXED}
"""what a history of one name is made of"""
PICTURES = {"choice": SLATE, "like": SLATE, "dislike": SLATE, "keep": SLATE, "delete": SLATE, "rating": 1, "comment": 1}
TRUE_REASON, DISTRACTOR, CLEAR, SECOND_REASON = 0.7, 0.2, 0.2, 0.5
"""how often a comment names a true reason and something besides; what a reason must weigh; how often a second one is given"""
RATING_NOISE = 0.1


@dataclass(frozen=True)
class Plan:
    """An event to come: what kind, for which prompt, of which of the pictures drawn for all."""

    kind: str
    number: int
    prompt: str
    first: int
    early: bool


def life(found: User, stream: str, count: int, show: Show) -> list[Event]:
    """The first `count` events of a stream; a drifting user's taste changes half-way through them."""
    return happened(found, [STREAMS[stream][i % len(STREAMS[stream])] for i in range(count)], show, stream)


def happened(found: User, kinds: Sequence[str], show: Show, purpose: str = "") -> list[Event]:
    """Events of these kinds, in this order. All pictures are drawn in one call."""
    plans, prompts, seeds = [], [], []
    for number, kind in enumerate(kinds):
        early = 2 * number < len(kinds)
        prompt = users.past_prompt(found, number, early)
        plans.append(Plan(kind, number, prompt, len(prompts), early))
        for k in range(PICTURES.get(kind, 0)):
            prompts.append(prompt)
            seeds.append(found.rng("picture", purpose, number, k).randrange(2**31))
    pictures = show(prompts, seeds) if prompts else []
    return [_event(found, plan, pictures[plan.first : plan.first + PICTURES.get(plan.kind, 0)], purpose) for plan in plans]


def _event(found: User, plan: Plan, pictures: Sequence[Picture], purpose: str) -> Event:
    rng = found.rng("event", purpose, plan.number)
    at = START + timedelta(hours=STEP_HOURS * plan.number)
    id = new_id(int(at.timestamp() * 1000), rng.randbytes(10))
    event = Event(id, found.name, at.isoformat(timespec="milliseconds"), plan.kind)
    if plan.kind == "prompt":
        return replace(event, text=plan.prompt)
    if plan.kind == "statement":
        return replace(event, text=stated(found, plan.early, rng))
    if plan.kind == "edit":
        return _edit(event, found, plan.early, rng)
    shown = [Shown(f"{id}-{k}", observed(picture, rng), plan.prompt) for k, picture in enumerate(pictures)]
    return _answer(replace(event, shown=tuple(shown), subject=pictures[0]["kind"]), found, pictures, plan.early, rng)


def _answer(event: Event, found: User, pictures: Sequence[Picture], early: bool, rng: random.Random) -> Event:
    values = [found.utility(picture, early) for picture in pictures]
    if event.kind == "choice":
        return replace(event, chosen=taken(values, found, rng))
    if event.kind == "rating":
        rating = rng.random() if rng.random() < found.lapses else users.quantile(found, pictures[0], early) + rng.gauss(0, RATING_NOISE)
        return replace(event, rating=round(min(1.0, max(0.0, rating)), 2))
    if event.kind == "comment":
        return replace(event, text=commented(found, pictures[0], early, rng))
    i = taken(values if event.kind in ("like", "keep") else [-value for value in values], found, rng)
    return replace(event, shown=(event.shown[i], *event.shown[:i], *event.shown[i + 1 :]), subject=pictures[i]["kind"])


def taken(values: list[float], found: User, rng: random.Random) -> int:
    """Index of the picture taken."""
    if rng.random() < found.lapses:
        return rng.randrange(len(values))
    return 0 if rng.random() < FIRST else users.chosen(values, found.temperature, rng)


# --- words ------------------------------------------------------------------------------------------------------------


def commented(found: User, picture: Picture, early: bool, rng: random.Random) -> str:
    taste = found.early if early else found.late
    worths = {s: value for s, value in taste.reasons(picture).items() if picture[s] != NONE}
    is_liked = sum(worths.values()) > 0 if any(worths.values()) else rng.random() < 0.5
    clear = sorted((s for s in worths if abs(worths[s]) > CLEAR), key=lambda s: (-abs(worths[s]), s))
    kind = rng.random()
    if kind < TRUE_REASON and clear:
        slots = clear[: 2 if rng.random() < SECOND_REASON else 1]
        reasons = [_reason(picture, s, worths[s] > 0, rng) for s in slots]
    elif kind < TRUE_REASON + DISTRACTOR and worths:
        reasons = [_reason(picture, rng.choice([s for s in worths if s not in clear[:1]]), is_liked, rng)]
    else:
        reasons = []
    if "contradictory" in found.traits and rng.random() < CONTRADICTS:
        reasons, is_liked = [replace(reason, is_liked=not reason.is_liked) for reason in reasons], not is_liked
    return grammar(found).remark(reasons, is_liked, rng)


def grammar(found: User) -> ModuleType:
    """The module with remark(reasons, is_liked, rng) and clause(reason, rng) that puts a user's reasons into words."""
    return import_module(f"persimg.bench.{found.grammar}")


def _reason(picture: Picture, slot: str, is_liked: bool, rng: random.Random) -> Reason:
    rivals = [value for value in VALUES[slot] if value != picture[slot]]
    return Reason(slot, picture[slot], is_liked, rng.choice(rivals))


def stated(found: User, early: bool, rng: random.Random) -> str:
    """Something that the user holds of pictures as such."""
    slot, value, is_liked = extreme(found, early, rng)
    return grammar(found).clause(Reason(slot, value, is_liked), rng)


def extreme(found: User, early: bool, rng: random.Random) -> tuple[str, str, bool]:
    """One of the five strongest likes and dislikes."""
    weights = (found.early if early else found.late).weights
    ranked = sorted(((slot, value) for slot in TASTE_SLOTS for value in VALUES[slot]), key=lambda sv: -abs(weights[sv[0]][sv[1]]))
    slot, value = rng.choice(ranked[:5])
    return slot, value, weights[slot][value] > 0


def _edit(event: Event, found: User, early: bool, rng: random.Random) -> Event:
    slot, value, is_liked = extreme(found, early, rng)
    return replace(event, text="pin", attribute=attribute_of(slot, value), weight=2.0 if is_liked else -2.0)
