"""What can be scored: a concept, another tool's LoRA, or a folder of pictures that answer prompts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from persimg import files
from persimg.concepts import library, store
from persimg.concepts.prompts import PLACEHOLDER
from persimg.data.pictures import read_pictures, reopened
from persimg.errors import UserError
from persimg.evaluation.metric import OTHER

if TYPE_CHECKING:
    from PIL import Image

    from persimg.bases.base import Base
    from persimg.concepts.concept import Concept

Pictures = tuple["Image.Image", ...]


def open_folder(folder: Path | str, option: str) -> Pictures:
    """Every picture of a folder, by name. UserError naming the option."""
    if not Path(folder).is_dir():
        raise UserError(f"{option} {folder} is not a folder", "name a folder with pictures")
    return tuple(files.open_picture(p.path) for p in read_pictures(folder))


def open_subfolders(folder: Path | str) -> dict[str, Pictures]:
    """Pictures of the other subjects, a subfolder each."""
    folders = sorted(p for p in Path(folder).iterdir() if p.is_dir()) if Path(folder).is_dir() else []
    if not folders:
        raise UserError(f"--distractors {folder} holds no subfolders", "make a folder for each other subject of the class")
    return {p.name: open_folder(p, "--distractors") for p in folders}


def beside(concept_file: Path) -> tuple[Pictures, Pictures]:
    """(training, held-out pictures) that a run noted beside its concept, as far as they are still there unchanged."""
    noted = library.noted_pictures(concept_file)
    if not noted.exists():
        return (), ()
    record = files.read_json(noted)
    found = [[reopened(entry) for entry in record.get(role, [])] for role in ("learned", "held_out")]
    learned, held_out = (tuple(picture for picture in pictures if picture is not None) for pictures in found)
    return learned, held_out


@dataclass(frozen=True)
class Answered:
    """A folder of pictures with the prompts that they answer, {} for the subject, {other} for the second person.

    concepts: names that {} stands for; together: those that one prompt has beside each other. embedded: do the pictures' own records all
    name the embedded base, or one like it?
    """

    paths: tuple[Path, ...]
    pictures: Pictures
    prompts: tuple[str, ...]
    concepts: tuple[str, ...]
    together: tuple[str, ...] = ()
    embedded: bool = False


def answered(folder: Path, class_noun: str, other: str = "") -> Answered:
    """Prompts from our PNGs' own records, else from NAME.txt. UserError (exit 3) for a picture without one.

    other: what the prompts call the second person, <name> or words.
    """
    from persimg.sampling import provenance

    found = read_pictures(folder)
    prompts, concepts, together, bases = [], set(), (), set()
    for picture in found:
        record = provenance.read(picture.path)
        bases.add(record.get("base_name") if record else None)
        prompt = record["prompt"] if record else picture.caption
        if not prompt:
            raise UserError(f"{picture.path} says no prompt", "write it to NAME.txt beside the picture", 3)
        prompt = _with_other(prompt, other) if other else prompt
        named = tuple(dict.fromkeys(PLACEHOLDER.findall(prompt)))
        concepts |= set(named)
        together = named if len(named) > len(together) and len(named) > 1 else together
        prompts.append(_templated(prompt, class_noun))
    pictures = tuple(files.open_picture(p.path) for p in found)
    return Answered(tuple(p.path for p in found), pictures, tuple(prompts), tuple(sorted(concepts)), together, all(map(_is_embedded, bases)))


def _is_embedded(base: object) -> bool:
    """base: the name that a picture's record gives, anything, since anybody can write into a picture."""
    from persimg.bases.loading import is_word_level

    try:
        return isinstance(base, str) and bool(base) and is_word_level(base)
    except (UserError, OSError, ValueError):
        return False  # of a base that isn't here


def _with_other(prompt: str, other: str) -> str:
    """The second person becomes {other}, whether the prompt has their placeholder or their name in words; of a concept the words where it
    has no placeholder of it. <name-1> is somebody else.
    """
    name = re.escape(other.strip("<>"))
    placeholder, words = f"<{name}>", rf"(?<![\w<-]){name}(?![\w>-])"
    is_marked = other.startswith("<") and re.search(placeholder, prompt, re.IGNORECASE)
    return re.sub(placeholder if is_marked else f"{placeholder}|{words}", OTHER, prompt, flags=re.IGNORECASE)


def _templated(prompt: str, class_noun: str) -> str:
    """The placeholder, else the class noun, becomes {}."""
    marked = PLACEHOLDER.sub("{}", prompt)
    if "{}" in marked or not class_noun:
        return marked
    return re.sub(rf"\b{re.escape(class_noun)}\b", "{}", marked, count=1)


def is_foreign(path: Path) -> bool:
    """A file of another tool, without our card."""
    return store.HEADER_KEY not in store.read_header(path).get("__metadata__", {})


def load_concept(path: Path, base: Base, class_noun: str, trigger: str) -> Concept:
    """A concept file, or a LoRA or textual inversion of another tool."""
    if not is_foreign(path):
        return store.load(path)
    from persimg.concepts.importing import import_file

    return import_file(path, "subject", class_noun, trigger, base)


def resolve(source: str | Path) -> Path:
    """A name from the library, else a folder (./NAME where both are there) or a file."""
    return Path(source) if Path(source).is_dir() and not library.has(str(source)) else library.resolve(str(source))
