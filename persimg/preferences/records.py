"""Events and profiles as JSON and back, to the bit."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict, fields
from datetime import datetime, timedelta, timezone
from typing import Any, Mapping, Sequence

from persimg.errors import UserError
from persimg.preferences.events import KINDS, Event, Shown, checked
from persimg.preferences.profile import Asked, Belief, Profile

MAX_NAME = 200
"""characters of a user's name and of an id"""
MAX_NUMBER = 1e6
EXPORT = "persimg profile"
EXPORT_SCHEMA = 1
TEXTS = ("id", "at", "kind", "text", "subject", "attribute", "source")
NUMBERS = ("rating", "weight")
DEFAULTS = {f.name: f.default for f in fields(Event)}
UTC = "+00:00"
EXAMPLE = f"2026-01-31T12:00:00.000{UTC}"
"""of a time"""
AHEAD = timedelta(days=1)
"""that another machine's clock may be before this one's"""
COLUMNS = ("user", "id", "at", "kind")
"""of the table of events"""


def dumps(record: Any) -> str:
    """One line of JSON, the same for the same record."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


# --- events -----------------------------------------------------------------------------------------------------------


def event_record(event: Event) -> dict[str, Any]:
    """All that an event says but whose it is; what is at its default is left out."""
    record = {name: getattr(event, name) for name, default in DEFAULTS.items() if name != "user" and getattr(event, name) != default}
    if event.shown:
        record["shown"] = [{"picture": s.picture, "attributes": dict(s.attributes), "asked": s.asked} for s in event.shown]
    return record


def event_row(event: Event) -> dict[str, str]:
    """The row of an event: what is asked for by columns, all else as JSON."""
    record = {name: value for name, value in event_record(event).items() if name not in COLUMNS}
    return {**{name: getattr(event, name) for name in COLUMNS}, "record": dumps(record)}


def event_of_row(row: Any) -> Event:
    """ValueError, TypeError or KeyError for what event_row never wrote."""
    if row.kind not in KINDS or not row.at.endswith(UTC) or len(row.at) != len(EXAMPLE) or not datetime.fromisoformat(row.at):
        raise ValueError(f"{row.kind} at {row.at}")
    record = json.loads(row.record)
    return event_of({"id": row.id, "at": row.at, "kind": row.kind, **record}, row.user)


def event_of(record: Mapping[str, Any], user: str) -> Event:
    """The event of a record that event_record made."""
    shown = tuple(Shown(**picture) for picture in record.get("shown", ()))
    return Event(**{**record, "user": user, "shown": shown})


def foreign_event(record: Any, user: str) -> Event:
    """The event of a record that anybody made. UserError, exit code 3, where it is none."""
    wrong = _wrong_with(record)
    if wrong:
        name = record.get("id") if isinstance(record, dict) else None
        raise UserError(f"event {name if isinstance(name, str) else '?'}: {wrong}", "mend or remove it", 3)
    return event_of(record, user)


def _wrong_with(record: Any) -> str:
    if not isinstance(record, dict):
        return "it is no JSON object"
    unknown = sorted(set(record) - (set(DEFAULTS) - {"user"}))
    missing = [name for name in ("id", "at", "kind") if name not in record]
    texts = [record[name] for name in TEXTS if name in record]
    numbers = [record[name] for name in NUMBERS if record.get(name) is not None]
    shown = record.get("shown", [])
    complaints = [
        (bool(unknown), f"its field {', '.join(unknown)} is unknown"),
        (bool(missing), f"it has no {', '.join(missing)}"),
        (not all(isinstance(text, str) for text in texts), f"one of {', '.join(TEXTS)} is no text"),
        (not all(map(_is_number, numbers)), f"one of {', '.join(NUMBERS)} is no number"),
        (record.get("chosen") is not None and type(record["chosen"]) is not int, "chosen is no whole number"),
        (not (isinstance(shown, list) and all(map(_is_shown, shown))), "a picture in it makes no sense"),
    ]
    return next((text for is_wrong, text in complaints if is_wrong), "")


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_shown(value: Any) -> bool:
    if not isinstance(value, dict) or not {"picture"} <= set(value) <= {"picture", "attributes", "asked"}:
        return False
    attributes = value.get("attributes", {})
    texts = isinstance(value["picture"], str) and isinstance(value.get("asked", ""), str)
    return texts and isinstance(attributes, dict) and all(map(_is_number, attributes.values()))


def storable(event: Event) -> Event:
    """The event itself. UserError, exit code 3, where it makes no sense or can't come back from a database as it is."""
    check_name(event.user, "user", 3)
    check_name(event.id, "id", 3)
    numbers = [value for value in (event.rating, event.weight) if value is not None]
    sure = [value for shown in event.shown for value in shown.attributes.values()]
    complaints = [
        (not _is_time(event.at), f"its time is {event.at!r}", f"write UTC with milliseconds, such as {EXAMPLE}"),
        (not all(-MAX_NUMBER <= value <= MAX_NUMBER for value in numbers), "a number of it is out of range", f"stay within {MAX_NUMBER:g}"),
        (not all(0 <= value <= 1 for value in sure), "a picture's attribute isn't between 0 and 1", "say how sure it is"),
        (not _is_unicode(event), "its text is no valid Unicode", "write it anew"),
    ]
    for wrong, what, mend in complaints:
        if wrong:
            raise UserError(f"event {event.id}: {what}", mend, 3)
    return checked(event)


