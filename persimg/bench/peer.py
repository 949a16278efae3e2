"""diffusers' own example scripts, unmodified, beside `persimg train`: whole processes, start-up left out.

A script has no hook between its steps, so each side is run twice, with few and with more steps; the difference of their
wall times is that of the further steps. Both sides are measured so, in turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from persimg.errors import UserError

SCRIPTS = {"textual_inversion": "examples/textual_inversion/textual_inversion.py", "dreambooth_lora": "examples/dreambooth/train_dreambooth_lora.py"}
FEW = 2


def check_checkout(folder: Path) -> None:
    """UserError unless the folder is a checkout of diffusers with its examples."""
    missing = [s for s in SCRIPTS.values() if not (folder / s).is_file()]
    if missing:
        raise UserError(f"--peer {folder} has no {missing[0]}", "name a checkout of the diffusers repository")


def measure(method: str, checkout: Path, base: str, batch: int, steps: int, rounds: int, threads: int) -> dict[str, dict[str, float]]:
    """Arm → median seconds a step, ratio of steps per second to the script's, peak memory of its process in MB."""
    from persimg.bases.loading import load_base, locate
    from persimg.bench.train import draw_pictures

    size = load_base(base, dtype="fp32", device="cpu").default_size
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_pictures(folder / "pictures", size)
        commands = {
            "diffusers' script": _script(method, checkout, str(locate(base)), folder, size, batch),
            "persimg": _ours(method, base, folder, batch), "persimg, bf16": [*_ours(method, base, folder, batch), "--mixed-precision", "bf16"],
        }  # fmt: skip
        turns: dict[str, list[float]] = {title: [] for title in commands}
        peaks = dict.fromkeys(commands, 0.0)
        for _ in range(rounds):
            for title, command in commands.items():
                few, _ = _timed(command, FEW, folder, threads)
                more, peak = _timed(command, FEW + steps, folder, threads)
                turns[title].append((more - few) / steps)
                peaks[title] = max(peaks[title], peak)
    first = turns["diffusers' script"]
    return {
        title: {"seconds_per_step": statistics.median(found), "peak_mb": peaks[title], "ratio": statistics.median(a / b for a, b in zip(first, found))}
        for title, found in turns.items()
    }  # fmt: skip


def _script(method: str, checkout: Path, base: str, folder: Path, size: int, batch: int) -> list[str]:
    common = [
        sys.executable, str(checkout / SCRIPTS[method]), "--pretrained_model_name_or_path", base, "--resolution", str(size),
        "--train_batch_size", str(batch), "--output_dir", "{out}", "--max_train_steps", "{steps}", "--seed", "0",
        "--learning_rate", "1e-4", "--lr_scheduler", "constant",
    ]  # fmt: skip
    if method == "textual_inversion":
        return [*common, "--train_data_dir", str(folder / "pictures"), "--placeholder_token", "<new>", "--initializer_token", "cat"]
    return [*common, "--instance_data_dir", str(folder / "pictures"), "--instance_prompt", "a photo of a cat", "--rank", "4"]


def _ours(method: str, base: str, folder: Path, batch: int) -> list[str]:
    same = {
        "textual_inversion": ["--num-vectors", "1"], "dreambooth_lora": ["--token-vectors", "0", "--rank", "4", "--targets", "to_q,to_k,to_v,to_out.0"],
    }[method]  # fmt: skip
    return [
        sys.executable, "-m", "persimg", "train", method, "--pictures", str(folder / "pictures"), "--name", "new", "--class-noun", "cat",
        "--base", base, "--device", "cpu", "--batch-size", str(batch), "--steps", "{steps}", "--checkpoint-every", "1000000", "--keep-out", "0",
        "--lr-schedule", "constant", "--mixed-precision", "no", "--no-select", "--out", "{out}", *same,
    ]  # fmt: skip


def _timed(command: list[str], steps: int, folder: Path, threads: int) -> tuple[float, float]:
    """Seconds of one process and its peak memory in MB."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        filled = [part.replace("{out}", out).replace("{steps}", str(steps)) for part in command]
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "PERSIMG_HOME": out}
        with open(folder / "said.log", "w+") as said:
            started = time.monotonic()
            process = subprocess.Popen(filled, stdout=said, stderr=said, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.monotonic() - started
            if process.returncode:
                said.seek(0)
                raise UserError(f"{filled[1]} ended with {process.returncode}: {said.read().strip()[-400:]}", "see what it needs", 1)
    return seconds, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
