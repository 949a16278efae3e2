"""Attention backends: PyTorch's own by default, xformers when asked for and present."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from persimg.errors import UserError

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

BACKENDS = ("sdpa", "xformers")


def check_attention(name: str, device: str | None = None) -> None:
    """Raises UserError for an unknown backend, or xformers where it isn't installed or has no kernels. Imports neither.

    device: "cpu", "cuda" or "cuda:N", if it is known.
    """
    if name not in BACKENDS:
        raise UserError(f"--attention {name} is unknown", f"choose one of {', '.join(BACKENDS)}")
    if name == "xformers" and importlib.util.find_spec("xformers") is None:
        raise UserError("--attention xformers was asked for, but xformers isn't installed", "pip install 'persimg[xformers]' or use sdpa")
    if name == "xformers" and device is not None and not device.startswith("cuda"):
        raise UserError(f"--attention xformers has no kernels for {device}", "use --attention sdpa, or --device cuda")


def set_attention(pipeline: DiffusionPipeline, name: str) -> None:
    """Switch a pipeline's attention; diffusers' default is sdpa."""
    check_attention(name)
    if name == "xformers":
        try:
            # it tries one call on the GPU, which a build for another CUDA or PyTorch fails
            pipeline.enable_xformers_memory_efficient_attention()
        except (ValueError, ImportError, NotImplementedError, RuntimeError) as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise UserError(f"xformers can't be used here ({first})", "use --attention sdpa") from error
