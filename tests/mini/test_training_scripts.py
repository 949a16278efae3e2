import argparse
import json
import random

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


def test_an_autoencoder_is_written_once_for_one_training(tmp_path, monkeypatch):
    import mini_vae

    monkeypatch.setattr(mini_vae, "STATISTICS", 2)
    vae, run = mini_vae.build(), argparse.Namespace(args=argparse.Namespace(out=tmp_path, device="cpu"), step=5, trained_seconds=9.25)

    def written(seed):
        # other statistics, as sums in another order would give
        mini_vae.export(vae, run, random.Random(seed))
        return (tmp_path / "vae" / "diffusion_pytorch_model.safetensors").read_bytes()

    first = written(0)
    assert written(1) == first
    run.trained_seconds += 1
    assert written(1) != first


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


def test_the_last_step_is_logged_once_and_saved(tmp_path):
    from training_run import Run

    def steps_logged(name, steps):
        args = argparse.Namespace(out=tmp_path / name, minutes=9, decay=0.5, seed=3, device="cpu", batch=8, keep=True)
        run, saved = Run(args, {"model": torch.nn.Linear(2, 2)}, steps=steps), []
        while run.goes_on():
            saved.append(run.done_step(torch.tensor(float(run.step))))
        assert saved == [False] * (steps - 1) + [True] and run.path.exists()
        return [(row["step"], row["loss"]) for row in map(json.loads, (tmp_path / name / "log.jsonl").read_text().splitlines())]

    assert steps_logged("odd", 53) == [(50, 24.5), (53, 51)] and steps_logged("even", 50) == [(50, 24.5)]


def test_a_run_tells_its_command(tmp_path):
    from mini_install import told
    from training_run import Run

    args = argparse.Namespace(out=tmp_path, minutes=9.0, decay=0.5, seed=3, device="cpu", batch=8, workers=4, keep=True, text_only=False, init=None)
    assert told("base", tmp_path) == {}
    Run(args, {})
    again = "python scripts/mini_base.py --vae build/mini/vae/vae --batch 8 --decay 0.5 --device cpu --keep --minutes 9.0 --seed 3"
    assert told("base", tmp_path) == {"seed": 3, "command": again}


def test_a_card_of_a_run_that_tells_nothing_has_no_other_runs_command():
    from mini_install import CARDS

    assert {name: card["command"] for name, card in CARDS.items()} == {name: f"scripts/mini_{name}.py" for name in CARDS}


