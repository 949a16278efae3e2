"""Two processes learn what one learns; each takes a device of its own, and runs of one process don't mind each other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from helpers import picture_folder, tiny_base, tiny_pipeline

from persimg.bases.loading import load_base
from persimg.concepts import store
from persimg.errors import UserError
from persimg.training.processes import process_device
from persimg.training.run import train

ROOT = Path(__file__).parents[2]


def run(processes, launcher, method, base, pictures, out, tmp_path):
    argv = ["--pictures", pictures, "--base", base, "--name", "mycat", "--class-noun", "cat", "--steps", "3", "--batch-size", "4", "--no-library"]
    environment = {**os.environ, "ACCELERATE_USE_CPU": "1", "OMP_NUM_THREADS": "1", "PERSIMG_HOME": str(tmp_path / "home")}
    command = [*launcher, str(ROOT / "trainers" / f"{method}.py"), *argv, "--out", str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert f"on {processes} process(es)" in done.stdout
    return store.load(out / "mycat.safetensors").weights["token"]["clip_l"]


def test_two_processes_equal_one(tmp_path):
    tiny_pipeline("sd_v").save_pretrained(tmp_path / "base")
    pictures = str(picture_folder(tmp_path / "pictures", 3))
    where = ("textual_inversion", str(tmp_path / "base"), pictures)
    one = run(1, [sys.executable], *where, tmp_path / "one", tmp_path)
    two = run(2, [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"], *where, tmp_path / "two", tmp_path)
    # AdamW's first steps divide by the gradient's own size: rounding of sums shows at a hundredth of a step of 2e-3
    assert torch.allclose(one, two, atol=2e-5)
    rows = (tmp_path / "two" / "log.jsonl").read_text().splitlines()
    assert len(rows) == 3


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
