"""What the training scripts of the mini models share: a budget in minutes, checkpoints, resuming, a log, a record of the options.

The budget is accumulated training time, over all resumes. The learning rate is constant, then falls linearly to zero
over the last part of the budget; the budget may be changed when a run is resumed, what it learns may not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from persimg import files

# glibc gives large blocks back to the system at every step; keeping them makes a step a fifth faster
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": "8589934592",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
    "GOMP_SPINCOUNT": "1000",  # waiting threads spin briefly, then sleep
}


ENDLESS = 2**31
"""steps of a run that its minutes end"""
MAY_CHANGE = {"minutes", "decay", "steps", "workers", "keep", "text_only", "renders_only"}
"""options that a run may have others of when it is resumed: how long, by how many hands, which stage, what else is kept"""


def restart_with_allocator() -> None:
    """Run this very command again under the allocator's settings, which are read at start-up only."""
    if any(name not in os.environ for name in ALLOCATOR):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**ALLOCATOR, **os.environ})


def arguments(description: str, minutes: float, out: str, gpu_batch: int) -> argparse.ArgumentParser:
    """The options that every training script has. gpu_batch: default of --batch."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--minutes", type=float, default=minutes, help=f"training time over all resumes (default {minutes:g})")
    parser.add_argument("--decay", type=float, default=0.4, help="last part of the budget in which the rate falls (default 0.4)")
    parser.add_argument("--out", type=Path, default=Path("build/mini") / out, help=f"folder of checkpoint and log (default build/mini/{out})")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=min(16, max(1, (os.cpu_count() or 2) - 1)), help="processes that draw batches ahead")
    parser.add_argument("--batch", type=int, default=gpu_batch, help=f"samples a step on a GPU (default {gpu_batch}); on CPU what is drawn at once")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser


def given(args: argparse.Namespace) -> dict[str, Any]:
    """The options of this call, folders apart."""
    return {name: value for name, value in vars(args).items() if value is None or isinstance(value, (str, int, float))}


def options(run: Path) -> dict[str, Any]:
    """The options that a run was called with last, folders apart; {} where its folder doesn't tell."""
    path = run / "options.json"
    return json.loads(path.read_text()) if path.exists() else {}


def command(script: str, run: Path) -> str | None:
    """The command that makes a run again: its options but for folders and workers, by name; None where its folder doesn't tell."""
    told = {name: value for name, value in options(run).items() if name != "workers" and value is not None and value is not False}
    if told.get("steps") == ENDLESS:
        del told["steps"]
    words = [f"--{name.replace('_', '-')}" + ("" if value is True else f" {value}") for name, value in sorted(told.items())]
    return " ".join(["python", f"scripts/{script}", *words]) if told else None


def is_kept(path: Path, facts: dict[str, Any]) -> bool:
    """Is the file there, and was it made from these facts (keep_facts)? Says so when it is there but was made from others."""
    if not path.exists():
        return False
    old = kept_facts(path)
    other = [name for name in facts if old.get(name) != facts[name]]
    if other:
        why = f"was made with another {', '.join(other)}" if old else "doesn't tell what it was made from"
        print(f"{path} {why}: it is made anew", flush=True)
        path.with_suffix(".json").unlink(missing_ok=True)  # what is half done when this stops is nobody's then
    return not other


def keep_facts(path: Path, facts: dict[str, Any]) -> None:
    """Write beside a file what it was made from."""
    files.write_json(path.with_suffix(".json"), facts)


def kept_facts(path: Path) -> dict[str, Any]:
    """What a file was made from (keep_facts); {} where nothing beside it tells."""
    beside = path.with_suffix(".json")
    return json.loads(beside.read_text()) if beside.exists() else {}


