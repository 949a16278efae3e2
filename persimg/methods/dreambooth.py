"""DreamBooth: the whole denoiser learns "a sks cat", the class is kept by its own pictures (Ruiz et al. 2022, arXiv:2208.12242).

space: full | inversion: optimisation | scheme: rare word in the prompt, weights

Departures: 200 class pictures as in diffusers' example (the paper used about 1000); latents are encoded once; the
concept holds the difference to the base, as fp16.
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
    steps: int = 800
    batch_size: int = 1
    """subject pictures a forward pass, over all processes; as many class pictures come along"""
    learning_rate: float = 5e-6
    """of all weights"""
    train_text_encoder: bool = False
    """train the text encoders too"""
    weight_decay: float = 1e-2
    """AdamW's"""
    rare_word: str = "sks"
    """names the subject, before the class noun"""
    prior_weight: float = 1.0
    """weight of prior preservation; 0 leaves it out"""
    class_pictures: int = 200
    """pictures of the class, drawn by the base itself"""
    class_steps: int = 25
    """denoising steps of the class pictures"""
    templates: str = "none"
    """captions: object, style, dreambooth ("a ...") or none ("a photo of ...")"""


MINI = {
    "steps": 300, "batch_size": 4, "learning_rate": 1e-4, "class_pictures": 64, "mixed_precision": "auto",
    "checkpoint_every": 75, "templates": "object",
}  # fmt: skip
"""what suits the embedded base"""


def build(base: Base, data: ConceptData, recipe: Recipe) -> tuple[Space, list[Objective]]:
    from persimg.objectives.denoising import Denoising
    from persimg.objectives.prior import ClassPrior
    from persimg.spaces import FullWeights

    objectives: list[Objective] = [Denoising(recipe.min_snr_gamma)]
    if recipe.prior_weight:
        objectives.append(ClassPrior(recipe.prior_weight))
    return FullWeights(recipe.train_text_encoder, recipe.learning_rate, recipe.weight_decay), objectives
