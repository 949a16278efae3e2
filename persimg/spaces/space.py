"""Where a concept is written: what every space can do, and several of them stacked."""

from __future__ import annotations

from typing import Any, ClassVar, Iterable, Mapping, Protocol

from torch import Tensor

from persimg.bases.base import Base
from persimg.errors import UserError

Weights = Mapping[str, Tensor]
WORDS = ("token", "identity_basis")
"""kinds of space that add words to the tokenizer"""


class Space(Protocol):
    """One place for weights. After `detach` every tensor of the base is bit-identical to before `attach`.

    Training attaches without weights, sampling with; spaces are detached in the reverse order of attaching.
    """

    kind: ClassVar[str]

    @property
    def num_modules(self) -> int:
        """Layers and embedding tables that are adapted while attached; of a whole model, its tensors."""

    def attach(self, base: Base, weights: Weights | None = None, scale: float = 1.0) -> None:
        """Put the space into the base. scale: 0 leaves the base as it is, 1 is as trained."""

    def param_groups(self) -> list[dict[str, Any]]:
        """What trains: groups with "params", "lr", "weight_decay" and "name"."""

    def weights(self) -> dict[str, Tensor]:
        """Copies of what was learned, on the CPU."""

    def config(self) -> dict[str, Any]:
        """JSON-able arguments that rebuild the space for `attach` with weights."""

    def after_step(self, step: int) -> None:
        """Called when `step` optimiser steps are done, and once after attaching; idempotent."""

    def round(self) -> None:
        """Bring the live weights to what `attach` makes of `weights()`, where these are kept less exactly."""

    def detach(self) -> None:
        """Take the space out again."""


def whole_first(kinds: Iterable[str]) -> bool:
    """A sort key: whole weights change the model's own layers, so they go in before layers are wrapped or rows are added."""
    return "full" not in kinds


class Stack:
    """Several spaces as one: attached in order, whole weights first, and detached in reverse."""

    kind: ClassVar[str] = "stack"

    def __init__(self, *spaces: Space):
        self.spaces = tuple(sorted(spaces, key=lambda space: whole_first([space.kind])))

    @property
    def expansion(self) -> str | None:
        """What <name> becomes in prompts, where one of the spaces decides it."""
        return next((s.expansion for s in self.spaces if s.kind in WORDS), None)

    @property
    def relative_norm(self) -> float | None:
        """The largest norm of a new row against the median word's, where there are rows."""
        return next((s.relative_norm() for s in self.spaces if s.kind in WORDS), None)

    def attach(self, base: Base, weights: Mapping[str, Weights] | None = None, scale: float = 1.0) -> None:
        done: list[Space] = []
        try:
            for space in self.spaces:
                space.attach(base, None if weights is None else weights[space.kind], scale)
                done.append(space)
        except BaseException:
            for space in reversed(done):
                space.detach()
            raise

    def param_groups(self) -> list[dict[str, Any]]:
        return [group for space in self.spaces for group in space.param_groups()]

    @property
    def num_modules(self) -> int:
        return sum(space.num_modules for space in self.spaces)

    def weights(self) -> dict[str, dict[str, Tensor]]:
        return {space.kind: space.weights() for space in self.spaces}

    def config(self) -> dict[str, dict[str, Any]]:
        return {space.kind: space.config() for space in self.spaces}

    def after_step(self, step: int) -> None:
        for space in self.spaces:
            space.after_step(step)

    def round(self) -> None:
        for space in self.spaces:
            space.round()

    def detach(self) -> None:
        for space in reversed(self.spaces):
            space.detach()


def check_names(kind: str, expected: Mapping[str, tuple[int, ...]], weights: Weights) -> None:
    """The file's tensors must be exactly those that the base takes, in these shapes."""
    fitting = [n for n, shape in expected.items() if n in weights and tuple(weights[n].shape) == tuple(shape)]
    if len(fitting) == len(expected) == len(weights):
        return
    wrong = next((n for n in sorted({*expected, *weights}) if n not in fitting), "")
    there = tuple(weights[wrong].shape) if wrong in weights else "nothing"
    wanted = tuple(expected[wrong]) if wrong in expected else "nothing"
    raise UserError(
        f"{kind} weights fit {len(fitting)} of {len(weights)} tensors in the file ({wrong}: {there} there, {wanted} here)",
        "use the base that the concept was trained on", 3,
    )  # fmt: skip
