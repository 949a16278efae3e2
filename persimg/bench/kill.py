"""A job whose workers and coordinator are killed at random: every picture there once, whole, and as in an undisturbed run.

Kills come at random moments of the progress, not of the clock, so that there are as many as asked for on any machine.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from persimg import files
from persimg.errors import UserError
from persimg.sampling import provenance
from persimg.sampling.jobs.ledger import summary

PROMPTS = ["a cat on a beach", "a red dog in the snow", "a robot in a city", "a blue car in a forest", "a hat"]
COORDINATOR_SHARE = 0.3
"""of the kills"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", default="mini", help="mini (default) or a folder")
    parser.add_argument("--tasks", type=int, default=300, help="pictures (default 300)")
    parser.add_argument("--kills", type=int, default=30, help="SIGKILLs, in all (default 30)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes (default 2)")
    parser.add_argument("--steps", type=int, default=4, help="denoising steps (default 4)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and victims (default 0)")
    parser.add_argument("--out", type=Path, help="folder to keep both runs in (default: a temporary one)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    if args.kills >= args.tasks:
        raise UserError(f"--kills {args.kills} of --tasks {args.tasks} leaves no time to draw", "take fewer kills")
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.out or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        job = _job(args, folder)
        calm, disturbed = folder / "calm", folder / "disturbed"
        # another number of workers and another order than in the disturbed run
        subprocess.run(_command(job, calm, 1), check=True, stderr=subprocess.DEVNULL)
        tick = time.monotonic()
        kills = _disturb(_command(job, disturbed, args.workers), disturbed, args)
        record = {"tasks": args.tasks, **kills, "seconds": round(time.monotonic() - tick, 1), **compare(calm, disturbed)}
    print(", ".join(f"{key} {value}" for key, value in record.items()))
    good = record["missing"] == record["broken"] == record["different"] == record["extra"] == 0 == record["not_done"]
    return record | {"exit_code": 0 if good else 1}


def _job(args: argparse.Namespace, folder: Path) -> Path:
    base = str(Path(args.base).resolve()) if Path(args.base).exists() else args.base
    per_prompt = -(-args.tasks // len(PROMPTS))
    tasks = [{"prompt": PROMPTS[n // per_prompt], "seed": n % per_prompt} for n in range(args.tasks)]
    path = folder / "job.yaml"
    files.write_text(path, yaml.safe_dump({"base": base, "steps": args.steps, "batch": 4, "tasks": tasks}))
    return path


def _command(job: Path, out: Path, workers: int) -> list[str]:
    options = ["--workers", str(workers), "--threads", "1", "--device", "cpu", "--restarts", "100000", "--attempts", "100"]
    return [sys.executable, "-m", "persimg", "batch", "run", str(job), "--out", str(out), *options]


def _disturb(command: list[str], out: Path, args: argparse.Namespace) -> dict[str, int]:
    """Run to the end, killing when so many pictures are there; a killed coordinator's command is given again."""
    rng, killed = random.Random(args.seed), {"workers_killed": 0, "coordinators_killed": 0}
    moments = sorted(rng.sample(range(args.tasks), args.kills))
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while True:
        if running.poll() is not None:
            if running.returncode != -signal.SIGKILL:
                break
            running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        there = sum(1 for _ in out.glob("*.png"))
        if moments and there >= moments[0]:
            workers = _workers(out)
            if rng.random() < COORDINATOR_SHARE and workers:
                running.kill()
                running.wait()
                killed["coordinators_killed"] += 1
                moments.pop(0)
            elif workers:
                os.kill(rng.choice(workers), signal.SIGKILL)
                killed["workers_killed"] += 1
                moments.pop(0)
        time.sleep(rng.random() * 0.2)
    return killed | {"exit_status": running.returncode}


def _workers(out: Path) -> list[int]:
    """Process ids of the workers of a job's folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue  # gone meanwhile
        if b"persimg.sampling.jobs.worker" in words and str(out.resolve()).encode() in b" ".join(words):
            found.append(int(entry.parent.name))
    return found


def compare(calm: Path, disturbed: Path) -> dict[str, int]:
    """Pictures of the second folder against the first: missing, extra, broken, different pixels; rows that aren't done."""
    expected, there = ({path.name for path in folder.glob("*.png")} for folder in (calm, disturbed))
    broken = different = 0
    for name in sorted(expected & there):
        try:
            picture = files.open_picture(disturbed / name)
            is_itself = (provenance.read(disturbed / name) or {}).get("task") == name[:-4]
        except UserError:
            is_itself = False
        if not is_itself:
            broken += 1
        elif picture.tobytes() != files.open_picture(calm / name).tobytes():
            different += 1
    found = summary(disturbed)
    return {
        "missing": len(expected - there), "extra": len(there - expected), "broken": broken, "different": different,
        "not_done": found["total"] - found["done"],
    }  # fmt: skip
