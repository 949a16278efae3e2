"""Two processes learn what one learns; each takes a device of its own, and runs of one process don't mind each other."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from helpers import picture_folder, tiny_base, tiny_pipeline
from learn_all import METHODS

from persimg.bases.loading import load_base
from persimg.concepts import store
from persimg.errors import UserError
from persimg.spaces import basis as bases
from persimg.training.processes import make_accelerator, process_device
from persimg.training.run import train

ROOT = Path(__file__).parents[2]


def learn(processes, folder, steps, out):
    """Every method, in so many processes; which there are is asserted, as accelerate falls back to one without a word."""
    launcher = [sys.executable] if processes == 1 else [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    environment = {**os.environ, "ACCELERATE_USE_CPU": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [*launcher, str(ROOT / "tests" / "training" / "learn_all.py"), str(folder), str(steps), str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"learned on {processes} process(es)") == processes
    return {method: store.load(out / method / "mycat.safetensors").weights for method in METHODS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    tiny_pipeline("sd_v").save_pretrained(folder / "base")
    picture_folder(folder / "pictures", 3)
    words = itertools.permutations("cat dog robot car hat red".split(), 2)
    bases.save(bases.build(load_base(str(folder / "base")), [" ".join(pair) for pair in words], 4), folder / "basis.safetensors")
    return folder


@pytest.fixture(scope="module")
def alone(folder):
    return learn(1, folder, 4, folder / "one")


def assert_as_learned_alone(alone, other):
    for method, spaces in alone.items():
        for kind, tensors in spaces.items():
            for name, tensor in tensors.items():
                # AdamW's first steps divide by the gradient's own size: rounding of sums shows at a hundredth of a step
                difference = (tensor.float() - other[method][kind][name].float()).abs().max()
                assert difference < 1e-4 * max(1.0, float(tensor.abs().max())), (method, name, float(difference))


def logged(out, method):
    return [json.loads(line) for line in (out / method / "log.jsonl").read_text().splitlines()]


def test_two_processes_learn_what_one_learns_and_save_it_once(folder, alone):
    out = folder / "two"
    assert_as_learned_alone(alone, learn(2, folder, 4, out))
    for method in METHODS:
        for step, (one, two) in enumerate(zip(logged(folder / "one", method), logged(out, method), strict=True), 1):
            assert one["step"] == two["step"] == step
            assert two["grad_norm"] == pytest.approx(one["grad_norm"], rel=1e-3) and two["loss"] == pytest.approx(one["loss"], rel=1e-4)
        assert len(list((out / method / "checkpoints").glob("*.safetensors"))) == 2


def test_a_run_goes_on_with_another_number_of_processes(folder, alone):
    out = folder / "changed"
    learn(2, folder, 2, out)
    assert_as_learned_alone(alone, learn(1, folder, 4, out))


def test_and_the_other_way_round(folder, alone):
    out = folder / "back"
    learn(1, folder, 2, out)
    assert_as_learned_alone(alone, learn(2, folder, 4, out))


@pytest.mark.parametrize(
    ("asked", "environment", "gpus", "expected"),
    [
        (None, {}, 4, None),
        (None, {"LOCAL_RANK": "0"}, 4, "cuda:0"),
        (None, {"LOCAL_RANK": "3"}, 4, "cuda:3"),
        (None, {"LOCAL_RANK": "1"}, 0, None),
        ("cpu", {"LOCAL_RANK": "1"}, 4, "cpu"),
        ("cuda:2", {"LOCAL_RANK": "1"}, 4, "cuda:2"),
        (None, {"LOCAL_RANK": "1", "ACCELERATE_USE_CPU": "1"}, 4, "cpu"),
    ],
)
def test_each_process_takes_a_gpu_of_its_own(asked, environment, gpus, expected):
    assert process_device(asked, environment, gpus) == expected


def test_more_processes_than_gpus_are_refused():
    with pytest.raises(UserError, match="process 2 has no GPU, this machine has 2"):
        process_device(None, {"LOCAL_RANK": "2"}, 2)


def test_runs_of_one_process_each_have_their_precision(tmp_path):
    base, pictures, learned = tiny_base(), picture_folder(tmp_path / "pictures", 2), {}
    for run, precision in (("one", "bf16"), ("two", "no"), ("three", "bf16")):
        settings = {"steps": 2, "batch_size": 1, "mixed_precision": precision}
        list(train("textual_inversion", pictures, "mycat", "cat", base, tmp_path / run, **settings))
        learned[run] = store.load(tmp_path / run / "mycat.safetensors").weights["token"]["clip_l"]
    assert torch.equal(learned["one"], learned["three"]) and not torch.equal(learned["one"], learned["two"])
    with pytest.raises(UserError, match="mixed_precision fp16 needs a GPU, this run is on cpu; use bf16 or no"):
        list(train("textual_inversion", pictures, "mycat", "cat", base, tmp_path / "four", steps=1, mixed_precision="fp16"))
    assert not (tmp_path / "four").exists()


def test_a_gpu_beyond_the_last_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UserError, match=r"--device cuda:99 was asked for, this machine has 2 CUDA device\(s\); choose cuda:0 to cuda:1"):
        load_base("mini", device="cuda:99")


@pytest.mark.parametrize(("is_there", "expected"), [(True, "bf16"), (False, "no")])
def test_auto_is_bf16_where_the_processor_multiplies_in_it(is_there, expected, monkeypatch):
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: is_there)
    assert make_accelerator("auto", torch.device("cpu")).mixed_precision == expected
    assert make_accelerator("bf16", torch.device("cpu")).mixed_precision == "bf16", "what was asked for stays"
