"""What every rewriter promises holds of the llm too, whatever its model says."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import IDS, histories, names

from persimg.preferences.attributes import of_prompt
from persimg.preferences.estimate import profile_of
from persimg.preferences.events import Event
from persimg.preferences.lexicon import lexicon
from persimg.preferences.profile import MUTED, Profile
from persimg.preferences.rewriter import Target
from persimg.preferences.rewriters import both, llm

pytest.importorskip("openai")
ENDPOINT = llm.Endpoint("http://127.0.0.1:1/v1", "m")
laws = settings(max_examples=15, deadline=None)
prompts = st.one_of(
    st.sampled_from(["a cat", "<mycat> at the Castle.", "two birds, ",
                     'a sign that says "no fog"', "a cat without a hat, (dog:1.3)", "Кошка 50 %"]),
    st.builds("a robot, {}".format, names),
)  # fmt: skip
strengths = st.sampled_from([0.05, 0.2, 0.5, 0.9, 1.0])
MODELS = {
    "adds behind": lambda prompt, liked: (", ".join([prompt.rstrip(", ."), *(phrase for _, phrase in liked)]), [id for id, _ in liked]),
    "adds in front": lambda prompt, liked: (", ".join([*(phrase for _, phrase in liked), prompt]), [id for id, _ in liked]),
    "takes the first only": lambda prompt, liked: (f"{prompt}, {liked[0][1]}", [liked[0][0]]),
    "adds at will": lambda prompt, liked: (f"{prompt}, in the fog, {lexicon().attributes[IDS[0]].phrases[0]}", [id for id, _ in liked]),
    "writes small": lambda prompt, liked: (", ".join([prompt, *(p for _, p in liked)]).lower(), [id for id, _ in liked]),
    "turns round": lambda prompt, liked: (" ".join(reversed([*(phrase for _, phrase in liked), *prompt.split()])), [id for id, _ in liked]),
    "denies": lambda prompt, liked: (", no ".join([prompt, *(phrase for _, phrase in liked)]), [id for id, _ in liked]),
    "silent": None,
}


@pytest.fixture(params=MODELS, scope="module")
def rewrite(request):
    """The rewriter with such a model behind it, which is told all that the endpoint would be."""
    model = MODELS[request.param]

    def completed(messages, endpoint, deadline):
        if model is None:
            return "", "the endpoint failed: status 500"
        asked = json.loads(next(m["content"] for m in messages if m["role"] == "user"))
        text, used = model(asked["prompt"], [(liked["id"], liked["phrases"][0]) for liked in asked["liked"]])
        return json.dumps({"prompt": text, "used": used}), None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(llm, "completed", completed)
        yield lambda prompt, profile, strength=1.0, target=Target(): llm.rewrite(prompt, profile, strength, target, ENDPOINT)


def added(made):
    return {change.attribute for change in made.changes if not change.negated}


def in_order(words, text):
    """Are these words there in this order?"""
    left = iter(word.rstrip(",.") for word in text.split())
    return all(word.rstrip(",.") in left for word in words)


@laws
@given(history=histories(), prompt=prompts, strength=strengths, budget=st.integers(5, 60))
def test_a_rewrite_keeps_what_was_typed_and_adds_only_what_it_says(rewrite, history, prompt, strength, budget):
    profile, target = profile_of("someone", history), Target(budget)
    made = rewrite(prompt, profile, strength, target)
    assert made.prompt == prompt and in_order(prompt.split(), made.rewritten)
    assert made.rewritten == prompt or target.count(made.rewritten) <= budget
    new = set(of_prompt(made.rewritten)) - set(of_prompt(prompt))
    barred = {b.attribute for b in profile.beliefs.values() if b.weight < 0 or b.status == MUTED}
    assert new == added(made) and not new & barred and set(of_prompt(prompt)) <= set(of_prompt(made.rewritten))
    assert _but_for_time(made) == _but_for_time(rewrite(prompt, profile, strength, target))


def _but_for_time(made):
    return made.rewritten, made.negative, made.changes, {key: value for key, value in made.trace.items() if key != "milliseconds"}


@laws
@given(history=histories(), prompt=prompts, one=strengths, other=strengths, budget=st.integers(8, 75))
def test_more_strength_only_adds(rewrite, history, prompt, one, other, budget):
    profile, (low, high) = profile_of("someone", history), sorted((one, other))
    weak, strong = (rewrite(prompt, profile, strength, Target(budget)) for strength in (low, high))
    assert added(weak) <= added(strong)
    assert {c.attribute for c in weak.changes if c.negated} <= {c.attribute for c in strong.changes if c.negated}


@laws
@given(history=histories(), prompt=prompts)
def test_strength_zero_and_an_empty_profile_change_nothing(rewrite, history, prompt):
    for made in (rewrite(prompt, profile_of("someone", history), 0.0), rewrite(prompt, Profile("someone"))):
        assert (made.rewritten, made.negative, made.changes) == (prompt, "", ())


@laws
@given(history=histories(), prompt=prompts)
def test_a_phrase_without_its_evidence_is_gone(rewrite, history, prompt):
    for change in rewrite(prompt, profile_of("someone", history)).changes:
        left = [e for e in history if e.id not in change.evidence]
        found = rewrite(prompt, profile_of("someone", left))
        assert change.why and not set(change.evidence) & {id for c in found.changes for id in c.evidence}


def test_models_that_do_as_they_are_told_are_heard_and_no_others(rewrite, request):
    day = "2026-01-05T10:00:00.000+00:00"
    history = [Event(f"E{i}", "someone", day, "edit", "pin", attribute=a, weight=2.0) for i, a in enumerate(("medium.ink", "weather.fog"))]
    made = rewrite("a <MyCat>", profile_of("someone", history))
    heard = {"adds behind": "a <MyCat>, ink drawing, in the fog", "adds in front": "ink drawing, in the fog, a <MyCat>"}
    model = request.node.callspec.params["rewrite"]
    assert made.trace["fallback"] is (model not in heard)
    plain = both.rewrite("a <MyCat>", profile_of("someone", history)).rewritten
    assert made.rewritten == heard.get(model, plain)
