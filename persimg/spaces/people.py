"""Several people learned together over one identity basis: two rows of the table each, from coefficients of their own or from a map."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from persimg import seeds
from persimg.bases.base import Base
from persimg.spaces.basis import POSITIONS, Basis, unit
from persimg.spaces.face_map import FaceMap, TrainedMap
from persimg.spaces.identity_basis import COEFFICIENTS, IdentityBasis
from persimg.spaces.space import Weights


class _Mapped(nn.Module):
    """The coefficients (N, 2, K) that a map makes of faces.

    features: of each person (n, F); step: which of them is read, None: their mean.
    """

    def __init__(self, faces: FaceMap, key: str, features: Sequence[Tensor]):
        super().__init__()
        self.layer, self.key, self.features = faces.layers[key], key, features
        self.step: int | None = 0
        self._map = [faces]  # in a list: the other encoders' layers are no parameters of this one

    def forward(self) -> Tensor:
        chosen = [unit(f.mean(0)) if self.step is None else f[self.step % len(f)] for f in self.features]
        return self._map[0](self.key, torch.stack(chosen))


class People(IdentityBasis):
    """To learn several people at once; a concept of each is one of the space identity_basis.

    names: of the people; features: a tensor (n, F) for each, unit vectors of n pictures, and the map that reads them is learned;
    without them each has coefficients of their own; read_by: "pack" and "pack_digest" of their recognizer, and the "alignment" that it takes
    aligned pictures to have. In every step the map sees one picture of each person, in turn.
    """

    def __init__(
        self, names: Sequence[str], basis: Basis, init: str = "person", lr: float = 5e-3, seed: int = 0, radius: str = "one",
        features: Sequence[Tensor] = (), read_by: Mapping[str, str] | None = None,
    ):  # fmt: skip
        super().__init__(f"<{names[0]}>", basis, init, lr, seed, radius)
        self.names, self.features, self.read_by = tuple(names), tuple(features), dict(read_by or {})
        self.map = FaceMap(tuple(sorted(basis.parts)), features[0].shape[1], basis.num_components, seed) if features else None

    @property
    def tokens(self) -> list[str]:
        return [f"<{name}>{ending}" for name in self.names for ending in ("", "_1")]

    @property
    def expansion(self) -> str:
        """Of the first one."""
        return self.expansion_of(self.names[0])

    def expansion_of(self, name: str) -> str:
        return f"<{name}> <{name}>_1"

    def attach(self, base: Base, weights: Weights | None = None, scale: float = 1.0) -> None:
        """UserError as IdentityBasis raises it. weights: never; each person is attached as a concept of IdentityBasis."""
        assert weights is None
        super().attach(base)

    def _source(self, key: str, device: torch.device) -> nn.Parameter | nn.Module:
        if self.map is None:
            shape = self.basis.parts[key].components.shape[:2]  # type: ignore[union-attr]
            starts = [torch.randn(shape, generator=seeds.generator(self.seed, "identity", key, name)) for name in self.names]
            return nn.Parameter(unit(torch.stack(starts)).to(device))
        return _Mapped(self.map.to(device), key, [f.to(device) for f in self.features])

    def after_step(self, step: int) -> None:
        """The next picture of everybody's."""
        for points in self._points.values():
            if isinstance(points.source, _Mapped):
                points.source.step = step

    def config_of(self, name: str) -> dict[str, Any]:
        """The space of a person's card."""
        return {**self.config(), "placeholder": f"<{name}>", "num_vectors": POSITIONS}

    @torch.no_grad()
    def weights_of_all(self) -> dict[str, dict[str, Tensor]]:
        """Person → embeddings and coefficients; from a map, of the mean of all features."""
        found: dict[str, dict[str, Tensor]] = {name: {} for name in self.names}
        with self.settled():
            for key, points in self._points.items():
                rows = points().unflatten(0, (len(self.names), POSITIONS))
                for name, row, alpha in zip(self.names, rows, points.on_sphere()):
                    found[name] |= {key: row.float().cpu().clone(), COEFFICIENTS.format(key): alpha.float().cpu().clone()}
        return found

    def trained_map(self, base: Base, step: int) -> TrainedMap:
        """The map as it is now, with its card."""
        assert self.map is not None and isinstance(self.basis, Basis)
        sizes = {"num_features": self.features[0].shape[1], "num_components": self.basis.num_components}
        told = {"base": base.record, "basis": self.basis.digest, "radius": self.radius, "init": self.init, "people": len(self.names), "step": step}
        return TrainedMap(self.map, {**self.read_by, **sizes, **told})

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Within it a map reads the mean of all of a person's features, as it does for files."""
        mapped = [points.source for points in self._points.values() if isinstance(points.source, _Mapped)]
        steps = [source.step for source in mapped]
        try:
            for source in mapped:
                source.step = None
            yield
        finally:
            for source, step in zip(mapped, steps):
                source.step = step
