"""The results table of a job's folder: one row a task, SQLite, readable by others while it is written.

A picture's file is the truth of what is done; rows say who drew it, when, and what went wrong. Only one process writes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import functools
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any, Iterable, Iterator, Mapping

from persimg import files
from persimg.errors import UserError
from persimg.sampling.task import ConceptUse, GuideUse, Task

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, wanted INTEGER NOT NULL DEFAULT 1, task TEXT NOT NULL, group_key TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done', 'failed')),
    worker TEXT, finished REAL, seconds REAL, batch INTEGER, attempts INTEGER NOT NULL DEFAULT 0, deaths INTEGER NOT NULL DEFAULT 0, error TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_state ON tasks (wanted, state);
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
RECENT = 60
"""seconds over which the rate of a running job is taken"""
STATES = ("pending", "running", "done", "failed")
PNG_END = bytes.fromhex("0000000049454e44ae426082")


def inner(out: Path) -> Path:
    """Everything of a job's folder but its pictures."""
    return out / ".persimg"


def picture_path(out: Path, task_id: str) -> Path:
    return out / f"{task_id}.png"


DEFAULTS = {f.name: f.default for f in dataclasses.fields(Task)}
TO_JSON = json.JSONEncoder(ensure_ascii=False)


def to_json(task: Task) -> str:
    """What differs from the defaults."""
    given = {name: value for name, value in vars(task).items() if value != DEFAULTS[name]}
    for name in ("concepts", "guides"):
        if name in given:
            given[name] = [vars(use) for use in given[name]]
    return TO_JSON.encode(given)


def from_json(text: str) -> Task:
    given = json.loads(text)
    given["concepts"] = tuple(ConceptUse(**use) for use in given.get("concepts", ()))
    given["guides"] = tuple(GuideUse(**use) for use in given.get("guides", ()))
    return Task(**given)


def group_key(task: Task) -> str:
    """Tasks with equal keys are drawn together: same base, concepts and shape."""
    return _group_key(task.base, task.concepts, task.shape_key())


@functools.lru_cache(4096)
def _group_key(base: str, concepts: tuple[ConceptUse, ...], shape: tuple[Any, ...]) -> str:
    return f"{json.dumps([base, [[use.digest, use.scale] for use in concepts]])} {json.dumps(shape)}"


def loads(group: str) -> str:
    """The part of a group's key that says what has to be loaded: base and concepts."""
    return group.partition("]] ")[0]


