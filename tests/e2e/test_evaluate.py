"""Evaluation and the choice of a checkpoint on the embedded models, through the command line."""

import json
import random

import pytest
import torch
from PIL import Image

from persimg.cli.main import main
from persimg.errors import UserError
from persimg.evaluation.backbones import load_backbone
from persimg.evaluation.suite import SELECTION_DRAWN, SUITES, is_drawn, load_suite
from persimg.mini.nets import load_encoder
from persimg.mini.world.caption import caption
from persimg.mini.world.render import draw
from persimg.mini.world.scene import Scene, Subject, sample_scene
from persimg.sampling.pictures import from_pictures


def drawn(folder, number, places, seed=0):
    folder.mkdir(parents=True)
    for i, place in enumerate(places):
        Image.fromarray(draw(Scene((Subject(f"character:{number}", None),), place, "flat", seed + i)).picture).save(folder / f"{i}.png")
    return str(folder)


def renders(count):
    scenes = [sample_scene(random.Random(f"evaluator {i}")) for i in range(count)]
    return [Image.fromarray(draw(s).picture) for s in scenes], [caption(s) for s in scenes]


def test_the_evaluator_tells_captions_apart():
    backbone = load_backbone()
    pictures, captions = renders(48)
    nearest = (backbone.images(pictures) @ backbone.texts(captions).T).argmax(1)
    assert (nearest == torch.arange(48)).float().mean() > 0.85
    with pytest.raises(UserError, match="can't be loaded"):
        load_backbone("ViT-B-32/nothing")


def test_the_selector_knows_a_held_out_character_again():
    encoder = load_encoder()
    views = [[Image.fromarray(draw(Scene((Subject(f"character:{n}", None),), place, "flat", n)).picture) for n in range(8)] for place in ("snow", "city")]
    with torch.no_grad():
        first, second = (encoder(from_pictures(v, (128, 128))) for v in views)
    assert ((first @ second.T).argmax(1) == torch.arange(8)).float().mean() >= 0.75


def test_suites_are_understood_and_do_not_overlap(tmp_path):
    assert is_drawn(SUITES["drawn"].prompts) and is_drawn(SELECTION_DRAWN) and not is_drawn(SUITES["dreambench-live"].prompts)
    assert len(SUITES["dreambench-object"].prompts) == len(SUITES["dreambench-live"].prompts) == 25
    assert not set(SUITES["drawn"].prompts) & set(SELECTION_DRAWN)
    (tmp_path / "mine.txt").write_text("a {} in the snow\n\na cat\n")
    with pytest.raises(UserError, match="'a cat' doesn't say where"):
        load_suite(str(tmp_path / "mine.txt"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A short training run with its choice of a checkpoint."""
    folder = tmp_path_factory.mktemp("run")
    pictures = drawn(folder / "pictures", 0, ("room", "meadow", "beach", "city", "snow"))
    words = ["train", "dreambooth_lora", "--pictures", pictures, "--name", "mobu", "--class-noun", "cat", "--steps", "12"]
    words += ["--checkpoint-every", "6", "--batch-size", "4", "--mixed-precision", "no", "--no-library", "--out", str(folder / "run")]
    assert main(words) == 0
    return folder / "run"


def test_a_checkpoint_is_chosen_and_the_curve_kept(run):
    curve = json.loads((run / "curve.json").read_text())
    best = max(curve["points"], key=lambda p: p["score"])
    assert [p["step"] for p in curve["points"]] == [6, 12] and curve["chosen"] == best["step"]
    assert (run / "mobu.safetensors").read_bytes() == (run / "checkpoints" / f"{best['step']:06d}.safetensors").read_bytes()
    assert Image.open(run / "curve.png").size[0] > 300


def test_a_concept_is_evaluated_with_what_its_run_kept(run, tmp_path, capsys):
    suite = tmp_path / "two.txt"
    suite.write_text("a {} in the snow, flat style\na {} in the city at night\n")
    others = tmp_path / "others"
    drawn(others / "one", 1, ("room", "beach"))
    words = ["evaluate", str(run / "mobu.safetensors"), "--suite", str(suite), "--steps", "4", "--distractors", str(others), "--out", str(tmp_path / "out")]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["report"].endswith("report.html")
    record = json.loads((tmp_path / "out" / "scores.json").read_text())
    rows = {r["title"]: r for r in record["rows"]}
    assert record["references"] == 1 and record["prompts"] == suite.read_text().splitlines() and len(rows) == 6
    mine = rows["dreambooth_lora"]
    assert mine["scores"]["prior_drift"]["speaks_of"].startswith("seeds")
    assert len(mine["pictures"]) == 4 and len(mine["scores"]["clip_t"]["values"]) == 4
    measured = {n for n, s in mine["scores"].items() if "mean" in s}
    assert measured == set(record["metrics"]), mine["scores"]
    assert rows["noise"]["scores"]["slot_accuracy"]["mean"] < rows["the base: “cat”"]["scores"]["slot_accuracy"]["mean"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert {g["gate"] for g in record["gates"]} >= {"a pasted training picture wins CLIP-I", "noise is last in the slots"}
    assert "passed: noise is last in the slots" in page and "dreambooth_lora: space " in page
    assert page.count("data:image/png") >= 5 and "http" not in page and "1 held-out references" in page


def test_a_folder_of_pictures_is_evaluated_by_its_captions(tmp_path, capsys):
    folder = tmp_path / "mine"
    drawn(folder, 0, ("snow", "city"))
    assert main(["evaluate", str(folder), "--out", str(tmp_path / "out")]) == 3
    assert "says no prompt" in capsys.readouterr().err and not (tmp_path / "out").exists()
    for i, place in enumerate(("in the snow", "in the forest")):
        (folder / f"{i}.txt").write_text(f"a cat {place}, flat style")
    assert main(["evaluate", str(folder), "--class-noun", "cat", "--out", str(tmp_path / "out")]) == 0
    row = json.loads((tmp_path / "out" / "scores.json").read_text())["rows"][0]["scores"]
    assert row["slot_accuracy"]["values"] == [1.0, 0.5] and "no held-out references" in row["clip_i"]["not_measured"]
    assert "no held-out references" in capsys.readouterr().out


BAD = {"no suite": (["--suite", "nowhere.txt"], 2), "no references": (["--references", "nowhere"], 2), "metric": (["--metrics", "beauty"], 2), "backbone": (["--backbone", "nothing"], 2)}


@pytest.mark.parametrize("case", BAD)
def test_bad_options_are_one_line(case, tmp_path, capsys):
    folder = tmp_path / "mine"
    drawn(folder, 0, ("snow",))
    (folder / "0.txt").write_text("a cat in the snow")
    assert main(["evaluate", str(folder), "--class-noun", "cat", *BAD[case][0], "--out", str(tmp_path / "out")]) == BAD[case][1]
    assert capsys.readouterr().err.count("\n") == 1 and not (tmp_path / "out").exists()
