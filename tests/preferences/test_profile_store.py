"""The store of events: laws, what is gone when it is forgotten, several programs at once, and files that are no stores."""

import contextlib
import dataclasses
import gc
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import postgres
import pytest
import sqlalchemy as sql
from hypothesis import given, settings
from hypothesis import strategies as st

from persimg.errors import UserError
from persimg.preferences import database
from persimg.preferences.events import EDITS, KINDS, Event, Shown, new_id
from persimg.preferences.profile import Asked, Belief, Profile
from persimg.preferences.store import Frozen, Store

AT = "2020-01-31T12:00:00.000+00:00"
NASTY = [
    "'; DROP TABLE events; --", '" OR 1=1 --', "al%", "_", "a\\'b", "👩‍🎨 Zoë", "\u202eevil", "../../etc/passwd", "{x} %s :name ?",
    "x" * 200, "NULL", "0", " padded ",
]  # fmt: skip
BAD_NAMES = ["", " ", "x" * 201, "a\nb", "a\0b", "\ud800"]


def estimate(user, events):
    """A profile that holds something of every event."""
    prompts = tuple(Asked(e.id, e.text) for e in events if e.kind == "prompt")
    said = tuple((e.text, True, e.id) for e in events if e.kind in ("comment", "statement"))
    seen = {a: Belief(a, v - 0.5, 0.1, {e.id: v / 3}, {e.kind: 1}) for e in events for s in e.shown for a, v in s.attributes.items()}
    return Profile(user, seen, prompts, said, str(hash(tuple(e.id for e in events))))


def opened(where="sqlite://", **options):
    return Store(where, estimate, "1", **options)


def prompt(text="a cat", user="ann", id=None, at=AT):
    return Event(id or new_id(), user, at, "prompt", text)


def like(user="ann", id=None, asked="a castle"):
    return Event(id or new_id(), user, AT, "like", shown=(Shown("ab12", {"palette.pastel": 0.75}, asked),))


@pytest.fixture(scope="module")
def server():
    with postgres.running() as new_database:
        yield new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request, tmp_path):
    """A place for a store: of each kind of database."""
    return tmp_path / "profiles.sqlite" if request.param == "sqlite" else request.getfixturevalue("server")()


# --- laws -------------------------------------------------------------------------------------------------------------

NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(str.strip)
TEXTS = st.text(max_size=30)
SHOWN = st.builds(Shown, TEXTS, st.dictionaries(TEXTS, st.floats(0, 1), max_size=3), TEXTS)
TIMES = st.integers(0, 3).map(lambda second: f"2020-01-31T12:00:0{second}.000+00:00")


@st.composite
def events_of(draw, user="ann"):
    kind = draw(st.sampled_from(KINDS))
    said = draw(st.sampled_from(EDITS)) if kind == "edit" else draw(TEXTS.filter(str.strip))
    shown = tuple(draw(st.lists(SHOWN, min_size=2, max_size=3)))
    return Event(
        draw(NAMES), user, draw(TIMES), kind, said, shown, draw(st.sampled_from([None, 0, 1])) if kind != "choice" else 1,
        draw(st.floats(0, 1)), draw(TEXTS), draw(TEXTS.filter(bool)), draw(st.floats(-9, 9)), draw(st.sampled_from(["user", "import"])),
    )  # fmt: skip


HISTORIES = st.lists(events_of(), min_size=1, max_size=6, unique_by=lambda e: e.id)


def contents(store, user="ann"):
    return store.users(), store.events(user), json.dumps(store.export(user)), store.profile(user), store.profile(user)


@settings(max_examples=60, deadline=None)
@given(HISTORIES)
def test_what_is_added_comes_back_in_order(history):
    with opened() as store:
        store.add_all(history)
        assert store.events("ann") == sorted(history, key=lambda e: (e.at, e.id))
        assert all(store.event("ann", event.id) == event for event in history)


