"""Pictures to try the page with: characters of the drawn world that the embedded base has never seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from persimg import seeds
from persimg.errors import UserError

PLACES = ("in a meadow", "in a room", "on the beach", "in the city", "in the forest", "in the snow")
SIDE = 256


@dataclass(frozen=True)
class Example:
    """key: "character:3"; kind: as Teach has them."""

    key: str
    title: str
    kind: str
    name: str
    class_noun: str
    consent: str = ""


def examples() -> list[Example]:
    from persimg.mini.world.characters import CHARACTERS

    return [
        Example(f"character:{c.number}", f"{c.name.capitalize()}, a {c.class_noun}", "thing", c.name, c.class_noun) for c in CHARACTERS
    ]


def example(key: str) -> Example:
    found = next((e for e in examples() if e.key == key), None)
    if found is None:
        raise UserError(f"there is no example {key[:40]!r}", "choose one of the list")
    return found


def draw_example(key: str, folder: Path) -> list[str]:
    """Write the pictures; the same every time."""
    from PIL import Image

    from persimg.mini.world.parse import parse
    from persimg.mini.world.render import draw

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i, place in enumerate(PLACES):
        scene = parse(f"{key} {place}, flat style").filled(seeds.rng(1, "example", key, i))
        paths.append(str(folder / f"{i:02d}.png"))
        Image.fromarray(draw(scene, SIDE).picture).save(paths[-1])
    return paths
