"""LoRA files of other tools (diffusers, peft, kohya), read into our names.

All dialects have the same three numbers a layer: A (rank, in), B (out, rank) and alpha, for W + (alpha / rank) B A; they
differ in names and in where alpha stands. Sources: diffusers/loaders/lora_conversion_utils.py, sd-scripts
networks/lora.py, peft's save_and_load.py.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping

from persimg.concepts import names
from persimg.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

A, B, MAGNITUDE = "lora_A.weight", "lora_B.weight", "lora_magnitude_vector.weight"
PARTS = {
    "lora_A.weight": A, "lora_B.weight": B, "lora.down.weight": A, "lora.up.weight": B, "lora_linear_layer.down.weight": A,
    "lora_linear_layer.up.weight": B, "lora_down.weight": A, "lora_up.weight": B, "lora_magnitude_vector": MAGNITUDE,
    "lora_magnitude_vector.weight": MAGNITUDE, "dora_scale": "dora_scale", "alpha": "alpha",
}  # fmt: skip
"""how a file's keys end → what it is"""
LYCORIS = re.compile(r"\.(hada_\w+|lokr_\w+|lora_mid|oft_\w+|diff|diff_b|on_input)(\.weight)?$|glora")
OLD = re.compile(r"(?:\.processor)?\.to_(q|k|v|out)_lora\.(down|up)\.weight$")

Modules = dict[str, dict[str, "Tensor"]]


def is_lora(keys: list[str], path: Path) -> bool:
    """UserError (exit 3) for LyCORIS, whose products and whole differences are no A and B."""
    strange = next((found[1] or found[0] for key in keys if (found := LYCORIS.search(key))), None)
    if strange:
        raise UserError(f"{path} is a LyCORIS file ({strange}), which can't be imported", "convert it to a plain LoRA", 3)
    return any("lora" in key or key.endswith(".dora_scale") for key in keys)


