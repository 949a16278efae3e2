"""persimg concepts mix: concept files, pictures and a strip of the people between two."""

import dataclasses
import itertools
import json

import pytest
from helpers import random_person, tiny_base, tiny_checker, tiny_pipeline
from PIL import Image

from persimg.cli.main import main
from persimg.concepts import consent, store
from persimg.concepts.concept import Card, Concept
from persimg.errors import UserError
from persimg.sampling import provenance
from persimg.spaces import basis as bases

NAMES = ["00-ann", "01-ann-bob-1", "02-ann-bob-2", "03-bob"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A base, an identity basis and two people learned over it; a third over another one."""
    folder, base = tmp_path_factory.mktemp("world"), tiny_base("sd_v")
    tiny_pipeline("sd_v").save_pretrained(folder / "base")
    pairs = [" ".join(pair) for pair in itertools.permutations("cat dog robot car hat red blue green".split(), 2)]
    found, other = bases.build(base, pairs, 6), bases.build(base, pairs, 4)
    for name, basis in (("basis", found), ("other", other)):
        bases.save(basis, folder / f"{name}.safetensors")
    for name, basis, seed in (("ann", found, 3), ("bob", found, 4), ("eve", other, 5)):
        store.save(random_person(base, basis, name, seed), folder / f"{name}.safetensors")
    return folder


def words(world, out, *more, people=("ann", "bob")):
    files = [str(world / f"{name}.safetensors") for name in people]
    options = ["--base", str(world / "base"), "--denoising-steps", "2", "--seed", "7", "--steps", "4", "--out", str(out)]
    return ["concepts", "mix", *files, *options, *more]


def test_a_strip_with_its_concepts(world, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(words(world, out, "--basis", str(world / "basis.safetensors"), "--json")) == 0
    said = capsys.readouterr()
    made = json.loads(said.out)
    assert made["pictures"] == [f"{out}/{name}.png" for name in NAMES]
    assert made["concepts"] == [f"{out}/{name}.safetensors" for name in NAMES]
    assert Image.open(made["strip"]).size == (4 * 32, 32) and "degrees apart (clip_l)" in said.err and len(made["degrees"]["clip_l"]) == 2
    loaded = [store.load(path) for path in made["concepts"]]
    ends = [store.load(world / f"{name}.safetensors") for name in ("ann", "bob")]
    assert [(found.digest, found.card) for found in (loaded[0], loaded[-1])] == [(end.digest, end.card) for end in ends]
    records = [provenance.read(path) for path in made["pictures"]]
    assert {(r["seed"], r["steps"]) for r in records} == {(7, 2)} and records[1]["prompt"] == "a photo of <ann-bob-1> person"
    strip = Image.open(made["strip"])
    parts = [strip.crop((32 * i, 0, 32 * i + 32, 32)).tobytes() for i in range(4)]
    assert parts == [Image.open(path).convert("RGB").tobytes() for path in made["pictures"]] and len(set(parts)) == 4


def test_pictures_alone_over_the_basis_of_the_run(world, tmp_path, capsys):
    ann = store.load(world / "ann.safetensors")
    card = dataclasses.replace(ann.card, recipe={"basis": str(world / "basis.safetensors")})
    store.save(Concept(card, ann.weights), tmp_path / "ann.safetensors")
    command = words(world, tmp_path / "out", "--no-concepts", "--prompt", "{} in the snow")
    command[2] = str(tmp_path / "ann.safetensors")
    assert main(command) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [*(f"{name}.png" for name in NAMES), "strip.png"]
    assert provenance.prompt_of(tmp_path / "out" / "00-ann.png") == "<ann> in the snow"
    capsys.readouterr()
    assert main(command) == 2 and "strip.png exists; choose another --out or pass --replace" in capsys.readouterr().err
    fewer = [*command, "--replace", "--steps", "3"]
    assert main(fewer) == 0
    left = ["00-ann.png", "01-ann-bob-1.png", "02-bob.png", "strip.png"]  # those of the strip before are gone
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == left


def test_the_strip_is_marked_as_synthetic_and_names_its_people(world, tmp_path):
    out = tmp_path / "out"
    (out / "deep").mkdir(parents=True)
    (out / "03-mine.png").write_bytes(b"x")  # not of a strip
    assert main(words(world, out, "--basis", str(world / "basis.safetensors"), "--no-concepts")) == 0
    assert "trainedAlgorithmicMedia" in Image.open(out / "strip.png").info["XML:com.adobe.xmp"]
    assert provenance.sheet_concepts(out / "strip.png") == ["ann", "ann-bob-1", "ann-bob-2", "bob"]
    provenance.save_sheet(Image.open(out / "strip.png"), out / "strip.png", ["ann", "../../etc", "bob"])
    assert provenance.sheet_concepts(out / "strip.png") == ["ann", "bob"] and provenance.sheet_concepts(out / "00-ann.png") == []
    assert main(words(world, out, "--basis", str(world / "basis.safetensors"), "--no-concepts", "--replace")) == 0
    assert (out / "03-mine.png").exists()
    (out / "strip.png").write_bytes(b"no picture")
    again = words(world, out, "--basis", str(world / "basis.safetensors"), "--replace")
    assert main(again) == 0 and main([*again, "--no-concepts"]) == 0
    assert len(list(out.glob("*.safetensors"))) == 4, "redrawn alone, the people stay"


def test_a_mix_is_revoked_with_any_concept_of_its_pictures(world, tmp_path):
    people = {}
    for name in ("ann", "bob"):
        found = store.load(world / f"{name}.safetensors")
        people[name] = dataclasses.replace(found, card=dataclasses.replace(found.card, data={"digest": name, "pictures": 1, "shown": [f"{name} 0123"]}))
        store.save(people[name], tmp_path / f"{name}.safetensors")
    other = random_person(tiny_base("sd_v"), bases.load(world / "basis.safetensors"), "ann", 9)
    store.save(dataclasses.replace(other, card=dataclasses.replace(other.card, data={"shown": ["ann 0123"]})), tmp_path / "other.safetensors")
    command = words(world, tmp_path / "out", "--basis", str(world / "basis.safetensors"))
    command[2:4] = [str(tmp_path / f"{name}.safetensors") for name in ("ann", "bob")]
    assert main(command) == 0
    mix = tmp_path / "out" / "01-ann-bob-1.safetensors"
    assert store.load(mix).card.shown == ("ann 0123", "bob 0123")
    consent.revoke(tmp_path / "other.safetensors")
    with pytest.raises(UserError, match="was revoked on"):
        store.load(mix)


@pytest.mark.parametrize("mode", ["blur", "block"])
def test_what_a_checker_flags(world, tmp_path, capsys, mode):
    out, checker = tmp_path / "out", tiny_checker(tmp_path / "checker", True)
    command = words(world, out, "--basis", str(world / "basis.safetensors"), "--safety", mode, "--safety-checker", str(checker), "--json")
    assert main(command) == 0
    said = capsys.readouterr()
    made = json.loads(said.out)
    assert len(made["unsafe"]) == len(made["concepts"]) == 4 and f"4 of 4 pictures flagged and {mode}" in said.err
    assert len(made["pictures"]) == len(list(out.glob("*-*.png"))) == (4 if mode == "blur" else 0) and (out / "strip.png").exists() == (mode == "blur")


WRONG = {
    "a checker that isn't named": (["--safety", "blur"], 2, "needs a checker"),
    "a prompt without a person": (["--prompt", "a photo"], 2, "write {} for the person, no other brackets"),
    "other brackets": (["--prompt", "{} and {x}"], 2, "write {} for the person, no other brackets"),
    "one step": (["--steps", "1"], 2, "--steps 1 is out of range; take 2 to 100"),
    "no denoising": (["--denoising-steps", "0"], 2, "--denoising-steps 0 is out of range"),
    "seed": (["--seed", "-1"], 2, "--seed -1 is out of range"),
    "no basis": ([], 2, "the identity basis of this base is needed"),
    "no basis file": (["--basis", "nowhere"], 3, "the basis nowhere doesn't exist"),
    "another basis": (["--basis", "OTHER"], 2, "this one is"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_is_one_line(case, world, tmp_path, capsys):
    given, code, text = WRONG[case]
    given = [str(world / "other.safetensors") if word == "OTHER" else word for word in given]
    assert_refused(words(world, tmp_path / "out", *given), code, text, tmp_path / "out", capsys)


def test_people_of_different_spaces_and_bases_are_refused(world, tmp_path, capsys):
    store.save(Concept(Card("cat", spaces={"token": {}}), {"token": {}}), world / "cat.safetensors")
    wrong = {"eve": "different identity bases", "cat": "cat was learned in the space token", "nobody": "nobody.safetensors doesn't exist"}
    for name, text in wrong.items():
        assert_refused(words(world, tmp_path / "out", people=("ann", name)), 2, text, tmp_path / "out", capsys)


def assert_refused(command, code, text, out, capsys):
    assert main(command) == code
    errors = capsys.readouterr().err
    assert text in errors and errors.count("\n") == 1 and not out.exists(), errors
