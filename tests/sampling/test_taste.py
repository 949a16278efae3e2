"""The guide that puts taste into the conditioning."""

import json

import numpy as np
import pytest
import torch
from helpers import tiny_base

from persimg.errors import UserError
from persimg.sampling.guides import steered
from persimg.sampling.sampler import Sampler
from persimg.sampling.task import GuideUse, Task


@pytest.fixture(scope="module", params=["sd_v", "sdxl"])
def base(request):
    return tiny_base(request.param)


def taste(beta, liked=("a red cat",), disliked=("snow",)):
    return GuideUse("taste", json.dumps({"liked": list(liked), "disliked": list(disliked), "beta": beta}))


def encode(base):
    return lambda text: base.encode_prompts([text], (32, 32))


def steer(base, use, prompt="a dog"):
    with torch.no_grad():
        return steered(base, encode(base), encode(base)(prompt), [use])


def test_strength_zero_and_empty_lists_change_no_bit(base):
    plain = encode(base)("a dog").tokens
    assert torch.equal(steer(base, taste(0.0)).tokens, plain) and torch.equal(steer(base, taste(0.7, (), ())).tokens, plain)
    draw = [Sampler(base, batch=2).draw(["a dog"], [3], steps=2, guides=guides)[0].tobytes() for guides in ((), (taste(0.0),))]
    assert draw[0] == draw[1] != Sampler(base, batch=2).draw(["a dog"], [3], steps=2, guides=(taste(1.0),))[0].tobytes()


def test_the_change_is_beta_times_the_difference_and_pooled_states_stay(base):
    plain, half, whole = encode(base)("a dog"), steer(base, taste(0.5)), steer(base, taste(1.0))
    torch.testing.assert_close(2 * (half.tokens - plain.tokens), whole.tokens - plain.tokens, rtol=1e-4, atol=1e-5)
    assert plain.pooled is None or torch.equal(whole.pooled, plain.pooled)


def test_likes_and_dislikes_exchanged_flip_the_sign(base):
    plain = encode(base)("a dog").tokens
    one, other = steer(base, taste(1.0)).tokens - plain, steer(base, taste(1.0, ("snow",), ("a red cat",))).tokens - plain
    torch.testing.assert_close(one, -other, rtol=1e-4, atol=1e-5)


def test_neighbours_with_other_guides_share_a_batch_and_change_nothing():
    base = tiny_base("sd_v")
    sampler = Sampler(base, batch=2)
    tasks = [sampler.task("a dog", seed=1, steps=2, guides=guides) for guides in ((taste(1.0),), ())]
    together = [np.asarray(g.picture) for g in sampler.stream(tasks)]
    alone = [np.asarray(next(sampler.stream([task])).picture) for task in tasks]
    assert all(np.array_equal(a, b) for a, b in zip(together, alone)) and not np.array_equal(*together)


def test_guides_enter_a_task_s_id_and_unknown_ones_are_refused(base):
    assert len({Task("a dog", guides=guides).id for guides in ((), (taste(0.5),), (taste(1.0),))}) == 3
    with pytest.raises(UserError, match="there is no guide nothing; choose one of taste"):
        steer(base, GuideUse("nothing"))
    with pytest.raises(UserError, match="can't steer the conditioning of flux"):
        other = tiny_base("sd_v")
        other.__class__ = type("Flux", (other.__class__,), {"family": "flux"})
        steer(other, taste(1.0))
