"""What a user did: the only facts that a profile rests on.

An event is never changed. A profile is computed from events alone, so that an event that is forgotten leaves nothing behind.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Mapping

from persimg.errors import UserError

KINDS = ("prompt", "like", "dislike", "choice", "rating", "comment", "statement", "keep", "delete", "edit")
"""prompt: asked for a picture; choice: one of several shown; statement: said of pictures as such ("I like pastels"); edit: the user
corrects the profile itself"""
EDITS = ("pin", "mute", "reset")
"""pin: this weight, whatever was inferred; mute: never use this attribute; reset: take back earlier edits of it"""
OF_PICTURES = ("like", "dislike", "choice", "rating", "keep", "delete")
MAX_TEXT = 20_000
"""characters of a prompt or a comment"""
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Shown:
    """A picture that the user saw.

    picture: digest or path, only a name; attributes: lexicon id → how sure it is that the picture has it, 0..1; asked: the
    prompt that it was drawn for, where known.
    """

    picture: str
    attributes: Mapping[str, float] = field(default_factory=dict)
    asked: str = ""


@dataclass(frozen=True)
class Event:
    """One thing that a user did.

    at: UTC, ISO 8601 with milliseconds; text: the prompt, comment or statement; shown: the picture that it is about first, what
    was shown beside it behind; of a prompt: what was read in it, as a picture without a name; chosen: index in shown, of a choice; rating: 0..1; subject: what the picture was of ("cat"),
    which keeps content apart from taste; attribute, weight: what an edit, whose text is one of EDITS, is about.
    """

    id: str
    user: str
    at: str
    kind: str
    text: str = ""
    shown: tuple[Shown, ...] = ()
    chosen: int | None = None
    rating: float | None = None
    subject: str = ""
    attribute: str = ""
    weight: float | None = None
    source: str = "user"


def new_id(milliseconds: int | None = None, random: bytes | None = None) -> str:
    """A ULID: 48 bits of time, 80 random ones, sorting by time."""
    stamp = int(time.time() * 1000) if milliseconds is None else milliseconds
    value = stamp << 80 | int.from_bytes(random or os.urandom(10), "big")
    return "".join(CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def checked(event: Event) -> Event:
    """The event itself. UserError, exit code 3, where it makes no sense."""
    for wrong, what, mend in _complaints(event):
        if wrong:
            raise UserError(f"event {event.id}: {what}", mend, 3)
    return event


def _complaints(event: Event) -> list[tuple[bool, str, str]]:
    in_range = event.chosen is not None and 0 <= event.chosen < len(event.shown)
    return [
        (not event.user.strip(), "it has no user", "name one"),
        (event.kind not in KINDS, f"its kind is {event.kind!r}", f"take one of {', '.join(KINDS)}"),
        (len(event.text) > MAX_TEXT, f"its text has {len(event.text)} characters", f"keep it under {MAX_TEXT}"),
        (event.kind in ("prompt", "comment", "statement") and not event.text.strip(), "its text is empty", "say something"),
        (event.kind in OF_PICTURES and not event.shown, "it is about no picture", "name one"),
        (event.kind == "choice" and (not in_range or len(event.shown) < 2), "a choice needs two pictures and which of them", "give both"),
        (event.kind == "edit" and (event.text not in EDITS or not event.attribute), "it edits nothing", f"give an attribute and one of {', '.join(EDITS)}"),
        (event.kind == "edit" and event.text == "pin" and event.weight is None, "a pin needs a weight", "give one, negative for a dislike"),
        (event.kind == "rating" and not 0 <= (-1 if event.rating is None else event.rating) <= 1, "a rating is between 0 and 1", "give one"),
    ]
