"""`persimg bench mini` on a tiny random base and untrained evaluators."""

import argparse
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("skia")

from helpers import tiny_base

from persimg import mini
from persimg.bench import mini as table_of
from persimg.bench import mini_others, mini_pictures, mini_portraits, mini_reads
from persimg.bench.mini_pictures import Bench, pair_scenes, portrait_scene, single_scenes, unseen_scenes
from persimg.bench.mini_table import Figure, Row, as_json, figure, lines
from persimg.errors import UserError
from persimg.mini.nets import Reader, SelfSupervised, save_ssl
from persimg.mini.world.caption import caption
from persimg.mini.world.labels import label_names, scene_labels
from persimg.mini.world.parse import parse
from persimg.mini.world.render import FaceMark
from persimg.mini.world.scene import Scene, Subject, is_held_out


class Letters:
    """A text's letters and a picture's mean colour as unit vectors of 26 numbers."""

    def texts(self, texts):
        rows = torch.tensor([[float(text.count(chr(97 + k))) for k in range(26)] for text in texts])
        return torch.nn.functional.normalize(rows, dim=1)

    def images(self, pictures):
        rows = torch.tensor(np.stack([np.resize(np.asarray(p).mean((0, 1)), 26) for p in pictures])).float()
        return torch.nn.functional.normalize(rows, dim=1)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    torch.manual_seed(0)
    monkeypatch.setattr(mini_pictures, "STEPS", 1)
    for module in (mini_pictures, mini_others):
        monkeypatch.setattr(module, "BATCH", 2)
    found = Bench(tmp_path / "bench", captions=4)
    found.__dict__ |= {"base": tiny_base("sd_v"), "reader": Reader(label_names(), 4).eval(), "clip": Letters()}
    return found


def test_scenes_are_held_out_and_of_their_kind():
    singles, pairs, unseen = single_scenes(10), pair_scenes(5), unseen_scenes(5)
    assert singles == single_scenes(12)[:10] and sum(s.subjects[0].person is not None for s in singles) == 4
    assert all(len(s.subjects) == 1 and not is_held_out(s) for s in singles) and all(len(s.subjects) == 2 for s in pairs)
    assert all(is_held_out(s) for s in unseen)
    portrait = portrait_scene("person:5", "portrait", 0)
    assert portrait.subjects[0].person.who == "person:5" and not is_held_out(portrait) and portrait != portrait_scene("person:5", "gallery", 0)


def test_right_answers_are_right_and_wrong_ones_counted():
    scenes = [Scene((Subject("cat", "red"), Subject("dog", "blue")), "snow", "flat"), Scene((Subject("cat", "red"),), "snow", "flat")]
    answers = [scene_labels(s) for s in scenes]
    hits = mini_reads.right(scenes, answers)
    assert all(np.nanmin(values) == 1 for values in hits.values()) and np.isnan(hits["relation"][1]) and "hair" not in hits
    answers[0] = {**answers[0], "kind_1": "cat", "place": "room"}
    hits = mini_reads.right(scenes, answers)
    assert hits["kind"].tolist() == [0.5, 1] and hits["place"].tolist() == [0, 1]
    assert mini_reads.right_pairs(scenes, answers).tolist() == [0, 1]
    assert mini_reads.share(hits, ("kind", "place")).tolist() == [0.25, 1]


def test_things_and_people_are_told_apart_in_the_question_of_the_kind():
    scenes = single_scenes(3)  # a thing, a person, a thing
    person = scenes[1].subjects[0]
    scenes.append(replace(scenes[1], subjects=(person, scenes[0].subjects[0]), relation="right of"))
    answers = [scene_labels(s) for s in scenes]
    things, people = mini_reads.right_kinds(scenes, answers).values()
    np.testing.assert_array_equal(things, [1, np.nan, 1, 1])
    np.testing.assert_array_equal(people, [np.nan, 1, np.nan, 1])
    # on the right of the last scene stands the person
    answers[0], answers[3] = {**answers[0], "kind_0": "none"}, {**answers[3], "kind_1": "cat"}
    things, people = mini_reads.right_kinds(scenes, answers).values()
    np.testing.assert_array_equal(things, [0, np.nan, 1, 1])
    np.testing.assert_array_equal(people, [np.nan, 1, np.nan, 0])


