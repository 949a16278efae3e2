"""Muon: momentum, orthogonalised by Newton-Schulz, for matrices and convolutions; Adam for the rest.

Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks". Trains the mini models in about
half the steps that AdamW needs.
"""

from __future__ import annotations

from typing import Iterable

import torch
from precision import FAST_BF16
from torch import Tensor

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
SMALL = 1024
BF16_FROM = 10_000


def orthogonalised(matrices: Tensor, steps: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrices, roughly: singular values end in about [0.7, 1.2]. (B, m, n) → (B, m, n), fp32."""
    a, b, c = NEWTON_SCHULZ
    tall = matrices.shape[1] > matrices.shape[2]
    # bf16 pays for all but the smallest matrices, if contiguous
    dtype = torch.bfloat16 if FAST_BF16 and matrices[0].numel() >= BF16_FROM else torch.float32
    x = (matrices.mT if tall else matrices).to(dtype).contiguous()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.mT if tall else x).float()


def by_shape(params: list[Tensor]) -> list[list[Tensor]]:
    """Parameters of one shape together."""
    found: dict[tuple, list[Tensor]] = {}
    for param in params:
        found.setdefault(tuple(param.shape), []).append(param)
    return list(found.values())


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
            params, lr = [p for p in group["params"] if p.grad is not None], group["lr"] * scale
            if not group["muon"]:
                self._adam(params, group, lr)
                continue
            for alike in by_shape(params):
                self._muon(alike, group, lr)

    def _muon(self, params: list[Tensor], group: dict, lr: float) -> None:
        """One step of parameters of one shape: orthogonalised together, which is faster than one by one."""
        means = [self.state[p].setdefault("momentum", torch.zeros_like(p)) for p in params]
        torch._foreach_mul_(means, group["momentum"])
        grads = [p.grad for p in params]
        torch._foreach_add_(means, grads)
        nesterov = torch._foreach_add(grads, means, alpha=group["momentum"])
        flat = torch.stack([update.reshape(len(update), -1) for update in nesterov])
        gain = max(1, flat.shape[1] / flat.shape[2]) ** 0.5
        updates = [update.reshape(param.shape) for param, update in zip(params, orthogonalised(flat))]
        torch._foreach_add_(params, updates, alpha=-lr * gain)

    def _adam(self, params: list[Tensor], group: dict, lr: float) -> None:
        """One step of Adam (Kingma and Ba 2015) of all parameters together."""
        (beta1, beta2), states = group["betas"], [self.state[p] for p in params]
        means, squares = ([s.setdefault(name, torch.zeros_like(p)) for s, p in zip(states, params)] for name in ("mean", "square"))
        grads = [p.grad for p in params]
        torch._foreach_lerp_(means, grads, 1 - beta1)
        torch._foreach_lerp_(squares, torch._foreach_mul(grads, grads), 1 - beta2)
        for state in states:
            state["steps"] = state.get("steps", 0) + 1
        roots = torch._foreach_sqrt(torch._foreach_div(squares, [1 - beta2 ** s["steps"] for s in states]))
        torch._foreach_add_(roots, 1e-8)
        mean_hats = torch._foreach_div(means, [1 - beta1 ** s["steps"] for s in states])
        torch._foreach_add_(params, torch._foreach_div(mean_hats, roots), alpha=-lr)
