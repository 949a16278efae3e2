import json
import os
import struct

import pytest
import torch

from persimg.cli.main import main
from persimg.concepts import library, store
from persimg.concepts.concept import Card, Concept
from persimg.concepts.prompts import check_name, expand
from persimg.errors import UserError


@pytest.fixture
def saved(tmp_path):
    card = Card("mycat", "cat", "<mycat> <mycat>_1", {"name": "mini", "family": "sd", "fingerprint": "f"}, "textual_inversion", spaces={"token": {}})
    concept = Concept(card, {"token": {"clip_l": torch.randn(2, 8)}})
    store.save(concept, tmp_path / "mycat.safetensors")
    return concept, tmp_path / "mycat.safetensors"


def test_a_concept_comes_back_whole(saved):
    concept, path = saved
    again = store.load(path)
    assert again.card == concept.card and again.digest == concept.digest
    assert torch.equal(again.weights["token"]["clip_l"], concept.weights["token"]["clip_l"])
    header = store.read_header(path)["__metadata__"]
    assert header["modelspec.trigger_phrase"] == "<mycat>" and header["modelspec.architecture"] == "stable-diffusion-v1/textual-inversion"
    assert path.stat().st_size < 4000 + 2 * 8 * 4


def test_files_are_as_readable_as_the_umask_says(saved):
    mask = os.umask(0)
    os.umask(mask)
    assert saved[1].stat().st_mode & 0o777 == 0o666 & ~mask


def test_digest_follows_weights_and_spaces_alone(saved):
    concept, _ = saved
    renamed = Concept(Card("other", spaces={"token": {}}), concept.weights)
    changed = Concept(concept.card, {"token": {"clip_l": concept.weights["token"]["clip_l"] + 1}})
    assert renamed.digest == concept.digest != changed.digest


def test_a_card_of_a_later_version_loads(saved):
    concept, path = saved
    header = {store.HEADER_KEY: json.dumps({"name": "mycat", "of_the_future": 1})}
    from safetensors.torch import save_file

    save_file({"token/clip_l": torch.zeros(1, 8)}, path, metadata=header)
    assert store.read_card(path).name == "mycat"


def damaged(path, how):
    data = path.read_bytes()
    if how == "cut":
        path.write_bytes(data[:-5])
    elif how == "noise":
        path.write_bytes(b"\x80\x02}q\x00." * 40)
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "no card":
        body = b"{}"
        path.write_bytes(struct.pack("<Q", len(body)) + body)
    return path


@pytest.mark.parametrize("how", ["cut", "noise", "empty", "no card"])
def test_damaged_files_are_one_line(saved, how, capsys):
    path = damaged(saved[1], how)
    assert main(["concepts", "show", str(path)]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and str(path) in error and "Traceback" not in error


def test_pickles_are_refused(tmp_path, capsys):
    (tmp_path / "mycat.pt").write_bytes(b"x")
    assert main(["concepts", "show", str(tmp_path / "mycat.pt")]) == 3
    assert "pickle" in capsys.readouterr().err


def test_library_keeps_names_apart(saved, capsys):
    _, path = saved
    library.add(path)
    with pytest.raises(UserError, match="--replace"):
        library.add(path)
    library.add(path, replace=True)
    assert library.resolve("mycat") == library.path_of("mycat") and [c.name for c in library.listing()] == ["mycat"]
    assert main(["concepts", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["concepts"][0]["name"] == "mycat"
    assert main(["concepts", "remove", "mycat"]) == 0
    with pytest.raises(UserError, match="no concept named mycat"):
        library.resolve("mycat")


@pytest.mark.parametrize("name", ["a/b", 'a"b', "", "1cat", "x" * 41, "a b", "../cat"])
def test_names_that_cannot_be_used(name):
    with pytest.raises(UserError):
        check_name(name)


def test_placeholders_expand_once():
    table = {"<a>": "<b> x", "<b>": "y"}
    assert expand("<a> and <b>", table) == "<b> x and y"
    with pytest.raises(UserError, match="<c>"):
        expand("<c>", table)
