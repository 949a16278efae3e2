"""Simulated users: tastes over the drawn world that nobody sees, and what such a user does with pictures.

A taste is a mixture of twelve archetypes and of noise of its own; what all users share beside it is quality, which an enrichment
without history can win too. The names of values are exchanged within each slot, anew in every world, so that no common sense about
names helps; world 0 keeps them. Prompts are confounded with content: each user has favourite subjects and places that say nothing
about taste, and a prompt names what is liked only sometimes. Train, validation and held-out users come from seeds apart, and held-out
users have words of their own.

Such users show that a mechanism finds preferences that are there. They are no evidence of what people like.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from functools import cache
from typing import Mapping

from persimg import seeds
from persimg.bench.user_worlds import TASTE_SLOTS, VALUES, Picture, fill, house, phrase
from persimg.mini.world import words as w

SEED = 90_411
SPLITS = ("train", "validation", "held-out")
DRAWN_AS = {"train": "train", "validation": "validation", "held-out": "held-out 5"}
"""split → what its users' seeds are of: where figures of held-out users had led to changes, others were drawn"""
GRAMMARS = {"train": "remarks", "validation": "remarks_third", "held-out": "remarks_other"}
"""split → the module of this folder whose words its users speak; those of validation and held-out users were written without sight of the
parser and the lexicon, and no comment of held-out users was looked at when these were changed"""
WORLDS = 5
"""worlds with names exchanged, numbered from 1; a split's users are spread over them"""
SCALE, OWN_NOISE, QUALITY = 1.5, 0.3, 0.1
"""weight of what an archetype likes, deviations of what a user adds and of the quality that all agree on; with these the mean user's
preference orders .61 of pairs as users choose, their own .79"""
MIXING = (0.1, 0.5, 1.0, 5.0)
"""concentrations of the mixture: users of one archetype to users of a bit of all"""
TWO_MODES, DRIFTING, CONTRADICTORY = 0.3, 0.2, 0.2
"""shares of users with another taste for things than for animals; with a new taste in half of the slots from half-way on; who answer
at random three times as often and contradict themselves"""
TRAITS = ("two modes", "drifting", "contradictory")
TEMPERATURES = (0.2, 0.5, 1.0)
FIRST, LAPSES = 0.1, 0.1
"""share of choices that take the first picture because it is the first, and of answers at random"""
CONTRADICTS = 0.15
Weights = Mapping[str, Mapping[str, float]]
"""slot → value → worth"""

ARCHETYPES: dict[str, str] = {
    "cosy": "watercolor warm sunset snowfall room scarf close brown | pixel cold city",
    "cyber": "neon dark night rain city headphones wide purple | pastel meadow bright",
    "nursery": "pastel bright day clear meadow bow full pink spotted | ink dark space",
    "gamer": "pixel cheerful night clear space headphones full green | watercolor muted farm",
    "gothic": "ink dark night fog castle crown wide black | flat cheerful beach",
    "cathedral": "glass cheerful morning clear castle crown close blue | outline muted kitchen",
    "nature": "watercolor muted morning fog forest flower wide green | neon city night",
    "seaside": "flat bright day clear beach glasses wide teal striped | glass fog library",
    "minimal": "outline muted day clear room glasses close white plain | neon cheerful jungle",
    "arctic": "pastel cold morning snowfall mountain scarf wide white | glass warm desert",
    "adventure": "flat warm sunset clear jungle hat full orange | outline cold room",
    "deep": "neon cold night clear underwater balloon close teal | ink warm farm",
}
"""what an archetype likes | what it dislikes, by the values' names"""


@dataclass(frozen=True)
class Taste:
    """What a user likes. of_things: the weights for pictures of things, where they are others than those for animals."""

    weights: Weights
    of_things: Weights

    def of(self, kind: str) -> Weights:
        return self.weights if kind in w.LIVING else self.of_things

    def utility(self, picture: Picture) -> float:
        """Of this user alone, without the quality that all agree on."""
        return worth(self.of(picture["kind"]), picture)

    def reasons(self, picture: Picture) -> dict[str, float]:
        """Slot → how much better or worse its value is than what pictures mostly have."""
        weights = self.of(picture["kind"])
        return {slot: weights[slot].get(picture[slot], 0.0) - expected(weights, slot) for slot in TASTE_SLOTS}


