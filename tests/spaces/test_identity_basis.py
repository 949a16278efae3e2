import itertools
from dataclasses import asdict

import numpy as np
import pytest
import torch
from helpers import assert_same_tensors, tensors, tiny_base

from persimg.concepts import exporting, store
from persimg.concepts.concept import Card, Concept
from persimg.errors import UserError
from persimg.sampling.sampler import Sampler
from persimg.spaces import IdentityBasis, Stack, attach_concept
from persimg.spaces import basis as bases
from persimg.training.log import versions

WORDS = "cat dog robot car hat red blue green".split()
K = 6


@pytest.fixture(scope="module", params=["sd_v", "sdxl"])
def base(request):
    return tiny_base(request.param)


@pytest.fixture(scope="module")
def basis(base):
    return bases.build(base, [f"{a} {b}" for a, b in itertools.permutations(WORDS, 2)], K)


def learned(base, basis, seed=3):
    """A concept at a random point of the sphere."""
    space = Stack(IdentityBasis("<ann>", basis, "cat", seed=seed))
    space.attach(base)
    card = Card("ann", "person", space.expansion, base.record, "identity_basis", spaces=space.config())
    found = Concept(card, space.weights())
    space.detach()
    return found


def test_attached_rows_lie_one_from_the_mean_and_detach_restores_every_bit(base, basis):
    before = tensors(base)
    space = IdentityBasis("<ann>", basis, "cat")
    space.attach(base)
    for key, part in basis.parts.items():
        ids = base.tokenizers[key]("<ann> <ann>_1", add_special_tokens=False).input_ids
        rows = base.text_encoders[key].get_input_embeddings()(torch.tensor(ids)).detach()
        torch.testing.assert_close((rows - part.mean).norm(dim=-1), torch.ones(2), atol=1e-5, rtol=0)
        assert space.coefficients[key].shape == (2, K)
    assert space.relative_norm() > 0
    space.detach()
    assert_same_tensors(before, tensors(base))


def test_gradients_reach_the_coefficients_alone_and_steps_stay_on_the_sphere(base, basis):
    space = IdentityBasis("<ann>", basis, "cat", lr=0.1)
    space.attach(base)
    (group,) = space.param_groups()
    assert sum(p.numel() for p in group["params"]) == 2 * K * len(base.text_encoders)
    optimizer = torch.optim.AdamW(space.param_groups(), weight_decay=0)
    before = {key: c.clone() for key, c in space.coefficients.items()}
    base.encode_prompts(["a photo of <ann> <ann>_1"], (32, 32)).tokens.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in group["params"])
    optimizer.step()
    space.after_step(1)
    for key, now in space.coefficients.items():
        assert not torch.equal(now, before[key]) and now.norm(dim=-1) == pytest.approx([1, 1], abs=1e-5)
    space.detach()
    for encoder in base.text_encoders.values():
        encoder.zero_grad()


def test_the_file_is_small_and_draws_what_was_learned_without_the_basis(base, basis, tmp_path):
    concept, path = learned(base, basis), tmp_path / "ann.safetensors"
    store.save(concept, path)
    again = store.load(path)
    assert again.digest == concept.digest and path.stat().st_size < 16_000
    assert again.card.spaces["identity_basis"]["basis"] == basis.digest and again.card.trigger_phrase == "<ann>"
    live = IdentityBasis("<ann>", basis, "cat", seed=3)
    live.attach(base)
    expected = base.encode_prompts(["<ann> <ann>_1 in the snow"], (32, 32)).tokens.detach()
    live.detach()
    stack = attach_concept(base, again)
    found = base.encode_prompts(["<ann> <ann>_1 in the snow"], (32, 32)).tokens.detach()
    stack.detach()
    assert torch.equal(found, expected)


def record(width):
    """What cards say of a base of Stable Diffusion's sizes."""
    down, up = ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"], ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3
    unet = {"layers_per_block": 2, "down_block_types": down, "up_block_types": up, "cross_attention_dim": width}
    return {"name": "stable-diffusion-v1-5", "family": "sd", "fingerprint": "0" * 12, "prediction_type": "epsilon", "unet": unet}


@pytest.mark.parametrize("widths, most", [((768,), 16_384), ((768, 1280), 32_768)])
@pytest.mark.parametrize("letter, count", [("x", 2000), ("é", 1500), ("字", 1000), ("😀", 750)])
def test_at_the_sizes_of_stable_diffusion_the_file_is_small_however_long_the_consent(tmp_path, widths, most, letter, count):
    from persimg.concepts import consent
    from persimg.methods.identity_basis import Recipe

    said = letter * count
    consent.check("person", said)
    with pytest.raises(UserError, match="--consent"):
        consent.check("person", said + letter)
    space, digests = IdentityBasis("<ann>", "0" * 12), dict.fromkeys(("basis_digest", "pack_digest", "judge_digest", "cut"), "0" * 12)
    card = Card(
        "ann", "person", "<ann> <ann>_1", record(sum(widths)), "identity_basis", {"space": "identity basis", "inversion": "optimisation or a learned map", "scheme": "placeholder in the prompt"},
        asdict(Recipe()) | digests, {"identity_basis": space.config()}, {"digest": "0" * 12, "pictures": 10, "learned_with": 9}, 400,
        consent=said, versions=versions(), created="2026-05-01T12:00:00+00:00",
    )  # fmt: skip
    weights = {}
    for key, width in zip(("clip_l", "clip_g"), widths):
        weights |= {key: torch.randn(2, width), f"{key}_coefficients": torch.randn(2, 512)}
    store.save(Concept(card, {"identity_basis": weights}), tmp_path / "ann.safetensors")
    assert (tmp_path / "ann.safetensors").stat().st_size <= most and store.read_card(tmp_path / "ann.safetensors") == card


