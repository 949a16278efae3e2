"""Identity basis: a person as a point in the space of people that the base knows by name (Yuan et al. 2023, arXiv:2306.00926, Celeb Basis).

The base draws the people it knows in any scene and beside each other. So a new person's two words are sought only where theirs lie: on
a sphere around the mean of known names, in the span of their principal components. 2 x K numbers are learned, nothing else changes.

space: identity basis | inversion: optimisation | scheme: placeholder in the prompt

Departures: the coefficients themselves are optimised, the published ablation; the average of the weights (ema_decay) starts at the first
step instead of at noise, and what is saved lies on the sphere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from persimg.errors import UserError
from persimg.training.recipe import TrainRecipe

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.data.concept_data import ConceptData
    from persimg.objectives.objective import Objective
    from persimg.spaces.basis import Basis
    from persimg.spaces.space import Space


@dataclass(frozen=True)
class Recipe(TrainRecipe):
    steps: int = 400
    """optimiser steps; the published run's, for one identity"""
    batch_size: int = 2
    learning_rate: float = 5e-3
    """of the coefficients"""
    basis: str = ""
    """file that `persimg basis build` wrote (default: built from the people of the drawn world, on the embedded base alone)"""
    init: str = "person"
    """word between which and the person the concept's scale dials"""
    radius: str = "one"
    """of the sphere: one, as published, or names: the mean distance of known names from their mean"""
    templates: str = "person"
    """captions: person, object, style or none"""
    ema_decay: float | None = 0.99
    """average the coefficients; the published run's"""


CHOICES = {"radius": ("one", "names")}
"""what settings may be"""
MINI = {"batch_size": 8, "learning_rate": 2e-2, "lr_schedule": "linear", "mixed_precision": "auto"}
"""what suits the embedded base"""
MINI_COMPONENTS = 48


def build(base: Base, data: ConceptData, recipe: Recipe) -> tuple[Space, list[Objective]]:
    from persimg.objectives.denoising import Denoising
    from persimg.spaces import IdentityBasis

    space = IdentityBasis(data.placeholder, find_basis(base, recipe.basis), recipe.init, recipe.learning_rate, recipe.seed, recipe.radius)
    return space, [Denoising(recipe.min_snr_gamma)]


def find_basis(base: Base, path: str = "") -> Basis:
    """The basis in a file; without one, of the people of the drawn world, which the embedded base alone knows.

    UserError (exit 3) for a file that is no basis, and (exit 2) for a base that none is known of.
    """
    from persimg.spaces import basis

    if path:
        return basis.load(Path(path))
    if not base.word_level:
        raise UserError("the identity basis of this base is needed", "build one with: persimg basis build --names FILE --base B --out FILE; name it with --basis")
    from persimg.mini.world.people import PEOPLE

    return basis.build(base, [person.name for person in PEOPLE], MINI_COMPONENTS)
