"""torch.compile for the denoiser, where it can be had.

It compiles at the first forward pass of every shape of a batch. New words and whole weights come and go without compiling anew, and so does
LoRA that is fused (`Sampler(fuse=True)`); LoRA beside its layers is a structure of its own and is compiled again whenever it is attached.
After eight structures and shapes PyTorch runs further ones uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bases.base import Base


def check_compile(device: str) -> None:
    """UserError where torch.compile can't make code for a device. Compiles one line afresh, in some seconds."""
    import torch
    from torch._inductor.utils import fresh_cache

    with fresh_cache():
        try:
            torch.compile(lambda x: x.sin() + 1)(torch.ones(8, device=device))
            return
        except (RuntimeError, OSError, ImportError) as error:
            failed = error
    what = f"torch.compile can't be used on {device} here ({_first_line(failed)})"
    raise UserError(what, "install a C++ compiler (CUDA: Triton), or don't compile") from failed


def _first_line(error: BaseException) -> str:
    """Of the cause that PyTorch wraps into errors of its own."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def compile_denoiser(base: Base, backend: str | Callable[..., Any] = "inductor") -> None:
    """From now on its forward pass is compiled, for each shape by itself. backend: one of torch.compile's."""
    base.denoiser.compile(backend=backend, dynamic=False)
    base.is_compiled = True
