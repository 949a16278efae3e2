"""`persimg bench preferences`: its arms, figures and command, on train users."""

import json
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

pytest.importorskip("skia")

from helpers import tiny_base

from persimg.bench import preference_arms as arms
from persimg.bench import preference_checks as checks
from persimg.bench import preference_scores, preferences, user_worlds, users
from persimg.bench.preference_report import lines
from persimg.bench.preference_scores import Setting, by_trait, column, per_user, profiles, ratio, summary, table, worse
from persimg.bench.user_events import life
from persimg.bench.user_population import world_population
from persimg.bench.user_worlds import Generated, said, symbolic
from persimg.errors import UserError
from persimg.evaluation.interval import Interval
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
        assert arms.negatives(made["other"]) <= count and arms.negatives(made["generic, as history"]) <= arms.negatives(made["history"])
        assert arms.negatives(made["oracle"]) <= count and not set(said(made["oracle"].negative).items()) & set(said(prompt).items())


def test_another_profile_is_cut_to_as_much():
    one, other = users.users("train", 6)[::5]
    (known,) = profiles([other], "mixed", 32, SETTING)
    whole = arms.own("both", "a cat", known, TARGET)
    assert arms.negatives(whole) == 2 and whole.added > 1
    made = arms.of_others("a cat", [known], 1, TARGET, barred=1)
    assert made.added == 1 and made.negative and made.negative == whole.negative.split(", ")[0]
    assert arms.of_others("a cat", [known], 1, TARGET).negative == "" and one.world == other.world


def test_profiles_that_begin_at_a_population_serve_better():
    found = users.users("train", 20, 1)
    begun = replace(SETTING, populations={1: world_population(1, 25)})
    gain = [column(table(found, profiles(found, "comments", 4, setting), setting), "both").mean() for setting in (SETTING, begun)]
    assert gain[1] > gain[0]


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


def test_summary_has_every_arm(after_comments):
    found = summary(after_comments)
    assert list(found["arms"]) == list(arms.ARMS) and json.loads(json.dumps(found)) == found


def test_pictures_are_won_against_the_prompts_own(after_comments):
    assert set(column(after_comments, "none", "wins")) == {0.5}
    assert column(after_comments, "oracle", "wins").mean() > column(after_comments, "both", "wins").mean() > 0.5
    assert worse(after_comments, "oracle", "none")["mean"] == 0 < worse(after_comments)["mean"]


def test_users_are_told_apart_by_their_traits(after_comments):
    found = users.users("train", 40)
    rows = {row["trait"]: row for row in by_trait(found, after_comments)}
    assert list(rows) == ["plain", *users.TRAITS] and rows["plain"]["users"] == sum(not one.traits for one in found)
    members = [i for i, one in enumerate(found) if "drifting" in one.traits]
    over = column(after_comments, "both") - column(after_comments, "generic, as both")
    assert rows["drifting"]["over generic"]["mean"] == pytest.approx(over[members].mean())
    (row,) = [row for row in per_user(found, {"8 comments": after_comments}) if row["user"] == "train 7"]
    assert row["traits"] == list(found[7].traits)
    assert row["8 comments"] == {arm: pytest.approx(column(after_comments, arm)[7], abs=1e-4) for arm in arms.FEW}


def test_holm_corrects_over_all_four_comparisons(after_comments, monkeypatch):
    monkeypatch.setattr(preference_scores, "interval", lambda cells, over: Interval(0.1, 0.01, 0.2, 0.02, 40, 1, 0.0, "subjects"))
    two = preferences.planned({("comments", 8): after_comments})
    assert [row["p_holm"] for row in two] == [pytest.approx(0.08)] * 2 and {row["verdict"] for row in two} == {"not shown"}


def test_fidelity_is_judged_on_drawn_pictures_alone(after_comments):
    """The world's grammar takes the first that is said of a side, so that symbolic pictures of a longer prompt keep what was asked."""
    assert said("a cat at night, in daylight") == said("a cat at night")
    for pictures, reached in (("symbolic", None), ("generated", True)):
        rows = {row["title"]: row["is_reached"] for row in preferences.aims({("comments", 8): after_comments}, pictures)}
        assert rows[preferences.FIDELITY] is reached and rows["users worse than generic"] is not None


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
    assert [row["trait"] for row in made["traits"]][0] == "plain" and any("drifting" in line for line in lines(made))
    assert [row["user"] for row in made["per_user"]] == [f"train {n}" for n in range(10)] and set(made["per_user"][0]["8 comments"]) == set(arms.FEW)
    assert any("not judged on symbolic pictures" in line for line in lines(made))
    monkeypatch.setattr(preferences, "scored", lambda *_: pytest.fail("measured twice"))
    capsys.readouterr()
    assert preferences.run(args) == made and "measured" not in capsys.readouterr().out.split("planned")[0]


def test_generated_pictures_are_scored_through_the_reader(tmp_path, monkeypatch):
    monkeypatch.setattr(user_worlds, "STEPS", 1)
    monkeypatch.setattr(user_worlds, "BATCH", 2)
    torch.manual_seed(0)
    show = Generated(tiny_base("sd_v"), Reader(label_names(), 4).eval(), tmp_path)
    found = users.users("train", 6)[::5]  # two of one world
    for asked in arms.SETS.values():
        setting = Setting(show, TARGET, prompts=1, pictures=1, arms=asked)
        scored = table(found, profiles(found, "comments", 2, setting), setting)
        assert all(np.isfinite(column(scored, arm)).all() for arm in asked)
        assert list(scored) == list(summary(scored)["arms"]) == list(asked)


def test_all_arms_can_be_drawn(tmp_path):
    """By default few of drawn pictures and all of symbolic ones."""
    few, many = ("--users", "2", "--events", "2", "--histories", "comments", "--prompts", "1", "--per-prompt", "1", "--checks", "none"), []
    for number, asked in enumerate(((), ("--arms", "few"), ("--arms", "all"))):
        made = preferences.run(arguments(tmp_path / str(number), *few, *asked))
        many.append(list(made["curves"][0]["arms"]))
    assert many == [list(arms.ARMS), list(arms.FEW), list(arms.ARMS)]
    assert preferences.USUAL == {"symbolic": {"users": 200, "arms": "all"}, "generated": {"users": 80, "arms": "few"}}


def test_what_was_kept_is_of_the_readers_weights(tmp_path):
    """A reader that was trained again in the same folder is another one."""
    folder = tmp_path / "reader"
    folder.mkdir()
    setting = replace(SETTING, show=SimpleNamespace(base=SimpleNamespace(fingerprint="base")))
    known = []
    for weights in (b"one", b"two", b"one"):
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(weights)
        known.append(preferences.cell_settings(arguments(tmp_path, "--pictures", "generated", "--reader", str(folder)), setting))
    assert known[0] == known[2] != known[1]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--events", "8,x"), "--events 8,x"), (("--events", "-1"), "negative"), (("--checks", "mood"), "mood"),
        (("--histories", "tweets"), "tweets"), (("--users", "1"), "too few"),
        (("--pictures", "generated", "--reader", "/nope"), "no reader in /nope"),
    ],
)
def test_bad_options_are_one_line(tmp_path, options, what):
    with pytest.raises(UserError, match=what):
        preferences.run(arguments(tmp_path, *options))
