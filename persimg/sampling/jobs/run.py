"""One run of a job in its folder: planned, begun or gone on with, drawn, summed up."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

from persimg.errors import UserError
from persimg.sampling.jobs.coordinator import Coordinator, Progress
from persimg.sampling.jobs.crew import Crew
from persimg.sampling.jobs.drawing import Settings
from persimg.sampling.jobs.entries import JobFile
from persimg.sampling.jobs.leases import Leases
from persimg.sampling.jobs.ledger import Ledger, inner, only_one, picture_path
from persimg.sampling.jobs.manifest import Manifest, Rewrite, plan
from persimg.sampling.jobs.wire import listening

FIXED = ("batch", "threads", "dtype", "attention", "compile", "device")
"""what a folder's pictures have in common: another value has other last bits"""
SHOWN = 100
THUMBNAIL = 160


@dataclass(frozen=True)
class Options:
    """How to run. None: the job file's value, else the folder's of before, else the default.

    workers: processes, one a GPU, else 1; threads: CPU threads of each, all cores shared out; batch: rows a forward pass, 4.
    device: "cpu" or "cuda"; restarts: of lost workers, in all; attempts: of a failing task; patience: seconds without a sign of life.
    listen: "HOST[:PORT]" for workers of other machines; devices: one worker each, instead of `workers`; sharers: processes that share out
    this machine's cores, where a launcher started several.
    """

    workers: int | None = None
    threads: int | None = None
    batch: int | None = None
    dtype: str | None = None
    attention: str | None = None
    compile: bool | None = None
    device: str | None = None
    devices: tuple[str, ...] = ()
    sharers: int | None = None
    restarts: int = 3
    attempts: int = 3
    patience: float = 60
    listen: str | None = None
    is_pinned: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (("workers", 1, 1024), ("threads", 1, 1024), ("batch", 1, 1024), ("restarts", 0, 10**6), ("attempts", 1, 1000)):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise UserError(f"--{name} {value} is out of range", f"take {low} to {high}")
        if not 1 <= self.patience <= 86_400:
            raise UserError(f"--patience {self.patience:g} is out of range", "take 1 to 86400 seconds")


