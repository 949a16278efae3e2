"""Texts are encoded once; keys and values of the text once a batch; no bit depends on either."""

import contextlib
import json

import numpy as np
import pytest
import torch
from helpers import random_concept, tiny_base

from persimg.sampling import texts
from persimg.sampling.sampler import Sampler
from persimg.sampling.task import GuideUse
from persimg.sampling.text_keys import TextKeys
from persimg.spaces import Lora

TASTE = (GuideUse("taste", json.dumps({"liked": ["red"], "disliked": ["blue"]})),)


@pytest.fixture
def counted(monkeypatch):
    base, seen = tiny_base("sdxl"), []
    encode = base.encode_prompts
    monkeypatch.setattr(base, "encode_prompts", lambda prompts, size=None: seen.append((*prompts, size)) or encode(prompts, size))
    return base, seen


def tasks_of(sampler):
    prompts = ["a cat", "a dog", "a cat", "a robot", "a cat", "a dog"]
    return [sampler.task(p, seed=i, steps=1, guides=TASTE if i == 4 else (), width=48 if i == 5 else None) for i, p in enumerate(prompts)]


def test_a_text_is_encoded_once_a_stream(counted):
    base, seen = counted
    sampler = Sampler(base, batch=2)
    list(sampler.stream(tasks_of(sampler)))
    one, wide = (32, 32), (32, 48)
    expected = [("a cat", one), ("a dog", one), ("", one), ("a robot", one), ("red", one), ("blue", one), ("a dog", wide), ("", wide)]
    assert sorted(seen) == sorted(expected)
    list(sampler.stream(tasks_of(sampler)))
    assert len(seen) == 2 * len(expected)


def test_what_is_kept_is_bounded_and_changes_no_bit(counted, monkeypatch):
    base, seen = counted
    sampler = Sampler(base, batch=2)
    before = [g.picture for g in sampler.stream(tasks_of(sampler))]
    monkeypatch.setattr(texts, "MAX_BYTES", 0)
    after = [g.picture for g in sampler.stream(tasks_of(sampler))]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    kept = texts.Texts(base)
    assert len(kept.rows(["a cat", "a dog", "a cat"], (32, 32))) == 3 and len(kept._kept) == 1


@pytest.mark.parametrize("kind", ["sd_v", "sdxl"])
def test_keys_of_the_text_change_no_bit_and_leave_nothing(kind, monkeypatch):
    base = tiny_base(kind)
    concept = random_concept(base, Lora(rank=2))
    with Sampler(base, [concept], batch=2) as sampler:
        once = sampler.draw(["a cat", "a dog"], [0, 1], steps=3)
        assert not [m for m in base.denoiser.modules() if "forward" in vars(m)]
        monkeypatch.setattr("persimg.sampling.denoising.TextKeys", lambda base: contextlib.nullcontext())
        assert all(np.array_equal(a, b) for a, b in zip(once, sampler.draw(["a cat", "a dog"], [0, 1], steps=3)))


def test_keys_of_the_text_are_computed_once_a_tensor():
    base = tiny_base()
    keys, calls = TextKeys(base), []
    layer = next(m for name, m in base.denoiser.named_modules() if name.endswith("attn2")).to_k
    handle = layer.register_forward_hook(lambda *_: calls.append(1))
    tokens, other = torch.zeros(1, 4, 16), torch.ones(1, 4, 16)
    with keys:
        first, again, changed = layer(tokens), layer(tokens), layer(other)
    handle.remove()
    assert again is first and torch.equal(changed, layer(other)) and not torch.equal(changed, first)
