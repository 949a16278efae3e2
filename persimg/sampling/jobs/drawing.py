"""Draws leases: the models that they need are loaded once and kept, LoRA is fused, and pictures are encoded (on a GPU decoded too) while
the next are denoised."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping

from persimg import files
from persimg.errors import UserError
from persimg.sampling import safety
from persimg.sampling.jobs.leases import Lease
from persimg.sampling.jobs.ledger import from_json, inner, picture_path
from persimg.sampling.schedulers import base_mark

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.concepts.concept import Concept
    from persimg.sampling.sampler import Generated, Sampler
    from persimg.sampling.task import Task

CONCEPTS_KEPT = 16
PICTURES_KEPT = 64
log = logging.getLogger("persimg")


@dataclass(frozen=True)
class Settings:
    """What is the same for all pictures of a job. threads: of each worker; sums in another order have other last bits.

    device: "cpu" or "cuda", None for either.
    """

    out: str
    bases: Mapping[str, str] = field(default_factory=dict)
    concepts: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    batch: int = 4
    threads: int = 1
    device: str | None = None
    dtype: str | None = None
    attention: str = "sdpa"
    compile: bool = False
    strict: bool = False
    force: bool = False
    safety: str = "off"
    checker: str | None = None


@dataclass(frozen=True)
class Outcome:
    """Of one task: drawn in `seconds` as one of `batch` rows, or what went wrong; is_final: it would again."""

    id: str
    seconds: float = 0.0
    batch: int = 0
    error: str = ""
    is_final: bool = False


class OutOfMemory(Exception):
    """The batch doesn't fit; nothing of it was drawn."""


class Absent(UserError):
    """What a task names isn't on this machine, or isn't what it was."""


class Foreign(UserError):
    """A task means something else here: nothing of its lease is drawn."""

    def __init__(self, id: str):
        super().__init__(f"task {id} has another id here", "install the same version of persimg for all workers", 3)


class Drawer:
    """Loads what leases name and draws them. One base at a time; concepts in an LRU of 16.

    helps: what is absent here may be there elsewhere: no task fails over it.
    """

    def __init__(self, settings: Settings, device: str | None = None, helps: bool = False):
        self.settings, self.device, self.helps = settings, device, helps
        self.out, self.batch = Path(settings.out), settings.batch
        self.base: Base | None = None
        self.concepts: OrderedDict[str, Concept] = OrderedDict()
        self.pictures: OrderedDict[str, Any] = OrderedDict()
        self.sampler: Sampler | None = None
        self.safety = safety.Safety()
        self.group = ""
        self.encoding = ThreadPoolExecutor(1, "encoding")

    def close(self) -> None:
        self._leave_group()
        self.encoding.shutdown()

    def draw(self, lease: Lease, more: Callable[[str], Lease | None] = lambda group: None) -> Iterator[Outcome]:
        """Outcomes of a lease, and of further ones of the same group that `more` hands out.

        Raises OutOfMemory when a batch doesn't fit, UserError when no picture can be written or a base can't be loaded, as Foreign for tasks
        of another version of persimg, as Absent for a helper who lacks a concept or picture.
        """
        stream = _Stream(lease, more)
        try:
            sampler = self._for_group(lease.group, stream.first)
        except UserError as error:
            is_absent = isinstance(error, Absent)
            if self.base is None or base_mark(self.base) != stream.first.base or (is_absent and self.helps):
                raise
            yield from (Outcome(id, error=one_line(error), is_final=is_absent) for id in lease.tasks)
            return
        waiting: list[tuple[Task, Future, float]] = []
        # on a CPU, workers share out all cores: none is idle that could decode meanwhile
        drawn, tick = sampler.stream(stream, init_images=self._init_images(), overlap=self._has_gpu), time.perf_counter()
        while True:
            try:
                generated = next(drawn, None)
            except Foreign:
                yield from self._written(waiting)
                raise
            except Exception as error:
                yield from self._written(waiting)
                yield from self._went_wrong(stream, error)
                return
            if generated is None:
                break
            del stream.open[generated.task.id]
            if generated.is_blocked:
                yield _blocked(generated)
                continue
            waiting.append((generated.task, self.encoding.submit(self._save, generated), time.perf_counter() - tick))
            tick = time.perf_counter()
            yield from self._written(waiting, leave=self.batch)
        yield from self._written(waiting)

    def _written(self, waiting: list[tuple[Task, Future, float]], leave: int = 0) -> Iterator[Outcome]:
        """Wait for pictures to be on disk; `leave` of them may still be on their way."""
        while len(waiting) > leave or (waiting and waiting[0][1].done()):
            task, future, seconds = waiting.pop(0)
            future.result()
            yield Outcome(task.id, seconds, self.batch)

    def _went_wrong(self, stream: _Stream, error: Exception) -> Iterator[Outcome]:
        """Of a batch with a bad task, the others are drawn: each alone, in a batch of the same shape."""
        if is_out_of_memory(error) and self.batch > 1:
            raise OutOfMemory from error
        if self._is_no_tasks_fault(error) or not stream.open:
            raise error
        if len(stream.open) == 1:
            yield Outcome(next(iter(stream.open)), error=one_line(error))
            return
        for task in list(stream.open.values()):
            yield from self._alone(task)

    def _alone(self, task: Task) -> Iterator[Outcome]:
        assert self.sampler is not None
        tick = time.perf_counter()
        try:
            (generated,) = self.sampler.stream([task], init_images=self._init_images())
        except Exception as error:
            if self._is_no_tasks_fault(error):
                raise
            yield Outcome(task.id, error=one_line(error))
            return
        if generated.is_blocked:
            yield _blocked(generated)
            return
        self._save(generated)
        yield Outcome(task.id, time.perf_counter() - tick, self.batch)

    def _is_no_tasks_fault(self, error: Exception) -> bool:
        return is_broken_device(error) or (isinstance(error, Absent) and self.helps)

    def _save(self, generated: Generated) -> None:
        from persimg.sampling import provenance

        assert self.base is not None
        path = picture_path(self.out, generated.task.id)
        provenance.save(generated, path, self.base.name, beside=inner(self.out) / "tmp")

    # --- models -------------------------------------------------------------------------------------------------------

    @property
    def _has_gpu(self) -> bool:
        return self.base is not None and self.base.device.type == "cuda"

    def _for_group(self, group: str, task: Task) -> Sampler:
        if self.sampler is None or self.group != group:
            self._leave_group()
            from persimg.sampling.sampler import Sampler

            base = self._base(task.base)
            uses = [(self._concept(use.digest), use.scale) for use in task.concepts]
            options = {"strict": self.settings.strict, "force": self.settings.force, "safety": self.safety}
            sampler = Sampler(base, uses, self.batch, fuse=True, **options)
            self.sampler, self.group = sampler.__enter__(), group
        self.sampler.batch = self.batch
        return self.sampler

    def _leave_group(self) -> None:
        if self.sampler is not None:
            self.sampler.close()
        self.sampler, self.group = None, ""

    def _base(self, mark: str) -> Base:
        if self.base is None or base_mark(self.base) != mark:
            import torch

            from persimg.bases.loading import load_base

            torch.set_num_threads(self.settings.threads)
            name = self.settings.bases[mark]
            self.base = None  # two at once may not fit
            how = {"dtype": self.settings.dtype, "attention": self.settings.attention, "compile": self.settings.compile}
            base = load_base(name, device=self.device, **how)
            self.safety = safety.load(self.settings.safety, self.settings.checker, base.device)
            self.base = base
            if base_mark(self.base) != mark:
                raise UserError(f"base {name} changed since the job was planned", "run the same command again", 3)
        return self.base

    def _concept(self, digest: str) -> Concept:
        if digest not in self.concepts:
            from persimg.concepts import store

            path = self.settings.concepts[digest]
            with _absence():
                concept = store.load(path)
            if concept.card.mark(concept.digest) != digest:
                raise Absent(f"concept {path} changed since the job was planned", "run the same command again", 3)
            self.concepts[digest] = concept
        return kept(self.concepts, digest, CONCEPTS_KEPT)

    def _init_images(self) -> Mapping[str, Any]:
        return _Pictures(self.settings.pictures, self.pictures)


