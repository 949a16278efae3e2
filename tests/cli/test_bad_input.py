"""Bad input: one clear line, exit code 2 or 3, nothing half-written; what can be known without torch is refused without it."""

import contextlib
import json
import resource
import shutil
import subprocess
import sys

import pytest
import torch
from helpers import WORDS, picture_folder, tiny_pipeline
from PIL import Image

from persimg import files
from persimg.cli.main import main
from persimg.concepts import store
from persimg.concepts.concept import Card, Concept
from persimg.errors import UserError

NAMED = ["--name", "mycat", "--class-noun", "cat"]
TRAIN = ["train", "textual_inversion", "--pictures", "PICTURES", "--base", "BASE", *NAMED]
LORA = ["train", "dreambooth_lora", *TRAIN[2:]]
DRAW = ["generate", "a cat", "--base", "BASE"]
SCORE = ["evaluate", "PICTURES", "--class-noun", "cat"]
EARLY = {
    "no command": ([], 2, "the following arguments are required: COMMAND"),
    "unknown command": (["paint"], 2, "invalid choice: 'paint'"),
    "unknown option": ([*DRAW, "--fast"], 2, "unrecognized arguments: --fast"),
    "not a number": ([*DRAW, "--steps", "many"], 2, "invalid int value: 'many'"),
    "no method named": (["train"], 2, "no method was named"),
    "unknown method": (["train", "nothing", "--pictures", "PICTURES", *NAMED], 2, "no method named nothing"),
    "no method file": (["train", "PICTURES/own.py", *NAMED], 2, "own.py doesn't exist"),
    "unknown setting": ([*TRAIN, "--speed", "9"], 2, "unrecognized arguments: --speed 9; see persimg train textual_inversion --help"),
    "no name": (["train", "textual_inversion", "--pictures", "PICTURES"], 2, "--name, --class-noun missing"),
    "no config": ([*TRAIN, "--config", "PICTURES/run.yaml"], 2, "run.yaml can't be read"),
    "empty folder": ([*TRAIN, "--pictures", "EMPTY"], 3, "holds no pictures"),
    "no folder": ([*TRAIN, "--pictures", "nowhere"], 2, "nowhere is not a folder"),
    "text named .jpg": ([*TRAIN, "--pictures", "TEXT"], 3, "bad.jpg is not a picture"),
    "truncated picture": ([*TRAIN, "--pictures", "TRUNCATED"], 3, "bad.png is damaged"),
    "picture of 1x1": ([*TRAIN, "--pictures", "TINY"], 3, "bad.png is 1x1 px, below 8 px"),
    "picture of 30000x30000": ([*TRAIN, "--pictures", "HUGE"], 3, "bad.png is above the limit of 100 MP"),
    "name with a slash": ([*TRAIN, "--name", "a/b"], 2, "--name 'a/b' can't be used"),
    "name with a quote": ([*TRAIN, "--name", "a'b"], 2, """--name "a'b" can't be used"""),
    "empty noun": ([*TRAIN, "--class-noun", " "], 2, "--class-noun is empty"),
    "missing base": ([*TRAIN, "--base", "nowhere"], 2, "--base nowhere doesn't exist"),
    "base without a tokenizer": ([*TRAIN, "--base", "WORDLESS"], 3, "wordless has no tokenizer; restore the folder"),
    "pickled base": ([*DRAW, "--base", "PICKLE"], 2, "is a pickle"),
    "nothing to learn from": ([*TRAIN, "--keep-out", "2"], 3, "keep_out 2 leaves none of 2 pictures"),
    "nothing kept out": ([*TRAIN, "--keep-out", "-1"], 2, "keep_out is -1; take 0 or more"),
    "unknown templates": ([*TRAIN, "--templates", "foo"], 2, "templates is 'foo'; choose one of object, style, person, name, none, dreambooth"),
    "unknown norm": ([*TRAIN, "--norm", "long"], 2, "norm is 'long'; choose one of free, cap, fixed"),
    "no vectors": ([*TRAIN, "--num-vectors", "0"], 2, "num_vectors is 0; take 1 or more"),
    "no rank": ([*LORA, "--rank", "0"], 2, "rank is 0; take 1 or more"),
    "all dropped": ([*LORA, "--dropout", "1"], 2, "dropout is 1.0; take 0 to 0.99"),
    "pivot after the end": ([*LORA, "--pivot", "2"], 2, "pivot is 2.0; take 0 to 1"),
    "no class pictures": ([*LORA, "--prior-weight", "1", "--class-pictures", "0"], 2, "class_pictures is 0; take 1 or more"),
    "class pictures without steps": ([*LORA, "--class-steps", "0"], 2, "class_steps is 0; take 1 to 1000"),
    "named brackets in sample prompts": ([*TRAIN, "--sample-prompts", "a {x}"], 2, "sample_prompts is 'a {x}'"),
    "unknown device of a run": ([*TRAIN, "--device", "foo"], 2, "--device foo is unknown"),
    "broken method file": (["train", "BROKEN", *NAMED], 2, "broken.py can't be imported (ModuleNotFoundError: No module named 'nothing_of_that_name'; line 2)"),
    "method file of no syntax": (["train", "GARBLED", *NAMED], 2, "garbled.py can't be imported (SyntaxError: "),
    "no steps": ([*TRAIN, "--steps", "0"], 2, "steps is 0"),
    "unknown optimizer": ([*TRAIN, "--optimizer", "sgd"], 2, "optimizer is 'sgd'"),
    "brackets in sample prompts": ([*TRAIN, "--sample-prompts", "a {cat}"], 2, "sample_prompts is 'a {cat}'"),
    "size of training off the grid": ([*TRAIN, "--size", "36"], 2, "size 36x36 px doesn't fit this base; choose multiples of 8 px"),
    "xformers on the CPU": ([*TRAIN, "--attention", "xformers", "--device", "cpu"], 2, "--attention xformers"),
    "run into a file": ([*TRAIN, "--out", "FILE"], 2, "is a file; name a folder"),
    "unknown device": ([*DRAW, "--device", "tpu"], 2, "--device tpu is unknown"),
    "no concept": ([*DRAW, "--concept", "x"], 2, "no concept named x"),
    "damaged concept": ([*DRAW, "--concept", "DAMAGED"], 3, "is damaged"),
    "pickled concept": ([*DRAW, "--concept", "PICKLE"], 3, "is a pickle"),
    "unloaded concept": (["generate", "a <x>", "--base", "BASE"], 2, "the prompt names <x>"),
    "unloaded concept, negative": ([*DRAW, "--negative", "a <x>"], 2, "the prompt names <x>"),
    "size in words": ([*DRAW, "--size", "big"], 2, "WIDTHxHEIGHT"),
    "size off the grid": ([*DRAW, "--size", "36x32"], 2, "size 36x32 px doesn't fit this base; choose multiples of 8 px"),
    "size too large": ([*DRAW, "--size", "32x9000"], 2, "size 32x9000 is not a size"),
    "unknown scheduler": ([*DRAW, "--scheduler", "fast"], 2, "--scheduler fast is unknown"),
    "no cache interval": ([*DRAW, "--cache-interval", "0"], 2, "--cache-interval 0 is out of range; take 1 to 1000"),
    "guidance after the end": ([*DRAW, "--guidance-until", "2"], 2, "--guidance-until 2.0 is out of range"),
    "unknown safety": ([*DRAW, "--safety", "soft"], 2, "invalid choice: 'soft'"),
    "safety without a checker": ([*DRAW, "--safety", "blur"], 2, "--safety blur needs a checker, and none comes along; name a folder or hub id with --safety-checker"),
    "checker without safety": ([*DRAW, "--safety-checker", "EMPTY"], 2, "and --safety is off; choose --safety blur or block"),
    "no checker there": ([*DRAW, "--safety", "block", "--safety-checker", "nowhere"], 2, "--safety-checker nowhere doesn't exist"),
    "folder without a checker": ([*DRAW, "--safety", "block", "--safety-checker", "EMPTY"], 3, "empty has no preprocessor_config.json"),
    "negative seed": ([*DRAW, "--seed", "-4"], 2, "--seed -4 is out of range"),
    "seeds beyond the last": ([*DRAW, "--seed", str(2**63 - 1), "-n", "2"], 2, f"--seed {2**63} is out of range"),
    "no batch": ([*DRAW, "--batch", "0"], 2, "--batch 0 is out of range"),
    "no pictures": ([*DRAW, "-n", "0"], 2, "-n 0 is out of range"),
    "no denoising": ([*DRAW, "--steps", "0"], 2, "--steps 0 is out of range"),
    "guidance": ([*DRAW, "--guidance", "101"], 2, "--guidance 101"),
    "strength": ([*DRAW, "--init-image", "PICTURES/00.png", "--strength", "1.5"], 2, "--strength 1.5 is out of range"),
    "no start picture": ([*DRAW, "--init-image", "nowhere.png"], 3, "nowhere.png doesn't exist"),
    "start picture is text": ([*DRAW, "--init-image", "TEXT/bad.jpg"], 3, "bad.jpg is not a picture"),
    "pictures into a file": ([*DRAW, "--out", "FILE"], 2, "is a file; name a folder"),
    "nothing to score": (["evaluate", "nowhere"], 2, "no concept named nowhere"),
    "score a pickle": (["evaluate", "PICKLE", "--base", "BASE"], 3, "is a pickle"),
    "score a damaged concept": (["evaluate", "DAMAGED", "--base", "BASE"], 3, "is damaged"),
    "no references": ([*SCORE, "--references", "nowhere"], 2, "--references nowhere is not a folder"),
    "unknown suite": ([*SCORE, "--suite", "nothing"], 2, "nothing"),
    "unknown metric": ([*SCORE, "--metrics", "beauty"], 2, "beauty"),
    "unknown backbone": ([*SCORE, "--backbone", "nothing"], 2, "--backbone nothing is no backbone"),
    "no plan": (["compare", "nowhere.yaml"], 2, "nowhere.yaml can't be read"),
    "plan without arms": (["compare", "PLAN"], 2, "the comparison has no arms"),
    "unknown benchmark": (["bench", "luck"], 2, "invalid choice: 'luck'"),
    "benchmark without rounds": (["bench", "train", "--rounds", "0"], 2, "--rounds 0 is out of range"),
    "show nothing": (["concepts", "show", "x"], 2, "no concept named x"),
    "remove nothing": (["concepts", "remove", "x"], 2, "no concept named x"),
    "import a pickle": (["concepts", "import", "PICKLE"], 3, "is a pickle"),
    "export without a format": (["concepts", "export", "x"], 2, "--format"),
    "world of nothing": (["world", "draw", "a cat", "-n", "0"], 2, "-n 0 is out of range"),
    "world word": (["world", "draw", "a zebra"], 2, "zebra"),
    "world into a file": (["world", "draw", "a cat", "--out", "FILE"], 2, "is a file; name a folder"),
}
WITHOUT_OUT = ("concepts show", "concepts remove", "concepts import", "bench luck", "bench train", "paint", "train", "")
RUNNER = """
import contextlib, io, json, sys
from persimg.cli.main import main
found = {}
for case, argv in json.load(sys.stdin).items():
    known = "torch" in sys.modules
    said, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
        code = main(argv)
    found[case] = [code, said.getvalue(), errors.getvalue(), "torch" in sys.modules and not known]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    root = tmp_path_factory.mktemp("places")
    tiny_pipeline("sd_v").save_pretrained(root / "base")
    shutil.copytree(root / "base", root / "wordless")
    for file in (root / "wordless" / "tokenizer").iterdir():
        file.unlink()
    for name in ("pictures", "text", "truncated", "tiny", "huge"):
        picture_folder(root / name, 2)
    (root / "text" / "bad.jpg").write_text("not a picture")
    whole = (root / "pictures" / "00.png").read_bytes()
    (root / "truncated" / "bad.png").write_bytes(whole[: len(whole) // 2])
    Image.new("RGB", (1, 1)).save(root / "tiny" / "bad.png")
    Image.new("1", (30000, 30000)).save(root / "huge" / "bad.png")
    (root / "empty").mkdir()
    (root / "damaged.safetensors").write_bytes(b"\x90\x00\x00")
    (root / "pickle.pt").write_bytes(b"\x80\x02}q\x00.")
    (root / "file").write_text("")
    (root / "broken.py").write_text("import sys\nimport nothing_of_that_name\n")
    (root / "garbled.py").write_text("def (\n")
    (root / "plan.yaml").write_text("subjects: [{character: 0}]\n")
    found = {name.upper(): str(root / name) for name in ("base", "wordless", "pictures", "text", "truncated", "tiny", "huge", "empty", "file")}
    return {**found, "DAMAGED": str(root / "damaged.safetensors"), "PICKLE": str(root / "pickle.pt"), "PLAN": str(root / "plan.yaml"), "BROKEN": str(root / "broken.py"), "GARBLED": str(root / "garbled.py"), "ROOT": str(root)}


@pytest.fixture(scope="module")
def answers(places):
    """Every case run in one process without torch, twice: as it is, and with --json."""
    asked = {}
    for case, (words, _, _) in EARLY.items():
        argv = [_placed(word, places) for word in words]
        if "--out" not in argv and " ".join(words[:2]) not in WITHOUT_OUT:
            argv += ["--out", places["ROOT"] + "/out"]
        asked |= {case: argv, f"{case}, json": [*argv, "--json"]}
    done = subprocess.run([sys.executable, "-c", RUNNER], input=json.dumps(asked), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _placed(word, places):
    start, slash, rest = word.partition("/")
    return places[start] + slash + rest if start in places else word


@pytest.mark.parametrize("case", EARLY)
def test_bad_input_is_one_line_before_torch(case, answers, places, tmp_path):
    _, code, text = EARLY[case]
    found, said, errors, torch_was_imported = answers[case]
    assert (found, said, errors.count("\n")) == (code, "", 1) and text in errors, errors
    assert "Traceback" not in errors and not torch_was_imported
    with_json = answers[f"{case}, json"]
    assert with_json[0] == code and with_json[1].count("\n") == 1 and text in json.loads(with_json[1])["error"]
    assert sorted(p.name for p in tmp_path.parent.glob("places*/out")) == [] and Image.open(places["PICTURES"] + "/00.png")


def test_help_is_instant():
    program = "import sys, persimg.cli.main as m\ntry: m.main(['--help'])\nexcept SystemExit: print({'torch', 'numpy', 'PIL', 'yaml'} & set(sys.modules))"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "learn a concept" in done.stdout and done.stdout.endswith("set()\n"), done.stdout + done.stderr
    # of the processor: the clock would measure what else the machine does
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


# --- what only the loaded model can tell ------------------------------------------------------------------------------


def refused(capsys, argv, code, text, out):
    """One line; nothing is left in out."""
    capsys.readouterr()
    assert main([str(word) for word in argv]) == code
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1 and text in errors and "Traceback" not in errors, errors
    assert not out.exists() or not any(p.is_file() for p in out.rglob("*"))


def saved_concept(path, vectors=2, width=16):
    tokens = ["<mycat>", *(f"<mycat>_{i}" for i in range(1, vectors))]
    config = {"placeholder": "<mycat>", "num_vectors": vectors, "init": "cat"}
    card = Card("mycat", "cat", " ".join(tokens), {"family": "sd"}, spaces={"token": config})
    store.save(Concept(card, {"token": {"clip_l": torch.zeros(vectors, width)}}), path)
    return path


def test_a_prompt_too_long_after_expansion(places, tmp_path, capsys):
    out, concept = tmp_path / "out", saved_concept(tmp_path / "long.safetensors", vectors=40)
    words = ["generate", "--base", places["BASE"], "--steps", "1", "--force", "--out", out]
    refused(capsys, [*words, "cat " * 90], 2, "90 tokens, this base takes 75", out)
    refused(capsys, [*words, "<mycat> and <mycat>", "--concept", concept], 2, "81 tokens, this base takes 75", out)


def test_a_concept_of_another_base(places, tmp_path, capsys):
    out, words = tmp_path / "out", ["generate", "a <mycat>", "--base", places["BASE"], "--steps", "1", "--out", tmp_path / "out"]
    wide = saved_concept(tmp_path / "wide.safetensors", width=24)
    refused(capsys, [*words, "--concept", wide, "--force"], 3, "token weights fit 0 of 1 tensors", out)


def test_a_placeholder_that_the_tokenizer_has(places, tmp_path, capsys):
    pipeline = tiny_pipeline("sd_v")
    pipeline.tokenizer.add_tokens(["<mycat>"])
    pipeline.text_encoder.resize_token_embeddings(len(pipeline.tokenizer))
    pipeline.save_pretrained(tmp_path / "base")
    words = ["train", "textual_inversion", "--pictures", places["PICTURES"], "--base", tmp_path / "base", *NAMED]
    refused(capsys, [*words, "--steps", "1", "--out", tmp_path / "out"], 2, "the tokenizer already has <mycat>", tmp_path / "out")
    assert "mycat" not in WORDS


@pytest.mark.parametrize("settings", [["--targets", "nothing"], ["--prior-weight", "1", "--fit", "bucket"]])
def test_settings_that_do_not_fit_the_base(settings, places, tmp_path, capsys):
    words = ["train", "dreambooth_lora", "--pictures", places["PICTURES"], "--base", places["BASE"], *NAMED, *settings]
    text = "name no layer of this base" if "--targets" in settings else "fit bucket can't be used with prior preservation"
    refused(capsys, [*words, "--steps", "1", "--out", tmp_path / "out"], 2, text, tmp_path / "out")


def test_a_refused_restart_keeps_the_run(places, tmp_path, capsys):
    out = tmp_path / "run"
    words = ["train", "dreambooth_lora", "--pictures", places["PICTURES"], "--base", places["BASE"], *NAMED, "--no-library"]
    words += ["--steps", "1", "--batch-size", "1", "--out", str(out), "--restart"]
    assert main(words) == 0
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert main([*words, "--targets", "nothing"]) == 2
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before


# --- a full disk ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def room_for(size):
    """No file grows beyond so many bytes: writing fails as it does on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_while_drawing(places, tmp_path, capsys):
    for words in (["generate", "a cat", "--base", places["BASE"], "--steps", "1"], ["world", "draw", "a cat"]):
        with room_for(500):
            refused(capsys, [*words, "--out", tmp_path / "out"], 3, "could not be written (File too large)", tmp_path / "out")


