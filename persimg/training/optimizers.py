"""Optimisers by name: AdamW, and as extras 8-bit AdamW (bitsandbytes) and Prodigy (Mishchenko & Defazio 2023, arXiv:2306.06101)."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from persimg.errors import UserError

if TYPE_CHECKING:
    import torch

PACKAGES = {"adamw": "torch", "adamw_8bit": "bitsandbytes", "prodigy": "prodigyopt"}
LEAST_8BIT = 4096
"""numbers in a tensor from which on bitsandbytes keeps its moments in 8 bits"""


def split(text: str) -> tuple[str, float]:
    """NAME or prodigy:D_COEF → (name, d_coef). UserError for anything else."""
    name, colon, coefficient = text.partition(":")
    try:
        d_coef = float(coefficient) if colon else 1.0
    except ValueError:
        d_coef = 0.0
    if name not in PACKAGES or (colon and name != "prodigy") or not 0 < d_coef <= 100:
        raise UserError(f"optimizer is {text!r}", f"choose one of {', '.join(PACKAGES)}, or prodigy:D_COEF such as prodigy:0.5")
    return name, d_coef


def check_optimizer(text: str) -> None:
    """UserError for one that is unknown or isn't installed. Imports none."""
    name, _ = split(text)
    if importlib.util.find_spec(PACKAGES[name]) is None:
        raise UserError(f"optimizer {name} needs {PACKAGES[name]}, which isn't installed", "pip install 'persimg[optimizers]' or use adamw")


def make_optimizer(text: str, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    """AdamW, or one of the extras.

    Prodigy finds the step size itself: learning rates are 1, whatever the groups say, with bias correction and its safeguard
    for warm-up, as its authors advise for diffusion models; d_coef multiplies its estimate.
    """
    name, d_coef = split(text)
    check_optimizer(text)
    if name == "prodigy":
        from prodigyopt import Prodigy

        own = [{**group, "lr": 1.0} for group in groups]
        return Prodigy(own, lr=1.0, d_coef=d_coef, use_bias_correction=True, safeguard_warmup=True)
    if name == "adamw_8bit":
        from bitsandbytes.optim import AdamW8bit

        return AdamW8bit(groups)
    import torch

    return torch.optim.AdamW(groups)


def check_works(text: str, device: torch.device) -> None:
    """Take one step on numbers of no use: an extra without kernels for this device is a UserError, not a traceback later."""
    if split(text)[0] == "adamw":
        return
    import torch

    probe = torch.nn.Parameter(torch.ones(LEAST_8BIT, device=device))
    probe.grad = torch.ones_like(probe)
    try:
        make_optimizer(text, [{"params": [probe], "lr": 1e-3, "weight_decay": 0.0}]).step()
    except (ImportError, NotImplementedError, RuntimeError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"optimizer {text} can't work on {device.type} here ({first})", "use adamw or prodigy") from error