@contextlib.contextmanager
def _absence() -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise Absent(error.what, error.mend, error.exit_code) from error


class _Pictures(dict):
    """Digest → picture to start from, opened when it is asked for."""

    def __init__(self, paths: Mapping[str, str], opened: OrderedDict[str, Any]):
        super().__init__()
        self.paths, self.opened = paths, opened

    def __bool__(self) -> bool:
        return True

    def __missing__(self, digest: str) -> Any:
        if digest not in self.opened:
            with _absence():
                self.opened[digest] = files.open_picture(self.paths[digest])
        return kept(self.opened, digest, PICTURES_KEPT)


class _Stream:
    """The tasks of a lease, then those of the next ones of its group; `open` are those handed out and not drawn yet."""

    def __init__(self, lease: Lease, more: Callable[[str], Lease | None]):
        self.lease, self.more = lease, more
        self.open: dict[str, Task] = {}
        self.first = next(iter(_read(lease).values()))

    def __iter__(self) -> Iterator[Task]:
        lease: Lease | None = self.lease
        while lease is not None:
            tasks = _read(lease)
            self.open |= tasks
            yield from tasks.values()
            lease = None if lease.alone else self.more(lease.group)


def _read(lease: Lease) -> dict[str, Task]:
    """Foreign for a task that another version of persimg planned: a picture of it would bear a wrong id."""
    tasks = {}
    for id, text in lease.tasks.items():
        try:
            tasks[id] = from_json(text)
        except TypeError as error:  # a setting that this version doesn't have
            raise Foreign(id) from error
        if tasks[id].id != id:
            raise Foreign(id)
    return tasks


def _blocked(generated: Generated) -> Outcome:
    return Outcome(generated.task.id, error="flagged by the safety checker: the picture isn't kept", is_final=True)


def kept(cache: OrderedDict[str, Any], key: str, number: int) -> Any:
    """The value, as the most recently used one of at most `number`."""
    cache.move_to_end(key)
    while len(cache) > number:
        cache.popitem(last=False)
    return cache[key]


def is_out_of_memory(error: BaseException) -> bool:
    text = str(error)
    # cuBLAS and cuDNN say it as CUBLAS_STATUS_ALLOC_FAILED and CUDNN_STATUS_ALLOC_FAILED
    return isinstance(error, MemoryError) or any(said in text for said in ("out of memory", "can't allocate memory", "ALLOC_FAILED"))


def is_broken_device(error: BaseException) -> bool:
    """After these, nothing works in this process any more."""
    return not is_out_of_memory(error) and ("CUDA error" in str(error) or "cuDNN error" in str(error))


def one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())[:500]
    return text if isinstance(error, UserError) else f"{type(error).__name__}: {text}"