def test_a_full_disk_while_exporting_and_adding_to_the_library(tmp_path, capsys):
    concept, out = saved_concept(tmp_path / "mycat.safetensors", vectors=40, width=512), tmp_path / "out"
    with room_for(500):
        refused(capsys, ["concepts", "export", concept, "--format", "a1111", "--out", out], 3, "could not be written", out)
        refused(capsys, ["concepts", "import", concept], 3, "could not be written", tmp_path / "home")


def test_a_log_that_a_full_disk_cut_off_goes_on(places, tmp_path, capsys):
    with pytest.raises(UserError, match="No space left on device") as caught:
        files.append_text("/dev/full", "x")
    assert caught.value.exit_code == 3
    out = tmp_path / "run"
    words = ["train", "textual_inversion", "--pictures", places["PICTURES"], "--base", places["BASE"], *NAMED, "--no-library", "--no-select"]
    words += ["--batch-size", "1", "--checkpoint-every", "2", "--out", str(out)]
    assert main([*words, "--steps", "2"]) == 0
    with open(out / "log.jsonl", "a") as file:
        file.write('{"step": 3, "lo')
    assert main([*words, "--steps", "4"]) == 0
    assert [json.loads(line)["step"] for line in (out / "log.jsonl").read_text().splitlines()] == [1, 2, 3, 4]
