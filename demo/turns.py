"""Turns at what only one can use at a time, fair among users: of those who wait, who was served longest ago goes first."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from typing import Callable, Iterator

PATIENCE = 8
"""urgent turns that may go before one that isn't"""
REMEMBERED = 4096
"""users"""
LOOK_EVERY = 0.5
"""seconds after which who waits looks whether it is still wanted"""


class Stopped(Exception):
    """Who waited isn't wanted any more."""


@dataclass(eq=False)
class _Ticket:
    user: str
    urgent: bool
    number: int
    passed: int = 0


class Turns:
    """A lock with memory; safe for threads, and may be let go in another thread than it was taken in."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[_Ticket] = []
        self._busy = False
        self._count = 0
        self._served: dict[str, int] = {}

    @contextlib.contextmanager
    def turn(
        self, user: str, urgent: bool = False, waiting: Callable[[int], None] = lambda ahead: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[None]:  # fmt: skip
        """waiting: told how many go before; stopped: asked while waiting. Raises Stopped."""
        self._take(_Ticket(user, urgent, 0), waiting, stopped)
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _take(self, ticket: _Ticket, waiting: Callable[[int], None], stopped: Callable[[], bool]) -> None:
        with self._changed:
            self._count += 1
            ticket.number = self._count
            # a newcomer has waited for nothing yet: a new id for every request gains nothing
            self._served.setdefault(ticket.user, self._count)
            self._waiting.append(ticket)
            try:
                while (ahead := self._ahead(ticket)) or self._busy:
                    waiting(ahead + self._busy)
                    if stopped():
                        raise Stopped
                    self._changed.wait(LOOK_EVERY)
            finally:
                self._waiting.remove(ticket)
            self._busy = True
            self._serve(ticket)

    def _serve(self, ticket: _Ticket) -> None:
        self._count += 1
        self._served.pop(ticket.user, None)  # the dict lies in the order of service
        self._served[ticket.user] = self._count
        while len(self._served) > REMEMBERED + len(self._waiting):
            del self._served[next(iter(self._served))]
        for other in self._waiting:
            other.passed += ticket.urgent and not other.urgent

    def _ahead(self, ticket: _Ticket) -> int:
        return sum(self._rank(other) < self._rank(ticket) for other in self._waiting)

    def _rank(self, ticket: _Ticket) -> tuple[bool, int, int]:
        can_wait = not ticket.urgent and ticket.passed < PATIENCE
        return can_wait, self._served.get(ticket.user, 0), ticket.number
