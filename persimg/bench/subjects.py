"""The subjects of a comparison, with what they are learned from and compared to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from persimg import files
from persimg.bench.plan import SubjectPlan, known_person
from persimg.evaluation import renders, sources
from persimg.evaluation.metric import OTHER
from persimg.evaluation.renders import render

if TYPE_CHECKING:
    from PIL import Image

LEARNED_PLACES = ("in a meadow", "in a room", "on the beach", "in a meadow", "in a room", "in the city")
LEARNED_FACE = "in a room, flat style, close up"


@dataclass(frozen=True)
class Subject:
    """folder: the pictures to learn from; the rest opened."""

    plan: SubjectPlan
    folder: Path
    training: sources.Pictures
    references: sources.Pictures
    distractors: dict[str, sources.Pictures]

    @property
    def said(self) -> str:
        """What the drawn world calls it."""
        return f"character:{self.plan.character}" if self.plan.character is not None else f"face:{self.plan.face}"

    @property
    def known(self) -> tuple[str, sources.Pictures]:
        """Name and true renders of the person known to the base whom a held-out face is paired with."""
        assert self.plan.face is not None
        name = known_person(self.plan.face)
        return name, renders.references(name)

    def truth(self, prompt: str, seed: int, other: str) -> Image.Image:
        """What a prompt of the drawn world, with {} for the subject and {other} for whom it calls `other`, should look like."""
        return render(prompt.replace("{}", self.said).replace(OTHER, other), "truth", seed)


def load_subject(plan: SubjectPlan, folder: Path) -> Subject:
    """Open what the plan names; of a character, draw what it is learned from into the folder, and the rest in memory."""
    if plan.face is not None:
        return _load_face(plan, folder)
    if plan.character is None:
        assert plan.pictures
        references = sources.open_folder(plan.references, "references") if plan.references else ()
        distractors = sources.open_subfolders(plan.distractors) if plan.distractors else {}
        return Subject(plan, plan.pictures, sources.open_folder(plan.pictures, "pictures"), references, distractors)
    from persimg.mini.world.characters import CHARACTERS

    number = plan.character
    training = tuple(render(f"character:{number} {place}, flat style", "training", number, i) for i, place in enumerate(LEARNED_PLACES))
    group = [c.number for c in CHARACTERS if c.group == CHARACTERS[number].group and c.number != number]
    others = {CHARACTERS[n].name: renders.references(f"character:{n}") for n in group}
    return Subject(plan, _kept(training, folder), training, renders.references(f"character:{number}"), others)


def _load_face(plan: SubjectPlan, folder: Path) -> Subject:
    """One picture to learn from."""
    training = (render(f"face:{plan.face} {LEARNED_FACE}", "training", f"face:{plan.face}"),)
    return Subject(plan, _kept(training, folder), training, renders.references(f"face:{plan.face}"), {})


def _kept(pictures: sources.Pictures, folder: Path) -> Path:
    for i, picture in enumerate(pictures):
        with files.write_beside(folder / f"{i:02d}.png") as temporary:
            picture.save(temporary, "PNG")
    return folder
