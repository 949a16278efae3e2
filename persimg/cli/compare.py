"""persimg compare: methods x subjects x seeds from a YAML file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from persimg.cli import options


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "compare", help="methods x subjects x seeds, paired",
        description="Train, draw and score every arm of a comparison on every subject; the same command again resumes. See docs/COMPARE.md.",
    )  # fmt: skip
    parser.add_argument("file", type=Path, metavar="FILE.yaml", help="arms, subjects and what they share")
    parser.add_argument("--out", type=Path, required=True, help="folder for runs, pictures, rows.csv, rows.json, scores.json, report.html")
    parser.add_argument("--device", help="cpu, cuda or cuda:N")
    parser.add_argument("--dry-run", action="store_true", help="check the file, print what would be done, and stop")
    options.add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.bench.plan import read_plan, recipe, rows_per_step

    plan = read_plan(args.file)
    for arm in plan.arms:
        found = recipe(plan, arm, plan.seeds[0]) if arm.method else None
        print(f"{arm.title}: " + (f"{arm.method}, {found.steps} steps, {found.steps * rows_per_step(found)} rows" if found else arm.says))
    cells = sum(len(plan.seeds) if arm.method else 1 for arm in plan.arms) * len(plan.subjects)
    print(f"{len(plan.subjects)} subjects, {cells} cells")
    if args.dry_run:
        return {"arms": [a.title for a in plan.arms], "subjects": [s.name for s in plan.subjects], "cells": cells}
    from persimg.bench.compare import compare
    from persimg.bench.show import follow

    return follow(compare(plan, args.out, device=args.device), args.out)
