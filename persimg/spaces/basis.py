"""A space of people in the words of a text encoder (Yuan et al. 2023, arXiv:2306.00926, section 3.2: Celeb Basis).

The encoder knows many people by name. Of the first and of the second token of their names the embeddings, as the table has them, are
centred and decomposed: mean and right singular vectors, not scaled by singular values, span a space of people a position. An identity is
two points in it.

Departure: each token enters once a position, however many names share it; the released code means to do so and doesn't.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

import torch
from torch import Tensor

from persimg import files
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bases.base import Base

POSITIONS = 2
"""tokens of a name that are used: the first two"""
HEADER = "persimg_basis"
TENSORS = ("mean", "components", "explained", "radius")


@dataclass(frozen=True)
class Part:
    """Of one text encoder: mean (2, d), components (2, K, d) with orthonormal rows, explained (2, K): shares of the variance, how
    many different tokens each position has, and radius (2,): the mean distance of these tokens from their mean.
    """

    mean: Tensor
    components: Tensor
    explained: Tensor
    radius: Tensor
    num_tokens: tuple[int, ...]

    def expand(self, coefficients: Tensor) -> Tensor:
        """(…, 2, K) coefficients → (…, 2, d) embeddings: mean + coefficients times components."""
        return self.mean + torch.einsum("...pk,pkd->...pd", coefficients, self.components)

    def project(self, embeddings: Tensor) -> Tensor:
        """(…, 2, d) embeddings → their coefficients (…, 2, K), which are exact where K is the rank."""
        return torch.einsum("...pd,pkd->...pk", embeddings - self.mean, self.components)


@dataclass(frozen=True)
class Basis:
    """parts: encoder → its part; card: base and its fingerprint, K, names' number and digest, what was left out and why."""

    parts: Mapping[str, Part]
    card: Mapping[str, Any]

    @property
    def num_components(self) -> int:
        return int(self.card["num_components"])

    @property
    def digest(self) -> str:
        """12 hex digits over all means and components: coefficients mean nothing under another basis."""
        digest = hashlib.sha256()
        for key, part in sorted(self.parts.items()):
            for tensor in (part.mean, part.components):
                digest.update(f"{key} {tuple(tensor.shape)}".encode() + tensor.float().contiguous().numpy().tobytes())
        return digest.hexdigest()[:12]

    def check(self, base: Base) -> None:
        """UserError (exit 3) for another base than the one it was built from."""
        if not base.is_called(self.card.get("fingerprint")):
            raise UserError(
                f"the basis was built from {self.card.get('base')} (fingerprint {self.card.get('fingerprint')}), this base is {base.name} ({base.fingerprint})",
                "build one with: persimg basis build --base B", 3,
            )  # fmt: skip


Keep = Callable[[Sequence[str]], Sequence[str]]
"""names → those that the base draws well"""


def build(base: Base, names: Sequence[str], num_components: int, keep: Keep | None = None) -> Basis:
    """The basis of a base from names of people that it knows, with K components a position.

    Names that aren't two words and two tokens, that the base doesn't know or that `keep` turns down are left out and counted in the card.
    Raises UserError (exit 3) where the names that are left span fewer than K dimensions.
    """
    names = list(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))
    known = [name for name in names if len(name.split()) >= POSITIONS and not base.unknown_words(name) and _num_tokens(base, name) >= POSITIONS]
    _check(base, known, num_components, len(names))
    kept = list(keep(known)) if keep else known
    _check(base, kept, num_components, len(names))
    left_out = {"not two known words": len(names) - len(known), "drawn badly": len(known) - len(kept)}
    parts = {key: _part(base, key, kept, num_components) for key in base.text_encoders}
    card = {
        "base": base.name, "family": base.family, "fingerprint": base.fingerprint, "num_components": num_components, "num_names": len(kept),
        "names_digest": hashlib.sha256("\n".join(sorted(kept)).encode()).hexdigest()[:12], "left_out": left_out,
        "num_tokens": {key: list(part.num_tokens) for key, part in parts.items()},
        "explained": {key: [round(float(e), 4) for e in part.explained.sum(1)] for key, part in parts.items()},
    }  # fmt: skip
    return Basis(parts, card)


