"""What more workers bring: two over one, measured with a core each; eight and 64 GPUs, reckoned from measured parts.

The parts: how many pictures a second the coordinator can lease out and take in, asked by workers that draw nothing; how long it takes
from the command to the first picture.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import yaml

from persimg import files
from persimg.errors import UserError
from persimg.sampling.jobs import entries
from persimg.sampling.jobs.coordinator import Coordinator
from persimg.sampling.jobs.crew import Crew
from persimg.sampling.jobs.drawing import Settings
from persimg.sampling.jobs.leases import Leases
from persimg.sampling.jobs.ledger import Ledger
from persimg.sampling.jobs.run import BatchRun, Options
from persimg.sampling.jobs.wire import Address, Line
from persimg.sampling.task import Task

PROMPTS = ["a cat on a beach", "a red dog in the snow", "a robot in a city", "a blue car in a forest"]
GPUS = (8, 64)
RATES = (1.0, 4.0, 20.0)
"""pictures a second and GPU: SDXL, SD 1.5, and a distilled model, roughly"""
NIGHT = 100_000
"""pictures of the job that is reckoned"""
PNG_MB = 0.45
"""of a picture of 512 px, roughly"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", default="mini", help="mini (default) or a folder")
    parser.add_argument("--tasks", type=int, default=48, help="pictures a run (default 48)")
    parser.add_argument("--steps", type=int, default=10, help="denoising steps (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="runs with each number of workers (default 3)")
    parser.add_argument("--messages", type=int, default=20_000, help="pictures that are only reported, to load the coordinator (default 20000)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    if len(os.sched_getaffinity(0)) < 2:
        raise UserError("two workers need two cores", "run it on a machine that has them")
    with tempfile.TemporaryDirectory() as folder:
        rates: dict[int, list[float]] = {1: [], 2: []}
        starts: list[float] = []
        for turn in range(args.rounds):
            for workers, found in rates.items():
                rate, start = _rate(args, Path(folder) / f"{turn}-{workers}", workers)
                found.append(rate)
                starts.append(start)
        handled = coordinator_rate(Path(folder) / "messages", args.messages)
    one, two, start = (statistics.median(values) for values in (rates[1], rates[2], starts))
    record = {
        "tasks": args.tasks, "one_worker": round(one, 3), "two_workers": round(two, 3), "efficiency": round(two / (2 * one), 3),
        "coordinator_pictures_per_second": round(handled), "start_seconds": round(start, 1), "reckoned": _reckoned(handled, start),
    }  # fmt: skip
    print(f"one worker on one core {one:.2f} pictures a second, two on two {two:.2f}: efficiency {two / (2 * one):.2f} (medians of {args.rounds})")
    print(f"the coordinator leases out and takes in {handled:.0f} pictures a second; the first picture is there after {start:.0f} s")
    print(f"reckoned for {NIGHT} pictures of {PNG_MB} MB:")
    for row in record["reckoned"]:
        print(
            f"  {row['gpus']} GPUs at {row['rate']:g} pictures a second each: {row['hours']:.2f} h, the coordinator busy {row['busy']:.1%}, "
            f"{row['start']:.1%} of the time for the start, {row['mb_per_second']:.0f} MB/s to the disk"
        )
    return record


def _rate(args: argparse.Namespace, out: Path, workers: int) -> tuple[float, float]:
    """Pictures a second after every worker's first batch, and seconds from the command to the first picture."""
    base = str(Path(args.base).resolve()) if Path(args.base).exists() else args.base
    job = out.with_suffix(".yaml")
    files.write_text(job, yaml.safe_dump({"base": base, "steps": args.steps, "prompts": PROMPTS, "seeds": f"0-{args.tasks // len(PROMPTS) - 1}"}))
    begun = time.time()
    for _ in BatchRun(entries.read(job), out, options=Options(workers=workers, threads=1, device="cpu", is_pinned=True)):
        pass
    with contextlib.closing(Ledger(out)) as ledger:
        moments = sorted(moment for (moment,) in ledger.db.execute("SELECT finished FROM tasks"))
    # every worker's first batch holds its start
    steady = moments[4 * workers :]
    return len(steady) / (steady[-1] - moments[4 * workers - 1]), moments[0] - begun


def coordinator_rate(out: Path, count: int, askers: int = 4) -> float:
    """Pictures a second that a coordinator can lease out and take in, from workers that draw nothing."""
    tasks = {task.id: task for task in (Task(PROMPTS[0], base="f", seed=seed) for seed in range(count))}
    with contextlib.closing(Ledger(out)) as ledger:
        ledger.take(tasks)
        leases = Leases(ledger)
        idle = Crew(out / "none", out / "logs", [], 1)
        coordinator = Coordinator(ledger, leases, Settings(str(out)), lambda address: idle, out / ".persimg" / "address.json", patience=600)
        threads = [threading.Thread(target=_ask, args=(out / ".persimg" / "address.json", str(n)), daemon=True) for n in range(askers)]
        tick = time.perf_counter()
        for thread in threads:
            thread.start()
        for _ in coordinator:
            pass
        seconds = time.perf_counter() - tick
    return count / seconds


def _ask(file: Path, name: str) -> None:
    while (address := Address.load(file)) is None:
        time.sleep(0.01)
    line = Line(address.connect())
    line.say(hello=name, token=address.token, pid=0, host="here", device=None)
    line.hear()
    while True:
        line.say(want="", only=False)
        answer = line.hear()
        if "end" in answer:
            break
        for id in answer.get("lease", {}).get("tasks", ()):
            line.say(done=id, seconds=0.0, batch=4)
    line.say(bye=True)
    line.close()


def _reckoned(handled: float, start: float) -> list[dict[str, float]]:
    """A night's job on many GPUs; busy, start: shares of its time."""
    rows = []
    for gpus, rate in ((gpus, rate) for gpus in GPUS for rate in RATES):
        seconds = NIGHT / (gpus * rate) + start
        rows.append({
            "gpus": gpus, "rate": rate, "hours": seconds / 3600, "busy": NIGHT / handled / seconds, "start": start / seconds,
            "mb_per_second": gpus * rate * PNG_MB,
        })  # fmt: skip
    return rows
