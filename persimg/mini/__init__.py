"""The embedded models: weights, cards, and the drawn world that they learned."""

from __future__ import annotations

from pathlib import Path

from persimg.errors import UserError

NAMES = ("base", "clip", "ssl", "selector", "reader", "faces", "faces_second")


def path(name: str) -> Path:
    """The folder of an embedded model, one of NAMES; UserError when it isn't installed.

    "clip", "reader", "ssl" (self-supervised), "faces_second" (a face recognizer) only score, "selector" chooses checkpoints;
    "faces" is the face pack, a folder that insightface.app.FaceAnalysis(name=…) loads.
    """
    if name not in NAMES:
        raise UserError(f"there is no embedded model named {name}", f"choose one of {', '.join(NAMES)}")
    folder = Path(__file__).parent / name
    if not (folder / "card.json").exists():
        raise UserError(f"the embedded model {name} is missing from {folder.parent}", "install persimg again", 3)
    return folder
