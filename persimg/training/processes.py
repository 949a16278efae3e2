"""The processes of a run: which device each one takes, and accelerate's part in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from persimg.errors import UserError

if TYPE_CHECKING:
    import torch


def process_device(asked: str | None, environment: Mapping[str, str], gpus: int) -> str | None:
    """The device of this process: the one asked for, else a GPU of its own where several processes were launched.

    None leaves the choice to load_base. Launchers number the processes of a machine in LOCAL_RANK.
    """
    if asked is not None or "LOCAL_RANK" not in environment or not gpus:
        return asked
    if environment.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true", "yes"):
        return "cpu"
    rank = int(environment["LOCAL_RANK"])
    if rank >= gpus:
        raise UserError(f"process {rank} has no GPU, this machine has {gpus}", "launch as many processes as there are GPUs")
    return f"cuda:{rank}"


def fast_precision(device: torch.device) -> str:
    """bf16 where the device multiplies in it, else no: emulated, it takes a processor ten times as long."""
    import torch

    on_cpu = device.type == "cpu"
    return "bf16" if (torch.ops.mkldnn._is_mkldnn_bf16_supported() if on_cpu else torch.cuda.is_bf16_supported()) else "no"


def make_accelerator(mixed_precision: str, device: torch.device) -> Any:
    """An Accelerator for one run. UserError for a precision that the device doesn't have.

    accelerate keeps the first run's precision for the whole program; it is forgotten here, the processes are not, unless a
    single one moves to another kind of device.
    """
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState, PartialState

    if mixed_precision == "auto":
        mixed_precision = fast_precision(device)
    if mixed_precision == "fp16" and device.type == "cpu":
        raise UserError("mixed_precision fp16 needs a GPU, this run is on cpu", "use bf16 or no")
    known = PartialState() if PartialState._shared_state else None
    moved = known is not None and known.num_processes == 1 and known.device.type != device.type
    AcceleratorState._reset_state(reset_partial_state=moved)
    return Accelerator(mixed_precision=mixed_precision, cpu=device.type == "cpu")
