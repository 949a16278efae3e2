"""Concepts on disk: one .safetensors file, its card in the header."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persimg import files
from persimg.concepts import consent
from persimg.concepts.concept import Card, Concept
from persimg.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

HEADER_KEY = "persimg"
HEADER_LIMIT = 100_000_000
PICKLES = (".pt", ".bin", ".ckpt", ".pth", ".pkl")
CARD_TYPES = {"str": str, "int": int, "dict": dict}
SD2_WIDTH = 1024
"""of the text encoder's states in SD 2.x; 768 in 1.x"""
ADAPTERS = {"token": "textual-inversion", "identity_basis": "textual-inversion", "lora": "lora", "full": "full"}


def save(concept: Concept, path: Path | str) -> None:
    """Write a concept, whole or not at all."""
    tensors = {f"{kind}/{name}": t for kind, part in concept.weights.items() for name, t in part.items()}
    # not as ASCII: the header is JSON itself, in which each \uXXXX takes seven bytes
    header = {HEADER_KEY: json.dumps(dataclasses.asdict(concept.card), ensure_ascii=False), **model_spec(concept.card, tensors)}
    files.save_tensors(path, tensors, header)


def model_spec(card: Card, tensors: dict[str, Tensor], kind: str = "") -> dict[str, str]:
    """ModelSpec 1.0.1 keys; the digest is over the tensors' bytes, not the header. kind: the file's only space, if it is one."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(tensors[name].contiguous().cpu().view(dtype=_bytes_type()).numpy().tobytes())
    adapter = ADAPTERS.get(kind or next(iter(card.spaces), ""), "lora")
    return {
        "modelspec.sai_model_spec": "1.0.1",
        "modelspec.architecture": f"{_architecture(card)}/{adapter}",
        "modelspec.implementation": "diffusers",
        "modelspec.title": card.name,
        "modelspec.trigger_phrase": card.trigger_phrase,
        "modelspec.date": card.created or datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "modelspec.hash_sha256": f"0x{digest.hexdigest()}",
    }


def is_sd2(card: Card) -> bool:
    """SD 2.x is of one family with 1.x; its text encoder is wider."""
    return card.base.get("unet", {}).get("cross_attention_dim") == SD2_WIDTH


def _architecture(card: Card) -> str:
    """ModelSpec's names, as sd-scripts writes them (library/sai_model_spec.py)."""
    family = card.base.get("family")
    if family == "sd" and is_sd2(card):
        return "stable-diffusion-v2-768-v" if card.base.get("prediction_type") == "v_prediction" else "stable-diffusion-v2-512"
    return {"sd": "stable-diffusion-v1", "sdxl": "stable-diffusion-xl-v1-base"}.get(family, "unknown")


def _bytes_type() -> Any:
    import torch

    return torch.uint8


def read_header(path: Path | str) -> dict[str, Any]:
    """The JSON header of a safetensors file, read without torch. UserError (exit 3) for anything else."""
    path = Path(path)
    if path.suffix in PICKLES:
        raise UserError(f"{path} is a pickle, which can run code when opened", "convert it to .safetensors first", 3)
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > HEADER_LIMIT:
                raise ValueError(f"a header of {length} bytes")
            header = json.loads(file.read(length))
        end = max((entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"), default=0)
        header.get("__metadata__", {}).items()
        whole = path.stat().st_size == 8 + length + end
    except OSError as error:
        raise UserError(f"{path} could not be read ({error.strerror})", "check the path", 3) from error
    except (struct.error, ValueError, LookupError, TypeError, AttributeError) as error:  # JSON of whatever shape
        raise UserError(f"{path} is damaged or not a safetensors file", "train or fetch it again", 3) from error
    if not whole:
        raise UserError(f"{path} is damaged ({path.stat().st_size} bytes, {8 + length + end} expected)", "train or fetch it again", 3)
    return header


def read_card(path: Path | str) -> Card:
    """The card alone, without torch."""
    text = read_header(path).get("__metadata__", {}).get(HEADER_KEY)
    if text is None:
        raise UserError(f"{path} has no persimg card", "bring it in with: persimg concepts import FILE --name NAME", 3)
    known = {f.name: CARD_TYPES[f.type.partition("[")[0]] for f in dataclasses.fields(Card)}
    try:
        # a later version may know more; what this one doesn't know, it leaves out
        given = {key: value for key, value in json.loads(text).items() if key in known}
        wrong = [key for key, value in given.items() if not isinstance(value, known[key])]
        if wrong:
            raise TypeError(f"{wrong[0]} is {given[wrong[0]]!r}")
        return Card(**given)
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError(f"{path} has a damaged card ({error})", "train or fetch it again", 3) from error


def load(path: Path | str, also_revoked: bool = False) -> Concept:
    """Read a concept; UserError (exit 3) for pickles, damaged files, files without a card, and, unless also_revoked, for a person who
    revoked consent.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    card = read_card(path)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path} is damaged ({error})", "train or fetch it again", 3) from error
    weights: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        kind, slash, name = key.partition("/")
        if not slash:
            raise UserError(f"{path} is damaged ({key} belongs to no space)", "train or fetch it again", 3)
        weights.setdefault(kind, {})[name] = tensor
    concept = Concept(card, weights)
    if not also_revoked:
        consent.check_not_revoked(concept, path)
    return concept
