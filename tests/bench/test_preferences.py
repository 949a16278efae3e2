"""`persimg bench preferences`: what the figures must be, and what every rewriter owes its users, on train users."""

import json
from argparse import ArgumentParser, Namespace
from dataclasses import replace

import numpy as np
import pytest
import torch

pytest.importorskip("skia")

from helpers import tiny_base

from persimg.bench import preference_arms as arms
from persimg.bench import preference_checks as checks
from persimg.bench import preferences, user_worlds, users
from persimg.bench.preference_questions import session
from persimg.bench.preference_report import lines
from persimg.bench.preference_scores import Setting, closed, column, difference, kept, profiles, ratio, summary, table, worse
from persimg.bench.user_events import life
from persimg.bench.user_population import world_population
from persimg.bench.user_worlds import Generated, said, symbolic
from persimg.errors import UserError
from persimg.mini.nets import Reader
from persimg.mini.world.labels import label_names
from persimg.preferences import targets
from persimg.preferences.estimate import profile_of
from persimg.preferences.profile import Profile
from persimg.preferences.rewriter import Target

TARGET = targets.of_name("mini")
SETTING = Setting(symbolic, TARGET, prompts=3, pictures=2)


def arguments(tmp_path, *more: str) -> Namespace:
    parser = ArgumentParser()
    preferences.add_arguments(parser)
    return parser.parse_args(["--split", "train", "--out", str(tmp_path / "bench"), *more])


@pytest.fixture(scope="module")
def after_comments():
    found = users.users("train", 40)
    return table(found, profiles(found, "comments", 8, SETTING), SETTING)


# --- arms -------------------------------------------------------------------------------------------------------------


def test_arms_add_equally_many_phrases():
    found = users.users("train", 11)
    known = profiles(found, "mixed", 16, SETTING)
    for one, profile in zip(found[:5], known):
        for prompt in users.new_prompts(one, 3):
            made = arms.texts(prompt, one, profile, [known[5], known[10]], TARGET)
            assert list(made) == list(arms.ARMS) and all(text.prompt.startswith(prompt) for text in made.values())
            assert made["none"].prompt == prompt and TARGET.count(made["oracle"].prompt) <= TARGET.budget
            for other in ("generic, as both", "popular", "nearest", "other", "oracle, as both"):
                assert made[other].added <= made["both"].added
            assert made["generic, as history"].added <= made["history"].added and made["generic, long"].added <= made["oracle"].added


def test_enrichment_leaves_alone_what_the_prompt_says():
    made = arms.enriched("a cat at night, ink style", [("time", "day"), ("style", "neon"), ("mood", "warm"), ("mood", "cold")], 3, TARGET)
    assert made == arms.Text("a cat at night, ink style, warm mood", 1)
    assert arms.enriched("a cat", [("mood", "warm")], 1, Target(budget=3)).added == 0


def test_the_oracle_is_best_and_population_is_of_train_users():
    one = users.user("train", 0)
    assert arms.oracle("a cat", one, TARGET).added >= 5
    assert arms.population(1)["generic"] != arms.population(2)["generic"]
    assert all(slot in arms.STYLES for slot, _ in arms.population(1)["popular"])


def test_nearest_takes_the_past_prompt_that_resembles():
    history = [e for e in life(users.user("train", 3), "prompts", 8, symbolic)]
    profile = profile_of("x", history)
    assert arms.nearest("a cat", Profile("x"), 3, TARGET).added == 0
    assert arms.nearest("a cat", profile, 8, TARGET).prompt.startswith("a cat")


def test_arms_that_are_compared_avoid_equally_many_phrases():
    found = users.users("train", 11)
    known = profiles(found, "mixed", 16, SETTING)
    for prompt in users.new_prompts(found[0], 3):
        made = arms.texts(prompt, found[0], known[0], [known[5], known[10]], TARGET)
        count = arms.negatives(made["both"])
        assert count and made["none"].negative == "" and arms.negatives(made["generic, as both"]) <= count
        assert arms.negatives(made["oracle"]) <= count and not set(said(made["oracle"].negative).items()) & set(said(prompt).items())


def test_profiles_that_begin_at_a_population_serve_better():
    found = users.users("train", 20, 1)
    begun = replace(SETTING, populations={1: world_population(1, 25)})
    gain = [column(table(found, profiles(found, "comments", 4, setting), setting), "both").mean() for setting in (SETTING, begun)]
    assert gain[1] > gain[0]


# --- what section 14.6 asks for ---------------------------------------------------------------------------------------


def test_no_events_are_no_rewrite():
    found = users.users("train", 10)
    scored = table(found, profiles(found, "mixed", 0, SETTING), SETTING)
    for arm in (*arms.OWN, "other", "popular", "generic, as both"):
        assert np.array_equal(column(scored, arm), column(scored, "none"))
    assert worse(scored)["mean"] == 0 and closed(scored)["mean"] == 0 and kept(scored)["mean"] == 1


def test_the_own_profile_beats_another_users_after_eight_comments(after_comments):
    found = difference(after_comments, "both", "other")
    assert found.lo > 0 and found.verdict == "shown"


def test_the_own_profile_is_no_better_where_all_users_are_one(monkeypatch):
    """With one taste for all the advantage of the own profile is gone."""
    first = users.user("train", 0)
    found = [replace(one, early=first.late, late=first.late, world=first.world) for one in users.users("train", 40)]
    found_difference = difference(table(found, profiles(found, "comments", 8, SETTING), SETTING), "both", "other")
    assert found_difference.lo < 0.15 and abs(found_difference.mean) < 0.35


