"""What people call an attribute, and which one they mean."""

from __future__ import annotations

import difflib

from persimg.errors import UserError
from persimg.preferences.lexicon import Lexicon


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
