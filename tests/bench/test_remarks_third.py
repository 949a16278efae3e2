"""Comments of the third grammar: every value can be named, and what is meant is said."""

import random

import pytest

from persimg.bench import remarks_third as third
from persimg.bench import remarks_third_words as words
from persimg.bench.remarks import Reason
from persimg.bench.user_worlds import VALUES

EVERY = [(slot, value) for slot, values in VALUES.items() for value in values]
FRAMES = ("FRAGMENTS", "NEGATED", "RIVAL", "ADJECTIVE", "BARE")


@pytest.fixture
def no_typos(monkeypatch):
    monkeypatch.setattr(third, "_typed", lambda text, rng: text)


def test_every_value_has_names():
    assert all(len(set(words.NAMES[slot][value])) >= 4 for slot, value in EVERY)


def test_praise_and_blame_share_no_sentence():
    for kind in ("", *(f"_{name}" for name in FRAMES)):
        liked, disliked = getattr(words, f"LIKE{kind}"), getattr(words, f"DISLIKE{kind}")
        assert len(liked) >= 12 and len(disliked) >= 12 and not set(liked) & set(disliked)


def test_a_comment_names_its_reasons_and_is_the_same_again(no_typos):
    for k, (slot, value) in enumerate(EVERY):
        text = third.clause(Reason(slot, value, k % 2 == 0), random.Random(k))
        known = [name.rstrip("*").lower() for table in (words.NAMES, words.BARE) for name in table.get(slot, {}).get(value, ())]
        known += [adjective.lower() for adjective in words.ADJECTIVES.get(slot, {}).get(value, ())]
        text = text.lower().replace("color", "colour").replace("gray", "grey")
        assert any(name.replace("color", "colour").replace("gray", "grey") in text for name in known), (slot, value, text)
        assert third.clause(Reason(slot, value, True), random.Random(k)) == third.clause(Reason(slot, value, True), random.Random(k))


def test_a_verdict_names_nothing():
    said = {third.remark([], is_liked, random.Random(k)) for k in range(50) for is_liked in (True, False)}
    assert len(said) > 20 and not any("{" in text for text in said)
