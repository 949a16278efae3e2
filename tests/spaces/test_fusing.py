"""Fused LoRA draws what LoRA beside its layers draws, and leaves no bit behind."""

import pytest
import torch
from helpers import assert_same_tensors, random_concept, tensors, tiny_base

from persimg.concepts.concept import Card, Concept
from persimg.sampling.sampler import Sampler
from persimg.spaces import FullWeights, Lora, TokenEmbeddings, attach_concept
from persimg.spaces.fusing import Fused

CASES = {
    "attention": [Lora(rank=2, alpha=8)],
    "everything": [Lora(rank=2, targets="all")],
    "text": [Lora(rank=2, text_encoder=True), TokenEmbeddings("<mycat>", 2, "cat")],
    "dora": [Lora(rank=2, dora=True)],
    "whole": [FullWeights(), Lora(rank=2)],
}


@torch.no_grad()
def predict(base):
    z = torch.randn((1, *base.latent_shape(32, 32)), generator=torch.Generator().manual_seed(3))
    return base.predict(z, torch.tensor([500]), base.encode_prompts(["a red cat in the snow"]))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["sd_v", "sdxl"])
def test_fusing_changes_rounding_alone_and_is_undone_exactly(kind, case):
    base = tiny_base(kind)
    bare, plain = tensors(base), predict(base)
    stack = attach_concept(base, random_concept(base, *CASES[case]), 0.7)
    beside, before = predict(base), tensors(base)
    fused = Fused(base)
    found = predict(base)
    fused.undo()
    assert_same_tensors(before, tensors(base))
    assert torch.equal(predict(base), beside)
    stack.detach()
    assert_same_tensors(bare, tensors(base))
    # fp32 sums in another order
    assert (found - beside).abs().max() < 1e-5 < (found - plain).abs().max()


def renamed(concept, name):
    return Concept(Card(**{**vars(concept.card), "name": name}), concept.weights)


def test_the_sampler_fuses_several_concepts_and_lets_go():
    base = tiny_base()
    bare = tensors(base)
    kinds = {"a": False, "b": True, "c": False}
    concepts = [(renamed(random_concept(base, Lora(rank=2, dora=dora)), name), 0.5) for name, dora in kinds.items()]
    for used in (concepts, concepts[::2]):
        with Sampler(base, used, batch=1):
            beside = predict(base)
        with Sampler(base, used, batch=1, fuse=True) as sampler:
            assert (predict(base) - beside).abs().max() < 1e-5
            sampler.draw(["a cat"], [0], steps=1)
        assert_same_tensors(bare, tensors(base))


def test_a_failing_layer_leaves_nothing_fused(monkeypatch):
    from peft.tuners.lora import Conv2d

    base = tiny_base()
    bare, concept = tensors(base), random_concept(base, Lora(rank=2, targets="all"))

    def fail(self, *_, **__):
        raise MemoryError

    monkeypatch.setattr(Conv2d, "merge", fail)
    with pytest.raises(MemoryError):
        Sampler(base, [concept], fuse=True).draw(["a cat"], [0], steps=1)
    assert_same_tensors(bare, tensors(base))
