"""The events of users on disk, and their profiles as a cache of them.

Everything but the events can be thrown away and computed anew. What is forgotten is gone: from the tables, from the cached profile,
from the bytes of a SQLite file.
"""

from __future__ import annotations

import contextlib
import gc
import json
import shlex
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, Sequence

import sqlalchemy as sql
from sqlalchemy import exc

from persimg.errors import UserError
from persimg.preferences import database, records
from persimg.preferences.database import OWNED, events, frozen, profiles, users
from persimg.preferences.events import Event, new_id
from persimg.preferences.profile import Profile

BATCH = 500
"""ids in one query: older SQLite takes 999 parameters"""

Estimate = Callable[[str, Sequence[Event]], Profile]
"""user, events in the order of time → profile"""


class Frozen(UserError):
    """Nothing new is recorded of this user, as the user wished."""

    def __init__(self, user: str):
        super().__init__(f"the profile of {user} is frozen: nothing new is recorded", f"end that with: persimg profile freeze --user {shlex.quote(user)} --off")


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: while a hundred thousand objects are made it goes through them all again and again, a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Store:
    """Where events lie; safe for several threads and programs at once.

    where: None for PERSIMG_HOME/profiles.sqlite, a file, or an SQLAlchemy URL; estimate: None for persimg's own, which begins at the
    population where one was made (persimg.preferences.population), else version tells
    it from others, since a cached profile is used only if the same made it; wait: seconds to wait while another program writes.
    """

    def __init__(self, where: str | Path | None = None, estimate: Estimate | None = None, version: str = "", wait: float = database.WAIT):
        url = database.address(where)
        self.where, self._estimate, self._version = database.shown(url), estimate, version
        self._engine = database.opened(url, wait)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    # --- events ---

    def add(self, event: Event) -> None:
        self.add_all([event])

    def add_all(self, new: Iterable[Event]) -> None:
        """All of them or none. An event that is there already is passed over; UserError where its id is another event's, Frozen where
        nothing is to be recorded of its user."""
        by_user: dict[str, list[Event]] = {}
        for event in map(records.storable, new):
            by_user.setdefault(event.user, []).append(event)
        with database.writing(self._engine) as connection:
            for user in sorted(by_user):  # in one order: two programs never wait for each other
                _put(connection, user, by_user[user])

    def events(self, user: str, ids: Iterable[str] | None = None) -> list[Event]:
        """Of a user, all or those with these ids, by time and id."""
        with database.reading(self._engine) as connection:
            rows = _rows(connection, user, ids)
        return self._events(rows, user)

    def event(self, user: str, id: str) -> Event:
        found = self.events(user, [id])
        if not found:
            raise _unknown(user, id)
        return found[0]

    def users(self) -> list[str]:
        """All who have an event."""
        with database.reading(self._engine) as connection:
            return sorted(connection.scalars(sql.select(users.c.user)))

    def overview(self) -> list[tuple[str, int, str]]:
        """(user, number of events, time of the last one) of all users, by user."""
        query = sql.select(events.c.user, sql.func.count(), sql.func.max(events.c.at)).group_by(events.c.user)
        with database.reading(self._engine) as connection:
            return sorted(tuple(row) for row in connection.execute(query))

    def counts(self, user: str) -> dict[str, int]:
        """Kind of event → how many there are of a user."""
        query = sql.select(events.c.kind, sql.func.count()).where(events.c.user == user).group_by(events.c.kind)
        with database.reading(self._engine) as connection:
            return {kind: number for kind, number in connection.execute(query)}

    def _events(self, rows: Iterable[sql.Row], user: str) -> list[Event]:
        try:
            # sorted here: databases order text by the rules of a language
            return sorted((records.event_of_row(row) for row in rows), key=lambda e: (e.at, e.id))
        except (ValueError, TypeError, KeyError) as error:
            what = f"{self.where} is damaged (an event of {user} can't be read)"
            raise UserError(what, "put a copy or an export in its place", 3) from error

    # --- freezing ---

    def freeze(self, user: str, on: bool = True) -> None:
        """From now on nothing new is recorded of the user, known or not; with on False it is again."""
        records.check_name(user, "user")
        with database.writing(self._engine) as connection:
            connection.execute(frozen.delete().where(frozen.c.user == user))
            if on:
                connection.execute(frozen.insert().values(user=user))

    def is_frozen(self, user: str) -> bool:
        with database.reading(self._engine) as connection:
            return _is_frozen(connection, user)

    # --- forgetting ---

    def forget_event(self, user: str, id: str) -> None:
        """As if it had never been. UserError where there is no such event."""
        if not self.forget_events(user, [id]):
            raise _unknown(user, id)

    def forget_events(self, user: str, ids: Iterable[str]) -> int:
        """As if they had never been; how many there were. It is scrubbed even where there is none."""
        ids = [records.check_name(id, "id") for id in ids]
        with database.writing(self._engine) as connection:
            _change(connection, user)
            mine = events.c.user == user
            number = sum(connection.execute(events.delete().where(mine, events.c.id.in_(some))).rowcount for some in _batches(ids))
            connection.execute(profiles.delete().where(profiles.c.user == user))
            if connection.execute(sql.select(events.c.id).where(mine).limit(1)).first() is None:
                _delete(connection, user)
        database.scrub(self._engine)
        return number

    def forget_user(self, user: str) -> int:
        """All that is stored of a user, a freeze too; how many events that were. It is scrubbed even where there is nothing."""
        with database.writing(self._engine) as connection:
            _change(connection, user)
            number = _delete(connection, user)
            connection.execute(frozen.delete().where(frozen.c.user == user))
            for table in database.metadata.sorted_tables:
                if "user" in table.c and connection.scalar(sql.select(sql.func.count()).where(table.c.user == user)):
                    raise RuntimeError(f"{table.name} still mentions the user")
        database.scrub(self._engine)
        return number

    # --- export and import ---

    def export(self, user: str) -> dict[str, Any]:
        """All events of a user, JSON-able; import_ makes the same of it to the bit. A freeze stays where it was set."""
        return records.export_record(user, self.events(user))

    def import_(self, data: Any, user: str | None = None, replace: bool = False) -> str:
        """What export gave, under its own name or another; the name. All or nothing.

        UserError (exit 3) for what export never gave, (exit 2) where the user has events and may not be replaced.
        """
        user, new = records.imported(data, user)
        new = [records.not_ahead(records.storable(event)) for event in new]
        with database.writing(self._engine) as connection:
            is_known = _change(connection, user)
            if is_known and not replace:
                raise UserError(f"there is a profile of {user} already", "name another --user, or pass --replace")
            _delete(connection, user)
            _put(connection, user, new)
        if is_known:
            database.scrub(self._engine)
        return user

    # --- profiles ---

    @_uncollected()
    def profile(self, user: str) -> Profile:
        """What the estimator makes of the user's events; kept until they, the estimator or the lexicon change."""
        records.check_name(user, "user")
        estimate, estimator = self._estimator()
        with database.reading(self._engine) as connection:
            state = connection.scalar(sql.select(users.c.state).where(users.c.user == user))
            known = profiles.c.user == user, profiles.c.state == state, profiles.c.estimator == estimator
            cached = _profile(connection.scalar(sql.select(profiles.c.record).where(*known)))
            rows = [] if cached else _rows(connection, user)
        if cached:
            return cached
        profile = estimate(user, self._events(rows, user))
        if state:
            self._keep(profile, state, estimator)
        return profile

    def _estimator(self) -> tuple[Estimate, str]:
        if self._estimate:
            return self._estimate, f"{self._version} {records.SHAPE}"
        from persimg.preferences import estimate, lexicon, population

        common = population.load()
        version = f"{estimate.VERSION} {lexicon.lexicon().version} {records.SHAPE} {common.version if common else ''}"
        return partial(estimate.profile_of, population=common), version

    def _keep(self, profile: Profile, state: str, estimator: str) -> None:
        """Unless the events changed meanwhile: what another program has forgotten must not come back."""
        row = {"user": profile.user, "state": state, "estimator": estimator, "revision": profile.revision}
        row["record"] = records.dumps(records.profile_record(profile))
        # a profile that can't be kept is right all the same
        with contextlib.suppress(UserError), database.writing(self._engine) as connection:
            is_current = sql.select(users.c.user).where(users.c.user == profile.user, users.c.state == state).with_for_update()
            if connection.execute(is_current).first():
                connection.execute(profiles.delete().where(profiles.c.user == profile.user))
                connection.execute(profiles.insert(), row)


