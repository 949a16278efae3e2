import json

import pytest
import torch
from helpers import assert_same_tensors, picture_folder, tensors, tiny_base

from persimg.concepts import store
from persimg.errors import UserError
from persimg.training.run import train

QUICK = {"batch_size": 2, "mixed_precision": "no", "checkpoint_every": 3, "seed": 3}
METHODS = {
    "textual_inversion": {"learning_rate": 1e-2, "num_vectors": 2},
    "dreambooth_lora": {"learning_rate": 1e-2, "rank": 2, "token_vectors": 1, "prior_weight": 1.0, "class_pictures": 2, "class_steps": 2},
    "dreambooth": {"learning_rate": 1e-3, "class_pictures": 2, "class_steps": 2},
}


def learn(method, base, pictures, out, steps=6, **changes):
    settings = {**QUICK, **METHODS[method], "steps": steps, **changes}
    return list(train(method, pictures, "mycat", "cat", base, out, **settings))


def weights(out):
    return {f"{k}/{n}": t for k, part in store.load(out / "mycat.safetensors").weights.items() for n, t in part.items()}


def losses(out):
    return [json.loads(line)["loss"] for line in (out / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("method", METHODS)
def test_resumed_run_equals_an_uninterrupted_one(base, method, pictures, tmp_path):
    before = tensors(base)
    learn(method, base, pictures, tmp_path / "whole")
    assert_same_tensors(before, tensors(base))
    learn(method, base, pictures, tmp_path / "parts", steps=3)
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "parts").rglob("class_pictures/*/*.png")}
    learn(method, base, pictures, tmp_path / "parts", steps=6)
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert whole.keys() == parts.keys() and all(torch.equal(whole[n], parts[n]) for n in whole)
    assert losses(tmp_path / "whole") == losses(tmp_path / "parts") and len(losses(tmp_path / "whole")) == 6
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())
    assert bool(kept) == (method != "textual_inversion")


@pytest.mark.parametrize("method", METHODS)
def test_loss_falls_on_one_picture(method, tmp_path):
    base, one = tiny_base("sd_v"), picture_folder(tmp_path / "one", 1)
    changes = {"learning_rate": 0.1} if method == "textual_inversion" else {"prior_weight": 0.0}
    learn(method, base, one, tmp_path / "run", steps=60, batch_size=4, **changes)
    found = losses(tmp_path / "run")
    assert sum(found[-15:]) < (0.97 if method == "textual_inversion" else 0.9) * sum(found[:15])


def test_closing_saves_and_detaches(pictures, tmp_path):
    base = tiny_base()
    before = tensors(base)
    events = train("dreambooth_lora", pictures, "mycat", "cat", base, tmp_path, steps=50, **QUICK)
    for event in events:
        if event.kind == "step" and event.step == 2:
            events.close()
    assert_same_tensors(before, tensors(base))
    assert (tmp_path / "checkpoints" / "000002.safetensors").exists()
    assert not (tmp_path / "mycat.safetensors").exists()


def test_changed_recipe_or_pictures_are_refused_by_name(pictures, tmp_path):
    base = tiny_base()
    learn("textual_inversion", base, pictures, tmp_path / "run", steps=1)
    with pytest.raises(UserError, match=r"learning_rate: 0.01 → 0.5"):
        learn("textual_inversion", base, pictures, tmp_path / "run", steps=1, learning_rate=0.5)
    with pytest.raises(UserError, match="pictures: "):
        learn("textual_inversion", base, picture_folder(tmp_path / "other", 4), tmp_path / "run", steps=1)
    settings = {**QUICK, **METHODS["textual_inversion"], "learning_rate": 0.5, "steps": 1}
    list(train("textual_inversion", pictures, "mycat", "cat", base, tmp_path / "run", restart=True, **settings))
    assert len(losses(tmp_path / "run")) == 1


