"""persimg profile export, import and forget: what is stored of a user, taken along and deleted."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.preferences.store import Store


def add_parsers(actions: Any, action: Callable[..., argparse.ArgumentParser]) -> None:
    export = action(actions, "export", _export, "all that is stored of the user, as JSON")
    export.add_argument("--out", type=Path, metavar="FILE", help="into a file, readable for its owner alone (default: stdout)")
    export.add_argument("--replace", action="store_true", help="overwrite a file that exists")
    take = action(actions, "import", _import, "what export wrote", needs_user=False)
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument("--user", help="under another name")
    take.add_argument("--replace", action="store_true", help="in place of what is stored of that user")
    forget = action(actions, "forget", _forget, "delete all that is stored of the user, or one event, for good")
    forget.add_argument("--event", metavar="ID", help="only this event, and all that was concluded from it")
    forget.add_argument("--yes", action="store_true", help="don't ask")


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
    from persimg.preferences.records import check_name

    # None alone is everything: an id that a script left empty must not delete a user
    what = "all that is stored" if args.event is None else f"the event {check_name(args.event, 'id')}"
    with opened(args) as store:
        if not args.yes and not _is_sure(f"delete {what} of {line(args.user)} for good?"):
            print("nothing was deleted")
            return {"user": args.user, "deleted": 0}
        if args.event is None:
            number = store.forget_user(args.user)
        else:
            store.forget_event(args.user, args.event)
            number = 1
    if not number:
        raise UserError(f"nothing is stored of {args.user}", "see: persimg profile list")
    print(f"deleted {count(number, 'event')} and all that was concluded from {'it' if number == 1 else 'them'}")
    return {"user": args.user, "deleted": number}


def _is_sure(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UserError("there is nobody to ask whether to delete", "pass --yes")
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
