"""Simulated users: their tastes, what they see and what they do."""

import random
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

pytest.importorskip("skia")

from helpers import tiny_base

from persimg.bench import user_worlds, users
from persimg.bench.remarks import NAMED, NOTHING_BAD, NOTHING_GOOD, Reason, clause, mistyped, named, remark
from persimg.bench.user_events import STREAMS, happened, life
from persimg.bench.user_worlds import (
    IGNORED,
    PICTURE_SLOTS,
    SPURIOUS,
    TASTE_SLOTS,
    VALUES,
    Generated,
    fidelity,
    house,
    observed,
    phrase,
    read_slots,
    said,
    symbolic,
)
from persimg.bench.users import SPLITS, indifferent, new_prompts, past_prompt, user
from persimg.mini.nets import Reader
from persimg.mini.world.labels import label_names
from persimg.preferences.drawn import attribute_of, drawn
from persimg.preferences.events import KINDS, checked
from persimg.preferences.lexicon import lexicon

EVERY_KIND = [kind for kind in KINDS]


# --- worlds -----------------------------------------------------------------------------------------------------------


def test_every_value_has_an_attribute_and_a_phrase_that_asks_for_it():
    for slot in TASTE_SLOTS:
        for value in VALUES[slot]:
            assert drawn()[attribute_of(slot, value)] == (slot, value)
            assert slot == "pattern" or said(f"a cat on the farm, {phrase(slot, value)}")[slot] in (value, "farm")


def test_symbolic_pictures_follow_most_of_what_is_said():
    prompt, seeds = "a red cat on the beach, ink style, warm mood", range(2000)
    pictures = symbolic([prompt] * len(seeds), list(seeds))
    followed = np.mean([p["style"] == "ink" for p in pictures])
    expected = (1 - IGNORED + IGNORED * house()["style"]["ink"]) * (1 - SPURIOUS) + SPURIOUS / len(VALUES["style"])
    assert followed == pytest.approx(expected, abs=0.03)
    unasked = np.mean([p["time"] == "night" for p in pictures])
    assert unasked == pytest.approx(house()["time"]["night"], abs=0.04)
    assert np.mean([fidelity(prompt, p) for p in pictures]) == pytest.approx(0.8, abs=0.05)


def test_equal_seeds_are_paired_over_prompts():
    """What both prompts leave open is the same in both pictures."""
    first, second = symbolic(["a cat"] * 50, list(range(50))), symbolic(["a cat, ink style"] * 50, list(range(50)))
    assert all(a[slot] == b[slot] for a, b in zip(first, second) for slot in TASTE_SLOTS if slot != "style")


def test_a_prompt_outside_the_world_says_nothing():
    assert said("a watercolour xylophone") == {} and fidelity("a xylophone", symbolic(["a cat"], [0])[0]) == 1.0


def test_observation_is_noisy_and_never_the_truth_of_taste():
    picture = symbolic(["a cat"], [3])[0]
    seen = [observed(picture, random.Random(i)) for i in range(400)]
    true = attribute_of("style", picture["style"])
    assert 0.85 < np.mean([true in attributes for attributes in seen]) < 0.97
    assert all(0.6 <= value <= 1 for attributes in seen for value in attributes.values())


def test_generated_pictures_are_drawn_once_and_read(tmp_path, monkeypatch):
    monkeypatch.setattr(user_worlds, "STEPS", 1)
    monkeypatch.setattr(user_worlds, "BATCH", 2)
    torch.manual_seed(0)
    told = []
    show = Generated(tiny_base("sd_v"), Reader(label_names(), 4).eval(), tmp_path, told.append)
    first = show(["a cat", "a dog", "a cat"], [0, 1, 0])
    assert first == show(["a cat", "a dog", "a cat"], [0, 1, 0]) and told == ["drawing 2 pictures"]
    assert first[0] == first[2] and all(set(p) == {"kind", *TASTE_SLOTS} for p in first)


def test_read_slots_takes_the_first_subject():
    answer = {name: names[-1] for name, names in label_names().items()}
    assert read_slots(answer)["kind"] == answer["kind_0"] and read_slots(answer)["place"] == answer["place"]


# --- users ------------------------------------------------------------------------------------------------------------


def test_splits_share_no_user():
    drawn = [user(split, number).seed for split in SPLITS for number in range(50)]
    assert len(set(drawn)) == len(drawn)


def test_traits_have_their_shares():
    found = users.users("train", 300)
    for trait, share in (("two modes", users.TWO_MODES), ("drifting", users.DRIFTING), ("contradictory", users.CONTRADICTORY)):
        assert np.mean([trait in one.traits for one in found]) == pytest.approx(share, abs=0.07)
        one = next(one for one in found if one.traits == (trait,))
        assert (one.early is not one.late) == (trait == "drifting")
        assert (one.late.weights != one.late.of_things) == (trait == "two modes")


def test_names_are_exchanged_within_slots():
    for slot in TASTE_SLOTS:
        assert users.names(0)[slot] == {value: value for value in VALUES[slot]}
        assert sorted(users.names(1)[slot].values()) == sorted(VALUES[slot])
    assert users.names(1) != users.names(2)
    authored, exchanged = user("train", 1, 0).late.weights, user("train", 1, 2).late.weights
    for slot in TASTE_SLOTS:  # the same taste under other names
        assert {users.names(2)[slot][value]: worth for value, worth in authored[slot].items()} == exchanged[slot]


