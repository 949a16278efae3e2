"""The method identity_basis, by the laws that hold for every method."""

import itertools
import json

import pytest
import torch
from helpers import assert_same_tensors, picture_folder, tensors, tiny_base

from persimg.concepts import store
from persimg.errors import UserError
from persimg.spaces import attach_concept
from persimg.spaces import basis as bases
from persimg.training import loop
from persimg.training.run import train

WORDS = "cat dog robot car hat red blue green".split()
QUICK = {"batch_size": 2, "mixed_precision": "no", "checkpoint_every": 3, "seed": 3, "init": "cat", "learning_rate": 0.1, "consent": "a drawn person"}


@pytest.fixture(scope="module", params=["sd_v", "sdxl"])
def base(request):
    return tiny_base(request.param)


@pytest.fixture(scope="module")
def basis(base, tmp_path_factory):
    path = tmp_path_factory.mktemp("basis") / "b.safetensors"
    bases.save(bases.build(base, [f"{a} {b}" for a, b in itertools.permutations(WORDS, 2)], 6), path)
    return path


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return picture_folder(tmp_path_factory.mktemp("pictures") / "p", 3)


def learn(base, basis, pictures, out, steps=6, **changes):
    list(train("identity_basis", pictures, "ann", "person", base, out, **{**QUICK, "basis": str(basis), "steps": steps, **changes}))
    return store.load(out / "ann.safetensors")


def test_resumed_equals_uninterrupted_and_the_base_is_as_before(base, basis, pictures, tmp_path):
    before = tensors(base)
    whole = learn(base, basis, pictures, tmp_path / "whole")
    learn(base, basis, pictures, tmp_path / "parts", steps=3)
    parts = learn(base, basis, pictures, tmp_path / "parts")
    assert_same_tensors(before, tensors(base))
    assert whole.digest == parts.digest and whole.card.spaces["identity_basis"]["basis"] == bases.load(basis).digest


def test_what_is_stored_is_a_point_on_the_sphere_and_small(base, basis, pictures, tmp_path):
    concept, found = learn(base, basis, pictures, tmp_path / "run"), bases.load(basis)
    weights = concept.weights["identity_basis"]
    for key, part in found.parts.items():
        alpha = weights[f"{key}_coefficients"]
        assert alpha.shape == (2, 6) and alpha.norm(dim=-1) == pytest.approx([1, 1], abs=1e-5)
        torch.testing.assert_close(weights[key], part.expand(alpha), atol=1e-6, rtol=0)
    assert (tmp_path / "run" / "ann.safetensors").stat().st_size < 16_000 * len(found.parts)
    attach_concept(base, concept).detach()


def test_gradients_reach_the_coefficients_alone(base, basis, pictures, tmp_path, monkeypatch):
    seen, original = [], loop.Loop._update

    def update(self):
        own = {id(p) for p in self.params}
        others = [p for part in (base.denoiser, base.pipeline.vae, *base.text_encoders.values()) for p in part.parameters() if id(p) not in own]
        assert all(p.grad is None and not p.requires_grad for p in others)
        seen.append((sum(p.numel() for p in self.params), all(bool(p.grad.any()) for p in self.params)))
        return original(self)

    monkeypatch.setattr(loop.Loop, "_update", update)
    learn(base, basis, pictures, tmp_path / "run", steps=2)
    assert seen == [(2 * 6 * len(base.text_encoders), True)] * 2


def test_loss_falls_on_one_picture_with_one_noise(base, basis, tmp_path, monkeypatch):
    original = loop.seeds.generator

    def still(seed, purpose, *where):
        return original(seed, purpose, *(where[1:] if purpose in ("noise", "timestep") else where))

    monkeypatch.setattr(loop.seeds, "generator", still)
    learn(base, basis, picture_folder(tmp_path / "one", 1), tmp_path / "run", steps=40, templates="none", checkpoint_every=40)
    found = [json.loads(line)["loss"] for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert found[-1] < found[0] and sum(found[-5:]) < sum(found[:5])


def test_without_a_basis_and_with_another_base_s(base, basis, pictures, tmp_path):
    with pytest.raises(UserError, match="persimg basis build"):
        learn(base, "", pictures, tmp_path / "none")
    with pytest.raises(UserError, match="was built from"):
        learn(tiny_base("sd_epsilon", seed=5), basis, pictures, tmp_path / "other")
    with pytest.raises(UserError, match="doesn't exist"):
        learn(base, tmp_path / "nowhere", pictures, tmp_path / "gone")
