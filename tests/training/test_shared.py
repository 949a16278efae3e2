"""What holds for every method: gradients, descent, both predictions; and what options of the loop really do."""

import json

import pytest
import torch
from helpers import picture_folder, tiny_base
from PIL import Image
from test_training import METHODS, learn, losses

from persimg.concepts import store
from persimg.data.concept_data import ConceptData
from persimg.methods import dreambooth
from persimg.objectives import denoising
from persimg.objectives.denoising import Denoising
from persimg.objectives.objective import Step
from persimg.objectives.prior import ClassPrior
from persimg.spaces import FullWeights
from persimg.training import loop, select
from persimg.training.recipe import load_method, resolve
from persimg.training.run import train


@pytest.mark.parametrize("method", METHODS)
def test_every_declared_tensor_has_a_gradient_by_step_two_and_no_other_has_one(base, method, pictures, tmp_path, monkeypatch):
    seen, original = [], loop.Loop._update

    def update(self):
        own = {id(p) for p in self.params}
        parts = (base.denoiser, base.pipeline.vae, *base.text_encoders.values())
        others = [p for part in parts for p in part.parameters() if id(p) not in own]
        assert all(p.grad is None and not p.requires_grad for p in others)
        seen.append([p.grad is not None and bool(p.grad.any()) for p in self.params])
        return original(self)

    monkeypatch.setattr(loop.Loop, "_update", update)
    learn(method, base, pictures, tmp_path, steps=2)
    assert seen[0] and all(first or second for first, second in zip(*seen))


@pytest.mark.parametrize("method", METHODS)
def test_loss_falls_on_one_picture_with_one_noise(base, method, tmp_path, monkeypatch):
    """The same noise and time at every step, so that fifty steps can show it."""
    original = loop.seeds.generator

    def still(seed, purpose, *where):
        return original(seed, purpose, *(where[1:] if purpose in ("noise", "timestep") else where))

    monkeypatch.setattr(loop.seeds, "generator", still)
    # a random model hardly listens to its text: many rows, and one caption
    rows = {"learning_rate": 0.3, "num_vectors": 8, "templates": "none"}
    changes = rows if method == "textual_inversion" else {"prior_weight": 0.0}
    learn(method, base, picture_folder(tmp_path / "one", 1), tmp_path / "run", steps=50, batch_size=2, checkpoint_every=50, **changes)
    found = losses(tmp_path / "run")
    assert found[-1] < (0.97 if method == "textual_inversion" else 0.9) * found[0]


@pytest.mark.parametrize("min_snr_gamma", [None, 5.0])
@pytest.mark.parametrize("method", METHODS)
def test_both_predictions_leave_the_same_error_of_the_picture(method, min_snr_gamma, pictures):
    """One guess of z_0, said as noise and as v: |noise error|^2 = SNR |z_0 error|^2, |v error|^2 = (SNR + 1) |z_0 error|^2."""
    found = {}
    module = load_method(method)
    recipe = resolve(module, "x", {"min_snr_gamma": min_snr_gamma, **({} if method == "textual_inversion" else {"prior_weight": 1.0})})
    for kind in ("sd_epsilon", "sd_v"):
        base = tiny_base(kind)
        base.noise_scheduler.alphas_cumprod = tiny_base("sd_epsilon").alphas_cumprod
        rng = torch.Generator().manual_seed(0)
        z, noise, guess = (torch.randn((4, *base.latent_shape(32, 32)), generator=rng) for _ in range(3))
        t, is_class = torch.tensor([10, 300, 400, 700]), torch.tensor([False, False, True, True])
        z_t = base.add_noise(z, noise, t)
        a, s = base._signal_noise(t, z)
        said = (z_t - a * guess) / s if kind == "sd_epsilon" else (a * z_t - guess) / s
        assert torch.allclose(base.denoised(z_t, said, t), guess, atol=1e-3)
        step = Step(base, 0, z, noise, t, z_t, base.encode_prompts(["a cat"] * 4).detach(), said, base.target(z, noise, t), is_class)
        objectives = module.build(base, ConceptData("mycat", "cat", ()), recipe)[1]
        factor = base.snr(t) + (kind == "sd_v")
        found[kind] = []
        for objective in objectives:
            weighted = isinstance(objective, Denoising) and min_snr_gamma is not None
            for row in torch.where(is_class if isinstance(objective, ClassPrior) else ~is_class)[0].tolist():
                parts = (x[row : row + 1] for x in (z, noise, t, z_t, step.cond.tokens, said, step.target, is_class))
                one = Step(base, 0, *parts)
                found[kind].append(float(objective(one)) / (1 if weighted else float(factor[row])))
    assert len(found["sd_v"]) == (2 if method == "textual_inversion" else 4)
    assert found["sd_epsilon"] == pytest.approx(found["sd_v"], rel=1e-3)


