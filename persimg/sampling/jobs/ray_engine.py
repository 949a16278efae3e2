"""The same jobs on a Ray cluster: an actor a GPU, as many as the cluster has, more when it grows.

Ray starts, places and restarts processes; who draws what, and what is done, is decided as for our own workers.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from dataclasses import asdict
from typing import Any, Iterator

from persimg.errors import UserError
from persimg.sampling.jobs.coordinator import Progress, rate_of
from persimg.sampling.jobs.drawing import Drawer, Outcome, OutOfMemory, Settings
from persimg.sampling.jobs.leases import Lease, Leases
from persimg.sampling.jobs.ledger import Ledger, inner, only_one
from persimg.sampling.jobs.run import BatchRun

BATCHES_A_LEASE = 2
"""so that an actor has the next batch at hand"""


def import_ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise UserError("--engine ray needs Ray, which isn't installed", "pip install 'persimg[ray]'") from error
    return ray


class RayRun(BatchRun):
    """As BatchRun; --workers is the largest number of actors (default: one a GPU of the cluster, else one for each `threads` CPUs).

    Each actor is started again `restarts` times: one that a shrinking cluster takes away says nothing of the others.
    """

    def __iter__(self) -> Iterator[Progress]:
        ray = import_ray()
        is_own = not ray.is_initialized()
        try:
            if is_own:
                _begin(ray)
            yield from super().__iter__()
        finally:
            if is_own:
                ray.shutdown()

    def _gpus(self) -> int:
        """The cluster's: this machine may have none, or none that the cluster may use."""
        return int(import_ray().cluster_resources().get("GPU", 0))

    def _draw(self, ledger: Ledger, settings: Settings) -> Iterator[Progress]:
        ray = import_ray()
        self.team = _Team(ray, settings, self, Leases(ledger, self.options.attempts), ledger)
        started, before = time.time(), self.team.done
        try:
            yield from self.team.run()
        finally:
            self.team.dismiss()
            ledger.commit()
        if self.team.done > before:
            ledger.note("rate", round((self.team.done - before) / (time.time() - started), 4))
        ledger.note("restarts", ledger.fact("restarts", 0) + self.team.losses.total())


def _begin(ray: Any) -> None:
    """Join the cluster that RAY_ADDRESS names, else start one on this machine; what SIGINT and SIGTERM do stays as it was."""
    is_main = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)} if is_main else {}
    ray.init(log_to_driver=False, include_dashboard=False, configure_logging=False)
    for number, handler in handlers.items():
        if handler is not None:
            signal.signal(number, handler)


class _Artist:
    """Runs on the cluster."""

    def __init__(self, settings: dict[str, Any], device: str | None):
        self.settings = Settings(**settings)
        self.drawer = Drawer(self.settings, device)

    def process(self) -> int:
        import os

        return os.getpid()

    def draw(self, lease: dict[str, Any], batch: int) -> tuple[list[dict[str, Any]], bool]:
        """Outcomes, and whether the batch was too large."""
        self.drawer.batch, done = batch, []
        with only_one(inner(self.drawer.out) / "workers", patience=10, shared=True):
            try:
                for outcome in self.drawer.draw(Lease(**lease)):
                    done.append(asdict(outcome))
            except OutOfMemory:
                return done, True
        return done, False


