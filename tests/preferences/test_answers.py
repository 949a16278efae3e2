"""What of a model's rewriting is let through: all that was typed, as it was typed, and what was to be added; nothing else."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persimg.preferences import targets
from persimg.preferences.answers import broken_rule, compared, first_object, offered, strays, units, validated
from persimg.preferences.attributes import of_prompt
from persimg.preferences.compose import joined
from persimg.preferences.demos import DEMOS, nearest
from persimg.preferences.lexicon import lexicon
from persimg.preferences.profile import MUTED, Belief, Profile
from persimg.preferences.rewriter import Change, Target

INK, SOFT = "medium.ink", "lighting.soft_light"
PHRASES = {INK: ["ink drawing", "ink"]}
BARRED = Profile("x", {SOFT: Belief(SOFT, 1.0, 0.5, {}, status=MUTED), "tone.dark": Belief("tone.dark", -2.0, 0.5, {"E": -1.0})})


def judged(rewritten, prompt, used=(INK,), phrases=PHRASES, profile=BARRED, target=Target()):
    """What is wrong with an answer; None: nothing."""
    return validated(json.dumps({"prompt": rewritten, "used": list(used)}), prompt, profile, phrases, target)[1]


@pytest.mark.parametrize("text, found", [
    ("a cat, a dog.", ["a", "cat", ",", "a", "dog", "."]),
    ('<MyCat> (red cat:1.3), "no, not" 5 %', ["<MyCat>", "(red cat:1.3)", ",", '"no, not"', "5 %"]),
    ("C++ ❤ +5° 1.8, .5 16:9 it's", ["C++ ❤", "+5°", "1.8", ",", ".5", "16:9", "it's"]),
    ("((black cat)) [a b] {c d} “e f” 'g h'", ["((black cat))", "[a b]", "{c d}", "“e f”", "'g h'"]),
    ("wait... a dog's rock 'n' roll!", ["wait", "...", "a", "dog's", "rock", "'n'", "roll", "!"]),
    ("a (cat", ["a", "(cat"]), ('a 6" nail', ["a", '6"', "nail"]), ("", []),
])  # fmt: skip
def test_units_are_what_must_stay_together(text, found):
    assert units(text) == found


@pytest.mark.parametrize("prompt, rewritten", [
    ("a cat", "a cat, ink drawing"), ("a cat", "An ink drawing of a cat"), ("a cat", "a cat in ink."), ("a cat.", "a cat. Ink drawing."),
    ("a cat, no dog", "ink drawing, a cat, no dog"), ("a cat, no dog", "a cat in ink, no dog"),
    ("a <MyCat> (hat:1.3), 5 %", "a <MyCat> (hat:1.3), 5 %, ink drawing"),
    ("Кошка 1.8", "Кошка 1.8, ink drawing"), ("a  cat\nasleep", "a cat asleep, ink drawing"), ('a "big  sign"', 'a "big  sign", ink drawing'),
])  # fmt: skip
def test_what_only_adds_is_let_through(prompt, rewritten):
    assert judged(rewritten, prompt) is None


MOVED = {
    "case of a token": ("a <MyCat>", "a <mycat>, ink drawing"), "tokens swapped": ("a <a> chasing a <b>", "a <b> chasing a <a>, ink drawing"),
    "subject and object": ("a dog biting a man", "a man biting a dog, ink drawing"),
    "colours": ("a red cat and a blue dog", "a blue cat and a red dog, ink drawing"),
    "negation moved": ("a cat, no dog", "no cat, a dog, ink drawing"), "negation of a list": ("no fog, rain", "no rain, fog, ink drawing"),
    "digits": ("f 1.8", "f 8.1, ink drawing"), "capitals": ('a sign "STOP"', 'a sign "stop", ink drawing'),
    "weight lost": ("(cat:1.3)", "cat 1.3, ink drawing"),
    "weight changed": ("(cat:1.3)", "(cat:1.4), ink drawing"), "into the weight": ("(cat:1.3)", "(cat ink drawing:1.3)"),
    "plus": ("C++", "C, ink drawing"),
    "emoji": ("a cat ❤", "a cat, ink drawing"), "degrees": ("+5°", "5, ink drawing"), "percent": ("50 %", "50, ink drawing"),
    "quotes": ('"a b"', "a b, ink drawing"),
    "into a quotation": ('"a b"', '"a ink drawing b"'), "said twice": ("a cat", "a cat cat, ink drawing"),
    "a comma that denies": ("no dog", "no, dog, ink drawing"),
}  # fmt: skip


@pytest.mark.parametrize("case", MOVED)
def test_what_was_typed_must_stay_as_it_is(case):
    prompt, rewritten = MOVED[case]
    assert judged(rewritten, prompt)


@pytest.mark.parametrize("prompt, rewritten, wrong", [
    ("a cat", "a cat, soft light, ink drawing", "muted"), ("a cat", "a cat, dark mood, ink drawing", "disliked"),
    ("a cat, soft", "a cat, soft ink drawing", None),
    ("a cat", "a cat, fog, ink drawing", "not among the used"), ("a cat", "a cat, ink drawing, pwned", "'pwned'"),
    ("a cat", "a cat, of, the, ink drawing", None),
    ("a cat, a dog", "a cat, in the a dog, ink drawing", "rests on nothing"), ("a cat", "a cat", "isn't asked for"),
    ("a cat without a hat", "a cat without ink drawing a hat", "."),
    ("a cat without fog", "a cat without ink drawing, fog", "."), ("a cat", "a cat, no ink drawing", "."),
    ("a cat", "a cat, \x1b[31mink drawing", "rests on nothing"),
])  # fmt: skip
def test_only_what_was_offered_may_be_added(prompt, rewritten, wrong):
    found = judged(rewritten, prompt)
    assert found is None if wrong is None else found and wrong in found + "."


def test_all_of_it_must_be_used_and_said_so():
    phrases = {**PHRASES, "weather.fog": ["in the fog"]}
    assert judged("a cat in the fog, ink drawing", "a cat", (INK, "weather.fog"), phrases, Profile("x")) is None
    assert "'weather.fog' is not used" == judged("a cat, ink drawing", "a cat", (INK,), phrases, Profile("x"))
    assert "liked attributes" in str(judged("a cat, ink drawing", "a cat", (INK, "style.none"), PHRASES))
    assert "isn't asked for" in str(judged("a cat, ink drawing", "a cat", (INK, "weather.fog"), phrases, Profile("x")))


def test_an_attribute_that_was_typed_must_still_be_asked_for():
    """Dramatic light is another than rays of light."""
    drama = ("mood.dramatic",)
    assert judged("a cat, light rays, dramatic", "a cat, light rays", drama, {drama[0]: ["dramatic"]}) is None
    found = broken_rule("a cat, dramatic light rays", drama, "a cat, light rays", Profile("x"), {drama[0]: ["dramatic", "dramatic light"]}, Target())
    assert found == f"it takes back {lexicon().attributes['lighting.volumetric'].name!r} of the prompt"


def test_budget_and_vocabulary_of_the_base_hold():
    assert "longer than 5" in str(judged("a cat, ink drawing", "a cat", target=Target(5)))
    assert "doesn't know 'of'" in str(judged("ink drawing of a cat", "a cat", target=Target(knows=lambda words: words != "of")))


prompts = st.sampled_from([
    'a <MyCat> chasing a <mydog>, (red hat:1.3), "STOP it"', "C++ and C at 50 % of 1.8 m, not sleeping", "two Birds, no cat, a dog ❤",
    "Кошка и собака, 3 яблока", "a red cat and a blue dog.", "ink, a pen; 5 pens",
])  # fmt: skip
OTHERS = ("no", "a", ",", "not", "<mycat>", "7", "ink drawing", "dog", "of", '"', "(", "without")


@given(prompts, st.data())
@settings(max_examples=200, deadline=None)
def test_no_change_of_what_was_typed_gets_through(prompt, data):
    """One word dropped, moved, replaced, said twice, or written otherwise."""
    words = prompt.split()
    i, j = (data.draw(st.integers(0, len(words) - 1)) for _ in range(2))
    changed = data.draw(st.sampled_from([
        words[:i] + words[i + 1 :], [words[j] if k == i else words[i] if k == j else w for k, w in enumerate(words)],
        words[:i] + [data.draw(st.sampled_from(OTHERS))] + words[i + 1 :], words[: i + 1] + words[i:],
        words[:i] + [words[i].swapcase()] + words[i + 1 :],
    ]))  # fmt: skip
    phrases = {"mood.serene": ["calm mood"]}
    assert judged(joined(prompt, ["calm mood"]), prompt, ("mood.serene",), phrases) is None
    if changed != words:
        assert judged(joined(" ".join(changed), ["calm mood"]), prompt, ("mood.serene",), phrases)


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_units_lose_no_character_and_no_text_loses_itself(text, other):
    assert "".join("".join(units(text)).split()) == "".join(text.split())
    assert compared(text, text) == (None, [])
    lost, added = compared(text, f"{text} {other}")
    assert lost is not None or "".join(other.split()) == "" or added


def test_long_and_hostile_texts_take_no_time():
    started = time.monotonic()
    for sign in ('"', "“", "'", "(", "<", "[", "a ", "❤ ", "('"):
        units(sign * 20_000)
    assert first_object('{"a":' * 4000) is None and time.monotonic() - started < 5


def test_offered_phrases_are_what_the_base_draws():
    change = Change("soft light", SOFT, "", 1.0, ())
    assert len(offered({SOFT: change}, Target())[SOFT]) > 1
    mini = targets.of_name("mini")
    for id, attribute in lexicon().attributes.items():
        if phrase := mini.first((*attribute.phrases, *attribute.instead)):
            found = offered({id: Change(phrase, id, "", 1.0, ())}, mini)[id]
            assert found[0] == phrase and len({mini.means(text) for text in found}) == 1


def test_a_phrase_is_taken_as_a_whole():
    phrases = {"a": ["ink drawing"], "b": ["gold leaf"]}
    assert strays(["gold", "drawing"], phrases) and not strays(["gold", "leaf", "in", "ink", "drawing"], phrases)


# --- demos ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.query)
def test_demos_keep_the_rules_and_follow_their_past(demo):
    table = lexicon().attributes
    used = [id for id in of_prompt(demo.rewritten) if id not in of_prompt(demo.query)]
    assert used and not any(table[id].is_sensitive for id in used)
    assert all(sum(id in of_prompt(past) for past in demo.past) >= 2 for id in used)
    phrases = {id: (*table[id].phrases, *table[id].names) for id in used}
    assert judged(demo.rewritten, demo.query, used, phrases, Profile("x")) is None


def test_the_demos_most_like_the_prompt_are_shown_the_nearest_last():
    assert len(DEMOS) > 3 and len(nearest("a cat")) == 3
    for demo in DEMOS:
        assert nearest(demo.query)[-1] == demo and nearest(demo.query, 1) == [demo]
    assert nearest("Кошка") == list(reversed(DEMOS[:3]))
