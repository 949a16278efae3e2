"""A person as two points in the space of people that the base knows by name (Yuan et al. 2023, arXiv:2306.00926: Celeb Basis).

What is learned is a coefficient a component and position, on the unit sphere; the two embeddings that they stand for go into the
table's new rows, as those of textual inversion do. The file keeps both: the embeddings are what drawing needs, without the basis.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Mapping

import torch
from torch import Tensor, nn

from persimg import seeds
from persimg.bases.base import Base
from persimg.errors import UserError
from persimg.spaces.basis import POSITIONS, Basis, Part, unit
from persimg.spaces.space import Weights, check_names
from persimg.spaces.token import TokenEmbeddings

RADII = ("one", "names")
COEFFICIENTS = "{}_coefficients"
"""name of an encoder's coefficients in the file, (2, K); its embeddings (2, d) have the encoder's own name"""


def radii(part: Part, radius: str) -> Tensor:
    """(2,) of the sphere at each position: "one", as published, or "names": the mean distance of known names from their mean."""
    return part.radius if radius == "names" else torch.ones(POSITIONS)


class Points(nn.Module):
    """Two rows a person of a table: the mean plus the components times coefficients, of which only the direction counts.

    source: the coefficients (…, 2, K), or a module that gives them; radius: (2,).
    """

    def __init__(self, part: Part, source: nn.Parameter | nn.Module, radius: Tensor, device: torch.device):
        super().__init__()
        self.part = replace(part, mean=part.mean.to(device), components=part.components.to(device))
        self.radius = radius.to(device)[:, None]
        self.source = source

    def on_sphere(self) -> Tensor:
        """(…, 2, K), each position as long as its radius."""
        return self.radius * unit(self.source() if isinstance(self.source, nn.Module) else self.source)

    def forward(self) -> Tensor:
        return self.part.expand(self.on_sphere()).flatten(0, -2)


class IdentityBasis(TokenEmbeddings):
    """Coefficients over a basis, under the tokens <name> and <name>_1.

    basis: to train with; its digest alone is enough to draw with what was learned. init: the word between which and the person the
    scale of a loaded concept dials. radius: of the sphere, "one", as published, or "names": the mean distance of known names. The
    coefficients start at a random point of it.
    """

    kind: ClassVar[str] = "identity_basis"

    def __init__(
        self, placeholder: str, basis: Basis | str, init: str = "person", lr: float = 5e-3, seed: int = 0, radius: str = "one",
        num_vectors: int = POSITIONS,
    ):  # fmt: skip
        if radius not in RADII:
            raise UserError(f"radius {radius!r} is unknown", f"choose one of {', '.join(RADII)}")
        super().__init__(placeholder, num_vectors, init, lr, seed=seed)
        self.basis, self.radius = basis, radius
        self._points: dict[str, Points] = {}

    @property
    def num_modules(self) -> int:
        """Of each encoder the embeddings and the coefficients."""
        return 2 * len(self.rows)

    def config(self) -> dict[str, Any]:
        return {**super().config(), "radius": self.radius, "basis": self.basis if isinstance(self.basis, str) else self.basis.digest}

    def attach(self, base: Base, weights: Weights | None = None, scale: float = 1.0) -> None:
        """UserError for a basis of another base, and for training without one."""
        if weights is not None:
            self._check(base, weights)
            super().attach(base, {key: weights[key] for key in base.text_encoders}, scale)
            return
        if isinstance(self.basis, str):
            raise UserError("an identity basis is needed to learn a person", "build one with: persimg basis build --out FILE")
        self.basis.check(base)
        for key in base.text_encoders:
            self._start(base, key)  # refuses names that are taken
        self.base = base
        for key, encoder in base.text_encoders.items():
            device = encoder.get_input_embeddings().weight.device
            part = self.basis.parts[key]
            self._points[key] = Points(part, self._source(key, device), radii(part, self.radius), device)
            self._attach_rows(base, key, self._points[key])

    def _check(self, base: Base, weights: Weights) -> None:
        """Coefficients of any number, embeddings of this base's width."""
        expected: dict[str, tuple[int, ...]] = {}
        for key, encoder in base.text_encoders.items():
            name = COEFFICIENTS.format(key)
            expected[key] = (POSITIONS, encoder.get_input_embeddings().weight.shape[1])
            expected[name] = (POSITIONS, weights[name].shape[-1] if name in weights else 0)
        check_names(self.kind, expected, weights)

    def _source(self, key: str, device: torch.device) -> nn.Parameter | nn.Module:
        """What is learned of one encoder: coefficients (2, K), first a random point."""
        shape = self.basis.parts[key].components.shape[:2]  # type: ignore[union-attr]
        return nn.Parameter(unit(torch.randn(shape, generator=seeds.generator(self.seed, "identity", key))).to(device))

    def param_groups(self) -> list[dict[str, Any]]:
        learned = [p for points in self._points.values() for p in points.parameters()]
        return [{"params": learned, "lr": self.lr, "weight_decay": 0.0, "name": self.kind}]

    @property
    def coefficients(self) -> Mapping[str, Tensor]:
        """Encoder → (2, K), each position as long as the sphere's radius, while training."""
        return {key: points.on_sphere().detach() for key, points in self._points.items()}

    def weights(self) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        for key, points in self._points.items():
            found[key] = points().detach().float().cpu().clone()
            found[COEFFICIENTS.format(key)] = points.on_sphere().detach().float().cpu().clone()
        return found

    def relative_norm(self) -> float:
        """The largest norm of the two rows over the median word's."""
        return max(float(points().detach().norm(dim=-1).max()) / self._median_norm[key] for key, points in self._points.items())

    def after_step(self, step: int) -> None:
        """Nothing: only the direction of the coefficients counts, so that a step can't leave the sphere."""

    def detach(self) -> None:
        super().detach()
        self._points = {}
