"""Pictures on disk as what a user saw.

A picture that carries its prompt is read from that, of others light and color are measured; a model looks at them only where one is
named, since the embedded one knows nothing but the drawn world. Of the file nothing is kept but its digest.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Sequence

from persimg import files
from persimg.preferences.events import MAX_TEXT, Event, Shown, new_id, now

if TYPE_CHECKING:
    from persimg.preferences.store import Store

DIGITS = 16
"""of the digest"""


def shown(paths: Sequence[Path], prompt: str = "", clip: str | None = None) -> tuple[Shown, ...]:
    """The pictures, in order; prompt: what those were drawn for that don't say so. Without pictures: what the prompt alone tells.

    clip: the backbone that looks at pictures without a prompt, named as the evaluation takes it; None: they are only measured. Raises
    UserError (exit 3) for what isn't a picture and for a clip that can't be had.
    """
    if not paths:
        return (of_prompt("", prompt),) if prompt else ()
    opened = [files.open_picture(path) for path in paths]
    asked = [_asked(path) or prompt for path in paths]
    names = [digest(path) for path in paths]
    unknown = [i for i, text in enumerate(asked) if not text]
    seen = {}
    if unknown:
        from persimg.preferences.pictures import of_pictures

        seen = dict(zip(unknown, of_pictures([opened[i] for i in unknown], clip)))
    return tuple(Shown(name, seen[i]) if i in seen else of_prompt(name, asked[i]) for i, name in enumerate(names))


def digest(path: Path) -> str:
    """What a picture is called in events."""
    return files.digest_file(path)[:DIGITS]


def of_prompt(picture: str, prompt: str) -> Shown:
    """A picture that is known by its prompt alone."""
    from persimg.preferences import attributes

    return Shown(picture, attributes.of_prompt(prompt), prompt)


def asked_for(user: str, prompt: str) -> Event:
    """The event of a prompt, with what was read in it."""
    from persimg.preferences import attributes

    return Event(new_id(), user, now(), "prompt", prompt, (Shown("", attributes.of_prompt(prompt)),))


def remember(store: Store, user: str, prompt: str) -> str:
    """A prompt joins the user's history; why it doesn't, "" where it does: a frozen profile stops nobody from drawing."""
    from persimg.preferences.store import Frozen

    try:
        store.add(asked_for(user, prompt))
    except Frozen as frozen:
        return str(frozen)
    return ""


def _asked(path: Path) -> str:
    from persimg.sampling import provenance

    prompt = provenance.prompt_of(path).encode(errors="ignore").decode()  # anybody can write into a picture
    return prompt if len(prompt) <= MAX_TEXT else ""