@dataclass(frozen=True, eq=False)
class User:
    """world: whose names; early, late: tastes before and after half of what is observed, mostly one and the same; favourites: kinds
    asked for again and again; places: the same of places, whatever the taste; temperature: how loosely they choose; grammar: the module
    that says what they have to say."""

    name: str
    seed: int
    world: int
    early: Taste
    late: Taste
    favourites: tuple[str, ...]
    places: tuple[str, ...]
    temperature: float
    traits: tuple[str, ...] = ()
    grammar: str = "remarks"

    def rng(self, purpose: str, *where: int | str) -> random.Random:
        return seeds.rng(self.seed, purpose, *where)

    @property
    def lapses(self) -> float:
        return 3 * LAPSES if "contradictory" in self.traits else LAPSES

    def utility(self, picture: Picture, early: bool = False) -> float:
        """Hidden preference: own taste and quality. Answers go by it, and scores."""
        return (self.early if early else self.late).utility(picture) + worth(quality(self.world), picture)


def worth(weights: Weights, picture: Picture) -> float:
    return sum(weights[slot].get(picture[slot], 0.0) for slot in TASTE_SLOTS)


def expected(weights: Weights, slot: str) -> float:
    """Of a picture whose slot nothing was asked for."""
    return sum(share * weights[slot].get(value, 0.0) for value, share in house()[slot].items())


# --- worlds -----------------------------------------------------------------------------------------------------------


@cache
def names(world: int) -> Mapping[str, Mapping[str, str]]:
    """Slot → value as authored → its name in this world."""
    found = {}
    for slot in TASTE_SLOTS:
        shuffled = list(VALUES[slot])
        if world:
            seeds.rng(SEED, "names", world, slot).shuffle(shuffled)
        found[slot] = dict(zip(VALUES[slot], shuffled))
    return found


@cache
def archetypes(world: int) -> tuple[Weights, ...]:
    """Weights 1 and -1, in a world's names."""
    found = []
    for text in ARCHETYPES.values():
        weights: dict[str, dict[str, float]] = {slot: {} for slot in TASTE_SLOTS}
        for sign, part in zip((1.0, -1.0), text.split("|")):
            for value in part.split():
                slot = next(slot for slot in TASTE_SLOTS if value in VALUES[slot])
                weights[slot][names(world)[slot][value]] = sign
        found.append(weights)
    return tuple(found)


@cache
def quality(world: int) -> Weights:
    """What all users of a world agree on."""
    rng = seeds.rng(SEED, "quality")
    return {slot: {names(world)[slot][value]: rng.gauss(0, QUALITY) for value in VALUES[slot]} for slot in TASTE_SLOTS}


# --- users ------------------------------------------------------------------------------------------------------------


@cache
def user(split: str, number: int, world: int | None = None) -> User:
    """The n-th user of a split. world: of all users; left out, they are spread over worlds 1 to WORLDS."""
    assert split in SPLITS
    world = 1 + number % WORLDS if world is None else world
    seed = seeds.integer(SEED, "user", DRAWN_AS[split], number)
    rng = seeds.rng(seed, "user")
    alpha = rng.choice(MIXING)
    weights = weights_of(world, alpha, rng)
    two_modes, drifting, contradictory = (rng.random() < share for share in (TWO_MODES, DRIFTING, CONTRADICTORY))
    early = Taste(weights, weights_of(world, alpha, rng) if two_modes else weights)
    late = drifted(early, weights_of(world, alpha, rng), rng) if drifting else early
    favourites, places = rng.sample(list(w.KINDS), 3), rng.sample(list(w.PLACES), 2)
    temperature = 1.0 if contradictory else rng.choice(TEMPERATURES)
    traits = [name for name, has in zip(TRAITS, (two_modes, drifting, contradictory)) if has]
    return User(f"{split} {number}", seed, world, early, late, tuple(favourites), tuple(places), temperature, tuple(traits), GRAMMARS[split])


def users(split: str, count: int, world: int | None = None) -> list[User]:
    return [user(split, number, world) for number in range(count)]


def weights_of(world: int, alpha: float, rng: random.Random) -> Weights:
    """A mixture of the world's archetypes, and noise."""
    shares = [rng.gammavariate(alpha, 1.0) for _ in ARCHETYPES]
    total = sum(shares) or 1.0
    found = {slot: {name: rng.gauss(0, OWN_NOISE) for name in names(world)[slot].values()} for slot in TASTE_SLOTS}
    for share, weights in zip(shares, archetypes(world)):
        for slot, values in weights.items():
            for value, sign in values.items():
                found[slot][value] += SCALE * sign * share / total
    return found


