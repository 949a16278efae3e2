import pytest
import torch
from helpers import KINDS, tiny_base

from persimg.objectives.denoising import Denoising, min_snr
from persimg.objectives.objective import Step
from persimg.objectives.prior import ClassPrior


def step(base, pred=None, is_class=(False, False, True, True), mask=None):
    rng = torch.Generator().manual_seed(0)
    shape = (4, *base.latent_shape(32, 32))
    z, noise = torch.randn(shape, generator=rng), torch.randn(shape, generator=rng)
    t = torch.tensor([0, 300, 700, 999])
    cond = base.encode_prompts(["a cat"] * 4).detach()
    pred = torch.zeros(shape) if pred is None else pred
    return Step(base, 0, z, noise, t, base.add_noise(z, noise, t), cond, pred, base.target(z, noise, t), torch.tensor(is_class), mask)


@pytest.fixture(scope="module", params=KINDS)
def base(request):
    return tiny_base(request.param)


def test_each_half_has_its_own_mean(base):
    s = step(base)
    error = (s.pred - s.target).square().mean((1, 2, 3))
    assert Denoising()(s) == pytest.approx(float(error[:2].mean()), rel=1e-6)
    assert ClassPrior(0.5)(s) == pytest.approx(0.5 * float(error[2:].mean()), rel=1e-6)


def test_gradient_of_the_sum_is_the_sum_of_gradients(base):
    def gradient(*objectives):
        pred = torch.zeros(4, *base.latent_shape(32, 32), requires_grad=True)
        sum(o(step(base, pred)) for o in objectives).backward()
        return pred.grad

    both = gradient(Denoising(), ClassPrior())
    assert torch.allclose(both, gradient(Denoising()) + gradient(ClassPrior()), rtol=1e-5)


def test_min_snr_weighs_z_0_alike_for_both_predictions():
    """min(SNR, g) |z - z_hat|^2 is the same number, whichever way the model predicts (t = 999 left out for epsilon)."""
    losses = {}
    for kind in ("sd_epsilon", "sd_v"):
        base = tiny_base(kind)
        base.noise_scheduler.alphas_cumprod = tiny_base("sd_epsilon").alphas_cumprod
        s = step(base)
        z_hat = s.z_0 + 0.1
        a, sigma = (x.sqrt().reshape(-1, 1, 1, 1) for x in (base.alphas_cumprod[s.t], 1 - base.alphas_cumprod[s.t]))
        pred = (s.z_t - a * z_hat) / sigma if kind == "sd_epsilon" else (a * s.z_t - z_hat) / sigma
        losses[kind] = (pred - s.target).square().mean((1, 2, 3)) * min_snr(s, 5.0)
    assert torch.allclose(losses["sd_epsilon"], losses["sd_v"], rtol=1e-3)


def test_min_snr_is_finite_at_zero_snr():
    s = step(tiny_base("sd_v"))
    weight = min_snr(s, 5.0)
    assert torch.isfinite(weight).all() and weight[-1] == 0


def test_what_the_mask_leaves_out_does_not_count(base):
    mask = torch.zeros(4, 1, 8, 8)
    mask[..., :4] = 1
    inside = step(base, mask=mask)
    changed = inside.pred.clone()
    changed[..., 4:] += 100
    assert Denoising()(inside) == Denoising()(step(base, changed, mask=mask))