def test_the_chosen_concept_of_a_resumed_run_is_that_of_an_uninterrupted_one(pictures, tmp_path, monkeypatch):
    def look(seen):
        pixels = torch.stack([torch.frombuffer(bytearray(p.convert("RGB").resize((8, 8)).tobytes()), dtype=torch.uint8) for p in seen]).float()
        return select.Seen(*[torch.nn.functional.normalize(pixels - pixels.mean(1, keepdim=True), dim=1)] * 2)

    monkeypatch.setattr(select, "can_judge", lambda *_: True)
    monkeypatch.setattr(select, "load_judge", lambda *_: look)
    monkeypatch.setattr(select, "STEPS", 2)
    finished = {}
    for run in ("whole", "parts"):
        settings = {"steps": 5, "batch_size": 2, "checkpoint_every": 2, "learning_rate": 1.0}
        for _ in range(2):  # the second call resumes, or finds everything done
            events = train("textual_inversion", pictures, "mycat", "cat", tiny_base(), tmp_path / run, **settings)
            for event in events:
                if run == "parts" and event.kind == "step" and event.step == 3:
                    events.close()
                finished[run] = event
    curves = [json.loads((tmp_path / run / "curve.json").read_text()) for run in ("whole", "parts")]
    assert [p["step"] for p in curves[0]["points"]] == [2, 4, 5] and curves[0] == curves[1]
    assert finished["whole"].values["chosen_step"] == finished["parts"].values["chosen_step"]
    one, two = (store.load(tmp_path / run / "mycat.safetensors") for run in ("whole", "parts"))
    assert one.digest == two.digest


def test_averages_are_the_mean_over_the_steps_that_they_say(pictures, tmp_path):
    base, settings = tiny_base(), {"num_vectors": 1, "learning_rate": 0.1, "steps": 4, "checkpoint_every": 1}
    table, tokenizer = base.pipeline.text_encoder.get_input_embeddings().weight, base.pipeline.tokenizer
    average = table[tokenizer("cat", add_special_tokens=False).input_ids].detach().clone()
    learn("textual_inversion", base, pictures, tmp_path / "live", **settings)
    learn("textual_inversion", base, pictures, tmp_path / "mean", ema_decay=0.3, **settings)
    assert losses(tmp_path / "live") == losses(tmp_path / "mean"), "what learns is not averaged"
    for step in range(1, 5):
        live, kept = (store.load(tmp_path / run / "checkpoints" / f"{step:06d}.safetensors").weights["token"]["clip_l"] for run in ("live", "mean"))
        decay = min(0.3, (1 + step) / (10 + step))
        average = decay * average + (1 - decay) * live
        assert torch.allclose(kept, average, atol=1e-6) and not torch.equal(kept, live)


def test_a_mask_leaves_the_rest_out_of_the_loss_also_mirrored(tmp_path, monkeypatch):
    folder, steps = picture_folder(tmp_path / "p", 2, 32), []
    for i in range(2):
        mask = Image.new("L", (32, 32), 0)
        mask.paste(255, (0, 0, 16, 32))
        mask.save(folder / f"{i:02d}.mask.png")
    original = denoising.squared_error
    monkeypatch.setattr(denoising, "squared_error", lambda step: steps.append(step) or original(step))
    learn("textual_inversion", tiny_base(), folder, tmp_path / "run", steps=4, flip=True, size=32)
    left = torch.zeros(1, 8, 8)
    left[..., :4] = 1
    masks = torch.cat([step.mask for step in steps])
    mirrored = [bool(torch.equal(mask, left.flip(-1))) for mask in masks]
    assert all(m or torch.equal(mask, left) for m, mask in zip(mirrored, masks)) and 0 < sum(mirrored) < len(masks)
    for step, logged in zip(steps, losses(tmp_path / "run")):
        error = (step.pred - step.target).detach().square()
        counted = torch.stack([row[:, mask[0] == 1].mean() for row, mask in zip(error, step.mask)])
        assert logged == pytest.approx(float(counted.mean()), rel=1e-5)


def test_prior_of_weight_zero_is_plain_fine_tuning(pictures, tmp_path, monkeypatch):
    changes = {"steps": 2, "class_pictures": 2, "class_steps": 2}
    learn("dreambooth", tiny_base(), pictures, tmp_path / "plain", **{**changes, "prior_weight": 0.0})
    assert not (tmp_path / "plain" / "class_pictures").exists()
    monkeypatch.setattr(dreambooth, "build", lambda base, data, recipe: (FullWeights(lr=recipe.learning_rate), [Denoising()]))
    learn("dreambooth", tiny_base(), pictures, tmp_path / "denoising", **changes)
    plain, alone = (store.load(tmp_path / run / "mycat.safetensors") for run in ("plain", "denoising"))
    assert all(torch.equal(plain.weights["full"][n], t) for n, t in alone.weights["full"].items())
    with_class = lambda base, data, recipe: (FullWeights(lr=recipe.learning_rate), [Denoising(), ClassPrior(0.0)])  # noqa: E731
    monkeypatch.setattr(dreambooth, "build", with_class)
    learn("dreambooth", tiny_base(), pictures, tmp_path / "zero", **changes)
    assert losses(tmp_path / "zero")[0] == pytest.approx(losses(tmp_path / "plain")[0], rel=1e-5)
