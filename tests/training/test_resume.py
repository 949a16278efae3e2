"""A run that is stopped, extended, repeated or started over keeps what it promised."""

import logging

import pytest
import torch
from helpers import assert_same_tensors, picture_folder, tensors, tiny_base
from test_training import learn, losses, weights

from persimg.concepts import library, store
from persimg.errors import UserError
from persimg.training import checkpoint, loop, select
from persimg.training.run import train

LORA = {"prior_weight": 0.0, "token_vectors": 0, "train_text_encoder": True}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return picture_folder(tmp_path_factory.mktemp("pictures"), 3)


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.WARNING, "persimg")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "persimg"]


@pytest.mark.parametrize("changes", [{}, {"gradient_accumulation": 2, "gradient_checkpointing": True}])
def test_dropout_is_resumed_bit_for_bit_whatever_torch_draws_besides(changes, pictures, tmp_path):
    changes = {**LORA, "dropout": 0.5, **changes}
    torch.manual_seed(1)
    learn("dreambooth_lora", tiny_base(), pictures, tmp_path / "whole", **changes)
    torch.manual_seed(2)
    learn("dreambooth_lora", tiny_base(), pictures, tmp_path / "parts", steps=3, **changes)
    learn("dreambooth_lora", tiny_base(), pictures, tmp_path / "parts", **changes)
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(whole[n], parts[n]) for n in whole)
    assert losses(tmp_path / "whole") == losses(tmp_path / "parts")
    learn("dreambooth_lora", tiny_base(), pictures, tmp_path / "none", **{**changes, "dropout": 0.0})
    assert losses(tmp_path / "none") != losses(tmp_path / "whole"), "dropout does something"


def test_the_scale_of_fp16_gradients_is_kept(tmp_path):
    weight = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.AdamW([weight])
    before, after = torch.amp.GradScaler("cpu", init_scale=64.0, growth_interval=2), torch.amp.GradScaler("cpu")
    before.scale(weight.sum()).backward()
    before.step(optimizer)
    before.update()
    checkpoint.save_state(tmp_path / "000001.state", 1, [weight], optimizer, None, before)
    checkpoint.load_state(tmp_path / "000001.state", [weight], optimizer, None, after)
    assert after.state_dict() == before.state_dict() and after.state_dict()["_growth_tracker"] == 1
    checkpoint.load_state(tmp_path / "000001.state", [weight], optimizer, None)


