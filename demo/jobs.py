"""Work of minutes, one at a time for each user: it goes on when the page is closed, and is found again when it is opened."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod

from persimg.errors import UserError
from persimg_demo.homes import Home
from persimg_demo.studio import Studio
from persimg_demo.turns import Stopped
from persimg_demo.words import UNKNOWN, plain

WAITING, WORKING, DONE, STOPPED, FAILED = "waiting", "working", "done", "stopped", "failed"


class Job(ABC):
    """what: for the user, such as "teaching mobu"; said: why it failed; claims: the name that it will give to a concept."""

    claims = ""

    def __init__(self, studio: Studio, home: Home, what: str):
        self.studio, self.home, self.what = studio, home, what
        self.status, self.said, self.ahead = WAITING, "", 0
        self.started = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set() and self.is_running

    @property
    def is_running(self) -> bool:
        return self.status in (WAITING, WORKING)

    def wait(self, seconds: float | None = None) -> None:
        self._thread.join(seconds)

    def _wait(self, ahead: int) -> None:
        self.ahead = ahead

    def _run(self) -> None:
        try:
            with self.home.inside(), self.studio.learning.turn(self.home.who, waiting=self._wait, stopped=self._stop.is_set):
                self.status, self.started = WORKING, time.monotonic()
                self.work()
            self.status = DONE
        except (Stopped, KeyboardInterrupt):
            self.status = STOPPED
        except UserError as error:
            self.status, self.said = FAILED, plain(error)
        except Exception:
            logging.getLogger("persimg").exception("%s failed", self.what)
            self.status, self.said = FAILED, UNKNOWN

    @abstractmethod
    def work(self) -> None:
        """In a thread of its own, with the turn at the learning base."""
