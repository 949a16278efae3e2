"""The tasks of a job in an order that saves work."""

from __future__ import annotations

from typing import Iterable, Sequence

from persimg.sampling.task import Task


def grouped(tasks: Iterable[Task]) -> list[list[Task]]:
    """Tasks that can be drawn without attaching anything in between and that share batches; in the order of their first ones."""
    groups: dict[tuple, list[Task]] = {}
    for task in tasks:
        groups.setdefault((task.concepts, *task.shape_key()), []).append(task)
    return list(groups.values())


def padded_rows(counts: Sequence[int], batch: int) -> int:
    """Rows that are drawn for groups of so many tasks, each of which fills its last batch up: 50 in batches of 16 are 64, of 10 are 50."""
    return sum(-(-count // batch) * batch for count in counts)
