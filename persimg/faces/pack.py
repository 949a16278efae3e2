"""A face pack: a folder of ONNX files that insightface reads, with a detector and a recognizer.

Packs are found by name in insightface's own folder or given as a folder; nothing is downloaded. The embedded pack knows drawn faces
alone. What insightface itself publishes (buffalo_l, antelopev2, …) is for non-commercial research: its licence is said before first use.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any

from persimg import files, mini
from persimg.errors import UserError

EMBEDDED = "mini"
INSIGHTFACE_HOME = Path("~/.insightface/models")
LICENCE = "insightface's own packs are for non-commercial research only (see its repository); others have the licence of their maker"
SIDES = {EMBEDDED: 128}
"""px, of the square that a detector looks at; else 640"""
log = logging.getLogger("persimg")


def find(pack: str | Path) -> Path:
    """The folder of a pack. UserError (exit 3) where there is none, saying that nothing is downloaded."""
    if str(pack) == EMBEDDED:
        return mini.path("faces")
    for folder in (Path(pack).expanduser(), INSIGHTFACE_HOME.expanduser() / str(pack)):
        if folder.is_dir():
            if not list(folder.glob("*.onnx")):
                raise UserError(f"the face pack {folder} has no .onnx file", "name a folder that insightface reads", 3)
            return folder.resolve()
    raise UserError(
        f"there is no face pack {pack}, neither a folder nor in {INSIGHTFACE_HOME}",
        "packs aren't downloaded: fetch it yourself, minding its licence, or take mini, for drawn faces", 3,
    )  # fmt: skip


class Pack:
    """detector and recognizer: insightface's models.

    digest: 12 hex digits over the recognizer's file: scores and maps of different recognizers don't mix.
    """

    def __init__(self, folder: Path, name: str, device: str = "cpu"):
        self.folder, self.name = folder, name
        found = _analysis(folder, device)
        self.detector, self.recognizer = found.models.get("detection"), found.models.get("recognition")
        if self.detector is None or self.recognizer is None:
            missing = "detector" if self.detector is None else "recognizer"
            raise UserError(f"the face pack {folder} has no {missing}", "name a pack with both", 3)
        self.digest = files.digest_file(Path(self.recognizer.model_file))[:12]


@cache
def load(pack: str | Path = EMBEDDED, device: str = "cpu") -> Pack:
    """A pack, once a process. device: "cpu" or "cuda".

    Raises UserError (exit 3) for a pack that isn't there, is damaged, or lacks a detector or a recognizer.
    """
    folder = find(pack)
    if str(pack) != EMBEDDED:
        log.warning("face pack %s: %s", folder.name, LICENCE)
    return Pack(folder, str(pack), device)


def load_recognizer(file: Path) -> Any:
    """insightface's model of one ONNX file that belongs to no pack, on the CPU."""
    from insightface.model_zoo import get_model

    return get_model(str(file), providers=["CPUExecutionProvider"])


def _analysis(folder: Path, device: str) -> Any:
    try:
        from insightface.app import FaceAnalysis
    except ImportError as error:
        raise UserError(f"insightface can't be imported ({error})", "pip install insightface") from error
    providers = (["CUDAExecutionProvider"] if device.startswith("cuda") else []) + ["CPUExecutionProvider"]
    side = SIDES.get(EMBEDDED if folder == _embedded() else "", 640)
    try:
        found = FaceAnalysis(name=str(folder), allowed_modules=["detection", "recognition"], providers=providers)
        found.prepare(ctx_id=0 if device.startswith("cuda") else -1, det_size=(side, side))
    except AssertionError as error:  # insightface asserts that there is a detector
        raise UserError(f"the face pack {folder} has no detector", "name a pack with both", 3) from error
    except Exception as error:  # onnxruntime's errors have no common base but this
        if not type(error).__module__.startswith("onnxruntime"):
            raise
        raise UserError(f"the face pack {folder} is damaged ({' '.join(str(error).split())[:80]})", "fetch it again", 3) from error
    return found


def _embedded() -> Path | None:
    try:
        return mini.path("faces")
    except UserError:
        return None
