"""The chosen checkpoint against the last one, trained one, two and four times the recommended steps.

The choice is made with prompts, seeds and an encoder of its own; what is reported here sees none of them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from persimg.training.recipe import load_method, resolve

CHARACTERS = (0, 4, 8, 12)
"""one of each class"""
FACTORS = (1, 2, 4)
METHODS = {"textual inversion": "textual_inversion", "DreamBooth-LoRA": "dreambooth_lora"}
METRICS = ("clip_i", "slot_accuracy")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subjects", type=int, default=len(CHARACTERS), help=f"how many of the characters (default {len(CHARACTERS)})")
    parser.add_argument("--out", type=Path, default=Path("out/bench/checkpoints"), help="folder (default out/bench/checkpoints); the same call again resumes")


def plan(subjects: int) -> dict[str, Any]:
    arms = {
        f"{title}, {factor}x, {kept}": {"method": method, "steps": factor * resolve(load_method(method), "mini", {}).steps, "checkpoint": kept}
        for title, method in METHODS.items() for factor in FACTORS for kept in ("last", "chosen")
    }  # fmt: skip
    return {
        "title": "The chosen checkpoint and the last one", "subjects": [{"character": n} for n in CHARACTERS[:subjects]], "arms": arms,
        "planned": [[f"{t}, {f}x, chosen", f"{t}, {f}x, last", metric] for t in METHODS for f in FACTORS for metric in METRICS],
    }  # fmt: skip


def run(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.bench.compare import compare
    from persimg.bench.show import follow

    return follow(compare(plan(args.subjects), args.out), args.out)
