"""Concepts of other tools: LoRA files of diffusers, peft and kohya (SD 1.x and 2.x), textual inversions as safetensors."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping

from persimg.concepts import store
from persimg.concepts.concept import Card, Concept
from persimg.concepts.prompts import check_name
from persimg.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

FOREIGN = ("hada_w1", "lokr_w1", "lora_mid", "oft_", "glora", ".diff")
PARTS = {
    "lora_A.weight": "lora_A.weight", "lora_B.weight": "lora_B.weight", "lora.down.weight": "lora_A.weight",
    "lora.up.weight": "lora_B.weight", "lora_linear_layer.down.weight": "lora_A.weight",
    "lora_linear_layer.up.weight": "lora_B.weight", "lora_down.weight": "lora_A.weight", "lora_up.weight": "lora_B.weight",
    "lora_magnitude_vector": "lora_magnitude_vector.weight", "lora_magnitude_vector.weight": "lora_magnitude_vector.weight",
    "dora_scale": "lora_magnitude_vector.weight",
}  # fmt: skip
OLD_PROCESSOR = re.compile(r"\.processor\.to_(q|k|v|out)_lora\.(down|up)\.weight$")


def read_foreign(path: Path) -> tuple[str, dict[str, Tensor], dict[str, Any]]:
    """(kind, tensors, metadata): "token" or "lora". UserError (exit 3) for pickles, damage, and formats not understood."""
    from safetensors.torch import load_file

    header = store.read_header(path)
    names = [name for name in header if name != "__metadata__"]
    strange = next((mark for mark in FOREIGN if any(mark in name for name in names)), None)
    if strange:
        raise UserError(f"{path} is a LyCORIS file ({strange.strip('._')}…), which can't be imported", "convert it to a plain LoRA", 3)
    tensors = load_file(path)
    if any("lora" in name or name.endswith(".dora_scale") for name in names):
        return "lora", tensors, header.get("__metadata__", {})
    if names and len(names) <= 2 and all(tensor.ndim <= 2 for tensor in tensors.values()):
        return "token", tensors, {}
    raise UserError(f"{path} is neither a LoRA nor a textual inversion", "give one of these", 3)


def import_file(path: Path, name: str, class_noun: str, trigger: str, base: Any) -> Concept:
    """A concept for `base` from another tool's file.

    trigger: what the file's author says to type (LoRA); <name> expands to it. Raises UserError when layers of the file
    have no counterpart in the base.
    """
    check_name(name)
    kind, tensors, metadata = read_foreign(path)
    if kind == "token":
        weights, config, expansion = _token(tensors, name, class_noun, base)
    else:
        weights, config = _lora(tensors, metadata, base, path)
        expansion = trigger or class_noun or name
    card = Card(
        name, class_noun, expansion, {"name": base.name, "family": base.family, "fingerprint": base.fingerprint}, "imported",
        {"space": kind, "inversion": "unknown", "scheme": "imported"}, spaces={kind: config},
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), notes=f"imported from {path.name}",
    )  # fmt: skip
    return Concept(card, {kind: weights})


def _token(tensors: Mapping[str, Tensor], name: str, class_noun: str, base: Any) -> tuple[dict, dict, str]:
    if set(tensors) == {"clip_l", "clip_g"}:
        rows = dict(tensors)
    elif len(tensors) == 1:
        rows = {"clip_l": next(iter(tensors.values()))}
    else:
        raise UserError(f"the textual inversion holds {', '.join(tensors)}", "one embedding, or clip_l and clip_g, is understood", 3)
    rows = {key: t.float().reshape(-1, t.shape[-1]) for key, t in rows.items()}
    count = len(next(iter(rows.values())))
    tokens = [f"<{name}>", *(f"<{name}>_{i}" for i in range(1, count))]
    return rows, {"placeholder": f"<{name}>", "num_vectors": count, "init": class_noun or "object"}, " ".join(tokens)


def _lora(tensors: Mapping[str, Tensor], metadata: Mapping[str, str], base: Any, path: Path) -> tuple[dict, dict]:
    """Alphas, whatever their kind, are folded into B, so that alpha equals the rank afterwards."""
    modules = _module_names(base)
    found: dict[str, dict[str, Tensor]] = {}
    alphas: dict[str, float] = {}
    for key, tensor in tensors.items():
        module, part = _split(key, modules, path)
        if part == "alpha":
            alphas[module] = float(tensor)
        else:
            found.setdefault(module, {})[part] = tensor.float()
    declared = json.loads(metadata.get("lora_adapter_metadata", "{}"))
    weights: dict[str, Tensor] = {}
    rank = max(len(parts["lora_A.weight"]) for parts in found.values())
    for module, parts in found.items():
        own = len(parts["lora_A.weight"])
        alpha = alphas.get(module, declared.get(f"{module.split('.', 1)[0]}.lora_alpha", own))
        weights |= {f"{module}.{part}": t for part, t in _padded(parts, rank, alpha / own).items()}
    targets = sorted({m.split(".", 1)[1] for m in found if m.startswith("unet.")})
    config = {
        "rank": rank, "alpha": float(rank), "targets": targets or None, "text_encoder": any(not m.startswith("unet.") for m in found),
        "dora": any("lora_magnitude_vector.weight" in parts for parts in found.values()),
    }  # fmt: skip
    return weights, config


def _padded(parts: Mapping[str, Tensor], rank: int, factor: float) -> dict[str, Tensor]:
    """Zero rows bring every module to one rank; the product stays the same."""
    import torch

    down, up = parts["lora_A.weight"], parts["lora_B.weight"] * factor
    extra = rank - len(down)
    if extra:
        down = torch.cat([down, down.new_zeros(extra, *down.shape[1:])])
        up = torch.cat([up, up.new_zeros(up.shape[0], extra, *up.shape[2:])], 1)
    return {**parts, "lora_A.weight": down, "lora_B.weight": up}


def _module_names(base: Any) -> dict[str, str]:
    """Name with dots turned to underscores → name, of all modules that can be adapted."""
    models = {"unet": base.denoiser}
    models |= {{"clip_l": "text_encoder", "clip_g": "text_encoder_2"}[k]: e for k, e in base.text_encoders.items()}
    return {f"{p}.{n}".replace(".", "_"): f"{p}.{n}" for p, model in models.items() for n, _ in model.named_modules() if n}


def _split(key: str, modules: Mapping[str, str], path: Path) -> tuple[str, str]:
    """A file's key → (module of the base, part)."""
    name = key.removeprefix("base_model.model.")
    if OLD_PROCESSOR.search(name):
        name = OLD_PROCESSOR.sub(lambda m: f".to_{m[1]}{'.0' if m[1] == 'out' else ''}.lora.{m[2]}.weight", name)
    part = "alpha" if name.endswith(".alpha") else next((p for p in PARTS if name.endswith("." + p)), None)
    if part is None:
        raise UserError(f"{path} has a tensor {key!r} that isn't understood", "export the LoRA in diffusers' or kohya's names", 3)
    stem = name[: -len(part) - 1]
    flat = stem.replace(".", "_").removeprefix("lora_").replace("te1_", "te_", 1).replace("te2_", "text_encoder_2_", 1)
    flat = re.sub(r"^te_", "text_encoder_", flat).replace("_text_model_", "_", 1)
    if not flat.startswith(("unet_", "text_encoder_")):
        flat = "unet_" + flat
    if flat not in modules:
        raise UserError(f"{path} adapts {stem!r}, which this base doesn't have", "choose the base that it was made for", 3)
    return modules[flat], PARTS.get(part, part)
