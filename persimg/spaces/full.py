"""The whole denoiser, and the text encoders if asked for (DreamBooth: Ruiz et al. 2022, arXiv:2208.12242).

What is kept is the difference to the base, as fp16.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from persimg.bases.base import Base
from persimg.spaces.space import Weights, check_names


class FullWeights:
    """All weights of the denoiser train; text_encoder: those of the text encoders too."""

    kind: ClassVar[str] = "full"

    def __init__(self, text_encoder: bool = False, lr: float = 5e-6, weight_decay: float = 1e-2):
        self.text_encoder, self.lr, self.weight_decay = text_encoder, lr, weight_decay
        self._params: dict[str, nn.Parameter] = {}
        self._originals: dict[str, Tensor] = {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> FullWeights:
        return cls(**config)

    def config(self) -> dict[str, Any]:
        return {"text_encoder": self.text_encoder}

    @property
    def num_modules(self) -> int:
        return len(self._originals)

    @torch.no_grad()
    def attach(self, base: Base, weights: Weights | None = None, scale: float = 1.0) -> None:
        # kept by these names: spaces that are attached later add parameters and rename layers
        params = {f"{prefix}.{name}": param for prefix, model in base.models(self.text_encoder).items() for name, param in model.named_parameters()}
        if weights is not None:
            check_names("full", {name: tuple(p.shape) for name, p in params.items()}, weights)
        self._params = params
        self._originals = {name: param.detach().clone() for name, param in params.items()}
        for name, param in params.items():
            if weights is None:
                param.requires_grad_(True)
            elif scale:
                param.add_((scale * weights[name].float()).to(param))

    def param_groups(self) -> list[dict[str, Any]]:
        return [{"params": list(self._params.values()), "lr": self.lr, "weight_decay": self.weight_decay, "name": "full"}]

    def weights(self) -> dict[str, Tensor]:
        return {name: (p.detach() - self._originals[name]).half().cpu() for name, p in self._params.items()}

    def after_step(self, step: int) -> None:
        """Everything trains from the first step to the last."""

    @torch.no_grad()
    def round(self) -> None:
        for name, delta in self.weights().items():
            self._params[name].copy_(self._originals[name] + delta.to(self._params[name]))

    @torch.no_grad()
    def detach(self) -> None:
        for name, param in self._params.items():
            param.copy_(self._originals[name])
            param.requires_grad_(False)
            param.grad = None
        self._params, self._originals = {}, {}
