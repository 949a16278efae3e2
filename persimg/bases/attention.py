"""Attention backends: PyTorch's own by default, xformers when asked for and present."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from persimg.errors import UserError

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

BACKENDS = ("sdpa", "xformers")


def check_attention(name: str) -> None:
    """Raises UserError for an unknown backend, or xformers where it isn't installed. Imports neither."""
    if name not in BACKENDS:
        raise UserError(f"--attention {name} is unknown", f"choose one of {', '.join(BACKENDS)}")
    if name == "xformers" and importlib.util.find_spec("xformers") is None:
        raise UserError("--attention xformers was asked for, but xformers isn't installed", "pip install 'persimg[xformers]' or use sdpa")


def set_attention(pipeline: DiffusionPipeline, name: str) -> None:
    """Switch a pipeline's attention; diffusers' default is sdpa."""
    check_attention(name)
    if name == "xformers":
        try:
            pipeline.enable_xformers_memory_efficient_attention()
        except (ValueError, ModuleNotFoundError, NotImplementedError) as error:
            raise UserError(f"xformers can't be used here ({error})", "use --attention sdpa") from error
