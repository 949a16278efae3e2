"""Real photographs on the embedded base: everything runs through, whatever a base of flat drawings makes of them."""

import json

import numpy as np
import pytest
from PIL import Image

from persimg.cli.main import main


@pytest.fixture(scope="module")
def cat(tmp_path_factory):
    """Five crops of scikit-image's photograph of a cat, of different sizes and aspects."""
    data = pytest.importorskip("skimage.data")
    photo, folder = Image.fromarray(data.chelsea()), tmp_path_factory.mktemp("photographs") / "cat"
    folder.mkdir()
    for i, (left, top, side) in enumerate(((0, 0, 300), (60, 20, 280), (120, 0, 300), (90, 40, 240), (40, 10, 260))):
        photo.crop((left, top, left + side + 10 * i, top + side)).save(folder / f"{i}.png")
    return folder


@pytest.mark.parametrize("method", ["textual_inversion", "dreambooth_lora"])
def test_a_photographed_cat_is_learned_drawn_and_scored(cat, method, tmp_path, capsys):
    run = tmp_path / "run"
    words = ["train", method, "--pictures", str(cat), "--name", "chelsea", "--class-noun", "cat", "--steps", "6", "--no-select"]
    assert main([*words, "--batch-size", "2", "--no-library", "--out", str(run)]) == 0
    losses = [json.loads(line)["loss"] for line in (run / "log.jsonl").read_text().splitlines()]
    assert len(losses) == 6 and np.isfinite(losses).all()
    concept = str(run / "chelsea.safetensors")
    assert main(["generate", "<chelsea> in the snow", "--concept", concept, "--steps", "4", "--out", str(tmp_path / "out")]) == 0
    assert np.asarray(Image.open(next((tmp_path / "out").glob("*.png")))).std() > 5
    suite = tmp_path / "two.txt"
    suite.write_text("a {} in the snow\na {} on the beach\n")
    assert main(["evaluate", concept, "--suite", str(suite), "--steps", "4", "--out", str(tmp_path / "scores")]) == 0
    rows = {r["title"]: r for r in json.loads((tmp_path / "scores" / "scores.json").read_text())["rows"]}
    assert rows[method]["scores"]["clip_i"]["n"] == 4 and (tmp_path / "scores" / "report.html").stat().st_size > 10_000
