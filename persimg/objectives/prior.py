"""Keep the class: the base's own pictures of it are reconstructed along (Ruiz et al. 2022, arXiv:2208.12242, eq. 2)."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from persimg.objectives.objective import Step, squared_error


class ClassPrior:
    """weight: lambda of the paper, 1 by default. The mean is over the class rows alone."""

    needs: ClassVar[frozenset[str]] = frozenset({"class_pictures"})

    def __init__(self, weight: float = 1.0):
        self.weight = weight

    def __call__(self, step: Step) -> Tensor:
        return self.weight * squared_error(step)[step.is_class].mean()
