"""Plans are checked before anything is loaded."""

import re
from pathlib import Path

import numpy as np
import pytest

from persimg.bench.compare import _Comparison
from persimg.bench.plan import Arm, make_plan, read_plan, recipe, rows_per_step
from persimg.errors import UserError
from persimg.evaluation.metric import load_metrics

SMALL = {"arms": {"word": {"says": "class"}, "lora": {"method": "dreambooth_lora"}}, "subjects": [{"character": 0}, {"character": 1}]}


def test_the_documented_plan_is_one(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "COMPARE.md").read_text()
    example = re.search(r"```yaml\n(.*?)```", text, re.S).group(1)
    for folder in ("cat", "cat-held-out"):
        (tmp_path / folder).mkdir()
    (tmp_path / "plan.yaml").write_text(example)
    plan = read_plan(tmp_path / "plan.yaml")
    assert plan.title == "plan" and len(plan.arms) == 4 and plan.subjects[1].pictures == tmp_path / "cat"


def test_arms_get_equal_rows_and_share_defaults():
    plan = make_plan({**SMALL, "forward_rows": 960, "defaults": {"batch_size": 4, "num_vectors": 3}, "arms": {
        "ti": {"method": "textual_inversion"}, "lora": {"method": "dreambooth_lora", "rank": 2}, "full": {"method": "dreambooth"},
        "own steps": {"method": "dreambooth_lora", "steps": 5},
    }})  # fmt: skip
    found = {a.title: recipe(plan, a, 7) for a in plan.arms}
    assert [found[t].steps * rows_per_step(found[t]) for t in ("ti", "lora", "full")] == [960] * 3 and found["own steps"].steps == 5
    assert found["ti"].num_vectors == 3 and found["lora"].rank == 2 and found["full"].seed == 7 and found["ti"].keep_out == 0


BAD = {
    "no setting": ({**SMALL, "speed": 1}, "speed is no setting"), "no arms": ({**SMALL, "arms": {}}, "has no arms"),
    "both": ({**SMALL, "arms": {"a": {"says": "class", "method": "dreambooth"}}}, "needs a method, or says"),
    "says": ({**SMALL, "arms": {"a": {"says": "nothing"}}}, "says 'nothing'"),
    "method": ({**SMALL, "arms": {"a": {"method": "magic"}}}, "no method named magic"),
    "setting": ({**SMALL, "arms": {"a": {"method": "dreambooth", "rank": 4}}}, "rank is no setting"),
    "character": ({**SMALL, "subjects": [{"character": 99}]}, "character 99"),
    "twice": ({**SMALL, "subjects": [{"character": 1}, {"character": 1}]}, "same name"),
    "planned": ({**SMALL, "planned": [["lora", "word", "beauty"]]}, "is no comparison"),
    "folder": ({**SMALL, "subjects": [{"name": "a", "class_noun": "cat", "pictures": "nowhere"}]}, "is not a folder"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_work_is_one_line(case):
    given, text = BAD[case]
    with pytest.raises(UserError, match=text):
        make_plan(given)


def test_cells_are_means_over_seeds_and_differences_are_paired():
    plan = make_plan({**SMALL, "arms": {"a": {"says": "class"}, "b": {"says": "noise"}}, "planned": [["a", "b", "clip_i"], ["a", "b", "copy_index"]]})
    comparison = object.__new__(_Comparison)
    comparison.plan, comparison.metrics = plan, load_metrics(["clip_i", "copy_index", "clip_t"])
    prompts = ["x {}", "x {}", "y {}"]

    def cell(subject, arm, seed, first):
        values = {"clip_i": [first, first + 2, 5.0], "copy_index": [first] * 3, "clip_t": "no text"}
        return {"subject": subject.name, "arm": arm, "seed": seed, "prompts": prompts, "values": values}

    cells = [cell(s, arm, seed, first + seed) for s in plan.subjects for arm, first in (("a", 1.0), ("b", 0.0)) for seed in (0, 2)]
    assert np.allclose(comparison.matrix(cells, "a", "clip_i"), [[3, 5]] * 2) and comparison.matrix(cells, "a", "clip_t") == "no text"
    fidelity, copying = comparison._comparisons(cells)
    assert fidelity["mean"] == 0.5 and copying["mean"] == -1.0 and copying["verdict"] == "not shown" and fidelity["p_holm"] >= fidelity["p"]
    assert isinstance(plan.arms[0], Arm)
