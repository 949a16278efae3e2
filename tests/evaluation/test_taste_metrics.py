"""Pictures scored by one user's taste: by a profile, and by pictures that were liked and disliked."""

import json

import numpy as np
import pytest
from PIL import Image

from persimg.cli.main import main
from persimg.errors import UserError
from persimg.evaluation.metric import Material, fitting, load_metrics, measure
from persimg.evaluation.taste import Taste, fitted, told

NAMES = ("taste", "taste_by_pictures")


def features(count, towards, seed, noise=0.5):
    """(count, 16) of length 1, round a direction."""
    found = np.random.default_rng(seed).normal(0, noise / 4, (count, 16))
    found[:, towards] += 1
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_what_is_liked_scores_above_what_is_disliked_in_whatever_order_it_was_shown():
    liked, disliked = features(8, 0, 1), features(8, 1, 2)
    kernel = fitted(liked, disliked)
    assert kernel.auc == kernel.lo == kernel.hi == 1 and kernel.is_shown
    ours, theirs = kernel.scores(features(20, 0, 3)), kernel.scores(features(20, 1, 4))
    assert min(ours) > 0.75 and max(theirs) < 0.25 and np.mean(ours) == pytest.approx(9 / 10, abs=0.05), "as sure as eight pictures can make it"
    few = fitted(liked[:3], disliked[:3]).scores(features(20, 0, 3))
    assert 0.7 < np.mean(few) < np.mean(ours) - 0.03, "three make it less sure"
    assert np.mean(kernel.scores(features(50, 5, 6))) == pytest.approx(0.5, abs=0.05), "what is like neither is undecided"
    assert fitted(liked[::-1], disliked[[3, 1, 0, 2, 7, 6, 5, 4]]).scores(features(20, 0, 3)) == pytest.approx(ours)
    assert fitted(disliked, liked).scores(features(20, 0, 3)) == pytest.approx([1 - v for v in ours])


def test_pictures_that_say_nothing_tell_nothing_and_it_is_said():
    kernels = [fitted(features(8, 0, 2 * seed), features(12, 0, 2 * seed + 1)) for seed in range(40)]
    assert np.mean([kernel.auc for kernel in kernels]) == pytest.approx(0.5, abs=0.05), "a picture left out is at no disadvantage"
    assert np.mean([kernel.lo <= 0.5 <= kernel.hi for kernel in kernels]) >= 0.8
    record = {"by_pictures": {"liked": 8, "disliked": 12, "auc": 0.5, "lo": 0.3, "hi": 0.7, "t": 0.0, "shown": False}}
    assert "0.50 [0.30, 0.70] of left-out pairs right" in told(record)[0] and "mean nothing" in told(record)[0]
    with pytest.raises(UserError, match="2 liked and 8 disliked pictures are too few; give 3"):
        fitted(features(2, 0, 0), features(8, 0, 1))


def test_without_a_taste_these_metrics_are_left_out_or_say_why():
    everything = load_metrics()
    assert not set(NAMES) & set(fitting(everything, ["cat"], []))
    assert set(fitting(everything, ["cat"], [], Taste("ann", score=lambda pictures, backbone: []))) & set(NAMES) == {"taste"}
    found = measure(load_metrics(NAMES), Material((), None, "cat", None))
    assert "no profile" in found["taste"] and "no liked and disliked pictures" in found["taste_by_pictures"]


def test_the_embedded_clip_reads_drawn_pictures_alone():
    class Judge:
        name = "mini"

    def read_by(name, drawn):
        judge, seen = Judge(), []
        judge.name = name
        taste = Taste("ann", score=lambda pictures, backbone: seen.append(backbone) or [])
        measure(load_metrics(["taste"]), Material((), (), "cat", judge, drawn=drawn, taste=taste))
        return seen[0] is judge

    assert read_by("mini", True) and read_by("ViT-B-32/openai", False) and not read_by("mini", False)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Liked red and disliked blue ones, a folder of one of each to be scored, and a store of profiles."""
    monkeypatch.setenv("PERSIMG_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    for folder, colours in (("liked", ["red"] * 4), ("disliked", ["blue"] * 4), ("shown", ["red", "blue"])):
        (tmp_path / folder).mkdir()
        for i, colour in enumerate(colours):
            picture = np.asarray(Image.new("RGB", (64, 64), colour)) // 2 + rng.integers(0, 100, (64, 64, 3))
            Image.fromarray(picture.astype(np.uint8)).save(tmp_path / folder / f"{i}.png")
            (tmp_path / folder / f"{i}.txt").write_text("a cat")
    return tmp_path


def evaluated(folders, *more):
    code = main(["evaluate", str(folders / "shown"), "--class-noun", "cat", "--out", str(folders / "out"), *more])
    return code, json.loads((folders / "out" / "scores.json").read_text()) if code == 0 else {}


def test_a_folder_is_scored_by_a_profile_and_by_liked_pictures(folders, capsys):
    assert main(["profile", "add", "say", "--user", "ann", "I love red and warm colours"]) == 0
    code, record = evaluated(
        folders, "--profile", "ann", "--liked", str(folders / "liked"), "--disliked", str(folders / "disliked"), "--metrics", ",".join(NAMES)
    )  # fmt: skip
    red, blue = record["rows"][0]["scores"]["taste"]["values"]
    assert code == 0 and red > 0 >= blue, "read from the pixels: both have one prompt"
    red, blue = record["rows"][0]["scores"]["taste_by_pictures"]["values"]
    assert red > 0.5 > blue and record["taste"]["user"] == "ann" and record["taste"]["by_pictures"]["shown"]
    assert "of left-out pairs right" in capsys.readouterr().out and "of left-out pairs right" in (folders / "out" / "report.html").read_text()


def test_an_unknown_user_is_not_measured_and_half_a_taste_is_refused(folders, capsys):
    code, record = evaluated(folders, "--profile", "nobody", "--metrics", "taste")
    assert code == 0 and "no profile" in record["rows"][0]["scores"]["taste"]["not_measured"]
    assert evaluated(folders, "--liked", str(folders / "liked"))[0] == 2 and "give both" in capsys.readouterr().err
    assert evaluated(folders, "--liked", str(folders / "nowhere"), "--disliked", str(folders / "liked"))[0] == 2
