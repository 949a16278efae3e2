"""The worker processes of one machine: started, watched, and started again when they are lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from persimg.sampling.jobs.ledger import inner, summary
from persimg.sampling.jobs.worker import NO_COORDINATOR, connect

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


@dataclass
class Crew:
    """devices: one worker each; None lets the worker choose. restarts: how often in all a lost one is started again.

    threads: of each worker's sums; is_pinned: each worker keeps to as many cores of its own. logs: folder for what workers say on stderr.
    """

    address: Path
    logs: Path
    devices: list[str | None]
    threads: int
    restarts: int = 3
    prefix: str = "w"
    is_pinned: bool = False
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
        with open(self.logs / f"{member.name}.log", "ab") as log:
            member.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        member.starts += 1

    def _left(self, member: Member, code: int, is_wanted: bool) -> list[str]:
        if not is_wanted:
            return []
        self.lost += 1
        member.is_gone = self.lost > self.restarts
        member.due = time.monotonic() + min(LONGEST_PAUSE, 0.1 * 2 ** min(member.starts, 10))
        if code in (0, NO_COORDINATOR):
            return []
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        then = "no restarts are left" if member.is_gone else "it is started again"
        return [f"worker {member.name} {how}; {then} ({self.logs / (member.name + '.log')})"]

    def kill(self, pid: int) -> None:
        """A worker that hangs."""
        for member in self.members:
            if member.process is not None and member.process.pid == pid:
                member.process.kill()

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


def join(out: Path, devices: list[str | None], restarts: int = 3, patience: float = 0) -> bool:
    """Workers for the job that runs in a shared folder, until it ends. False when none runs there, nor begins within `patience` seconds."""
    address, threads = inner(out) / "address.json", 1
    prefix = f"{socket.gethostname()}-{os.getpid()}-"
    crew, is_met, deadline, began = None, False, time.monotonic() + patience, time.time()
    while True:
        reached = connect(address)
        if reached is not None:
            reached[0].close()
            is_met = True
        elif is_met or time.monotonic() >= deadline:
            break
        elif _is_over(out, began):
            return True
        if is_met and crew is None:
            threads = summary(out)["threads"] or threads
            crew = Crew(address, inner(out) / "logs", devices, threads, restarts, prefix)
        if crew is not None:
            crew.tend()
            if not crew.has_hope:
                break
        time.sleep(0.5)
    if crew is not None:
        crew.wait(60)
    return is_met


def _is_over(out: Path, began: float) -> bool:
    """A short job may have ended before a late worker looked for it."""
    ledger = inner(out) / "ledger.sqlite"
    if not ledger.exists() or ledger.stat().st_mtime < began:
        return False
    found = summary(out)
    return not found["is_running"] and found["done"] + found["failed"] == found["total"] > 0
