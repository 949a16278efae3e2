"""Where the time of `persimg bench sample`'s persimg goes: parts of a job of one group, and operators of one pass of the denoiser."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable

from persimg.bench import sample_turns
from persimg.bench.sample_arms import ALL, groups, make_draw
from persimg.bench.sample_job import Job, Options

BATCHES, OPERATORS = 2, 6


class Clock:
    """Seconds inside functions, by part. On a GPU it waits for each, so that a part's kernels are its own."""

    def __init__(self, device: str):
        self.is_cuda = device.startswith("cuda")
        self.seconds: dict[str, float] = defaultdict(float)
        self.last: dict[str, tuple[Any, ...]] = {}

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.last[part] = args
            started = self.now()
            value = function(*args, **kwargs)
            self.seconds[part] += self.now() - started
            return value

        return call

    def now(self) -> float:
        if self.is_cuda:
            import torch

            torch.cuda.synchronize()
        return time.perf_counter()


def profile(options: Options, batch: int) -> dict[str, dict[str, float]]:
    """parts: share of the time of two batches of one concept, nothing overlapped; operators: share of one pass of the denoiser."""
    return sample_turns.answered(_profile, options, batch)


def _profile(pipe: Any, options: Options, batch: int) -> None:
    arm = replace(ALL, overlap=False)
    base, job = sample_turns.load(options, arm)
    some = Job(job.concepts, tuple(job.tasks[number] for number in groups(job, True)[0][: BATCHES * batch]))
    with tempfile.TemporaryDirectory() as folder:
        draw = make_draw(arm, base, some, Path(folder))
        draw(sample_turns.warm_up(some, batch), batch)
        clock = Clock(options.device)
        watch(clock, base)
        started = clock.now()
        draw(some, batch)
        total = clock.now() - started
    parts = {part: seconds / total for part, seconds in clock.seconds.items()}
    dearest = operators(base.predict, clock.last["denoiser"], clock.is_cuda)
    pipe.send({"parts": {**parts, "rest": 1 - sum(parts.values())}, "operators": dearest})


def watch(clock: Clock, base: Any) -> None:
    """From now on, in this process."""
    from persimg.sampling import provenance
    from persimg.sampling.sampler import Sampler

    for part, holder, name in (
        ("text", base, "encode_prompts"), ("denoiser", base, "predict"), ("decoding", base, "decode"), ("PNG", provenance, "save"),
        ("attaching", Sampler, "__enter__"), ("attaching", Sampler, "close"),
    ):  # fmt: skip
        setattr(holder, name, clock.timed(part, getattr(holder, name)))


def operators(predict: Callable[..., Any], args: tuple[Any, ...], is_cuda: bool) -> dict[str, float]:
    """Operator → its share of the time of one call, without those that it calls; the dearest, and the rest."""
    import torch
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as profiled

    activity = ProfilerActivity.CUDA if is_cuda else ProfilerActivity.CPU
    with torch.no_grad(), profiled(activities=[activity], acc_events=True) as found:
        predict(*args)
    times = {event.key: event.self_device_time_total if is_cuda else event.self_cpu_time_total for event in found.key_averages()}
    total = sum(times.values())
    dearest = sorted(times, key=lambda name: -times[name])[:OPERATORS]
    return {**{name: times[name] / total for name in dearest}, "rest": sum(t for name, t in times.items() if name not in dearest) / total}
