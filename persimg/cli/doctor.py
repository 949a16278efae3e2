"""persimg doctor: what is installed, what is missing."""

from __future__ import annotations

import argparse
import platform
from importlib import metadata, util
from typing import Any

from persimg import files, mini
from persimg.cli import options
from persimg.errors import UserError

NEEDED = ("torch", "torchvision", "diffusers", "transformers", "accelerate", "peft", "safetensors", "open-clip-torch", "skia-python", "insightface", "pillow", "sqlalchemy")
OPTIONAL = {
    "xformers": "pip install 'persimg[xformers]'", "bitsandbytes": "pip install 'persimg[optimizers]'",
    "psycopg": "pip install 'persimg[server]'", "prodigyopt": "pip install 'persimg[optimizers]'", "tensorboard": "pip install 'persimg[tensorboard]'",
}  # fmt: skip


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("doctor", help="what is installed, what is missing")
    options.add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    versions = {name: _version(name) for name in (*NEEDED, *OPTIONAL)}
    embedded = {name: _embedded(name) for name in mini.NAMES}
    missing = [f"{name}: install persimg again" for name in NEEDED if versions[name] is None]
    missing += [f"{name} (optional): {how}" for name, how in OPTIONAL.items() if versions[name] is None]
    missing += [f"embedded model {name}: install persimg again" for name, found in embedded.items() if not found["path"]]
    device = _device()
    report = {
        "python": platform.python_version(), "platform": platform.platform(), "versions": versions, "device": device,
        "attention": ["sdpa", *(["xformers"] if util.find_spec("xformers") and device["default"] == "cuda" else [])],
        "bases": {"mini": embedded["base"]}, "evaluators": {n: embedded[n] for n in mini.NAMES if n not in ("base", "faces")},
        "faces": embedded["faces"],
        "home": str(files.home()), "missing": missing,
    }  # fmt: skip
    if not args.json:
        _print(report)
    report["exit_code"] = 3 if any(versions[name] is None for name in NEEDED) else 0
    return report


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _embedded(name: str) -> dict[str, Any]:
    try:
        return {"path": str(mini.path(name))}
    except UserError as error:
        return {"path": None, "problem": str(error)}


def _device() -> dict[str, Any]:
    if util.find_spec("torch") is None:
        return {"default": None}
    import torch

    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {"default": "cuda" if names else "cpu", "cuda": names, "threads": torch.get_num_threads()}


def _print(report: dict[str, Any]) -> None:
    print(f"python {report['python']} on {report['platform']}")
    print("device:", report["device"]["default"], *report["device"].get("cuda", []))
    for name, found in report["versions"].items():
        print(f"  {name:18} {found or 'missing'}")
    print("attention:", ", ".join(report["attention"]))
    print("embedded base:", report["bases"]["mini"]["path"] or "missing")
    print("library:", report["home"])
    for line in report["missing"]:
        print("missing:", line)
