"""Questions in the bench: what they are scored against, and the product's own first session."""

import pytest

pytest.importorskip("skia")

from persimg.bench import preference_questions as questions
from persimg.bench import users
from persimg.bench.preference_arms import Text, enriched, own, population
from persimg.bench.preference_scores import Setting, scores
from persimg.bench.user_worlds import symbolic
from persimg.preferences import session, targets

SETTING = Setting(symbolic, targets.of_name("mini"), prompts=3, pictures=2)


@pytest.fixture(scope="module")
def rows():
    return {row.title: row.value["mean"] for row in questions.questions(users.users("train", 3), SETTING)}


def test_choices_are_asked_for_without_repeating():
    one = users.user("train", 5)
    for criterion in ("information", "utility", "random"):
        events = questions.choices(one, criterion, SETTING)
        pictures = [s.picture for e in events for s in e.shown]
        assert len(events) == 8 and len(set(pictures)) == len(pictures) and events == questions.choices(one, criterion, SETTING)


def test_gains_are_over_the_enricher_of_equal_length(rows):
    gains = []
    for one in users.users("train", 3):
        (profile,) = questions.from_events([one], [questions.choices(one, "utility", SETTING)], SETTING)
        prompts = users.new_prompts(one, SETTING.prompts)
        made = [own("attributes", prompt, profile, SETTING.target) for prompt in prompts]
        generic = [enriched(p, population(one.world)["generic"], m.added, SETTING.target) for p, m in zip(prompts, made)]
        scored = scores(one, prompts, [{"own": m, "generic": g, "none": Text(p, 0)} for p, m, g in zip(prompts, made, generic)], SETTING)
        assert scored["generic"]["added"] <= scored["own"]["added"]
        gains.append(scored["own"]["utility"] - scored["generic"]["utility"])
    assert rows["utility: gain over generic"] == pytest.approx(sum(gains) / 3) and rows["utility: phrases added"] > 0


def test_the_products_first_session_is_measured(rows):
    """Its own questions, in its own order, on pictures of its own pool."""
    one = users.user("train", 2)
    events, seed = questions.first_session(one, "information", SETTING), one.rng("session").randrange(2**31)
    kinds = [event.kind for event in events]
    assert kinds == [asked.kind for asked in session.session([], SETTING.target, seed)] and set(kinds) == {"comment", "choice"}
    assert events == questions.first_session(one, "information", SETTING)
    asked = {prompt for _, prompt in session.pool(SETTING.target, seed)}
    assert {shown.picture for event in events for shown in event.shown} <= asked
    for criterion in ("information", "utility"):
        figures = ("share closed", "over generic", "users worse than generic", "accuracy")
        assert all(f"first session, {criterion}: {name}" in rows for name in figures)