@settings(max_examples=60, deadline=None)
@given(HISTORIES, NAMES)
def test_export_then_import_is_identity(history, name):
    with opened() as store, opened() as other:
        store.add_all(history)
        text = json.dumps(store.export("ann"))
        assert other.import_(json.loads(text)) == "ann" and contents(other) == contents(store)
        assert json.dumps(other.export("ann")) == text
        store.import_(json.loads(text), user=name, replace=True)
        assert [dataclasses.replace(e, user="ann") for e in store.events(name)] == store.events("ann")


@settings(max_examples=40, deadline=None)
@given(HISTORIES, st.randoms())
def test_the_order_of_insertion_is_irrelevant(history, random):
    with opened() as store, opened() as other:
        store.add_all(history)
        random.shuffle(history)
        for event in [*history, history[0]]:
            other.add(event)
        assert contents(other) == contents(store)


@settings(max_examples=40, deadline=None)
@given(HISTORIES, st.integers(0, 5))
def test_forgetting_an_event_equals_never_having_had_it(history, which):
    gone = history[which % len(history)]
    with opened() as store, opened() as other:
        store.add_all(history)
        store.profile("ann")
        store.forget_event("ann", gone.id)
        other.add_all(event for event in history if event != gone)
        assert contents(store) == contents(other)


def test_every_kind_of_database_keeps_the_same(where, tmp_path):
    history = [prompt("a cat"), like(), prompt("ä\0\n'\"\\", id="a"), prompt(user="bob"), prompt(id="B"), prompt(id="a", user="bob")]
    with opened(where) as store, opened() as other:
        store.add_all(history)
        other.add_all(history)
        assert contents(store) == contents(other) and store.overview() == other.overview() == [("ann", 4, AT), ("bob", 2, AT)]
        store.forget_event("ann", history[1].id)
        assert store.import_(other.export("bob"), "cleo") == "cleo" and store.forget_user("bob") == 2 and store.forget_user("bob") == 0
        assert store.users() == ["ann", "cleo"] and history[1] not in store.events("ann") and not store.profile("ann").beliefs
    with opened(where) as store:
        assert store.overview() == [("ann", 3, AT), ("cleo", 2, AT)]


@pytest.mark.parametrize("name", NASTY)
def test_names_and_texts_are_data(where, name):
    with opened(where) as store:
        store.add_all([prompt(), Event(name, name, AT, "comment", name, subject=name)])
        assert store.users() == sorted(["ann", name]) and store.event(name, name).text == name
        assert store.profile(name).unmapped == ((name, True, name),)
        store.import_(store.export(name), name, replace=True)
        store.forget_event(name, name)
        assert store.users() == ["ann"] and len(store.events("ann")) == 1


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_no_database_keeps_are_refused(where, name):
    with opened(where) as store:
        asked = [store.events, store.profile, store.forget_user, store.export, lambda user: store.add(prompt(user=user))]
        asked += [lambda id: store.event("ann", id), lambda id: store.forget_event("ann", id), lambda id: store.add(prompt(id=id or " "))]
        for ask in asked:
            with pytest.raises(UserError, match="can't be used"):
                ask(name)
        assert store.users() == []


def test_a_profile_is_computed_once_until_something_changes(where):
    asked = []

    def counting(user, events):
        asked.append(len(events))
        return estimate(user, events)

    with Store(where, counting, "1") as store:
        assert store.profile("ann") == estimate("ann", []) and store.users() == []
        store.add_all([prompt(), like(), prompt(user="bob")])
        assert store.profile("ann") == store.profile("ann") == estimate("ann", store.events("ann"))
        store.add(prompt(user="bob"))
        assert store.profile("ann") and asked == [0, 2]
        store.add(prompt())
        assert store.profile("ann") and asked == [0, 2, 3]
    with Store(where, counting, "2") as store:
        assert store.profile("ann") and asked == [0, 2, 3, 3]
        with database.writing(store._engine) as connection:
            connection.execute(database.profiles.update().values(record="{"))
        assert store.profile("ann") == estimate("ann", store.events("ann")) and asked == [0, 2, 3, 3, 3]


