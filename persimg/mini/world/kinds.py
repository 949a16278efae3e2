"""Kind of subject → the function that draws it."""

from __future__ import annotations

from typing import Callable

from persimg.mini.world import shapes, shapes_animals, shapes_things
from persimg.mini.world.brush import Brush, Colour
from persimg.mini.world.shapes import Anchor
from persimg.mini.world.words import KINDS

SHAPES: dict[str, Callable[[Brush, Colour], Anchor]] = {
    kind: next(getattr(module, kind) for module in (shapes, shapes_animals, shapes_things) if hasattr(module, kind)) for kind in KINDS
}

SPLITS = {"lamp": -20, "umbrella": -14, "mushroom": -10, "boat": 20, "turtle": -3, "chair": -2, "plane": 2, "guitar": 10}
"""kind → height at which a two-tone subject changes its colour, where that isn't 3"""
