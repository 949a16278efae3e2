"""From a name, a folder, a single file or a hub id to a Base."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persimg import files
from persimg.errors import UserError

if TYPE_CHECKING:
    import torch
    from diffusers import DiffusionPipeline

    from persimg.bases.base import Base

FAMILIES = {
    "StableDiffusionPipeline": ("persimg.bases.sd", "StableDiffusion"),
    "StableDiffusionXLPipeline": ("persimg.bases.sdxl", "StableDiffusionXL"),
}
UNUSED = ("safety_checker", "feature_extractor", "image_encoder")
VOCABULARIES = ("tokenizer.json", "vocab.json")
KNOWN = "mini, a folder in the diffusers layout, a .safetensors checkpoint, or a hub id such as org/model"


def check_base_name(name: str) -> None:
    """Refuse what can't be a base, without importing torch."""
    path = Path(name)
    if name == "mini":
        from persimg import mini

        mini.path("base")
    elif path.is_dir():
        index = _model_index(path)
        _check_class(index, name)
        _check_parts(path, index)
    elif path.suffix in (".ckpt", ".pt", ".bin", ".pth"):
        raise UserError(f"--base {name} is a pickle, which can run code when opened", "convert it to .safetensors")
    elif not path.is_file() and not _looks_like_hub_id(name):
        raise UserError(f"--base {name} doesn't exist", f"give {KNOWN}")


def _check_parts(folder: Path, index: dict[str, Any]) -> None:
    """diffusers would load a tokenizer without a vocabulary, which fails at the first prompt."""
    for part in (name for name, kind in index.items() if isinstance(kind, list) and kind[0] and name not in UNUSED):
        there = any((folder / part / name).is_file() for name in VOCABULARIES) if part.startswith("tokenizer") else (folder / part).is_dir()
        if not there:
            raise UserError(f"--base {folder} has no {part}", "restore the folder", 3)


def check_device(device: str | None) -> None:
    """Refuse what names no device, without importing torch."""
    if device is not None and not re.fullmatch(r"cpu|cuda(:\d+)?", device):
        raise UserError(f"--device {device} is unknown", "choose cpu, cuda or cuda:N")


def parse_size(text: str | None) -> tuple[int | None, int | None]:
    """"512x768" → (width, height) in px; None → (None, None), the base's own size."""
    if text is None:
        return None, None
    width, cross, height = text.lower().partition("x")
    sides = [int(side) if side.isdecimal() and len(side) < 9 else 0 for side in (width, height)]
    if not (cross and all(8 <= side <= 8192 for side in sides)):
        raise UserError(f"size {text} is not a size", "write WIDTHxHEIGHT in px, such as 512x512, sides from 8 to 8192")
    return sides[0], sides[1]


def check_size(name: str, width: int | None, height: int | None) -> None:
    """Refuse a size off the grid of a base that lies in a folder, without importing torch; `latent_shape` refuses the rest."""
    found = grid(name)
    if found and any(side is not None and side % found[1] for side in (width, height)):
        raise UserError(f"size {width}x{height} px doesn't fit this base", f"choose multiples of {found[1]} px")


def grid(name: str) -> tuple[int, int] | None:
    """(default side, step between sides) in px of a base that lies in a folder, without importing torch; None for others."""
    folder = locate(name)
    paths = [folder / part / "config.json" for part in ("vae", "unet")] if folder else []
    if not paths or not all(path.is_file() for path in paths):
        return None
    vae, unet = (files.read_json(path) for path in paths)
    downscale = 2 ** (len(vae["block_out_channels"]) - 1)
    return unet["sample_size"] * downscale, downscale * 2 ** (len(unet["block_out_channels"]) - 1)


def _looks_like_hub_id(name: str) -> bool:
    return name.count("/") == 1 and not name.startswith((".", "/", "~")) and not name.endswith((".safetensors", "/"))


def _model_index(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / "model_index.json").read_text())
    except FileNotFoundError as error:
        raise UserError(f"--base {folder} has no model_index.json", f"give {KNOWN}") from error
    except ValueError as error:
        raise UserError(f"{folder}/model_index.json is not valid JSON ({error})", "restore the file", 3) from error


def _check_class(index: dict[str, Any], name: str) -> None:
    if index.get("_class_name") not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise UserError(f"--base {name} is a {index.get('_class_name')}, this version knows {known}", "choose another base")


