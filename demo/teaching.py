"""A concept being learned: persimg.train's events, kept for whoever looks."""

from __future__ import annotations

import shutil
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from persimg import files
from persimg_demo.homes import Home
from persimg_demo.jobs import FAILED, STOPPED, Job
from persimg_demo.studio import LEARNING, Studio
from persimg_demo.turns import Stopped

RECENT = 20
"""steps whose pace tells the time left"""
THUMB = 256


@dataclass(frozen=True)
class Lesson:
    """What is to be learned. folder: the run's, with the pictures in it; changes: settings of the method."""

    name: str
    class_noun: str
    method: str
    folder: Path
    consent: str = ""
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def pictures(self) -> Path:
        return self.folder / "pictures"


class Teaching(Job):
    """losses: (step, loss); samples: (step, path); points: scores of checkpoints; chosen: the step that was taken."""

    def __init__(self, studio: Studio, home: Home, lesson: Lesson, before: Teaching | None = None):
        """before: a training of the same lesson that ended early, to go on with."""
        super().__init__(studio, home, f"teaching {lesson.name}")
        self.lesson, self.resume, self.claims = lesson, before is not None, lesson.name
        self.step, self.steps = before.step if before else 0, int(lesson.changes.get("steps", 0))
        self.losses: list[tuple[float, float]] = []
        self.samples: list[tuple[int, str]] = []
        self.points: list[dict[str, Any]] = []
        self.chosen: int | None = None
        self.checkpoint: Path | None = before.checkpoint if before else None
        self.phase = "getting ready"
        self._paces: deque[float] = deque(maxlen=RECENT)
        self._last = time.monotonic()

    @property
    def is_halted(self) -> bool:
        """It ended early, and there is something to go on with."""
        return self.status in (STOPPED, FAILED) and self.checkpoint is not None

    @property
    def seconds_left(self) -> float | None:
        """Of the steps, by the pace of the last ones; None before there is one."""
        return (self.steps - self.step) * sum(self._paces) / len(self._paces) if self._paces else None

    def work(self) -> None:
        import persimg

        lesson = self.lesson
        base = self.studio.base(LEARNING)
        events = persimg.train(
            lesson.method, lesson.pictures, lesson.name, lesson.class_noun, base, lesson.folder, restart=not self.resume,
            add_to_library=True, consent=lesson.consent, should_stop=self._stop.is_set, **lesson.changes,
        )  # fmt: skip
        try:
            for event in self.studio.stepwise(events, self.home.who, urgent=False):
                self._take(event)
                if event.kind == "judged" and self._stop.is_set():
                    raise Stopped
        finally:
            events.close()

    def _take(self, event: Any) -> None:
        values = event.values
        if event.kind == "start":
            self.step, self.steps, self.phase, self._last = event.step, values["steps"], "learning", time.monotonic()
        elif event.kind == "step":
            self._pace(event.step, values["loss"])
        elif event.kind == "sample":
            self.samples += [(event.step, path) for path in values["paths"]]
        elif event.kind == "checkpoint":
            self.checkpoint = Path(values["path"])
            if event.step == self.steps:
                self.phase = "comparing the checkpoints"
        elif event.kind == "judged":
            self.points.append(values)
        elif event.kind == "finished":
            self.chosen = values["chosen_step"]
            keep_thumb(self.home, self.lesson.name, self.lesson.pictures)

    def _pace(self, step: int, loss: float) -> None:
        now = time.monotonic()
        self._paces.append(now - self._last)
        self._last, self.step = now, step
        self.losses.append((step, loss))


def keep_thumb(home: Home, name: str, pictures: Path) -> None:
    """The first picture, small, for the library."""
    first = next(iter(sorted(pictures.glob("*.png"))), None)
    if first is None:
        return
    small = files.open_picture(first)
    small.thumbnail((THUMB, THUMB))
    with files.write_beside(home.thumbs / f"{name}.png") as temporary:
        small.save(temporary, "PNG")


def keep_stopped(home: Home, job: Teaching) -> None:
    """The last checkpoint of a training that was cancelled becomes the concept."""
    from persimg.concepts import library

    concept = job.lesson.folder / f"{job.lesson.name}.safetensors"
    assert job.checkpoint is not None
    shutil.copyfile(job.checkpoint, concept)
    with home.inside():
        library.add(concept)
    keep_thumb(home, job.lesson.name, job.lesson.pictures)
