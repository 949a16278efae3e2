"""What every objective sees of a step, and what it may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from torch import Tensor

from persimg.bases.base import Base, Conditioning


@dataclass(frozen=True)
class Step:
    """One forward pass over B rows.

    z_0, noise, z_t, pred, target: (B, C, h, w); t: (B,); mask: (B, 1, h, w), 1 where the loss counts, or None;
    is_class: (B,) bool, rows that show the class and not the subject.
    """

    base: Base
    index: int
    z_0: Tensor
    noise: Tensor
    t: Tensor
    z_t: Tensor
    cond: Conditioning
    pred: Tensor
    target: Tensor
    is_class: Tensor
    mask: Tensor | None = None


class Objective(Protocol):
    """A scalar loss; `needs` names what the loop must prepare ("class_pictures")."""

    needs: ClassVar[frozenset[str]]

    def __call__(self, step: Step) -> Tensor: ...


def squared_error(step: Step) -> Tensor:
    """(B,) mean squared error of the prediction, fp32; under a mask, the mean over what it covers."""
    error = (step.pred.float() - step.target.float()).square()
    if step.mask is None:
        return error.mean((1, 2, 3))
    covered = step.mask.expand_as(error)
    return (error * covered).sum((1, 2, 3)) / covered.sum((1, 2, 3)).clamp(min=1e-6)
