"""Which names of people a base draws well."""

import json

import numpy as np
import pytest
from helpers import tiny_base

from persimg import mini
from persimg.cli.main import main
from persimg.errors import UserError
from persimg.mini.world.people import PEOPLE
from persimg.spaces import basis as bases
from persimg.training.basis import Judge, judged

PICTURES = 4


def units(rng, *shape):
    found = rng.standard_normal((*shape, 64)).astype(np.float32)
    return found / np.linalg.norm(found, axis=-1, keepdims=True)


def people(rng, count, spread):
    """(count, PICTURES, 64): everybody's pictures around a point of their own; a large spread: somebody else each time."""
    found = units(rng, count, 1) + spread * units(rng, count, PICTURES)
    return found / np.linalg.norm(found, axis=-1, keepdims=True)


def test_names_that_are_always_the_same_person_are_kept():
    rng = np.random.default_rng(0)
    vectors = np.concatenate([people(rng, 20, 0.3), people(rng, 20, 100.0)])
    vectors[0, :3], vectors[1, :1], vectors[2] = np.nan, np.nan, np.nan  # one face in four pictures, three, none
    found = judged([f"n{i}" for i in range(40)], vectors)
    assert [j.found for j in found[:4]] == [0.25, 0.75, 0.0, 1.0]
    assert [j.is_kept for j in found[:20]] == [False, True, False, *[True] * 17]
    assert found[0].same == 0 and found[3].same == 1 and not any(j.is_kept for j in found[20:])


def test_names_without_faces_cannot_be_judged():
    vectors = np.full((5, PICTURES, 64), np.nan)
    vectors[0, 0] = units(np.random.default_rng(0))
    with pytest.raises(UserError, match="found in the pictures of 1 of 5 names"):
        judged(list("abcde"), vectors)


def test_what_was_seen_is_not_drawn_again(tmp_path, monkeypatch):
    rng, drawn = np.random.default_rng(1), []

    def seen(self, names):
        if len(drawn) == 16:
            raise KeyboardInterrupt
        drawn.extend(names)
        return people(rng, len(names), 0.3)

    class Pack:
        digest, name = "0" * 12, "none"

    names, base = [f"n {i}" for i in range(20)], tiny_base("sd_v")
    monkeypatch.setattr(Judge, "_seen", seen)
    judge = Judge(base, Pack, tmp_path / "judged", PICTURES)
    with pytest.raises(KeyboardInterrupt):
        judge(names)
    del drawn[:]
    drawn += [None] * 100
    assert judge(names) == names and drawn[100:] == names[16:], "what was seen before isn't drawn again"
    assert (tmp_path / "judged.tsv").read_text().count("\tkept\n") == 20
    Judge(base, Pack, tmp_path / "judged", PICTURES, seed=1)(names[:2])
    assert drawn[104:] == names[:2], "other pictures"
    (tmp_path / "judged.npz").write_bytes(b"PK nothing")
    with pytest.raises(UserError, match="judged.npz is damaged"):
        judge(names)


@pytest.mark.skipif(not (mini.path("faces") / "card.json").exists(), reason="no embedded face pack")
def test_the_embedded_base_draws_its_people_and_no_others(tmp_path, capsys):
    known = [person.name for person in PEOPLE[:6]]
    things = ["red teapot", "blue car"]
    (tmp_path / "names.txt").write_text("\n".join([*known, *things]))
    words = ["basis", "build", "--names", str(tmp_path / "names.txt"), "--k", "2", "--judge", "mini", "--judge-pictures", "3", "--out", str(tmp_path / "b.safetensors")]
    assert main([*words, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    table = {row.split("\t")[0]: row.split("\t")[1:] for row in (tmp_path / "b.judged.tsv").read_text().splitlines()[1:]}
    assert all(table[name] == ["0.00", "0.00", "left out"] for name in things)
    kept = [name for name in known if table[name][2] == "kept"]
    assert len(kept) >= 4 and record["num_names"] == len(kept) and record["left_out"]["drawn badly"] == 8 - len(kept)
    assert bases.load(tmp_path / "b.safetensors").card["judged_by"] == {"pack": "mini", "pack_digest": record["judged_by"]["pack_digest"]}


def test_bad_input_is_one_line(tmp_path, capsys):
    (tmp_path / "names.txt").write_text("a b")
    words = ["basis", "build", "--names", str(tmp_path / "names.txt"), "--out", str(tmp_path / "b.safetensors")]
    for extra, code, said in ((["--judge-pictures", "1"], 2, "out of range"), (["--judge", "nowhere"], 3, "no face pack nowhere")):
        assert main([*words, *extra]) == code
        assert said in (err := capsys.readouterr().err) and err.count("\n") == 1
