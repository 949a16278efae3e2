"""A comparison on the embedded models, resumed."""

import csv
import json

from persimg.cli.main import main

PLAN = """
suite: {suite}
steps: 3
pictures_per_prompt: 1
defaults: {{batch_size: 2, mixed_precision: "no", checkpoint_every: 2}}
arms:
  truth: {{says: truth}}
  class word: {{says: class}}
  lora: {{method: dreambooth_lora, steps: 4}}
  lora, last: {{method: dreambooth_lora, steps: 4, checkpoint: last}}
  training: {{says: training}}
subjects:
  - character: 0
planned:
  - [training, lora, clip_i]
"""


def test_a_comparison_runs_resumes_and_says_what_it_rests_on(tmp_path, capsys):
    (tmp_path / "two.txt").write_text("a {} in the snow, flat style\na {} in the city at night\n")
    (tmp_path / "plan.yaml").write_text(PLAN.format(suite=tmp_path / "two.txt"))
    words = ["compare", str(tmp_path / "plan.yaml"), "--out", str(tmp_path / "out")]
    assert main([*words, "--dry-run", "--json"]) == 0 and json.loads(capsys.readouterr().out)["cells"] == 5
    assert main(words) == 0
    record = json.loads((tmp_path / "out" / "scores.json").read_text())
    rows = {r["title"]: r for r in record["rows"]}
    assert rows["truth"]["scores"]["slot_accuracy"]["mean"] == 1 and rows["training"]["scores"]["copy_index"]["mean"] > 0.999
    assert set(rows["lora"]["seconds"]) == {"learning", "choosing", "drawing", "scoring"} and set(rows["truth"]["seconds"]) == {"drawing", "scoring"}
    assert rows["lora"]["steps"] == 4 and rows["lora"]["forward_rows"] == 8 and rows["lora, last"]["chosen_steps"] == [4]
    assert len(list((tmp_path / "out" / "runs").glob("*/*"))) == 1, "arms with equal training share it"
    assert record["comparisons"][0]["verdict"] == "not shown" and "this subject only" in record["comparisons"][0]["speaks_of"]
    table = list(csv.DictReader((tmp_path / "out" / "rows.csv").open()))
    assert len([r for r in table if r["arm"] == "lora" and r["metric"] == "clip_t"]) == 2 and len(table) == len(json.loads((tmp_path / "out" / "rows.json").read_text()))
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Planned comparisons" in page and "http" not in page
    capsys.readouterr()

    cell = tmp_path / "out" / "cells" / record["subjects"][0] / "lora-0.json"
    before = cell.stat().st_mtime_ns
    assert main(words) == 0 and "learned in" not in capsys.readouterr().out and cell.stat().st_mtime_ns == before
    again = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert again["rows"] == record["rows"] and again["comparisons"] == record["comparisons"]
