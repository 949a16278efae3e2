"""Options that several commands share."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from persimg.preferences.rewriter import Rewrite

MOST_KEY = 10_000
"""bytes of a key file that are read"""
MOST_REASON = 120
"""characters shown of why a model's answer wasn't used"""


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


def add_safety(parser: argparse.ArgumentParser) -> None:
    """What becomes of pictures that a checker flags."""
    group = parser.add_argument_group("safety")
    group.add_argument("--safety", choices=("off", "blur", "block"), default="off", help="blur pictures that the checker flags, or save none of them (default off)")
    group.add_argument("--safety-checker", metavar="FOLDER_OR_HUB_ID", help="diffusers' StableDiffusionSafetyChecker, with its feature extractor")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout and nothing else")


def add_store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", metavar="URL", help="database of profiles, any URL of SQLAlchemy (default: a file of this user's)")


def add_profile(parser: argparse.ArgumentParser, required: bool = False) -> None:
    """Whose taste, how much of it, by which rewriter."""
    from persimg.preferences import rewriters

    *others, last = rewriters.names()
    default = rewriters.DEFAULT
    group = parser.add_argument_group("taste")
    names = ("--user",) if required else ("--profile",)
    group.add_argument(*names, dest="user", required=required, metavar="USER", help="rewrite the prompt for this user")
    strength = "--strength" if required else "--taste"
    group.add_argument(strength, dest="taste", type=float, default=1.0, help="how much of the taste, 0 (none) to 1 (default 1)")
    group.add_argument("--rewriter", default=default, metavar="NAME", help=f"{', '.join(others)} or {last} (default {default})")
    group.add_argument("--llm-url", default="http://127.0.0.1:11434/v1", metavar="URL", help="OpenAI-compatible endpoint of the llm rewriter (default Ollama's)")
    group.add_argument("--llm-model", default="", metavar="NAME", help="its model")
    group.add_argument("--llm-key-file", type=Path, metavar="FILE", help="file with its key, if it wants one")
    group.add_argument("--llm-mode", choices=("zero_shot", "icl"), default="zero_shot", help="icl: after up to three examples (default zero_shot)")
    group.add_argument("--llm-remote", action="store_true", help="let prompts and taste leave this machine for --llm-url")
    add_store(group)  # type: ignore[arg-type]


def rewriter(args: argparse.Namespace):
    """The rewriter that the options name."""
    from persimg.preferences import rewriters
    from persimg.preferences.compose import check_strength

    check_strength(args.taste)
    found = rewriters.find(args.rewriter)
    if args.rewriter != "llm":
        return found
    import functools

    from persimg.preferences.endpoint import Endpoint

    endpoint = Endpoint(args.llm_url, args.llm_model, _key(args.llm_key_file), is_remote_allowed=args.llm_remote)
    endpoint.check()
    return functools.partial(found, endpoint=endpoint, mode=args.llm_mode)


def _key(path: Path | None) -> str:
    """What the file holds, one line that can be sent."""
    if path is None:
        return "none"
    from persimg.errors import UserError

    try:
        text = path.read_bytes()[:MOST_KEY].decode("ascii").strip()
    except OSError as error:
        raise UserError(f"--llm-key-file {path} could not be read ({error.strerror})", "check the path") from None
    except UnicodeDecodeError:
        text = ""
    if not text.isprintable() or not text or " " in text:
        raise UserError(f"--llm-key-file {path} holds no key", "put the key into it, in one line and nothing else")
    return text


def say_fallback(made: Rewrite) -> None:
    """One line on stderr where the model was asked in vain."""
    if not made.trace.get("fallback"):
        return
    from persimg.preferences.naming import line

    why, failed = made.trace["complaints"][-1], "the endpoint failed"
    what = failed if why.startswith(failed) else "the model's answers could not be used"
    print(f"{what} ({line(why.removeprefix(f'{failed}: '), MOST_REASON)}): written by both", file=sys.stderr)


def concept_use(text: str) -> tuple[Path, float]:
    """FILE_OR_NAME[:SCALE] → (file, scale)."""
    from persimg.concepts import library

    name, scale = library.split_use(text)
    return library.resolve(name), scale
