"""Profiles that begin at what many users like on average."""

import json

import numpy as np
import pytest

from persimg.errors import UserError
from persimg.preferences import population, rewriters
from persimg.preferences.census import population_of
from persimg.preferences.estimate import profile_of
from persimg.preferences.events import Event, Shown
from persimg.preferences.lexicon import lexicon
from persimg.preferences.population import LEAST_USERS, PRAISE, Population

AT = "2026-01-05T10:00:00.000+00:00"


def chosen(user: str, number: int, liked: str, other: str) -> Event:
    return Event(f"{user}{number}", user, AT, "choice", shown=(Shown("a", {liked: 1.0}), Shown("b", {other: 1.0})), chosen=0)


def said(user: str, number: int, text: str) -> Event:
    return Event(f"{user}c{number}", user, AT, "comment", text)


@pytest.fixture(scope="module")
def inky():
    """Of users who like ink better than neon, and one in four the other way."""
    lives = [[chosen(f"u{i}", k, *(("medium.ink", "medium.neon")[:: -1 if i % 4 == 0 else 1])) for k in range(4)] for i in range(40)]
    return population_of(lives)


def test_the_average_is_learned(inky):
    assert inky.users == 40 and inky.mean["medium.ink"] > 0.2 > -0.2 > inky.mean["medium.neon"]
    assert inky.seen == {"medium.ink": 0.5, "medium.neon": 0.5} and all(sd > 0 for sd in inky.sd.values())


def test_few_users_are_no_population():
    with pytest.raises(UserError, match="too few"):
        population_of([[chosen("a", 0, "medium.ink", "medium.neon")]] * (LEAST_USERS - 1))


def test_what_few_tell_of_is_left_out():
    lives = [[chosen(f"u{i}", 0, "medium.ink", "medium.oil" if i < LEAST_USERS - 1 else "medium.neon")] for i in range(60)]
    made = population_of(lives)
    assert "medium.oil" not in made.mean and "medium.oil" not in made.seen and "medium.neon" in made.mean


def test_a_new_user_begins_at_the_average_and_learns_the_difference(inky):
    assert profile_of("x", [], inky).is_empty
    first = [Event("e", "x", AT, "prompt", "a cat")]
    begun = profile_of("x", first, inky).beliefs["medium.ink"]
    assert begun.weight == begun.common > 0 and not begun.is_claimable
    other = profile_of("x", first + [chosen("x", k, "medium.neon", "medium.ink") for k in range(12)], inky).beliefs["medium.ink"]
    assert other.weight < 0 < other.common


def test_what_events_add_and_the_average_are_the_whole_weight(inky):
    events = [chosen("x", k, "medium.neon", "medium.ink") for k in range(5)]
    for belief in profile_of("x", events, inky).beliefs.values():
        assert belief.weight == pytest.approx(belief.common + sum(belief.evidence.values()), abs=1e-4)


def test_average_likes_are_added_with_their_reason(inky):
    profile = profile_of("x", [Event("e", "x", AT, "prompt", "a dog")], inky)
    (change,) = rewriters.find("attributes")("a cat", profile, 1.0).changes
    assert change.attribute == "medium.ink" and "on average" in change.why and change.evidence == ()


def test_praise_of_whatever_is_named_is_learned_apart():
    lives = [[said(f"u{i}", 0, "I love the ink drawing"), said(f"u{i}", 1, "I love the oil painting")] for i in range(30)]
    made = population_of(lives)
    assert made.mean[PRAISE] > 0


def test_weights_are_told_above_what_pictures_mostly_have():
    told = Population(20, {}, {}, {"medium.ink": 0.5, "medium.neon": 0.25}, {}).beside_usual(("medium.ink", "medium.neon", "mood.cheerful"), lexicon())
    assert np.allclose(told @ [1.0, 0.0, 1.0], [0.5, -0.5, 1.0])


def test_another_population_is_another_revision(inky):
    event = [chosen("x", 0, "medium.ink", "medium.neon")]
    assert profile_of("x", event).revision != profile_of("x", event, inky).revision == profile_of("x", event, inky).revision


def test_the_file_is_read_back(inky, tmp_path):
    assert population.load(tmp_path / "none.json") is None
    assert population.load(population.save(inky, tmp_path / "p.json")) == inky


@pytest.mark.parametrize("damage", [{"users": "many"}, {"sd": {}}, {"mean": {"medium.ink": None}, "sd": {"medium.ink": 1.0}}])
def test_a_damaged_file_is_one_line(inky, tmp_path, damage):
    path = population.save(inky, tmp_path / "p.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    with pytest.raises(UserError, match="no population"):
        population.load(path)