def drifted(taste: Taste, other: Weights, rng: random.Random) -> Taste:
    """The same with another taste in half of the slots."""
    new = set(rng.sample(TASTE_SLOTS, len(TASTE_SLOTS) // 2))
    both = ({slot: (other if slot in new else weights)[slot] for slot in TASTE_SLOTS} for weights in (taste.weights, taste.of_things))
    return Taste(*both)


def indifferent(found: User) -> User:
    """The same without a taste of its own: what is claimed of such a user is chance, or the quality that all users agree on, which
    choices and ratings go by and comments don't name."""
    nothing: Weights = {slot: dict.fromkeys(VALUES[slot], 0.0) for slot in TASTE_SLOTS}
    taste = Taste(nothing, nothing)
    return replace(found, early=taste, late=taste, traits=("indifferent",))


# --- prompts ----------------------------------------------------------------------------------------------------------

NAMES_LIKED, NAMES_ANY, FAVOURITE = 0.5, 0.15, 0.7
"""share of past prompts that name something liked, and something else; how often the subject and the place are favourites"""


def best(weights: Weights, slot: str, least: float = 0.3) -> str:
    """The value that is liked most, "" where none is by `least`."""
    value = max(weights[slot], key=lambda v: weights[slot][v])
    return value if weights[slot][value] - expected(weights, slot) > least else ""


def past_prompt(found: User, number: int, early: bool = False) -> str:
    """What the user asked for: a subject and mostly a place, favourites often; sometimes a word of what is liked."""
    rng = found.rng("past prompt", number)
    kind = rng.choice(found.favourites) if rng.random() < FAVOURITE else rng.choice(list(w.KINDS))
    head, place = opening(kind, rng), ""
    if rng.random() < 0.6:
        place = rng.choice(found.places) if rng.random() < FAVOURITE else rng.choice(list(w.PLACES))
    return tasteful(" ".join(filter(None, (head, place and rng.choice(w.PLACES[place])))), found, kind, rng, early)


def opening(kind: str, rng: random.Random) -> str:
    colour = rng.choice(list(w.COLOURS)) if rng.random() < 0.3 else ""
    words = " ".join(filter(None, (colour, kind)))
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def tasteful(text: str, found: User, kind: str, rng: random.Random, early: bool, share: float = NAMES_LIKED) -> str:
    """With words of what is liked: of up to two slots, in any of the world's phrases."""
    weights = (found.early if early else found.late).of(kind)
    liked = [slot for slot in ("style", "mood", "time", "weather", "framing") if best(weights, slot)]
    slots = rng.sample(liked, min(len(liked), rng.choice((1, 1, 2)))) if rng.random() < share else []
    phrases = [rng.choice(w.SLOTS[slot][best(weights, slot)]) for slot in slots]
    if rng.random() < NAMES_ANY:
        slot = rng.choice(("style", "mood", "time", "weather"))
        phrases += [] if slot in slots else [rng.choice(w.SLOTS[slot][rng.choice(VALUES[slot])])]
    return ", ".join([text, *phrases])


def new_prompts(found: User, count: int) -> list[str]:
    """What a rewriter is tested on: subjects that no past prompt has as a favourite, little else said."""
    kinds = [kind for kind in w.KINDS if kind not in found.favourites]
    prompts = []
    for number in range(count):
        rng = found.rng("new prompt", number)
        text = opening(rng.choice(kinds), rng)
        for slot, share, join in (("place", 0.4, " "), ("time", 0.1, " "), ("mood", 0.1, ", "), ("style", 0.1, ", ")):
            text += join + rng.choice(w.SLOTS[slot][rng.choice(VALUES[slot])]) if rng.random() < share else ""
        prompts.append(text)
    return prompts


def meant_prompts(found: User, count: int) -> list[tuple[str, str]]:
    """(shortened, full): prompts that the user will write, with the taste that a rewriter should bring back from the short ones."""
    pairs = []
    for number in range(count):
        rng = found.rng("meant prompt", number)
        kind = rng.choice(list(w.KINDS))
        short = opening(kind, rng)
        pairs.append((short, tasteful(short, found, kind, rng, False, share=1.0)))
    return pairs


def preferred(found: User, kind: str) -> dict[str, str]:
    """Slot → the value that is clearly liked most, for pictures of a kind."""
    weights = found.late.of(kind)
    return {slot: best(weights, slot) for slot in TASTE_SLOTS if best(weights, slot) and phrase(slot, best(weights, slot))}


def quantile(found: User, picture: Picture, early: bool = False) -> float:
    """How good a picture is among those that nothing was asked for, 0..1."""
    value, others = found.utility(picture, early), _others(found, early)
    return sum(value > other for other in others) / len(others)


@cache
def _others(found: User, early: bool) -> tuple[float, ...]:
    return tuple(found.utility(fill(number), early) for number in range(100))


def chosen(values: list[float], temperature: float, rng: random.Random) -> int:
    """An index, with probability in proportion to exp(value / temperature)."""
    top = max(values)
    return rng.choices(range(len(values)), [math.exp((value - top) / temperature) for value in values])[0]
