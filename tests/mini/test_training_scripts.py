import argparse

import pytest
import torch

pytest.importorskip("skia")


def test_folded_latents_are_standard_and_round_trips_unchanged():
    from mini_vae import build, fold, psnr

    torch.manual_seed(0)
    vae, x = build(), torch.rand(8, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        before = vae.decode(vae.encode(x).latent_dist.mean).sample
        quality = psnr(vae, x)
        fold(vae, x)
        z = vae.encode(x).latent_dist.mean
        after = vae.decode(z).sample
    assert torch.allclose(before, after, atol=1e-4) and psnr(vae, x) == pytest.approx(quality, abs=1e-3)
    assert z.mean((0, 2, 3)).abs().max() < 1e-4 and (z.std((0, 2, 3)) - 1).abs().max() < 1e-4


def test_a_run_resumes_where_it_was(tmp_path):
    from muon import Muon
    from training_run import Run

    args = argparse.Namespace(out=tmp_path, minutes=1, decay=0.5, seed=0, device="cpu")
    model = torch.nn.Linear(40, 40)
    run = Run(args, {"model": model})
    for _ in range(3):
        run.done_step(1.0)
    run.save()
    again = Run(args, {"model": torch.nn.Linear(40, 40)})
    assert again.step == 3 and torch.equal(again.state["model"].weight, model.weight)
    assert not list(tmp_path.glob("*.part")) and again.rate(1) == pytest.approx(1.0, abs=0.01)
    optimizer = Muon(model.parameters(), 0.02, 1e-3)
    model(torch.ones(2, 40)).square().sum().backward()
    before = model.weight.detach().clone()
    optimizer.step()
    # an orthogonal update has singular values of about 1, whatever the gradient's size
    values = torch.linalg.svdvals((before - model.weight.detach()) / 0.02)
    assert 0.5 < values.max() < 1.3
