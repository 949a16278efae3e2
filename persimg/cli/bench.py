"""persimg bench: measurements, each a file in persimg/bench with add_arguments and run."""

from __future__ import annotations

import importlib
from typing import Any

from persimg.cli import options

NAMES = ("checkpoints", "concepts", "identity", "kill", "mini", "preferences", "rewrite", "sample", "train", "workers")


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("bench", help="measurements, side by side in one run")
    names = parser.add_subparsers(dest="bench", metavar="NAME", required=True)
    for name in NAMES:
        module = importlib.import_module(f"persimg.bench.{name}")
        bench = names.add_parser(name, help=(module.__doc__ or "").strip().splitlines()[0], description=module.__doc__)
        module.add_arguments(bench)
        options.add_json(bench)
        bench.set_defaults(run=module.run)