class _Team:
    """Actors and what they hold."""

    def __init__(self, ray: Any, settings: Settings, run: RayRun, leases: Leases, ledger: Ledger):
        self.ray, self.settings, self.run_, self.leases, self.ledger = ray, settings, run, leases, ledger
        self.batch = ledger.fact("batch", settings.batch)
        self.with_gpu = settings.device == "cuda"
        self.actors: dict[str, Any] = {}
        self.groups: dict[str, str] = {}
        self.jobs: dict[Any, str] = {}
        self.losses: Counter[str] = Counter()
        self.recent: list[float] = []
        self.done, self.failed, self.total = ledger.counts()
        self.said: list[str] = []

    @property
    def size(self) -> int:
        """How many actors the cluster has room for, as it is now."""
        found = self.ray.cluster_resources()
        room = int(found.get("GPU", 0)) if self.with_gpu else int(found.get("CPU", 1)) // self.settings.threads
        return max(1, min(room, self.run_.options.workers or room))

    def run(self) -> Iterator[Progress]:
        due = 0.0
        while self.leases.running or (self.leases.pending and not self.run_.is_stopping):
            self._give_out()
            finished, _ = self.ray.wait(list(self.jobs), num_returns=1, timeout=0.5) if self.jobs else ([], [])
            for job in finished:
                self._take_in(job)
            self.ledger.commit()
            if time.monotonic() >= due:
                due = time.monotonic() + 1
                yield self._progress()
        yield self._progress()

    def _progress(self) -> Progress:
        said, self.said = tuple(self.said), []
        return Progress(self.total, self.done, self.failed, self.leases.running, len(self.actors), rate_of(self.recent), said)

    def _give_out(self) -> None:
        for name in self._open_places():
            if len(self.actors) < min(self.size, self.leases.pending) and not self.run_.is_stopping:
                self._hire(name)
        for name, actor in self.actors.items():
            if name in self.jobs.values() or self.run_.is_stopping:
                continue
            lease = self.leases.lease(name, BATCHES_A_LEASE * self.batch, self.groups.get(name))
            if lease is not None:
                self.groups[name] = lease.group
                self.jobs[actor.draw.remote(asdict(lease), self.batch)] = name

    def _open_places(self) -> list[str]:
        """Names of actors to hire; a place whose actor was lost too often stays empty."""
        names = [f"ray{n}" for n in range(self.size)]
        return [name for name in names if name not in self.actors and self.losses[name] <= self.run_.options.restarts]

    def _hire(self, name: str) -> None:
        needs = {"num_gpus": 1} if self.with_gpu else {"num_cpus": self.settings.threads}
        environment = {"env_vars": {"OMP_NUM_THREADS": str(self.settings.threads)}}
        kind = self.ray.remote(**needs, runtime_env=environment)(_Artist)
        self.actors[name] = kind.remote(asdict(self.settings), self.settings.device)

    def _take_in(self, job: Any) -> None:
        name = self.jobs.pop(job)
        try:
            outcomes, is_too_large = self.ray.get(job)
        except self.ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, UserError):
                raise error.cause from error
            self._lose(name, f"{type(error.cause).__name__}: {error.cause}")
            return
        except self.ray.exceptions.RayActorError:
            self._lose(name, "its worker was lost")
            return
        for outcome in outcomes:
            self._count(name, Outcome(**outcome))
        self.leases.back(name)
        if is_too_large:
            self.batch = max(1, self.batch // 2)
            self.ledger.note("batch", self.batch)
            self.said.append(f"a batch didn't fit into memory: {self.batch} from now on")

    def _count(self, name: str, outcome: Outcome) -> None:
        if outcome.error:
            self.failed += self.leases.failed(name, outcome.id, outcome.error, outcome.is_final)
        else:
            is_new = self.leases.done(name, outcome.id, outcome.seconds, outcome.batch)
            self.done += is_new
            self.recent += [time.monotonic()] * is_new

    def _lose(self, name: str, why: str) -> None:
        self.ray.kill(self.actors.pop(name))
        self.leases.lost(name, why)
        self.done, self.failed, _ = self.ledger.counts()
        self.groups.pop(name, None)
        self.losses[name] += 1
        self.said.append(f"worker {name} was lost ({why})")
        if not self.actors and not self._open_places():
            raise UserError(f"all workers are lost ({why})", "the same command goes on", 3)

    def dismiss(self) -> None:
        for actor in self.actors.values():
            self.ray.kill(actor)
