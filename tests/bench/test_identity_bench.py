"""What the bench of identities plans and concludes, without running it."""

import argparse

import numpy as np
import pytest

from persimg.bench import identity, identity_curves
from persimg.bench.compare import _Comparison
from persimg.bench.plan import SPREAD, make_plan
from persimg.errors import UserError
from persimg.evaluation.metric import load_metrics


def planned(tmp_path, count=20, **changes):
    suite = tmp_path / "prompts.txt"
    suite.write_text("\n".join(identity.prompts(count)))
    return make_plan({**identity.plan(6, 2, 10, suite), **changes})


def test_the_plan_is_one_and_its_prompts_are_of_all_kinds(tmp_path):
    plan = planned(tmp_path)
    assert len(identity.prompts(20)) == 20 >= 16 and len(plan.planned) == len(set(plan.planned))
    assert [sum(p in row for row in identity.PROMPTS.values() for p in identity.prompts(5)[i : i + 1]) for i in range(5)] == [1] * 5
    assert {kind for kind, row in identity.PROMPTS.items() if set(row) & set(identity.prompts(5))} == set(identity.PROMPTS)
    assert all(s.consent and s.class_noun in ("woman", "man") for s in plan.subjects)
    assert all(first in identity.plan(2, 2, 1, tmp_path)["arms"] for _, (first, _, _), _ in identity.CLAIMS)


@pytest.mark.parametrize("option, value", [("faces", 1), ("faces", 25), ("curve_faces", 0), ("prompts", 0), ("prompts", 21), ("seeds", 0), ("steps", 0), ("map_people", 1)])
def test_numbers_out_of_range(tmp_path, option, value):
    parser = argparse.ArgumentParser()
    identity.add_arguments(parser)
    args = parser.parse_args(["--out", str(tmp_path / "out"), f"--{option.replace('_', '-')}", str(value)])
    with pytest.raises(UserError, match="is out of range"):
        identity.run(args)
    assert not (tmp_path / "out").exists()


def test_plans_that_cannot_be_measured(tmp_path):
    cases = {
        "names two subjects": {"subjects": [{"face": 0}]}, "face 99": {"subjects": [{"face": 99}, {"face": 1}]},
        "give two seeds": {"seeds": [0]}, "has no two people": {"suite": "drawn", "planned": [[identity.BASIS, identity.LORA, "joint"]]},
        "needs somebody whom the base knows": {"suite": "drawn", "subjects": [{"character": 0}], "planned": []},
    }  # fmt: skip
    for said, changes in cases.items():
        with pytest.raises(UserError, match=said):
            planned(tmp_path, **changes)
    (tmp_path / "ann").mkdir()
    with pytest.raises(UserError, match="with consent only"):
        planned(tmp_path, suite="drawn", planned=[], subjects=[{"name": "ann", "class_noun": "woman", "pictures": str(tmp_path / "ann")}])


def test_spread_is_over_seeds_and_smaller_is_better(tmp_path):
    plan = planned(tmp_path, planned=[[identity.BASIS, identity.INVERSION, f"{SPREAD}identity_all"]])
    comparison = object.__new__(_Comparison)
    comparison.plan, comparison.metrics, comparison.prompts = plan, load_metrics(["identity_all"]), ("x {}", "y {}")
    cells = [
        {"subject": s.name, "arm": arm, "seed": seed, "prompts": ["x {}", "y {}"], "values": {"identity_all": [0.5 + apart * seed, 0.5]}}
        for s in plan.subjects for arm, apart in ((identity.BASIS, 0.1), (identity.INVERSION, 0.3)) for seed in (0, 1)
    ]  # fmt: skip
    assert np.allclose(comparison.matrix(cells, identity.INVERSION, "spread:identity_all"), [[0.3 / 2**0.5, 0]] * 6)
    (found,) = comparison._comparisons(cells)
    assert found["mean"] == pytest.approx(0.1 / 2**0.5) and "over seeds" in found["title"]


def difference(mean, lo, hi, verdict):
    return {"mean": mean, "lo": lo, "hi": hi, "verdict": verdict, "p_holm": 0.01}


@pytest.mark.parametrize("slots, matched, verdict", [
    ("shown", -0.02, "shown"), ("shown", -0.2, "not shown"), ("opposite", 0.1, "opposite"), ("not shown", 0.1, "not shown"), (None, 0.1, "not shown"), ("shown", None, "not shown"),
])  # fmt: skip
def test_a_claim_at_matched_identity_needs_both(slots, matched, verdict):
    _, better, same = identity.CLAIMS[0]
    pairs = [(better, slots and difference(0.1, 0.05, 0.2, slots)), (same, matched is not None and difference(0, matched, 0.2, "not shown"))]
    record = {"comparisons": [dict(zip(("first", "second", "metric"), key)) | found for key, found in pairs if found]}
    claim = identity.claims(record)[0]
    assert claim["verdict"] == verdict and claim["claim"] == identity.CLAIMS[0][0]
    assert all(c["verdict"] == "not shown" for c in identity.claims({"comparisons": []}))


def test_curves_have_a_point_for_every_basis(tmp_path, monkeypatch, capsys):
    from PIL import Image

    from persimg.bases.loading import load_base

    monkeypatch.setattr(identity_curves, "K", (8,))
    monkeypatch.setattr(identity_curves, "NAMES", (32,))
    args = argparse.Namespace(curve_faces=1, steps=1, out=tmp_path)
    found = identity._curves(args, load_base("mini", dtype="fp32"), ["{} in the snow, flat style", "{} next to {other}"])
    assert [(p["k"], p["names"]) for p in found] == [(8, 128), (24, 32)]
    assert all(0 <= p["slot_accuracy"]["mean"] <= 1 for p in found) and all(set(p) == {"k", "names", *identity_curves.METRICS} for p in found)
    said = capsys.readouterr().out
    assert "K 8, 128 names: identity_all " in said and "K 24, 32 names: " in said
    assert Image.open(tmp_path / "curves" / "curves.png").size == (1100, 440)


def test_curves_are_drawn_and_said_with_their_intervals():
    points = [{"k": k, "names": n, **{m: {"mean": 0.5, "lo": 0.4, "hi": 0.6} for m in identity_curves.METRICS}} for k, n in ((8, 128), (16, 128), (24, 32), (24, 128))]
    points[0]["identity_all"] = {"mean": None, "lo": None, "hi": None}
    assert identity_curves.lines(points)[:2] == [
        "K 8, 128 names: identity_all not measured, slot_accuracy 0.500 [0.400, 0.600]", "K 16, 128 names: identity_all 0.500 [0.400, 0.600], slot_accuracy 0.500 [0.400, 0.600]",
    ]  # fmt: skip
    drawn = identity_curves.picture(points)
    points[2]["identity_all"] = {"mean": 0.9, "lo": 0.8, "hi": 1.0}
    assert drawn[:4] == b"\x89PNG" and drawn != identity_curves.picture(points)