def check_resumes(args: argparse.Namespace, facts: dict[str, Any] | None = None) -> None:
    """SystemExit, in one line, where the checkpoint in args.out was made with other options or from other facts.

    What only one of the two tells, such as an older folder, isn't compared.
    """
    path = args.out / "checkpoint.pt"
    if not path.exists():
        return
    old, new = options(args.out) | kept_facts(path), given(args) | (facts or {})
    other = [name for name in new if name in old and name not in MAY_CHANGE and old[name] != new[name]]
    if other:
        raise SystemExit(f"{path} was made with another {', '.join(other)}: choose another --out, or delete {path} to begin anew")


class Run:
    """One training run: `while run.goes_on(): …; run.done_step(loss)`.

    state: everything with state_dict and load_state_dict that a resume needs, by name; steps: where it ends if the budget isn't
    used up before; facts: what the checkpoint is made from beside the options. SystemExit where there is one of others.
    """

    def __init__(
        self, args: argparse.Namespace, state: dict[str, Any], save_minutes: float = 4, steps: int = ENDLESS, facts: dict[str, Any] | None = None
    ):
        self.args, self.state, self.save_every, self.steps = args, state, save_minutes * 60, steps
        self.step, self.trained_seconds, self.losses = 0, 0.0, []
        self.path = args.out / "checkpoint.pt"
        args.out.mkdir(parents=True, exist_ok=True)
        check_resumes(args, facts)
        if self.path.exists():
            self._resume()
        files.write_json(args.out / "options.json", given(args))
        if facts:
            keep_facts(self.path, facts)  # before there is a checkpoint: none is ever without
        self.rng = random.Random(args.seed * 1_000_003 + self.step)
        self.torch_rng = torch.Generator(args.device).manual_seed(args.seed * 1_000_003 + self.step)
        torch.backends.cudnn.benchmark = True
        self._tick = self._saved = time.monotonic()

    @property
    def progress(self) -> float:
        """Used share of the budget, 0..1."""
        return min(1.0, self.trained_seconds / (self.args.minutes * 60))

    def rate(self, warmup: int = 100) -> float:
        """Factor of the learning rate: warm-up, constant, then linear to zero."""
        return min(1.0, (self.step + 1) / warmup) * min(1.0, (1 - self.progress) / self.args.decay + 1e-3)

    def goes_on(self) -> bool:
        return self.progress < 1 and self.step < self.steps

    def done_step(self, loss: Tensor, **values: Tensor | float) -> bool:
        """Count a step, log every 50th and the last, save now and then; was it saved?

        Numbers stay on their device until they are logged: a GPU isn't waited for.
        """
        self.step += 1
        now = time.monotonic()
        # a pause (SIGSTOP, suspended machine) is not training time
        self.trained_seconds += min(now - self._tick, 30)
        self._tick = now
        self.losses.append(loss.detach())
        if self.step % 50 == 0 or not self.goes_on():
            self._log(values)
        if saved := now - self._saved > self.save_every or not self.goes_on():
            self.save()
            self._saved = self._tick = time.monotonic()
        return saved

    def _log(self, values: dict[str, Tensor | float]) -> None:
        row = {"step": self.step, "seconds": round(self.trained_seconds), "loss": round(torch.stack(self.losses).mean().item(), 5)}
        row |= {name: round(float(value), 4) for name, value in values.items()}
        self.losses.clear()
        with open(self.args.out / "log.jsonl", "a") as file:
            file.write(json.dumps(row) + "\n")
        print(row, flush=True)

    def save(self) -> None:
        """Write the checkpoint beside, then rename it."""
        saved = {name: part.state_dict() for name, part in self.state.items()}
        saved |= {"step": self.step, "trained_seconds": self.trained_seconds}
        torch.save(saved, self.path.with_suffix(".part"))
        os.replace(self.path.with_suffix(".part"), self.path)

    def _resume(self) -> None:
        saved = torch.load(self.path, map_location=self.args.device, weights_only=True)
        for name, part in self.state.items():
            part.load_state_dict(saved[name])
        self.step, self.trained_seconds = saved["step"], saved["trained_seconds"]
        print(f"resumed at step {self.step}, {self.trained_seconds / 60:.1f} minutes", flush=True)
