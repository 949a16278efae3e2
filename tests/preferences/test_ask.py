import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persimg import files
from persimg.cli.main import main
from persimg.errors import UserError
from persimg.preferences import ask, session, targets
from persimg.preferences.estimate import Posterior, profile_of
from persimg.preferences.events import checked
from persimg.preferences.rank import ranked
from persimg.preferences.rewriters import attributes
from persimg.preferences.store import Store

POOL = [{f"a{i}": i / 6, f"b{i % 3}": 0.5} for i in range(12)]
NOTHING = Posterior((), np.zeros(0), np.zeros((0, 0)))


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 5), st.integers(0, 999))
def test_information_is_between_nothing_and_log2_of_the_set(size, seed):
    utilities = np.random.default_rng(seed).normal(0, 3, (64, size))
    assert -1e-9 <= ask.information(utilities) <= np.log2(size) + 1e-9
    assert ask.information(np.repeat(utilities[:1], 64, 0)) == pytest.approx(0, abs=1e-9), "who is sure learns nothing"


def test_a_chosen_set_is_worth_more_than_random_ones():
    rng = np.random.default_rng(0)
    phi, names = ask.features(POOL)
    utilities = ask.samples(NOTHING, names, rng, 20_000) @ phi.T
    for criterion, worth in (("information", ask.information), ("utility", ask.utility)):
        chosen = ask.next_choice(POOL, NOTHING, np.random.default_rng(1), 4, criterion).shown
        others = [worth(utilities[:, rng.choice(len(POOL), 4, replace=False)]) for _ in range(30)]
        assert len(set(chosen)) == 4 and worth(utilities[:, list(chosen)]) >= np.quantile(others, 0.9)


def test_what_is_known_is_not_asked_again():
    known = Posterior(("a0", "b0"), np.array([2.0, 1.0]), np.diag([1e-4, 1e-4]))
    assert ask.next_comment([{"a0": 1.0}, {"a1": 1.0}], known).shown == (1,)
    assert ask.next_comment(POOL, NOTHING, frozenset({0})).shown != (0,)
    for call in (lambda: ask.next_comment(POOL[:1], NOTHING, frozenset({0})), lambda: ask.next_choice(POOL[:3], NOTHING, np.random.default_rng(0))):
        with pytest.raises(UserError, match="give more pictures"):
            call()
    with pytest.raises(UserError, match="choose one of information, utility"):
        ask.next_choice(POOL, NOTHING, np.random.default_rng(0), criterion="luck")


def test_samples_have_the_posterior_s_mean_and_the_prior_s_elsewhere():
    known = Posterior(("x", "y"), np.array([3.0, -2.0]), np.array([[0.04, 0.03], [0.03, 0.09]]))
    drawn = ask.samples(known, ["new", "y", "x"], np.random.default_rng(0), 20_000)
    assert drawn.mean(0) == pytest.approx([0, -2, 3], abs=0.03) and drawn.std(0) == pytest.approx([1, 0.3, 0.2], abs=0.03)
    assert np.cov(drawn[:, 1], drawn[:, 2])[0, 1] == pytest.approx(0.03, abs=0.005)


def test_a_session_on_the_embedded_base_makes_a_useful_profile():
    """Eight questions in words that the base knows, answered by someone who loves watercolor and can't stand neon."""
    target, events, asked = targets.of_name("mini"), [], []
    for question in session.session(events, target, seed=3):
        asked.append(question)
        assert all(target.knows(prompt) and target.count(prompt) <= target.budget for prompt in question.prompts)
        texts = [p for p in question.prompts]
        if question.kind == "choice":
            liked = next((i for i, p in enumerate(texts) if "watercolor" in p), next((i for i, p in enumerate(texts) if "neon" not in p), 0))
            answer = str(liked + 1)
        else:
            answer = "I love the watercolor" if "watercolor" in texts[0] else "I hate neon" if "neon" in texts[0] else "I would love a watercolor"
        event = session.answered(question, "ada", answer)
        events.append(checked(event))
    assert len(asked) == 8 and [q.kind for q in asked].count("choice") == 1
    profile = profile_of("ada", events)
    assert profile.beliefs["medium.watercolor"].weight > 1
    assert "watercolor" in attributes.rewrite("a dog", profile, 1.0, target).rewritten


def test_the_next_question_depends_on_the_answers():
    def prompts(liked):
        events, found = [], []
        for question in session.session(events, targets.of_name("mini"), seed=1, questions=3):
            found.append(question.prompts)
            events.append(session.answered(question, "ada", liked))
        return found

    assert prompts("I love it")[0] == prompts("I hate it")[0] and prompts("I love pixel art and neon at night") != prompts("I hate fog and rain")


def test_no_picture_is_shown_in_a_second_session_again():
    target, events, shown = targets.of_name("mini"), [], []
    for _ in range(15):  # more than one pool of pictures
        before = len(shown)
        for question in session.session(events, target, questions=4):
            shown += question.prompts
            events.append(session.answered(question, "ada", "1" if question.kind == "choice" else "I love it", ["digest"] * len(question.prompts)))
        assert len(shown) == before + 7 and len(set(shown)) == len(shown)


def test_asking_again_keeps_the_pictures_of_before_and_stores_their_digests(tmp_path, monkeypatch, capsys):
    def ask_once(user):
        monkeypatch.setattr("sys.stdin", io.StringIO("I love the colours\nso dark\n"))
        words = ["ask", "--user", user, "--base", "mini", "--questions", "2", "--steps", "1", "--out", str(tmp_path / "out")]
        assert main(["profile", *words]) == 0
        capsys.readouterr()

    def pictures():
        return {path: files.digest_file(path) for path in (tmp_path / "out").rglob("*.png")}

    ask_once("ada")
    first = pictures()
    ask_once("bob")
    assert len(first) == 2 and len(pictures()) == 4 and first.items() <= pictures().items()
    with Store() as store:
        named = [event.shown[0] for user in ("ada", "bob") for event in store.events(user)]
    assert [shown.picture for shown in named] == [digest[:16] for _, digest in sorted(pictures().items())]
    monkeypatch.setattr("sys.stdin", io.StringIO())
    (tmp_path / "file").write_text("x")
    assert main(["profile", "ask", "--user", "ada", "--steps", "1", "--out", str(tmp_path / "file")]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_answers_that_are_none():
    question = next(q for q in session.session([], targets.of_name("mini")) if q.kind == "comment")
    assert session.answered(question, "ada", "  \n") is None
    choice = session.Asked(0, "choice", ("a", "b"), question.shown * 2, "a cat")
    for wrong in ("3", "0", "the left one", "-1", "²"):
        with pytest.raises(UserError, match="a number from 1 to 2"):
            session.answered(choice, "ada", wrong)


def test_a_base_without_words_of_style_can_not_be_asked_about():
    from persimg.preferences.rewriter import Target

    with pytest.raises(UserError, match="too few words"):
        session.pool(Target(knows=lambda phrase: False))


def test_ranking_follows_the_profile_and_says_why():
    events = [session.answered(q, "ada", "I love watercolor, I hate neon") for q in session.session([], targets.of_name("mini"), questions=2)]
    order = ranked(profile_of("ada", events), [{"medium.neon": 1.0}, {}, {"medium.watercolor": 0.9}])
    assert [r.index for r in order] == [2, 1, 0] and order[1].score == 0 and list(order[0].why) == ["medium.watercolor"]