class BatchRun:
    """Iterate over it for its progress; `stop` finishes the pictures in flight and ends it. The same run again goes on.

    Pictures are OUT/<task id>.png, everything else lies in OUT/.persimg. After the iteration `manifest` is the plan, and
    `persimg.sampling.jobs.ledger.summary(out)` says what became of it.
    Raises UserError for a job that can't be drawn, for a folder in which another run is at work, or whose pictures were drawn otherwise.
    """

    def __init__(self, job: JobFile, out: Path | str, base: str = "mini", rewrite: Rewrite | None = None, options: Options = Options()):
        self.job, self.out, self.base, self.rewrite, self.options = job, Path(out), base, rewrite, options
        self.manifest: Manifest | None = None
        self.is_stopping = False
        self.coordinator: Coordinator | None = None

    def stop(self) -> None:
        """Safe to call from a signal handler."""
        self.is_stopping = True
        if self.coordinator is not None:
            self.coordinator.stop()

    def __iter__(self) -> Iterator[Progress]:
        hidden = inner(self.out)
        with only_one(hidden / "lock", patience=1) as is_ours:
            if not is_ours:
                raise UserError(f"another run is at work in {self.out}", f"follow it with: persimg batch status {self.out}")
            self.manifest = plan(self.job, self.base, self.rewrite)
            with contextlib.closing(Ledger(self.out)) as ledger:
                yield from self._wait_for_orphans(hidden)
                settings = self._settings(ledger, self.manifest)  # first, so that what is refused changes nothing
                ledger.take(self.manifest.tasks)
                ledger.reconcile()
                shutil.rmtree(hidden / "tmp", ignore_errors=True)
                (hidden / "tmp").mkdir()
                yield from self._draw(ledger, settings)
            sheet(self.out)

    def _draw(self, ledger: Ledger, settings: Settings) -> Iterator[Progress]:
        options, started = self.options, time.time()

        def crew(address: Path) -> Crew:
            devices = self._devices(settings.device)
            return Crew(address, inner(self.out) / "logs", devices, settings.threads, options.restarts, is_pinned=options.is_pinned)

        leases = Leases(ledger, options.attempts)
        listen = listening(options.listen) if options.listen else None
        self.coordinator = Coordinator(ledger, leases, settings, crew, inner(self.out) / "address.json", options.patience, listen)
        if self.is_stopping:
            self.coordinator.stop()
        before = self.coordinator.done
        yield from self.coordinator
        drawn, seconds = self.coordinator.done - before, time.time() - started
        if drawn:
            ledger.note("rate", round(drawn / seconds, 4))
        ledger.note("restarts", ledger.fact("restarts", 0) + min(self.coordinator.crew.lost, options.restarts))

    def _gpus(self) -> int:
        assert self.manifest is not None
        return self.manifest.gpus

    def _devices(self, kind: str | None) -> list[str | None]:
        """kind: of the folder's pictures, "cpu" or "cuda"."""
        if self.options.devices:
            return list(self.options.devices)
        gpus = self._gpus() if kind == "cuda" else 0
        count = self.options.workers or max(1, gpus)
        return [f"cuda:{n % gpus}" if gpus else kind for n in range(count)]

    def _settings(self, ledger: Ledger, manifest: Manifest) -> Settings:
        """The folder's own, where it has pictures; UserError where others are asked for."""
        asked = {name: self._asked(name) for name in FIXED}
        before = ledger.fact("settings") if ledger.has_pictures() else None
        if before is not None:
            before.setdefault("compile", False)  # a folder from before there was that
        kind = (asked["device"] or ("cuda" if self._gpus() else "cpu")) if before is None else before["device"]
        if before is None:
            self._check_gpus(kind, f"{self.out} is to be drawn on {kind}")
            sharers = self.options.sharers or len(self._devices(kind))
            usual = {
                "batch": 4, "threads": max(1, len(os.sched_getaffinity(0)) // sharers), "attention": "sdpa", "compile": False, "device": kind,
                "dtype": "fp16" if kind == "cuda" else "fp32",
            }  # fmt: skip
            before = {name: usual[name] if asked[name] is None else asked[name] for name in FIXED}
            ledger.note("settings", before)
            ledger.note("batch", before["batch"])
            ledger.note("threads", before["threads"])
        for name in FIXED:
            if asked[name] is not None and asked[name] != before[name]:
                mend = f"draw it on {kind}" if name == "device" else f"leave --{name} out"
                raise UserError(f"{self.out} was begun with {name} {before[name]}, not {asked[name]}", f"{mend} or choose another --out")
        self._check_gpus(kind, f"{self.out} was begun with device {kind}")
        used = {name: before[name] for name in FIXED}
        return Settings(
            str(self.out.resolve()), manifest.bases, manifest.concepts, manifest.pictures,
            strict=self.job.options.get("strict", False), force=self.job.options.get("force", False),
            safety=manifest.safety, checker=manifest.checker, **used,
        )  # fmt: skip

    def _check_gpus(self, kind: str, why: str) -> None:
        if kind == "cuda" and not self._gpus():
            raise UserError(f"{why}, but there is no CUDA device", "choose --device cpu and an --out of its own, or a machine with a GPU")

    def _asked(self, name: str) -> Any:
        given = getattr(self.options, name)
        if name == "device" and self.options.devices:
            return self.options.devices[0].partition(":")[0]
        return self.job.options.get(name) if given is None else given

    def _wait_for_orphans(self, hidden: Path) -> Iterator[Progress]:
        """Workers of a run that was killed finish what they hold; drawing it beside them would draw it twice."""
        with only_one(hidden / "workers") as is_free:
            if is_free:
                return
        yield Progress(0, 0, 0, 0, 0, 0.0, ("waiting for the workers of an earlier run to finish what they hold",))
        with only_one(hidden / "workers", patience=10 * self.options.patience):
            pass  # one that hangs longer than that is not waited for


def sheet(out: Path) -> Path | None:
    """OUT/.persimg/sheet.png: up to 100 of the pictures, evenly spread over the plan."""
    from PIL import Image

    from persimg.data.pictures import contact_sheet
    from persimg.sampling import provenance

    with contextlib.closing(Ledger(out)) as ledger:
        ids = [row[0] for row in ledger.db.execute("SELECT id FROM tasks WHERE wanted AND state = 'done' ORDER BY position")]
    chosen = ids[:: max(1, -(-len(ids) // SHOWN))]
    pictures = []
    for id in chosen:
        # one that was removed or cut off meanwhile is no reason to show none
        with contextlib.suppress(OSError, SyntaxError, ValueError), Image.open(picture_path(out, id)) as picture:
            picture.thumbnail((THUMBNAIL, THUMBNAIL))
            pictures.append(picture.convert("RGB"))
    if not pictures:
        return None
    path = inner(out) / "sheet.png"
    provenance.save_sheet(contact_sheet(pictures, 10), path)
    return path
