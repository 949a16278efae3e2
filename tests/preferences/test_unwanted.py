"""What a prompt denies and what the user's own negative prompt speaks of is never added, and no dislike takes back what is wanted."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import ALL, IDS, WRITING, added, bases, event, histories, liking, names, of_added, prompts

from persimg.preferences import rewriters, targets
from persimg.preferences.attributes import denied, named, of_prompt
from persimg.preferences.compose import positive
from persimg.preferences.estimate import profile_of
from persimg.preferences.events import Shown
from persimg.preferences.lexicon import lexicon
from persimg.preferences.rewriter import Target

MINI = targets.of_name("mini")
laws = settings(max_examples=25, deadline=None)
denials = st.builds(str.format, st.sampled_from(["a cat without {}", "a cat, no {}", "a cat, not {0}, no {0}", "two dogs, less {}, please"]), names)


def pinned(weights: dict[str, float], first: int = 500) -> list:
    return [event("edit", first + i, text="pin", attribute=a, weight=weight) for i, (a, weight) in enumerate(weights.items())]


def asked_for(*attributes: str) -> list:
    """Past prompts that ask for them, so that history alone knows them too."""
    table, subjects = lexicon().attributes, ("a castle by a river", "two dogs asleep", "an old robot", "my bicycle")
    texts = [f"{subject}, {table[a].phrases[0]}" for a in attributes for subject in subjects]
    return [event("prompt", 600 + i, text=text) for i, text in enumerate(texts)]


def negated(made) -> set[str]:
    return {change.text for change in made.changes if change.negated}


# --- laws -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
@laws
@given(histories(), denials, bases)
def test_what_the_prompt_denies_is_not_added(name, history, prompt, target):
    unwanted = denied(prompt).attributes
    assume(unwanted)
    profile = profile_of("someone", [*history, *pinned(dict.fromkeys(unwanted, 2.5)), *asked_for(*unwanted)])
    made = rewriters.find(name)(prompt, profile, 1.0, target)
    assert not unwanted & (added(made) | set(of_added(made)))
    drawn = {target.means(phrase) for id in unwanted for phrase in lexicon().attributes[id].phrases}
    assert not drawn & {target.means(change.text) for change in made.changes if not change.negated}


@pytest.mark.parametrize("name", ALL)
@laws
@given(histories(), prompts, names, bases)
def test_what_the_own_negative_prompt_speaks_of_is_not_added(name, history, prompt, unwanted, target):
    found = named(unwanted).attributes
    profile = profile_of("someone", [*history, *pinned(dict.fromkeys(found, 2.5)), *asked_for(*found)])
    made = rewriters.find(name)(prompt, profile, 1.0, replace(target, negative=f"ugly, {unwanted}"))
    assert found and not found & (added(made) | set(of_added(made)))
    assert not found & {change.attribute for change in made.changes}


@pytest.mark.parametrize("name", ALL)
@laws
@given(histories(), prompts, st.dictionaries(st.sampled_from(IDS), st.sampled_from([-2.5, 2.5]), max_size=6), bases)
def test_no_dislike_takes_back_what_is_typed_or_added(name, history, prompt, weights, target):
    made = rewriters.find(name)(prompt, profile_of("someone", [*history, *pinned(weights)]), 1.0, target)
    typed = [phrase for id in of_prompt(prompt) for phrase in positive(id)]
    wanted = {target.means(text) for text in (*typed, *(c.text for c in made.changes if not c.negated))}
    assert not wanted & {target.means(text) for text in negated(made)}
    assert not any(text in prompt for text in negated(made) if not set(of_prompt(text)) & denied(prompt).attributes)


# --- cases ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(("words", "unwanted"), [("without fog", "weather.fog"), (", no neon, not dark", "medium.neon"), (", no neon, not dark", "tone.dark")])
def test_denials_bar(name, words, unwanted):
    profile = profile_of("someone", [*pinned({unwanted: 2.5, "medium.ink": 2.0}), *asked_for(unwanted, "medium.ink")])
    made = rewriters.find(name)(f"a cat {words}", profile, 1.0, Target())
    assert added(made) == {"medium.ink"}
    assert name == "history" or ("the prompt asks for none of it" in {d.why for d in made.dropped if d.attribute == unwanted})


def test_a_denied_category_is_closed_and_a_denied_value_leaves_others():
    rewrite = rewriters.find("attributes")
    assert not rewrite("a cat, no accessories", liking("accessory.hat"), 1.0, Target()).changes
    assert rewrite("a cat, no ugly accessories", liking("accessory.hat"), 1.0, Target()).changes
    assert added(rewrite("a cat, no neon", liking("medium.neon", "medium.ink"), 1.0, Target())) == {"medium.ink"}


def test_the_own_negative_prompt_is_not_repeated():
    profile = profile_of("someone", pinned({"weather.fog": -2.5, "weather.rain": -2.4}))
    made = rewriters.find("both")("a cat", profile, 1.0, replace(Target(), negative="ugly, Fog"))
    assert [c.attribute for c in made.changes] == ["weather.rain"] and "the negative prompt says it already" in {d.why for d in made.dropped}


def test_a_denied_dislike_is_negated():
    """A base that reads "without fog" draws fog."""
    made = rewriters.find("both")("a cat without fog", profile_of("someone", pinned({"weather.fog": -2.5})), 1.0, Target())
    assert "fog" in made.negative


def drawn(positives: bool) -> dict[str, object]:
    """Attribute → what the embedded base draws for its words."""
    table = lexicon().attributes
    found = {a: MINI.first(positive(a) if positives else (*table[a].negative, *table[a].instead)) for a in table if not table[a].is_sensitive}
    return {a: MINI.means(phrase) for a, phrase in found.items() if phrase}


def test_mini_is_not_asked_for_and_against_the_same():
    pairs = [(a, b) for a, liked in drawn(True).items() for b, disliked in drawn(False).items() if a != b and liked == disliked]
    assert ("mood.cheerful", "mood.festive") in pairs
    for liked, disliked in pairs:
        made = rewriters.find("both")("a cat", profile_of("someone", pinned({liked: 2.5, disliked: -2.5})), 1.0, MINI)
        assert len(made.changes) <= 1, (liked, disliked)
    for disliked in drawn(False):
        phrase = MINI.first((*lexicon().attributes[disliked].negative, *lexicon().attributes[disliked].instead))
        assert not rewriters.find("both")(f"a cat {phrase}", profile_of("someone", pinned({disliked: -2.5})), 1.0, MINI).negative


def test_of_two_names_for_what_a_base_draws_alike_the_surer_is_heeded():
    """Pastel colors and a pastel drawing are one to the drawn world."""
    assert MINI.means("pastel drawing") == MINI.means("in pastel colors") != "pastel drawing"
    for weight, expected in ((-0.3, {"medium.pastel"}), (-2.5, set())):
        profile = profile_of("someone", pinned({"medium.pastel": 1.0, "palette.pastel_colors": weight}))
        assert added(rewriters.find("both")("a cat", profile, 1.0, MINI)) == expected


def test_what_was_merely_passed_over_is_not_avoided():
    """Nobody said a word against neon: it lay beside what was liked. It isn't added either."""
    ink, neon = Shown("a", {"medium.ink": 1.0}), Shown("b", {"medium.neon": 1.0, "palette.warm": 1.0})
    liked = [event("like", i, shown=(ink, neon)) for i in range(3)]
    chosen = [event("choice", 10 + i, shown=(ink, neon), chosen=0) for i in range(3)]
    for history in (liked, chosen, [*liked, *chosen]):
        profile = profile_of("someone", history)
        assert profile.beliefs["medium.neon"].weight < -0.2 and rewriters.find("both")("a cat", profile, 1.0, Target()).negative == ""
    for against in (
        event("dislike", 20, shown=(neon,)), event("delete", 20, shown=(neon,)), event("rating", 20, shown=(neon,), rating=0.0),
        event("comment", 20, text="I hate neon", shown=(neon,)), event("statement", 20, text="I hate neon"),
        event("edit", 20, text="pin", attribute="medium.neon", weight=-1.0),
    ):  # fmt: skip
        assert "neon" in rewriters.find("both")("a cat", profile_of("someone", [*liked, against]), 1.0, Target()).negative


@pytest.mark.parametrize("name", WRITING)
def test_what_is_avoided_does_not_hang_on_strength(name):
    """At little strength the liking isn't added yet, and still the dislike must not be what it will be drawn as."""
    profile = profile_of("someone", pinned({"mood.cheerful": 0.5, "mood.festive": -2.5}))
    assert rewriters.find(name)("a cat", profile, 0.3, MINI).negative == rewriters.find(name)("a cat", profile, 1.0, MINI).negative
