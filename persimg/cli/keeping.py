"""persimg profile export, import, forget and freeze: what is stored of a user, taken along, deleted and kept from growing."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.preferences.store import Store

EXPLICIT = ("statement", "edit")
"""kinds of what a user said of himself, which doesn't grow old by itself"""
MOST_DAYS = 36_500


def add_parsers(actions: Any, action: Callable[..., argparse.ArgumentParser]) -> None:
    export = action(actions, "export", _export, "all that is stored of the user, as JSON")
    export.add_argument("--out", type=Path, metavar="FILE", help="into a file, readable for its owner alone (default: stdout)")
    export.add_argument("--replace", action="store_true", help="overwrite a file that exists")
    take = action(actions, "import", _import, "what export wrote", needs_user=False)
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument("--user", help="under another name")
    take.add_argument("--replace", action="store_true", help="in place of what is stored of that user")
    forget = action(actions, "forget", _forget, "delete all that is stored of the user, or some events, for good")
    some = forget.add_mutually_exclusive_group()
    some.add_argument("--event", metavar="ID", help="only this event, and all that was concluded from it")
    some.add_argument("--attribute", metavar="ATTR", help="only events that say anything of this attribute, in words or by their pictures; they are listed first")
    some.add_argument("--older-than", type=float, metavar="DAYS", help="only events that are older than that, but for statements and edits")
    forget.add_argument("--yes", action="store_true", help="don't ask")
    freeze = action(actions, "freeze", _freeze, "record nothing new of the user; what is known is used as before")
    freeze.add_argument("--off", action="store_true", help="record again")


def opened(args: argparse.Namespace) -> Store:
    from persimg.preferences.records import check_name
    from persimg.preferences.store import Store

    if args.user is not None:
        check_name(args.user, "user")
    return Store(args.store)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _export(args: argparse.Namespace) -> dict[str, Any]:
    from persimg import files

    if args.out and args.out.exists() and not args.replace:
        raise UserError(f"--out {args.out} exists", "name another file or pass --replace")
    with opened(args) as store:
        record = store.export(args.user)
    if not record["events"]:
        raise UserError(f"nothing is stored of {args.user}", "see: persimg profile list")
    if args.out is None:
        print(json.dumps(record, indent=2, ensure_ascii=False))
        return record
    files.write_json(args.out, record)
    os.chmod(args.out, 0o600)
    print(f"{args.out}: {count(len(record['events']), 'event')}")
    return {"file": str(args.out), "events": len(record["events"])}


def _import(args: argparse.Namespace) -> dict[str, Any]:
    from persimg import files
    from persimg.preferences.naming import line

    try:
        data = files.read_json(args.file)
    except RecursionError as error:
        raise UserError(f"{args.file} is nested too deeply", "give what persimg profile export wrote", 3) from error
    with opened(args) as store:
        user = store.import_(data, args.user, args.replace)
    print(f"imported {count(len(data['events']), 'event')} of {line(user)}")
    return {"user": user, "events": len(data["events"])}


def _forget(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.preferences.naming import line

    with opened(args) as store:
        what, ids = _wanted(args, store)
        if ids == []:
            print(f"no event of {line(args.user)} is {what}: nothing was deleted")
            return {"user": args.user, "deleted": 0}
        what = "all that is stored" if ids is None else f"{count(len(ids), 'event')} {what}"
        if not args.yes and not _is_sure(f"delete {what} of {line(args.user)} for good?"):
            print("nothing was deleted")
            return {"user": args.user, "deleted": 0}
        was_frozen = ids is None and store.is_frozen(args.user)
        number = store.forget_user(args.user) if ids is None else store.forget_events(args.user, ids)
    if was_frozen and not number:
        print(f"{line(args.user)} is frozen no more; there was nothing else")
        return {"user": args.user, "deleted": 0}
    if not number:
        raise UserError(f"nothing is stored of {args.user}", "see: persimg profile list")
    print(f"deleted {count(number, 'event')} and all that was concluded from {'it' if number == 1 else 'them'}")
    return {"user": args.user, "deleted": number}


def _wanted(args: argparse.Namespace, store: Store) -> tuple[str, list[str] | None]:
    """What is to be forgotten in words, and the events' ids. None is everything, and nothing else is: an id that a script left empty must
    not delete a user.
    """
    from persimg.preferences.lexicon import lexicon
    from persimg.preferences.naming import attribute_id, called, names, told

    if args.event is not None:
        return args.event, [store.event(args.user, args.event).id]
    if args.attribute is not None:
        id = attribute_id(args.attribute, lexicon())
        found = [event for event in store.events(args.user) if names(event, lexicon().attributes[id])]
        for event in found:
            print(told(event, event.id))
        return f"about {called(id, lexicon())}", [event.id for event in found]
    if args.older_than is not None:
        return f"older than {args.older_than:g} days", _older(store, args.user, args.older_than)
    return "", None


def _older(store: Store, user: str, days: float) -> list[str]:
    """What the user did and didn't say of himself, before so many days."""
    if not 0 <= days <= MOST_DAYS:
        raise UserError(f"--older-than {days:g} is out of range", f"take 0 to {MOST_DAYS} days")
    limit = datetime.now(timezone.utc) - timedelta(days=days)
    return [event.id for event in store.events(user) if event.kind not in EXPLICIT and datetime.fromisoformat(event.at) < limit]


def _freeze(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.preferences.naming import line

    with opened(args) as store:
        store.freeze(args.user, not args.off)
    print(f"{line(args.user)}: " + ("what is done is recorded again" if args.off else "nothing new is recorded; end that with --off"))
    return {"user": args.user, "frozen": not args.off}


def _is_sure(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UserError("there is nobody to ask whether to delete", "pass --yes")
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