def test_every_part_gives_its_rows(bench, tmp_path, monkeypatch):
    save_ssl(SelfSupervised(4), tmp_path / "ssl")
    (tmp_path / "ssl" / "card.json").write_text("{}")
    whole = mini.path
    monkeypatch.setattr(mini, "path", lambda name: tmp_path / name if name == "ssl" else whole(name))
    monkeypatch.setattr(mini_others, "SPEED_STEPS", 1)
    rows = [row for part in table_of.PARTS for row in table_of.measured(part, bench)]
    assert {row.part for row in rows} == set(table_of.PARTS)
    found = {row.title: row for row in rows}
    assert found["kind, one subject"].aim == 97 and found["kind, one subject"].reached.n == 4 and found["unseen less seen"].truth
    assert found["kind, things"].reached.n == 2 and found["kind, things, true renders"].reached.n == 3
    assert found["woman or man"].truth.n == 2 and found["woman or man"].met is None
    assert found["map of subject_0, overlap (IoU)"].reached and found["signal to noise of round trips"].unit == "dB"
    assert found["seconds a picture, alone"].reached.lo > 0
    absent = [row for row in rows if row.part in ("people", "faces")]
    assert len(absent) >= 2 and all(row.reached or "not installed" in row.note for row in absent)
    json.dumps([as_json(row) for row in rows])
    assert len(lines(rows)) > len(rows)
    assert bench.sheet(6, across=3).exists()
    said = (bench.out / "sheet.txt").read_text().splitlines()
    assert said == ["row\tcolumn\tcaption", *(f"{r}\t{c}\t{caption(s)}" for (r, c), s in zip(((1, 1), (1, 2), (1, 3), (2, 1)), bench.singles))]


def test_the_sheet_in_the_docs_says_what_was_asked():
    kept = Path(__file__).parents[2] / "docs" / "mini_sheet.txt"
    assert kept.read_text() == mini_pictures.sheet_text(single_scenes(table_of.SHEET), across=10)


def test_pictures_are_drawn_once(bench):
    first = bench.generated(bench.singles)
    files = sorted((bench.out / "pictures").iterdir())
    times = [f.stat().st_mtime_ns for f in files]
    again = bench.generated(bench.singles)
    assert len(files) == 4 and times == [f.stat().st_mtime_ns for f in files] and all(np.array_equal(a, b) for a, b in zip(first, again))


def test_figures_and_the_table():
    row = Row("base", "kind", 97, figure([1, 1, np.nan, 0]), figure([1, 1]))
    assert row.reached.n == 3 and row.met is False and row.truth == Figure(100, 100, 100, 2) and figure([np.nan]) is None
    assert Row("speed", "alone", 0.6, Figure(0.5, 0.4, 0.7, 3), at_most=True).met and Row("a", "b", 1).met is None
    assert as_json(row)["true_renders"]["mean"] == 100 and "✗" in "\n".join(lines([row]))


def test_rank_correlation_and_retrieval():
    a, b = np.array([1.0, 2, 3, 4]), np.array([10.0, 20, 30, 25])
    assert mini_others.rank_products(a, b).mean() == pytest.approx(0.8) and np.isnan(mini_others.rank_products(a, a * 0)).all()
    assert mini_others.rank_products(np.array([1.0, 1, 2]), np.array([1.0, 1, 2])).mean() == pytest.approx(1)
    assert mini_others.nearest(torch.eye(4), torch.eye(4)[[0, 1, 3, 2]]).tolist() == [1, 1, 0, 0]


def test_mixed_scenes_have_captions_that_parse():
    rng = random.Random(0)
    for mine, other in zip(single_scenes(30), unseen_scenes(30)):
        mixed = mini_others.mixed(mine, other, rng)
        assert parse(caption(mixed)).subjects


def test_people_are_accepted_at_the_threshold_of_true_renders():
    directions = np.eye(3, 512)
    gallery = np.repeat(directions[:, None], 4, 1)
    probes = np.repeat(directions, 2, 0)
    limit = mini_portraits.threshold(probes, gallery)
    assert limit == 0 and mini_portraits.accepted(probes, gallery, limit).tolist() == [[1, 1]] * 3
    probes[0] = 0  # no face found
    assert mini_portraits.accepted(probes, gallery, limit)[0].tolist() == [0, 1]