@pytest.mark.parametrize("event", [
    Event("1", "ann", AT, "lick", "x"), Event("1", "ann", AT, "comment", "x" * 50_000), Event("1", "ann", AT, "comment", " "),
    Event("1", "ann", AT, "like"), Event("1", "ann", "yesterday", "prompt", "x"), Event("1", "ann", "2020-01-31T12:00:00", "prompt", "x"),
    Event("1", "ann", "2020-01-31T12:00:00.000+01:00", "prompt", "x"), Event("1", "ann", AT, "prompt", "\ud800"),
    Event("1", "ann", AT, "edit", "pin", attribute="a", weight=float("nan")),
    Event("1", "ann", AT, "edit", "pin", attribute="a", weight=1e9),
    Event("1", "ann", AT, "rating", shown=(Shown("a"),), rating=4),
    Event("1", "ann", AT, "like", shown=(Shown("a", {"b": float("inf")}),)),
])  # fmt: skip
def test_events_of_no_sense_are_refused_with_all_beside_them(event):
    with opened() as store:
        with pytest.raises(UserError) as caught:
            store.add_all([prompt(), event])
        assert caught.value.exit_code == 3 and len(str(caught.value)) < 300 and store.users() == []


def test_an_event_is_never_changed(where):
    with opened(where) as store:
        store.add(prompt("a cat", id="1"))
        store.add(prompt("a cat", id="1"))
        for new in ([prompt("a dog", id="1")], [prompt(id="2"), prompt("a dog", id="2")]):
            with pytest.raises(UserError, match="is there already and says something else"):
                store.add_all([prompt("new", id="3"), *new])
        assert [e.text for e in store.events("ann")] == ["a cat"]
        with pytest.raises(UserError, match="no event 9 of ann"):
            store.event("ann", "9")
        with pytest.raises(UserError, match="no event 9 of ann"):
            store.forget_event("ann", "9")


GOOD = {"id": "1", "at": AT, "kind": "prompt", "text": "a cat"}
EXPORT = {"format": "persimg profile", "schema": 1, "user": "ann", "events": [GOOD]}
SECOND = {**GOOD, "id": "2"}
BAD_EVENTS = [
    None, "x", {}, {**GOOD, "id": 3}, {**GOOD, "text": "other"}, {**SECOND, "kind": "lick"}, {**SECOND, "colour": "red"},
    {**SECOND, "user": "bob"}, {**SECOND, "text": None}, {**SECOND, "at": "now"}, {**SECOND, "chosen": True}, {**SECOND, "rating": "1"},
    {**SECOND, "weight": 10**400}, {**SECOND, "shown": "x"}, {**SECOND, "shown": [{"picture": 3}]},
    {**SECOND, "shown": [{"picture": "a", "attributes": {"a": "b"}}]}, {**SECOND, "shown": [{"picture": "a", "attributes": {"a": 2}}]},
    {**SECOND, "kind": "choice", "chosen": 2, "shown": [{"picture": "a"}, {"picture": "b"}]},
]  # fmt: skip
BAD_EXPORTS = [
    None, 3, [], {}, {**EXPORT, "format": "other"}, {**EXPORT, "schema": 2}, {**EXPORT, "schema": "1"}, {**EXPORT, "user": 3},
    {**EXPORT, "user": ""}, {**EXPORT, "events": {}}, *({**EXPORT, "events": [GOOD, bad]} for bad in BAD_EVENTS),
]  # fmt: skip


@pytest.mark.parametrize("data", BAD_EXPORTS, ids=lambda data: json.dumps(data)[-60:])
def test_a_bad_import_leaves_everything_as_it_was(data):
    with opened() as store:
        store.add_all([like(), prompt("before")])
        before = contents(store)
        with pytest.raises(UserError) as caught:
            store.import_(data, replace=True)
        assert caught.value.exit_code == 3 and contents(store) == before


