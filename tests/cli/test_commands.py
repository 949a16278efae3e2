import json
import shutil

import pytest
import torch
from helpers import picture_folder, tiny_checker, tiny_pipeline
from PIL import Image

from persimg import mini
from persimg.cli.main import main
from persimg.concepts import library, store
from persimg.concepts.concept import Card, Concept
from persimg.sampling import provenance

TRAIN = ["--name", "mycat", "--class-noun", "cat", "--batch-size", "2", "--mixed-precision", "no", "--checkpoint-every", "2"]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    tiny_pipeline("sd_v").save_pretrained(folder)
    return str(folder)


def test_train_generate_export_from_end_to_end(base, tmp_path, capsys):
    pictures = str(picture_folder(tmp_path / "pictures", 5))
    run = ["train", "textual_inversion", "--pictures", pictures, "--base", base, "--steps", "4", "--out", str(tmp_path / "run"), *TRAIN]
    assert main([*run, "--dry-run"]) == 0 and Image.open(tmp_path / "run" / "pictures.png").size == (5 * 32 - 32, 32), "the base's size"
    capsys.readouterr()
    assert main([*run, "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
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


JSON = {
    "train --list": "methods", "train textual_inversion --pictures PICTURES --base BASE --name mycat --class-noun cat --dry-run": "recipe",
    "train textual_inversion --pictures PICTURES --base BASE --name mycat --class-noun cat --steps 1 --batch-size 1": "path",
    "generate cat --base BASE --steps 1": "pictures", "evaluate PICTURES --class-noun cat --metrics clip_t": "rows", "compare PLAN --dry-run": "cells",
    "concepts list": "concepts", "concepts import CONCEPT": "path", "concepts show CONCEPT": "placeholder", "concepts remove there": "removed",
    "concepts export CONCEPT --format a1111": "prompt", "world draw cat": "pictures", "world characters": "characters", "world words": "words",
    "doctor": "versions",
}  # fmt: skip
WITHOUT_OUT = ("train --list", "concepts list", "concepts import", "concepts show", "concepts remove", "world characters", "world words", "doctor")


@pytest.mark.parametrize("command", JSON)
def test_json_is_one_object_and_nothing_else(command, base, tmp_path, capfd):
    for i in range(2):
        (picture_folder(tmp_path / "pictures", 2) / f"{i:02d}.txt").write_text("a photo of a cat")
    (tmp_path / "plan.yaml").write_text("arms: {truth: {says: truth}}\nsubjects: [{character: 0}]\n")
    concept = Concept(Card("mycat", "cat", "<mycat>", spaces={"token": {}}), {"token": {"clip_l": torch.zeros(1, 16)}})
    store.save(concept, tmp_path / "mycat.safetensors")
    store.save(concept, library.path_of("there"))
    places = {"PICTURES": tmp_path / "pictures", "PLAN": tmp_path / "plan.yaml", "CONCEPT": tmp_path / "mycat.safetensors", "BASE": base}
    argv = [str(places.get(word, word)) for word in command.split()]
    argv += [] if command.startswith(WITHOUT_OUT) else ["--out", str(tmp_path / "out")]
    capfd.readouterr()
    assert main([*argv, "--json"]) == 0
    said = capfd.readouterr().out
    assert said.count("\n") == 1 and JSON[command] in json.loads(said)


def test_a_benchmark_answers_with_json_alone(tmp_path, capfd):
    assert main(["bench", "concepts", "--subjects", "0", "--out", str(tmp_path), "--json"]) == 2
    assert "has no subjects" in json.loads(capfd.readouterr().out)["error"]


def test_generate_takes_all_its_options(base, tmp_path, capsys):
    Image.new("RGB", (40, 30), "red").save(tmp_path / "start.png")
    words = ["generate", "a cat", "--base", base, "--steps", "4", "--size", "48x32", "--out", str(tmp_path / "out"), "--json"]
    options = ["--negative", "a dog", "--guidance", "2.5", "--scheduler", "euler_a", "--batch", "2", "-n", "3", "--seed", "7"]
    options += ["--cache-interval", "2", "--guidance-until", "0.5"]
    assert main([*words, *options, "--init-image", str(tmp_path / "start.png"), "--strength", "0.5"]) == 0
    made = json.loads(capsys.readouterr().out)["pictures"]
    task = provenance.read(made[2])
    assert Image.open(made[2]).size == (48, 32) and task["init_image"] and task["seed"] == 9
    assert (task["negative"], task["guidance"], task["scheduler"], task["strength"]) == ("a dog", 2.5, "euler_a", 0.5)
    assert (task["cache_interval"], task["guidance_until"]) == (2, 0.5)
    assert main([*words, *options]) == 0
    others = json.loads(capsys.readouterr().out)["pictures"]
    assert Image.open(others[2]).tobytes() != Image.open(made[2]).tobytes(), "the start picture counts"


@pytest.mark.parametrize("mode", ["blur", "block"])
def test_flagged_pictures_are_blurred_or_left_out_and_counted(mode, base, tmp_path, capsys):
    words = ["generate", "a cat", "--base", base, "--steps", "1", "-n", "2", "--seed", "4", "--json"]
    made = {}
    for flags in (True, False):
        checked = ["--safety", mode, "--safety-checker", str(tiny_checker(tmp_path / f"checker{flags}", flags))]
        assert main([*words, *checked, "--out", str(tmp_path / str(flags))]) == 0
        said = capsys.readouterr()
        made[flags] = json.loads(said.out)
        assert ("safety: 2 of 2 pictures flagged and" in said.err and "(seeds 4, 5)" in said.err) == flags
        assert "black image" not in said.err
    assert main([*words, "--out", str(tmp_path / "plain")]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (made[True]["unsafe_seeds"], made[False]["unsafe_seeds"], plain["unsafe_seeds"]) == ([4, 5], [], [])
    assert [Image.open(p).tobytes() for p in made[False]["pictures"]] == [Image.open(p).tobytes() for p in plain["pictures"]]
    seeds = [4, 5] if mode == "blur" else []
    assert made[True]["seeds"] == seeds and len(list(tmp_path.glob("True/*"))) == len(made[True]["pictures"]) == len(seeds)
    assert all("Safety: flagged and blurred" in Image.open(p).info["parameters"] for p in made[True]["pictures"])


def test_pictures_that_were_generated_are_scored_by_their_own_prompts(base, tmp_path, capsys):
    words = ["generate", "a red cat in the snow", "--base", base, "--steps", "1", "-n", "2", "--out", str(tmp_path / "pictures")]
    assert main(words) == 0
    assert main(["evaluate", str(tmp_path / "pictures"), "--class-noun", "cat", "--metrics", "clip_t", "--out", str(tmp_path / "scores")]) == 0
    assert json.loads((tmp_path / "scores" / "scores.json").read_text())["prompts"] == ["a red {} in the snow"]


def test_methods_are_listed_with_their_coordinates(capsys):
    assert main(["train", "--list", "--json"]) == 0
    methods = json.loads(capsys.readouterr().out)["methods"]
    assert set(methods) == {"textual_inversion", "dreambooth_lora", "dreambooth", "identity_basis"}
    assert all({"space", "inversion", "scheme", "summary"} <= set(m) for m in methods.values())


def test_settings_come_from_yaml_and_options_win(base, tmp_path, capsys):
    picture_folder(tmp_path / "pictures", 2)
    config = tmp_path / "run.yaml"
    config.write_text(f"pictures: {tmp_path}/pictures\nname: mycat\nclass_noun: cat\nbase: {base}\nsteps: 7\nlearning_rate: 1e-3\n")
    assert main(["train", "textual_inversion", "--config", str(config), "--steps", "9", "--out", str(tmp_path / "run"), "--dry-run", "--json"]) == 0
    recipe = json.loads(capsys.readouterr().out)["recipe"]
    assert (recipe["steps"], recipe["learning_rate"]) == (9, 0.001)


def test_help_and_version_are_instant_and_doctor_answers(capsys):
    with pytest.raises(SystemExit) as done:
        main(["--help"])
    assert done.value.code == 0 and "learn a concept" in capsys.readouterr().out
    assert main(["generate"]) == 2
    assert "--out" in capsys.readouterr().err
    main(["doctor", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["versions"]["torch"] and found["bases"]["mini"]["path"] == str(mini.path("base"))


def test_a_word_that_the_base_does_not_know_is_one_line(base, tmp_path, capsys):
    knowing = shutil.copytree(base, tmp_path / "base")
    (knowing / "card.json").write_text('{"word_level": true}')
    words = ["generate", 'a "cat", a zebra!', "--base", str(knowing), "--steps", "1", "-n", "2", "--out", str(tmp_path / "out")]
    line = "persimg: WARNING: the base doesn't know the word 'zebra'; it will have no meaning\n"
    assert main(words) == 0 and capsys.readouterr().err == line
    assert main([*words, "--strict"]) == 3 and "doesn't know the word 'zebra'" in capsys.readouterr().err
