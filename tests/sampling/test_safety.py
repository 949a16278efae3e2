import shutil

import numpy as np
import pytest
from helpers import tiny_base, tiny_checker
from PIL import Image
from safetensors.torch import load_file, save_file

from persimg.errors import UserError
from persimg.sampling import provenance, safety
from persimg.sampling.safety import Safety
from persimg.sampling.sampler import Sampler
from persimg.sampling.task import Task

SEEDS = range(5)


@pytest.fixture(scope="module")
def base():
    return tiny_base("sd_v")


@pytest.fixture(scope="module")
def checkers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkers")
    return {flags: str(tiny_checker(folder / str(flags), flags)) for flags in (True, False)}


def drawn(base, safe, count=5, **options):
    sampler = Sampler(base, batch=2, safety=safe)
    return list(sampler.stream([sampler.task("a cat", seed=seed, steps=2) for seed in list(SEEDS)[:count]], **options))


def same(one, other):
    return one.picture.tobytes() == other.picture.tobytes()


@pytest.fixture(scope="module")
def plain(base):
    return drawn(base, Safety())


@pytest.mark.parametrize("mode", ["blur", "block"])
@pytest.mark.parametrize("overlap", [False, True])
def test_what_is_not_flagged_keeps_its_bits(base, plain, mode, overlap):
    bad, saved = plain[1].picture.tobytes(), []
    made = drawn(base, Safety(mode, lambda picture: picture.tobytes() == bad), overlap=overlap, save=saved.append)
    assert [g.unsafe for g in made] == [seed == 1 for seed in SEEDS]
    assert [g.is_blocked for g in made] == [seed == 1 and mode == "block" for seed in SEEDS]
    assert [same(g, p) for g, p in zip(made, plain)] == [seed != 1 for seed in SEEDS]
    assert [g.task.seed for g in saved] == [seed for seed in SEEDS if mode == "blur" or seed != 1]
    assert made[1].picture.size == plain[1].picture.size and (np.asarray(made[1].picture).max() == 0) == (mode == "block")


@pytest.mark.parametrize("flags", [True, False])
def test_diffusers_checker_judges_as_its_thresholds_say(base, checkers, plain, flags):
    made = drawn(base, safety.load("blur", checkers[flags]), 2)
    assert [g.unsafe for g in made] == [flags] * 2 and [same(g, p) for g, p in zip(made, plain)] == [not flags] * 2


def test_previews_are_judged_too(base):
    made = drawn(base, Safety("block", lambda picture: True), 1, previews_every=1)
    assert [g.preview_step for g in made] == [1, None] and all(g.unsafe and np.asarray(g.picture).max() == 0 for g in made)


def test_a_blurred_picture_holds_little_of_what_was_there():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (96, 64, 3), dtype=np.uint8))
    blurred = safety.blurred(noise)
    assert blurred.size == noise.size and np.abs(np.diff(np.asarray(blurred).astype(int), axis=0)).max() < 20
    shuffled = noise.resize((5, 8), Image.Resampling.BOX)
    assert np.abs(np.asarray(blurred.resize((5, 8), Image.Resampling.BOX)).astype(int) - np.asarray(shuffled)).max() < 40


def test_a_picture_says_that_it_was_flagged_and_blurred(base, plain, tmp_path):
    bad = plain[0].picture.tobytes()
    for generated in drawn(base, Safety("blur", lambda picture: picture.tobytes() == bad, "fake"), 2):
        provenance.save(generated, tmp_path / f"{generated.task.seed}.png")
    records = [provenance.read(tmp_path / f"{seed}.png") for seed in (0, 1)]
    assert [(r["unsafe"], r["safety"], r["safety_checker"]) for r in records] == [(True, "blur", "fake"), (False, "blur", "fake")]
    said = ["Safety: flagged and blurred" in Image.open(tmp_path / f"{seed}.png").info["parameters"] for seed in (0, 1)]
    assert said == [True, False]


def test_safety_enters_the_id_only_where_it_is_on(base):
    off, on = (Sampler(base, safety=safe).task("a cat") for safe in (Safety(), Safety("blur", lambda picture: False, "one")))
    other = Sampler(base, safety=Safety("blur", lambda picture: False, "two")).task("a cat")
    assert off.id == Sampler(base).task("a cat").id and len({off.id, on.id, other.id}) == 3
    assert Task("a cat").id == "7821f5015b0a7bf4"  # as before there was any


def test_a_task_for_another_safety_is_refused(base):
    blurring = Sampler(base, safety=Safety("blur", lambda picture: False, "one"))
    with pytest.raises(UserError, match="asks for safety blur by one, this sampler's is off"):
        next(Sampler(base).stream([blurring.task("a cat")]))
    with pytest.raises(UserError, match="asks for safety off, this sampler's is blur by one"):
        next(blurring.stream([Sampler(base).task("a cat")]))


def test_what_can_not_be_meant_is_refused(checkers, tmp_path):
    (tmp_path / "empty").mkdir()
    wrong = {  # mode and checker → what is said
        ("soft", None): "choose one of off, blur, block", ("blur", None): "needs a checker", ("off", checkers[True]): "choose --safety blur or block",
        ("blur", "nowhere"): "nowhere doesn't exist", ("blur", str(tmp_path / "empty")): "has no preprocessor_config.json",
    }  # fmt: skip
    for given, said in wrong.items():
        with pytest.raises(UserError, match=said):
            safety.check(*given)
    with pytest.raises(UserError, match="needs a checker"):
        Safety("block")
    with pytest.raises(UserError, match="not in the hub's cache here"):
        safety.load("blur", "nobody/has-this")


def test_a_checker_with_missing_weights_is_refused(checkers, tmp_path):
    """They would be random, and so its verdicts."""
    folder = shutil.copytree(checkers[True], tmp_path / "other")
    weights = load_file(folder / "model.safetensors")
    save_file({name: tensor for name, tensor in weights.items() if "visual_projection" not in name}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(UserError, match="is no StableDiffusionSafetyChecker, or damaged"):
        safety.load("blur", str(folder))
    (folder / "model.safetensors").write_bytes(b"\x90")
    with pytest.raises(UserError, match="could not be loaded"):
        safety.load("blur", str(folder))


def test_weights_under_the_names_of_older_files_are_read(checkers, tmp_path, base):
    folder = shutil.copytree(checkers[True], tmp_path / "old")
    weights = load_file(folder / "model.safetensors")
    old = {f"vision_model.{name}" if name.startswith("vision_model.") else name: tensor for name, tensor in weights.items()}
    save_file(old, folder / "model.safetensors", {"format": "pt"})
    assert safety.load("blur", str(folder)).shown(Image.new("RGB", (32, 32)))[1]


def test_a_checker_is_found_in_a_pipeline_s_folder_too(checkers, tmp_path):
    shutil.copytree(checkers[True], tmp_path / "safety_checker")
    (tmp_path / "feature_extractor").mkdir()
    (tmp_path / "safety_checker" / safety.PROCESSOR).rename(tmp_path / "feature_extractor" / safety.PROCESSOR)
    for name in (tmp_path, tmp_path / "safety_checker"):
        safe = safety.load("blur", str(name))
        assert safe.name == safety.name_of(checkers[True]) != safety.name_of(checkers[False]) and safe.shown(Image.new("RGB", (32, 32)))[1]