def not_ahead(event: Event) -> Event:
    """The event itself, which is storable. UserError, exit code 3, where it is beyond tomorrow: all that comes after it would count as old."""
    if datetime.fromisoformat(event.at) > datetime.now(timezone.utc) + AHEAD:
        raise UserError(f"event {event.id}: its time {event.at} is yet to come", "mend its time or remove it", 3)
    return event


def check_name(name: str, what: str, exit_code: int = 2) -> str:
    """A user's name or an id. UserError unless it is one line of 1 to MAX_NAME characters."""
    if not (0 < len(name.strip()) and len(name) <= MAX_NAME) or any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        raise UserError(f"the {what} {name[:40]!r} can't be used", f"take one line of 1 to {MAX_NAME} characters", exit_code)
    return name


def _is_time(at: str) -> bool:
    try:
        time = datetime.fromisoformat(at)
    except ValueError:
        return False
    return time.utcoffset() == timedelta(0) and time.isoformat(timespec="milliseconds") == at


def _is_unicode(event: Event) -> bool:
    """Half of a surrogate pair, as undecodable bytes of a command line become, is no character."""
    try:
        dumps(event_record(event)).encode()
    except (UnicodeEncodeError, ValueError):
        return False
    return True


def export_record(user: str, events: Sequence[Event]) -> dict[str, Any]:
    return {"format": EXPORT, "schema": EXPORT_SCHEMA, "user": user, "events": [event_record(event) for event in events]}


def imported(data: Any, user: str | None = None) -> tuple[str, list[Event]]:
    """The user, who may be named anew, and the events of an export. UserError, exit code 3, for anything else."""
    mend = "give what persimg profile export wrote"
    if not isinstance(data, dict) or data.get("format") != EXPORT or type(data.get("schema")) is not int:
        raise UserError("this is no exported profile", mend, 3)
    if data["schema"] > EXPORT_SCHEMA:
        raise UserError(f"this profile is of schema {data['schema']}, this persimg knows {EXPORT_SCHEMA}", "update persimg", 3)
    if not isinstance(data.get("events"), list) or not isinstance(user or data.get("user"), str):
        raise UserError("this exported profile has no user or no events", mend, 3)
    user = user or data["user"]
    return check_name(user, "user", 3), [foreign_event(record, user) for record in data["events"]]


# --- profiles ---------------------------------------------------------------------------------------------------------


KEPT = tuple(f.name for f in fields(Profile) if f.name != "retrieval")
SHAPE = " ".join(f"{kind.__name__}({','.join(f.name for f in fields(kind) if kind is not Profile or f.name in KEPT)})" for kind in (Profile, Belief, Asked))
"""changes when the fields of a profile do"""


def profile_record(profile: Profile) -> dict[str, Any]:
    """History as columns: 100 000 prompts are read in 0.19 s, as rows with names in 0.29."""
    record = {name: getattr(profile, name) for name in KEPT}
    record["beliefs"] = {id: asdict(belief) for id, belief in profile.beliefs.items()}
    record["history"] = [[getattr(asked, f.name) for asked in profile.history] for f in fields(Asked)]
    return record


def profile_of_record(record: Mapping[str, Any]) -> Profile:
    beliefs = {id: Belief(**belief) for id, belief in record["beliefs"].items()}
    unmapped = tuple(map(tuple, record["unmapped"]))
    return Profile(**{**record, "beliefs": beliefs, "history": tuple(map(Asked, *record["history"])), "unmapped": unmapped})
