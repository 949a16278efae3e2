"""Two people in one picture, drawn and measured on the embedded base, with few steps: two learned ones, and one with a name."""

import json

import pytest

pytest.importorskip("insightface")

import persimg  # noqa: E402
from persimg import mini  # noqa: E402
from persimg.bench.compare import compare  # noqa: E402
from persimg.cli.main import main  # noqa: E402
from persimg.concepts import library  # noqa: E402
from persimg.evaluation import renders  # noqa: E402
from persimg.mini.world.people import HELD_OUT_FACES, PEOPLE  # noqa: E402
from persimg.sampling import provenance  # noqa: E402

KNOWN = PEOPLE[3].name
PAIR = "{} left of {other} in the snow, flat style"
OF_TWO = ("both_recognised", "joint", "blended", "swapped")


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Concepts of ann and bob, hardly learned, and references of both."""
    folder = tmp_path_factory.mktemp("people")
    for number, name in enumerate(("ann", "bob")):
        for kind, places in (("learn", ("in a room",)), ("references", renders.REFERENCE_PLACES[:2])):
            (folder / kind / name).mkdir(parents=True)
            for i, place in enumerate(places):
                renders.render(f"face:{number} {place}, flat style, close up", kind, i).save(folder / kind / name / f"{i}.png")
    words = ["train", "identity_basis", "--pictures", str(folder / "learn"), "--class-noun", "woman", "--consent", "drawn", "--out", str(folder / "run")]
    assert main([*words, "--steps", "2", "--batch-size", "2", "--mixed-precision", "no", "--no-library"]) == 0
    return folder


def prompts_of(out, row):
    return [provenance.read(out / path)["prompt"] for path in row["pictures"]]


def test_two_learned_people_are_measured_together(people, tmp_path, capsys):
    library.add(people / "run" / "bob.safetensors")
    (tmp_path / "suite.txt").write_text(f"{PAIR}\n{{}} in the city, flat style\n")
    words = ["evaluate", str(people / "run" / "ann.safetensors"), "--other", "bob", "--suite", str(tmp_path / "suite.txt"), "--steps", "3", "--seeds", "2"]
    words += [word for name in ("references", "other-references") for word in (f"--{name}", str(people / "references" / ("bob" if "other" in name else "ann")))]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    record = json.loads((tmp_path / "out" / "scores.json").read_text())
    mine, rows = record["rows"][0], {row["title"]: row for row in record["rows"]}
    assert record["other"]["said"] == "<bob>" and record["other"]["references"] == 2
    assert all(len(mine["scores"][name]["values"]) == 4 and mine["scores"][name]["n"] == 2 for name in OF_TWO), mine["scores"]
    assert prompts_of(tmp_path / "out", mine)[::2] == ["<ann> left of <bob> in the snow, flat style", "<ann> in the city, flat style"]
    assert prompts_of(tmp_path / "out", rows["the base: “woman”"])[0] == "woman left of woman in the snow, flat style"
    assert {use["name"] for use in provenance.read(tmp_path / "out" / mine["pictures"][0])["concepts"]} == {"ann", "bob"}


def test_a_learned_person_beside_one_with_a_name_gets_the_pairs_of_the_drawn_world(people, tmp_path):
    record = persimg.evaluate(
        people / "run" / "ann.safetensors", tmp_path, references=people / "references" / "ann", other=KNOWN, seeds_per_prompt=1, steps=1, metrics=OF_TWO
    )
    mine = record["rows"][0]
    assert record["suite"] == "drawn-pairs" and record["other"] == {"said": KNOWN, "references": 6} and mine["scores"]["both_recognised"]["n"] == 6
    assert prompts_of(tmp_path, mine)[0] == f"<ann> next to {KNOWN} in the snow, flat style"
    assert prompts_of(tmp_path, record["rows"][1])[0] == f"woman next to {KNOWN} in the snow, flat style"


def test_a_comparison_beside_one_with_a_name(tmp_path):
    (tmp_path / "suite.txt").write_text(PAIR)
    plan = {
        "suite": str(tmp_path / "suite.txt"), "subjects": [{"face": 0}], "other": KNOWN.upper(), "steps": 12, "metrics": list(OF_TWO), "defaults": {"batch_size": 2, "mixed_precision": "no"},
        "arms": {"truth": {"says": "truth"}, "known": {"says": "known"}, "word": {"says": "class"}, "basis": {"method": "identity_basis", "steps": 1, "checkpoint_every": 1}},
    }  # fmt: skip
    record = list(compare(plan, tmp_path / "out"))[-1].values
    rows = {row["title"]: row for row in record["rows"]}
    assert record["other"] == {"said": KNOWN, "references": 6} and record["face_pack"] == "mini"
    assert [rows["truth"]["scores"][name]["mean"] for name in OF_TWO] == [1, 1, 0, 0]
    assert rows["basis"]["scores"]["joint"]["n"] == 2 and rows["word"]["scores"]["both_recognised"]["mean"] == 0
    said = {title: prompts_of(tmp_path / "out", rows[title])[0] for title in ("known", "word", "basis")}
    assert said == {t: f"{subject} left of {KNOWN} in the snow, flat style" for t, subject in (("known", PEOPLE[0].name), ("word", HELD_OUT_FACES[0].noun), ("basis", "<face0>"))}


def test_a_comparison_reads_faces_with_the_pack_that_it_names(tmp_path):
    (tmp_path / "suite.txt").write_text("{} in the snow, flat style\n")
    plan = {"suite": str(tmp_path / "suite.txt"), "subjects": [{"face": 0}], "metrics": ["identity", "face_found"], "arms": {"truth": {"says": "truth"}}}
    cell = tmp_path / "out" / "cells" / "face0" / "truth-0.json"
    assert "mean" in list(compare(plan, tmp_path / "out"))[-1].values["rows"][0]["scores"]["identity"]
    before = json.loads(cell.read_text())["key"]
    named = list(compare({**plan, "face_pack": str(mini.path("faces"))}, tmp_path / "out"))[-1].values
    assert "to calibrate the recognizer" in named["rows"][0]["scores"]["identity"]["not_measured"] and json.loads(cell.read_text())["key"] != before
