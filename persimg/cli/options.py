"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_base(parser: argparse.ArgumentParser) -> None:
    """Which model, where and how."""
    group = parser.add_argument_group("base model")
    group.add_argument("--base", default="mini", help="mini (embedded, the default), a folder, a .safetensors checkpoint or a hub id")
    group.add_argument("--device", help="cpu, cuda or cuda:N (default: cuda if there is one)")
    group.add_argument("--dtype", choices=("fp32", "fp16", "bf16"), help="precision of the weights (default: fp32 on CPU, fp16 on CUDA)")
    group.add_argument("--attention", choices=("sdpa", "xformers"), default="sdpa", help="attention backend (default sdpa)")


def check_base(args: argparse.Namespace) -> None:
    """Refuse what can't be a base, a device or a backend before torch is imported."""
    from persimg.bases.attention import check_attention
    from persimg.bases.loading import check_base_name, check_device

    check_base_name(args.base)
    check_device(args.device)
    check_attention(args.attention, args.device)


def load(args: argparse.Namespace, compile: bool = False):
    """The base that the options name."""
    from persimg.bases.loading import load_base

    return load_base(args.base, dtype=args.dtype, device=args.device, attention=args.attention, compile=compile)


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout and nothing else")


def concept_use(text: str) -> tuple[Path, float]:
    """FILE_OR_NAME[:SCALE] → (file, scale)."""
    from persimg.concepts import library

    name, scale = library.split_use(text)
    return library.resolve(name), scale
