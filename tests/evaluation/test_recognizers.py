"""Whether the recognizer that scores people had a part in learning them, as scores.json and the report say it."""

from dataclasses import replace

import pytest

pytest.importorskip("insightface")

from PIL import Image  # noqa: E402

from persimg.concepts import store  # noqa: E402
from persimg.concepts.concept import Card, Concept  # noqa: E402
from persimg.evaluation import faces  # noqa: E402
from persimg.evaluation.evaluate import evaluate  # noqa: E402
from persimg.faces import pack  # noqa: E402
from persimg.mini.world.figures import figure  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene, Subject  # noqa: E402


def of(**recipe):
    return Card("ann", "woman", recipe=recipe)


def test_parts_are_told_apart_and_cards_of_before_have_none():
    cards = [of(inversion="map", pack_digest="a", judge_digest="c"), of(inversion="coefficients", pack_digest="b"), of(inversion="map", pack_digest="b"), of(), of(rank=8)]
    assert faces.learned_by(cards) == {"chose_names": ["c"], "fed_map": ["a", "b"], "found_faces": ["b"]}
    assert faces.learned_by([of(), of(inversion="map")]) == {} == faces.recognizers({}, "mini")
    assert faces.recognizers({"fed_map": ["a"]}, "nowhere") == {}, "a pack that isn't there is said by the metrics"


def test_what_is_no_digest_tells_nothing(tmp_path):
    from helpers import tiny_base

    from persimg.methods.identity_basis import Recipe, depends_on
    from persimg.spaces import basis as bases

    strange = ["a"], {"a": 1}, 3, None, ""
    for given in strange:
        assert faces.learned_by([of(inversion=given, pack_digest=given, judge_digest=given), of(pack_digest="b")]) == {"found_faces": ["b"]}
    base = tiny_base("sd_v")
    found = bases.build(base, ["cat dog", "red blue", "hat car", "robot green"], 2)
    for judge in (*strange, *({"pack_digest": given} for given in strange)):
        bases.save(replace(found, card={**found.card, "judged_by": judge}), tmp_path / "b.safetensors")
        assert depends_on(Recipe(basis=str(tmp_path / "b.safetensors")), base) == {"basis_digest": found.digest}


def test_nothing_is_said_of_those_whose_cards_say_nothing():
    own = faces.load_reader().digest
    told = Card("ann", "woman", method="identity_basis", recipe={"inversion": "coefficients", "basis_digest": "x", "pack_digest": own})
    by_map = replace(told, name="eve", recipe={"inversion": "map", "basis_digest": "x"})
    before = replace(told, name="bob", recipe={"inversion": "coefficients", "pack_digest": "y"})

    def line(*cards):
        return faces.who_scored(faces.recognizers(faces.learned_by(cards), "mini"))

    assert "neither filtered names nor fed a map" in line(told) and "neither" in line(told, of(rank=8)), "another method has no part to tell"
    for old in (by_map, before, replace(told, name="mix", recipe={})):
        assert faces.learned_by([told, old])["untold"] == [old.name]
        assert line(told, old) == f"Whether the recognizer that scored (mini, {own}) filtered names or fed a map isn't known of all who were learned."
    assert line(by_map) == "" and "One recognizer" in line(before, replace(told, recipe={"inversion": "map", "basis_digest": "x", "pack_digest": own}))


def test_the_line_says_one_recognizer_trained_and_scored_only_where_it_did(monkeypatch):
    own = faces.load_reader().digest
    assert len(own) == 12 and own != pack.load().digest, "the embedded pack's second recognizer scores"

    def line(**learned):
        return faces.who_scored(faces.recognizers({part: [digest] for part, digest in learned.items()}, "mini"))

    assert line(fed_map=own, chose_names=own).startswith(f"One recognizer (mini, {own}) trained and scored: it also fed the map and chose the names of the basis")
    assert "--face-pack" in line(chose_names=own) and "fed the map" not in line(chose_names=own)
    assert line(fed_map=pack.load().digest) == f"The recognizer that scored (mini, {own}) neither filtered names nor fed a map."
    assert line(found_faces=own).endswith("fed a map, though it is of the pack that found the faces to learn from.")
    assert faces.who_scored({}) == ""
    mini = faces.load_reader()
    monkeypatch.setattr(faces, "load_reader", lambda name: faces.Reader(name, mini.read, None, "abc"))
    assert "One recognizer (mine, abc)" in faces.who_scored(faces.recognizers({"fed_map": ["abc"]}, "mine"))


def test_scores_and_report_of_a_concept_say_it(tmp_path):
    from persimg.bases.loading import load_base
    from persimg.methods.identity_basis import find_basis
    from persimg.spaces import IdentityBasis, Stack

    base = load_base("mini", dtype="fp32")
    space = Stack(IdentityBasis("<ann>", find_basis(base)))
    space.attach(base)
    weights, config, expansion = space.weights(), space.config(), space.expansion
    space.detach()
    (tmp_path / "held").mkdir()
    Image.fromarray(draw(Scene((Subject("person", None, person=figure("face:0")),), "snow", "flat"), masks=False).picture).save(tmp_path / "held" / "0.png")
    (tmp_path / "suite.txt").write_text("a {} in the snow\n")
    for name, recipe, said in (("map", {"inversion": "map", "basis_digest": "x", "pack_digest": faces.load_reader().digest}, True), ("before", {"inversion": "map"}, False)):
        card = Card("ann", "woman", expansion, base.record, "identity_basis", recipe=recipe, spaces=config, consent="drawn")
        store.save(Concept(card, weights), tmp_path / f"{name}.safetensors")
        out = tmp_path / name
        record = evaluate(tmp_path / f"{name}.safetensors", out, references=tmp_path / "held", suite=str(tmp_path / "suite.txt"), base=base, seeds_per_prompt=1, steps=1, metrics=["identity"])
        page = (out / "report.html").read_text()
        assert ("recognizers" in record) is said and ("One recognizer (mini, " in page) is said
        if said:
            assert record["recognizers"]["same"] == ["fed_map"] and record["learned_by"] == {"fed_map": [faces.load_reader().digest]}
