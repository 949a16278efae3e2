"""The embedded models: weights, cards, and the drawn world that they learned."""

from __future__ import annotations

from pathlib import Path

from persimg.errors import UserError

NAMES = ("base", "clip", "selector", "reader")
TO_COME = {"faces": "name one of insightface's with --face-pack"}
"""models that aren't embedded yet → what to do meanwhile"""


def path(name: str) -> Path:
    """The folder of an embedded model: "base", "clip", "selector" or "reader". UserError when it isn't installed."""
    if name in TO_COME:
        raise UserError(f"no {name} model is embedded yet", TO_COME[name], 3)
    if name not in NAMES:
        raise UserError(f"there is no embedded model named {name}", f"choose one of {', '.join(NAMES)}")
    folder = Path(__file__).parent / name
    if not (folder / "card.json").exists():
        raise UserError(f"the embedded model {name} is missing from {folder.parent}", "install persimg again", 3)
    return folder
