"""The evaluators' networks and what their training scripts take the loss of; untrained, small, on the CPU."""

import random

import numpy as np
import pytest
import torch

pytest.importorskip("skia")

from persimg.mini.nets import Reader, SelfSupervised, load_reader, load_ssl, save_reader, save_ssl
from persimg.mini.world.labels import is_asked, label_names, presence
from persimg.mini.world.render import draw
from persimg.mini.world.scene import Scene, Subject, sample_scene

TWO = (Subject("cat", "red"), Subject("dog", "blue"))


def pictures(count, seed=0):
    from mini_vae import pixels, sample

    rng = random.Random(seed)
    return pixels([draw(sample(rng), masks=False).picture for _ in range(count)])


def test_the_reader_reads_every_slot_and_says_where():
    reader = Reader(label_names(), 8).eval()
    x = torch.rand(3, 3, 128, 128) * 2 - 1
    logits, where = reader.read_and_locate(x)
    assert {slot: values.shape for slot, values in logits.items()} == {slot: (3, len(names)) for slot, names in label_names().items()}
    assert where.shape == (3, 3, 16, 16)
    assert torch.equal(reader(x)["kind_1"], logits["kind_1"]) and set(reader.read(x)[0]) == set(label_names())


def test_saved_evaluators_are_the_same_again(tmp_path):
    torch.manual_seed(0)
    x = torch.rand(2, 3, 128, 128) * 2 - 1
    reader, encoder = Reader(label_names(), 8).eval(), SelfSupervised(8).eval()
    save_reader(reader, tmp_path / "reader")
    save_ssl(encoder, tmp_path / "ssl")
    assert torch.allclose(load_reader(tmp_path / "reader")(x)["place"], reader(x)["place"], atol=1e-2)
    assert torch.allclose(load_ssl(tmp_path / "ssl")(x), encoder(x), atol=1e-2)


def test_presence_is_left_right_and_people():
    scene = Scene(TWO, "snow", "flat", 3)
    turned = Scene(TWO[::-1], "snow", "flat", 3, relation="right of")
    found = presence(scene, draw(scene))
    middle = [np.average(np.arange(16), weights=channel.sum(0)) for channel in found[:2]]
    assert found.shape == (3, 16, 16) and 0 <= found.min() and found.max() <= 1
    assert middle[0] < 7.5 < middle[1] and not found[2].any()
    assert turned.from_left == scene.from_left and presence(turned, draw(turned))[0].argmax() % 16 < 8
    person = sample_scene(random.Random(0), people=True)
    assert presence(person, draw(person))[2].sum() > 5


def test_only_what_is_there_is_asked():
    one, two = Scene(TWO[:1], "snow", "flat"), Scene(TWO, "snow", "flat")
    assert is_asked("kind_0", one) and not is_asked("kind_1", one) and is_asked("kind_1", two)
    assert not is_asked("relation", one) and is_asked("relation", two) and not is_asked("hair_0", one) and is_asked("place", one)


def test_the_readers_loss_falls():
    from drawing import normalised
    from mini_reader import answers, drawn, loss_of, scene_of
    from muon import Muon

    torch.manual_seed(0)
    rng = random.Random(0)
    scenes = [scene_of(rng) for _ in range(8)]
    shown, maps = drawn(scenes)
    x = normalised(shown)
    reader = Reader(label_names(), 16).to(memory_format=torch.channels_last)
    optimizer = Muon(reader.parameters(), 0.01, 2e-3, plain=[reader.position, *reader.heads.parameters()])
    losses = []
    for _ in range(6):
        slots, where = loss_of(reader, answers(scenes), x, maps)
        optimizer.zero_grad()
        (slots + where).backward()
        optimizer.step()
        losses.append((slots.item(), where.item()))
    assert losses[-1][0] < 0.8 * losses[0][0] and losses[-1][1] < losses[0][1]


def test_the_self_supervised_encoder_gives_unit_vectors_of_any_picture_size():
    encoder = SelfSupervised(8).eval()
    for side in (96, 128):
        found = encoder(torch.rand(3, 3, side, side) * 2 - 1)
        assert found.shape == (3, 128) and torch.allclose(found.norm(dim=1), torch.ones(3), atol=1e-5)


def test_self_supervision_falls_and_its_collapse_would_show():
    from mini_ssl import expander, rank, spread, step_of

    torch.manual_seed(0)
    rng = torch.Generator().manual_seed(0)
    encoder, x = SelfSupervised(4), pictures(12)
    head = expander(encoder.size)
    optimizer = torch.optim.AdamW([*encoder.parameters(), *head.parameters()], 2e-3)
    losses = []
    for _ in range(20):
        loss, watched = step_of(encoder, head, x, rng, side=64)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert np.mean(losses[-3:]) < 0.95 * np.mean(losses[:3]) and watched["spread"] > 0.5 and watched["rank"] > 2
    same = torch.ones(12, 8) + 1e-6 * torch.randn(12, 8)
    line = torch.randn(12, 1) @ torch.ones(1, 8)
    assert spread(same) < 0.01 and rank(line) == pytest.approx(1, abs=0.01)
    assert spread(torch.randn(500, 64)) == pytest.approx(1, abs=0.05)


def test_two_views_of_a_picture_differ_and_stay_in_range():
    from mini_ssl import view

    x, rng = pictures(3), torch.Generator().manual_seed(1)
    a, b = view(x, rng, 64), view(x, rng, 64)
    assert a.shape == (3, 3, 64, 64) and (a - b).abs().mean() > 0.05 and a.abs().max() < 1.6
