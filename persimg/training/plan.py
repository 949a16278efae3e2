"""What a run will do, checked as far as it can be before torch is imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from persimg.bases.loading import check_size, is_word_level
from persimg.concepts.prompts import check_name
from persimg.data.concept_data import split
from persimg.data.pictures import Picture, read_people, read_pictures
from persimg.errors import UserError
from persimg.training.consent import check
from persimg.training.recipe import TrainRecipe, load_method, resolve

ENOUGH_TO_HOLD_OUT = 5


@dataclass(frozen=True)
class Plan:
    """Everything that is known before torch is imported. people: of several people, who is in each picture to learn from."""

    method: ModuleType
    recipe: TrainRecipe
    name: str
    class_noun: str
    base_name: str
    out: Path
    pictures: tuple[Picture, ...]
    held_out: tuple[Picture, ...]
    consent: str = ""
    people: tuple[str, ...] = ()

    @property
    def method_name(self) -> str:
        return self.method.__name__.rpartition(".")[2].removeprefix("persimg_method_")

    @property
    def concept_path(self) -> Path:
        return self.out / f"{self.name}.safetensors"


def plan(
    method: str, pictures: str | Path, name: str, class_noun: str, base: str, out: str | Path, changes: dict[str, Any],
    consent: str = "", face_pack: str = "mini",
) -> Plan:  # fmt: skip
    """Check all that can be checked cheaply; UserError for whatever can't work, and for people without consent."""
    module = load_method(method)
    people = read_people(pictures) if hasattr(module, "check_people") else {}
    if not people:
        check_name(name)
    if not class_noun.strip():
        raise UserError("--class-noun is empty", "say what kind of thing it is, such as cat")
    recipe = resolve(module, base, changes)
    if hasattr(module, "check_people"):
        module.check_people(recipe, name, {who: len(found) for who, found in people.items()})
    check_size(base, recipe.size, recipe.size)
    learned, held_out, who = _of_people(people, recipe.keep_out or 0) if people else (*_of_one(read_pictures(pictures), recipe.keep_out), ())
    check(class_noun, consent, (*learned, *held_out), face_pack)
    if hasattr(module, "as_learned"):
        learned, held_out = module.as_learned(recipe, is_word_level(base), learned, held_out)
    out = Path(out)
    if out.exists() and not out.is_dir():
        raise UserError(f"--out {out} is a file", "name a folder")
    return Plan(module, recipe, name, class_noun.strip(), base, out, learned, held_out, consent.strip(), who)


def _of_one(found: tuple[Picture, ...], keep_out: int | None, where: str = "") -> tuple[tuple[Picture, ...], tuple[Picture, ...]]:
    """(to learn from, held out)."""
    keep_out = keep_out if keep_out is not None else int(len(found) >= ENOUGH_TO_HOLD_OUT)
    if keep_out >= len(found):
        raise UserError(f"keep_out {keep_out} leaves none of {len(found)} pictures{where} to learn from", "take fewer", 3)
    return split(found, keep_out)


def _of_people(people: dict[str, tuple[Picture, ...]], keep_out: int) -> tuple[tuple[Picture, ...], tuple[Picture, ...], tuple[str, ...]]:
    """(to learn from, held out, who is in each of the former); keep_out pictures of everybody."""
    learned, held_out, who = [], [], []
    for name, found in people.items():
        check_name(name)
        own, others = _of_one(found, keep_out, f" of {name}")
        learned += own
        held_out += others
        who += [name] * len(own)
    return tuple(learned), tuple(held_out), tuple(who)