def test_archetypes_are_of_the_world():
    for weights, text in zip(users.archetypes(0), users.ARCHETYPES.values()):
        assert sum(len(values) for values in weights.values()) == len(text.replace("|", "").split())


def test_past_prompts_are_confounded_with_content():
    one = user("train", 4)
    prompts = [said(past_prompt(one, k)) for k in range(200)]
    assert all(prompts) and np.mean([p["kind"] in one.favourites for p in prompts]) > 0.6
    assert np.mean([p.get("place") in one.places for p in prompts]) > 0.3
    assert 0.2 < np.mean([any(slot in p for slot in PICTURE_SLOTS if slot != "place") for p in prompts]) < 0.8


def test_new_prompts_have_other_subjects_and_are_the_same_every_time():
    one = user("held-out", 0)
    prompts = new_prompts(one, 20)
    assert prompts == new_prompts(one, 20) and not {said(p)["kind"] for p in prompts} & set(one.favourites)


def test_indifferent_users_have_no_taste_of_their_own():
    """What is left is the quality that all agree on."""
    blank = indifferent(user("train", 0))
    assert len({blank.utility(p) for p in symbolic(["a cat"] * 5, list(range(5)))}) > 1
    assert {blank.late.utility(p) for p in symbolic(["a cat"] * 5, list(range(5)))} == {0.0}


# --- events -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grammar", sorted(set(users.GRAMMARS.values())))
def test_users_yield_valid_events_of_every_kind(grammar):
    events = happened(replace(user("train", 2), grammar=grammar), EVERY_KIND * 3, symbolic)
    assert [checked(e).kind for e in events] == EVERY_KIND * 3 and len({e.id for e in events}) == len(events)
    assert [e.at for e in events] == sorted(e.at for e in events) and [e.id for e in events] == sorted(e.id for e in events)
    assert all(set(s.attributes) <= set(lexicon().attributes) for e in events for s in e.shown)


@pytest.mark.parametrize("stream", STREAMS)
def test_lives_repeat_and_grow(stream):
    one = next(u for u in users.users("train", 50) if "drifting" not in u.traits)
    assert life(one, stream, 8, symbolic) == life(one, stream, 8, symbolic) == life(one, stream, 16, symbolic)[:8]
    assert life(one, stream, 0, symbolic) == []


def test_choices_follow_taste():
    gains = []
    for one in users.users("train", 20):
        seen = []

        def show(prompts, seeds, seen=seen):
            seen += symbolic(prompts, seeds)
            return seen

        events = happened(one, ["choice"] * 10, show)
        worths = np.array([one.utility(picture, early=i < 20) for i, picture in enumerate(seen)]).reshape(10, 4)
        gains += [w[e.chosen] - w.mean() for w, e in zip(worths, events)]
    assert np.mean(gains) > 0.2


# --- comments ---------------------------------------------------------------------------------------------------------


def test_every_value_can_be_named():
    rng = random.Random(0)
    for slot in TASTE_SLOTS:
        for value in VALUES[slot]:
            assert named(slot, value, rng)
        assert slot == "colour" or set(NAMED[slot]) == set(VALUES[slot])


def test_comments_vary_and_stay_deterministic():
    reasons = [Reason("style", "ink", True, "pixel"), Reason("weather", "fog", False, "rain")]
    texts = [remark(reasons, True, random.Random(i)) for i in range(200)]
    assert texts == [remark(reasons, True, random.Random(i)) for i in range(200)] and len(set(texts)) > 150
    assert remark([], True, random.Random(1)).strip(" .!:)").lower() in {t.strip("!").lower() for t in NOTHING_GOOD}
    assert remark([], False, random.Random(1)).strip(" .!:)").lower() in NOTHING_BAD


def test_every_user_speaks_the_grammar_of_their_split(monkeypatch):
    """Whose words were written apart are for held-out users alone."""
    other = SimpleNamespace(remark=lambda reasons, is_liked, rng: "a remark", clause=lambda reason, rng: "a clause")
    monkeypatch.setitem(sys.modules, "persimg.bench.remarks_other", other)
    assert {split: user(split, 0).grammar for split in SPLITS} == {"train": "remarks", "validation": "remarks_third", "held-out": "remarks_other"}
    one = user("train", 2)
    both = (one, replace(one, grammar="remarks_other"))
    texts = {spoken.grammar: [e.text for e in happened(spoken, ["comment", "statement"], symbolic)] for spoken in both}
    assert texts["remarks_other"] == ["a remark", "a clause"] and "a remark" not in texts["remarks"]


def test_comparison_names_the_rival():
    texts = {clause(Reason("time", "night", False, "day"), random.Random(i)) for i in range(300)}
    day, night = (NAMED["time"][value] for value in ("day", "night"))
    assert any(any(name in text for name in day) and any(name in text for name in night) for text in texts)


def test_short_words_are_never_mistyped():
    assert mistyped("ink", random.Random(0)) == "ink" and mistyped("8-bit!", random.Random(0)) == "8-bit!"
    assert sorted(mistyped("watercolor", random.Random(3)))[0] == "a"
