"""Concepts for other tools: diffusers, A1111 and its kin, kohya."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Mapping

from persimg import files
from persimg.concepts.concept import Card, Concept
from persimg.concepts.store import model_spec
from persimg.errors import UserError

FORMATS = ("diffusers", "a1111", "kohya")


def export(concept: Concept, format: str, path: Path | str) -> list[Path]:
    """Write a concept for another tool; returns the files written.

    One space gives one file, several give a folder with a file each and PROMPT.txt. Raises UserError for whole
    weights, which have no adapter format, and for layers that a format has no name for.
    """
    if format not in FORMATS:
        raise UserError(f"--format {format} is unknown", f"choose one of {', '.join(FORMATS)}")
    makers = {"token": _token, "lora": _lora}
    unable = [kind for kind in concept.weights if kind not in makers]
    if unable:
        raise UserError(f"{concept.card.name} changes the whole model, for which {format} has no adapter file", "use it with persimg generate")
    made = {kind: makers[kind](concept, format) for kind in concept.weights}
    path = Path(path)
    if len(made) == 1 and path.suffix == ".safetensors":
        return [_write(path, *next(iter(made.values())))]
    written = [_write(path / name, *made[kind]) for kind, name in (("token", "learned_embeds.safetensors"), ("lora", "pytorch_lora_weights.safetensors")) if kind in made]
    files.write_text(path / "PROMPT.txt", concept.card.trigger_phrase + "\n")
    return [*written, path / "PROMPT.txt"]


def _write(path: Path, tensors: dict[str, Any], header: dict[str, str]) -> Path:
    files.save_tensors(path, tensors, header)
    return path


def _token(concept: Concept, format: str) -> tuple[dict[str, Any], dict[str, str]]:
    """diffusers: one key, the placeholder, with (n, d); A1111: emb_params. SDXL: clip_l and clip_g everywhere."""
    rows = concept.weights["token"]
    header = model_spec(concept.card, rows)
    if "clip_g" in rows:
        return dict(rows), header
    key = concept.card.placeholder if format == "diffusers" else "emb_params"
    return {key: rows["clip_l"]}, header


def _lora(concept: Concept, format: str) -> tuple[dict[str, Any], dict[str, str]]:
    config, weights, card = concept.card.spaces["lora"], concept.weights["lora"], concept.card
    header = model_spec(card, weights)
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
    import torch

    if card.base.get("family") == "sdxl":
        raise UserError("SDXL LoRAs can't be written in kohya's names yet", "export with --format diffusers")
    parts = {"lora_A.weight": "lora_down.weight", "lora_B.weight": "lora_up.weight", "lora_magnitude_vector.weight": "dora_scale"}
    found: dict[str, Any] = {}
    for name, tensor in weights.items():
        module, _, part = name.partition(".lora_")
        key = _kohya_name(module)
        found[f"{key}.{parts['lora_' + part]}"] = tensor
        found[f"{key}.alpha"] = torch.tensor(float(config["alpha"]))
    return found


def _kohya_name(module: str) -> str:
    """unet.a.b → lora_unet_a_b; text_encoder.… → lora_te_text_model_…, the names that the old, nested CLIP has."""
    prefix, rest = module.split(".", 1)
    if prefix == "unet":
        return "lora_unet_" + rest.replace(".", "_")
    rest = rest if rest.startswith("text_model.") else f"text_model.{rest}"
    return "lora_te_" + rest.replace(".", "_")


def _kohya_header(card: Card, config: Mapping[str, Any]) -> dict[str, str]:
    return {
        "ss_v2": "False", "ss_base_model_version": "sd_v1", "ss_network_module": "networks.lora",
        "ss_network_dim": str(config["rank"]), "ss_network_alpha": str(config["alpha"]), "ss_output_name": card.name,
    }  # fmt: skip
