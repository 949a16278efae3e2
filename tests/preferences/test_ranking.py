"""Concepts and bases ranked for a profile by what they draw, on tiny random bases."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import tiny_pipeline

from persimg import files
from persimg.bases.loading import load_base
from persimg.cli.main import main
from persimg.concepts import store
from persimg.concepts.concept import Card, Concept
from persimg.evaluation.student import mean_of, p_of, point
from persimg.preferences.estimate import profile_of
from persimg.preferences.events import Event
from persimg.preferences.profile import Belief, Profile
from persimg.preferences.rank import ranked_groups

USER = ["profile", "rank", "--user", "ann"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PERSIMG_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Two bases, and two concepts of the first."""
    folder = tmp_path_factory.mktemp("models")
    for seed in (0, 1):
        tiny_pipeline("sd_v", seed).save_pretrained(folder / f"base{seed}")
    base = load_base(str(folder / "base0"))
    for i, name in enumerate(("one", "two")):
        vector = torch.full((1, 16), float(3 * i - 1))
        store.save(Concept(Card(name, "cat", f"<{name}>", base.record, spaces={"token": {"placeholder": f"<{name}>"}}), {"token": {"clip_l": vector}}), folder / f"{name}.safetensors")
    return folder


def test_groups_are_ordered_by_their_mean_and_compared_by_pairs():
    profile = profile_of("ann", [Event("1", "ann", "2026-01-01T00:00:00+00:00", "statement", "I love watercolor and hate neon")])
    liked, neither, hated = {"medium.watercolor": 1.0}, {}, {"medium.neon": 1.0}
    order = ranked_groups(profile, [[hated, neither, hated] * 2, [liked, liked, neither] * 2, [neither, liked, liked] * 2])
    assert [group.index for group in order] == [1, 2, 0]
    first, second, last = order
    assert first.behind is None and first.mean.mean == pytest.approx(sum(first.scores) / 6) and list(first.why) == ["medium.watercolor"]
    assert second.behind.mean == 0 and second.behind.lo < 0 < second.behind.hi, "as good as the first on average"
    assert last.is_shown and not second.is_shown and last.behind.lo > 0 and last.behind.mean == pytest.approx(first.mean.mean - last.mean.mean) and last.why["medium.neon"] < 0


def simulated(counts, pictures, rng, behind=0.0):
    """Groups of pictures with scores at random, every one but the first `behind` it; a profile that takes them as they are."""
    profile = Profile("ann", {"medium.watercolor": Belief("medium.watercolor", 1.0, 0.1, {})})
    scores = rng.normal(size=(counts, pictures))
    scores[1:] -= behind
    return ranked_groups(profile, [[{"medium.watercolor": float(score)} for score in group] for group in scores])


@pytest.mark.parametrize("groups, pictures", [(2, 4), (2, 8), (6, 8), (2, 20)])
def test_groups_that_differ_in_nothing_are_seldom_told_to(groups, pictures):
    rng = np.random.default_rng(0)
    told = [any(group.is_shown for group in simulated(groups, pictures, rng)) for _ in range(300)]
    assert np.mean(told) <= 0.065 and (any(told) or pictures < 5)


def test_groups_that_do_differ_are_told_to():
    rng = np.random.default_rng(0)
    assert np.mean([all(group.is_shown for group in simulated(3, 8, rng, 3.0)[1:]) for _ in range(50)]) > 0.9
    assert not any(group.is_shown for group in simulated(2, 4, rng, 50.0)), "four pictures show nothing"


def test_student_s_points_are_those_of_the_tables():
    points = {1: 12.706, 2: 4.303, 3: 3.182, 7: 2.365, 12: 2.179, 29: 2.045}
    assert {freedom: round(point(freedom), 3) for freedom in points} == points
    assert p_of(0.0, 5) == 1 and p_of(-2.365, 7) == p_of(2.365, 7) == pytest.approx(0.05, abs=1e-4)
    even = mean_of([1.0, 1.0, 1.0], "pictures")
    assert (even.lo, even.hi, even.p) == (1, 1, 0) and mean_of([0.0, 0.0], "pictures").p == 1 and mean_of([2.0], "pictures").lo is None


def test_equal_groups_are_said_to_be_not_shown(home, models, capsys):
    """The same concept twice draws the same pictures."""
    assert main(["profile", "add", "say", "--user", "ann", "I love red and dark pictures, I hate blue"]) == 0
    words = ["--prompt", "a photo of {}", "--concept", models / "one.safetensors", "--concept", f"{models / 'one.safetensors'}:1.0"]
    assert main([*USER, *map(str, [*words, "--base", models / "base0", "--steps", "1", "--pictures", "5", "--out", home / "out"])]) == 0
    assert ", 0.00 [+0.00, +0.00] behind the first: not shown" in capsys.readouterr().out


def ranked(capsys, home, *words):
    assert main([*USER, "--json", "--steps", "1", "--pictures", "2", "--out", str(home / "out"), *map(str, words)]) == 0
    return json.loads(capsys.readouterr().out)


