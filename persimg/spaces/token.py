"""New words: rows of the text encoders' embedding tables (Gal et al. 2022, arXiv:2208.01618).

Only the new rows are parameters: the old table has neither gradients nor optimiser state. Inputs are looked up in
[table; rows], so that everything after the table stays as it is.
"""

from __future__ import annotations

import copy
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from persimg import seeds
from persimg.bases.base import Base
from persimg.errors import UserError
from persimg.spaces.space import Weights, check_names

NORMS = ("free", "cap", "fixed")
CAP = 3.0
"""`cap` lets a row's norm grow to this many times the median word's"""


class TableWithRows(nn.Module):
    """Looks ids up in the table, and those from first_id on in the rows, a parameter or a module that gives them."""

    def __init__(self, table: nn.Module, rows: nn.Parameter | nn.Module, first_id: int):
        super().__init__()
        self.table, self.rows, self.first_id = table, rows, first_id

    @property
    def weight(self) -> Tensor:
        return self.table.weight

    def forward(self, ids: Tensor) -> Tensor:
        rows = self.rows() if isinstance(self.rows, nn.Module) else self.rows
        own = (ids >= self.first_id) & (ids < self.first_id + len(rows))
        known = self.table(ids.masked_fill(own, 0))
        new = rows[(ids - self.first_id).clamp(0, len(rows) - 1)].to(known.dtype)
        return torch.where(own[..., None], new, known)


class TokenEmbeddings:
    """num_vectors rows an encoder, under the tokens <name>, <name>_1, ….

    init: the word whose embedding the rows start from (several tokens are taken in turn); norm: "free", "cap" (at 3
    median word norms) or "fixed" (direction only, at the median word norm: 2512.13672); stop_step: freeze from there on.
    """

    kind: ClassVar[str] = "token"

    def __init__(
        self, placeholder: str, num_vectors: int = 1, init: str = "object", lr: float = 5e-3, norm: str = "free",
        init_noise: float = 0.02, seed: int = 0, stop_step: int | None = None,
    ):  # fmt: skip
        if norm not in NORMS:
            raise UserError(f"norm {norm!r} is unknown", f"choose one of {', '.join(NORMS)}")
        if num_vectors < 1:
            raise UserError(f"{num_vectors} vectors were asked for", "take 1 or more")
        self.placeholder, self.num_vectors, self.init, self.lr = placeholder, num_vectors, init, lr
        self.norm, self.init_noise, self.seed, self.stop_step = norm, init_noise, seed, stop_step
        self.base: Base | None = None
        self.rows: dict[str, nn.Parameter] = {}
        self._tables: dict[str, nn.Module] = {}
        self._tokenizers: dict[str, Any] = {}
        self._median_norm: dict[str, float] = {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> TokenEmbeddings:
        return cls(**config)

    def config(self) -> dict[str, Any]:
        return {"placeholder": self.placeholder, "num_vectors": self.num_vectors, "init": self.init}

    @property
    def tokens(self) -> list[str]:
        """<name>, <name>_1, …: the names that diffusers gives to the rows of one concept."""
        return [self.placeholder, *(f"{self.placeholder}_{i}" for i in range(1, self.num_vectors))]

    @property
    def expansion(self) -> str:
        return " ".join(self.tokens)

    @property
    def num_modules(self) -> int:
        return len(self.rows)

    def attach(self, base: Base, weights: Weights | None = None, scale: float = 1.0) -> None:
        starts = {key: self._start(base, key) for key in base.text_encoders}
        if weights is not None:
            check_names("token", {key: tuple(rows.shape) for key, rows in starts.items()}, weights)
        self.base = base
        for key, start in starts.items():
            if weights is None:
                rows = start + self._noise(base, key, start)
            else:
                # scale is a dial between the word that the rows started from and what they learned, exact at both ends
                learned = weights[key].float().to(start.device)
                rows = learned.clone() if scale == 1 else start + scale * (learned - start)
            self._attach_rows(base, key, nn.Parameter(rows, requires_grad=weights is None))

    def _start(self, base: Base, key: str) -> Tensor:
        """(m, d) fp32: the embeddings of the initial word's tokens, in turn."""
        tokenizer = base.tokenizers[key]
        taken = [token for token in self.tokens if token in tokenizer.get_vocab()]
        if taken:
            raise UserError(f"the tokenizer already has {taken[0]}", "choose another --name")
        ids = tokenizer(self.init, add_special_tokens=False).input_ids
        if not ids:
            raise UserError(f"the initial word {self.init!r} has no tokens", "name a word, such as the class noun")
        table = base.text_encoders[key].get_input_embeddings().weight
        return torch.stack([table[ids[i % len(ids)]] for i in range(self.num_vectors)]).detach().float()

    def _noise(self, base: Base, key: str, start: Tensor) -> Tensor:
        """Breaks the tie between rows that start from one word."""
        if self.num_vectors == 1:
            return torch.zeros_like(start)
        spread = base.text_encoders[key].get_input_embeddings().weight.float().std() * self.init_noise
        noise = torch.randn(start.shape, generator=seeds.generator(self.seed, "token", key))
        return noise.to(start) * spread

    def _attach_rows(self, base: Base, key: str, rows: nn.Parameter | nn.Module) -> None:
        encoder, tokenizer = base.text_encoders[key], base.tokenizers[key]
        table = encoder.get_input_embeddings()
        self._median_norm[key] = float(table.weight.float().norm(dim=-1).median())
        extended = copy.deepcopy(tokenizer)
        extended.add_tokens(self.tokens)
        first_id = extended.convert_tokens_to_ids(self.tokens[0])
        self._tables[key], self._tokenizers[key], self.rows[key] = table, tokenizer, rows
        encoder.set_input_embeddings(TableWithRows(table, rows, first_id))
        base.set_tokenizer(key, extended)

    def param_groups(self) -> list[dict[str, Any]]:
        return [{"params": list(self.rows.values()), "lr": self.lr, "weight_decay": 0.0, "name": "token"}]

    def weights(self) -> dict[str, Tensor]:
        return {key: rows.detach().float().cpu().clone() for key, rows in self.rows.items()}

    def relative_norm(self) -> float:
        """The largest row norm over the median word's."""
        return max(float(rows.detach().norm(dim=-1).max()) / self._median_norm[key] for key, rows in self.rows.items())

    @torch.no_grad()
    def after_step(self, step: int) -> None:
        frozen = self.stop_step is not None and step >= self.stop_step
        for key, rows in self.rows.items():
            rows.requires_grad_(not frozen)
            if frozen:
                rows.grad = None
            elif self.norm != "free" and step:
                self._renorm(rows, self._median_norm[key])

    def _renorm(self, rows: Tensor, median: float) -> None:
        norms = rows.norm(dim=-1, keepdim=True)
        wanted = torch.full_like(norms, median) if self.norm == "fixed" else norms.clamp(max=CAP * median)
        rows.mul_(wanted / norms)

    def round(self) -> None:
        """Files hold every bit."""

    def detach(self) -> None:
        assert self.base is not None
        for key in self._tables:
            self.base.text_encoders[key].set_input_embeddings(self._tables[key])
            self.base.set_tokenizer(key, self._tokenizers[key])
        self._tables, self._tokenizers, self.rows, self.base = {}, {}, {}, None
