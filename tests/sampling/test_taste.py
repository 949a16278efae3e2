"""The guide that puts taste into the conditioning."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import tiny_base

from persimg.errors import UserError
from persimg.sampling.guides import steered
from persimg.sampling.guides.classifier_free import classifier_free
from persimg.sampling.guides.predicted_taste import Pull, predicted_taste
from persimg.sampling.guides.taste import pull
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


# --- in the predictions ------------------------------------------------------------------------------------------------


def predicted(beta=1.0, **changes):
    given = {"liked": ["a red cat"], "disliked": ["snow"], "beta": beta, "form": "prediction", **changes}
    return GuideUse("taste", json.dumps(given))


def predictions(base, pulls, guidance=4.0, words=("a red cat", "snow")):
    """Plain and pulled predictions (2, 4, 8, 8) of two pictures, and a function text → the prediction under it, pooled as the prompt."""
    cond, uncond, liked, disliked = (base.encode_prompts([text] * 2, (32, 32)) for text in ("a dog", "", *words))
    z_t, t = torch.randn((2, 4, 8, 8), generator=torch.Generator().manual_seed(0)), torch.full((2,), 500)
    with torch.no_grad():
        plain = classifier_free(base, cond, uncond, guidance)(z_t, t)
        pulled = predicted_taste(base, cond, uncond, liked, disliked, pulls, guidance)(z_t, t)
        alone = [base.predict(z_t, t, replace(c, pooled=cond.pooled)) for c in (liked, disliked)]
        return plain, pulled, base.predict(z_t, t, uncond), alone


def test_predictions_combine_as_the_authors_release_does(base):
    pull = Pull("a red cat", "snow", 0.85, 0.85)
    plain, pulled, _, (towards, away) = predictions(base, [pull, None])
    torch.testing.assert_close(pulled[0], plain[0] + 4 * 0.85 * (towards - away)[0], rtol=1e-4, atol=1e-5)
    assert torch.equal(pulled[1], plain[1]), "its neighbour isn't pulled"


def test_at_guidance_one_lists_count_from_the_prompt_s_prediction(base):
    """Each with its own strength, and no more of them than that."""
    plain, pulled, _, (towards, away) = predictions(base, [Pull("", "", 0.7, 0.2)] * 2, guidance=1.0)
    torch.testing.assert_close(pulled, plain + 0.7 * (towards - plain) - 0.2 * (away - plain), rtol=1e-4, atol=1e-5)


def test_a_task_s_pull_has_liked_and_disliked_in_their_places_and_the_dial_s_share_of_its_strengths():
    assert pull((predicted(beta=0.5),)) == Pull("a red cat", "snow", 0.425, 0.425)
    assert pull((predicted(beta=0.5, d_plus=0.8, d_minus=0.2),)) == Pull("a red cat", "snow", 0.4, 0.1)
    assert pull((predicted(liked=[]),)) == Pull("", "snow", 0.0, 0.85) and pull((predicted(disliked=[]),)) == Pull("a red cat", "", 0.85, 0.0)
    assert pull((taste(1.0),)) is None and pull(()) is None


@pytest.mark.parametrize("form", ["states", "prediction"])
@pytest.mark.parametrize("changes, message", [
    ({"bta": 3}, "the guide taste has no parameter bta; choose from liked, disliked, beta, form, d_plus, d_minus"),
    ({"beta": "x"}, "beta of the guide taste is 'x'; give a number"),
    ({"d_plus": None}, "d_plus of the guide taste is None; give a number"),
    ({"d_minus": float("nan")}, "d_minus of the guide taste is nan; give a number"),
    ({"liked": "snow"}, "liked of the guide taste is 'snow'; give a list of texts"),
    ({"disliked": [1]}, r"disliked of the guide taste is \[1\]; give a list of texts"),
])  # fmt: skip
def test_a_mistyped_parameter_is_told(base, form, changes, message):
    use = predicted(**{"form": form, **changes})
    for read in (lambda: steer(base, use), lambda: pull((use,))):
        with pytest.raises(UserError, match=message):
            read()


def test_likes_and_dislikes_exchanged_flip_the_pull(base):
    plain, one, *_ = predictions(base, [Pull("", "", 0.85, 0.3)] * 2)
    _, other, *_ = predictions(base, [Pull("", "", 0.3, 0.85)] * 2, words=("snow", "a red cat"))
    torch.testing.assert_close(one - plain, plain - other, rtol=1e-3, atol=1e-5)
    assert (one - plain).abs().max() > 1e-3


def test_coefficients_add_up_to_one_whatever_the_strengths():
    """Under texts that all predict the same, a prediction stays it; counted as released it would be 1 + 4 (0.85 - 0.2) times as large."""
    base = tiny_base("sd_v")
    for each in (Pull("", "", 0.85, 0.2), Pull("", "", 0.0, 0.85), Pull("", "", 0.85, 0.85)):
        plain, pulled, *_ = predictions(base, [each] * 2, words=("", ""))
        apart = predictions(base, [each] * 2)[1]
        for statistic in (torch.mean, torch.std):
            torch.testing.assert_close(statistic(pulled), statistic(plain), rtol=1e-4, atol=1e-5)
        assert 0.5 < apart.std() / plain.std() < 2


@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_a_pull_of_nothing_changes_no_bit_and_works_beside_plain_tasks(base, guidance):
    sampler = Sampler(base, batch=3)
    nothing = (predicted(0.0), predicted(liked=[], disliked=[]), predicted(d_plus=0, d_minus=0))
    plain = [np.asarray(p) for p in sampler.draw(["a dog"], [3], steps=2, guidance=guidance)]
    for use in nothing:
        assert np.array_equal(plain[0], np.asarray(sampler.draw(["a dog"], [3], steps=2, guidance=guidance, guides=(use,))[0]))
    tasks = [sampler.task("a dog", seed=3, steps=2, guidance=guidance, guides=guides) for guides in ((predicted(),), (), (predicted(liked=[]),))]
    together = [np.asarray(g.picture) for g in sampler.stream(tasks)]
    alone = [np.asarray(next(sampler.stream([task])).picture) for task in tasks]
    assert all(np.array_equal(a, b) for a, b in zip(together, alone)) and np.array_equal(together[1], plain[0])
    assert not np.array_equal(together[0], plain[0]) and not np.array_equal(together[2], together[0])


def test_the_prediction_s_form_leaves_the_conditioning_alone_and_others_are_unknown(base):
    assert torch.equal(steer(base, predicted()).tokens, encode(base)("a dog").tokens)
    with pytest.raises(UserError, match="no form magic; choose one of states, prediction"):
        steer(base, predicted(form="magic"))
