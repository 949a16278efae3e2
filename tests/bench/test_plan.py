"""Plans are checked before anything is loaded."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import tiny_base
from PIL import Image

from persimg import mini
from persimg.bench import compare
from persimg.bench.compare import _Comparison
from persimg.bench.learning import Learning, named
from persimg.bench.plan import Arm, make_plan, read_plan, recipe, rows_per_step
from persimg.bench.subjects import Subject
from persimg.errors import UserError
from persimg.evaluation.metric import load_metrics
from persimg.evaluation.suite import load_suite
from persimg.mini.world.people import PEOPLE
from persimg.spaces import basis as bases

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


KNOWN = PEOPLE[3].name
PAIRS = {**SMALL, "suite": "drawn-pairs"}
FAR = {"base": "somebody/else", "suite": "people-pairs", "other": "Bob Smith", "subjects": [{"face": 0}], "arms": {"a": {"says": "class"}, "b": {"says": "description"}}}
FACES = {"subjects": [{"face": 0}, {"face": 1}], "arms": {"a": {"says": "class"}, "b": {"says": "description"}}, "planned": [["a", "b", "identity"]]}
PACK = str(mini.path("faces"))
CEILING = {**SMALL, "arms": {"references": {"says": "references"}, "word": {"says": "class"}}}
BAD = {
    "no setting": ({**SMALL, "speed": 1}, "speed is no setting"), "no arms": ({**SMALL, "arms": {}}, "has no arms"),
    "both": ({**SMALL, "arms": {"a": {"says": "class", "method": "dreambooth"}}}, "needs a method, or says"),
    "says": ({**SMALL, "arms": {"a": {"says": "nothing"}}}, "says 'nothing'"),
    "method": ({**SMALL, "arms": {"a": {"method": "magic"}}}, "no method named magic"),
    "setting": ({**SMALL, "arms": {"a": {"method": "dreambooth", "rank": 4}}}, "rank is no setting"),
    "character": ({**SMALL, "subjects": [{"character": 99}]}, "character 99"),
    "twice": ({**SMALL, "subjects": [{"character": 1}, {"character": 1}]}, "same name"),
    "planned": ({**SMALL, "planned": [["lora", "word", "beauty"]]}, "is no comparison"),
    "one reference": (
        {"arms": {"ceiling": {"says": "references"}}, "subjects": [{"name": "a", "class_noun": "cat", "pictures": "."}]}, "a has fewer than two"
    ),
    "unprompted": ({**CEILING, "planned": [["references", "word", "clip_t"]]}, "planned clip_t can't be measured: references has no prompts"),
    "untrained": ({**SMALL, "planned": [["lora", "word", "prior_drift"]]}, "word has no class pictures"),
    "one seed": ({**SMALL, "pictures_per_prompt": 1, "planned": [["lora", "word", "diversity"]]}, "no several seeds"),
    "left out": ({**SMALL, "metrics": ["clip_t"], "planned": [["lora", "word", "clip_i"]]}, "planned clip_i is not among the metrics"),
    "no pack": ({**SMALL, "face_pack": "nowhere"}, "there is no face pack nowhere"),
    "other unasked": ({**SMALL, "other": KNOWN}, f"no prompt of the suite drawn has a place for {KNOWN}"),
    "other unknown": ({**PAIRS, "other": "nemo nobody"}, "nemo nobody is neither a concept nor somebody whom the base knows"),
    "other no name": ({**PAIRS, "other": 3}, "other: 3 is no name"),
    "nobody's pictures": ({**PAIRS, "other_references": "."}, "pictures of nobody yet"),
    "no pictures": ({**PAIRS, "other": KNOWN, "other_references": "nowhere"}, "other_references nowhere is not a folder"),
    "other twice": ({**PAIRS, "other": KNOWN, "subjects": [{"face": 3}], "arms": {"name": {"says": "known"}}}, f"would draw {KNOWN} twice: face3"),
    "other true": ({**FAR, "arms": {"true": {"says": "truth"}}}, "needs true renders of Bob Smith"),
    "other unseen": ({**FAR, "suite": "drawn-pairs", "planned": [["a", "b", "both_recognised"]]}, "there are no references of Bob Smith"),
    "faces unread": ({**FAR, "planned": [["a", "b", "identity"]]}, "the embedded face pack knows drawn people alone"),
    "faces off the drawn world": ({**FACES, "base": "somebody/else"}, "the embedded face pack knows drawn people alone"),
    "no threshold": ({**FACES, "face_pack": PACK}, "face0 has no distractors, other people by whom the threshold of .* is set"),
    "slots off the drawn world": ({**SMALL, "base": "somebody/else", "planned": [["lora", "word", "slot_accuracy"]]}, "lora has no drawn prompts"),
    "pack no name": ({**SMALL, "face_pack": 3}, "face_pack: 3 is no name"),
    "references no name": ({**PAIRS, "other": KNOWN, "other_references": 3}, "other_references: 3 is no name"),
    "box a list": ({**SMALL, "arms": {"a": {"method": "identity_basis", "face_box": [20, 20, 80, 80]}}}, 'face_box is .20, 20, 80, 80.; give text, in quotes: "20,20,80,80"'),
    "folder": ({**SMALL, "subjects": [{"name": "a", "class_noun": "cat", "pictures": "nowhere"}]}, "is not a folder"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_work_is_one_line(case):
    given, text = BAD[case]
    with pytest.raises(UserError, match=text) as caught:
        make_plan(given)
    assert len(str(caught.value).splitlines()) == 1


def test_what_is_left_blank_is_as_usual():
    blank = dict.fromkeys(("face_pack", "suite", "base", "backbone", "seeds", "planned", "other", "other_references", "title", "guidance"))
    assert make_plan({**SMALL, **blank}) == make_plan(SMALL)


def test_faces_can_be_compared_by_a_pack_where_there_are_other_people(tmp_path):
    for folder in ("ann", "held", "others/bob"):
        (tmp_path / folder).mkdir(parents=True)
    ann = {"name": "ann", "class_noun": "woman", "pictures": "ann", "references": "held", "distractors": "others", "consent": "drawn", "description": "a woman"}
    plan = {**FACES, "base": "somebody/else", "suite": "people", "face_pack": PACK, "subjects": [ann]}
    assert make_plan(plan, tmp_path).planned == (("a", "b", "identity"),)
    with pytest.raises(UserError, match="ann has no distractors"):
        make_plan({**plan, "subjects": [{k: v for k, v in ann.items() if k != "distractors"}]}, tmp_path)


def test_one_subject_is_enough_where_the_other_has_a_name(tmp_path):
    with pytest.raises(UserError, match="add a subject, or other: NAME"):
        make_plan({**PAIRS, "subjects": [{"face": 0}]})
    (tmp_path / "bob").mkdir()
    drawn = make_plan({**PAIRS, "subjects": [{"face": 0}], "other": KNOWN, "planned": [["word", "lora", "joint"]]})
    assert drawn.named.said == KNOWN and drawn.named.references == () and make_plan(PAIRS).named is None
    Image.new("RGB", (8, 8)).save(tmp_path / "bob" / "0.png")
    assert len(make_plan({**FAR, "other_references": "bob"}, tmp_path).named.references) == 1


def compared(plan, metrics):
    comparison = object.__new__(_Comparison)
    comparison.plan, comparison.metrics, comparison.prompts = plan, load_metrics(metrics), ("x {}", "y {}")
    return comparison


def test_references_of_any_number_are_paired_by_subject():
    plan = make_plan({**CEILING, "subjects": [{"character": n} for n in range(6)], "planned": [["references", "word", "clip_i"]]})
    comparison, cells = compared(plan, ["clip_i"]), []
    for i, subject in enumerate(plan.subjects):
        cells.append({"subject": subject.name, "arm": "references", "seed": 0, "prompts": None, "values": {"clip_i": [0.9 + i / 100] * (2 + i)}})
        cells.append({"subject": subject.name, "arm": "word", "seed": 0, "prompts": ["x {}", "y {}"], "values": {"clip_i": [0.1, 0.3]}})
    assert np.allclose(comparison.matrix(cells, "references", "clip_i"), [[0.9 + i / 100] for i in range(6)])
    found = comparison._comparisons(cells)[0]
    assert found["mean"] == pytest.approx(0.725) and (found["subjects"], found["speaks_of"], found["verdict"]) == (6, "subjects", "shown")


def keyed(plan, base):
    """A comparison that knows the keys of its cells, and a subject."""
    comparison = compared(plan, ["clip_i"])
    comparison.settings, comparison.suite = {}, load_suite("drawn")
    comparison.base, comparison.judge = base, SimpleNamespace(name="n", version="v")
    red = Image.new("RGB", (8, 8), "red")
    return comparison, Subject(plan.subjects[0], Path(), (red,), (red,), {"other": (red,)})


def test_a_cell_depends_on_distractors_and_class_pictures():
    plan = make_plan(SMALL)
    comparison, subject = keyed(plan, SimpleNamespace(fingerprint="f"))
    red, blue = (Image.new("RGB", (8, 8), c) for c in ("red", "blue"))
    keys = [comparison._key(s, plan.arms[0], 0) for s in (subject, replace(subject, distractors={"other": (blue,)}), replace(subject, references=(red, red)))]
    for change in ({"class_prompt": "the {}"}, {"class_seeds": 3}):
        comparison.suite = replace(load_suite("drawn"), **change)
        keys.append(comparison._key(subject, plan.arms[0], 0))
    assert len(set(keys)) == 5


def test_a_basis_built_anew_at_the_same_path_is_learned_and_measured_anew(tmp_path, monkeypatch):
    base, folders = tiny_base("sd_v"), []
    plan = make_plan({**SMALL, "arms": {"basis": {"method": "identity_basis", "basis": str(tmp_path / "b.safetensors"), "aligned": True}}})
    (comparison, subject), learning = keyed(plan, base), Learning(plan, base, tmp_path / "out", {})
    monkeypatch.setattr("persimg.training.run.train", lambda method, pictures, name, noun, base, out, **rest: folders.append(out) or ())
    keys = []
    for k in (4, 4, 5):
        bases.save(bases.build(base, ["cat dog", "red blue", "hat car", "robot green", "dog red", "blue hat", "car cat"], k), tmp_path / "b.safetensors")
        keys.append(comparison._key(subject, plan.arms[0], 0))
        list(learning.concept(subject, plan.arms[0], 0))
    assert keys[0] == keys[1] != keys[2] and folders[0] == folders[1] != folders[2]
    lora = next(arm for arm in make_plan(SMALL).arms if arm.method)
    assert named(lora.method, recipe(plan, lora, 0), base) == [], "cells of methods that name no files are known by what they were"


def test_a_cell_depends_on_what_is_in_the_face_pack_that_is_named(monkeypatch):
    plan = make_plan({**SMALL, "face_pack": PACK})
    comparison, subject = keyed(plan, SimpleNamespace(fingerprint="f"))
    keys = []
    for digest in ("a", "a", "b"):
        monkeypatch.setattr(compare, "load_reader", lambda name, digest=digest: {PACK: SimpleNamespace(digest=digest)}[name])
        keys.append(comparison._key(subject, plan.arms[0], 0))
    assert keys[0] == keys[1] != keys[2]


def test_cells_are_means_over_seeds_and_differences_are_paired():
    plan = make_plan({**SMALL, "arms": {"a": {"says": "class"}, "b": {"says": "noise"}}, "planned": [["a", "b", "clip_i"], ["a", "b", "copy_index"]]})
    comparison = compared(plan, ["clip_i", "copy_index", "clip_t"])
    prompts = ["x {}", "x {}", "y {}"]

    def cell(subject, arm, seed, first):
        values = {"clip_i": [first, first + 2, 5.0], "copy_index": [first] * 3, "clip_t": "no text"}
        return {"subject": subject.name, "arm": arm, "seed": seed, "prompts": prompts, "values": values}

    cells = [cell(s, arm, seed, first + seed) for s in plan.subjects for arm, first in (("a", 1.0), ("b", 0.0)) for seed in (0, 2)]
    assert np.allclose(comparison.matrix(cells, "a", "clip_i"), [[3, 5]] * 2) and comparison.matrix(cells, "a", "clip_t") == "no text"
    fidelity, copying = comparison._comparisons(cells)
    assert fidelity["mean"] == 0.5 and copying["mean"] == -1.0 and copying["verdict"] == "not shown" and fidelity["p_holm"] >= fidelity["p"]
    assert isinstance(plan.arms[0], Arm)
