"""The worker processes of one machine: started, watched, and started again when they are lost."""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

from persimg.sampling.jobs.ledger import inner, summary
from persimg.sampling.jobs.worker import NO_COORDINATOR, UNABLE, connect

LONGEST_PAUSE = 10.0
"""seconds before a worker that was lost again and again is started again"""


@dataclass
class Member:
    name: str
    device: str | None
    cores: list[int] = field(default_factory=list)
    process: subprocess.Popen | None = None
    starts: int = 0
    due: float = 0.0
    """when to start it (time.monotonic)"""
    is_gone: bool = False
    has_failed: bool = False
    """it went wrong when it last ended"""


@dataclass
class Crew:
    """devices: one worker each; None lets the worker choose. restarts: how often in all a lost one is started again.

    threads: of each worker's sums; is_pinned: each worker keeps to as many cores of its own. logs: folder for what workers say on stderr.
    helps: the coordinator is elsewhere.
    """

    address: Path
    logs: Path
    devices: list[str | None]
    threads: int
    restarts: int = 3
    prefix: str = "w"
    is_pinned: bool = False
    helps: bool = False
    members: list[Member] = field(default_factory=list)
    lost: int = 0

    def __post_init__(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        own = sorted(os.sched_getaffinity(0)) if self.is_pinned else []
        for n, device in enumerate(self.devices):
            self.members.append(Member(f"{self.prefix}{n}", device, own[n * self.threads : (n + 1) * self.threads]))

    def tend(self, is_wanted: bool = True) -> list[str]:
        """Start who isn't there, as long as there is work; gives one line for each that was lost."""
        said = []
        for member in self.members:
            if member.process is not None and (code := member.process.poll()) is not None:
                member.process = None
                said += self._left(member, code, is_wanted)
            if member.process is None and not member.is_gone and is_wanted and time.monotonic() >= member.due:
                self._start(member)
        return said

    def _start(self, member: Member) -> None:
        number = str(self.members.index(member))
        command = [sys.executable, "-m", "persimg.sampling.jobs.worker", str(self.address), "--name", member.name, "--number", number]
        command += ["--device", member.device] if member.device else []
        command += ["--cores", ",".join(map(str, member.cores))] if member.cores else []
        environment = {**os.environ, "OMP_NUM_THREADS": str(self.threads)}
        for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE"):  # workers share no process group
            environment.pop(name, None)
        with open(self._log(member), "ab") as log:
            member.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        member.starts += 1
        member.has_failed = False

    def _left(self, member: Member, code: int, is_wanted: bool) -> list[str]:
        member.is_gone = code == UNABLE or (self.helps and code == 0)  # there is nothing that it can do here
        member.has_failed = code == UNABLE or (is_wanted and code not in (0, NO_COORDINATOR))
        if member.is_gone and member.has_failed and self.helps:  # of our own, the coordinator says it
            return [f"worker {member.name} leaves: {self._last_words(member)}"]
        if member.is_gone or not is_wanted:
            return []
        self.lost += 1
        member.is_gone = self.lost > self.restarts
        member.due = time.monotonic() + min(LONGEST_PAUSE, 0.1 * 2 ** min(member.starts, 10))
        if code in (0, NO_COORDINATOR):
            return []
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        then = "no restarts are left" if member.is_gone else "it is started again"
        return [f"worker {member.name} {how}; {then} ({self._log(member)})"]

    def _log(self, member: Member) -> Path:
        return self.logs / f"{member.name}.log"

    def _last_words(self, member: Member) -> str:
        lines = self._log(member).read_text(errors="replace").splitlines()
        return lines[-1].removeprefix(f"persimg: {member.name}: ") if lines else "it didn't say why"

    def has(self, name: str, host: str, pid: int) -> bool:
        """It is a worker of ours, not one that came to help."""
        ours = {member.name: member.process.pid for member in self.members if member.process is not None}
        return host == socket.gethostname() and ours.get(name) == pid

    def kill(self, pid: int) -> None:
        """A worker of ours that hangs."""
        for member in self.members:
            if member.process is not None and member.process.pid == pid:
                member.process.kill()

    def stop(self) -> None:
        """They finish the pictures in flight and leave."""
        for member in self.members:
            if member.process is not None:
                member.process.terminate()

    @property
    def alive(self) -> int:
        return sum(member.process is not None for member in self.members)

    @property
    def has_hope(self) -> bool:
        """Somebody works, or will; without members, only those that come from elsewhere."""
        return not self.members or any(not member.is_gone for member in self.members)

    def wait(self, patience: float) -> None:
        """For all to leave; who doesn't within `patience` seconds is killed."""
        deadline = time.monotonic() + patience
        for member in self.members:
            if member.process is not None:
                try:
                    member.process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    member.process.kill()
                    member.process.wait()
                member.process = None


class Help:
    """Workers for the job that runs in a shared folder; iterate over it for lines of what happens, until the job ends or nobody is left.

    patience: seconds to wait for a job that begins. `stop` finishes the pictures in flight and ends it. Afterwards `is_met` says whether
    there was a job.
    """

    def __init__(self, out: Path, devices: list[str | None], restarts: int = 3, patience: float = 0):
        self.out, self.devices, self.restarts, self.patience = out, devices, restarts, patience
        self.crew: Crew | None = None
        self.is_met = self.is_stopping = False

    @property
    def has_failed(self) -> bool:
        """Every worker was lost, or could not draw."""
        return self.crew is not None and all(member.has_failed for member in self.crew.members)

    def stop(self) -> None:
        """Safe to call from a signal handler."""
        self.is_stopping = True

    def __iter__(self) -> Iterator[str]:
        try:
            for _ in self._meetings():
                if self.crew is None:
                    self.crew = self._hired()
                yield from self.crew.tend()
                if not self.crew.has_hope:
                    break
                time.sleep(0.5)
            if self.crew is not None:
                yield from self._dismiss(self.crew)
        finally:
            # a second Ctrl-C, or whoever iterates has enough: no worker is left behind
            if self.crew is not None:
                self.crew.wait(0)

    def _meetings(self) -> Iterator[None]:
        """Once for each time that the coordinator is there."""
        address, deadline, began = inner(self.out) / "address.json", time.monotonic() + self.patience, time.time()
        while not self.is_stopping:
            reached = connect(address)
            if reached is not None:
                reached[0].close()
                self.is_met = True
                yield
            elif self.is_met or time.monotonic() >= deadline:
                return
            elif _is_over(self.out, began):
                self.is_met = True
                return
            else:
                time.sleep(0.5)

    def _hired(self) -> Crew:
        prefix = f"{socket.gethostname()}-{os.getpid()}-"
        address, logs = inner(self.out) / "address.json", inner(self.out) / "logs"
        return Crew(address, logs, self.devices, summary(self.out)["threads"] or 1, self.restarts, prefix, helps=True)

    def _dismiss(self, crew: Crew) -> Iterator[str]:
        """Who was told to stop gets the time that its pictures take; who has no coordinator any more, a minute."""
        deadline = math.inf if self.is_stopping else time.monotonic() + 60
        if self.is_stopping:
            crew.stop()
        while crew.alive and time.monotonic() < deadline:
            yield from crew.tend(is_wanted=False)
            time.sleep(0.1)


def _is_over(out: Path, began: float) -> bool:
    """A short job may have ended before a late worker looked for it."""
    ledger = inner(out) / "ledger.sqlite"
    if not ledger.exists() or ledger.stat().st_mtime < began:
        return False
    found = summary(out)
    return not found["is_running"] and found["done"] + found["failed"] == found["total"] > 0
