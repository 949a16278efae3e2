"""Ctrl-C while training: the step is finished, a checkpoint remains, the same command resumes."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from helpers import picture_folder, tiny_pipeline


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_resumes(tmp_path, number):
    tiny_pipeline("sd_v").save_pretrained(tmp_path / "base")
    pictures, out = str(picture_folder(tmp_path / "pictures", 2)), tmp_path / "run"
    command = [sys.executable, "-m", "persimg", "train", "textual_inversion", "--pictures", pictures, "--base", str(tmp_path / "base")]
    command += ["--name", "mycat", "--class-noun", "cat", "--batch-size", "1", "--no-library", "--out", str(out)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    running = subprocess.Popen([*command, "--steps", "100000"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    log, deadline = out / "log.jsonl", time.monotonic() + 50
    while not (log.exists() and log.read_text().count("\n") >= 2) and time.monotonic() < deadline:
        time.sleep(0.2)
    running.send_signal(number)
    _, errors = running.communicate(timeout=50)
    assert running.returncode == 130, errors
    assert "Traceback" not in errors and "the same command resumes" in errors
    done = json.loads(log.read_text().splitlines()[-1])["step"]
    assert (out / "checkpoints" / f"{done:06d}.safetensors").exists() and not (out / "mycat.safetensors").exists()
    again = subprocess.run([*command, "--steps", str(done + 2)], env=environment, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    steps = [json.loads(line)["step"] for line in log.read_text().splitlines()]
    assert steps == list(range(1, done + 3)) and (out / "mycat.safetensors").exists()
