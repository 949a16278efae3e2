"""Writes the golden concept files: what a version wrote must load in all later ones.

PYTHONPATH=tests:scripts:. python tests/golden/golden_files.py VERSION

makes tests/golden/VERSION/: a concept file for each kind of space with the picture that it gives, and expected.json with
the cards, the digests, and the keys, shapes, alphas and headers of the exports. Folders stay forever; an existing one is
never written again. The bases' weights are drawn by numpy's RandomState, whose streams are frozen, so that neither
torch's nor diffusers' initialisation enters.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from helpers import tiny_pipeline
from PIL import Image
from safetensors.torch import load_file

from persimg import files
from persimg.bases.base import Base
from persimg.bases.loading import wrap
from persimg.concepts import store
from persimg.concepts.concept import Card, Concept
from persimg.concepts.exporting import export
from persimg.sampling.sampler import Sampler
from persimg.spaces import FullWeights, Lora, Stack, TokenEmbeddings

HERE = Path(__file__).parent
FILES = {
    "token": ("sd_epsilon", lambda: [TokenEmbeddings("<golden>", 2, "cat")]),
    "token_of_two_encoders": ("sdxl", lambda: [TokenEmbeddings("<golden>", 1, "cat")]),
    "lora": ("sd_v", lambda: [Lora(rank=2, alpha=3, targets="all")]),
    "lora_with_dora": ("sdxl", lambda: [Lora(rank=2, dora=True, text_encoder=True)]),
    "token_and_lora": ("sd_epsilon", lambda: [TokenEmbeddings("<golden>", 1, "cat"), Lora(rank=1)]),
    "full": ("sd_v", lambda: [FullWeights()]),
}
"""file → kind of base, spaces"""
EXPORTS = {"lora": ("kohya", "diffusers"), "lora_with_dora": ("kohya", "diffusers"), "token": ("a1111", "diffusers")}
ONLY_HERE = ("modelspec.date",)
PROMPT, SEED, STEPS = "a <golden> in the snow", 7, 4


def steady_base(kind: str, channels: tuple[int, int] = (16, 32)) -> Base:
    """A tiny base whose weights are the same in every version of every library."""
    pipeline = tiny_pipeline(kind, channels=channels)
    for part in ("unet", "vae", "text_encoder", "text_encoder_2"):
        model = getattr(pipeline, part, None)
        for name, param in model.named_parameters() if model else ():
            _fill(param, zlib.crc32(f"{part}.{name}".encode()))
    return wrap(pipeline, f"steady_{kind}")


@torch.no_grad()
def _fill(param: torch.Tensor, seed: int) -> None:
    if param.ndim > 1:
        values = np.random.RandomState(seed).standard_normal(param.shape) / np.sqrt(np.prod(param.shape[1:]))
        param.copy_(torch.from_numpy(values.astype(np.float32)))


def base_of(name: str) -> Base:
    """full holds every weight of its base, so that only a smaller one stays below 100 KB."""
    return steady_base(FILES[name][0], (8, 8) if name == "full" else (16, 32))


def make(name: str, base: Base, version: str) -> Concept:
    stack = Stack(*FILES[name][1]())
    stack.attach(base)
    with torch.no_grad():
        for i, param in enumerate(p for group in stack.param_groups() for p in group["params"]):
            noise = np.random.RandomState(i).standard_normal(param.shape) * (0.02 if name == "full" else 0.2)
            param.add_(torch.from_numpy(noise.astype(np.float32)))
    card = Card(
        "golden", "cat", stack.expansion or "sks cat", base.record, "by_hand",
        {"space": "+".join(stack.config()), "inversion": "none", "scheme": "none"}, {"steps": 3, "lr": 1e-4, "nested": {"of": [1, 2]}},
        stack.config(), {"digest": "0" * 12, "pictures": 4}, 3, {"clip_i": [0.5, 0.4, 0.6]}, "drawn",
        {"persimg": version}, "2026-01-01T00:00:00+00:00", "golden, with ünïcode",
    )  # fmt: skip
    concept = Concept(card, stack.weights())
    stack.detach()
    return concept


def draw(base: Base, concepts: list[Concept]) -> np.ndarray:
    """(H, W, 3) uint8."""
    with Sampler(base, concepts, batch=1) as sampler:
        prompt = PROMPT if concepts else PROMPT.replace("<golden>", "cat")
        return np.asarray(sampler.draw([prompt], seeds=[SEED], steps=STEPS)[0])


def described(path: Path) -> dict[str, Any]:
    """An exported file: shapes by key, the scalars' values, the header; its hash is over all tensors' bytes."""
    tensors = load_file(path)
    header = {key: value for key, value in store.read_header(path)["__metadata__"].items() if key not in ONLY_HERE}
    return {
        "shapes": {key: list(t.shape) for key, t in sorted(tensors.items())},
        "alphas": {key: float(t) for key, t in sorted(tensors.items()) if t.ndim == 0}, "header": dict(sorted(header.items())),
    }  # fmt: skip


def exports_of(name: str, concept: Concept) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return {f: described(export(concept, f, Path(folder) / f"{f}.safetensors")[0]) for f in EXPORTS.get(name, ())}


def write(version: str) -> None:
    folder = HERE / version
    folder.mkdir()
    expected = {}
    for name in FILES:
        base = base_of(name)
        concept = make(name, base, version)
        store.save(concept, folder / f"{name}.safetensors")
        Image.fromarray(draw(base, [concept])).save(folder / f"{name}.png")
        expected[name] = {"digest": concept.digest, "card": dataclasses.asdict(concept.card), "exports": exports_of(name, concept)}
    files.write_text(folder / "expected.json", json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(sys.argv[1])
