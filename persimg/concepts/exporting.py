"""Concepts for other tools: diffusers, A1111 and its kin, kohya."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any, Mapping

from persimg import files
from persimg.concepts.concept import Card, Concept
from persimg.concepts.names import KOHYA, SDXL_UNET, kohya_name
from persimg.concepts.store import is_sd2, model_spec
from persimg.errors import UserError

FORMATS = ("diffusers", "a1111", "kohya")
FILES = {"token": "learned_embeds.safetensors", "identity_basis": "learned_embeds.safetensors", "lora": "pytorch_lora_weights.safetensors"}
"""what the spaces' files are called in a folder"""

Made = tuple[dict[str, Any], dict[str, str]]
"""tensors and header of a file"""


def export(concept: Concept, format: str, path: Path | str, replace: bool = False) -> list[Path]:
    """Write a concept for another tool; returns the files written, all of them or none.

    One space gives one file (NAME.safetensors), or a folder; several give a folder with a file each and PROMPT.txt.
    Raises UserError for whole weights, which have no adapter format, for layers that a format has no name for, and for
    files that exist already, unless they may be replaced.
    """
    if format not in FORMATS:
        raise UserError(f"--format {format} is unknown", f"choose one of {', '.join(FORMATS)}")
    makers = {"token": _token, "identity_basis": _token, "lora": _lora}
    if any(kind not in makers for kind in concept.weights):
        what = f"{concept.card.name} changes the whole model, for which {format} has no adapter file"
        raise UserError(what, "with its base it makes a pipeline folder: persimg concepts export --format diffusers")
    targets = _targets(concept, Path(path), replace)
    made = {target: makers[kind](concept, format) for kind, target in targets.items() if kind in makers}
    prompt = targets.get("prompt")
    with contextlib.ExitStack() as renamed_together:
        for target, (tensors, header) in made.items():
            files.save_tensors(renamed_together.enter_context(files.write_beside(target)), tensors, header)
        if prompt:
            files.write_text(renamed_together.enter_context(files.write_beside(prompt)), concept.card.trigger_phrase + "\n")
    return [*made, prompt] if prompt else list(made)


def _targets(concept: Concept, path: Path, replace: bool) -> dict[str, Path]:
    """Space kind, or "prompt" → file. Checked before anything is written."""
    if path.suffix == ".safetensors":
        if len(concept.weights) > 1:
            raise UserError(f"{concept.card.name} consists of {' and '.join(sorted(concept.weights))}, a file each", "give a folder with --out")
        targets = {kind: path for kind in concept.weights}
    elif path.is_file():
        raise UserError(f"--out {path} is a file, and its name doesn't end in .safetensors", "give NAME.safetensors, or a folder")
    else:
        targets = {kind: path / name for kind, name in FILES.items() if kind in concept.weights}
        targets["prompt"] = path / "PROMPT.txt"
    taken = [target for target in targets.values() if target.exists() and not (replace and target.is_file())]
    if taken:
        raise UserError(f"{taken[0]} exists already", "choose another --out" + ("" if taken[0].is_dir() else " or pass --replace"))
    return targets


def _token(concept: Concept, format: str) -> Made:
    """diffusers: one key, the placeholder, with (n, d); A1111: emb_params. SDXL: clip_l and clip_g everywhere.

    Of an identity the embeddings that its coefficients stand for: a textual inversion of two rows.
    """
    words = concept.weights.get("token") or concept.weights["identity_basis"]
    rows = {key: tensor for key, tensor in words.items() if not key.endswith("_coefficients")}
    header = model_spec(concept.card, rows, "token")
    if "clip_g" in rows:
        return dict(rows), header
    key = concept.card.placeholder if format == "diffusers" else "emb_params"
    return {key: rows["clip_l"]}, header


def _lora(concept: Concept, format: str) -> Made:
    config, weights, card = concept.card.spaces["lora"], concept.weights["lora"], concept.card
    header = model_spec(card, weights, "lora")
    if format == "diffusers":
        return dict(weights), header | {"lora_adapter_metadata": json.dumps(_metadata(weights, config)), "format": "pt"}
    return _kohya(weights, config, card), header | _kohya_header(card, config)


def _metadata(weights: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Without it, diffusers takes alpha for the rank."""
    found: dict[str, Any] = {}
    for prefix in sorted({name.split(".", 1)[0] for name in weights}):
        modules = sorted({name.split(".", 1)[1].rsplit(".lora_", 1)[0] for name in weights if name.startswith(prefix + ".")})
        values = {"r": config["rank"], "lora_alpha": config["alpha"], "target_modules": modules, "use_dora": config["dora"]}
        found |= {f"{prefix}.{key}": value for key, value in values.items()}
    return found


def _kohya(weights: Mapping[str, Any], config: Mapping[str, Any], card: Card) -> dict[str, Any]:
    """lora_down, lora_up and alpha of every layer, in the names that kohya's trainers write for the family."""
    import torch

    family, unet = card.base.get("family", "unknown"), card.base.get("unet", SDXL_UNET)
    if family not in KOHYA:
        raise UserError(f"{card.name} was trained on a base of the family {family}", f"kohya's names are known for {', '.join(KOHYA)}", 3)
    keys = {module: kohya_name(module, family, unet) for module in {name.partition(".lora_")[0] for name in weights}}
    nameless = sorted(module for module, key in keys.items() if key is None)
    if nameless:
        raise UserError(f"{card.name} adapts {nameless[0]}, for which kohya has no name in {family}", "export with --format diffusers", 3)
    found: dict[str, Any] = {}
    for name, tensor in weights.items():
        module, _, part = name.partition(".lora_")
        key = keys[module]
        found[f"{key}.alpha"] = torch.tensor(float(config["alpha"]))
        if part.startswith("magnitude"):
            found[f"{key}.dora_scale"] = tensor.reshape(-1, *_ones(weights[f"{module}.lora_A.weight"]))
        else:
            found[f"{key}.{'lora_down' if part.startswith('A') else 'lora_up'}.weight"] = tensor
    return found


def _ones(down: Any) -> tuple[int, ...]:
    """(out, 1, …): with fewer dimensions, ComfyUI and Forge would scale the inputs (weight_decompose)."""
    return (1,) * (down.ndim - 1)


def _kohya_header(card: Card, config: Mapping[str, Any]) -> dict[str, str]:
    """What sd-scripts keeps as the least (train_util.py SS_METADATA_MINIMUM_KEYS)."""
    is_v2 = card.base["family"] == "sd" and is_sd2(card)
    if card.base["family"] == "sdxl":
        version = "sdxl_base_v1-0"
    else:
        version = f"sd_v{2 if is_v2 else 1}" + ("_v" if card.base.get("prediction_type") == "v_prediction" else "")
    return {
        "ss_v2": str(is_v2), "ss_base_model_version": version, "ss_network_module": "networks.lora",
        "ss_network_dim": str(config["rank"]), "ss_network_alpha": str(config["alpha"]), "ss_network_args": "{}",
        "ss_output_name": card.name,
    }  # fmt: skip
