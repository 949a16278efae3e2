"""DeepCache and the guided part of the steps: exact where switched off, what they say where on; ids of old tasks stay."""

import dataclasses

import numpy as np
import pytest
import torch
from helpers import KINDS, assert_same_tensors, random_concept, tensors, tiny_base

from persimg.errors import UserError
from persimg.sampling.feature_cache import FeatureCache
from persimg.sampling.sampler import Sampler
from persimg.sampling.task import ConceptUse, GuideUse, Task
from persimg.spaces import Lora, attach_concept

PROMPTS = ["a cat", "a red dog in the snow", "a robot"]


@pytest.fixture(scope="module", params=KINDS)
def base(request):
    return tiny_base(request.param)


def inputs(base, rows=2):
    z = torch.randn((rows, *base.latent_shape(32, 48)), generator=torch.Generator().manual_seed(3))
    return z, base.encode_prompts(PROMPTS[:rows])


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@torch.no_grad()
def test_interval_one_is_the_base_bit_for_bit(base):
    z, cond = inputs(base)
    predict = FeatureCache(base, 1)
    for t in (900, 500, 20):
        times = torch.full((2,), t)
        assert torch.equal(predict(z, times, cond), base.predict(z, times, cond))


@torch.no_grad()
def test_the_inner_blocks_run_every_so_many_calls(base):
    stack, runs = attach_concept(base, random_concept(base, Lora(rank=2, targets="all"))), []
    z, cond = inputs(base)
    handle = base.denoiser.mid_block.register_forward_hook(lambda *_: runs.append(len(found)))
    found, predict = [], FeatureCache(base, 3)
    for t in (900, 800, 700, 600, 500):
        found.append(predict(z * t / 900, torch.full((2,), t), cond))
    handle.remove()
    exact = [base.predict(z * t / 900, torch.full((2,), t), cond) for t in (900, 800, 700, 600, 500)]
    assert runs == [0, 3]
    assert [torch.equal(a, b) for a, b in zip(found, exact)] == [True, False, False, True, False]
    # what isn't kept from the step before is computed from this step's latents and time
    assert not torch.equal(found[1], found[0])
    stack.detach()


def test_pictures_with_kept_features(base):
    before, sampler = tensors(base), Sampler(base, [random_concept(base, Lora(rank=2))], batch=2)
    exact = sampler.draw(PROMPTS, range(3), steps=4)
    kept = sampler.draw(PROMPTS, range(3), steps=4, cache_interval=2)
    assert not same(exact, kept) and same(kept, sampler.draw(PROMPTS[::-1], [2, 1, 0], steps=4, cache_interval=2)[::-1])
    assert same(exact, sampler.draw(PROMPTS, range(3), steps=4))
    assert not [m for m in base.denoiser.modules() if m._forward_hooks or m._forward_pre_hooks or "forward" in vars(m)]
    assert_same_tensors(before, tensors(base))


def test_tasks_of_several_intervals_share_a_stream(base):
    sampler = Sampler(base, batch=2)
    tasks = [sampler.task(PROMPTS[i], seed=i, steps=4, cache_interval=n) for i, n in enumerate((1, 2, 1))]
    mixed = [g.picture for g in sampler.stream(tasks)]
    assert same(mixed, [next(iter(sampler.stream([task]))).picture for task in tasks])


def test_a_denoiser_without_an_inner_part_is_refused():
    from diffusers import UNet2DConditionModel

    base = tiny_base()
    base.pipeline.unet = UNet2DConditionModel(
        sample_size=8, layers_per_block=1, block_out_channels=(16,), norm_num_groups=8, cross_attention_dim=16,
        down_block_types=("CrossAttnDownBlock2D",), up_block_types=("CrossAttnUpBlock2D",), attention_head_dim=8,
    )  # fmt: skip
    with pytest.raises(UserError, match="--cache-interval 2 needs a U-Net with an outer and an inner part"):
        Sampler(base, batch=1).draw(["a cat"], [0], steps=2, cache_interval=2)


def test_guidance_until_halves_the_later_rows(base, monkeypatch):
    rows, predict = [], base.predict
    monkeypatch.setattr(base, "predict", lambda z, t, cond: rows.append(len(z)) or predict(z, t, cond))
    sampler = Sampler(base, batch=1)
    part = sampler.draw(["a cat"], [0], steps=5, guidance_until=0.6)
    assert rows == [2, 2, 2, 1, 1]
    whole, none = (sampler.draw(["a cat"], [0], steps=5, **s) for s in ({}, {"guidance": 1.0}))
    assert not same(part, whole) and not same(part, none)
    assert same(none, sampler.draw(["a cat"], [0], steps=5, guidance=1.0, guidance_until=0.6))


def test_ids_of_earlier_versions_stay():
    use, guide = ConceptUse("mycat", "0123456789ab", 0.7), GuideUse("taste", "{}")
    full = Task("a <mycat>", "dark", (use,), "f00", 7, 64, 32, 9, 2.5, "ddim", "abc", 0.5, (guide,))
    assert (Task("a cat").id, full.id) == ("7821f5015b0a7bf4", "d4f32e6846c5ba54")
    ids = {dataclasses.replace(full, **change).id for change in ({}, {"cache_interval": 2}, {"cache_interval": 3}, {"guidance_until": 0.5})}
    assert len(ids) == 4


@pytest.mark.parametrize("bad", [{"cache_interval": 0}, {"guidance_until": 0}, {"guidance_until": 1.1}])
def test_values_out_of_range_are_refused(bad):
    with pytest.raises(UserError, match="out of range"):
        Task("a cat", **bad)
