"""What past prompts say, and which of them are looked at."""

import pytest

from persimg.preferences import rewriters
from persimg.preferences.profile import Asked, Profile, Retrieval
from persimg.preferences.rewriter import Target
from persimg.preferences.rewriters.history import candidates, retrieved

CASTLES = [f"a castle on a hill above the sea, oil painting, version {i}" for i in range(8)]


def past(*prompts, **retrieval):
    history = tuple(Asked(f"E{i}", *((prompt,) if isinstance(prompt, str) else prompt)) for i, prompt in enumerate(prompts))
    return Profile("someone", history=history, retrieval=Retrieval(**retrieval))


def looked_at(prompt, profile):
    return [profile.history[hit.index].prompt for hit in retrieved(prompt, profile)]


def scores(profile):
    return {c.attribute: c.score for c in candidates(profile, retrieved("a cat", profile))}


def test_versions_of_one_prompt_take_one_place():
    assert looked_at("a cat", past("a dog asleep, ink drawing", *CASTLES)) == [CASTLES[-1], "a dog asleep, ink drawing"]
    found = looked_at("a cat", past("a cat on a hill above the sea, oil painting", *(c.replace("castle", "cat") for c in CASTLES)))
    assert found == [CASTLES[-1].replace("castle", "cat")]


def test_asking_again_finds_what_it_found_before():
    """The very prompt among the past ones is passed over, and what else resembles it is measured without it."""
    castles = ["a castle on a steep hill, oil painting", "a castle on a hill far away, oil painting", "an old castle on a green hill, oil painting"]
    bowls = [f"a {thing} in a bowl, neon style" for thing in ("pear", "fish", "stone", "lemon", "shell", "plum", "ring", "nut")]
    first = looked_at("a castle on a hill", past(*castles, *bowls))
    assert looked_at("a castle on a hill", past(*castles, *bowls, "a castle on a hill")) == first and first[0] in castles


def test_a_prompt_whose_picture_was_kept_counts_more_than_one_merely_asked():
    kept, asked, disliked = ((("a dog, ink drawing", valence), "a boat, watercolor painting", "a hat in a tree") for valence in (1.0, 0.3, -1.0))
    assert scores(past(*kept))["medium.ink"] > 1.5 * scores(past(*asked))["medium.ink"] > 0 == scores(past(*disliked))["medium.ink"]
    assert scores(past(*kept))["medium.watercolor"] < scores(past(*asked))["medium.watercolor"]
    # merely asked all alike: what counts is the share
    assert scores(past(*asked))["medium.ink"] == pytest.approx(scores(past(*asked))["medium.watercolor"])


def test_only_what_resembles_the_prompt_is_called_like_it():
    whys = [
        (("a cat asleep, ink drawing", "a boat, ink drawing", "a house"), "2 of the 3 past prompts looked at asked for it (1 like this one)"),
        (("a boat, ink drawing", "a house in a wood"), "1 of the 2 past prompts looked at asked for it"),
        (("a cat asleep, ink drawing",), "the one past prompt looked at asked for it (1 like this one)"),
    ]
    for prompts, why in whys:
        made = rewriters.find("history")("a cat", past(*prompts), 1.0, Target())
        assert [change.why for change in made.changes if change.attribute == "medium.ink"] == [why]


def test_as_many_are_looked_at_as_were_asked_for():
    things, places = "dog boat hat tree car bus fox owl".split(), "wood sea sand snow rain lake moor park".split()
    prompts = [f"a {thing} in the {place}" for thing, place in zip(things, places)]
    assert [len(retrieved("a cat", past(*prompts, most=k))) for k in (1, 3, 7)] == [1, 3, 7] and len(retrieved("a cat", past(*prompts))) == 7
    assert retrieved("a fox", past(*prompts, most=1))[0].index == 6
