"""The state of a run on disk: safetensors and JSON, written beside and renamed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator, Sequence

from persimg import files
from persimg.errors import UserError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

KEPT_STATES = 2


def concept_path(folder: Path, step: int) -> Path:
    return folder / f"{step:06d}.safetensors"


def state_path(folder: Path, step: int) -> Path:
    return folder / f"{step:06d}.state"


def last_state(folder: Path) -> Path | None:
    """The newest state of a run, if there is one."""
    states = sorted(folder.glob("*.state"))
    return states[-1] if states else None


def save_state(
    path: Path, step: int, params: Sequence[Tensor], optimizer: torch.optim.Optimizer, averages: Sequence[Tensor] | None,
    scaler: Any = None,
) -> None:  # fmt: skip
    """Exact parameters, the optimiser's state, the averages, the scale of fp16 gradients; older states beyond the last two are removed."""
    tensors = {f"param.{i}": p.detach().cpu().contiguous().clone() for i, p in enumerate(params)}
    tensors |= {f"average.{i}": a.cpu().contiguous().clone() for i, a in enumerate(averages or [])}
    values: dict[str, Any] = {}
    state = optimizer.state_dict()
    for name, value in _flat("optimizer", state["state"]):
        if hasattr(value, "detach"):
            tensors[name] = value.detach().cpu().contiguous().clone()
        else:
            values[name] = value
    groups = [{k: v for k, v in g.items() if k != "params" and isinstance(v, (int, float, str, bool, list, tuple))} for g in state["param_groups"]]
    header = {"step": str(step), "values": json.dumps(values), "groups": json.dumps(groups)}
    if scaler is not None:
        header["scaler"] = json.dumps(scaler.state_dict())
    files.save_tensors(path, tensors, header)
    for old in sorted(path.parent.glob("*.state"))[:-KEPT_STATES]:
        old.unlink()


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Leaves of nested dictionaries (bitsandbytes wraps its moments in one) under dotted names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}", inner)
    else:
        yield prefix, value


def load_state(
    path: Path, params: Sequence[Tensor], optimizer: torch.optim.Optimizer, averages: Sequence[Tensor] | None, scaler: Any = None
) -> int:
    """Put a saved state back; returns the number of steps done. UserError (exit 3) when it doesn't fit."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            header = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path} is damaged ({error})", "remove it to go on from the state before", 3) from error
    if sum(name.startswith("param.") for name in tensors) != len(params):
        raise UserError(f"{path} has other parameters than this run", "start over with --restart", 3)
    for i, param in enumerate(params):
        param.data.copy_(tensors[f"param.{i}"])
    for i, average in enumerate(averages or []):
        average.copy_(tensors[f"average.{i}"])
    _load_optimizer(optimizer, tensors, json.loads(header["values"]), json.loads(header["groups"]))
    if scaler is not None and "scaler" in header:
        scaler.load_state_dict(json.loads(header["scaler"]))
    return int(header["step"])


def _load_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], values: dict[str, Any], groups: list[dict]) -> None:
    state = optimizer.state_dict()
    entries: dict[int, dict[str, Any]] = {}
    for name, value in {**{n: t for n, t in tensors.items() if n.startswith("optimizer.")}, **values}.items():
        _, index, *path, key = name.split(".")
        place = entries.setdefault(int(index), {})
        for part in path:
            place = place.setdefault(part, {})
        place[key] = value
    for group, saved in zip(state["param_groups"], groups):
        group.update(saved)
    optimizer.load_state_dict({"state": entries, "param_groups": state["param_groups"]})