def load_base(
    name_or_path: str | Path = "mini",
    dtype: torch.dtype | str | None = None,
    device: str | None = None,
    attention: str = "sdpa",
    compile: bool = False,
) -> Base:
    """Load a text-to-image model.

    name_or_path: "mini" (the embedded base), a folder, a single-file .safetensors checkpoint, or a hub id.
    dtype: fp32 on CPU and fp16 on CUDA unless given ("fp32", "fp16", "bf16" or a torch.dtype); device: CUDA if there
    is one. compile: run the denoiser as torch.compile makes it (`bases/compiling.py`).
    Raises UserError when there is no such base, its family is unknown, the backend isn't installed, or nothing can be compiled here.
    """
    from persimg.bases.attention import check_attention, set_attention
    from persimg.bases.compiling import check_compile, compile_denoiser

    name = str(name_or_path)
    check_base_name(name)
    check_device(device)
    check_attention(attention, device)
    import torch

    device = _device(device)
    check_attention(attention, device)
    if compile:
        check_compile(device)
    wanted = _dtype(dtype, device)
    # a fingerprint can't be taken of bf16, which has lost the digits that fp16 and fp32 agree in
    pipeline, folder = _load_pipeline(name, torch.float32 if wanted == torch.bfloat16 else wanted)
    set_attention(pipeline, attention)
    base = wrap(pipeline.to(device), name, folder)
    if wanted == torch.bfloat16:
        pipeline.to(wanted)
    if compile:
        compile_denoiser(base)
    return base


def _device(device: str | None) -> str:
    import torch

    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise UserError("--device cuda was asked for, but there is no CUDA device", "use --device cpu")
    if device.startswith("cuda:") and int(device[5:]) >= (count := torch.cuda.device_count()):
        raise UserError(f"--device {device} was asked for, this machine has {count} CUDA device(s)", f"choose cuda:0 to cuda:{count - 1}")
    return device


def _dtype(dtype: torch.dtype | str | None, device: str) -> torch.dtype:
    import torch

    names = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
    if dtype is None:
        return torch.float16 if device.startswith("cuda") else torch.float32
    if isinstance(dtype, str) and dtype not in names:
        raise UserError(f"--dtype {dtype} is unknown", f"choose one of {', '.join(names)}")
    return names[dtype] if isinstance(dtype, str) else dtype


def quieten() -> None:
    """Neither bars nor warnings of diffusers and transformers: what matters of them is an error of ours."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    for logging in (diffusers_logging, transformers_logging):
        logging.disable_progress_bar()
        logging.set_verbosity_error()


def _load_pipeline(name: str, dtype: torch.dtype) -> tuple[DiffusionPipeline, Path | None]:
    import diffusers

    quieten()
    if Path(name).is_file():
        return _load_single_file(name, dtype), None
    folder = locate(name)
    options: dict[str, Any] = {"safety_checker": None, "requires_safety_checker": False, "feature_extractor": None}
    index = _model_index(folder) if folder else None
    if index:
        _check_class(index, name)
    if index and index["_class_name"] != "StableDiffusionPipeline":
        options = {}
    try:
        loaded = diffusers.DiffusionPipeline.from_pretrained(
            folder or name, dtype=dtype, use_safetensors=True, local_files_only=folder is not None, **options
        )
    except (OSError, ValueError) as error:
        # the hub's libraries answer with a paragraph
        first = str(error).strip().splitlines()[0] if folder else "not in the hub's cache here, and the hub didn't give it"
        raise UserError(f"--base {name} could not be loaded ({first})", f"give {KNOWN}", 3 if folder else 2) from error
    return loaded, folder


def locate(name: str) -> Path | None:
    """The folder of "mini" or of a folder; None for what isn't one."""
    if name == "mini":
        from persimg import mini

        return mini.path("base")
    return Path(name) if Path(name).is_dir() else None


def _load_single_file(name: str, dtype: torch.dtype) -> DiffusionPipeline:
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(name, "pt") as file:
            is_xl = any(key.startswith("conditioner.embedders.1") for key in file.keys())
        kind = StableDiffusionXLPipeline if is_xl else StableDiffusionPipeline
        return kind.from_single_file(name, dtype=dtype)
    except SafetensorError as error:
        raise UserError(f"--base {name} is damaged ({error})", "fetch the file again", 3) from error
    except (OSError, ValueError, KeyError) as error:
        first = str(error).strip().splitlines()[0]
        mend = "single files need their configuration from the hub once; go online, or use a folder in the diffusers layout"
        raise UserError(f"--base {name} could not be loaded ({first})", mend, 3) from error


def wrap(pipeline: DiffusionPipeline, name: str = "", folder: Path | None = None) -> Base:
    """A Base around a diffusers pipeline; UserError for a family that isn't known."""
    import importlib

    _check_class({"_class_name": type(pipeline).__name__}, name or "pipeline")
    module, kind = FAMILIES[type(pipeline).__name__]
    pipeline.set_progress_bar_config(disable=True)
    base = getattr(importlib.import_module(module), kind)(pipeline, name, _word_level(folder))
    if base.word_level:
        base.default_guidance = 4.0
    return base


def is_word_level(name: str) -> bool:
    """Whether a base in a folder says that it knows whole words alone, as the embedded one does; without importing torch."""
    return _word_level(locate(name))


def _word_level(folder: Path | None) -> bool:
    card = folder / "card.json" if folder else None
    return bool(card and card.exists() and json.loads(card.read_text()).get("word_level"))