def test_figures_are_the_same_every_time(after_comments):
    found = users.users("train", 40)
    assert table(found, profiles(found, "comments", 8, SETTING), SETTING) == after_comments


def test_names_of_values_do_not_matter():
    """The same tastes under the world's own names and under exchanged ones, within noise."""
    gain = []
    for world in (0, 3):
        found = users.users("train", 25, world)
        gain.append(difference(table(found, profiles(found, "comments", 8, SETTING), SETTING), "both", "none"))
    assert gain[0].lo < gain[1].hi and gain[1].lo < gain[0].hi


def test_prompt_fidelity_is_kept(after_comments):
    assert kept(after_comments)["mean"] >= preferences.KEPT


def test_little_is_claimed_of_users_without_a_taste():
    rows = [row for row in checks.truth(users.users("train", 8), SETTING) if "without a taste" in row.title]
    assert len(rows) == len(checks.TRUTH) and all(row.value["mean"] <= 0.05 for row in rows)


def test_castles_asked_for_are_not_castles_liked():
    rows = checks.content(users.users("train", 12), SETTING)
    assert [row.title.split(":")[0] for row in rows] == list(arms.OWN) and all(row.value["mean"] <= 0.1 for row in rows)
    assert all(int(row.note.split("%")[0]) > 25 for row in rows)


def test_phrases_go_with_their_evidence():
    gone, lost = checks.deletion(users.users("train", 4), SETTING)
    assert gone.value["mean"] >= 0.95 > lost.value["mean"] + 0.5


def test_another_users_events_do_harm():
    rows = {row.title: row.value["mean"] for row in checks.noisy(users.users("train", 20), SETTING)}
    assert rows["50% of another's events: over generic"] < rows["20% of another's events: over generic"] + 0.1


# --- figures ----------------------------------------------------------------------------------------------------------


def test_what_was_meant_is_the_ceiling_of_alignment():
    rows = {row.title: row.value for row in checks.offline(users.users("train", 6), SETTING)}
    assert rows["what was meant: alignment"]["mean"] == rows["what was meant: rouge_l"]["mean"] == 1
    assert rows["none: match"]["mean"] < rows["what was meant: match"]["mean"]


@pytest.mark.parametrize(
    ("a", "b", "score"), [("a cat", "a cat", 1.0), ("a cat", "", 0.0), ("cat a", "a cat", 0.5), ("a red cat", "a cat", 0.8)]
)
def test_rouge_l(a, b, score):
    assert checks.rouge_l(a, b) == pytest.approx(score) and checks.rouge_l(b, a) == pytest.approx(score)


def test_ratio_has_no_value_where_there_is_no_way():
    assert ratio(np.zeros(4), np.zeros(4))["mean"] is None
    found = ratio(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    assert found["mean"] == found["lo"] == found["hi"] == 0.5


def test_sessions_ask_without_repeating():
    one = users.user("train", 5)
    for criterion in ("information", "utility", "random"):
        events = session(one, criterion, SETTING)
        pictures = [s.picture for e in events for s in e.shown]
        assert len(events) == 8 and len(set(pictures)) == len(pictures) and events == session(one, criterion, SETTING)


def test_summary_has_every_arm(after_comments):
    found = summary(after_comments)
    assert list(found["arms"]) == list(arms.ARMS) and json.loads(json.dumps(found)) == found


# --- the command ------------------------------------------------------------------------------------------------------


def test_run_writes_a_report_and_resumes(tmp_path, monkeypatch, capsys):
    few = ("--users", "10", "--events", "0,8", "--histories", "comments,mixed", "--prompts", "2", "--per-prompt", "2")
    args = arguments(tmp_path, *few, "--checks", "content")
    made = preferences.run(args)
    out = tmp_path / "bench"
    assert json.loads((out / "scores.json").read_text()) == json.loads(json.dumps(made))
    assert "data:image/png;base64" in (out / "report.html").read_text() and (out / "curves.png").stat().st_size > 5000
    planned = [(p["history"], p["events"], p["second"]) for p in made["planned"]]
    assert planned == [("comments", 8, "generic, as both"), ("comments", 8, "other")]
    assert made["aims"][0]["title"].startswith("share of the way") and any("content" in line for line in lines(made))
    monkeypatch.setattr(preferences, "scored", lambda *_: pytest.fail("measured twice"))
    capsys.readouterr()
    assert preferences.run(args) == made and "measured" not in capsys.readouterr().out.split("planned")[0]


def test_generated_pictures_are_scored_through_the_reader(tmp_path, monkeypatch):
    monkeypatch.setattr(user_worlds, "STEPS", 1)
    monkeypatch.setattr(user_worlds, "BATCH", 2)
    torch.manual_seed(0)
    show = Generated(tiny_base("sd_v"), Reader(label_names(), 4).eval(), tmp_path)
    found = users.users("train", 6)[::5]  # two of one world
    setting = Setting(show, TARGET, prompts=1, pictures=1, arms=arms.FEW)
    scored = table(found, profiles(found, "comments", 2, setting), setting)
    assert all(np.isfinite(column(scored, arm)).all() for arm in arms.FEW)
    assert list(scored) == list(summary(scored)["arms"]) == list(arms.FEW)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--events", "8,x"), "--events 8,x"), (("--events", "-1"), "negative"), (("--checks", "mood"), "mood"),
        (("--histories", "tweets"), "tweets"), (("--users", "1"), "too few"),
    ],
)
def test_bad_options_are_one_line(tmp_path, options, what):
    with pytest.raises(UserError, match=what):
        preferences.run(arguments(tmp_path, *options))
