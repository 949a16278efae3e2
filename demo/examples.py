"""Pictures to try the page with: characters, faces and styles of the drawn world that the embedded base has never seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from persimg import seeds
from persimg.errors import UserError

PLACES = ("in a meadow", "in a room", "on the beach", "in the city", "in the forest", "in the snow")
SUBJECTS = (
    "a red cat in the snow", "a blue house in a meadow", "a green car in the city", "a yellow bird in the forest",
    "a white boat on the beach",
)  # fmt: skip
DRAWN_FACE = "drawn by the demo; nobody's face"
COUNT = 6
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
    from persimg.mini.world.people import HELD_OUT_FACES
    from persimg.mini.world.styles import HELD_OUT

    found = [
        Example(f"character:{c.number}", f"{c.name.capitalize()}, a {c.class_noun}", "thing", c.name, c.class_noun) for c in CHARACTERS
    ]
    for n, face in enumerate(HELD_OUT_FACES):
        found.append(Example(f"face:{n}", f"Drawn face {n + 1}, a {face.noun}", "person", f"face{n + 1}", face.noun, DRAWN_FACE))
    for key, (_, name, _) in HELD_OUT.items():
        found.append(Example(key, f"Style “{name}”", "style", name, "style"))
    return found


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
    prompts = [f"{subject}, {key}" for subject in SUBJECTS] if key.startswith("style") else [
        f"{key} {place}, flat style" for place in PLACES
    ]
    paths = []
    for i, prompt in enumerate(prompts[:COUNT]):
        scene = parse(prompt).filled(seeds.rng(1, "example", key, i))
        paths.append(str(folder / f"{i:02d}.png"))
        Image.fromarray(draw(scene, SIDE, masks=False).picture).save(paths[-1])
    return paths