def test_a_checkpoint_that_an_interrupt_left_is_no_candidate(pictures, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(select, "can_judge", lambda *_: True)
    monkeypatch.setattr(select, "load_judge", lambda *_: "a judge")

    def choose(base, found, *_):
        seen.append([int(p.stem) for p in found])
        (tmp_path / "run" / "curve.json").write_text("{}")
        yield {"step": 3}
        return found[0]

    monkeypatch.setattr(select, "choose", choose)
    events = train("textual_inversion", pictures, "mycat", "cat", tiny_base(), tmp_path / "run", steps=5, batch_size=1, checkpoint_every=3)
    for event in events:
        if event.kind == "step" and event.step == 2:
            events.close()
    assert (tmp_path / "run" / "checkpoints" / "000002.safetensors").exists()
    list(train("textual_inversion", pictures, "mycat", "cat", tiny_base(), tmp_path / "run", steps=5, batch_size=1, checkpoint_every=3))
    list(train("textual_inversion", pictures, "mycat", "cat", tiny_base(), tmp_path / "run", steps=7, batch_size=1, checkpoint_every=3))
    assert seen == [[3, 5], [3, 6, 7]]


@pytest.mark.parametrize("where", ["forward", "update"])
def test_ctrl_c_inside_a_step_leaves_a_whole_checkpoint(where, pictures, tmp_path, monkeypatch):
    base = tiny_base()
    before = tensors(base)
    learn("dreambooth_lora", base, pictures, tmp_path / "whole", steps=4, **LORA)
    name = {"forward": "_forward", "update": "_update"}[where]
    original = getattr(loop.Loop, name)

    def interrupted(self, *args):
        result = original(self, *args)
        if self.step == 2:
            raise KeyboardInterrupt
        return result

    with monkeypatch.context() as patch:
        patch.setattr(loop.Loop, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            learn("dreambooth_lora", base, pictures, tmp_path / "parts", steps=4, **LORA)
    assert_same_tensors(before, tensors(base))
    # weights that are half updated aren't kept: the step is done again from the checkpoint before
    kept = sorted(p.name for p in (tmp_path / "parts" / "checkpoints").glob("*")) if where == "forward" else []
    assert kept == (["000002.safetensors", "000002.state"] if where == "forward" else [])
    learn("dreambooth_lora", base, pictures, tmp_path / "parts", steps=4, **LORA)
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(whole[n], parts[n]) for n in whole) and losses(tmp_path / "whole") == losses(tmp_path / "parts")


def test_a_run_replaces_its_own_concept_in_the_library_alone(pictures, tmp_path):
    base = tiny_base()
    learn("textual_inversion", base, pictures, tmp_path / "one", steps=1, add_to_library=True)
    kept = library.path_of("mycat").read_bytes()
    learn("textual_inversion", base, pictures, tmp_path / "two", steps=1, seed=9)  # --no-library
    with pytest.raises(UserError, match="the library already has a concept named mycat"):
        learn("textual_inversion", base, pictures, tmp_path / "two", steps=1, seed=9, add_to_library=True)
    assert library.path_of("mycat").read_bytes() == kept
    learn("textual_inversion", base, pictures, tmp_path / "one", steps=2, add_to_library=True)
    assert store.load(library.path_of("mycat")).card.step == 2
    learn("textual_inversion", base, pictures, tmp_path / "two", steps=1, seed=9, add_to_library=True, replace=True)
    assert library.path_of("mycat").read_bytes() == (tmp_path / "two" / "mycat.safetensors").read_bytes()


def test_what_is_not_as_it_seems_is_said(pictures, tmp_path, said):
    base, changes = tiny_base(), {"batch_size": 1, "checkpoint_every": 1, "lr_schedule": "linear"}
    learn("textual_inversion", base, pictures, tmp_path, steps=2, **changes)
    assert [text for text in said() if "--select-encoder" in text] and not [text for text in said() if "planned" in text]
    learn("textual_inversion", base, pictures, tmp_path, steps=3, select=False, **changes)
    expected = "this run was planned for 2 steps: with lr_schedule linear, going on to 3 differs from 3 steps from the start, which --restart gives"
    assert said().count(expected) == 1 and len([text for text in said() if "--select-encoder" in text]) == 1


def test_rows_that_grow_long_are_said_once_and_noted_each_step(pictures, tmp_path, said):
    events = learn("textual_inversion", tiny_base(), pictures, tmp_path, steps=4, learning_rate=2.0)
    norms = [event.values["relative_norm"] for event in events if event.kind == "step"]
    assert len(norms) == 4 and norms[-1] > norms[0] > 3
    assert len([text for text in said() if "times as long as words" in text]) == 1
    assert '"relative_norm": ' in (tmp_path / "log.jsonl").read_text().splitlines()[-1]


def test_starting_over_leaves_nothing_of_the_old_run(pictures, tmp_path):
    base = tiny_base()
    learn("textual_inversion", base, pictures, tmp_path, steps=2, sample_every=1)
    (tmp_path / "tensorboard").mkdir()
    (tmp_path / "tensorboard" / "events").write_text("")
    old = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file() and "cache" not in p.parts}
    learn("textual_inversion", base, pictures, tmp_path, steps=1, restart=True)
    assert all(not p.exists() or p.stat().st_mtime_ns != time for p, time in old.items())
    assert not (tmp_path / "samples").exists() and not (tmp_path / "tensorboard").exists()
