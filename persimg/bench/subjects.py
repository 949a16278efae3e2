"""The subjects of a comparison, with what they are learned from and compared to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from persimg import files, seeds
from persimg.bench.plan import SubjectPlan
from persimg.evaluation import sources

if TYPE_CHECKING:
    from PIL import Image

LEARNED_PLACES = ("in a meadow", "in a room", "on the beach", "in a meadow", "in a room", "in the city")
REFERENCE_PLACES = ("in the snow", "in the forest", "in the desert", "in space", "in the city", "on the beach")


@dataclass(frozen=True)
class Subject:
    """folder: the pictures to learn from; the rest opened."""

    plan: SubjectPlan
    folder: Path
    training: sources.Pictures
    references: sources.Pictures
    distractors: dict[str, sources.Pictures]

    def truth(self, prompt: str, seed: int) -> Image.Image:
        """What a prompt of the drawn world, with {} for the subject, should look like."""
        return render(prompt.replace("{}", f"character:{self.plan.character}"), "truth", seed)


def render(prompt: str, purpose: str, *where: int | str) -> Image.Image:
    from PIL import Image

    from persimg.mini.world.parse import parse
    from persimg.mini.world.render import draw

    return Image.fromarray(draw(parse(prompt).filled(seeds.rng(1, purpose, *where))).picture)


def load_subject(plan: SubjectPlan, folder: Path) -> Subject:
    """Open what the plan names; of a character, draw what it is learned from into the folder, and the rest in memory."""
    if plan.character is None:
        assert plan.pictures
        references = sources.open_folder(plan.references, "references") if plan.references else ()
        distractors = sources.open_subfolders(plan.distractors) if plan.distractors else {}
        return Subject(plan, plan.pictures, sources.open_folder(plan.pictures, "pictures"), references, distractors)
    from persimg.mini.world.characters import CHARACTERS

    number = plan.character
    training = tuple(render(f"character:{number} {place}, flat style", "training", number, i) for i, place in enumerate(LEARNED_PLACES))
    for i, picture in enumerate(training):
        with files.write_beside(folder / f"{i:02d}.png") as temporary:
            picture.save(temporary, "PNG")
    group = [c.number for c in CHARACTERS if c.group == CHARACTERS[number].group and c.number != number]
    return Subject(plan, folder, training, _references(number), {CHARACTERS[n].name: _references(n) for n in group})


def _references(number: int) -> sources.Pictures:
    return tuple(render(f"character:{number} {place}, flat style", "reference", number, i) for i, place in enumerate(REFERENCE_PLACES))