def test_concepts_are_drawn_on_bases_that_they_fit_with_equal_seeds_and_once(home, models, capsys):
    assert main(["profile", "add", "say", "--user", "ann", "I love red and dark pictures, I hate blue"]) == 0
    words = ["--prompt", "a photo of {}", "--concept", models / "one.safetensors", "--concept", models / "two.safetensors"]
    words += ["--base", models / "base0", "--base", models / "base1"]
    capsys.readouterr()
    found = ranked(capsys, home, *words)
    assert {Path(place["concept"]).stem for place in found["ranking"]} == {"one", "two"} and found["clip"] is None
    assert {Path(place["base"]).name for place in found["ranking"]} == {"base0"} and len(found["left_out"]) == 2
    assert all([Path(p).name.split("-")[0] for p in place["pictures"]] == ["0", "1"] and place["n"] == 2 for place in found["ranking"])
    scores = [place["score"] for place in found["ranking"]]
    assert scores == sorted(scores, reverse=True) and found["ranking"][0]["behind"] is None
    assert found["ranking"][1]["behind"]["mean"] == pytest.approx(scores[0] - scores[1], abs=1e-3)
    pictures = sorted((home / "out").iterdir())
    before = [(path.stat().st_mtime_ns, files.digest_file(path)) for path in pictures]
    pictures[0].unlink()
    assert ranked(capsys, home, *words)["ranking"] == found["ranking"], "what is there is kept, what is missing drawn again"
    after = [(path.stat().st_mtime_ns, files.digest_file(path)) for path in sorted((home / "out").iterdir())]
    assert after[1:] == before[1:] and after[0][1] == before[0][1]


def test_bases_alone_are_ranked_and_a_stranger_has_no_order(home, models, capsys):
    found = ranked(capsys, home, "--prompt", "a red cat", "--base", models / "base0", "--base", models / "base1")
    assert [Path(place["base"]).name for place in found["ranking"]] == ["base0", "base1"], "in the order given"
    assert [place["score"] for place in found["ranking"]] == [0, 0]
    words = ["--prompt", "a red cat", "--base", models / "base0", "--steps", "1", "--pictures", "1", "--out", home / "out"]
    assert main([*USER, *map(str, words)]) == 0
    assert "nothing is known of ann yet" in (told := capsys.readouterr().out) and "no interval" in told


@pytest.mark.parametrize("words, message", [
    ([], "what is to be ranked?; name pictures, or a prompt with --prompt, one of the two"),
    (["a.png", "--prompt", "a cat"], "one of the two"),
    (["a.png", "--base", "mini"], "--concept and --base have nothing to draw"),
    (["--prompt", "a {}"], "the prompt has {} and no concept is given"),
    (["--prompt", "a cat", "--concept", "ONE"], "the prompt doesn't name <one>; write {} where the concept goes"),
    (["--prompt", "a cat", "--pictures", "0"], "--pictures 0 is out of range"),
    (["--prompt", "a cat", "--base", "nowhere/at/all"], "nowhere/at/all"),
    (["--prompt", "a cat", "--clip", "nothing"], "--clip nothing is no backbone"),
    (["--prompt", "a {}", "--concept", "ONE", "--base", "OTHER"], "nothing could be drawn"),
])  # fmt: skip
def test_bad_input_is_told_in_a_line(home, models, capsys, words, message):
    places = {"ONE": models / "one.safetensors", "OTHER": models / "base1"}
    assert main([*USER, "--out", str(home / "out"), *(str(places.get(word, word)) for word in words)]) in (2, 3)
    err = capsys.readouterr().err
    assert message in err and "Traceback" not in err


def test_on_the_embedded_base_who_draws_what_is_liked_comes_first(home, capsys):
    """Concepts of two words that the base knows: somebody who loves watercolor gets the one that stands for it."""
    base = load_base("mini")
    encoder, tokenizer = base.text_encoders["clip_l"], base.tokenizers["clip_l"]
    for name, word in (("first", "neon"), ("second", "watercolor")):
        (row,) = tokenizer(word, add_special_tokens=False).input_ids
        vector = encoder.get_input_embeddings().weight[row : row + 1].detach().clone()
        card = Card(name, "style", f"<{name}>", base.record, spaces={"token": {"placeholder": f"<{name}>"}})
        store.save(Concept(card, {"token": {"clip_l": vector}}), home / f"{name}.safetensors")
    assert main(["profile", "add", "say", "--user", "ann", "I love watercolor, I can't stand neon"]) == 0
    capsys.readouterr()
    words = ["--prompt", "a cat on the beach, {} style", "--steps", "12", "--pictures", "4"]
    found = ranked(capsys, home, "--concept", home / "first.safetensors", "--concept", home / "second.safetensors", *words)
    best, last = found["ranking"]
    assert Path(best["concept"]).stem == "second" and best["lo"] > 0 > last["hi"] and last["behind"]["lo"] > 0 and found["clip"] == "mini"
    assert list(best["why"])[0] == "medium.watercolor"
