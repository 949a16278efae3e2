"""The prompts that a concept is scored on, {} for the subject, {other} for a second person: built in, or a file with one a line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from persimg.concepts.consent import names_a_person
from persimg.errors import UserError

DRAWN = (
    "a {} in the snow, flat style", "a {} in the forest, flat style", "a {} in the desert, outline style",
    "a {} in space, pastel style", "a {} in the city at night, flat style", "a {} wearing a hat on the beach, flat style",
    "a {} wearing a crown in the snow, flat style", "a {} wearing glasses in a room, pastel style",
    "a {} in the forest, watercolor style", "a {} on the beach, outline style", "a {} wearing a scarf in the desert, flat style",
    "a {} wearing a bow in a meadow, flat style",
)  # fmt: skip

DRAWN_PAIRS = (
    "{} next to {other} in the snow, flat style", "{} left of {other} on the beach, flat style", "{} and {other} in the city, flat style",
    "{} right of {other} in the forest, flat style", "{} left of {other} in a meadow, flat style", "{} next to {other} in the desert, pastel style",
)  # fmt: skip

SHARED = (
    "a {} in the jungle", "a {} in the snow", "a {} on the beach", "a {} on a cobblestone street", "a {} on top of pink fabric",
    "a {} on top of a wooden floor", "a {} with a city in the background", "a {} with a mountain in the background",
    "a {} with a blue house in the background", "a {} on top of a purple rug in a forest",
)  # fmt: skip
PROPERTIES = ("a red {}", "a purple {}", "a shiny {}", "a wet {}", "a cube shaped {}")
OBJECT = (
    "a {} with a wheat field in the background", "a {} with a tree and autumn leaves in the background",
    "a {} with the Eiffel Tower in the background", "a {} floating on top of water", "a {} floating in an ocean of milk",
    "a {} on top of green grass with sunflowers around it", "a {} on top of a mirror", "a {} on top of the sidewalk in a crowded street",
    "a {} on top of a dirt road", "a {} on top of a white rug",
)  # fmt: skip
LIVE = (
    "a {} wearing a red hat", "a {} wearing a santa hat", "a {} wearing a rainbow scarf",
    "a {} wearing a black top hat and a monocle", "a {} in a chef outfit", "a {} in a firefighter outfit",
    "a {} in a police outfit", "a {} wearing pink glasses", "a {} wearing a yellow shirt", "a {} in a purple wizard outfit",
)  # fmt: skip

# the groups of prompts that Celeb Basis (Yuan et al. 2023) is tabled by; no article, so that a name fits too
PERSON_SCENES = (
    "a photo of {} in front of the Eiffel Tower", "a photo of {} in the snow", "a photo of {} on the beach at sunset",
    "a photo of {} in a library", "a photo of {} on a busy street",
)  # fmt: skip
PERSON_ATTRIBUTES = (
    "a photo of {} wearing a red hat", "a photo of {} wearing sunglasses", "a photo of {} in a police uniform",
    "a photo of {} wearing headphones", "a photo of {} laughing",
)  # fmt: skip
PERSON_ACTIONS = (
    "a photo of {} playing the guitar", "a photo of {} riding a bicycle", "a photo of {} drinking coffee", "a photo of {} reading a book",
    "a photo of {} cooking a meal",
)  # fmt: skip
PERSON_STYLES = (
    "an oil painting of {}", "a watercolor painting of {}", "a pencil sketch of {}", "a marble statue of {}", "a comic book drawing of {}",
)  # fmt: skip
PERSON_PAIRS = (
    "a photo of {} shaking hands with {other}", "a photo of {} next to {other} on the beach", "a photo of {} and {other} having dinner together",
    "a photo of {} playing chess with {other}", "a photo of {} dancing with {other}", "a photo of {} and {other} in front of the Eiffel Tower",
    "an oil painting of {} and {other}", "a pencil sketch of {} next to {other}",
)  # fmt: skip

SELECTION_DRAWN = (
    "a picture of a {} in the city, flat style", "a {} in space, flat style", "a {} wearing a hat in the forest, outline style",
    "a {} in the snow at night, flat style", "a {} in the desert, pastel style", "a {} wearing a crown on the beach, flat style",
)  # fmt: skip
SELECTION = (
    "a photo of a {} on a table in a kitchen", "a {} in the rain at night", "a {} in a desert", "a painting of a {} in a garden",
    "a {} next to a swimming pool", "a {} wearing a tiny party hat",
)  # fmt: skip


@dataclass(frozen=True)
class Suite:
    """prompts: with {}, those of two people with {other} too; seeds: pictures a prompt; class_prompt, class_seeds: pictures of the bare class word."""

    name: str
    prompts: tuple[str, ...]
    seeds: int = 2
    class_prompt: str = "a picture of a {}"
    class_seeds: int = 8


SUITES = {
    "drawn": Suite("drawn", DRAWN),
    "drawn-pairs": Suite("drawn-pairs", DRAWN_PAIRS),
    "dreambench-object": Suite("dreambench-object", (*SHARED, *OBJECT, *PROPERTIES), 4),
    "dreambench-live": Suite("dreambench-live", (*SHARED, *LIVE, *PROPERTIES), 4),
    "people": Suite("people", (*PERSON_SCENES, *PERSON_ATTRIBUTES, *PERSON_ACTIONS, *PERSON_STYLES), 4),
    "people-pairs": Suite("people-pairs", PERSON_PAIRS, 4),
}


def usual_suite(is_drawn_world: bool, class_noun: str, is_pair: bool = False) -> Suite:
    """What a concept of this kind is scored on where no suite is named. is_pair: beside a second person; UserError where there is no such suite."""
    is_person = names_a_person(class_noun)
    if is_pair and not (is_drawn_world or is_person):
        raise UserError(f"there is no suite of two for a {class_noun}", "write one, with {other} in its prompts, and name it with --suite")
    if is_drawn_world:
        return SUITES["drawn-pairs" if is_pair else "drawn"]
    return SUITES["people-pairs" if is_pair else "people" if is_person else "dreambench-object"]


def load_suite(name: str) -> Suite:
    """A suite by name, or a text file with a prompt a line. UserError for neither, and for a prompt without {}."""
    if name in SUITES:
        return SUITES[name]
    path = Path(name)
    if not path.is_file():
        raise UserError(f"--suite {name} is neither a suite nor a file", f"choose one of {', '.join(SUITES)}, or a file with a prompt a line")
    prompts = tuple(" ".join(line.split()) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    wrong = next((p for p in prompts if "{}" not in p), None)
    if wrong is not None or not prompts:
        raise UserError(f"--suite {name}: {wrong!r} doesn't say where the subject goes" if wrong else f"--suite {name} is empty", "write {} for the subject", 3)
    return Suite(path.stem, prompts)


def is_drawn(prompts: tuple[str, ...]) -> bool:
    """Does the drawn world understand every prompt?"""
    from persimg.mini.world.parse import parse

    try:
        for prompt in prompts:
            parse(prompt.replace("{}", "character:0").replace("{other}", "character:1"))
    except UserError:
        return False
    return True
