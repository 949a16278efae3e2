"""torch.compile: what makes it compile anew, and one line where it can't."""

import numpy as np
import pytest
import torch
from helpers import assert_same_tensors, random_concept, tensors, tiny_base

from persimg.bases.compiling import check_compile, compile_denoiser
from persimg.errors import UserError
from persimg.sampling.sampler import Sampler
from persimg.spaces import FullWeights, Lora, TokenEmbeddings


def test_without_a_compiler_one_line_says_so():
    with torch._inductor.config.patch({"cpp.cxx": ("/nowhere/g++",)}), pytest.raises(UserError) as caught:
        check_compile("cpu")
    assert str(caught.value).startswith("torch.compile can't be used on cpu here (") and "C++ compiler" in str(caught.value)


@pytest.fixture
def compiled():
    """A base, and a list that grows with every graph that is compiled."""
    torch._dynamo.reset()
    base, graphs = tiny_base("sd_v"), []
    compile_denoiser(base, lambda graph, inputs: graphs.append(graph) or graph.forward)
    yield base, graphs
    torch._dynamo.reset()


def test_concepts_come_and_go_without_compiling_anew(compiled):
    base, graphs = compiled
    before, expected = tensors(base), tiny_base("sd_v")
    for spaces in ([Lora(rank=2)], [Lora(rank=4, targets="all")], [TokenEmbeddings("<mycat>", 2, "cat")], [FullWeights()]):
        concept = random_concept(base, *spaces)
        pictures = [Sampler(b, [concept], batch=2, fuse=True).draw(["a cat", "a dog"], [0, 1], steps=2) for b in (base, expected)]
        assert all(np.array_equal(a, b) for a, b in zip(*pictures))
        assert_same_tensors(before, tensors(base))
    assert (per_shape := len(graphs)) == 1
    Sampler(base, batch=2).draw(["a cat"], [0], steps=2)
    assert len(graphs) == per_shape
    Sampler(base, batch=1).draw(["a cat"], [0], steps=2)
    assert len(graphs) == 2 * per_shape
