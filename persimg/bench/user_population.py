"""The populations of simulated worlds: train users beside those that anything is tuned on, known by their events alone."""

from __future__ import annotations

from persimg.bench import users
from persimg.bench.user_events import life
from persimg.bench.user_worlds import symbolic
from persimg.preferences.census import population_of
from persimg.preferences.population import Population

FIRST = 1000
"""number of the first such train user"""
STREAM, EVENTS = "mixed", 64


def world_population(world: int, count: int) -> Population:
    """Of `count` users of a world, each with 64 mixed events, symbolic pictures. 200 users take about 15 s."""
    found = [users.user("train", FIRST + number, world) for number in range(count)]
    return population_of([life(one, STREAM, EVENTS, symbolic) for one in found])