def _num_tokens(base: Base, name: str) -> int:
    return min(len(tokenizer(name, add_special_tokens=False).input_ids) for tokenizer in base.tokenizers.values())


def _columns(base: Base, key: str, names: Sequence[str]) -> list[list[int]]:
    """The different tokens at each position."""
    ids = [base.tokenizers[key](name, add_special_tokens=False).input_ids for name in names]
    return [sorted({row[position] for row in ids}) for position in range(POSITIONS)]


def _check(base: Base, names: Sequence[str], num_components: int, asked: int) -> None:
    """UserError (exit 3) for names, or words, that span too few dimensions. asked: how many names were given."""
    for key, encoder in base.text_encoders.items():
        for position, tokens in enumerate(_columns(base, key, names)):
            if len(tokens) <= num_components:
                raise UserError(
                    f"{len(names)} of {asked} names are left, with {len(tokens)} different words at place {position + 1}: they span {max(0, len(tokens) - 1)} dimensions, "
                    f"{num_components} components were asked for", "give more names or a smaller --k", 3,
                )  # fmt: skip
        width = encoder.get_input_embeddings().weight.shape[1]
        if num_components > width:
            raise UserError(f"{num_components} components were asked for, the words of {key} have {width} dimensions", "take a smaller --k", 3)


def _part(base: Base, key: str, names: Sequence[str], num_components: int) -> Part:
    table, columns = base.text_encoders[key].get_input_embeddings().weight, _columns(base, key, names)
    found = [decomposed(table[tokens].detach().float().cpu(), num_components) for tokens in columns]
    mean, components, explained = (torch.stack(values) for values in zip(*found))
    radius = torch.stack([(table[tokens].detach().float().cpu() - m).norm(dim=1).mean() for tokens, m in zip(columns, mean)])
    return Part(mean, components, explained, radius, tuple(len(tokens) for tokens in columns))


def decomposed(rows: Tensor, num_components: int) -> tuple[Tensor, Tensor, Tensor]:
    """Rows (m, d) → mean (d,), the first K right singular vectors (K, d), their shares of the variance (K,)."""
    mean = rows.mean(0)
    # fp64: rows differ little where an encoder was hardly trained, and the vectors must stay orthonormal to 1e-5
    _, values, vectors = torch.linalg.svd((rows - mean).double(), full_matrices=False)
    share = values.square() / values.square().sum().clamp_min(1e-30)
    # a sign for each vector that doesn't depend on the library
    signs = torch.sign(vectors.gather(1, vectors.abs().argmax(1, keepdim=True)))
    return mean, (vectors * signs)[:num_components].float(), share[:num_components].float()


def unit(coefficients: Tensor) -> Tensor:
    """On the sphere: each position's K coefficients have length 1."""
    return coefficients / coefficients.norm(dim=-1, keepdim=True).clamp_min(1e-12)


# --- the file ---------------------------------------------------------------------------------------------------------


def save(basis: Basis, path: Path | str) -> None:
    """One .safetensors with the card in its header, whole or not at all."""
    from safetensors.torch import save_file

    tensors = {f"{key}/{name}": getattr(part, name).contiguous() for key, part in basis.parts.items() for name in TENSORS}
    with files.write_beside(path) as temporary:
        save_file(tensors, temporary, {HEADER: json.dumps(basis.card, sort_keys=True)})


def load(path: Path | str) -> Basis:
    """UserError (exit 3) for a file that isn't there or is no basis."""
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise UserError(f"the basis {path} doesn't exist", "build one with: persimg basis build --out FILE", 3)
    try:
        with safe_open(path, "pt") as file:
            card = json.loads((file.metadata() or {})[HEADER])
            parts = {key: _loaded(file, key, card) for key in sorted({name.split("/")[0] for name in file.keys()})}
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise UserError(f"{path} is no identity basis, or damaged", "build one with: persimg basis build --out FILE", 3) from error
    return Basis(parts, card)


def _loaded(file: Any, key: str, card: Mapping[str, Any]) -> Part:
    mean, components, explained, radius = (file.get_tensor(f"{key}/{name}") for name in TENSORS)
    if components.shape != (POSITIONS, card["num_components"], mean.shape[1]) or explained.shape != components.shape[:2]:
        raise ValueError(key)
    return Part(mean, components, explained, radius, tuple(card["num_tokens"][key]))
