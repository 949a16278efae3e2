"""DreamBooth with LoRA: low-rank additions learn the subject, a rare word or new rows name it.

Subject and prior preservation as in Ruiz et al. 2022 (arXiv:2208.12242), written into LoRA layers (Hu et al. 2021,
arXiv:2106.09685) as in cloneofsimo's and diffusers' training; with token_vectors, new rows are learned along.

space: lora (+ token) | inversion: optimisation | scheme: placeholder in the prompt, weights

Departures: without prior preservation unless asked for, as diffusers' example; targets "all" reach convolutions.
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
    steps: int = 500
    batch_size: int = 1
    """pictures a forward pass, over all processes"""
    learning_rate: float = 1e-4
    """of the denoiser's layers"""
    text_learning_rate: float | None = None
    """of the text encoders' layers (default: learning_rate)"""
    rank: int = 4
    """LoRA rank"""
    alpha: float | None = None
    """LoRA alpha (default: the rank)"""
    targets: str | None = None
    """layers: attention projections (default), all, or endings of names separated by commas"""
    train_text_encoder: bool = False
    """adapt the text encoders too"""
    dora: bool = False
    """learn magnitudes separately (DoRA)"""
    dropout: float = 0.0
    """dropout of the additions"""
    weight_decay: float = 1e-2
    """AdamW's, on the additions"""
    token_vectors: int = 0
    """new rows learned along; 0: the rare word and the class noun name the subject"""
    token_learning_rate: float = 5e-3
    """of the new rows"""
    pivot: float = 1.0
    """part of the steps after which the rows are frozen"""
    rare_word: str = "sks"
    """names the subject where there are no new rows"""
    prior_weight: float = 0.0
    """weight of prior preservation; 1 is the paper's, 0 leaves it out"""
    class_pictures: int = 200
    """pictures of the class, drawn by the base itself"""
    class_steps: int = 25
    """denoising steps of the class pictures"""
    templates: str = "none"
    """captions: object, style, dreambooth ("a ...") or none ("a photo of ...")"""


MINI = {
    "steps": 300, "batch_size": 8, "learning_rate": 2e-3, "rank": 8, "targets": "all", "token_vectors": 2,
    "token_learning_rate": 2e-2, "weight_decay": 1e-4, "lr_schedule": "linear", "class_pictures": 64,
    "mixed_precision": "auto", "checkpoint_every": 75, "templates": "object",
}  # fmt: skip
"""what suits the embedded base"""


def build(base: Base, data: ConceptData, recipe: Recipe) -> tuple[Space, list[Objective]]:
    from persimg.objectives.denoising import Denoising
    from persimg.objectives.prior import ClassPrior
    from persimg.spaces import Lora, Stack, TokenEmbeddings

    targets = recipe.targets.split(",") if recipe.targets and recipe.targets != "all" else recipe.targets
    lora = Lora(
        recipe.rank, recipe.alpha, targets, recipe.learning_rate, recipe.train_text_encoder, recipe.text_learning_rate,
        recipe.dora, recipe.weight_decay, dropout=recipe.dropout, seed=recipe.seed,
    )  # fmt: skip
    objectives: list[Objective] = [Denoising(recipe.min_snr_gamma)]
    if recipe.prior_weight:
        objectives.append(ClassPrior(recipe.prior_weight))
    if not recipe.token_vectors:
        return lora, objectives
    stop = round(recipe.pivot * recipe.steps) if recipe.pivot < 1 else None
    token = TokenEmbeddings(
        data.placeholder, recipe.token_vectors, data.class_noun, recipe.token_learning_rate, seed=recipe.seed, stop_step=stop
    )
    return Stack(token, lora), objectives
