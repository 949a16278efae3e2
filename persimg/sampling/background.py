"""Finished batches leave for a thread of their own, so that the next one is denoised meanwhile."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


class Background:
    """One thread, and on CUDA a stream, that works on latents; leaving the block waits for what it does and drops the rest.

    On the CPU its operations have threads of their own, as many as the caller's: the same bits, and more threads than cores for a while.
    """

    def __init__(self, device: torch.device):
        threads = torch.get_num_threads()
        # a new thread would start with as many as there are cores
        self._pool = ThreadPoolExecutor(1, "decoding", initializer=lambda: torch.set_num_threads(threads))
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    def __enter__(self) -> Background:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, latents: Tensor, work: Callable[[Tensor], T]) -> Future[T]:
        """What work makes of the latents, which have to end with its result on the CPU; its error comes out of result()."""
        ready = torch.cuda.current_stream(latents.device).record_event() if self._stream else None
        return self._pool.submit(self._run, latents, work, ready)

    def _run(self, latents: Tensor, work: Callable[[Tensor], T], ready: Any) -> T:
        # gradients are switched off a thread
        with torch.no_grad(), self._on_stream(latents, ready):
            return work(latents)

    def _on_stream(self, latents: Tensor, ready: Any) -> Any:
        if self._stream is None:
            return contextlib.nullcontext()
        self._stream.wait_event(ready)
        latents.record_stream(self._stream)
        return torch.cuda.stream(self._stream)
