"""The one process of a job that holds the ledger and hands out leases."""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator

from persimg.errors import UserError
from persimg.sampling.jobs.crew import Crew
from persimg.sampling.jobs.drawing import Settings
from persimg.sampling.jobs.leases import Leases
from persimg.sampling.jobs.ledger import RECENT, Ledger
from persimg.sampling.jobs.wire import LONGEST, Address, encoded, reachable

TICK = 0.1
"""seconds between looks at workers and clocks"""
STUCK, LOADING = 10, 60
"""times `patience` that a living worker may draw nothing; the second while it may be loading models, from a slow disk"""
WAIT = 0.2
"""seconds after which a worker without work asks again: what others hold may come back"""


@dataclass(frozen=True)
class Progress:
    """total = done + failed + running + pending. rate: pictures a second of late, over all workers; said: what happened, in lines."""

    total: int
    done: int
    failed: int
    running: int
    workers: int
    rate: float
    said: tuple[str, ...] = ()

    @property
    def seconds_left(self) -> float | None:
        left = self.total - self.done - self.failed
        return left / self.rate if self.rate else None


@dataclass
class Peer:
    """One connected worker. beat, progress: when it was last heard of, and last drew something (time.monotonic).

    is_own: of this coordinator's crew, not one that came to help.
    group, drawn: what it was leased of last, and drew of last.
    """

    name: str
    pid: int
    host: str
    writer: asyncio.StreamWriter
    is_own: bool
    beat: float = field(default_factory=time.monotonic)
    progress: float = field(default_factory=time.monotonic)
    group: str = ""
    drawn: str = ""

    @property
    def grace(self) -> int:
        return STUCK if self.drawn == self.group else LOADING

    def drew(self) -> None:
        self.progress, self.drawn = self.beat, self.group


def rate_of(recent: list[float]) -> float:
    """Events a second of the last minute, from their moments (time.monotonic); earlier ones are dropped."""
    now = time.monotonic()
    recent[:] = [moment for moment in recent if now - moment < RECENT]
    span = now - min(recent, default=now)
    return len(recent) / span if span > 1 else 0.0


