"""Muon: momentum, orthogonalised by Newton-Schulz, for matrices and convolutions; Adam for the rest.

Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks". Trains the mini models in about
half the steps that AdamW needs.
"""

from __future__ import annotations

from typing import Iterable

import torch
from torch import Tensor

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
SMALL = 1024
BF16_FROM = 65_536


def orthogonalised(matrix: Tensor, steps: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrix, roughly: singular values end in about [0.7, 1.2]. (m, n) → (m, n), fp32."""
    a, b, c = NEWTON_SCHULZ
    tall = matrix.shape[0] > matrix.shape[1]
    # bf16 pays only for large contiguous matrices: on small ones it is ten times slower on CPU
    x = (matrix.mT if tall else matrix).to(torch.bfloat16 if matrix.numel() >= BF16_FROM else torch.float32).contiguous()
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).float()


class Muon(torch.optim.Optimizer):
    """lr: for matrices and convolutions (flattened to (out, rest)); adam_lr: for `plain` parameters and all small ones."""

    def __init__(self, params: Iterable[Tensor], lr: float, adam_lr: float, plain: Iterable[Tensor] = (), momentum: float = 0.95):
        by_adam = {id(p) for p in plain}
        params = list(params)
        matrices = [p for p in params if p.ndim >= 2 and p.numel() >= SMALL and id(p) not in by_adam]
        chosen = {id(p) for p in matrices}
        rest = [p for p in params if id(p) not in chosen]
        groups = [{"params": matrices, "lr": lr, "muon": True}, {"params": rest, "lr": adam_lr, "muon": False}]
        super().__init__([g for g in groups if g["params"]], {"momentum": momentum, "betas": (0.9, 0.98)})

    @torch.no_grad()
    def step(self, scale: float = 1.0) -> None:
        """One step with every learning rate multiplied by scale."""
        for group in self.param_groups:
            update = self._muon if group["muon"] else self._adam
            for param in group["params"]:
                if param.grad is not None:
                    update(param, group, group["lr"] * scale)

    def _muon(self, param: Tensor, group: dict, lr: float) -> None:
        state = self.state[param]
        momentum = state.setdefault("momentum", torch.zeros_like(param))
        momentum.mul_(group["momentum"]).add_(param.grad)
        update = param.grad.add(momentum, alpha=group["momentum"])
        flat = update.reshape(update.shape[0], -1)
        gain = max(1, flat.shape[0] / flat.shape[1]) ** 0.5
        param.add_(orthogonalised(flat).reshape(update.shape), alpha=-lr * gain)

    def _adam(self, param: Tensor, group: dict, lr: float) -> None:
        state, (beta1, beta2) = self.state[param], group["betas"]
        mean = state.setdefault("mean", torch.zeros_like(param)).lerp_(param.grad, 1 - beta1)
        square = state.setdefault("square", torch.zeros_like(param)).lerp_(param.grad.square(), 1 - beta2)
        state["steps"] = state.get("steps", 0) + 1
        mean_hat = mean / (1 - beta1 ** state["steps"])
        param.sub_(lr * mean_hat / ((square / (1 - beta2 ** state["steps"])).sqrt() + 1e-8))
