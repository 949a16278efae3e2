"""The command line: finds the command, imports it alone, turns errors into one line."""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib
import json
import logging
import sys
from typing import Any, NoReturn, Sequence

from persimg.errors import UserError

COMMANDS = {
    "train": "learn a concept from pictures",
    "generate": "draw pictures of a prompt, with any number of concepts",
    "batch": "many pictures from a job file, over many processes; resumable",
    "evaluate": "score a concept or a folder of pictures, with a report",
    "compare": "methods x subjects x seeds, paired, from a YAML file",
    "concepts": "list, show, remove, import, export and mix learned concepts",
    "basis": "an identity basis, from names that a base knows; faces put into it by a map",
    "profile": "what is known of a user's taste: show, add, edit, export, forget",
    "rewrite": "a prompt rewritten for one user, with reasons",
    "world": "draw scenes of the drawn world that the embedded models know",
    "bench": "measurements, side by side in one run",
    "demo": "the toolkit as a web page",
    "doctor": "what is installed, what is missing",
}
INTERRUPTED = 130
DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})
"""what files and folders may answer anywhere, by no fault of ours"""


class Parser(argparse.ArgumentParser):
    """One line for wrong usage, as for everything else."""

    def error(self, message: str) -> NoReturn:
        raise UserError(message, f"see {self.prog} --help")


def version() -> str:
    from importlib import metadata

    try:
        return metadata.version("persimg")
    except metadata.PackageNotFoundError:
        return "unknown (not installed)"


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """Only the chosen command's module is imported, so that help is instant."""
    parser = Parser(
        prog="persimg",
        description="Teach a diffusion model your subject from a few pictures, generate with it, measure it.",
    )
    parser.add_argument("--version", action="version", version=f"persimg {version()}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if name == command:
            importlib.import_module(f"persimg.cli.{name}").add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 2 usage, 3 bad data, 130 interrupted."""
    argv = list(sys.argv[1:] if argv is None else argv)
    command = next((word for word in argv if not word.startswith("-")), None)
    logging.basicConfig(format="persimg: %(levelname)s: %(message)s", stream=sys.stderr, level=logging.WARNING, force=True)
    for name in ("bitsandbytes", "xformers"):  # imported by others wherever they are installed, they warn of kernels that aren't used
        logging.getLogger(name).setLevel(logging.ERROR)
    wants_json = "--json" in argv
    try:
        args = build_parser(command if command in COMMANDS else None).parse_args(argv)
        return _run(args, wants_json)
    except UserError as error:
        return _failed(error, wants_json)
    except KeyboardInterrupt:
        return _failed(UserError("interrupted", exit_code=INTERRUPTED), wants_json)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.errno not in DISK:
            raise
        return _failed(UserError(f"{error.filename or 'a file'} could not be used ({error.strerror})", "check the path", 3), wants_json)


def _run(args: argparse.Namespace, wants_json: bool) -> int:
    """With --json, what a command returns beside its exit code is the one object on stdout."""
    if not wants_json:
        return _finish(args.run(args), False)
    with contextlib.redirect_stdout(sys.stderr):
        outcome = args.run(args)
    return _finish(outcome, True)


def _finish(outcome: int | dict[str, Any], wants_json: bool) -> int:
    if isinstance(outcome, int):
        return outcome
    code = int(outcome.pop("exit_code", 0))
    if wants_json:
        print(json.dumps(outcome, ensure_ascii=False))
    return code


def _failed(error: UserError, wants_json: bool) -> int:
    if wants_json:
        print(json.dumps({"error": str(error)}, ensure_ascii=False))
    print(f"persimg: {error}", file=sys.stderr)
    return error.exit_code
