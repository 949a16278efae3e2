"""The optimisers of the extras: they learn, resume bit for bit, and are refused before anything is written."""

import json

import pytest
import torch
from helpers import KINDS, picture_folder, tiny_base

from persimg.concepts import store
from persimg.errors import UserError
from persimg.training import optimizers
from persimg.training.recipe import load_method, resolve
from persimg.training.run import train

EXTRAS = {"prodigy": "prodigyopt", "adamw_8bit": "bitsandbytes"}


def needs(name):
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name])


def learn(base, pictures, out, method="dreambooth_lora", **changes):
    settings = {"batch_size": 2, "mixed_precision": "no", "checkpoint_every": 3, "steps": 6, "seed": 3, **changes}
    return list(train(method, pictures, "mycat", "cat", base, out, **settings))


def rows(out):
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return picture_folder(tmp_path_factory.mktemp("pictures"), 3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", EXTRAS)
def test_resumed_run_equals_an_uninterrupted_one(name, kind, pictures, tmp_path):
    needs(name)
    # at rank 64 layers are large enough for 8-bit moments: 64 x 64 numbers
    changes = {"optimizer": name, "rank": 64, "token_vectors": 1, "targets": "all", "train_text_encoder": True, "dora": kind == "sd_v"}
    learn(tiny_base(kind), pictures, tmp_path / "whole", **changes)
    learn(tiny_base(kind), pictures, tmp_path / "parts", steps=3, **changes)
    learn(tiny_base(kind), pictures, tmp_path / "parts", **changes)
    whole, parts = (store.load(tmp_path / run / "mycat.safetensors").weights for run in ("whole", "parts"))
    assert all(torch.equal(whole[space][n], parts[space][n]) for space in whole for n in whole[space])
    kept = ("step", "loss", "lr", "grad_norm")
    assert [[r[k] for k in kept] for r in rows(tmp_path / "whole")] == [[r[k] for k in kept] for r in rows(tmp_path / "parts")]


@pytest.mark.parametrize("method", ["textual_inversion", "dreambooth_lora"])
@pytest.mark.parametrize("name", EXTRAS)
def test_new_rows_and_lora_learn_with_it(name, method, tmp_path):
    needs(name)
    changes = {"learning_rate": 0.1, "num_vectors": 2} if method == "textual_inversion" else {"learning_rate": 1e-2}
    one = picture_folder(tmp_path / "one", 1)
    learn(tiny_base("sd_v"), one, tmp_path / "run", method, optimizer=name.replace("prodigy", "prodigy:4"), steps=60, checkpoint_every=60, batch_size=4, **changes)
    found = rows(tmp_path / "run")
    losses = [r["loss"] for r in found]
    assert sum(losses[-15:]) < (0.98 if method == "textual_inversion" else 0.93) * sum(losses[:15])
    if name == "prodigy":
        assert found[-1]["lr"] > 10 * found[0]["lr"], "the log shows the rate that it found"


def test_prodigy_has_its_usual_settings():
    pytest.importorskip("prodigyopt")
    weight = torch.nn.Parameter(torch.ones(2))
    groups = [{"params": [weight], "lr": 5e-6, "weight_decay": 0.1, "name": "x"}]
    group = optimizers.make_optimizer("prodigy:0.5", groups).param_groups[0]
    assert (group["lr"], group["d_coef"], group["weight_decay"]) == (1.0, 0.5, 0.1)
    assert group["use_bias_correction"] and group["safeguard_warmup"] and group["decouple"]


def test_large_tensors_have_moments_in_8_bits():
    pytest.importorskip("bitsandbytes")
    weight = torch.nn.Parameter(torch.ones(optimizers.LEAST_8BIT))
    weight.grad = torch.ones_like(weight)
    optimizer = optimizers.make_optimizer("adamw_8bit", [{"params": [weight], "lr": 1e-3, "weight_decay": 0.0}])
    optimizer.step()
    assert optimizer.state[weight]["state1"].dtype == torch.uint8


def test_states_hold_tensors_and_json_alone(pictures, tmp_path):
    pytest.importorskip("prodigyopt")
    from safetensors import safe_open

    learn(tiny_base(), pictures, tmp_path, steps=3, optimizer="prodigy")
    with safe_open(tmp_path / "checkpoints" / "000003.state", "pt") as file:
        header = file.metadata()
    groups = json.loads(header["groups"])
    assert json.loads(header["values"]) and groups[0]["k"] == 3 and groups[0]["d"] > 0


@pytest.mark.parametrize("name", ["sgd", "prodigy:x", "prodigy:0", "adamw:2", "prodigy:"])
def test_unknown_ones_are_refused(name):
    with pytest.raises(UserError, match="choose one of adamw, adamw_8bit, prodigy, or prodigy:D_COEF"):
        resolve(load_method("textual_inversion"), "x", {"optimizer": name})


@pytest.mark.parametrize("changes", [{"optimizer": "prodigy"}, {"optimizer": "adamw_8bit"}, {"tensorboard": True}])
def test_what_is_not_installed_is_refused(changes, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name in ("prodigyopt", "bitsandbytes", "tensorboard") else name)
    with pytest.raises(UserError, match=r"isn't installed; pip install 'persimg\[(optimizers|tensorboard)\]'"):
        resolve(load_method("textual_inversion"), "x", changes)


def test_one_without_kernels_is_refused_before_anything_is_written(pictures, tmp_path, monkeypatch):
    class Without(torch.optim.SGD):
        def step(self):
            raise NotImplementedError("no kernel\nfor cpu")

    monkeypatch.setattr(optimizers, "make_optimizer", lambda name, groups: Without(groups))
    monkeypatch.setattr(optimizers, "PACKAGES", dict.fromkeys(optimizers.PACKAGES, "torch"))
    with pytest.raises(UserError, match=r"adamw_8bit can't work on cpu here \(no kernel\)"):
        learn(tiny_base(), pictures, tmp_path / "run", optimizer="adamw_8bit")
    assert not (tmp_path / "run").exists()
