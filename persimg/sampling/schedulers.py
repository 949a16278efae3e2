"""Schedulers by name: diffusers' classes, on the base's own noise."""

from __future__ import annotations

import hashlib
import inspect
import json
from typing import TYPE_CHECKING, Any

from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bases.base import Base

CLASSES: dict[str, tuple[str, dict[str, Any]]] = {
    "ddim": ("DDIMScheduler", {}),
    "ddpm": ("DDPMScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler_a": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "pndm": ("PNDMScheduler", {"skip_prk_steps": True}),
    "dpmpp_2m": ("DPMSolverMultistepScheduler", {}),
    "dpmpp_2m_karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "lcm": ("LCMScheduler", {}),
}
A1111 = {
    "DDIMScheduler": "DDIM", "DDPMScheduler": "DDPM", "EulerDiscreteScheduler": "Euler", "EulerAncestralDiscreteScheduler": "Euler a",
    "HeunDiscreteScheduler": "Heun", "PNDMScheduler": "PLMS", "DPMSolverMultistepScheduler": "DPM++ 2M", "UniPCMultistepScheduler": "UniPC",
    "LCMScheduler": "LCM",
}  # fmt: skip


def a1111_name(scheduler: Any) -> str:
    """What A1111 calls a scheduler; its class where A1111 has none."""
    name = type(scheduler).__name__
    return A1111.get(name, name) + (" Karras" if scheduler.config.get("use_karras_sigmas") else "")


def base_mark(base: Base) -> str:
    """What pictures depend on of a base: its fingerprint and 8 hex digits over its scheduler, in which bases of equal weights may differ.

    A setting at its class's default doesn't enter, so that one which a later diffusers adds changes nothing.
    """
    own = base.pipeline.scheduler
    usual = inspect.signature(type(own).__init__).parameters
    said = {k: v for k, v in own.config.items() if not (k.startswith("_") or (k in usual and usual[k].default == v))}
    text = json.dumps([type(own).__name__, said], sort_keys=True, default=str)
    return f"{base.fingerprint}+{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def make_scheduler(base: Base, name: str | None) -> Any:
    """A fresh scheduler; None: of the base's own kind. UserError where it can't serve the base's noise.

    Built from the base's configuration, clip_sample included: the default of several classes would clamp latents.
    """
    import diffusers

    own = base.pipeline.scheduler
    if name is None:
        return type(own).from_config(own.config)
    class_name, options = CLASSES[name]
    kind = getattr(diffusers, class_name)
    takes = inspect.signature(kind.__init__).parameters
    if own.config.get("rescale_betas_zero_snr") and "rescale_betas_zero_snr" not in takes:
        able = [n for n, (c, _) in CLASSES.items() if "rescale_betas_zero_snr" in inspect.signature(getattr(diffusers, c).__init__).parameters]
        raise UserError(f"--scheduler {name} can't serve a base with zero terminal SNR", f"choose one of {', '.join(able)}")
    return kind.from_config(own.config, **options)
