"""A worker: connects to the coordinator, draws what it is leased, and leaves when there is nothing more or nobody to ask.

Started as `python -m persimg.sampling.jobs.worker ADDRESS_FILE --name NAME [--device cuda:0]`.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from persimg.errors import UserError
from persimg.sampling.jobs.drawing import Drawer, OutOfMemory, Settings
from persimg.sampling.jobs.leases import Lease
from persimg.sampling.jobs.ledger import inner, only_one
from persimg.sampling.jobs.wire import Address, Line

HEARTBEAT = 2.0
"""seconds"""
NO_COORDINATOR = 4
"""exit code of a worker that found nobody to ask, or lost the one it asked; it may be started again"""
UNABLE = 5
"""exit code of a worker that can't draw what is asked for; starting it again would change nothing"""
log = logging.getLogger("persimg")


class Worker:
    """One connection, one drawer. stopping: finish the pictures in flight, then leave.

    number: among the workers of this machine, which share out its GPUs where `device` doesn't name one.
    """

    def __init__(self, line: Line, name: str, device: str | None, token: str, out: Path, number: int = 0):
        self.line, self.name, self.device, self.out, self.number = line, name, device, out, number
        self.stopping = self.is_cut_off = False
        self.batch = 1
        self.over = threading.Event()
        self.line.say(hello=name, token=token, pid=os.getpid(), host=socket.gethostname(), device=device)

    def run(self) -> int:
        """The exit code."""
        try:
            told = self.line.hear()
        except OSError:
            return NO_COORDINATOR
        threading.Thread(target=self._beat, daemon=True).start()
        try:
            self._draw_all(self._settings(told["settings"]), helps=not told.get("own"))
        except UserError as error:
            log.error("%s", error)
            self._tell(unable=str(error))
            return UNABLE
        finally:
            self.over.set()
        self._tell(bye=True)
        return NO_COORDINATOR if self.is_cut_off else 0

    def _settings(self, told: dict[str, Any]) -> Settings:
        try:
            # the shared folder may have another path on this machine
            return replace(Settings(**told), out=str(self.out))
        except TypeError as error:
            raise UserError("the job is run by another version", "install the same version of persimg for all workers", 3) from error

    def _draw_all(self, settings: Settings, helps: bool) -> None:
        drawer = Drawer(settings, own_device(self.device, settings.device, self.number), helps)
        with only_one(inner(drawer.out) / "workers", patience=10, shared=True), contextlib.closing(drawer):
            while (lease := self._ask(drawer.group, only=False)) is not None:
                self._draw(drawer, lease)

    def _draw(self, drawer: Drawer, lease: Lease) -> None:
        drawer.batch = self.batch
        try:
            for outcome in drawer.draw(lease, self._ask):
                if outcome.error:
                    self._tell(failed=outcome.id, error=outcome.error, final=outcome.is_final)
                else:
                    self._tell(done=outcome.id, seconds=outcome.seconds, batch=outcome.batch)
        except OutOfMemory:
            import torch

            torch.cuda.empty_cache()
            self._tell(too_large=drawer.batch)

    def _ask(self, group: str, only: bool = True) -> Lease | None:
        """group: the one being drawn; only: nothing of others. None when there is nothing more, or this worker should stop."""
        while not self.stopping:
            try:
                self.line.say(want=group, only=only)
                answer = self.line.hear()
            except OSError:
                self._cut_off()
                return None
            if "lease" in answer:
                self.batch = answer["batch"]
                return Lease(**answer["lease"])
            if "wait" not in answer:
                return None
            time.sleep(answer["wait"])
        return None

    def _tell(self, **message: Any) -> None:
        """What is drawn lies on the disk: that nobody hears of it is no reason to draw no more of the lease."""
        try:
            self.line.say(**message)
        except OSError:
            self._cut_off()

    def _cut_off(self) -> None:
        if not self.is_cut_off:
            log.warning("worker %s lost the coordinator; it finishes what is in flight and leaves", self.name)
        self.stopping = self.is_cut_off = True

    def _beat(self) -> None:
        """Also while a worker that was told to stop finishes its pictures."""
        while not self.is_cut_off and not self.over.wait(HEARTBEAT):
            self._tell(alive=True)


def own_device(asked: str | None, kind: str | None, number: int) -> str | None:
    """The device of a worker: what was asked for, of the kind that the job's pictures are drawn on; GPUs are dealt out by number."""
    device = asked or kind
    if device and kind and device.partition(":")[0] != kind:
        raise UserError(f"this job's pictures are drawn on {kind}, not {device}", f"leave --device out or give --device {kind}")
    if device != "cuda":
        return device
    import torch

    return f"cuda:{number % torch.cuda.device_count()}" if torch.cuda.device_count() else device


def connect(file: Path) -> tuple[Line, str] | None:
    """The line to the coordinator that a file names, and the token; None when nobody listens there."""
    address = Address.load(file)
    try:
        return (Line(address.connect()), address.token) if address else None
    except OSError:
        return None


def main() -> int:
    parser = argparse.ArgumentParser(description="A worker of persimg batch run; started by it.")
    parser.add_argument("address", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--device")
    parser.add_argument("--number", type=int, default=0, help="among the workers of this machine")
    parser.add_argument("--cores", help="CPU cores to keep to, such as 0,1")
    args = parser.parse_args()
    if args.cores:
        os.sched_setaffinity(0, map(int, args.cores.split(",")))
    logging.basicConfig(format=f"persimg: {args.name}: %(message)s", stream=sys.stderr, level=logging.WARNING, force=True)
    reached = connect(args.address)
    if reached is None:
        return NO_COORDINATOR
    worker = Worker(reached[0], args.name, args.device, reached[1], args.address.resolve().parent.parent, args.number)

    def stop(*_: Any) -> None:
        worker.stopping = True

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C goes to all; the coordinator says what to do
    signal.signal(signal.SIGTERM, stop)
    try:
        return worker.run()
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        reached[0].close()


if __name__ == "__main__":
    sys.exit(main())