@contextlib.contextmanager
def only_one(path: Path, patience: float = 0, shared: bool = False) -> Iterator[bool]:
    """Hold a lock on a file; gives whether it was got within `patience` seconds. It goes with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+") as file:  # NFS gives a shared lock only to who may read
        yield _locked(file, patience, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


def _locked(file: Any, patience: float, kind: int) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(min(0.1, patience))


class Ledger:
    """Opened by the one process that coordinates. Raises UserError (exit 3) when the file is damaged or the disk full."""

    def __init__(self, out: Path):
        self.out, self.path = out, inner(out) / "ledger.sqlite"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._said():
            self.db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = NORMAL")
            self.db.executescript(SCHEMA)
            self.db.execute("BEGIN")
        version = self.fact("version", SCHEMA_VERSION)
        if version > SCHEMA_VERSION:
            raise UserError(f"{self.path} was written by a later version", "update persimg, or use another --out", 3)
        self.note("version", SCHEMA_VERSION)

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise UserError(f"{self.path} could not be written ({error})", "free space, then run the same command again", 3) from error
        except sqlite3.DatabaseError as error:
            mend = "move it away: pictures that are there are found again by the same command"
            raise UserError(f"{self.path} is damaged ({error})", mend, 3) from error

    def commit(self) -> None:
        with self._said():
            self.db.execute("COMMIT")
            self.db.execute("BEGIN")

    def close(self) -> None:
        """Keep what was written, unless the disk forbids it."""
        with contextlib.suppress(sqlite3.Error):
            self.db.execute("COMMIT")
        self.db.close()

    # --- facts about the job ------------------------------------------------------------------------------------------

    def fact(self, key: str, default: Any = None) -> Any:
        with self._said():
            row = self.db.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return default if row is None else json.loads(row[0])

    def note(self, key: str, value: Any) -> None:
        with self._said():
            self.db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, json.dumps(value)))

    # --- a plan -------------------------------------------------------------------------------------------------------

    def take(self, tasks: Mapping[str, Task]) -> None:
        """Make these the wanted tasks; those of an earlier plan keep their rows and pictures, but are wanted no more."""
        with self._said():
            known = dict(self.db.execute("SELECT id, CASE WHEN wanted THEN position END FROM tasks"))
            moved = [(n, id) for n, id in enumerate(tasks) if id in known and known[id] != n]
            self.db.executemany("UPDATE tasks SET wanted = 0 WHERE id = ?", [(id,) for id in known.keys() - tasks.keys()])
            self.db.executemany("UPDATE tasks SET wanted = 1, position = ? WHERE id = ?", moved)
            # the table lies in the order of ids: rows that come in this order are appended
            new = sorted((id, n) for n, id in enumerate(tasks) if id not in known)
            rows = ((id, n, to_json(tasks[id]), group_key(tasks[id])) for id, n in new)
            self.db.executemany("INSERT INTO tasks (id, position, task, group_key) VALUES (?, ?, ?, ?)", rows)
        self.commit()

    def reconcile(self, retry_failed: bool = True) -> None:
        """Bring rows and pictures together: what was running is pending again, a picture without its row is done, if it is whole.

        Of what is done, only the ends of the files are looked at: that takes seconds for 100 000, reading them minutes.
        """
        there = {name[:-4] for name in os.listdir(self.out) if name.endswith(".png")}
        with self._said():
            again = "'running', 'failed'" if retry_failed else "'running'"
            self.db.execute(f"UPDATE tasks SET state = 'pending', deaths = 0, attempts = 0 WHERE state IN ({again})")
            rows = self.db.execute("SELECT id, state FROM tasks WHERE wanted").fetchall()
            done = [id for id, state in rows if state == "done"]
            gone = [(id,) for id in set(done) - self._ended(there.intersection(done))]
            self.db.executemany("UPDATE tasks SET state = 'pending', seconds = NULL, finished = NULL WHERE id = ?", gone)
            found = [(id,) for id, state in rows if state != "done" and id in there and self.is_whole(id)]
            self.db.executemany("UPDATE tasks SET state = 'done', error = NULL WHERE id = ?", found)
        self.commit()

    def _ended(self, ids: Iterable[str]) -> set[str]:
        folder = os.open(self.out, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return {id for id in ids if _has_end(f"{id}.png", folder)}
        finally:
            os.close(folder)

    def has_pictures(self) -> bool:
        """Whether the folder holds any, of whatever plan."""
        return any(name.endswith(".png") for name in os.listdir(self.out))

    def is_whole(self, id: str) -> bool:
        """A readable picture that says it is this task's; what isn't is drawn again over it."""
        from persimg.sampling import provenance

        path = picture_path(self.out, id)
        try:
            files.open_picture(path)
            return (provenance.read(path) or {}).get("task") == id
        except (UserError, OSError, ValueError, AttributeError, RecursionError):  # JSON of whatever shape
            return False

    # --- while it runs ------------------------------------------------------------------------------------------------

    def counts(self) -> tuple[int, int, int]:
        """How many are done, failed, wanted."""
        with self._said():
            by_state = dict(self.db.execute("SELECT state, count(*) FROM tasks WHERE wanted GROUP BY state"))
        return by_state.get("done", 0), by_state.get("failed", 0), sum(by_state.values())

    def pending(self) -> Iterable[tuple[str, str]]:
        """(id, group) of what is to be drawn, in the order of the plan."""
        with self._said():
            return self.db.execute("SELECT id, group_key FROM tasks WHERE wanted AND state = 'pending' ORDER BY position").fetchall()

    def tasks(self, ids: Iterable[str]) -> dict[str, str]:
        """id → task as JSON."""
        with self._said():
            return {id: self.db.execute("SELECT task FROM tasks WHERE id = ?", (id,)).fetchone()[0] for id in ids}

    def started(self, ids: Iterable[str], worker: str) -> None:
        self._each("UPDATE tasks SET state = 'running', worker = ?2 WHERE id = ?1", ((id, worker) for id in ids))

    def released(self, ids: Iterable[str]) -> None:
        self._each("UPDATE tasks SET state = 'pending' WHERE id = ?1", ((id,) for id in ids))

    def finished(self, id: str, worker: str, seconds: float, batch: int) -> None:
        values = (id, worker, time.time(), round(seconds, 4), batch)
        statement = "UPDATE tasks SET state = 'done', worker = ?2, finished = ?3, seconds = ?4, batch = ?5, attempts = attempts + 1, error = NULL"
        self._each(f"{statement} WHERE id = ?1", [values])

    def stumbled(self, id: str, error: str) -> int:
        """One attempt went wrong; gives how many did so far."""
        return self._counted("attempts", id, error)

    def died(self, id: str, error: str) -> int:
        """Its worker was lost; gives how often so far."""
        return self._counted("deaths", id, error)

    def _counted(self, column: str, id: str, error: str) -> int:
        self._each(f"UPDATE tasks SET {column} = {column} + 1, state = 'pending', error = ?2 WHERE id = ?1", [(id, error[:2000])])
        with self._said():
            return self.db.execute(f"SELECT {column} FROM tasks WHERE id = ?", (id,)).fetchone()[0]

    def gave_up(self, id: str) -> None:
        self._each("UPDATE tasks SET state = 'failed', finished = ?2 WHERE id = ?1", [(id, time.time())])

    def _each(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self._said():
            self.db.executemany(statement, rows)


def _has_end(name: str, folder: int) -> bool:
    """Whether a PNG wasn't cut or left empty, as by a machine that lost its power. folder: open; plain calls, since there are 100 000."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return False
    try:
        os.lseek(file, -len(PNG_END), os.SEEK_END)
        return os.read(file, len(PNG_END)) == PNG_END
    except OSError:
        return False
    finally:
        os.close(file)


