"""Concepts of other tools: LoRA files of diffusers, peft and kohya, textual inversions as safetensors."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping

from persimg.concepts import store
from persimg.concepts.concept import Card, Concept
from persimg.concepts.lora_files import is_lora, read_lora
from persimg.concepts.prompts import check_name
from persimg.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

IN_FOLDERS = ("learned_embeds", "pytorch_lora_weights", "adapter_model")
"""what diffusers, our own exports and peft call their files in a folder"""


def read_foreign(path: Path) -> tuple[str, dict[str, Tensor], dict[str, str]]:
    """(kind, tensors, header): "token" or "lora". UserError (exit 3) for pickles, damage, and formats not understood."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    header = store.read_header(path)
    keys = [key for key in header if key != "__metadata__"]
    kind = "lora" if is_lora(keys, path) else "token"
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path} is damaged ({error})", "fetch it again", 3) from error
    if kind == "token" and not (0 < len(keys) <= 2 and all(0 < tensor.ndim <= 2 for tensor in tensors.values())):
        raise UserError(f"{path} is neither a LoRA nor a textual inversion", "give one of these", 3)
    return kind, tensors, header.get("__metadata__", {})


def files_of(path: Path) -> list[Path]:
    """The file itself, or those of a folder by the names that tools give them. UserError (exit 3) when there is none."""
    if not path.is_dir():
        return [path]
    found = [path / f"{stem}.safetensors" for stem in IN_FOLDERS if (path / f"{stem}.safetensors").is_file()]
    found = found or sorted(path.glob("*.safetensors"))
    if not found:
        pickles = sorted(p for p in path.iterdir() if p.suffix in store.PICKLES)
        if pickles:
            store.read_header(pickles[0])
        raise UserError(f"{path} holds no .safetensors file", "give a LoRA, a textual inversion, or a folder with one", 3)
    return found


def import_file(path: Path, name: str, class_noun: str, trigger: str, base: Any, consent: str = "") -> Concept:
    """A concept for `base` from another tool's file, or from a folder with one of each kind.

    trigger: what the file's author says to type (LoRA alone); <name> expands to it. Raises UserError when anything in
    the file has no counterpart in the base.
    """
    check_name(name)
    weights: dict[str, dict[str, Tensor]] = {}
    spaces: dict[str, dict[str, Any]] = {}
    for file in files_of(path):
        kind, tensors, header = read_foreign(file)
        if kind in weights:
            raise UserError(f"{path} holds several files of one kind ({kind})", "give the file", 3)
        if kind == "token":
            weights[kind], spaces[kind] = _token(tensors, name, class_noun, base, file)
        else:
            weights[kind], spaces[kind] = read_lora(tensors, header, base, file)
    card = Card(
        name, class_noun, _expansion(name, spaces, trigger or class_noun or name), base.record, "imported",
        {"space": "+".join(spaces), "inversion": "unknown", "scheme": "imported"}, spaces=spaces, consent=consent.strip(),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), notes=f"imported from {path.name}",
    )  # fmt: skip
    return Concept(card, weights)


def _expansion(name: str, spaces: Mapping[str, Mapping[str, Any]], otherwise: str) -> str:
    rows = spaces["token"]["num_vectors"] if "token" in spaces else 0
    return " ".join([f"<{name}>", *(f"<{name}>_{i}" for i in range(1, rows))]) if rows else otherwise


def _token(tensors: Mapping[str, Tensor], name: str, class_noun: str, base: Any, path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """diffusers: one key, the token; A1111: emb_params; SDXL: clip_l and clip_g. All hold (n, d), or (d,) for one row."""
    own = {"clip_l", "clip_g"} & set(tensors)
    if len(tensors) > 1 and len(own) < 2:
        raise UserError(f"{path} holds {', '.join(tensors)}", "one embedding, or clip_l and clip_g, is understood", 3)
    rows = {key if own else "clip_l": t.float().reshape(-1, t.shape[-1]) for key, t in sorted(tensors.items())}
    widths = {key: encoder.get_input_embeddings().weight.shape[1] for key, encoder in base.text_encoders.items()}
    found = {key: t.shape[1] for key, t in rows.items()}
    if found != widths or len({len(t) for t in rows.values()}) > 1:
        there, here = (", ".join(f"{key} of width {width}" for key, width in sides.items()) for sides in (found, widths))
        what = f"{path} holds rows for {there}; {base.name or 'this base'} takes {here}"
        raise UserError(what, "choose the base that it was made for", 3)
    return rows, {"placeholder": f"<{name}>", "num_vectors": len(rows["clip_l"]), "init": class_noun or "object"}
