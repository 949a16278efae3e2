"""Who draws what: groups of tasks that share base, concepts and shape, leased a batch at a time."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass
from typing import Container, Iterable

from persimg.sampling.jobs.ledger import Ledger, loads


@dataclass(frozen=True)
class Lease:
    """tasks: id → task as JSON; alone: nothing else may be drawn with it, since a worker was lost or failed over it."""

    group: str
    tasks: dict[str, str]
    alone: bool = False


class Leases:
    """Pending and running tasks of one ledger. Not for several threads.

    attempts: how often a task may fail, or take its worker down while drawn alone, before it is given up.
    """

    def __init__(self, ledger: Ledger, attempts: int = 3):
        self.ledger, self.attempts = ledger, attempts
        self.groups: dict[str, deque[str]] = {}
        self.sizes: dict[str, list[tuple[int, int, str]]] = {}
        """what groups load, or "" for all → heap of (-size, place in the plan, group)"""
        self.suspects: deque[tuple[str, str]] = deque()
        self.held: dict[str, dict[str, str]] = {}
        """worker → {task: its group}"""
        self.alone: dict[str, str] = {}
        """worker → the suspect that it draws"""
        for id, group in ledger.pending():
            self.groups.setdefault(group, deque()).append(id)
        self.rank = {group: n for n, group in enumerate(self.groups)}
        for group in self.groups:
            self._sized(group)

    @property
    def pending(self) -> int:
        return sum(map(len, self.groups.values())) + len(self.suspects)

    @property
    def running(self) -> int:
        return sum(map(len, self.held.values()))

    def lease(self, worker: str, size: int, group: str | None = None) -> Lease | None:
        """Up to `size` tasks, of the worker's group as long as there are any; else of the group that suits it best.

        None when nothing is pending.
        """
        best = self._best(group)
        if best is None:
            return self._suspect(worker)
        queue = self.groups[best]
        ids = [queue.popleft() for _ in range(min(size, len(queue)))]
        if queue:
            self._sized(best)
        else:
            del self.groups[best]
        self._hand(worker, ids, best)
        return Lease(best, self.ledger.tasks(ids))

    def _best(self, group: str | None) -> str | None:
        """The same group; else one with the same base and concepts; else what fewest draw, the largest of these."""
        if group in self.groups:
            return group
        busy = Counter(held for tasks in self.held.values() for held in set(tasks.values()) if held in self.groups)
        for part in (loads(group), "") if group else ("",):
            idle = self._largest_idle(part, busy)
            taken = [g for g in busy if part in ("", loads(g))]
            if idle or taken:
                return idle or min(taken, key=lambda g: (busy[g], -len(self.groups[g])))
        return None

    def _largest_idle(self, part: str, busy: Container[str]) -> str | None:
        """From a heap, since there may be thousands of groups; entries whose group has another size by now are dropped."""
        heap, valid = self.sizes.get(part, []), []
        found = None
        while heap and found is None:
            entry = heapq.heappop(heap)
            if len(self.groups.get(entry[2], ())) == -entry[0]:
                valid.append(entry)
                found = entry[2] if entry[2] not in busy else None
        for entry in valid:
            heapq.heappush(heap, entry)
        return found

    def _sized(self, group: str) -> None:
        """Note a group's size anew."""
        for part in (loads(group), ""):
            heapq.heappush(self.sizes.setdefault(part, []), (-len(self.groups[group]), self.rank[group], group))

    def _suspect(self, worker: str) -> Lease | None:
        """Last, and one at a time: a picture that kills its worker takes no other with it."""
        if not self.suspects or self.held.get(worker):
            return None
        id, group = self.suspects.popleft()
        self._hand(worker, [id], group)
        self.alone[worker] = id
        return Lease(group, self.ledger.tasks([id]), alone=True)

    def _hand(self, worker: str, ids: Iterable[str], group: str) -> None:
        self.held.setdefault(worker, {}).update(dict.fromkeys(ids, group))
        self.ledger.started(ids, worker)

    def done(self, worker: str, id: str, seconds: float, batch: int) -> bool:
        """A picture is there. False for one that this worker doesn't hold any more."""
        if self._drop(worker, id) is None:
            return False
        self.ledger.finished(id, worker, seconds, batch)
        return True

    def failed(self, worker: str, id: str, error: str, is_final: bool = False) -> bool:
        """Drawing it went wrong: once more later, alone, or given up, at once where it is final. True when it is given up."""
        group = self._drop(worker, id)
        if group is None:
            return False
        if self.ledger.stumbled(id, error) >= self.attempts or is_final:
            self.ledger.gave_up(id)
            return True
        self.suspects.append((id, group))
        self.ledger.released([id])
        return False

    def _drop(self, worker: str, id: str) -> str | None:
        if self.alone.get(worker) == id:
            del self.alone[worker]
        return self.held.get(worker, {}).pop(id, None)

    def back(self, worker: str) -> None:
        """What the worker holds was not begun: it goes to the front again."""
        for id, group in reversed(self._take_back(worker)):
            self.groups.setdefault(group, deque()).appendleft(id)
            self._sized(group)
            self.ledger.released([id])

    def lost(self, worker: str, why: str) -> None:
        """The worker is gone. Whole pictures that it left are done; the rest is drawn again, alone, unless that was tried too often."""
        suspect = self.alone.get(worker)
        for id, group in self._take_back(worker):
            if self.ledger.is_whole(id):
                self.ledger.finished(id, worker, 0.0, 0)
            elif id == suspect and self.ledger.died(id, why) >= self.attempts:
                self.ledger.gave_up(id)
            else:
                self.suspects.append((id, group))
                self.ledger.released([id])

    def _take_back(self, worker: str) -> list[tuple[str, str]]:
        self.alone.pop(worker, None)
        return list(self.held.pop(worker, {}).items())