def _profile(record: str | None) -> Profile | None:
    """None for what can't be read: it is computed anew."""
    try:
        return records.profile_of_record(json.loads(record)) if record else None
    except (ValueError, TypeError, KeyError):
        return None


def _change(connection: sql.Connection, user: str) -> bool:
    """Mark the user's events as changed, which also makes other writers wait. Is there such a user?"""
    records.check_name(user, "user")
    return connection.execute(users.update().where(users.c.user == user).values(state=new_id())).rowcount > 0


def _is_frozen(connection: sql.Connection, user: str) -> bool:
    return connection.execute(sql.select(frozen.c.user).where(frozen.c.user == records.check_name(user, "user"))).first() is not None


def _put(connection: sql.Connection, user: str, new: Sequence[Event]) -> None:
    if not new:
        return
    if _is_frozen(connection, user):
        raise Frozen(user)
    while not _change(connection, user):
        with contextlib.suppress(exc.IntegrityError), connection.begin_nested():  # another program was faster
            connection.execute(users.insert().values(user=user, state=new_id()))
    rows: dict[str, dict[str, str]] = {}
    for event in new:
        row = records.event_row(event)
        if rows.setdefault(event.id, row) != row:
            raise _taken(event.id)
    for known in _rows(connection, user, rows):
        if rows.pop(known.id) != known._asdict():
            raise _taken(known.id)
    if rows:
        connection.execute(events.insert(), list(rows.values()))


def _rows(connection: sql.Connection, user: str, ids: Iterable[str] | None = None) -> list[sql.Row]:
    records.check_name(user, "user")
    query = sql.select(events).where(events.c.user == user)
    if ids is None:
        return list(connection.execute(query))
    ids = [records.check_name(id, "id") for id in ids]
    return [row for some in _batches(ids) for row in connection.execute(query.where(events.c.id.in_(some)))]


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[i : i + BATCH] for i in range(0, len(ids), BATCH))


def _delete(connection: sql.Connection, user: str) -> int:
    """All rows of a user; how many events."""
    counts = {table.name: connection.execute(table.delete().where(table.c.user == user)).rowcount for table in OWNED}
    return counts["events"]


def _taken(id: str) -> UserError:
    return UserError(f"event {id} is there already and says something else", "give it another id; an event is never changed", 3)


def _unknown(user: str, id: str) -> UserError:
    return UserError(f"there is no event {id} of {user}", "see: persimg profile export")
