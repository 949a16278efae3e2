"""The embedded models against their aims: what the reader, the recognizer and CLIP find in pictures of held-out captions.

Beside each figure stands what true renders reach. Pictures are kept in --out: the same call again draws nothing twice. A sheet
of the first hundred pictures, not chosen, is written there too, with what was asked for in every cell. Parts that an earlier call
measured stay beside the new ones as long as the models that they were measured with have the same fingerprint and weights.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from persimg import files, mini
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bench.mini_pictures import Bench
    from persimg.bench.mini_table import Row

PARTS = ("base", "vae", "reader", "clip", "ssl", "people", "faces", "speed")
OF_MODEL = {"base": ("base", "vae", "people", "speed"), "reader": ("reader",), "clip": ("clip",), "ssl": ("ssl",), "faces": ("faces",)}
"""embedded model → the parts that its card tells"""
NEEDS = {
    "base": ("base", "reader"), "vae": ("base", "reader"), "reader": ("reader",), "clip": ("base", "clip", "reader"), "ssl": ("ssl",),
    "people": ("base", "faces", "faces_second"), "faces": ("base", "faces"), "speed": ("base",),
}  # fmt: skip
"""part → the models that its figures depend on"""
WEIGHTS = (".safetensors", ".onnx")
CAPTIONS = 512
SHEET = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--captions", type=int, default=CAPTIONS, help=f"held-out captions of one subject (default {CAPTIONS}); other sets follow")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"what to measure, separated by commas (default {','.join(PARTS)})")
    parser.add_argument("--base", default="mini", help="the base: mini (default) or a folder, such as a checkpoint's")
    parser.add_argument("--reader", type=Path, metavar="DIR", help="the reader's folder (default: the embedded one)")
    parser.add_argument("--out", type=Path, default=Path("out/bench/mini"), help="folder (default out/bench/mini); the same call again resumes")
    parser.add_argument("--write-card", action="store_true", help="write the figures of these parts into the cards of the models; others stay")


def run(args: argparse.Namespace) -> dict[str, Any]:
    parts = checked(args.parts, args.captions)
    if args.write_card:
        check_worth_a_card(args)
    from persimg.bench.mini_pictures import Bench
    from persimg.bench.mini_table import as_json, lines

    bench = Bench(args.out, args.captions, args.base, args.reader, print)
    rows = []
    for part in parts:
        started = time.monotonic()
        rows += measured(part, bench)
        print(f"{part} measured in {time.monotonic() - started:.0f} s", flush=True)
    print("\n".join(["", *lines(rows)]))
    record: dict[str, Any] = {
        "captions": args.captions, "base": args.base, "reader": str(args.reader) if args.reader else None, "rows": [as_json(row) for row in rows]
    }  # fmt: skip
    if "base" in parts:
        record["sheet"] = str(bench.sheet(SHEET))
        print(f"sheet: {record['sheet']}")
    keep(args.out / "scores.json", record, bench)
    if args.write_card:
        write_cards(record)
    return record


def checked(parts: str, captions: int) -> list[str]:
    """The parts, in the table's order. UserError for unknown ones."""
    asked = [part.strip() for part in parts.split(",") if part.strip()]
    unknown = [part for part in asked if part not in PARTS]
    if unknown or not asked:
        raise UserError(f"--parts {parts} names no part of the table", f"choose from {', '.join(PARTS)}")
    if captions < 2:
        raise UserError(f"--captions {captions} is too few", "take at least 2")
    return [part for part in PARTS if part in asked]


def check_worth_a_card(args: argparse.Namespace) -> None:
    """UserError for figures that a card shouldn't tell: of other models, of few captions."""
    if args.base != "mini" or args.reader:
        raise UserError("--write-card is for the embedded models", "install them with scripts/mini_install.py, then leave out --base and --reader")
    if args.captions < CAPTIONS:
        raise UserError(f"--captions {args.captions} is too few for a card", f"leave out --write-card, or take --captions {CAPTIONS}")


def measured(part: str, bench: Bench) -> list[Row]:
    """The rows of a part; one row with the reason where its model is missing."""
    from persimg.bench.mini_table import Row

    try:
        return _measures()[part](bench)
    except UserError as error:
        return [Row(part, part, note=f"not measured: {error}")]


def _measures() -> dict[str, Callable[[Bench], list[Row]]]:
    from persimg.bench import mini_others, mini_portraits, mini_reads

    return {
        "base": mini_reads.base_rows, "vae": mini_reads.vae_rows, "reader": mini_reads.reader_rows, "clip": mini_others.clip_rows,
        "ssl": mini_others.ssl_rows, "people": mini_portraits.people_rows, "faces": mini_portraits.faces_rows, "speed": mini_others.speed_rows,
    }  # fmt: skip


def together(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in the table's order: of a part that was measured now the new ones, of another the old ones where there are any."""
    measured_now = {row["part"] for row in new if "reached" in row}
    kept = [row for row in old if row["part"] not in measured_now]
    known = {row["part"] for row in kept}
    return sorted([*kept, *(row for row in new if row["part"] not in known)], key=lambda row: PARTS.index(row["part"]))


def keep(path: Path, record: dict[str, Any], bench: Bench) -> None:
    """Write the record, with the models of every part, beside those parts of an earlier one that are of the same models and captions."""
    old = files.read_json(path) if path.exists() else {}
    measured_with = old.get("models", {}) if all(old.get(name) == record[name] for name in ("captions", "base", "reader")) else {}
    same = {part: models for part, models in measured_with.items() if models == models_of(part, bench)}
    rows = together([row for row in old.get("rows", []) if row["part"] in same], record["rows"])
    sheet = {"sheet": old["sheet"]} if "base" in same and "sheet" in old else {}
    files.write_json(path, {**sheet, **record, "rows": rows, "models": {row["part"]: models_of(row["part"], bench) for row in rows}})


def models_of(part: str, bench: Bench) -> dict[str, str | None]:
    """Model → the base's fingerprint, the digest of another's weights (12 hex digits): what a part is measured with; None: it isn't there."""
    return {name: _identity(name, bench) for name in NEEDS[part]}


def _identity(name: str, bench: Bench) -> str | None:
    try:
        if name == "base":
            return bench.base.fingerprint
        folder = bench.reader_folder if name == "reader" and bench.reader_folder else mini.path(name)
    except UserError:
        return None
    weights = sorted(path for path in folder.glob("*") if path.suffix in WEIGHTS)
    return files.digest_bytes("".join(files.digest_file(path) for path in weights).encode())[:12]


def write_cards(record: dict[str, Any]) -> None:
    """Put the rows of each embedded model that were reached into its card: other parts and other scores there stay."""
    for name, parts in OF_MODEL.items():
        rows = [row for row in record["rows"] if row["part"] in parts and "reached" in row]
        if rows:
            path = mini.path(name) / "card.json"
            card = json.loads(path.read_text())
            scores = card.get("scores", {})
            captions = {**scores.get("captions", {}), **{row["part"]: record["captions"] for row in rows}}
            files.write_json(path, {**card, "scores": {**scores, "captions": captions, "rows": together(scores.get("rows", []), rows)}})