def read_lora(tensors: Mapping[str, Tensor], metadata: Mapping[str, str], base: Any, path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """(weights, what rebuilds the space) from a file's tensors.

    One rank and one alpha for all layers stay as they are; where they differ, alphas are folded into B and zero rows
    bring every layer to one rank. Raises UserError (exit 3) unless every tensor of the file finds its layer.
    """
    layers = _layers(base)
    modules = _by_module(tensors, metadata, base, list(layers), path)
    alphas = _alphas(modules, _declared(tensors, metadata, path))
    _fit(modules, layers, path)
    ranks = {module: len(parts[A]) for module, parts in modules.items()}
    rank, alpha = max(ranks.values()), next(iter(alphas.values()))
    if {*ranks.values()} != {rank} or {*alphas.values()} != {alpha}:
        for module, parts in modules.items():
            parts |= _padded(parts, rank, alphas[module] / ranks[module])
        alpha = rank
    text = sorted(module for module in modules if not module.startswith("unet."))
    config = {
        "rank": rank, "alpha": float(alpha), "targets": sorted(m.removeprefix("unet.") for m in modules if m not in text),
        "text_encoder": bool(text), "dora": any(MAGNITUDE in parts for parts in modules.values()),
    }  # fmt: skip
    weights = {f"{module}.{part}": t for module, parts in modules.items() for part, t in parts.items()}
    return weights, config | ({"text_targets": text} if text else {})


def _by_module(tensors: Mapping[str, Tensor], metadata: Mapping[str, str], base: Any, layers: list[str], path: Path) -> Modules:
    """Our module name → the file's tensors. Every key must belong to a layer of the base, once."""
    table = names.module_table(layers, base.record["unet"])
    modules: Modules = {}
    stems: dict[str, str | None] = {}
    for key, tensor in tensors.items():
        stem, part = _split(key, path)
        module = stems[stem] = names.find_module(stem, table)
        if module and part in modules.setdefault(module, {}):
            raise UserError(f"{path} has two tensors for {module} ({key!r} and another)", "export it again, in one tool's names", 3)
        if module:
            modules[module][part] = tensor
    lost = [stem for stem, module in stems.items() if module is None]
    if lost:
        made_for = metadata.get("ss_base_model_version")
        says = f"; it says it was made for {made_for}" if made_for else ""
        raise UserError(
            f"{path}: {len(stems) - len(lost)} of {len(stems)} modules fit {base.name or 'this base'} ({lost[0]} doesn't){says}",
            "choose the base that it was made for", 3,
        )  # fmt: skip
    return modules


def _layers(base: Any) -> dict[str, Any]:
    """The layers of a base that a LoRA can adapt, by our names."""
    from torch import nn

    kinds = (nn.Linear, nn.Conv2d)
    return {f"{p}.{name}": layer for p, model in base.models().items() for name, layer in model.named_modules() if isinstance(layer, kinds)}


def _split(key: str, path: Path) -> tuple[str, str]:
    """A file's key → (module, part)."""
    name = OLD.sub(_modern, key.removeprefix("base_model.model."))
    ending = next((ending for ending in PARTS if name.endswith(f".{ending}")), None)
    if ending is None:
        raise UserError(f"{path} has a tensor {key!r} that isn't understood", "export the LoRA in diffusers' or kohya's names", 3)
    return name[: -len(ending) - 1], PARTS[ending]


def _modern(match: re.Match[str]) -> str:
    """Older diffusers kept a layer's LoRA in its attention's processor; in text encoders under the U-Net's words."""
    which = match[1]
    if ".self_attn" in match.string:
        layer = f"{which}_proj"
    else:
        layer = "to_out.0" if which == "out" else f"to_{which}"
    return f".{layer}.lora.{match[2]}.weight"


# --- alpha ------------------------------------------------------------------------------------------------------------


def _declared(tensors: Mapping[str, Tensor], metadata: Mapping[str, str], path: Path) -> dict[str, dict[str, Any]]:
    """peft's settings, by the model's prefix ("" for all): diffusers has them in the header, peft in a file beside."""
    beside = path.parent / "adapter_config.json"
    if any(key.startswith("base_model.") for key in tensors):
        if not beside.is_file():
            raise UserError(f"{path} is peft's, without adapter_config.json beside it, where alpha stands", "copy both files", 3)
        text, where = beside.read_text(encoding="utf-8"), beside
    else:
        text, where = metadata.get("lora_adapter_metadata", "{}"), path
    try:
        found = json.loads(text)
        return {"": dict(found)} if where == beside else _by_prefix(found)
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError(f"{where} has damaged LoRA settings ({error})", "fetch it again", 3) from error


def _by_prefix(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key, value in settings.items():
        prefix, _, name = key.partition(".")
        found.setdefault(prefix, {})[name] = value
    return found


def _alphas(modules: Modules, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """kohya's scalar beside the layer, else what peft's settings say, else the rank. A layer without A has none yet."""
    found = {}
    for module, parts in modules.items():
        prefix, _, name = module.partition(".")
        own = parts.pop("alpha", None)
        rank = len(parts[A]) if A in parts else 1
        found[module] = float(own) if own is not None else _declared_alpha(declared.get(prefix) or declared.get("", {}), name, rank)
    return found


def _declared_alpha(settings: Mapping[str, Any], name: str, rank: int) -> float:
    """alpha_pattern's keys are endings of names, as expressions (peft: get_pattern_key); rslora divides by sqrt(rank)."""
    patterns = {key.removeprefix("text_model."): value for key, value in (settings.get("alpha_pattern") or {}).items()}
    match = next((value for key, value in patterns.items() if re.match(rf"(.*\.)?({key})$", name)), None)
    alpha = float(settings.get("lora_alpha", rank) if match is None else match)
    return alpha * rank**0.5 if settings.get("use_rslora") else alpha


# --- shapes -----------------------------------------------------------------------------------------------------------


def _fit(modules: Modules, layers: Mapping[str, Any], path: Path) -> None:
    """Bring every tensor to fp32 and to its layer's shape, in place; UserError where it doesn't fit."""
    has_dora = [module for module, parts in modules.items() if {MAGNITUDE, "dora_scale"} & parts.keys()]
    if has_dora and len(has_dora) < len(modules):
        raise UserError(f"{path} has DoRA magnitudes for {len(has_dora)} of {len(modules)} modules", "train or convert it with one kind", 3)
    for module, parts in modules.items():
        missing = [part for part in (A, B) if part not in parts]
        if missing:
            raise UserError(f"{path} lacks {', '.join(missing)} of {module}", "fetch or export it again", 3)
        weight = layers[module].weight
        out, inner, ones = weight.shape[0], weight.shape[1:], (1,) * (weight.ndim - 2)
        rank = len(parts[A])
        parts[A] = _shaped(parts[A], (rank, *inner), module, path)
        parts[B] = _shaped(parts[B], (out, rank, *ones), module, path)
        scale = parts.pop("dora_scale", None)
        if scale is not None and len(scale) != out:
            raise UserError(f"{path} scales the inputs of {module} (DoRA by columns), which peft's layers can't", "convert it", 3)
        if scale is not None or MAGNITUDE in parts:
            magnitude = parts[MAGNITUDE] if scale is None else scale
            parts[MAGNITUDE] = _shaped(magnitude, (1, out, *ones) if ones else (out,), module, path)


def _shaped(tensor: Tensor, shape: tuple[int, ...], module: str, path: Path) -> Tensor:
    """1x1 convolutions and linear layers may stand for each other; nothing else is reshaped."""
    if tuple(d for d in tensor.shape if d > 1) != tuple(d for d in shape if d > 1):
        raise UserError(
            f"{path} has {tuple(tensor.shape)} for {module}, this base takes {tuple(shape)}", "choose the base that it was made for", 3
        )
    return tensor.float().reshape(shape)


def _padded(parts: Mapping[str, Tensor], rank: int, factor: float) -> dict[str, Tensor]:
    """Zero rows bring a layer to the common rank; the product stays the same."""
    import torch

    down, up = parts[A], parts[B] * factor
    extra = rank - len(down)
    if extra:
        down = torch.cat([down, down.new_zeros(extra, *down.shape[1:])])
        up = torch.cat([up, up.new_zeros(up.shape[0], extra, *up.shape[2:])], 1)
    return {A: down, B: up}
