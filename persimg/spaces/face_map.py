"""From a face to a point in the space of people: the map of Yuan et al. 2023 (arXiv:2306.00926, section 3.3).

One linear layer and a leaky ReLU turn what a recognizer makes of a face into 2 x K coefficients, and each position's K go onto the
sphere. Learned once, jointly over several people, it makes a further face a concept in one forward pass.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping

import torch
from torch import Tensor, nn

from persimg import files, seeds
from persimg.errors import UserError
from persimg.faces.align import ALIGNMENT
from persimg.spaces.basis import POSITIONS, Basis, unit
from persimg.spaces.identity_basis import COEFFICIENTS, radii

if TYPE_CHECKING:
    from persimg.bases.base import Base

SLOPE = 0.2
"""of the leaky ReLU below 0"""
HEADER = "persimg_map"
NEEDED = ("base", "basis", "pack", "pack_digest", "radius", "num_features", "num_components", "init")
"""what a card must say"""
MEND = "learn one with: persimg train identity_basis --inversion map"


class FaceMap(nn.Module):
    """A layer an encoder, num_features → 2 x num_components. Weights start at N(0, 1), as published, biases at 0."""

    def __init__(self, encoders: tuple[str, ...], num_features: int, num_components: int, seed: int = 0):
        super().__init__()
        self.layers = nn.ModuleDict({key: nn.Linear(num_features, POSITIONS * num_components) for key in encoders})
        with torch.no_grad():
            for key, layer in self.layers.items():
                layer.weight.copy_(torch.randn(layer.weight.shape, generator=seeds.generator(seed, "map", key)))
                layer.bias.zero_()

    def forward(self, key: str, features: Tensor) -> Tensor:
        """(N, F) unit vectors → (N, 2, K), each position of length 1."""
        found = nn.functional.leaky_relu(self.layers[key](features), SLOPE)
        return unit(found.unflatten(-1, (POSITIONS, -1)))


@dataclass(frozen=True)
class TrainedMap:
    """card: base (name, family, fingerprint), basis (digest), pack and its digest, radius, sizes, init, people, steps, and alignment: what
    --aligned meant when it was learned, unknown of maps of earlier versions.
    """

    map: FaceMap
    card: Mapping[str, Any]

    def check(self, base: Base, basis: Basis, pack: Any, aligned: bool = False) -> None:
        """UserError (exit 3) for another base, basis or recognizer than the map was learned with. pack: of persimg.faces.

        aligned: the picture is said to be, and was to the map what it is now.
        """
        if not base.is_called(self.card["base"].get("fingerprint")):
            told = f"the map was learned on {self.card['base'].get('name')} (fingerprint {self.card['base'].get('fingerprint')})"
            raise UserError(f"{told}, this base is {base.name} ({base.fingerprint})", MEND, 3)
        if basis.digest != self.card["basis"]:
            raise UserError(f"the map was learned over the identity basis {self.card['basis']}, this one is {basis.digest}", "name its file with --basis", 3)
        if pack.digest != self.card["pack_digest"]:
            told = f"the map reads faces as the pack {self.card['pack']} does ({self.card['pack_digest']})"
            raise UserError(f"{told}, this recognizer is {pack.name}'s ({pack.digest})", "name its pack with --pack", 3)
        if aligned and self.card.get("alignment") != ALIGNMENT:
            told = "the map doesn't say that aligned pictures are FFHQ's crops to it; earlier they were ArcFace's"
            raise UserError(told, f"leave --aligned out, or {MEND}", 3)

    @torch.no_grad()
    def weights(self, basis: Basis, features: Tensor) -> dict[str, Tensor]:
        """What a concept of the space identity_basis holds, of one face. features: (F,) unit vector of the map's recognizer."""
        found: dict[str, Tensor] = {}
        for key, part in basis.parts.items():
            alpha = radii(part, self.card["radius"])[:, None] * self.map(key, features[None].float())[0]
            found |= {key: part.expand(alpha), COEFFICIENTS.format(key): alpha}
        return found

    def config(self, name: str) -> dict[str, Any]:
        """The space of a person's card."""
        return {"placeholder": f"<{name}>", "num_vectors": POSITIONS, **{k: self.card[k] for k in ("init", "radius", "basis")}}


def save(trained: TrainedMap, path: Path | str) -> None:
    """One .safetensors with the card in its header, whole or not at all."""
    tensors = {name: tensor.detach().float().cpu() for name, tensor in trained.map.state_dict().items()}
    files.save_tensors(path, tensors, {HEADER: json.dumps(dict(trained.card), sort_keys=True)})


def load(path: Path | str) -> TrainedMap:
    """UserError (exit 3) for a file that isn't there or is no map."""
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise UserError(f"the map {path} doesn't exist", MEND, 3)
    try:
        with safe_open(path, "pt") as file:
            card = json.loads((file.metadata() or {})[HEADER])
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        assert all(name in card for name in NEEDED) and isinstance(card["base"], dict)
        encoders = tuple(sorted({name.split(".")[1] for name in tensors}))
        found = FaceMap(encoders, card["num_features"], card["num_components"])
        found.load_state_dict(tensors)
    except (SafetensorError, KeyError, ValueError, TypeError, IndexError, AssertionError, RuntimeError) as error:
        raise UserError(f"{path} is no map from faces, or damaged", MEND, 3) from error
    return TrainedMap(found, card)
