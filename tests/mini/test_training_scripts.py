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
        run.done_step(torch.tensor(1.0))
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


def test_a_ring_gives_random_ones_of_the_newest_samples_and_keeps_sizes_apart(monkeypatch):
    import drawing

    monkeypatch.setattr(drawing, "KEPT", 20)
    monkeypatch.setattr(drawing, "FIRST", 1)
    ring = drawing.Ring(iter(()), 8, torch.Generator().manual_seed(0))
    for i in range(10):
        large = i % 2
        values = torch.arange(8 if large else 4) + 10 * i
        ring.put((values[:, None].expand(-1, 5 if large else 3), values))
    seen = {3: set(), 5: set()}
    for _ in range(200):
        x, values = next(ring)
        assert torch.equal(x[:, 0], values) and len(x) == (8 if x.shape[1] == 5 else 4)
        seen[x.shape[1]] |= set(values.tolist())
    small = {10 * i + k for i in (0, 2, 4, 6, 8) for k in range(4)}
    large = {10 * i + k for i in (7, 9) for k in range(8)}
    assert seen[3] == small and seen[5] == large


def test_what_fails_behind_a_ring_is_raised_in_front():
    import drawing

    ring = drawing.Ring(iter(()), 8, torch.Generator())
    ring.failed = ValueError("no ink")
    with pytest.raises(ValueError, match="no ink"):
        next(ring)


def test_crops_are_parts_of_their_pictures():
    from mini_vae import crops, training_batch

    pictures = torch.arange(3 * 20 * 20 * 3).reshape(3, 20, 20, 3)
    found = crops(pictures, 8, torch.Generator().manual_seed(0))
    assert found.shape == (6, 8, 8, 3)
    for i, crop in enumerate(found):
        y, x = divmod(int(crop[0, 0, 0] - pictures[i // 2, 0, 0, 0]) // 3, 20)
        assert torch.equal(crop, pictures[i // 2, y : y + 8, x : x + 8])
    renders = torch.zeros(4, 128, 128, 3, dtype=torch.uint8)
    assert training_batch(renders, 0.1, torch.Generator()).shape == (8, 3, 64, 64)
    assert training_batch(renders, 0.9, torch.Generator()).shape == (2, 3, 128, 128)


def test_adam_beside_muon_is_torchs_own():
    from muon import Muon

    torch.manual_seed(0)
    ours = [torch.randn(7), torch.randn(3, 5)]
    theirs = [p.clone() for p in ours]
    mine, reference = Muon(ours, 0.02, 1e-2), torch.optim.Adam(theirs, 1e-2, betas=(0.9, 0.98))
    for _ in range(4):
        for a, b in zip(ours, theirs):
            a.grad = b.grad = torch.randn(a.shape)
        mine.step()
        reference.step()
    for a, b in zip(ours, theirs):
        torch.testing.assert_close(a, b)


def test_training_on_a_gpu_ends_what_needs_what_failed(tmp_path, monkeypatch):
    import mini_all

    args = argparse.Namespace(device="cuda", minutes=10.0, out=tmp_path, options="")
    training = mini_all.Training(args)
    begun = []
    monkeypatch.setattr(training, "train", lambda model, minutes: begun.append(model.name) or model.name != "renders")
    for lane in mini_all.GPU_LANES:
        training.lane(lane)
    assert set(training.failed) == {"renders", "base"} and "base" not in begun and len(begun) == 10
    shared = [lane for lane in mini_all.GPU_LANES if all(model.share for model in lane)]
    assert len(shared) == 2
    for lane in shared:
        assert sum(training.minutes(model, lane) for model in lane) == pytest.approx(10 - mini_all.SETUP_MINUTES * len(lane))
