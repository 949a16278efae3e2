"""The prompts that a concept is scored on, {} for the subject: built in, or a file with one a line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from persimg.errors import UserError

DRAWN = (
    "a {} in the snow, flat style", "a {} in the forest, flat style", "a {} in the desert, outline style",
    "a {} in space, pastel style", "a {} in the city at night, flat style", "a {} wearing a hat on the beach, flat style",
    "a {} wearing a crown in the snow, flat style", "a {} wearing glasses in a room, pastel style",
    "a {} in the forest, watercolor style", "a {} on the beach, outline style", "a {} wearing a scarf in the desert, flat style",
    "a {} wearing a bow in a meadow, flat style",
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
    """prompts: with {}; seeds: pictures a prompt; class_prompt, class_seeds: pictures of the bare class word."""

    name: str
    prompts: tuple[str, ...]
    seeds: int = 2
    class_prompt: str = "a picture of a {}"
    class_seeds: int = 8


SUITES = {
    "drawn": Suite("drawn", DRAWN),
    "dreambench-object": Suite("dreambench-object", (*SHARED, *OBJECT, *PROPERTIES), 4),
    "dreambench-live": Suite("dreambench-live", (*SHARED, *LIVE, *PROPERTIES), 4),
}


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
