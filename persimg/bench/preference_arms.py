"""The arms of `persimg bench preferences`: one prompt, written in as many ways as there are ideas of what a user wants.

Arms that are compared with a rewriter add at most as many phrases as it, to the prompt and to the negative prompt, for more words alone
raise the score; fewer where they know no more to add. The oracle knows the hidden preference and adds what it says, as long as it helps.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import Mapping, Sequence

from persimg.bench import users
from persimg.bench.user_worlds import PICTURE_SLOTS, TASTE_SLOTS, VALUES, phrase, said
from persimg.bench.users import User
from persimg.preferences import rewriters
from persimg.preferences.compose import MOST, joined
from persimg.preferences.profile import Profile
from persimg.preferences.rewriter import Target

OWN = ("history", "attributes", "both")
"""rewriters from the user's own profile"""
DEFAULT = rewriters.DEFAULT
ARMS = ("none", *(f"generic, as {own}" for own in OWN), "popular", "nearest", "other", *OWN, "generic, long", "oracle, as both", "oracle")
"""none: the prompt itself; generic: what users like on average; popular: what they ask for most; nearest: what the nearest past prompt
asked for; other: another user's profile; "as X": at most as many phrases as X; long: as many as the oracle"""
FEW = ("none", f"generic, as {DEFAULT}", "other", DEFAULT, f"oracle, as {DEFAULT}", "oracle")
"""arms of drawn pictures, which take seconds each, unless all are asked for"""
SETS = {"all": ARMS, "few": FEW}
STYLES = tuple(slot for slot in PICTURE_SLOTS if slot != "place")
POPULATION, POPULATION_PROMPTS = 60, 16
Ranking = Sequence[tuple[str, str]]
"""(slot, value), what to add first"""


@dataclass(frozen=True)
class Text:
    """A prompt for one arm. added: how many phrases; negative: the negative prompt."""

    prompt: str
    added: int
    negative: str = ""


@cache
def population(world: int) -> dict[str, Ranking]:
    """What can be known of a world's users without knowing this one: by train users. generic: by their mean hidden preference, more
    than anything that learns from events could know; popular: by how often their prompts name it."""
    found = users.users("train", POPULATION, world)
    total = {slot: dict.fromkeys(VALUES[slot], 0.0) for slot in TASTE_SLOTS}
    for one in found:
        for weights in (one.late.weights, one.late.of_things):
            for slot, values in weights.items():
                for value, worth in values.items():
                    total[slot][value] += worth / 2 / len(found)
    prompts = [users.past_prompt(one, k) for one in found for k in range(POPULATION_PROMPTS)]
    named = Counter(item for prompt in prompts for item in said(prompt).items() if item[0] in STYLES)
    popular = [item for item, _ in sorted(named.items(), key=lambda pair: (-pair[1], pair[0]))]
    return {"generic": by_gain(total, world), "avoided": by_gain(total, world, -1.0), "popular": popular}


def by_gain(weights: Mapping[str, Mapping[str, float]], world: int, sign: float = 1.0) -> Ranking:
    """What raises the score over what pictures mostly have, the most first; sign -1: what lowers it."""
    quality = users.quality(world)
    both = {slot: {v: weights[slot][v] + quality[slot][v] for v in VALUES[slot]} for slot in TASTE_SLOTS}
    gains = {(slot, v): sign * (both[slot][v] - users.expected(both, slot)) for slot in TASTE_SLOTS for v in VALUES[slot] if phrase(slot, v)}
    return sorted((item for item, gain in gains.items() if gain > 0), key=lambda item: (-gains[item], item))


def enriched(prompt: str, ranking: Ranking, count: int, target: Target) -> Text:
    """The first `count` of a ranking that the prompt leaves open, one a slot, within the target's budget."""
    closed, phrases = set(said(prompt)), []
    for slot, value in ranking:
        if len(phrases) >= count:
            break
        if slot not in closed and target.count(joined(prompt, [*phrases, phrase(slot, value)])) <= target.budget:
            closed.add(slot)
            phrases.append(phrase(slot, value))
    return Text(joined(prompt, phrases), len(phrases))


def oracle(prompt: str, found: User, target: Target, count: int = MOST) -> Text:
    return enriched(prompt, by_gain(found.late.of(said(prompt).get("kind", "")), found.world), count, target)


def own(name: str, prompt: str, profile: Profile, target: Target) -> Text:
    made = rewriters.find(name)(prompt, profile, 1.0, target)
    return Text(made.rewritten, sum(not change.negated for change in made.changes), made.negative)


def avoiding(text: Text, prompt: str, ranking: Ranking, count: int) -> Text:
    """With the first `count` of what is to be avoided, and isn't asked for, as the negative prompt."""
    wanted = set(said(text.prompt).items()) | set(said(prompt).items())
    phrases = [phrase(slot, value) for slot, value in ranking if (slot, value) not in wanted]
    return replace(text, negative=", ".join(phrases[:count]))


def negatives(text: Text) -> int:
    """How many phrases a negative prompt has."""
    return len(text.negative.split(", ")) if text.negative else 0


def nearest(prompt: str, profile: Profile, count: int, target: Target) -> Text:
    """What the nearest past prompt says of the picture; of the newest where none is near."""
    if not profile.history:
        return Text(prompt, 0)
    hits = profile.index.search(prompt, 1)
    past = profile.history[hits[0].index if hits else -1].prompt
    return enriched(prompt, [item for item in said(past).items() if item[0] in PICTURE_SLOTS], count, target)


def of_others(prompt: str, others: Sequence[Profile], count: int, target: Target, barred: int = 0) -> Text:
    """With the first of other users' profiles that has as much to add, cut to as much; else with the one that has most. barred: at most
    as many phrases in the negative prompt."""
    best = Text(prompt, 0)
    for profile in others if count else ():
        made = rewriters.find(DEFAULT)(prompt, profile, 1.0, target)
        changes = [change for change in made.changes if not change.negated]
        strongest = sorted(changes, key=lambda change: -change.weight)[:count]
        if len(strongest) > best.added:
            text = joined(prompt, [change.text for change in changes if change in strongest])
            best = Text(text, len(strongest), ", ".join(made.negative.split(", ")[:barred]))
        if best.added >= count:
            break
    return best


def texts(prompt: str, found: User, profile: Profile, others: Sequence[Profile], target: Target) -> dict[str, Text]:
    """The prompt in all arms."""
    known = population(found.world)
    made = {name: own(name, prompt, profile, target) for name in OWN}
    count, best = made[DEFAULT].added, oracle(prompt, found, target)
    generic = {f"generic, as {name}": enriched(prompt, known["generic"], made[name].added, target) for name in OWN}
    all_made = {
        "none": Text(prompt, 0), **generic, "popular": enriched(prompt, known["popular"], count, target),
        "nearest": nearest(prompt, profile, count, target), "other": of_others(prompt, others, count, target, negatives(made[DEFAULT])), **made,
        "generic, long": enriched(prompt, known["generic"], best.added, target),
        "oracle, as both": oracle(prompt, found, target, count), "oracle": best,
    }  # fmt: skip
    worst = by_gain(found.late.of(said(prompt).get("kind", "")), found.world, -1.0)
    avoids = {f"generic, as {name}": (known["avoided"], name) for name in OWN}
    avoids |= {arm: (worst, DEFAULT) for arm in (f"oracle, as {DEFAULT}", "oracle")}
    for arm, (ranking, as_in) in avoids.items():
        all_made[arm] = avoiding(all_made[arm], prompt, ranking, negatives(made[as_in]))
    return {arm: all_made[arm] for arm in ARMS}
