"""The models and who may use them when.

Two instances of the base: one draws, the other learns and is measured. Concepts attach to a base, so each instance belongs to one
request at a time; learning needs fp32, drawing is half of that on a GPU. They take turns at the machine step by step: a picture
that somebody waits for goes before a step of a training that takes minutes, which in turn is never passed over more than a few times.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Callable, Iterator, TypeVar

from persimg_demo.settings import Settings
from persimg_demo.turns import Turns

if TYPE_CHECKING:
    from persimg.bases.base import Base

T = TypeVar("T")
DRAWING, LEARNING = "drawing", "learning"


class Studio:
    """Shared by all users. drawing, learning: turns at the two bases; computing: turns at the machine, a step each."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.drawing, self.learning, self.computing = Turns(), Turns(), Turns()
        self._bases: dict[str, Base] = {}
        self._loading = threading.Lock()

    def base(self, purpose: str) -> Base:
        """Loaded when it is first asked for."""
        import persimg

        with self._loading:
            if purpose not in self._bases:
                dtype = "fp32" if purpose == LEARNING else None
                self._bases[purpose] = persimg.load_base(self.settings.base, dtype=dtype, device=self.settings.device)
            return self._bases[purpose]

    def warm_up(self) -> threading.Thread:
        """Load what draws, while the first user reads the page."""
        thread = threading.Thread(target=self.base, args=(DRAWING,), daemon=True)
        thread.start()
        return thread

    def stepwise(self, work: Iterator[T], user: str, urgent: bool, stopped: Callable[[], bool] = lambda: False) -> Iterator[T]:
        """What an iterator yields, every item computed in a turn of its own."""
        end = object()
        while True:
            with self.computing.turn(user, urgent, stopped=stopped):
                item = next(work, end)
            if item is end:
                return
            yield item  # type: ignore[misc]
