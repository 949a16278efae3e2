"""Training batches of the drawn world, drawn ahead by worker processes.

Batch n is a pure function of a seed, a purpose and n: the same on every machine, after every resume and with any number of
workers. A GPU learns faster than processors draw: there, steps take larger batches at random from a ring of the newest
samples, each of which is met several times.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from persimg import seeds

KEPT_BYTES = 8e9
"""what a ring may take of a GPU's memory"""
KEPT = 200_000
"""samples that a ring holds at most"""
FIRST = 4
"""batches' worth of samples that a ring waits for"""


@dataclass(frozen=True)
class Drawn(Dataset):
    """Batch number → what `make` draws with that batch's generator: a tuple of tensors, a row a sample."""

    make: Callable[[random.Random], tuple[Tensor, ...]]
    seed: int
    purpose: str

    def __getitem__(self, step: int) -> tuple[Tensor, ...]:
        return self.make(seeds.rng(self.seed, self.purpose, step))


def stacked(pictures: list[np.ndarray]) -> Tensor:
    """Pictures (H, W, 3), uint8 → (B, H, W, 3), uint8: a quarter of the pixels' bytes."""
    return torch.from_numpy(np.stack(pictures))


def normalised(pictures: Tensor, unit: float = 127.5) -> Tensor:
    """uint8 (B, H, W, 3) → (B, 3, H, W), channels last, (value - 127.5) / unit: in [-1, 1] for 127.5."""
    return pictures.permute(0, 3, 1, 2).float().sub(127.5).div(unit)


def batches(dataset: Dataset, step: int, workers: int) -> Iterator[Any]:
    """The batches from number `step` on, drawn ahead by worker processes; 0: in this process."""
    steps = range(step, 2**31)
    if workers == 0:
        return (dataset[i] for i in steps)
    return iter(DataLoader(dataset, batch_size=None, sampler=steps, num_workers=workers, prefetch_factor=3, worker_init_fn=_one_thread))


def training_batches(dataset: Dataset, step: int, args: argparse.Namespace, rng: torch.Generator) -> Iterator[tuple[Tensor, ...]]:
    """On CPU the drawn batches themselves, on a GPU batches of args.batch samples from a ring, on the GPU."""
    drawn = batches(dataset, step, args.workers)
    return drawn if torch.device(args.device).type == "cpu" else Ring(drawn, args.batch, rng).filled_in_background()


class Ring:
    """The newest samples of a stream, on the generator's device, and batches of random ones.

    Samples of different sizes are kept apart, and come as often as the stream has them; a batch of those that come fewer at
    once (the larger pictures) is smaller by as much.
    """

    def __init__(self, stream: Iterator[tuple[Tensor, ...]], batch: int, rng: torch.Generator):
        self.stream, self.batch, self.rng = stream, batch, rng
        self.sizes: dict[tuple, _Samples] = {}
        self.failed: BaseException | None = None

    def filled_in_background(self) -> Ring:
        threading.Thread(target=self._fill, daemon=True).start()
        return self

    def _fill(self) -> None:
        try:
            # beside the training's own stream, which these copies would otherwise wait for
            with torch.cuda.stream(torch.cuda.Stream()):
                for drawn in self.stream:
                    self.put(drawn)
        except BaseException as error:
            self.failed = error

    def put(self, drawn: tuple[Tensor, ...]) -> None:
        key = tuple(part.shape[1:] for part in drawn)
        if key not in self.sizes:
            self.sizes = self.sizes | {key: _Samples(drawn, self.rng.device)}
        self.sizes[key].put(drawn)

    def __iter__(self) -> Ring:
        return self

    def __next__(self) -> tuple[Tensor, ...]:
        while True:
            if self.failed:
                raise self.failed
            sizes = list(self.sizes.values())
            if sum(size.filled for size in sizes) >= FIRST * self.batch:
                break
            time.sleep(0.02)
        [chosen] = random.choices(sizes, [size.batches for size in sizes])
        count = self.batch * chosen.at_once // max(size.at_once for size in sizes)
        rows = torch.randint(chosen.filled, (count,), generator=self.rng, device=self.rng.device)
        return tuple(part[rows] for part in chosen.parts)


class _Samples:
    """Samples of one size. filled, batches: how many are there, how many batches came."""

    def __init__(self, like: tuple[Tensor, ...], device: torch.device):
        self.room = int(min(KEPT, KEPT_BYTES / sum(part[0].nbytes for part in like)))
        self.parts = [torch.empty(self.room, *part.shape[1:], dtype=part.dtype, device=device) for part in like]
        self.filled = self.at = self.batches = 0
        self.at_once = len(like[0])

    def put(self, drawn: tuple[Tensor, ...]) -> None:
        count = len(drawn[0])
        if self.at + count > self.room:
            self.at = 0
        for part, new in zip(self.parts, drawn, strict=True):
            part[self.at : self.at + count].copy_(new)
        if self.parts[0].is_cuda:
            torch.cuda.current_stream().synchronize()  # before anybody is told that they are there
        self.at += count
        self.filled, self.batches = max(self.filled, self.at), self.batches + 1


def _one_thread(_: int) -> None:
    import cv2

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
