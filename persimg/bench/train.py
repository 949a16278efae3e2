"""Steps per second and peak memory of textual inversion and DreamBooth-LoRA against the plain diffusers way.

Same model, batch, precision and threads, in one run: every arm is a process of its own, started and warmed up first; then
they take turns, one at a time. Printed are medians, and ratios to the scripts' way. Each saving alone, then ours. --peer also
runs the example scripts themselves, unmodified.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

from persimg.bases.loading import check_base_name
from persimg.bench import peer
from persimg.errors import UserError

METHODS = ("textual_inversion", "dreambooth_lora")
ARMS = {
    "textual_inversion": {
        "as the scripts": {}, "latents cached": {"latents": True}, "new rows only": {"rows": True},
        "latents cached, new rows only": {"latents": True, "rows": True}, "persimg": None,
    },
    "dreambooth_lora": {
        "as the scripts": {}, "latents cached": {"latents": True}, "text cached": {"text": True},
        "latents and text cached": {"latents": True, "text": True}, "persimg": None,
    },
}  # fmt: skip
WARM_UP = 2
CLASS_NOUN = "cat"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", default="mini", help="mini (default), a folder or a hub id")
    parser.add_argument("--batch", type=int, default=4, help="pictures a step (default 4)")
    parser.add_argument("--steps", type=int, default=6, help="steps a turn (default 6)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each arm (default 5)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each arm (default 2)")
    parser.add_argument("--peer", type=Path, metavar="DIR", help="a checkout of diffusers: also run its example scripts, as they are")
    parser.add_argument("--peer-steps", type=int, default=60, help="steps by which two runs of a script differ (default 60)")
    parser.add_argument("--peer-rounds", type=int, default=3, help="turns of scripts and persimg (default 3)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    check_base_name(args.base)
    for name in ("batch", "steps", "rounds", "threads", "peer_steps", "peer_rounds"):
        if getattr(args, name) < 1:
            raise UserError(f"--{name.replace('_', '-')} {getattr(args, name)} is out of range", "take 1 or more")
    record: dict[str, Any] = {"base": args.base, "batch": args.batch, "steps": args.steps, "rounds": args.rounds, "threads": args.threads, "methods": {}}
    if args.peer:
        peer.check_checkout(args.peer)
        record["scripts"] = {}
    for method in METHODS:
        record["methods"][method] = rows = measure(method, args)
        _show(f"{method}, one process an arm", rows)
        if args.peer:
            record["scripts"][method] = rows = peer.measure(method, args.peer, args.base, args.batch, args.peer_steps, args.peer_rounds, args.threads)
            _show(f"{method}, against diffusers' example script", rows)
    return record


def _show(title: str, rows: dict[str, dict[str, float]]) -> None:
    print(title)
    for arm, row in rows.items():
        print(f"  {arm:32} {row['seconds_per_step']:.3f} s a step, {row['ratio']:.2f}x, peak {row['peak_mb']:.0f} MB", flush=True)


def measure(method: str, args: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Arm → median seconds a step, ratio of steps per second to the scripts' way, peak memory of its process."""
    context = multiprocessing.get_context("spawn")
    workers = {}
    for title in ARMS[method]:
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, method, title, args.base, args.batch, args.threads), daemon=True)
        process.start()
        workers[title] = (process, ours)
        _answer(ours, process)
    turns: dict[str, list[float]] = {title: [] for title in workers}
    for _ in range(args.rounds):
        for title, (process, pipe) in workers.items():
            pipe.send(args.steps)
            turns[title].append(_answer(pipe, process) / args.steps)
    found = {}
    for title, (process, pipe) in workers.items():
        pipe.send(0)
        found[title] = {"seconds_per_step": statistics.median(turns[title]), "peak_mb": _answer(pipe, process)}
        process.join()
    # paired turn by turn, so that a slow minute of the machine hits both
    for title in found:
        found[title]["ratio"] = statistics.median(a / b for a, b in zip(turns["as the scripts"], turns[title]))
    return found


def _answer(pipe: Any, process: Any) -> float:
    try:
        return float(pipe.recv())
    except EOFError as error:
        process.join()
        raise RuntimeError(f"an arm of the benchmark ended with {process.exitcode}") from error


def _work(pipe: Any, method: str, title: str, base_name: str, batch: int, threads: int) -> None:
    """One arm: seconds of so many steps for each number that comes; its peak memory in MB for 0."""
    import torch

    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        step = make_step(method, title, base_name, batch, Path(folder))
        for _ in range(WARM_UP):
            step()
        pipe.send(0)
        while count := pipe.recv():
            started = time.perf_counter()
            for _ in range(count):
                step()
            pipe.send(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pipe.send(peak / (1024 if sys.platform != "darwin" else 1024**2))


def make_step(method: str, title: str, base: Any, batch: int, folder: Path) -> Callable[[], Any]:
    """One optimiser step of one arm at a call, on pictures drawn into the folder."""
    from persimg.bases.loading import load_base
    from persimg.bench.plain import Savings, plain_step
    from persimg.data.cache import pixels
    from persimg.data.pictures import fitted, read_pictures
    from persimg.files import open_picture

    loaded = load_base(base, dtype="fp32", device="cpu") if isinstance(base, str) else base
    draw_pictures(folder / "pictures", loaded.default_size)
    savings = ARMS[method][title]
    if savings is None:
        return _ours(method, loaded, batch, folder)
    size = (loaded.default_size, loaded.default_size)
    found = [pixels(fitted(open_picture(p.path), size, "pad"))[0] for p in read_pictures(folder / "pictures")]
    return plain_step(method, loaded, found, batch, Savings(**savings), CLASS_NOUN)


def draw_pictures(folder: Path, size: int) -> None:
    """Six pictures of a held-out character, size px."""
    from persimg.bench.subjects import LEARNED_PLACES, render
    from persimg.files import write_beside

    for i, place in enumerate(LEARNED_PLACES):
        with write_beside(folder / f"{i}.png") as temporary:
            render(f"character:0 {place}, flat style", "training", 0, i).resize((size, size)).save(temporary, "PNG")


def _ours(method: str, base: Any, batch: int, folder: Path) -> Callable[[], Any]:
    """The very loop that users have; drawn from the events of train, saving and choosing left out."""
    from persimg.training.run import train

    changes = {
        "steps": 10**6, "checkpoint_every": 10**6, "batch_size": batch, "mixed_precision": "no", "keep_out": 0, "lr_schedule": "constant",
        **({"num_vectors": 1} if method == "textual_inversion" else {"token_vectors": 0, "targets": None, "rank": 4}),
    }  # fmt: skip
    events = train(method, folder / "pictures", "new", CLASS_NOUN, base, folder / "run", **changes)

    def step() -> Any:
        return next(event.values["loss"] for event in events if event.kind == "step")

    return step
