"""Scores of a concept, computed while others draw."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from persimg import files
from persimg_demo.homes import Home
from persimg_demo.jobs import Job
from persimg_demo.studio import LEARNING, Studio
from persimg_demo.turns import Stopped

QUICK = {"seeds_per_prompt": 1, "steps": 12}
THOROUGH = {"seeds_per_prompt": 2, "steps": 25}


class Measuring(Job):
    """drawn: pictures so far, of about `total`."""

    def __init__(self, studio: Studio, home: Home, name: str, thorough: bool):
        super().__init__(studio, home, f"measuring {name}")
        self.name, self.settings = name, THOROUGH if thorough else QUICK
        self.drawn, self.total = 0, 0
        self.folder = home.reports / f".new {name}"

    def work(self) -> None:
        import persimg
        from persimg.concepts import store
        from persimg.evaluation.suite import usual_suite

        base, path = self.studio.base(LEARNING), self.home.concept_path(self.name)
        suite = usual_suite(base.word_level, store.read_card(path).class_noun)
        self.total = 2 * (len(suite.prompts) * self.settings["seeds_per_prompt"] + suite.class_seeds)  # of the concept and of the base
        shutil.rmtree(self.folder, ignore_errors=True)
        self._turn = self.studio.computing.turn(self.home.who)
        self._turn.__enter__()
        try:
            persimg.evaluate(path, self.folder, base=base, suite=suite.name, between=self._between, **self.settings)
        finally:
            self._turn.__exit__(None, None, None)
        # the report of before stays until there is another
        shutil.rmtree(self.home.reports / self.name, ignore_errors=True)
        self.folder.rename(self.home.reports / self.name)

    def _between(self) -> None:
        """Let others compute."""
        if self._stop.is_set():
            raise Stopped
        self.drawn += 1
        self._turn.__exit__(None, None, None)
        self._turn = self.studio.computing.turn(self.home.who)
        self._turn.__enter__()


def record_of(home: Home, name: str) -> dict[str, Any] | None:
    """What was measured last of this very concept."""
    path = home.reports / name / "scores.json"
    return files.read_json(path) if path.is_file() else None


def report_path(home: Home, name: str) -> Path:
    return home.reports / name / "report.html"


def curve_of(home: Home, name: str) -> dict[str, Any] | None:
    """Scores of the run's checkpoints."""
    path = home.runs / name / "curve.json"
    return files.read_json(path) if path.is_file() else None
