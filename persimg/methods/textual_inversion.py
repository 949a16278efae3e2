"""Textual inversion: a new word for the subject, the model untouched (Gal et al. 2022, arXiv:2208.01618).

Search the embedding rows with which the frozen model reconstructs the pictures. Nothing but the rows changes, so
prompts without the new word give the same pictures as before.

space: token | inversion: optimisation | scheme: placeholder in the prompt

Departures: no weight decay on the rows (the released code inherits AdamW's), latents are encoded once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from persimg.training.recipe import TrainRecipe

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.data.concept_data import ConceptData
    from persimg.objectives.objective import Objective
    from persimg.spaces.space import Space


@dataclass(frozen=True)
class Recipe(TrainRecipe):
    steps: int = 3000
    learning_rate: float = 2e-3
    """of the rows; the documented run's 5e-4, multiplied by its effective batch of 4"""
    num_vectors: int = 1
    """rows of the new word; more hold more detail and leave less of the prompt"""
    init: str = ""
    """word that the rows start from (default: the class noun)"""
    norm: str = "free"
    """free, cap (at 3 median word norms) or fixed (direction only)"""
    templates: str = "object"
    """captions: object, style or none"""


MINI = {"steps": 400, "learning_rate": 1e-2, "num_vectors": 2, "batch_size": 8, "lr_schedule": "linear", "mixed_precision": "auto"}
"""what suits the embedded base"""
CHOICES = {"norm": ("free", "cap", "fixed")}
"""what settings may be"""


def build(base: Base, data: ConceptData, recipe: Recipe) -> tuple[Space, list[Objective]]:
    from persimg.objectives.denoising import Denoising
    from persimg.spaces import TokenEmbeddings

    space = TokenEmbeddings(
        data.placeholder, recipe.num_vectors, recipe.init or data.class_noun, recipe.learning_rate, recipe.norm, seed=recipe.seed
    )
    return space, [Denoising(recipe.min_snr_gamma)]
