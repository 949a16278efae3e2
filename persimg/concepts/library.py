"""The user's library of concepts: PERSIMG_HOME/concepts/NAME.safetensors.

Beside it lies NAME.pictures.json where a run noted its pictures, so that a copy is evaluated as the run's own file is.
"""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path
from typing import Iterable

from persimg import files
from persimg.concepts import store
from persimg.concepts.concept import Card, Concept
from persimg.concepts.prompts import NAME, check_name
from persimg.errors import UserError


def folder() -> Path:
    return files.home() / "concepts"


def path_of(name: str) -> Path:
    return folder() / f"{name}.safetensors"


def noted_pictures(concept_file: Path) -> Path:
    """Where the pictures of a concept are noted, if they are: for itself (always in the library), else for the run around it."""
    named = noted_beside(concept_file)
    return named if concept_file.parent == folder() or named.exists() else concept_file.parent / "pictures.json"


def noted_beside(concept_file: Path) -> Path:
    """Of one concept alone."""
    return concept_file.with_suffix(".pictures.json")


def has(name: str) -> bool:
    """Is this a name of the library, not a path?"""
    return NAME.fullmatch(name) is not None and path_of(name).is_file()


def resolve(file_or_name: str) -> Path:
    """A name from the library, which goes before a file of that name (./NAME), else a file; UserError when there is neither."""
    path = Path(file_or_name)
    if path.is_file() and not has(file_or_name):
        return path
    if path.suffix or "/" in file_or_name:
        raise UserError(f"concept {file_or_name} doesn't exist", "check the path")
    if not path_of(file_or_name).is_file():
        raise _unknown(file_or_name)
    return path_of(file_or_name)


def split_use(text: str) -> tuple[str, float]:
    """"FILE_OR_NAME[:SCALE]" → (file or name, scale); scales lie within -10..10, 1 unless given."""
    name, colon, scale = text.rpartition(":")
    return (name, float(scale)) if colon and _is_scale(scale) else (text, 1.0)


def _is_scale(text: str) -> bool:
    try:
        return abs(float(text)) <= 10
    except ValueError:
        return False


def _unknown(name: str) -> UserError:
    names = ", ".join(card.name for card in listing()) or "none yet"
    return UserError(f"no concept named {name} in the library ({names})", "give a file or one of these names")


def check_free(name: str, replace: bool) -> None:
    """UserError when the name is taken and may not be replaced."""
    if path_of(name).exists() and not replace:
        raise UserError(f"the library already has a concept named {name}", "choose another --name or pass --replace")


def holds_one_of(name: str, paths: Iterable[Path]) -> bool:
    """Whether the concept of this name is a copy of one of these files, byte for byte."""
    return path_of(name).is_file() and any(path.is_file() and filecmp.cmp(path, path_of(name), shallow=False) for path in paths)


def add(path: Path | str, replace: bool = False) -> Path:
    """Copy a concept file into the library under its own name."""
    name = store.read_card(path).name
    check_name(name)
    check_free(name, replace)
    with files.write_beside(path_of(name)) as temporary:
        shutil.copyfile(path, temporary)
    _note_pictures(noted_pictures(Path(path)), path_of(name))
    return path_of(name)


def put(concept: Concept) -> Path:
    """Save a concept into the library under its name; one of that name is replaced."""
    path = path_of(concept.card.name)
    store.save(concept, path)
    noted_pictures(path).unlink(missing_ok=True)
    return path


def _note_pictures(source: Path, concept_file: Path) -> None:
    """Beside the copy, not in it: a concept that is passed on says nothing of where its pictures lay."""
    target = noted_pictures(concept_file)
    if not source.is_file():
        target.unlink(missing_ok=True)
    elif source != target:
        files.write_text(target, source.read_text(encoding="utf-8"))


def remove(name: str) -> None:
    """Delete from the library, never a file elsewhere."""
    check_name(name)
    if not has(name):
        raise _unknown(name)
    path_of(name).unlink()
    noted_pictures(path_of(name)).unlink(missing_ok=True)


def listing() -> list[Card]:
    """The cards of all concepts, by name; files that can't be read are passed over."""
    cards = []
    for path in sorted(folder().glob("*.safetensors")):
        try:
            cards.append(store.read_card(path))
        except UserError:
            continue
    return cards
