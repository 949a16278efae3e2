"""Eight held-out characters x twelve prompts: textual inversion, LoRA and DreamBooth between their floor and their ceiling.

Arms see equal numbers of rows. Expected: LoRA above textual inversion above the base's class word in subject fidelity.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

CHARACTERS = (0, 1, 4, 5, 8, 9, 12, 13)
"""two of each class"""
FORWARD_ROWS = 2400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subjects", type=int, default=len(CHARACTERS), help=f"how many of the characters (default {len(CHARACTERS)})")
    parser.add_argument("--forward-rows", type=int, default=FORWARD_ROWS, help=f"rows that each method learns from (default {FORWARD_ROWS})")
    parser.add_argument("--out", type=Path, default=Path("out/bench/concepts"), help="folder (default out/bench/concepts); the same call again resumes")


def plan(subjects: int, forward_rows: int) -> dict[str, Any]:
    return {
        "title": "Held-out characters on the embedded base", "forward_rows": forward_rows,
        "subjects": [{"character": n} for n in CHARACTERS[:subjects]],
        "arms": {
            "true renders": {"says": "truth"}, "base, class word": {"says": "class"}, "base, full description": {"says": "description"},
            "textual inversion": {"method": "textual_inversion"}, "DreamBooth-LoRA": {"method": "dreambooth_lora"},
            "DreamBooth": {"method": "dreambooth"}, "held-out references": {"says": "references"},
            "training picture pasted": {"says": "training"}, "noise": {"says": "noise"},
        },
        "planned": [
            ["textual inversion", "base, class word", "clip_i"], ["DreamBooth-LoRA", "textual inversion", "clip_i"],
            ["DreamBooth-LoRA", "base, full description", "clip_i"], ["textual inversion", "base, class word", "gallery_map"],
            ["DreamBooth-LoRA", "textual inversion", "gallery_map"], ["training picture pasted", "DreamBooth-LoRA", "clip_i"],
            ["DreamBooth-LoRA", "training picture pasted", "slot_accuracy"],
        ],
    }  # fmt: skip


def run(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.bench.compare import compare
    from persimg.bench.show import follow

    return follow(compare(plan(args.subjects, args.forward_rows), args.out), args.out)
