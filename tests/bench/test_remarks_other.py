"""Comments of the second grammar: every value can be named, frames hold what they should, and what is meant is said."""

import random
import re
from itertools import product

import pytest

from persimg.bench import remarks_other as other
from persimg.bench.remarks import Reason
from persimg.bench.user_worlds import VALUES

EVERY = [(slot, value) for slot, values in VALUES.items() for value in values]
VOICES = list(other.VOICES.values())
LIKED, DISLIKED = Reason("accessory", "hat", True, "crown"), Reason("weather", "fog", False, "rain")


def frames(kind: str) -> list[str]:
    return [frame for voice in VOICES for frame in getattr(voice, kind)]


def mentions(text: str, slot: str, value: str) -> bool:
    return any(re.search(rf"\b{re.escape(name.lower())}\b", text.lower()) for name in other.names(slot, value))


@pytest.fixture
def no_typos(monkeypatch):
    monkeypatch.setattr(other, "TYPOS", 0.0)


def test_every_value_has_names_of_its_own():
    owners: dict[str, set] = {}
    for slot, value in EVERY:
        found = other.names(slot, value)
        assert 4 <= len(found) <= 6 and len(set(found)) == len(found) and len(other.bare_names(slot, value)) >= 3, (slot, value)
        assert all(found) and {other.named(slot, value, random.Random(seed)) for seed in range(60)} == set(found)
        for name in found:
            owners.setdefault(name, set()).add((slot, value))
    shared = {name: those for name, those in owners.items() if len(those) > 1}
    assert not shared, shared


def test_there_are_many_frames_and_each_has_its_place_for_a_name():
    assert len(frames("like")) >= 40 and len(frames("dislike")) >= 40
    assert len(frames("not_bad")) >= 12 and len(frames("not_good")) >= 12 and len(frames("better")) >= 12
    for kind in ("like", "dislike", "not_bad", "not_good"):
        assert all(re.findall("{[^}]*}", frame) in (["{x}"], ["{xs}"]) for frame in frames(kind)), kind
    assert all(sorted(re.findall("{[^}]*}", frame)) == ["{xs}", "{ys}"] for frame in frames("better"))
    assert all(re.findall("{[^}]*}", frame) == ["{a}", "{b}"] for kind in ("both", "but") for frame in frames(kind))


def test_no_frame_or_verdict_serves_both_directions():
    for one, two in ((("like", "not_bad"), ("dislike", "not_good")), (("good",), ("bad",))):
        said = [{frame.lower() for kind in kinds for frame in frames(kind)} for kinds in (one, two)]
        assert not said[0] & said[1]


@pytest.mark.parametrize("is_liked", [True, False])
def test_a_verdict_alone_names_no_slot_and_no_value(is_liked, no_typos):
    told = {other.remark([], is_liked, random.Random(seed)).lower().rstrip(".!") for seed in range(400)}
    assert told == {verdict.lower().rstrip(".!") for verdict in frames("good" if is_liked else "bad")}
    words = {*VALUES, *(value for _, value in EVERY)}
    for text in told:
        assert not words & set(re.findall(r"\w+", text)), text
        assert not any(mentions(text, slot, value) for slot, value in EVERY), text


def test_the_same_seed_says_the_same():
    for seed in range(50):
        for reasons in ([], [LIKED], [LIKED, DISLIKED]):
            assert other.remark(reasons, True, random.Random(seed)) == other.remark(reasons, True, random.Random(seed))
        assert other.clause(LIKED, random.Random(seed)) == other.clause(LIKED, random.Random(seed))
    assert len({other.remark([LIKED, DISLIKED], True, random.Random(seed)) for seed in range(50)}) > 40


def test_two_reasons_are_both_given_and_a_third_is_not(no_typos):
    third = Reason("colour", "purple", True)
    for seed, first, second, is_liked in product(range(150), (LIKED, DISLIKED), (True, False), (True, False)):
        time = Reason("time", "night", second)
        text = other.remark([first, time, third], is_liked, random.Random(seed))
        assert mentions(text, first.slot, first.value) and mentions(text, "time", "night"), text
        assert not mentions(text, "colour", "purple"), text


def test_what_is_against_the_verdict_is_conceded(no_typos):
    """A single reason of the other direction never stands alone: the verdict is said with it."""
    for seed, reason in product(range(200), (LIKED, DISLIKED)):
        text = other.remark([reason], not reason.is_liked, random.Random(seed)).lower()
        verdicts = frames("bad" if reason.is_liked else "good")
        assert any(verdict.lower().rstrip("!") in text for verdict in verdicts), text


@pytest.mark.parametrize("is_liked", [True, False])
def test_praise_is_spoken_in_frames_of_praise(is_liked, no_typos, monkeypatch):
    monkeypatch.setattr(other, "HEDGED", 0.0)
    said = {other.clause(Reason("time", "night", is_liked), random.Random(seed)).lower() for seed in range(300)}
    own = frames("like") + frames("not_bad") if is_liked else frames("dislike") + frames("not_good")
    forms = [re.escape(frame.lower()).replace(r"\{x\}", ".+").replace(r"\{xs\}", ".+") + r"\.?" for frame in own]
    strange = [text for text in said if not any(re.fullmatch(form, text) for form in forms)]
    assert len(said) > 50 and not strange, strange


def test_a_comparison_prefers_what_is_liked(no_typos, monkeypatch):
    monkeypatch.setattr(other, "COMPARED", 1.0)
    monkeypatch.setattr(other, "VOICES", {"terse": other.VOICES["terse"]})
    for seed in range(100):
        for is_liked, better, worse in ((True, "hat", "scarf"), (False, "scarf", "hat")):
            text = other.clause(Reason("accessory", "hat", is_liked, "scarf"), random.Random(seed))
            first, last = re.split(r" > | over | instead of ", text.rstrip("."), flags=re.I)
            assert mentions(first, "accessory", better) and mentions(last, "accessory", worse), text


def test_without_a_rival_nothing_is_compared(no_typos, monkeypatch):
    monkeypatch.setattr(other, "COMPARED", 1.0)
    for seed in range(100):
        assert mentions(other.clause(Reason("time", "night", True), random.Random(seed)), "time", "night")


def test_a_clause_names_every_value(no_typos):
    for slot, value in EVERY:
        for is_liked in (True, False):
            assert mentions(other.clause(Reason(slot, value, is_liked), random.Random(f"{slot} {value}")), slot, value)


def test_about_two_words_of_a_hundred_are_mistyped(monkeypatch):
    changed, mistyped = [], other._mistyped
    monkeypatch.setattr(other, "_mistyped", lambda word, rng: changed.append(mistyped(word, rng) != word) or word)
    words = sum(len(other.remark([LIKED, DISLIKED], True, random.Random(seed)).split()) for seed in range(1500))
    assert 0.01 < sum(changed) / words < 0.03, sum(changed) / words


def test_a_mistyped_word_keeps_its_ends():
    typed = {other._mistyped("washed", random.Random(seed)) for seed in range(500)}
    assert len(typed) > 5
    assert all((word[0], word[-1]) == ("w", "d") and abs(len(word) - 6) <= 1 for word in typed), typed