def test_a_name_by_its_own_coefficients_is_drawn_like_the_name(base):
    full = bases.build(base, [f"{a} {b}" for a, b in itertools.permutations(WORDS, 2)], len(WORDS) - 1)
    for name in ("cat dog", "hat green"):
        weights = {}
        for key, part in full.parts.items():
            rows = base.text_encoders[key].get_input_embeddings().weight[base.tokenizers[key](name, add_special_tokens=False).input_ids].detach().float()
            alpha = part.project(rows)
            weights |= {key: part.expand(alpha), f"{key}_coefficients": alpha}
        space = Stack(IdentityBasis("<ann>", full))
        concept = Concept(Card("ann", "person", space.expansion, base.record, "identity_basis", spaces=space.config()), {"identity_basis": weights})
        ours = Sampler(base, [concept], batch=1).draw(["a photo of <ann> in the snow"], [5], steps=3)[0]
        named, other = Sampler(base, batch=2).draw([f"a photo of {name} in the snow", "a photo of robot car in the snow"], [5, 5], steps=3)
        apart = [np.abs(np.asarray(ours).astype(int) - np.asarray(picture).astype(int)).max() for picture in (named, other)]
        assert apart[0] == 0 < apart[1]


def test_exported_it_is_a_textual_inversion_that_diffusers_draws_alike(basis, base, tmp_path):
    concept = learned(base, basis)
    exporting.export(concept, "diffusers", tmp_path / "ann.safetensors")
    ours = Sampler(base, [concept], batch=1).draw(["a photo of <ann>"], [5], steps=2)[0]
    from safetensors.torch import load_file

    rows = load_file(tmp_path / "ann.safetensors")
    other = tiny_base("sdxl" if len(base.text_encoders) > 1 else "sd_v").pipeline
    for key, (encoder, tokenizer) in {"clip_l": (other.text_encoder, other.tokenizer), "clip_g": (getattr(other, "text_encoder_2", None), getattr(other, "tokenizer_2", None))}.items():
        if encoder is not None:
            other.load_textual_inversion({"<ann>": rows.get(key, rows.get("<ann>"))}, token="<ann>", text_encoder=encoder, tokenizer=tokenizer)
    from persimg.bases.loading import wrap

    theirs = Sampler(wrap(other, "other"), batch=1, expansions={"<ann>": "<ann> <ann>_1"}).draw(["a photo of <ann>"], [5], steps=2)[0]
    assert np.abs(np.asarray(ours).astype(int) - np.asarray(theirs).astype(int)).max() <= 1


def test_scale_dials_between_the_word_and_the_person(base, basis):
    concept = learned(base, basis)
    found = []
    for scale in (0.0, 0.5, 1.0):
        stack = attach_concept(base, concept, scale)
        found.append(base.encode_prompts(["<ann> <ann>_1"], (32, 32)).tokens.detach())
        stack.detach()
    plain = base.encode_prompts(["cat cat"], (32, 32)).tokens.detach()
    torch.testing.assert_close(found[0], plain, atol=1e-5, rtol=0)
    assert not torch.equal(found[1], found[2])


def test_the_sphere_may_be_as_wide_as_the_names_are_apart(base, basis):
    space = IdentityBasis("<ann>", basis, "cat", radius="names")
    space.attach(base)
    weights, config = space.weights(), space.config()
    space.detach()
    for key, part in basis.parts.items():
        torch.testing.assert_close((weights[key] - part.mean).norm(dim=-1), part.radius, atol=1e-5, rtol=0)
        torch.testing.assert_close(weights[f"{key}_coefficients"].norm(dim=-1), part.radius, atol=1e-5, rtol=0)
        assert 0 < part.radius.max() < 1
    assert config["radius"] == "names"
    with pytest.raises(UserError, match="choose one of one, names"):
        IdentityBasis("<ann>", basis, "cat", radius="two")


def test_another_base_s_basis_and_none_are_refused(base, basis):
    for given, said in ((basis, "was built from"), (basis.digest, "a basis is needed|basis is needed")):
        with pytest.raises(UserError, match=said):
            IdentityBasis("<ann>", given, "cat").attach(tiny_base("sd_epsilon", seed=9))


def test_weights_of_another_shape_are_refused(base, basis):
    concept = learned(base, basis)
    weights = {name: tensor[:1] for name, tensor in concept.weights["identity_basis"].items()}
    with pytest.raises(UserError, match="identity_basis weights fit"):
        attach_concept(base, Concept(concept.card, {"identity_basis": weights}))
