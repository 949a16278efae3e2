"""Exports and imports on the command line: whole or not at all, one line when not."""

import errno
import json

import pytest
import torch
from helpers import tiny_base, tiny_pipeline
from safetensors.torch import load_file

from persimg import files
from persimg.cli.main import main
from persimg.concepts import library, store
from persimg.concepts.concept import Card, Concept
from persimg.concepts.exporting import export
from persimg.errors import UserError
from persimg.spaces import Lora, TokenEmbeddings


def concept(base, *kinds, name="mycat", **card):
    """A concept of zeros for a base."""
    weights, spaces = {}, {}
    for space in [TokenEmbeddings(f"<{name}>", 1, "cat") if kind == "token" else Lora(rank=2) for kind in kinds]:
        space.attach(base)
        weights[space.kind], spaces[space.kind] = space.weights(), space.config()
        space.detach()
    return Concept(Card(name, "Käuzchen", f"<{name}>", base.record | card, spaces=spaces), weights)


@pytest.fixture(scope="module")
def base():
    return tiny_base()


@pytest.fixture
def saved(base, tmp_path):
    """A file for each: one space, both."""
    for name, kinds in (("one", ["lora"]), ("both", ["token", "lora"])):
        store.save(concept(base, *kinds), tmp_path / f"{name}.safetensors")
    return tmp_path


def run(capsys, *words, code):
    """The one line on stderr."""
    assert main(["concepts", *map(str, words)]) == code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err and captured.err.count("\n") == (1 if code else 0)
    return captured.err or captured.out


def listed(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and "home" not in p.parts)


def test_taken_paths_are_left_alone(saved, capsys):
    out = saved / "aus" / "übung.safetensors"
    command = ("export", saved / "one.safetensors", "--format", "kohya", "--out")
    assert f"{out}" in run(capsys, *command, out, code=0)
    before = load_file(out)
    assert "exists already; choose another --out or pass --replace" in run(capsys, *command, out, code=2)
    out.write_bytes(b"another's")
    assert "--replace" in run(capsys, *command, out, code=2) and out.read_bytes() == b"another's"
    run(capsys, *command, out, "--replace", code=0)
    assert load_file(out).keys() == before.keys()


@pytest.mark.parametrize(
    "concept, out, text",
    [
        ("both", "x.safetensors", "consists of lora and token, a file each; give a folder"),
        ("one", "notes.txt", "is a file, and its name doesn't end in .safetensors"),
        ("both", "notes.txt", "is a file, and its name doesn't end in .safetensors"),
        ("one", "folder.safetensors", "exists already; choose another --out"),
        ("one", "notes.txt/x.safetensors", "could not be written"),
    ],
)
def test_paths_that_cannot_be(concept, out, text, saved, capsys):
    (saved / "notes.txt").write_text("mine")
    (saved / "folder.safetensors").mkdir()
    before = listed(saved)
    command = ("export", saved / f"{concept}.safetensors", "--format", "diffusers", "--out", saved / out, "--replace")
    assert text in run(capsys, *command, code=3 if "written" in text else 2)
    assert listed(saved) == before and (saved / "notes.txt").read_text() == "mine"


def test_several_spaces_are_a_folder_whole_or_not_at_all(saved, capsys, monkeypatch):
    command = ("export", saved / "both.safetensors", "--format", "a1111", "--out", saved / "für mich")
    before = listed(saved)
    full, written = files.write_text, []

    def no_space_left(path, text):
        written.append(path)
        raise files._cannot_write(path, OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(files, "write_text", no_space_left)
    assert "No space left" in run(capsys, *command, code=3)
    assert written and listed(saved) == before
    monkeypatch.setattr(files, "write_text", full)
    run(capsys, *command, code=0)
    names = ("learned_embeds.safetensors", "pytorch_lora_weights.safetensors", "PROMPT.txt")
    assert set(listed(saved)) - set(before) == {f"für mich/{name}" for name in names}
    assert "exists already" in run(capsys, *command, code=2)


@pytest.mark.parametrize(
    "card, text",
    [
        ({"family": "sdxl"}, None),
        ({"family": "flux"}, "of the family flux; kohya's names are known for sd, sdxl"),
        ({"family": "sd", "text": True}, "for which kohya has no name in sd"),
    ],
)
def test_cards_of_another_family(base, card, text, tmp_path):
    """A card is taken at its word; a layer that its family can't have is refused."""
    made = concept(base, "lora", **card)
    if "text" in card:
        made.weights["lora"]["text_encoder_2.text_projection.lora_A.weight"] = torch.zeros(2, 4)
    if text is None:
        assert any("_input_blocks_1_1_" in key for key in store.read_header(export(made, "kohya", tmp_path / "x.safetensors")[0]))
        return
    with pytest.raises(UserError, match=text) as caught:
        export(made, "kohya", tmp_path / "x.safetensors")
    assert caught.value.exit_code == 3 and not listed(tmp_path)


def test_cards_without_a_description_of_the_unet_are_the_published_sdxl(base, tmp_path):
    made = concept(base, "lora", family="sdxl")
    del made.card.base["unet"]
    keys = store.read_header(export(made, "kohya", tmp_path / "x.safetensors")[0])
    # up_blocks.1.attentions.0, after three layers of the block before
    assert any("_output_blocks_3_1_" in key for key in keys) and not any("_output_blocks_2_1_" in key for key in keys)


def test_names_and_headers_hold_any_script(base, tmp_path):
    made = concept(base, "lora", name="小猫")
    for format in ("diffusers", "kohya"):
        header = store.read_header(export(made, format, tmp_path / "小猫" / f"{format}.safetensors")[0])["__metadata__"]
        assert header["modelspec.title"] == "小猫"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny SDXL in the diffusers layout."""
    path = tmp_path_factory.mktemp("bases") / "xl"
    tiny_pipeline("sdxl").save_pretrained(path)
    return path


def test_import_says_how_many_modules_were_adapted(folder, tmp_path, capsys):
    from persimg.bases.loading import load_base

    path = export(concept(load_base(folder), "token", "lora"), "kohya", tmp_path / "both")[0].parent
    assert "adapted 34 of 34 modules in the file" in run(capsys, "import", path, "--name", "mycat", "--base", folder, code=0)
    assert json.loads(json.dumps(store.read_card(library.path_of("mycat")).base)) == load_base(folder).record
    assert "already has a concept named mycat" in run(capsys, "import", path, "--name", "mycat", "--base", folder, code=2)
    assert "can't be used" in run(capsys, "import", path, "--name", "小猫", "--base", folder, code=2)
    assert main(["concepts", "import", str(path), "--name", "mycat", "--replace", "--base", str(folder), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["adapted"], record["modules"]) == (34, 34)


def test_import_refuses_before_the_library_is_touched(folder, saved, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled" / "adapter_model.bin").write_bytes(b"x")
    files.save_tensors(tmp_path / "rows.safetensors", {"emb_params": torch.ones(1, 16)})
    wrong = {"empty": "holds no .safetensors file", "pickled": "is a pickle", "rows.safetensors": "takes clip_l of width 16, clip_g"}
    for path, text in wrong.items():
        assert text in run(capsys, "import", tmp_path / path, "--name", "mycat", "--base", folder, code=3)
    assert "without a name" in run(capsys, "import", tmp_path / "rows.safetensors", "--base", folder, code=2)
    assert not library.listing()
