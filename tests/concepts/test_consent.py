"""People are learned with consent alone, and never loaded once it is revoked."""

import dataclasses
import shutil

import numpy as np
import pytest
from helpers import picture_folder, random_concept, tiny_base

from persimg import files
from persimg.cli.main import main
from persimg.concepts import consent, library, store
from persimg.errors import UserError
from persimg.faces import detect, pack
from persimg.spaces import TokenEmbeddings
from persimg.training.plan import plan
from persimg.training.run import train


@pytest.mark.parametrize(("noun", "is_person"), [("person", True), ("Old Man", True), ("a woman's face", True), ("mango", False), ("cat", False), ("woman-shaped vase", True), ("girls", True), ("Grandpa", True), ("two faces", True), ("bus", False), ("glass", False), ("babies", True)])
def test_class_nouns(noun, is_person):
    assert consent.names_a_person(noun) == is_person


def planned(pictures, out, noun, said="", **options):
    return plan("textual_inversion", pictures, "ann", noun, "mini", out, {}, said, **options)


def test_a_person_needs_consent_and_a_cat_does_not(tmp_path):
    pictures = picture_folder(tmp_path / "pictures", 2)
    with pytest.raises(UserError, match="--consent") as caught:
        planned(pictures, tmp_path / "out", "woman")
    assert caught.value.exit_code == 2 and "\n" not in str(caught.value)
    with pytest.raises(UserError, match="--consent"):
        planned(pictures, tmp_path / "out", "person", "   ")
    assert planned(pictures, tmp_path / "out", "person", " Ann agreed ").consent == "Ann agreed"
    assert planned(pictures, tmp_path / "out", "cat").consent == ""
    with pytest.raises(UserError, match="2001 characters"):
        planned(pictures, tmp_path / "out", "person", "x" * 2001)


def test_pictures_of_faces_need_it_whatever_they_are_called(tmp_path, monkeypatch):
    pictures = picture_folder(tmp_path / "pictures", 3)
    faces = {"00.png": 1, "01.png": 1, "02.png": 0}
    face = detect.Face(np.zeros(4), np.zeros((5, 2)), 0.9)
    order = iter(faces.values())
    monkeypatch.setattr(pack, "load", lambda name: name)
    monkeypatch.setattr(detect, "detect", lambda picture, found: [face] * next(order))
    with pytest.raises(UserError, match="2 of the pictures show a face"):
        planned(pictures, tmp_path / "out", "cat")
    order = iter([0, 1, 0])
    assert planned(pictures, tmp_path / "out", "cat").consent == "", "a bystander"
    with pytest.raises(UserError, match="no face pack"):
        monkeypatch.undo()
        planned(pictures, tmp_path / "out", "cat", face_pack="nothing")


def test_it_is_kept_in_the_card(tmp_path):
    pictures = picture_folder(tmp_path / "pictures", 2)
    options = {"steps": 1, "batch_size": 1, "mixed_precision": "no", "consent": "a drawn figure"}
    list(train("textual_inversion", pictures, "ann", "person", tiny_base("sd_v"), tmp_path / "run", **options))
    assert store.read_card(tmp_path / "run" / "ann.safetensors").consent == "a drawn figure"


def test_a_revoked_concept_and_its_copies_are_never_loaded(tmp_path, capsys):
    base = tiny_base("sd_v")
    path, copy = tmp_path / "mycat.safetensors", tmp_path / "renamed.safetensors"
    store.save(random_concept(base, TokenEmbeddings("mycat", init="cat")), path)
    shutil.copy(path, copy)
    store.save(random_concept(base, TokenEmbeddings("other", init="dog"), spread=0.3), tmp_path / "other.safetensors")
    assert main(["concepts", "import", str(path)]) == 0 and main(["concepts", "revoke", "mycat"]) == 0
    for where in (library.path_of("mycat"), path, copy):
        with pytest.raises(UserError, match="was revoked on 20"):
            store.load(where)
    assert store.load(tmp_path / "other.safetensors").card.name == "mycat"
    assert main(["generate", "a <mycat>", "--concept", "mycat", "--out", str(tmp_path / "out")]) == 3
    said = capsys.readouterr().err
    assert "revoked" in said and "Traceback" not in said and not list(tmp_path.glob("out/*.png"))