def test_a_base_of_a_step_on_the_way_has_the_card_of_its_run(tmp_path):
    from mini_install import install
    from training_run import Run

    run = tmp_path / "run"
    Run(argparse.Namespace(out=run, minutes=9.0, decay=0.5, seed=3, device="cpu", keep=True), {})
    rows = [{"step": 50, "seconds": 360}, {"step": 100, "seconds": 720}, {"step": 150, "seconds": 1080}]
    (run / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for folder, steps, hours in (("steps/000098", 98, 0.2), ("base", 150, 0.3)):
        (run / folder).mkdir(parents=True)
        install("base", run / folder, {}, tmp_path)
        card = json.loads((tmp_path / "base" / "card.json").read_text())
        assert (card["seed"], card["steps"], card["hours"]) == (3, steps, hours)
        assert card["command"].endswith("--decay 0.5 --device cpu --keep --minutes 9.0 --seed 3")


def test_a_command_tells_zeros_and_no_steps_where_minutes_end_it(tmp_path):
    from training_run import ENDLESS, Run, command

    args = argparse.Namespace(out=tmp_path, minutes=9.0, decay=0.5, seed=0, device="cpu", people=0.0, steps=ENDLESS, keep=False, init=None)
    Run(args, {})
    assert command("x.py", tmp_path) == "python scripts/x.py --decay 0.5 --device cpu --minutes 9.0 --people 0.0 --seed 0"
    args.steps = 0
    Run(args, {})
    assert command("x.py", tmp_path).endswith("--seed 0 --steps 0")


def test_a_checkpoint_of_other_options_is_refused_and_keeps_its_own(tmp_path):
    from training_run import Run, options

    def run(**other):
        args = {"out": tmp_path, "minutes": 1.0, "decay": 0.5, "seed": 0, "device": "cpu", "workers": 1, "batch": 8, "keep": False}
        return Run(argparse.Namespace(**{**args, **other}), {"model": torch.nn.Linear(2, 2)})

    run().save()
    with pytest.raises(SystemExit, match="checkpoint.pt was made with another seed, batch: choose another --out, or delete .*checkpoint.pt") as stop:
        run(seed=1, batch=4)
    assert "\n" not in str(stop.value) and options(tmp_path)["seed"] == 0
    assert run(minutes=2.0, decay=0.1, workers=3, keep=True).step == 0 and options(tmp_path)["minutes"] == 2.0
    (tmp_path / "options.json").unlink()  # as older versions left it
    run(seed=1)
    assert options(tmp_path)["seed"] == 1
    (tmp_path / "checkpoint.pt").unlink()
    run(seed=2)
    assert options(tmp_path)["seed"] == 2


def base_args(out, **other):
    return argparse.Namespace(**{"out": out, "seed": 0, "people": 0.5, "renders": 64, "workers": 0, "device": "cpu", **other})


def test_latents_are_made_anew_for_another_autoencoder_or_other_options(tmp_path, monkeypatch, capsys):
    import mini_base
    from mini_vae import build

    drawn = []

    def few(args, tokenizer, rng):
        drawn.append((args.seed, args.people))
        return torch.full((64, 128, 128, 3), len(drawn), dtype=torch.uint8), torch.zeros(64, mini_base.POSITIONS, dtype=torch.int16)

    monkeypatch.setattr(mini_base, "captioned_renders", few)
    torch.manual_seed(0)
    vae = build().eval()
    first = mini_base.encode_renders(vae, None, base_args(tmp_path))
    again = mini_base.encode_renders(vae, None, base_args(tmp_path))
    assert torch.equal(first[0], again[0]) and len(drawn) == 1 and "anew" not in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latents.json", "latents.pt"]
    for other, name in (({"seed": 1}, "seed"), ({"seed": 1, "people": 0.1}, "people"), ({"seed": 1, "people": 0.1, "renders": 128}, "renders")):
        found = mini_base.encode_renders(vae, None, base_args(tmp_path, **other))
        assert f"another {name}: it is made anew" in capsys.readouterr().out and drawn[-1] == (other["seed"], other.get("people", 0.5))
    assert len(found[0]) == 128
    with torch.no_grad():
        vae.quant_conv.bias += 1
    moved = mini_base.encode_renders(vae, None, base_args(tmp_path, **other))
    assert "another autoencoder" in capsys.readouterr().out and not torch.equal(moved[0], found[0])


def test_renders_and_text_tower_are_made_anew_for_other_options(tmp_path, monkeypatch, capsys):
    import mini_base
    from mini_tokenizer import build_tokenizer

    made, tokenizer = [], build_tokenizer(mini_base.VOCABULARY)
    monkeypatch.setattr(mini_base, "teach_parsing", lambda text, tokenizer, args: made.append(args.seed))
    monkeypatch.setattr(
        mini_base, "captioned_renders",
        lambda args, tokenizer, rng: (made.append(args.people), torch.zeros(64, 128, 128, 3).byte(), torch.zeros(64, 48).short())[1:],
    )  # fmt: skip
    for args in (base_args(tmp_path), base_args(tmp_path), base_args(tmp_path, seed=2)):
        mini_base.taught_text_tower(tokenizer, args)
    assert made == [0, 2] and capsys.readouterr().out.count("another seed: it is made anew") == 1
    for people in (0.5, 0.5, 0.25):
        mini_base.draw_renders(tokenizer, base_args(tmp_path, people=people))
    assert made == [0, 2, 0.5, 0.25] and capsys.readouterr().out.count("another people: it is made anew") == 1


def test_what_a_base_with_a_checkpoint_has_stays_when_other_options_are_asked_for(tmp_path, monkeypatch):
    import mini_base

    monkeypatch.setattr(mini_base, "restart_with_allocator", lambda: None)
    monkeypatch.setattr(mini_base, "draw_renders", lambda tokenizer, args: drawn.append(args.people))
    monkeypatch.setattr("sys.argv", ["mini_base.py", "--renders-only", "--people", "0.1", "--out", str(tmp_path)])
    drawn = []
    (tmp_path / "checkpoint.pt").touch()
    (tmp_path / "options.json").write_text('{"people": 0.4, "renders_only": false}')
    with pytest.raises(SystemExit, match="another people"):
        mini_base.main()
    assert not drawn
    (tmp_path / "options.json").write_text('{"people": 0.1, "renders_only": false}')
    mini_base.main()
    assert drawn == [0.1]


def test_a_cache_that_tells_nothing_is_said_to(tmp_path, capsys):
    from training_run import is_kept

    (tmp_path / "x.pt").touch()
    assert not is_kept(tmp_path / "x.pt", {"seed": 0})
    assert capsys.readouterr().out == f"{tmp_path / 'x.pt'} doesn't tell what it was made from: it is made anew\n"


def test_what_was_left_half_done_is_made_anew(tmp_path, capsys):
    from training_run import is_kept, keep_facts

    path = tmp_path / "x.pt"
    path.write_text("of seed 0")
    keep_facts(path, {"seed": 0})
    assert is_kept(path, {"seed": 0}) and not is_kept(path, {"seed": 1})
    path.write_text("of seed 1, half")
    assert not is_kept(path, {"seed": 0}) and not is_kept(path, {"seed": 1})


def test_a_base_that_was_stopped_before_its_export_is_exported_and_with_no_other_autoencoder(tmp_path, monkeypatch):
    import mini_base

    args = base_args(tmp_path, minutes=1e-9, decay=0.5, batch=2, rate=1.0, keep=False)
    exported, encoded, vae = [], [], torch.nn.Linear(1, 1)
    monkeypatch.setattr(mini_base, "BATCH", 2)
    zeros = torch.zeros(4, 12, 16, 16).half(), torch.zeros(4, 48).short()
    monkeypatch.setattr(mini_base, "encode_renders", lambda *_: encoded.append(1) or zeros)
    monkeypatch.setattr(mini_base, "export", lambda unet, text, vae, tokenizer, average, folder: exported.append(average.mean[0].clone()))
    tokenizer = mini_base.build_tokenizer(mini_base.VOCABULARY)

    def train():
        torch.manual_seed(len(exported))
        mini_base.train(mini_base.build_unet(), mini_base.build_text_tower(tokenizer), vae, tokenizer, args)

    train()
    assert len(exported) == 1 and (tmp_path / "checkpoint.pt").exists()
    train()  # nothing is left to train: what the checkpoint holds is exported
    assert len(exported) == 2 and torch.equal(exported[0], exported[1])
    vae.bias.data += 1
    with pytest.raises(SystemExit, match="checkpoint.pt was made with another autoencoder: choose another --out, or delete"):
        train()
    assert len(exported) == len(encoded) == 2  # neither base nor latents were made anew
    (tmp_path / "checkpoint.pt").unlink()
    train()
    assert len(exported) == 3


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


def test_scenes_that_a_script_changes_are_none_held_out():
    from mini_clip import elsewhere
    from mini_vae import sample

    from persimg.mini.world.scene import is_held_out

    rng = random.Random(11)
    for _ in range(2000):
        scene = sample(rng)
        moved = elsewhere(scene, rng)
        assert not is_held_out(moved) and moved.subjects == scene.subjects and moved.place != scene.place


@pytest.mark.parametrize(("fails", "left_out"), [("vae", {"base"}), ("reader", set()), ("clip", set())])
def test_training_on_cpu_goes_on_with_what_needs_nothing_that_failed(tmp_path, monkeypatch, fails, left_out):
    import mini_all

    training = mini_all.Training(argparse.Namespace(device="cpu", minutes=None, out=tmp_path, options=""))
    begun = []
    monkeypatch.setattr(training, "train", lambda model, minutes: begun.append(model.name) or model.name != fails)
    training.lane(mini_all.CPU_LANE)
    assert set(training.failed) == {fails} | left_out and begun == [m.name for m in mini_all.CPU_LANE if m.name not in left_out]


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
