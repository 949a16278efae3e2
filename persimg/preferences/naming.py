"""What people call an attribute, and which one they mean; an event in one line."""

from __future__ import annotations

import difflib
import re

from persimg.errors import UserError
from persimg.preferences.events import Event, Shown
from persimg.preferences.lexicon import Attribute, Lexicon

MOST_TEXT = 80
"""characters shown of what was said"""


def attribute_id(text: str, table: Lexicon) -> str:
    """The id of an attribute by its id or one of its names. UserError for none and for several."""
    id = text.strip().casefold().replace(" ", "_")
    if id in table.attributes:
        return id
    name = text.strip().casefold().replace("_", " ")
    found = [a.id for a in table.attributes.values() if name in map(str.casefold, a.names)]
    if len(found) > 1:
        raise UserError(f"{text!r} is the name of several attributes", f"take one of {', '.join(found)}")
    if not found:
        close = difflib.get_close_matches(name, [n for a in table.attributes.values() for n in a.names], 3, 0.5)
        mend = f"perhaps {', '.join(close)}" if close else "see persimg/preferences/lexicon.yaml"
        raise UserError(f"no attribute is called {text[:60]!r}", mend)
    return found[0]


def called(id: str, table: Lexicon) -> str:
    """ "golden hour (lighting)"; the id itself of what an older lexicon had."""
    attribute = table.attributes.get(id)
    return f"{attribute.name} ({attribute.category})" if attribute else id


def line(text: str, most: int | None = None) -> str:
    """On one line, without what could steer a terminal, and no longer than `most` characters and an ellipsis."""
    text = text if most is None or len(text) <= most else f"{text[:most]}…"
    return "".join(c if c.isprintable() else " " for c in text)


def picture_of(event: Event) -> Shown | None:
    """The picture that an event is about: of a choice the one that was taken."""
    where = event.chosen or 0
    return event.shown[where] if where < len(event.shown) else None


def names(event: Event, attribute: Attribute) -> bool:
    """Does an event say anything of an attribute: in its words, for or against, or by what its pictures are like?"""
    if event.attribute == attribute.id or any(attribute.id in shown.attributes for shown in event.shown):
        return True
    from persimg.preferences import phrases
    from persimg.preferences.statement import mentions

    texts = [event.text, event.subject, *(shown.asked for shown in event.shown)]
    words = "|".join(re.escape(name) for name in (*attribute.names, *attribute.phrases))
    if any(re.search(rf"(?<!\w)({words})(?!\w)", text, re.IGNORECASE) for text in texts):
        return True
    if any(found.kind == "attribute" and found.value == attribute.id for text in texts for found in phrases.find(text)):
        return True

    return event.kind in ("comment", "statement") and attribute.id in {mention.attribute for mention in mentions(event.text).mentions}


def told(event: Event | None, id: str) -> str:
    """An event in one short line that can be printed, whatever was said; its id alone where the event isn't there."""
    if event is None:
        return line(id)
    shown = picture_of(event)
    text, picture = line(event.text, MOST_TEXT), line(shown.asked or shown.picture, MOST_TEXT) if shown else ""
    said = f"{text!r}" if text else ""
    of = f" of {picture!r}" if said and picture else picture
    return f"{event.at[:10]} {event.kind}: {said}{of}  [{line(event.id)}]"