LEARN = {"batch_size": 1, "mixed_precision": "no", "consent": "a drawn figure", "select": False, "steps": 2, "checkpoint_every": 1, "keep_out": 0}


def learned(pictures, out, name="ann", **changes):
    list(train("textual_inversion", pictures, name, "person", tiny_base("sd_v"), out, **{**LEARN, **changes}))
    return out / f"{name}.safetensors"


def test_what_is_learned_from_the_same_pictures_is_revoked_with_it(tmp_path):
    pictures, others, more = (picture_folder(tmp_path / name, count) for name, count in (("pictures", 2), ("others", 4), ("more", 3)))
    for name in ("00.png", "01.png"):
        (others / name).unlink()
    (more / "00.png").unlink()  # one of the two, and another
    first, third = learned(pictures, tmp_path / "first"), learned(others, tmp_path / "third")
    before, alike = learned(pictures, tmp_path / "before", "eve", seed=7), learned(more, tmp_path / "alike", "dan", seed=8)
    consent.revoke(first)
    revoked = [*(tmp_path / "first" / "checkpoints").glob("*.safetensors"), before, alike]
    assert len(revoked) == 4
    for path in revoked:
        with pytest.raises(UserError, match="the consent for ann .* was revoked"):
            store.load(path)
    assert store.load(third).card.consent == "a drawn figure"
    with pytest.raises(UserError, match="ann was learned from these pictures, and the consent was revoked") as caught:
        learned(pictures, tmp_path / "again")
    assert caught.value.exit_code == 3 and not (tmp_path / "again").exists()


def test_another_concept_of_the_same_pictures_can_be_marked_too(tmp_path, monkeypatch):
    pictures = picture_folder(tmp_path / "pictures", 2)
    first, second = learned(pictures, tmp_path / "first"), learned(pictures, tmp_path / "second", "eve", seed=7)
    consent.revoke(first)
    assert consent.revoke(second)["name"] == "eve" and store.read_card(second).revoked
    with pytest.raises(UserError, match="was revoked on"):
        consent.revoke(second)


def test_of_people_who_were_learned_together_one_can_revoke(tmp_path):
    base = tiny_base("sd_v")
    for name, spread in (("ann", 0.1), ("bob", 0.2)):
        made = random_concept(base, TokenEmbeddings(name, init="cat"), spread=spread)
        data = {"digest": "0123456789ab", "pictures": 1, "learned_with": 1, "shown": [f"{name} 0123"]}
        store.save(dataclasses.replace(made, card=dataclasses.replace(made.card, name=name, data=data)), tmp_path / f"{name}.safetensors")
    consent.revoke(tmp_path / "ann.safetensors")
    assert store.load(tmp_path / "bob.safetensors").card.name == "bob"


def test_a_consent_that_is_no_text(tmp_path):
    with pytest.raises(UserError, match="isn't UTF-8"):
        consent.check("person", "Ann \udcff")


def test_the_file_itself_says_so_elsewhere(tmp_path, monkeypatch):
    path = tmp_path / "mycat.safetensors"
    store.save(random_concept(tiny_base("sd_v"), TokenEmbeddings("mycat", init="cat")), path)
    consent.revoke(path)
    monkeypatch.setenv("PERSIMG_HOME", str(tmp_path / "another user"))
    with pytest.raises(UserError, match="was revoked"):
        store.load(path)


def test_a_damaged_list_lets_nothing_pass(tmp_path):
    path = tmp_path / "mycat.safetensors"
    store.save(random_concept(tiny_base("sd_v"), TokenEmbeddings("mycat", init="cat")), path)
    files.write_text(files.home() / "revoked.json", "[]")
    with pytest.raises(UserError, match="is damaged"):
        store.load(path)