def test_loss_that_is_not_finite_stops_with_the_last_checkpoint(pictures, tmp_path, monkeypatch):
    base = tiny_base()
    from persimg.objectives import denoising

    original = denoising.squared_error
    monkeypatch.setattr(denoising, "squared_error", lambda step: original(step) * (float("nan") if step.index == 4 else 1))
    with pytest.raises(UserError, match="the loss is nan at step 5") as caught:
        learn("textual_inversion", base, pictures, tmp_path)
    assert caught.value.exit_code == 3
    assert torch.isfinite(store.load(tmp_path / "checkpoints" / "000003.safetensors").weights["token"]["clip_l"]).all()


def test_a_gradient_that_is_not_finite_changes_nothing(pictures, tmp_path, monkeypatch):
    from persimg.objectives import denoising

    original = denoising.squared_error

    def broken(step):
        error = original(step)
        if step.index == 4:
            error.register_hook(lambda grad: grad * float("nan"))
        return error

    monkeypatch.setattr(denoising, "squared_error", broken)
    with pytest.raises(UserError, match="the gradient is nan at step 5; lower the learning rate; the last checkpoint is good") as caught:
        learn("textual_inversion", tiny_base(), pictures, tmp_path, checkpoint_every=1)
    assert caught.value.exit_code == 3
    kept = sorted((tmp_path / "checkpoints").glob("*.safetensors"))
    assert [p.stem for p in kept] == ["000001", "000002", "000003", "000004"]
    assert torch.isfinite(store.load(kept[-1]).weights["token"]["clip_l"]).all()


def test_full_disk_keeps_the_checkpoint_before(pictures, tmp_path, monkeypatch):
    base = tiny_base()
    import safetensors.torch as st

    original, calls = st.save_file, []

    def full(tensors, path, metadata=None):
        calls.append(path)
        if len(calls) > 3:  # latents, concept and state of step 3, then the concept of step 6
            open(path, "wb").write(b"half")
            raise OSError(28, "No space left on device")
        original(tensors, path, metadata=metadata)

    monkeypatch.setattr(st, "save_file", full)
    with pytest.raises(UserError, match="No space left on device") as caught:
        learn("textual_inversion", base, pictures, tmp_path)
    assert caught.value.exit_code == 3
    kept = sorted(p.name for p in (tmp_path / "checkpoints").iterdir())
    assert kept == ["000003.safetensors", "000003.state"]
    store.load(tmp_path / "checkpoints" / "000003.safetensors")


def test_samples_are_those_of_the_sampler(pictures, tmp_path):
    from PIL import Image

    from persimg.sampling.sampler import Sampler

    base = tiny_base()
    learn("textual_inversion", base, pictures, tmp_path, steps=3, sample_every=3, sample_prompts="a photo of {}|{} in the snow")
    with Sampler(base, [store.load(tmp_path / "mycat.safetensors")], batch=2) as sampler:
        expected = sampler.draw(["a photo of <mycat>", "<mycat> in the snow"], [0, 1])
    for i, picture in enumerate(expected):
        assert picture.tobytes() == Image.open(tmp_path / "samples" / f"000003-{i}.png").tobytes()


def test_accumulation_averages_and_buckets_run(tmp_path):
    from PIL import Image

    base, folder = tiny_base("sd_v"), picture_folder(tmp_path / "p", 2)
    for path in folder.glob("01.png"):
        Image.open(path).resize((96, 48)).save(path)
    (folder / "00.txt").write_text("a photo of <mycat> in the snow")
    Image.new("L", (64, 64), 255).save(folder / "00.mask.png")
    learn(
        "textual_inversion", base, folder, tmp_path / "run", steps=4, gradient_accumulation=2, ema_decay=0.9, fit="bucket", size=32,
        min_snr_gamma=5.0, flip=True, gradient_checkpointing=True, lr_schedule="cosine",
    )
    assert len(losses(tmp_path / "run")) == 4
