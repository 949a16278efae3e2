"""What all tabs share: the models, who visits, and what one tab tells another."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Sequence

from persimg.concepts import library, store
from persimg.errors import UserError
from persimg_demo.drawing import Drawing
from persimg_demo.homes import Home, home_of, serve
from persimg_demo.jobs import Job
from persimg_demo.settings import Settings
from persimg_demo.studio import Studio
from persimg_demo.words import spoken

if TYPE_CHECKING:
    import gradio as gr

    from persimg.concepts.concept import Card
    from persimg.preferences.store import Store

FORGET_AFTER = 24 * 3600
COPIES = 8192
"""that are remembered to be served again"""


@dataclass
class Visitor:
    """What the server remembers of a user beside what lies in the home."""

    home: Home
    jobs: dict[type, Job] = field(default_factory=dict)
    """the last one of each kind"""
    drawing: Drawing | None = None
    measured: str = ""
    """the concept that Measure shows"""
    asking: Any = None
    seen: float = field(default_factory=time.monotonic)

    @property
    def running(self) -> Job | None:
        return next((job for job in self.jobs.values() if job.is_running), None)


@dataclass
class Refresh:
    """What a tab shows anew when something changed elsewhere: function(who) → values of outputs."""

    function: Callable[[str], Any]
    outputs: Sequence[Any]


class Page:
    """user: a gr.State with who the visitor is, kept on the server; parts: the other tabs' components by name."""

    def __init__(self, settings: Settings, studio: Studio, cache: Path):
        self.settings, self.studio, self.cache, self.limits = settings, studio, cache, settings.limits
        self.user: gr.State
        self.parts: dict[str, Any] = {}
        self.refreshes: list[Refresh] = []
        self._events: list[Any] = []
        self._visitors: dict[str, Visitor] = {}
        self._served: dict[tuple[Any, ...], str] = {}
        self._lock = threading.Lock()

    def visitor(self, who: str) -> Visitor:
        home = home_of(self.settings.data, who)
        with self._lock:
            self._forget_others()
            found = self._visitors.setdefault(who, Visitor(home))
            found.seen = time.monotonic()
            return found

    def _forget_others(self) -> None:
        limit = time.monotonic() - FORGET_AFTER
        for who in [who for who, v in self._visitors.items() if v.seen < limit and not v.running]:
            del self._visitors[who]

    def home(self, who: str) -> Home:
        return self.visitor(who).home

    def store(self, who: str) -> Store:
        """The user's profile; to be closed."""
        from persimg.preferences.store import Store

        home = self.home(who)
        home.folder.mkdir(parents=True, exist_ok=True)
        return Store(home.profiles)

    def begin(self, who: str, make: Callable[[Home], Job]) -> Job:
        """UserError where the user's last job still runs."""
        visitor = self.visitor(who)
        with self._lock:
            if visitor.running:
                raise UserError(f"{visitor.running.what} is still under way", "wait for it, or cancel it")
            job = make(visitor.home)
            visitor.jobs[type(job)] = job
            job.start()
            return job

    def cards(self, who: str) -> list[Card]:
        """Own concepts, then shared ones that no own one hides."""
        home = self.home(who)
        with home.inside():
            own = library.listing()
        names = {card.name for card in own}
        shared = [store.read_card(path) for path in sorted(home.shared.glob("*.safetensors"))]
        return [*own, *(card for card in shared if card.name not in names)]

    def check_unclaimed(self, who: str, name: str) -> None:
        """UserError for a name that a running training will give to its concept."""
        running = self.visitor(who).running
        if running is not None and running.claims == name:
            raise UserError(f"<{name}> is being learned", "choose another name, or cancel that")

    def forget_taught(self, who: str, name: str) -> None:
        """Teach shows it no more: it has another name by now, or is gone."""
        with self._lock:
            jobs = self._visitors[who].jobs
            for kind in [kind for kind, job in jobs.items() if job.claims == name and not job.is_running]:
                del jobs[kind]

    def has(self, who: str, name: str) -> bool:
        """It can be used: own or shared."""
        try:
            return self.home(who).concept_path(name).is_file()
        except UserError:
            return False

    def count_own(self, who: str) -> int:
        with self.home(who).inside():
            return len(library.listing())

    def served(self, path: Path, name: str | None = None) -> str:
        """A copy that Gradio may hand out; the one of before, as long as it is there and the file is the same.

        UserError where another tab has just removed the file.
        """
        try:
            key = (str(path), path.stat().st_mtime_ns, name)
            with self._lock:
                known = self._served.pop(key, None)
            if known is None or not _touched(known):
                known = serve(path, self.cache, name)
        except FileNotFoundError as error:
            raise UserError("a file of this page was removed meanwhile", "reload it to see what is there") from error
        with self._lock:
            self._served[key] = known
            while len(self._served) > COPIES:
                del self._served[next(iter(self._served))]
        return known

    def refresh(self, event: Any) -> None:
        """After this event, all tabs show what is there."""
        self._events.append(event)

    def connect(self) -> None:
        """Once all tabs are there."""
        for event in self._events:
            for part in self.refreshes:
                event = event.then(spoken(part.function), self.user, part.outputs, **quiet())


def _touched(path: str) -> bool:
    """It is there, and the sweeper won't take it soon."""
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def quiet() -> dict[str, Any]:
    """For events that are no work: no spinner, no place in the queue, not in the API."""
    return {"show_progress": "hidden", "queue": False, "api_visibility": "private"}


def private() -> dict[str, Any]:
    """For events that are part of the page alone. The turns, not Gradio's queue, decide who computes."""
    return {"api_visibility": "private", "concurrency_limit": None, "show_progress": "hidden"}
