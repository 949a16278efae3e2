"""Whole weights for other tools: the base with a concept in it, as a folder that diffusers loads."""

from __future__ import annotations

import tempfile
from pathlib import Path

from persimg.bases.base import Base
from persimg.concepts.concept import Concept
from persimg.errors import UserError
from persimg.spaces import attach_concept

INDEX = "model_index.json"


def export_pipeline(concept: Concept, base: Base, folder: Path, replace: bool = False) -> Path:
    """Write base and difference as one pipeline (safetensors), whole or not at all; returns its index.

    Raises UserError for a concept that isn't whole weights alone, another base, a folder that exists (replace passes over one
    that holds a pipeline), and a full disk.
    """
    check_pipeline(concept.card.name, list(concept.weights), folder, replace)
    stack = attach_concept(base, concept)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as beside:
            made = Path(beside) / "made"
            _save(base, made)
            (made / "PROMPT.txt").write_text(concept.card.trigger_phrase + "\n", encoding="utf-8")
            if folder.exists():
                folder.rename(Path(beside) / "old")
            made.rename(folder)
    except OSError as error:
        raise UserError(f"{folder} could not be written ({error.strerror or error})", "free space or choose another folder", 3) from error
    finally:
        stack.detach()
    return folder / INDEX


def _save(base: Base, folder: Path) -> None:
    from safetensors import SafetensorError

    try:
        base.pipeline.save_pretrained(folder, safe_serialization=True)
    except SafetensorError as error:
        # safetensors reports a full disk as its own error type
        raise OSError(str(error)) from error


def check_pipeline(name: str, kinds: list[str], folder: Path, replace: bool) -> None:
    """What can be refused before a base is loaded."""
    if kinds != ["full"]:
        raise UserError(f"{name} consists of {' and '.join(sorted(kinds))}", "a pipeline folder holds whole weights alone")
    if folder.suffix == ".safetensors":
        raise UserError(f"{name} becomes a pipeline, --out {folder} is the name of a file", "name a folder")
    if folder.exists() and not (replace and (folder / INDEX).is_file()):
        raise UserError(f"{folder} exists already", "choose another --out" + (" or pass --replace" if (folder / INDEX).is_file() else ""))
