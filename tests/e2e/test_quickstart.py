"""The quickstart's own script, with few steps."""

import json
import sys

import quickstart

ARMS = ("true render", "textual inversion", "DreamBooth-LoRA")

def test_quickstart_leaves_scores_with_the_time_of_each_stage(tmp_path, monkeypatch, capsys):
    (tmp_path / "two.txt").write_text("a {} in the snow, flat style\na {} in the city, night style\n")
    quick = {"steps": 4, "batch_size": 2, "mixed_precision": "no", "checkpoint_every": 4}
    arms = {title: arm | (quick if "method" in arm else {}) for title, arm in quickstart.PLAN["arms"].items() if title in ARMS}
    plan = {**quickstart.PLAN, "arms": arms, "suite": str(tmp_path / "two.txt"), "pictures_per_prompt": 1, "steps": 2}
    monkeypatch.setattr(quickstart, "PLAN", plan)
    monkeypatch.setattr(sys, "argv", ["quickstart.py", "--out", str(tmp_path / "out")])
    quickstart.main()
    record = json.loads((tmp_path / "out" / "scores.json").read_text())
    rows = {row["title"]: row for row in record["rows"]}
    for title in ("textual inversion", "DreamBooth-LoRA"):
        assert list(rows[title]["seconds"]) == ["learning", "choosing", "drawing", "scoring"] and rows[title]["seconds"]["learning"] > 0
    seconds = record["seconds"]
    assert list(seconds) == ["drawing", "scoring", "learning", "choosing", "rest", "total"]
    assert abs(sum(v for k, v in seconds.items() if k != "total") - seconds["total"]) < 1
    said = capsys.readouterr().out
    assert "DreamBooth-LoRA: learning" in said and "speak of this subject only" in said and "report.html" in said
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