def test_an_event_that_is_yet_to_come_is_not_imported():
    def after(days):
        return {**GOOD, "at": (datetime.now(timezone.utc) + timedelta(days=days)).isoformat(timespec="milliseconds")}

    with opened() as store:
        with pytest.raises(UserError, match="event 1: its time .* is yet to come") as caught:
            store.import_({**EXPORT, "events": [after(2)]})
        assert caught.value.exit_code == 3 and store.users() == []
        assert store.import_({**EXPORT, "events": [after(0.5)]}) == "ann"  # another machine's clock


def test_an_import_replaces_only_when_told_to():
    with opened() as store:
        store.add(prompt("before"))
        with pytest.raises(UserError, match="a profile of ann already"):
            store.import_(EXPORT)
        store.import_(EXPORT, replace=True)
        assert [e.text for e in store.events("ann")] == ["a cat"]


# --- what is gone when it is forgotten --------------------------------------------------------------------------------


def raw_bytes(path):
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_no_byte_of_what_is_forgotten_is_left(tmp_path):
    path = tmp_path / "profiles.sqlite"
    with opened(path) as store, opened(path) as idle:
        for i in range(300):  # so that rows move between pages
            store.add(prompt(f"secret{i % 7} " + "y" * (i % 50), user="Ottilie", id=f"{i * 7919 % 1000:04d}"))
            store.add(prompt(f"kept {i}", user="ann", id=f"{i * 7919 % 1000:04d}"))
        store.add(Event("9999", "Ottilie", AT, "comment", "zebrafish " * 900))
        assert store.profile("Ottilie").history and idle.profile("ann").history
        assert b"zebrafish" in raw_bytes(path) and b"secret3" in raw_bytes(path)
        store.forget_event("Ottilie", "9999")
        assert b"zebrafish" not in raw_bytes(path) and b"secret3" in raw_bytes(path)
        assert store.forget_user("Ottilie") == 300
        assert not any(word in raw_bytes(path) for word in (b"zebrafish", b"secret", b"Ottilie"))
        assert idle.users() == ["ann"] and len(idle.profile("ann").history) == 300
    assert not any(word in raw_bytes(path) for word in (b"zebrafish", b"secret", b"Ottilie"))


def test_an_import_that_replaces_leaves_no_byte_either(tmp_path):
    path = tmp_path / "profiles.sqlite"
    with opened(path) as store:
        store.add(prompt("zebrafish"))
        store.import_(EXPORT, replace=True)
        assert b"zebrafish" not in raw_bytes(path)


def test_a_reader_that_keeps_the_journal_is_told_of(tmp_path):
    path = tmp_path / "profiles.sqlite"
    with opened(path, wait=0.1) as store:
        store.add(prompt("zebrafish"))
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM events").fetchone()
            with pytest.raises(UserError, match="another program reads"):
                store.forget_user("ann")
        assert store.users() == [] and store.forget_user("ann") == 0
        assert b"zebrafish" not in raw_bytes(path)


def test_what_is_forgotten_while_it_is_read_does_not_come_back(where):
    with opened(where) as other:
        other.add_all([prompt("zebrafish", id="1"), prompt("a cat", id="2")])

        def slow(user, events):
            if len(events) == 2:
                other.forget_event("ann", "1")
            return estimate(user, events)

        with Store(where, slow, "1") as store:
            assert len(store.profile("ann").history) == 2
            with database.reading(store._engine) as connection:
                assert connection.scalars(sql.select(database.profiles.c.record)).all() == []
            assert len(store.profile("ann").history) == 1


# --- several at once --------------------------------------------------------------------------------------------------

WRITER = """
import sys
from persimg.preferences.events import Event, new_id
from persimg.preferences.store import Store
sys.stdin.readline()
with Store(sys.argv[1]) as store:
    for i in range(150):
        store.add(Event(new_id(), ("ann", sys.argv[2])[i % 2], "2020-01-31T12:00:00.000+00:00", "prompt", f"{sys.argv[2]} {i}"))
"""


