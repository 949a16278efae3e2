import json
import subprocess
import sys

import pytest
from helpers import picture_folder, tiny_pipeline
from PIL import Image

from persimg.cli.main import main

TRAIN = ["--name", "mycat", "--class-noun", "cat", "--batch-size", "2", "--mixed-precision", "no", "--checkpoint-every", "2"]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    tiny_pipeline("sd_v").save_pretrained(folder)
    return str(folder)


def test_train_generate_export_from_end_to_end(base, tmp_path, capsys):
    pictures = str(picture_folder(tmp_path / "pictures", 5))
    run = ["train", "textual_inversion", "--pictures", pictures, "--base", base, "--steps", "4", "--out", str(tmp_path / "run"), *TRAIN]
    assert main([*run, "--dry-run"]) == 0 and (tmp_path / "run" / "pictures.png").exists()
    assert main([*run, "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert outcome["steps"] == 4 and len(json.loads((tmp_path / "run" / "pictures.json").read_text())["held_out"]) == 1
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 3, 4]

    draw = ["generate", "a photo of <mycat> in the snow", "--concept", "mycat:0.8", "--base", base, "-n", "3", "--steps", "2", "--seed", "5"]
    assert main([*draw, "--out", str(tmp_path / "out"), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["seeds"] == [5, 6, 7] and [p.rsplit("/", 1)[1] for p in made["pictures"]] == ["0000-5.png", "0001-6.png", "0002-7.png"]
    assert "Concepts" in Image.open(made["pictures"][0]).info["parameters"]
    assert main([*draw, "--out", str(tmp_path / "out")]) == 0 and len(list((tmp_path / "out").iterdir())) == 6

    assert main(["concepts", "export", "mycat", "--format", "diffusers", "--out", str(tmp_path / "mycat.safetensors")]) == 0
    assert "type: <mycat>" in capsys.readouterr().out
    assert main([*run[:2], *run[2:], "--learning-rate", "0.5"]) == 2
    assert "learning_rate: " in capsys.readouterr().err


def test_methods_are_listed_with_their_coordinates(capsys):
    assert main(["train", "--list", "--json"]) == 0
    methods = json.loads(capsys.readouterr().out)["methods"]
    assert set(methods) == {"textual_inversion", "dreambooth_lora", "dreambooth"}
    assert all({"space", "inversion", "scheme", "summary"} <= set(m) for m in methods.values())


def test_settings_come_from_yaml_and_options_win(base, tmp_path, capsys):
    picture_folder(tmp_path / "pictures", 2)
    config = tmp_path / "run.yaml"
    config.write_text(f"pictures: {tmp_path}/pictures\nname: mycat\nclass_noun: cat\nbase: {base}\nsteps: 7\nlearning_rate: 1e-3\n")
    assert main(["train", "textual_inversion", "--config", str(config), "--steps", "9", "--out", str(tmp_path / "run"), "--dry-run", "--json"]) == 0
    recipe = json.loads(capsys.readouterr().out)["recipe"]
    assert (recipe["steps"], recipe["learning_rate"]) == (9, 0.001)


BAD = {
    "no method": (["train", "nothing", "--pictures", "PICTURES", *TRAIN, "--out", "OUT"], 2, "no method named nothing"),
    "empty folder": (["train", "textual_inversion", "--pictures", "EMPTY", "--base", "BASE", *TRAIN, "--out", "OUT"], 3, "holds no pictures"),
    "bad name": (["train", "textual_inversion", "--pictures", "PICTURES", "--base", "BASE", *TRAIN, "--name", "a/b", "--out", "OUT"], 2, "can't be used"),
    "missing base": (["train", "textual_inversion", "--pictures", "PICTURES", "--base", "nowhere", *TRAIN, "--out", "OUT"], 2, "doesn't exist"),
    "no name": (["train", "textual_inversion", "--pictures", "PICTURES", "--out", "OUT"], 2, "--name, --class-noun missing"),
    "no concept": (["generate", "a <x>", "--concept", "x", "--base", "BASE", "--out", "OUT"], 2, "no concept named x"),
    "unloaded concept": (["generate", "a <x>", "--base", "BASE", "--out", "OUT"], 2, "the prompt names <x>"),
    "bad size": (["generate", "a cat", "--base", "BASE", "--size", "big", "--out", "OUT"], 2, "WIDTHxHEIGHT"),
    "bad scheduler": (["generate", "a cat", "--base", "BASE", "--scheduler", "fast", "--out", "OUT"], 2, "fast is unknown"),
    "negative seed": (["generate", "a cat", "--base", "BASE", "--seed", "-4", "--out", "OUT"], 2, "out of range"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_before_torch(case, base, tmp_path):
    words, code, text = BAD[case]
    (tmp_path / "empty").mkdir()
    places = {"PICTURES": str(picture_folder(tmp_path / "p", 2)), "EMPTY": str(tmp_path / "empty"), "OUT": str(tmp_path / "out"), "BASE": base}
    argv = [places.get(word, word) for word in words]
    program = f"import sys; from persimg.cli.main import main; code = main({argv!r}); assert 'torch' not in sys.modules; sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert text in done.stderr and done.stderr.count("\n") == 1 and not (tmp_path / "out").exists()


def test_too_long_a_prompt_and_a_file_as_out(base, tmp_path, capsys):
    assert main(["generate", "cat " * 90, "--base", base, "--steps", "1", "--out", str(tmp_path / "out")]) == 2
    assert "tokens" in capsys.readouterr().err and not (tmp_path / "out").exists()
    (tmp_path / "file").write_text("")
    assert main(["generate", "a cat", "--base", base, "--steps", "1", "--out", str(tmp_path / "file")]) == 2


def test_help_and_version_are_instant_and_doctor_answers(capsys):
    with pytest.raises(SystemExit) as done:
        main(["--help"])
    assert done.value.code == 0 and "learn a concept" in capsys.readouterr().out
    with pytest.raises(SystemExit) as done:
        main(["generate"])
    assert done.value.code == 2
    capsys.readouterr()
    main(["doctor", "--json"])
    assert json.loads(capsys.readouterr().out)["versions"]["torch"]
