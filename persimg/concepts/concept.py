"""A learned concept: inert weights with a card that says what they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Card:
    """What a concept file says about itself; everything is plain JSON."""

    name: str
    class_noun: str = ""
    expansion: str = ""
    """what <name> becomes in a prompt: token rows ("<name> <name>_1"), or a rare word with the class noun"""
    base: dict[str, Any] = field(default_factory=dict)
    """name, family and fingerprint of the base that it was trained on"""
    method: str = ""
    coordinates: dict[str, str] = field(default_factory=dict)
    """the survey's terms: space, inversion, scheme"""
    recipe: dict[str, Any] = field(default_factory=dict)
    spaces: dict[str, dict[str, Any]] = field(default_factory=dict)
    """space kind → what rebuilds it"""
    data: dict[str, Any] = field(default_factory=dict)
    """digest and number of the pictures and the digest of each, never names or captions; of a mix, the digests of the people in it"""
    step: int = 0
    scores: dict[str, Any] = field(default_factory=dict)
    consent: str = ""
    """of the person that it shows: who agreed to what"""
    revoked: str = ""
    """when that was taken back; nothing loads it then"""
    versions: dict[str, str] = field(default_factory=dict)
    created: str = ""
    notes: str = ""

    @property
    def placeholder(self) -> str:
        """How a concept is written in prompts."""
        return f"<{self.name}>"

    @property
    def people(self) -> tuple[str, ...]:
        """Digests of the concepts that this one was mixed from; none of what was learned."""
        return self._digests("people")

    @property
    def shown(self) -> tuple[str, ...]:
        """Digests of the pictures that it was learned from, of a mix those of everybody in it; none where that isn't known."""
        return self._digests("shown")

    def _digests(self, name: str) -> tuple[str, ...]:
        given = self.data.get(name)
        return tuple(digest for digest in given if isinstance(digest, str)) if isinstance(given, list) else ()

    @property
    def trigger_phrase(self) -> str:
        """What to type elsewhere, where <name> isn't expanded; diffusers expands the rows of a token by itself."""
        has_rows = "token" in self.spaces or "identity_basis" in self.spaces
        return self.placeholder if has_rows and self.expansion.startswith(self.placeholder) else self.expansion

    def mark(self, digest: str) -> str:
        """What a picture depends on, in 12 hex digits: the digest, and what <name> becomes, where that doesn't follow from it."""
        config = self.spaces.get("token") or self.spaces.get("identity_basis") or {}
        count = len(self.expansion.split())
        rows = " ".join([self.placeholder, *(f"{self.placeholder}_{i}" for i in range(1, count))])
        if self.expansion == rows and (config.get("placeholder"), config.get("num_vectors")) == (self.placeholder, count):
            return digest
        return hashlib.sha256(f"{digest} {self.placeholder} {self.expansion}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Concept:
    """weights: {space kind: {tensor name: tensor}}."""

    card: Card
    weights: dict[str, dict[str, Tensor]]

    @property
    def num_modules(self) -> int:
        """How many layers and embedding tables the tensors belong to; of a whole model, every tensor is one."""
        return len({f"{kind}/{name.split('.lora_')[0]}" for kind, part in self.weights.items() for name in part})

    @cached_property
    def digest(self) -> str:
        """12 hex digits over all tensors and what rebuilds the spaces; the rest of the card doesn't enter."""
        digest = hashlib.sha256(repr(sorted(self.card.spaces.items())).encode())
        for kind, tensors in sorted(self.weights.items()):
            for name, tensor in sorted(tensors.items()):
                digest.update(f"{kind}/{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
                digest.update(tensor.detach().cpu().contiguous().float().numpy().tobytes())
        return digest.hexdigest()[:12]
