import json
import os
import struct

import pytest
import torch
from helpers import picture_folder, tiny_pipeline

from persimg import files
from persimg.cli.main import main
from persimg.concepts import library, store
from persimg.concepts.concept import Card, Concept
from persimg.concepts.prompts import check_name, expand
from persimg.errors import UserError
from persimg.evaluation import sources


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


def test_the_library_s_copy_knows_the_run_s_pictures_and_the_file_does_not(saved, tmp_path):
    _, path = saved
    picture = picture_folder(tmp_path / "pictures", 1) / "00.png"
    noted = {"learned": [], "held_out": [{"path": str(picture), "digest": files.digest_file(picture)}]}
    files.write_json(tmp_path / "pictures.json", noted)
    copy = library.add(path)
    assert [len(found) for found in sources.beside(copy)] == [0, 1] and b"00.png" not in copy.read_bytes()
    (tmp_path / "pictures.json").unlink()
    assert [len(found) for found in sources.beside(copy)] == [0, 1], "the run may be gone"
    library.add(path, replace=True)
    assert sources.beside(copy) == ((), ())
    files.write_json(tmp_path / "pictures.json", noted)
    library.add(path, replace=True)
    library.remove("mycat")
    assert list(library.folder().iterdir()) == []


def test_a_name_of_the_library_goes_before_a_file(saved, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mycat").write_text("a file")
    (tmp_path / "y").write_text("a file")
    assert library.resolve("mycat").read_text() == "a file"
    copy = library.add(saved[1])
    assert library.resolve("mycat") == sources.resolve("mycat") == copy and library.resolve("./mycat").read_text() == "a file"
    assert main(["concepts", "remove", "y"]) == 2
    assert "no concept named y" in capsys.readouterr().err and (tmp_path / "y").exists()
    (tmp_path / "pictures").mkdir()
    assert sources.resolve("pictures").is_dir()


ARCHITECTURES = {
    "stable-diffusion-v1": {"family": "sd", "unet": {"cross_attention_dim": 768}},
    "stable-diffusion-v2-512": {"family": "sd", "prediction_type": "epsilon", "unet": {"cross_attention_dim": 1024}},
    "stable-diffusion-v2-768-v": {"family": "sd", "prediction_type": "v_prediction", "unet": {"cross_attention_dim": 1024}},
    "stable-diffusion-xl-v1-base": {"family": "sdxl", "unet": {"cross_attention_dim": 2048}},
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_headers_name_the_architecture(name):
    header = store.model_spec(Card("mycat", base=ARCHITECTURES[name], spaces={"lora": {}}), {})
    assert header["modelspec.architecture"] == f"{name}/lora"


def with_header(path, header):
    body = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(body)) + body + b"\0" * 4)
    return path


def carded(key="token/clip_l", **card):
    card = {"name": "x", "base": {"family": "sd"}, "spaces": {"token": {}}, "expansion": "<x>"} | card
    return {key: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "__metadata__": {"persimg": json.dumps(card)}}


SHAPES = {
    "a list": ([1, 2], "is damaged"), "a number": (b"7   ", "is damaged"), "no offsets": ({"a": {"dtype": "F32"}}, "is damaged"),
    "offsets of text": ({"a": {"data_offsets": ["0", "4"]}}, "is damaged"), "metadata is a list": ({"__metadata__": [1]}, "is damaged"),
    "no space": (carded("a"), "a belongs to no space"), "base is text": (carded(base="sd"), "base is 'sd'"),
    "spaces are a list": (carded(spaces=[]), "spaces is []"), "unknown setting": (carded(spaces={"token": {"bogus": 1}}), "bogus"),
    "unknown space": (carded("zz/a"), "holds zz"),
}  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    tiny_pipeline().save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize("case", SHAPES)
def test_headers_of_any_shape_are_one_line(case, base, tmp_path, capsys):
    header, text = SHAPES[case]
    path = with_header(tmp_path / "x.safetensors", header)
    words = ["generate", "a cat", "--concept", str(path), "--base", base, "--force", "--steps", "1", "--out", str(tmp_path / "out")]
    assert main(words) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and text in error and not (tmp_path / "out").exists()


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


def test_what_a_name_becomes_is_part_of_a_mark_where_the_weights_do_not_say():
    spaces = {"token": {"placeholder": "<x>", "num_vectors": 2}}
    assert Card("x", expansion="<x> <x>_1", spaces=spaces).mark("d") == "d"
    others = [("x", "<x>", spaces), ("x", "a <x> <x>_1", spaces), ("x", "sks cat", {}), ("x", "a dog", {}), ("y", "a dog", {})]
    assert len({Card(name, expansion=text, spaces=kinds).mark("d") for name, text, kinds in others} | {"d"}) == len(others) + 1
