"""The user's library of concepts: PERSIMG_HOME/concepts/NAME.safetensors."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path
from typing import Iterable

from persimg import files
from persimg.concepts import store
from persimg.concepts.concept import Card
from persimg.concepts.prompts import check_name
from persimg.errors import UserError


def folder() -> Path:
    return files.home() / "concepts"


def path_of(name: str) -> Path:
    return folder() / f"{name}.safetensors"


def resolve(file_or_name: str) -> Path:
    """A file as it is, or a name from the library; UserError when there is neither."""
    path = Path(file_or_name)
    if path.is_file():
        return path
    if path.suffix or "/" in file_or_name:
        raise UserError(f"concept {file_or_name} doesn't exist", "check the path")
    if not path_of(file_or_name).is_file():
        names = ", ".join(card.name for card in listing()) or "none yet"
        raise UserError(f"no concept named {file_or_name} in the library ({names})", "give a file or one of these names")
    return path_of(file_or_name)


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
    return path_of(name)


def remove(name: str) -> None:
    check_name(name)
    resolve(name)
    path_of(name).unlink()


def listing() -> list[Card]:
    """The cards of all concepts, by name; files that can't be read are passed over."""
    cards = []
    for path in sorted(folder().glob("*.safetensors")):
        try:
            cards.append(store.read_card(path))
        except UserError:
            continue
    return cards