def summary(out: Path) -> dict[str, Any]:
    """{"total", "done", "failed", "running", "pending", "errors": {id: text}, "leftover", "is_running", …} of a job's folder.

    Reads only, also while the job runs. UserError (exit 3) for a folder without a job.
    """
    path = inner(out) / "ledger.sqlite"
    if not path.is_file():
        raise UserError(f"{out} holds no job", "name the --out of a persimg batch run", 3)
    with only_one(inner(out) / "lock", shared=True) as free:
        pass
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            counts = dict(db.execute("SELECT state, count(*) FROM tasks WHERE wanted GROUP BY state"))
            leftover = db.execute("SELECT count(*) FROM tasks WHERE NOT wanted AND state = 'done'").fetchone()[0]
            errors = dict(db.execute("SELECT id, error FROM tasks WHERE wanted AND state = 'failed' ORDER BY position LIMIT 20"))
            workers = db.execute(
                "SELECT worker, count(*), sum(seconds) FROM tasks WHERE wanted AND state = 'done' AND worker IS NOT NULL GROUP BY worker ORDER BY worker"
            ).fetchall()
            recent = db.execute("SELECT count(*), min(finished) FROM tasks WHERE finished > ?", (time.time() - RECENT,)).fetchone()
            facts = {key: json.loads(value) for key, value in db.execute("SELECT key, value FROM facts")}
    except sqlite3.DatabaseError as error:
        raise UserError(f"{path} is damaged ({error})", "move it away: the same batch run finds its pictures again", 3) from error
    by_state = {state: counts.get(state, 0) for state in STATES}
    if free:  # a run that was killed leaves rows behind that nobody draws
        by_state["pending"] += by_state["running"]
        by_state["running"] = 0
    if not free and recent[0] > 1:
        facts["rate"] = round(recent[0] / max(1.0, time.time() - recent[1]), 4)
    left = by_state["pending"] + by_state["running"]
    return {
        "total": sum(by_state.values()), **by_state, "seconds_left": round(left / facts["rate"]) if left and facts.get("rate") else None, "is_running": not free, "leftover": leftover, "errors": errors,
        "workers": [{"name": name, "pictures": count, "seconds": round(seconds or 0, 2)} for name, count, seconds in workers],
        "rate": facts.get("rate"), "batch": facts.get("batch"), "threads": facts.get("threads"), "restarts": facts.get("restarts", 0),
    }  # fmt: skip