def test_key_points_are_those_of_the_detection_that_is_the_face():
    true = np.array([[10.0, 10], [20, 10], [15, 15], [12, 19], [18, 19]])
    mark = FaceMark(0, np.array([5.0, 5, 25, 25]), true)
    here, elsewhere = [6.0, 5, 25, 25, 0.5], [60.0, 60, 80, 80, 0.9]
    points = np.stack([true, true + [0.5, 0]])
    assert mini_portraits.error_of(mark, np.array([elsewhere, here]), points) == pytest.approx(0.05)
    assert np.isnan(mini_portraits.error_of(mark, np.array([elsewhere]), points[:1]))
    assert np.isnan(mini_portraits.error_of(mark, np.zeros((0, 5)), np.zeros((0, 5, 2))))


def test_unknown_parts_are_refused():
    assert table_of.checked("vae, base", 8) == ["base", "vae"]
    with pytest.raises(UserError, match="no part"):
        table_of.checked("heads", 8)
    with pytest.raises(UserError, match="too few"):
        table_of.checked("base", 1)


def test_cards_get_their_rows(tmp_path, monkeypatch):
    for name in ("base", "reader"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.json").write_text('{"name": "x"}')
    monkeypatch.setattr(mini, "path", lambda name: tmp_path / name)
    rows = [json_row(part) for part in ("base", "reader")] + [as_json(Row("clip", "x", note="why"))]
    table_of.write_cards({"captions": 5, "rows": rows})
    card = json.loads((tmp_path / "base" / "card.json").read_text())
    assert card == {"name": "x", "scores": {"captions": {"base": 5}, "rows": [json_row("base")]}}
    table_of.write_cards({"captions": 6, "rows": [json_row("speed"), json_row("vae", 4), as_json(Row("base", "kind", note="why"))]})
    table_of.write_cards({"captions": 7, "rows": [json_row("vae", 3)]})
    scores = json.loads((tmp_path / "base" / "card.json").read_text())["scores"]
    assert scores == {"captions": {"base": 5, "speed": 6, "vae": 7}, "rows": [json_row("base"), json_row("vae", 3), json_row("speed")]}


def json_row(part, mean=98):
    return as_json(Row(part, "kind", 97, Figure(mean, mean, mean, 5)))


def test_rows_of_faces_stand_beside_the_packs_own_scores(tmp_path, monkeypatch):
    (tmp_path / "card.json").write_text('{"scores": {"detector": {"found": 1}}}')
    monkeypatch.setattr(mini, "path", lambda name: tmp_path)
    table_of.write_cards({"captions": 512, "rows": [json_row("faces")]})
    assert json.loads((tmp_path / "card.json").read_text())["scores"] == {
        "detector": {"found": 1}, "captions": {"faces": 512}, "rows": [json_row("faces")]
    }  # fmt: skip


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder with a file for the weights of each model but the base, whose fingerprint is fingerprint[0]."""
    for name in ("reader", "clip", "ssl", "faces", "faces_second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ("x.onnx" if "faces" in name else "model.safetensors")).write_text(name)
    fingerprint = ["aa"]
    monkeypatch.setattr(mini, "path", lambda name: tmp_path / name)
    monkeypatch.setattr(Bench, "base", property(lambda self: argparse.Namespace(fingerprint=fingerprint[0])))
    return argparse.Namespace(folder=tmp_path, fingerprint=fingerprint)


def test_a_run_keeps_the_parts_of_the_one_before(tmp_path, monkeypatch, models):
    means = {"clip": 90, "reader": 91}
    monkeypatch.setattr(table_of, "measured", lambda part, bench: [Row(part, "kind", 97, Figure(means[part], 1, 1, 5))])

    def kept(parts, **other):
        args = {"captions": 8, "base": "mini", "reader": None, "out": tmp_path, "write_card": False}
        table_of.run(argparse.Namespace(parts=parts, **{**args, **other}))
        return [(row["part"], row["reached"]["mean"]) for row in json.loads((tmp_path / "scores.json").read_text())["rows"]]

    assert kept("clip") == [("clip", 90)]
    means["clip"] = 80
    assert kept("reader") == [("reader", 91), ("clip", 90)]
    assert kept("clip") == [("reader", 91), ("clip", 80)]
    assert kept("clip", captions=9) == [("clip", 80)] and kept("reader", captions=9, base="other") == [("reader", 91)]


def test_a_part_goes_when_one_of_its_models_is_another(tmp_path, models):
    scores, bench = tmp_path / "scores.json", Bench(tmp_path)

    def kept(*parts, **other):
        rows = [json_row(part) for part in parts]
        table_of.keep(scores, {"captions": 8, "base": "mini", "reader": None, "rows": rows, **other}, bench)
        record = json.loads(scores.read_text())
        assert set(record["models"]) == {row["part"] for row in record["rows"]}
        return [row["part"] for row in record["rows"]]

    assert kept(*table_of.PARTS, sheet="s.png") == list(table_of.PARTS)
    (models.folder / "ssl" / "model.safetensors").write_text("another")
    (models.folder / "faces" / "card.json").write_text("a card is no weight")
    assert kept("reader") == [part for part in table_of.PARTS if part != "ssl"]
    (models.folder / "faces_second" / "x.onnx").write_text("another")
    (models.folder / "clip" / "model.safetensors").write_text("another")
    assert kept("reader") == ["base", "vae", "reader", "faces", "speed"] and json.loads(scores.read_text())["sheet"] == "s.png"
    models.fingerprint[0] = "bb"
    assert kept("ssl") == ["reader", "ssl"] and "sheet" not in json.loads(scores.read_text())
    record = json.loads(scores.read_text())
    scores.write_text(json.dumps({name: value for name, value in record.items() if name != "models"}))  # as older versions left it
    assert kept("speed") == ["speed"] and json.loads(scores.read_text())["models"] == {"speed": {"base": "bb"}}


def test_few_captions_are_nothing_for_a_card(tmp_path, capsys):
    from persimg.cli.main import main

    assert main(["bench", "mini", "--captions", "8", "--write-card", "--out", str(tmp_path / "x")]) == 2
    said = capsys.readouterr().err
    assert "too few for a card" in said and "--captions 512" in said and not (tmp_path / "x").exists()


def test_an_installed_model_has_a_card(tmp_path):
    from mini_install import install

    run = tmp_path / "run"
    save_ssl(SelfSupervised(4), run / "ssl")
    (run / "log.jsonl").write_text('{"step": 50, "seconds": 36}\n{"step": 100, "seconds": 72, "loss": 1}\n')
    install("ssl", run / "ssl", {"seed": 0}, tmp_path)
    card = json.loads((tmp_path / "ssl" / "card.json").read_text())
    assert card["steps"] == 100 and card["hours"] == 0.02 and card["seed"] == 0 and (tmp_path / "ssl" / "model.safetensors").exists()


def test_face_rows_of_a_perfect_pack(bench, monkeypatch):
    """A detector and a recognizer that know the drawings: what is true is reported as reached."""
    known = {}
    for portraits in bench.portraits:
        for scene in (*portraits, *(portrait_scene(portraits[0].subjects[0].person.who, "gallery", k) for k in range(4))):
            remember(known, scene)
    for n in range(2):
        for k in range(4):
            for purpose in ("portrait", "gallery"):
                remember(known, portrait_scene(f"face:{n}", purpose, k))
    monkeypatch.setattr(mini_portraits, "HELD_OUT_FACES", (None, None))
    nothing = np.zeros((0, 5)), np.zeros((0, 5, 2))
    monkeypatch.setattr(mini_portraits, "finder", lambda: lambda picture: known.get(picture.tobytes(), (*nothing, None))[:2])
    monkeypatch.setattr(mini_portraits, "recognizer", lambda name: lambda picture: known.get(picture.tobytes(), (*nothing, None))[2])
    rows = mini_portraits.faces_rows(bench) + mini_portraits.people_rows(bench)
    found, points, near, empty, held_out, people = rows
    assert found.truth.mean == 100 and found.reached.mean == 0 and points.reached.mean == 0 and points.met is None
    assert near.reached.mean == 100 and near.met
    assert empty.reached.mean == 0 and empty.met and held_out.reached.mean == 100
    assert people.truth.mean == 100 and people.reached.mean == 0 and people.met is False
    # a find beside the face is no face found, and its points are nobody's
    for picture, (boxes, points, vector) in list(known.items()):
        known[picture] = boxes + [40, 40, 40, 40, 0], points + 40, vector
    found, points, near, *_ = mini_portraits.faces_rows(bench)
    assert found.truth.mean == 0 and points.reached is None and near.reached.mean == 0 and not near.met


def remember(known, scene):
    from persimg.mini.world.render import draw

    drawing = draw(scene, masks=False)
    mark, who = drawing.faces[0], scene.subjects[0].person.who
    vector = np.zeros(512, np.float32)
    vector[int(who.split(":")[1]) + (300 if who.startswith("face") else 0)] = 1
    known[drawing.picture.tobytes()] = (np.append(mark.box, 1.0)[None], mark.points[None], vector)