def test_programs_that_open_and_write_at_once_all_succeed(where):
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(where), name], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name in ("bob", "cleo", "dan")
    ]
    for process in running:  # together, once Python is up
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [(process.communicate(timeout=50)[1], process.returncode) for process in running] == [("", 0)] * 3
    with opened(where) as store:
        assert store.overview() == [("ann", 225, AT), ("bob", 75, AT), ("cleo", 75, AT), ("dan", 75, AT)]
        assert len(store.profile("ann").history) == 225


def test_threads_share_a_store(where):
    with opened(where) as store:
        threads = [threading.Thread(target=lambda: [store.add(prompt()) or store.profile("ann") for _ in range(20)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(store.profile("ann").history) == 80


# --- versions of the schema -------------------------------------------------------------------------------------------


def add_a_mood(connection):
    connection.execute(sql.text("ALTER TABLE events ADD COLUMN mood VARCHAR(20)"))


def lose_an_index(connection):
    connection.execute(sql.text("DROP INDEX events_user_at"))


def fail(connection):
    add_a_mood(connection)
    raise UserError("out of luck")


def columns(where):
    engine = sql.create_engine(database.address(where))
    with contextlib.closing(engine.connect()) as connection:
        inspector = sql.inspect(connection)
        found = [c["name"] for c in inspector.get_columns("events")], [i["name"] for i in inspector.get_indexes("events")]
        version = connection.scalar(sql.select(database.schema.c.version))
    engine.dispose()
    return version, *found


def test_an_older_schema_is_brought_forward_step_by_step(where, monkeypatch):
    with opened(where) as store:
        store.add_all([prompt(id="1"), like(id="2")])
        before = contents(store)
    monkeypatch.setattr(database, "VERSION", 4)
    monkeypatch.setattr(database, "MIGRATIONS", {2: lose_an_index, 3: fail})
    with pytest.raises(UserError, match="out of luck"):
        opened(where)
    old = (2, ["user", "id", "at", "kind", "record"], ["events_user_at"])
    assert columns(where) == old
    monkeypatch.setattr(database, "MIGRATIONS", {2: lose_an_index, 3: add_a_mood})
    with opened(where) as store:
        assert contents(store) == before
    assert columns(where) == (4, [*old[1], "mood"], [])
    monkeypatch.setattr(database, "VERSION", 2)
    with pytest.raises(UserError, match=r"newer persimg \(schema 4, this one knows 2\); update persimg") as caught:
        opened(where)
    assert caught.value.exit_code == 3


def test_a_store_of_the_first_version_can_freeze_too(where):
    with opened(where) as store:
        store.add(prompt(id="1"))
        before = contents(store)
        with database.writing(store._engine) as connection:
            database.frozen.drop(connection)
            connection.execute(database.schema.update().values(version=1))
    with opened(where) as store:
        assert contents(store) == before and not store.is_frozen("ann")
        store.freeze("ann")
        assert store.is_frozen("ann")
    assert columns(where)[0] == 2


# --- nothing new ------------------------------------------------------------------------------------------------------


def test_of_a_frozen_user_nothing_new_is_recorded(where):
    with opened(where) as store:
        store.add(prompt(id="1"))
        exported, before = store.export("ann"), contents(store)
        for _ in range(2):
            store.freeze("ann")
            store.freeze("new")
        for call in (
            lambda: store.add_all([prompt("bob's", user="bob"), prompt("a dog")]), lambda: store.add(prompt(user="new")),
            lambda: store.import_(exported, replace=True), lambda: store.import_(exported, "new"),
        ):  # fmt: skip
            with pytest.raises(Frozen, match="is frozen: nothing new is recorded; end that with: persimg profile freeze --user"):
                call()
        assert contents(store) == before and store.users() == ["ann"] and store.profile("ann").history
        store.add(prompt(user="bob"))
        store.forget_event("ann", "1")
        assert store.is_frozen("ann") and store.users() == ["bob"]
        store.freeze("ann", False)
        store.add(prompt())
        assert store.users() == ["ann", "bob"] and not store.is_frozen("ann") and store.is_frozen("new")


def test_forgetting_a_user_forgets_that_he_was_frozen(where):
    with opened(where) as store:
        store.freeze("ann")
        assert store.forget_user("ann") == 0 and not store.is_frozen("ann")


def test_several_events_are_forgotten_as_one(where):
    with opened(where) as store, opened() as other:
        made = [prompt(f"a cat {i}", id=str(i)) for i in range(1200)]
        store.add_all(made)
        assert store.forget_events("ann", [str(i) for i in range(1, 1200)]) == 1199 and store.forget_events("ann", ["1"]) == 0
        other.add(made[0])
        assert contents(store) == contents(other)
        assert store.forget_events("ann", ["0", "0"]) == 1 and store.users() == []


# --- files that are no stores -----------------------------------------------------------------------------------------


def refused(path, text, ask=lambda store: store.profile("ann"), wait=0.1):
    """One line, exit code 3, and not a byte of the file is another."""
    before = path.read_bytes() if path.is_file() and os.access(path, os.R_OK, effective_ids=True) else None
    with pytest.raises(UserError) as caught:
        with opened(path, wait=wait) as store:
            ask(store)
    assert text in str(caught.value) and caught.value.exit_code == 3 and str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert before is None or path.read_bytes() == before


def truncated(data):
    return data[: len(data) // 2]


def beheaded(data):
    return b"\xff" * 200 + data[200:]


def holed(data):
    return data[:8192] + b"\x5a" * (len(data) - 12288) + data[-4096:]


@pytest.mark.parametrize("damage", [truncated, beheaded, holed, lambda data: b"Dear diary", lambda data: os.urandom(20_000)])
def test_a_damaged_file_is_left_as_it_was(tmp_path, damage):
    path = tmp_path / "profiles.sqlite"
    with opened(path) as store:
        store.add_all([prompt(f"a cat {i}") for i in range(500)])
    path.write_bytes(damage(path.read_bytes()))
    asked = [lambda s: s.events("ann"), lambda s: s.profile("ann"), lambda s: s.export("ann"), lambda s: s.overview()]
    for ask in [*asked, lambda s: s.add(prompt())]:
        refused(path, "is damaged", ask)


SPOILED = {
    "a table's name": (b"schemaschema", b"schfmaschfma"), "its description": (b"TABLE schema", b"TABLE schfma"), "a byte in it": (b"TABLE users", b"TABL\xc5 users"),
    "a column's name": (b"estimator TEXT", b"estimbtor TEXT"), "a time": (b"T12:00", b"T\xb12:00"), "another time": (b"T12:00", b"T92:00"),
    "a kind": (b"prompt{", b"prnmpt{"), "the text": (b"a cat", b"a \xe3at"),
}  # fmt: skip


@pytest.mark.parametrize("where", SPOILED)
def test_a_flipped_byte_is_damage_and_no_other_program(where, tmp_path):
    path = tmp_path / "profiles.sqlite"
    with opened(path) as store:
        store.add_all([prompt(f"a cat {i}") for i in range(5)])
    before, after = SPOILED[where]
    data = path.read_bytes()
    assert before in data
    path.write_bytes(data.replace(before, after))
    refused(path, "is damaged")


def test_a_lost_version_or_a_lost_list_of_tables_is_damage_too(tmp_path):
    path = tmp_path / "profiles.sqlite"
    with opened(path) as store:
        store.add_all([prompt(f"a cat {i}") for i in range(500)])
    data = path.read_bytes()
    path.write_bytes(data[:103] + b"\0\0" + data[105:])  # how many entries the first page has
    refused(path, "is damaged")
    path.write_bytes(data)
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE schema SET name = 'qrofiles'")
        other.commit()
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    refused(path, "is damaged")


def test_an_event_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "profiles.sqlite"
    with opened(path) as store:
        store.add(prompt())
        with database.writing(store._engine) as connection:
            connection.execute(database.events.update().values(record='{"colour": "red"}'))
    refused(path, "is damaged (an event of ann can't be read)")


def test_other_things_in_its_place(tmp_path):
    (tmp_path / "folder").mkdir()
    refused(tmp_path / "folder", "is a folder")
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file" / "profiles.sqlite", "can't be made")
    three = "CREATE TABLE users (name TEXT); CREATE TABLE events (what TEXT); CREATE TABLE profiles (picture BLOB); CREATE TABLE schema (name TEXT)"
    for statement in ("CREATE TABLE users (name TEXT)", "CREATE TABLE schema (name TEXT, version INTEGER)", three):
        path = tmp_path / f"{len(statement)}.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as other:
            other.executescript(statement)
        refused(path, "is another program's database")
    (tmp_path / "empty.sqlite").touch()
    with opened(tmp_path / "empty.sqlite") as store:
        store.add(prompt())


def test_another_program_s_postgresql_database_is_left_alone(server):
    where = server()
    engine = sql.create_engine(database.address(where))
    with engine.begin() as connection:
        connection.execute(sql.text("CREATE TABLE users (name TEXT)"))
    with pytest.raises(UserError, match="another program's database"):
        opened(where)
    with engine.begin() as connection:
        assert sql.inspect(connection).get_table_names() == ["users"]
    engine.dispose()


def test_a_locked_file_is_read_but_not_written(tmp_path):
    path = tmp_path / "profiles.sqlite"
    with opened(path) as store:
        store.add(prompt())
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused(path, "is in use by another program", lambda store: store.add(prompt()))
        with opened(path, wait=0.1) as store:
            assert len(store.profile("ann").history) == 1
        other.execute("ROLLBACK")
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        refused(path, "is in use by another program")


@pytest.fixture
def without_rights():
    """A folder of an unprivileged user, and being that user."""
    folder = Path(tempfile.mkdtemp(prefix="persimg-"))
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        yield folder
    finally:
        os.chmod(folder, 0o700)
        if is_root:
            os.seteuid(0)
        shutil.rmtree(folder)


def test_a_folder_that_cannot_be_written(without_rights):
    path = without_rights / "profiles.sqlite"
    with opened(path) as store:
        store.add(prompt())
    os.chmod(without_rights, 0o500)
    refused(without_rights / "other.sqlite", "can't be made")
    refused(without_rights / "below" / "other.sqlite", "can't be made")
    refused(path, "can't be ", lambda store: store.add(prompt()))
    os.chmod(without_rights, 0o700)
    os.chmod(path, 0o400)
    refused(path, "can't be written", lambda store: store.add(prompt()))
    os.chmod(path, 0)
    refused(path, "can't be opened")
    os.chmod(path, 0o600)


def test_the_file_and_its_journal_are_for_the_owner_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("PERSIMG_HOME", str(tmp_path / "home"))
    os.umask(os.umask(0o022))
    with opened(None) as store:
        store.add(prompt())
        found = sorted((tmp_path / "home").glob("profiles.sqlite*"))
        assert len(found) == 3 and {stat.S_IMODE(file.stat().st_mode) for file in found} == {0o600}
        wanted = {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000, "secure_delete": 1}
        with database.raw(store._engine) as connection:
            assert {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted} == wanted


@pytest.mark.parametrize("url, text", [
    ("://", "is no database URL"), ("oracle9://x", "no such kind of database"), ("postgresql://ann:s3cret@127.0.0.1:1/x", "can't be used"),
])  # fmt: skip
def test_urls_of_no_use(url, text):
    with pytest.raises(UserError, match=text) as caught:
        Store(url)
    assert "s3cret" not in str(caught.value)


def test_a_profile_is_made_without_the_garbage_collector_which_goes_on_after_it():
    states = []

    def failing(user, events):
        states.append(gc.isenabled())
        raise KeyError

    with Store("sqlite://", failing, "1") as store:
        store.add(prompt())
        with pytest.raises(KeyError):
            store.profile("ann")
    assert states == [False] and gc.isenabled()
