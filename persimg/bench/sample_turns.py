"""Turns of `persimg bench sample`: a process each, which loads, warms up, waits for its turn, draws the job and is gone."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

from persimg.bench.sample_arms import Arm, Pictures, groups, make_draw
from persimg.bench.sample_job import Job, Options, cheaper, make_job

if TYPE_CHECKING:
    from persimg.bases.base import Base

BATCHES = (1, 2, 4, 8, 16, 32)
WARM_UP_STEPS = 2


def turn(arm: Arm, options: Options, batch: int) -> tuple[float, float, Pictures]:
    """Seconds of the whole job, loading and warming up left out; peak memory in MB of its processes; the pictures to compare."""
    workers = [_Process(_draw_job, arm, options, batch, part) for part in range(arm.workers)]
    for worker in workers:
        worker.answer()
    started = time.perf_counter()
    for worker in workers:
        worker.go()
    found = [worker.answer() for worker in workers]
    seconds = time.perf_counter() - started
    return seconds, sum(worker.answer() for worker in workers), {number: picture for part in found for number, picture in part.items()}


def sweep(arm: Arm, options: Options) -> dict[int, float]:
    """Batch → seconds a picture of one call of the pipeline, or one batch of ours, up to the size of a concept's group."""
    return answered(_sweep, arm, options)


def answered(work: Callable[..., None], *args: Any) -> Any:
    """What work(pipe, *args) sends from a process of its own."""
    return _Process(work, *args).answer()


def best_of(seconds: Mapping[int, float], counts: Sequence[int], is_padded: bool) -> int:
    """The batch that is fastest for groups of so many tasks, by seconds a picture at some batches.

    is_padded: the last batch of a group is filled up, so that a size between those that were measured may fit better.
    """
    import numpy as np

    if not is_padded:
        return min(seconds, key=lambda batch: seconds[batch])
    sizes = sorted(seconds)
    between = {batch: float(np.interp(batch, sizes, [seconds[size] for size in sizes])) for batch in range(sizes[0], sizes[-1] + 1)}
    return min(between, key=lambda batch: between[batch] * sum(-(-count // batch) * batch for count in counts))


class _Process:
    """One that answers through a pipe and may wait for a sign."""

    def __init__(self, work: Callable[..., None], *args: Any):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, *args), daemon=True)
        self._process.start()
        theirs.close()

    def go(self) -> None:
        self._pipe.send(None)

    def answer(self) -> Any:
        try:
            return self._pipe.recv()
        except EOFError as error:
            self._process.join()
            raise RuntimeError(f"an arm of the benchmark ended with {self._process.exitcode}") from error


# --- in the process ---------------------------------------------------------------------------------------------------


def _draw_job(pipe: Any, arm: Arm, options: Options, batch: int, part: int) -> None:
    base, job = load(options, arm)
    with tempfile.TemporaryDirectory() as folder:
        draw = make_draw(arm, base, job, Path(folder), part)
        draw(warm_up(job, batch), batch)
        pipe.send(None)
        pipe.recv()
        pipe.send(draw(job, batch))
    pipe.send(peak_mb(options.device))


def _sweep(pipe: Any, arm: Arm, options: Options) -> None:
    base, job = load(options, arm)
    first = Job(job.concepts, tuple(job.tasks[number] for number in groups(job, True)[0]))
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        draw = make_draw(arm, base, job, Path(folder))
        for batch in (n for n in BATCHES if n <= len(first.tasks)):
            draw(warm_up(first, batch), batch)
            started = time.perf_counter()
            draw(Job(job.concepts, first.tasks[:batch]), batch)
            found[batch] = (time.perf_counter() - started) / batch
    pipe.send(found)


def load(options: Options, arm: Arm) -> tuple[Base, Job]:
    """Base and job, with the arm's share of the threads."""
    import torch

    from persimg.bases.loading import load_base

    torch.set_num_threads(max(1, options.threads // arm.workers))
    base = load_base(options.base, dtype=options.dtype, device=options.device, compile=arm.compiled)
    return base, make_job(base, options)


def warm_up(job: Job, batch: int) -> Job:
    """One batch of every group, few steps: libraries are loaded, code is compiled."""
    tasks = [job.tasks[number] for numbers in groups(job, True) for number in numbers[:batch]]
    return cheaper(Job(job.concepts, tuple(tasks)), steps=min(WARM_UP_STEPS, tasks[0].steps))


def peak_mb(device: str) -> float:
    """Of this process's memory, or of the GPU's where there is one."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.max_memory_allocated(device) / 1024**2
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
