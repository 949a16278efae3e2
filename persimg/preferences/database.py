"""The tables of profiles, in SQLite or any other database that SQLAlchemy knows: opened, made, brought up to date.

Tested with SQLite and PostgreSQL. What is deleted from a SQLite file is overwritten (secure_delete), the file is for its owner alone.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any, Callable, Iterator

import sqlalchemy as sql
from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, exc

from persimg import files
from persimg.errors import UserError

VERSION = 2
WAIT = 10.0
"""seconds that one program waits for another's writing"""
LOCK = 0x7065727369
"""of PostgreSQL, while the tables are made"""

metadata = sql.MetaData()
NAME = String(200)
schema = Table("schema", metadata, Column("name", NAME, primary_key=True), Column("version", Integer, nullable=False))
users = Table(
    "users", metadata,
    Column("user", NAME, primary_key=True),
    Column("state", NAME, nullable=False, comment="another one after each change of the user's events"),
)  # fmt: skip
events = Table(
    "events", metadata,
    Column("user", NAME, ForeignKey("users.user"), primary_key=True),
    Column("id", NAME, primary_key=True),
    Column("at", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("record", Text, nullable=False, comment="JSON of all else"),
    Index("events_user_at", "user", "at"),
    # the rows of one user lie side by side: a profile is one scan, however many users there are
    sqlite_with_rowid=False,
)  # fmt: skip
profiles = Table(
    "profiles", metadata,
    Column("user", NAME, ForeignKey("users.user"), primary_key=True),
    Column("state", NAME, nullable=False, comment="of the user when the events were read"),
    Column("estimator", Text, nullable=False),
    Column("revision", NAME, nullable=False),
    Column("record", Text, nullable=False),
)  # fmt: skip
OWNED = (profiles, events, users)
"""every table with what is known of a user, in the order of deletion"""
frozen = Table("frozen", metadata, Column("user", NAME, primary_key=True, comment="of whom nothing new is recorded, known or not"))
MIGRATIONS: dict[int, Callable[[sql.Connection], None]] = {1: frozen.create}
"""version → what makes the next one of it, inside a transaction"""

COMPLAINTS = {
    "SQLITE_CORRUPT": ("is damaged", "put a copy or an export in its place; `sqlite3 FILE .recover` may save what is left"),
    "SQLITE_NOTADB": ("is damaged or no SQLite database", "put a copy or an export in its place, or name another file with --store"),
    "SQLITE_BUSY": ("is in use by another program", "try again when that has finished"),
    "SQLITE_LOCKED": ("is in use by another program", "try again when that has finished"),
    "SQLITE_READONLY": ("can't be written", "make it and its folder writable, or name another file with --store"),
    "SQLITE_CANTOPEN": ("can't be opened or its folder can't be written", "check both, or name another file with --store"),
    "SQLITE_FULL": ("could not be written (the disk is full)", "free space"),
    "SQLITE_IOERR": ("could not be read or written (input/output error, or no space left)", "check the disk"),
}


SPOILED = ("Could not decode to UTF-8", "no such column", "no such table", "malformed")
"""what SQLite complains of where a byte of a file of this version is another, without an error of its own for it"""


def address(where: str | Path | None) -> sql.URL:
    """None: PERSIMG_HOME/profiles.sqlite; a path: a SQLite file; else an SQLAlchemy URL."""
    text = str(where or files.home() / "profiles.sqlite")
    if "://" not in text:
        return sql.URL.create("sqlite", database=text)
    try:
        url = sql.make_url(text)
    except exc.ArgumentError as error:
        # without the text: a password may be in it
        raise UserError("--store is no database URL", "write a file's path or such as postgresql://NAME@HOST/DATABASE") from error
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def opened(url: sql.URL, wait: float) -> sql.Engine:
    """An engine whose tables are there and of this version."""
    if url.get_backend_name() == "sqlite":
        _make_file(url)
    with explained(url):
        engine = _engine(url, wait)
        try:
            _prepare(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine


def _engine(url: sql.URL, wait: float) -> sql.Engine:
    is_sqlite = url.get_backend_name() == "sqlite"
    try:
        # without parameters in messages: they are what users said
        engine = sql.create_engine(url, hide_parameters=True, connect_args={"timeout": wait} if is_sqlite else {})
    except exc.NoSuchModuleError as error:
        raise UserError(f"--store {url.drivername}: no such kind of database is known", "take sqlite or postgresql") from error
    except ModuleNotFoundError as error:
        raise UserError(f"--store {url.drivername} needs {error.name}", "install it (PostgreSQL: persimg[server])") from error
    if is_sqlite:
        sql.event.listen(engine, "connect", _set_up)
        sql.event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where _begin says
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")


def _begin(connection: sql.Connection) -> None:
    """Who will write waits for the other writers at once: a reader that turns writer would fail."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


@contextlib.contextmanager
def reading(engine: sql.Engine) -> Iterator[sql.Connection]:
    with explained(engine.url), engine.connect() as connection:
        yield connection


@contextlib.contextmanager
def writing(engine: sql.Engine) -> Iterator[sql.Connection]:
    """A transaction: all of it or nothing."""
    with explained(engine.url), engine.execution_options(writes=True).begin() as connection:
        yield connection


# --- making and migrating ---------------------------------------------------------------------------------------------


def _make_file(url: sql.URL) -> None:
    """Readable for its owner alone from the first moment; SQLite gives its journals the same mode."""
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        return
    path = Path(url.database)
    if path.is_dir():
        raise UserError(f"{path} is a folder", "name a file with --store", 3)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise UserError(f"{path} can't be made ({error.strerror})", "check its folder, or name another file with --store", 3) from error


def _prepare(engine: sql.Engine) -> None:
    with engine.connect() as connection:
        version = _version(connection, engine.url)
    if version != VERSION:
        with engine.execution_options(writes=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sql.select(sql.func.pg_advisory_xact_lock(LOCK)))
            _migrate(connection, _version(connection, engine.url))
    if engine.dialect.name == "sqlite":
        _log_ahead(engine)


def _version(connection: sql.Connection, url: sql.URL) -> int | None:
    """None: there is nothing yet. UserError for a damaged or another program's database and for a newer version."""
    names = sql.inspect(connection).get_table_names()
    own = [name for name in names if _is_own(connection, name)]
    query = sql.select(schema.c.version).where(schema.c.name == "profiles")
    version = connection.scalar(query) if "schema" in own else None
    if version is None and _is_damaged(connection, own):
        raise _damaged(url)
    if not names:
        return None
    if version is None:
        raise UserError(f"{shown(url)} is another program's database", "name another one with --store", 3)
    if version > VERSION:
        what = f"{shown(url)} was written by a newer persimg (schema {version}, this one knows {VERSION})"
        raise UserError(what, "update persimg", 3)
    return version


def _is_own(connection: sql.Connection, name: str) -> bool:
    """Has a table the columns that ours of this name has? Another program may have one of users too."""
    ours = metadata.tables.get(name)
    return ours is not None and {column["name"] for column in sql.inspect(connection).get_columns(name)} == set(ours.columns.keys())


def _is_damaged(connection: sql.Connection, own: list[str]) -> bool:
    """Without a version: most of our tables are there all the same, or SQLite itself finds the file at fault, be it by pages that no table
    has, which would be written over."""
    if len(own) > len(metadata.tables) / 2:
        return True
    return connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok"


def _migrate(connection: sql.Connection, version: int | None) -> None:
    if version is None:
        metadata.create_all(connection)
        connection.execute(schema.insert().values(name="profiles", version=VERSION))
        return
    for step in range(version, VERSION):
        MIGRATIONS[step](connection)
    connection.execute(schema.update().where(schema.c.name == "profiles").values(version=VERSION))


def _log_ahead(engine: sql.Engine) -> None:
    """Journal mode WAL, once for the file: readers and a writer don't wait for each other."""
    with raw(engine) as connection:
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
            with contextlib.suppress(sqlite3.OperationalError):  # another program is at it, or the next opening sets it
                connection.execute("PRAGMA journal_mode=WAL")


@contextlib.contextmanager
def raw(engine: sql.Engine) -> Iterator[Any]:
    """The driver's own connection, outside of transactions."""
    connection = engine.raw_connection()
    try:
        yield connection.driver_connection
    finally:
        connection.close()


def scrub(engine: sql.Engine) -> None:
    """No byte of what was deleted stays in a SQLite file or beside it.

    secure_delete overwrites deleted rows; VACUUM also leaves out what moved rows left behind in their pages. UserError while
    another program reads, which keeps the journal.
    """
    if engine.dialect.name != "sqlite":
        return
    with explained(engine.url), raw(engine) as connection:
        connection.execute("VACUUM")
        if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            what = f"deleted, but another program reads {shown(engine.url)}, which keeps what was deleted in its journal"
            raise UserError(what, "end that program and do the same again", 3)


# --- errors -----------------------------------------------------------------------------------------------------------


def shown(url: sql.URL) -> str:
    """For messages: a file's path, or the URL without its password."""
    return url.database or "memory" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


@contextlib.contextmanager
def explained(url: sql.URL) -> Iterator[None]:
    """What a database complains of that isn't our own mistake, as UserError (exit 3)."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explanation(url, error) or error
    except UnicodeDecodeError as error:  # of a name in the tables' description
        raise _damaged(url) from error
    except exc.DBAPIError as error:
        raise _explanation(url, error.orig, isinstance(error, exc.OperationalError)) or error from error


def _damaged(url: sql.URL) -> UserError:
    what, mend = COMPLAINTS["SQLITE_CORRUPT"]
    return UserError(f"{shown(url)} {what}", mend, 3)


def _explanation(url: sql.URL, error: Any, is_operational: bool = False) -> UserError | None:
    code = getattr(error, "sqlite_errorname", "")
    for name, (what, mend) in COMPLAINTS.items():
        if code.startswith(name):
            return UserError(f"{shown(url)} {what}", mend, 3)
    if url.get_backend_name() == "sqlite" and any(text in str(error) for text in SPOILED):
        return _damaged(url)
    reason = (str(error).strip() or "no reason given").splitlines()[0]
    if is_operational or getattr(error, "sqlstate", None) == "42501":  # insufficient privilege
        return UserError(f"{shown(url)} can't be used ({reason})", "check the database and --store", 3)
    return None
