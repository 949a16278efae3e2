"""Training batches of the drawn world, drawn ahead by worker processes.

Batch n is a pure function of a seed, a purpose and n: the same on every machine, after every resume and with any number of
workers.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Callable, Iterator

import torch
from torch.utils.data import DataLoader, Dataset

from persimg import seeds


@dataclass(frozen=True)
class Drawn(Dataset):
    """Batch number → what `make` draws with that batch's generator."""

    make: Callable[[random.Random], Any]
    seed: int
    purpose: str

    def __getitem__(self, step: int) -> Any:
        return self.make(seeds.rng(self.seed, self.purpose, step))


def batches(dataset: Dataset, step: int, workers: int) -> Iterator[Any]:
    """The batches from number `step` on, drawn ahead by worker processes; 0: in this process."""
    steps = range(step, 2**31)
    if workers == 0:
        return (dataset[i] for i in steps)
    return iter(DataLoader(dataset, batch_size=None, sampler=steps, num_workers=workers, prefetch_factor=3, worker_init_fn=_one_thread))


def _one_thread(_: int) -> None:
    import cv2

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
