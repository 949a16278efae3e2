"""True pictures of the drawn world: what a prompt should look like, and references of whom a base of it knows by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from persimg import seeds

if TYPE_CHECKING:
    from PIL import Image

REFERENCE_PLACES = ("in the snow", "in the forest", "in the desert", "in space", "in the city", "on the beach")


def render(prompt: str, purpose: str, *where: int | str) -> Image.Image:
    """What a prompt of the drawn world should look like; what it leaves open is drawn by seed."""
    from PIL import Image

    from persimg.mini.world.parse import parse
    from persimg.mini.world.render import draw

    return Image.fromarray(draw(parse(prompt).filled(seeds.rng(1, purpose, *where))).picture)


def references(said: str) -> tuple[Image.Image, ...]:
    """A picture in each of REFERENCE_PLACES. said: a name of the drawn world, character:N or face:N."""
    where = int(said.partition(":")[2]) if said.startswith("character:") else said
    return tuple(render(f"{said} {place}, flat style", "reference", where, i) for i, place in enumerate(REFERENCE_PLACES))


def known_name(text: str) -> str | None:
    """The name as captions of the drawn world write it; None where nobody there is called so."""
    from persimg.mini.world.figures import names

    words = tuple(text.lower().split())
    return " ".join(words) if words in names() else None