class Coordinator:
    """Iterate over it: it yields its progress about every second, until all is done, it is stopped, or it can't go on.

    patience: seconds without a sign of life after which a worker counts as lost; one that lives, but draws nothing, gets ten times as long,
    and sixty times while it loads models.
    listen: "HOST[:PORT]" for workers on other machines, else a local socket. Raises UserError (exit 3) when the job can't go on.
    """

    def __init__(
        self, ledger: Ledger, leases: Leases, settings: Settings, crew: Callable[[Path], Crew], address: Path,
        patience: float = 60, listen: tuple[str, int] | None = None,
    ):  # fmt: skip
        self.ledger, self.leases, self.settings, self.patience, self.listen = ledger, leases, settings, patience, listen
        self.address, self.crew = address, crew(address)
        self.batch = ledger.fact("batch", settings.batch)
        self.token = secrets.token_hex(16)
        self.peers: dict[str, Peer] = {}
        self.is_stopping = False
        self.trouble: UserError | None = None
        self.said: list[str] = []
        self.recent: list[float] = []
        self.done, self.failed, self.total = ledger.counts()

    def stop(self) -> None:
        """Finish the pictures in flight, then end; safe to call from a signal handler."""
        self.is_stopping = True

    def __iter__(self) -> Iterator[Progress]:
        loop = asyncio.new_event_loop()
        server = None
        try:
            server = loop.run_until_complete(self._serve())
            while not self._is_over():
                loop.run_until_complete(self._ticks(1.0))
                yield self.progress()
        except KeyboardInterrupt:
            self.crew.wait(0)
            raise
        finally:
            # also when whoever iterates has enough
            if server is not None:
                loop.run_until_complete(self._farewell(server))
            self.crew.wait(self.patience)
            self.address.unlink(missing_ok=True)
            loop.close()
        self.ledger.commit()
        yield self.progress()
        if self.trouble:
            raise self.trouble

    def progress(self) -> Progress:
        said, self.said = tuple(self.said), []
        return Progress(self.total, self.done, self.failed, self.leases.running, len(self.peers), rate_of(self.recent), said)

    # --- the loop -----------------------------------------------------------------------------------------------------

    async def _serve(self) -> asyncio.Server:
        if self.listen is None:
            self.folder = tempfile.mkdtemp(prefix="persimg-")  # paths of sockets are short
            path = f"{self.folder}/socket"
            server = await asyncio.start_unix_server(self._meet, path, limit=LONGEST)
            Address(self.token, path=path).save(self.address)
            return server
        host, port = self.listen
        try:
            server = await asyncio.start_server(self._meet, host or None, port, limit=LONGEST)
        except OSError as error:
            raise UserError(f"--listen {host}:{port} can't be used ({error.strerror or error})", "name an address of this machine and a free port") from error
        port = server.sockets[0].getsockname()[1]
        Address(self.token, host=reachable(host), port=port).save(self.address)
        return server

    def _is_over(self) -> bool:
        if self.trouble or self.leases.pending + self.leases.running == 0:
            return True
        return self.is_stopping and not (self.peers and self.leases.running)

    async def _ticks(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._is_over():
            self.said += self.crew.tend(is_wanted=not self.is_stopping)
            self._look_after()
            self.ledger.commit()
            await asyncio.sleep(TICK)

    def _look_after(self) -> None:
        now = time.monotonic()
        for peer in list(self.peers.values()):
            is_silent = now - peer.beat > self.patience
            is_stuck = now - peer.progress > peer.grace * self.patience and self.leases.held.get(peer.name)
            if is_silent or is_stuck:
                self.said.append(f"worker {peer.name} {'is silent' if is_silent else 'draws nothing'}; its pictures go to others")
                if peer.is_own:
                    self.crew.kill(peer.pid)
                self._part(peer, "its worker hung")
        if not self.crew.has_hope and not self.peers and not self.is_stopping:
            self.trouble = UserError("all workers are lost", f"see {self.crew.logs}; the same command goes on", 3)

    async def _farewell(self, server: asyncio.Server) -> None:
        """No more leases: workers get to know when they ask, and write what they have drawn."""
        self.is_stopping = True
        end = time.monotonic() + self.patience
        while self.peers and time.monotonic() < end:
            self.crew.tend(is_wanted=False)
            await asyncio.sleep(TICK)
        for peer in list(self.peers.values()):
            self._part(peer, "it didn't leave")
        server.close()
        if self.listen is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- one worker ---------------------------------------------------------------------------------------------------

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = None
        try:
            peer = await asyncio.wait_for(self._greet(reader, writer), 10)
            while peer is not None and (line := await reader.readline()):
                await self._answer(peer, json.loads(line))
        except (OSError, ValueError, KeyError, TypeError, asyncio.TimeoutError):
            pass  # whoever breaks off or talks nonsense is lost
        except UserError as error:
            self.trouble = self.trouble or error
        finally:
            if peer is not None and self.peers.get(peer.name) is peer:
                self._part(peer, "its worker was lost")
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Peer | None:
        hello = json.loads(await reader.readline())
        if not hmac.compare_digest(str(hello["token"]), self.token):
            return None
        name = f"{hello['host']}/{hello['hello']}" if self.listen else str(hello["hello"])
        pid, host = int(hello["pid"]), str(hello["host"])
        if name in self.peers:
            self._part(self.peers[name], "its worker came anew")
        peer = self.peers[name] = Peer(name, pid, host, writer, self.crew.has(str(hello["hello"]), host, pid))
        await self._send(peer, settings=asdict(self.settings), own=peer.is_own)
        return peer

    async def _send(self, peer: Peer, **message: Any) -> None:
        peer.writer.write(encoded(message))
        await peer.writer.drain()

    async def _answer(self, peer: Peer, message: dict[str, Any]) -> None:
        peer.beat = time.monotonic()
        if "want" in message:
            await self._send(peer, **self._offer(peer, message["want"], bool(message.get("only"))))
        elif "done" in message:
            peer.drew()
            if self.leases.done(peer.name, message["done"], float(message["seconds"]), int(message["batch"])):
                self.done += 1
                self.recent.append(peer.beat)
        elif "failed" in message:
            peer.drew()
            self.failed += self.leases.failed(peer.name, message["failed"], str(message["error"]), bool(message.get("final")))
        elif "too_large" in message:
            self._halve(peer, int(message["too_large"]))
        elif "unable" in message:
            self._unable(peer, str(message["unable"]))
        elif "bye" in message:
            self.leases.back(peer.name)
            self.peers.pop(peer.name, None)

    def _offer(self, peer: Peer, group: str, only: bool) -> dict[str, Any]:
        if self.is_stopping or self.trouble:
            return {"end": True}
        if only and group not in self.leases.groups:
            return {"end": True}
        if (lease := self.leases.lease(peer.name, self.batch, group or None)) is not None:
            peer.progress, peer.group = time.monotonic(), lease.group
            return {"lease": asdict(lease), "batch": self.batch}
        return {"wait": WAIT} if self.leases.pending + self.leases.running else {"end": True}

    def _halve(self, peer: Peer, size: int) -> None:
        """One shape for all from now on; pictures of before keep theirs, as their rows say."""
        self.leases.back(peer.name)
        if size // 2 < self.batch:
            self.batch = max(1, size // 2)
            self.ledger.note("batch", self.batch)
            self.said.append(f"a batch of {size} doesn't fit into memory: {self.batch} from now on")

    def _unable(self, peer: Peer, why: str) -> None:
        """What one of ours can't do, all can't; what a helper can't may be its machine's fault, and ends its help alone."""
        if peer.is_own:
            self.trouble = self.trouble or UserError(why, exit_code=3)
            return
        self.said.append(f"worker {peer.name} leaves: {why}")
        self.leases.back(peer.name)
        self.peers.pop(peer.name, None)

    def _part(self, peer: Peer, why: str) -> None:
        self.peers.pop(peer.name, None)
        peer.writer.close()
        try:
            self.leases.lost(peer.name, why)
            self.done, self.failed, _ = self.ledger.counts()
        except UserError as error:  # such as a full disk
            self.trouble = self.trouble or error
