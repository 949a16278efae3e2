"""Pictures scored by one user's taste: by a profile, and by pictures that were liked and disliked."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from persimg.cli.main import main
from persimg.errors import UserError
from persimg.evaluation.metric import Material, fitting, load_metrics, measure
from persimg.evaluation.taste import Taste, _nearest, _nearest_but_one, _sharpness, fitted, told

NAMES = ("taste", "taste_by_pictures")


def features(count, towards, seed, noise=0.5):
    """(count, 16) of length 1, round a direction."""
    found = np.random.default_rng(seed).normal(0, noise / 4, (count, 16))
    found[:, towards] += 1
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_what_is_liked_scores_above_what_is_disliked_in_whatever_order_it_was_shown():
    liked, disliked = features(8, 0, 1), features(8, 1, 2)
    kernel = fitted(liked, disliked)
    assert kernel.auc == kernel.hi == 1 and kernel.is_shown and kernel.lo == pytest.approx(0.676, abs=0.01), "eight that are right aren't all that are"
    ours, theirs = kernel.scores(features(20, 0, 3)), kernel.scores(features(20, 1, 4))
    assert min(ours) > 0.75 and max(theirs) < 0.25 and np.mean(ours) == pytest.approx(9 / 10, abs=0.05), "as sure as eight pictures can make it"
    few = fitted(liked[:3], disliked[:3]).scores(features(20, 0, 3))
    assert 0.7 < np.mean(few) < np.mean(ours) - 0.03, "three make it less sure"
    assert np.mean(kernel.scores(features(50, 5, 6))) == pytest.approx(0.5, abs=0.05), "what is like neither is undecided"
    assert fitted(liked[::-1], disliked[[3, 1, 0, 2, 7, 6, 5, 4]]).scores(features(20, 0, 3)) == pytest.approx(ours)
    assert fitted(disliked, liked).scores(features(20, 0, 3)) == pytest.approx([1 - v for v in ours])


def tinted(count, towards, amount, rng):
    """(count, 16) of length 1, alike but for a little of one direction."""
    found = rng.normal(0, 0.125, (count, 16))
    found[:, 2] += 1
    found[:, towards] += amount
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.mark.parametrize("n, m", [(4, 40), (40, 4), (8, 8)])
def test_the_larger_folder_is_no_nearer(n, m):
    rng, right = np.random.default_rng(0), []
    for _ in range(10):
        kernel = fitted(tinted(n, 0, 0.3, rng), tinted(m, 1, 0.3, rng))
        ours, theirs, neither = (np.array(kernel.scores(tinted(60, *what, rng))) for what in ((0, 0.3), (1, 0.3), (5, 0.0)))
        right.append([(ours > 0.5).mean(), (theirs < 0.5).mean(), neither.mean()])
    liked, disliked, neither = np.mean(right, 0)
    assert min(liked, disliked) > 0.8 and neither == pytest.approx(0.5, abs=0.06)


def test_the_nearest_are_those_of_a_random_draw():
    """Against every draw of four, and with a picture left out."""
    cosines = np.random.default_rng(0).normal(size=(2, 7))

    def drawn(row):
        return np.mean([np.mean(sorted(four)[-3:]) for four in itertools.combinations(row, 4)])

    assert _nearest(cosines, 4) == pytest.approx([drawn(row) for row in cosines])
    assert _nearest_but_one(cosines, 4) == pytest.approx(np.array([[drawn(np.delete(row, j)) for j in range(7)] for row in cosines]))


@pytest.mark.parametrize("n, m", [(4, 4), (8, 8), (3, 20)])
def test_folders_that_differ_in_nothing_are_seldom_told_apart(n, m, monkeypatch):
    monkeypatch.setattr("persimg.evaluation.taste.SHUFFLES", 200)
    rng = np.random.default_rng(0)
    assert np.mean([fitted(tinted(n, 0, 0, rng), tinted(m, 0, 0, rng)).is_shown for _ in range(100)]) <= 0.05


@pytest.mark.parametrize("n", [4, 8])
@pytest.mark.parametrize("amount", [0.0, 0.2])
def test_the_interval_holds_what_folders_of_this_size_have_on_average(n, amount, monkeypatch):
    monkeypatch.setattr("persimg.evaluation.taste.SHUFFLES", 1)  # of the p alone
    rng = np.random.default_rng(1)
    kernels = [fitted(tinted(n, 0, amount, rng), tinted(n, 1, amount, rng)) for _ in range(200)]
    true = np.mean([kernel.auc for kernel in kernels])
    assert np.mean([kernel.lo <= true <= kernel.hi for kernel in kernels]) >= 0.9


def test_a_picture_is_never_compared_with_itself():
    rng = np.random.default_rng(0)
    liked, disliked, new = tinted(6, 0, 0.1, rng), tinted(6, 1, 0.1, rng), tinted(5, 0, 0.1, rng)
    once = fitted(liked, disliked)
    twice = fitted(np.repeat(liked, 2, 0), np.concatenate([disliked, disliked[:2]]))
    assert (twice.auc, twice.t, twice.doubles) == (once.auc, once.t, 8) and twice.scores(new) == once.scores(new)
    assert fitted(np.concatenate([liked, new[:1]]), np.concatenate([disliked, new[:1]])).doubles == 2, "liked and disliked: neither"
    own = replace(once, liked=liked[1:]).scores(liked[:1])
    assert once.scores(liked[:1]) == pytest.approx(own, abs=0.03) and once.scores(liked[:1])[0] < replace(once, liked=np.append(liked, liked[:1], 0)).scores(liked[:1])[0]
    found = Taste(liking=twice).record([np.concatenate([liked[:2], new])])
    assert found["by_pictures"]["among"] == 2 and found["by_pictures"]["liked"] == 6
    lines = "".join(told(found))
    assert "8 that are there twice, or are both" in lines and "2 of the scored pictures that are among" in lines
    with pytest.raises(UserError, match="2 liked and 6 disliked pictures without the 2 that are there twice are too few"):
        fitted(np.repeat(liked[:2], 2, 0), disliked)


def test_liked_and_disliked_weigh_the_same_in_how_sharp_it_is():
    """One disliked picture among the liked leaves as much doubt as one liked among the disliked, whichever folder is which."""
    rng = np.random.default_rng(3)
    liked, disliked = tinted(8, 0, 0.25, rng), np.concatenate([tinted(6, 1, 0.25, rng), tinted(2, 0, 0.25, rng)])
    one, other = fitted(liked, disliked), fitted(disliked, liked)
    assert 0 < one.t == other.t < 100
    ours, theirs = np.full((4, 9), 0.2), np.full((4, 9), -0.1)
    assert 0 < _sharpness(ours, theirs) == _sharpness(-theirs.T, -ours.T) != _sharpness(ours, -ours)


def test_pictures_that_say_nothing_tell_nothing_and_it_is_said():
    kernels = [fitted(features(8, 0, 2 * seed), features(12, 0, 2 * seed + 1)) for seed in range(40)]
    assert np.mean([kernel.auc for kernel in kernels]) == pytest.approx(0.5, abs=0.05), "a picture left out is at no disadvantage"
    counts = {"liked": 8, "disliked": 12, "doubles": 0, "among": 0}
    record = {"by_pictures": {**counts, "auc": 0.5, "lo": 0.3, "hi": 0.7, "p": 0.4, "t": 0.0, "shown": False}}
    assert "0.50 [0.30, 0.70] of left-out pairs right (p 0.400, 0.025 is needed)" in told(record)[0] and "mean nothing" in told(record)[0]
    with pytest.raises(UserError, match="2 liked and 8 disliked pictures are too few; give 3"):
        fitted(features(2, 0, 0), features(8, 0, 1))


def test_without_a_taste_these_metrics_are_left_out_or_say_why():
    everything = load_metrics()
    assert not set(NAMES) & set(fitting(everything, ["cat"], []))
    assert set(fitting(everything, ["cat"], [], Taste("ann", score=lambda pictures, backbone: []))) & set(NAMES) == {"taste"}
    found = measure(load_metrics(NAMES), Material((), None, "cat", None))
    assert "no profile" in found["taste"] and "no liked and disliked pictures" in found["taste_by_pictures"]


def test_the_embedded_clip_reads_pictures_of_the_embedded_base_alone():
    class Judge:
        name = "mini"

    def read_by(name, embedded):
        judge, seen = Judge(), []
        judge.name = name
        taste = Taste("ann", score=lambda pictures, backbone: seen.append(backbone) or [])
        measure(load_metrics(["taste"]), Material((), (), "cat", judge, drawn=True, embedded=embedded, taste=taste))
        return seen[0] is judge

    assert read_by("mini", True) and read_by("ViT-B-32/openai", False) and not read_by("mini", False)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Liked red and disliked blue ones, a folder of one of each to be scored, and a store of profiles."""
    monkeypatch.setenv("PERSIMG_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    for folder, colours in (("liked", ["red"] * 5), ("disliked", ["blue"] * 5), ("shown", ["red", "blue"])):
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


@pytest.mark.parametrize("bases, read", [(("mini", "mini"), True), (("mini", None), False), (("mini", "elsewhere/base"), False), (("mini", 3), False)])
def test_what_a_picture_shows_is_looked_at_where_its_record_names_the_embedded_base(folders, bases, read, monkeypatch):
    """Captions in the words of the drawn world don't make photographs drawn ones."""
    seen = []
    monkeypatch.setattr("persimg.preferences.pictures.of_pictures", lambda pictures, backbone: seen.append(backbone) or [{} for _ in pictures])
    for i, base in enumerate(bases):
        info = PngInfo()
        if base is not None:
            info.add_text("persimg", json.dumps({"prompt": "a cat", "base_name": base}))
        Image.new("RGB", (64, 64), "red").save(folders / "shown" / f"{i}.png", pnginfo=info)
    assert main(["profile", "add", "say", "--user", "ann", "I love red"]) == 0
    assert evaluated(folders, "--profile", "ann", "--metrics", "taste")[0] == 0
    assert (seen[0] is not None) == read and seen[1:] == [None] * len(seen[1:]), "of noise nobody says so"


def test_an_unknown_user_is_not_measured_and_half_a_taste_is_refused(folders, capsys):
    code, record = evaluated(folders, "--profile", "nobody", "--metrics", "taste")
    assert code == 0 and "no profile" in record["rows"][0]["scores"]["taste"]["not_measured"]
    assert evaluated(folders, "--profile", "nobody")[0] == 0, "a metric that is left out is told of as well"
    told = capsys.readouterr().out
    assert told.count("nothing is known of nobody yet: Taste isn't measured; tell something with: persimg profile add") == 2 and "\n\n" not in told
    assert evaluated(folders, "--liked", str(folders / "liked"))[0] == 2 and "give both" in capsys.readouterr().err
    assert evaluated(folders, "--liked", str(folders / "nowhere"), "--disliked", str(folders / "liked"))[0] == 2
