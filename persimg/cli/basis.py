"""persimg basis: the space of people in a base's words, and faces put into it."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persimg.cli import applying, options
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.training.basis import Judge

EMBEDDED_K, USUAL_K = 48, 512
MOST_K = 4096
JUDGED = 4


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("basis", help="an identity basis from the names of people that a base knows; a face put into it by a learned map")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    build = actions.add_parser("build", help="principal components of the names' embeddings", description=__doc__)
    build.add_argument("--names", type=Path, metavar="FILE", help="one name a line (default: the people of the drawn world, for the embedded base)")
    build.add_argument("--k", type=int, help=f"components for each of two name positions (default {USUAL_K}; {EMBEDDED_K} on the embedded base)")
    build.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .safetensors file")
    build.add_argument("--replace", action="store_true", help="overwrite a file that exists")
    build.add_argument(
        "--judge", metavar="PACK",
        help="draw each name and keep those in whose pictures this insightface pack finds one and the same face (mini: drawn faces); what was "
        "seen is kept beside --out, and the same call goes on where it was stopped",
    )  # fmt: skip
    build.add_argument("--judge-pictures", type=int, default=JUDGED, metavar="N", help=f"pictures of each name with --judge, 2 to 100 (default {JUDGED})")
    options.add_base(build)
    show = actions.add_parser("show", help="what a basis was built from")
    show.add_argument("file", type=Path)
    apply = applying.add_parser(actions)
    for action, function in ((build, _build), (show, _show), (apply, applying.run)):
        options.add_json(action)
        action.set_defaults(run=function)


def _build(args: argparse.Namespace) -> dict[str, Any]:
    names, k = names_of(args), args.k
    if k is None:
        k = EMBEDDED_K if args.base == "mini" else USUAL_K
    if not 1 <= k <= MOST_K:
        raise UserError(f"--k {k} is out of range", f"take 1 to {MOST_K}")
    if args.out.exists() and not args.replace:
        raise UserError(f"{args.out} exists", "choose another --out or pass --replace")
    if not 2 <= args.judge_pictures <= 100:
        raise UserError(f"--judge-pictures {args.judge_pictures} is out of range", "take 2 to 100")
    options.check_base(args)
    from persimg.spaces import basis

    base = options.load(args)
    judge = _judge(args, base)
    made = basis.build(base, names, k, judge)
    if judge:
        made = dataclasses.replace(made, card={**made.card, "judged_by": {"pack": judge.pack.name, "pack_digest": judge.pack.digest}})
    basis.save(made, args.out)
    return _told({"path": str(args.out), "digest": made.digest, **made.card})


def _judge(args: argparse.Namespace, base: Base) -> Judge | None:
    if args.judge is None:
        return None
    from persimg.faces import pack
    from persimg.training.basis import Judge

    beside = args.out.with_name(f"{args.out.stem}.judged")
    return Judge(base, pack.load(args.judge), beside, args.judge_pictures, tell=lambda line: print(line, file=sys.stderr, flush=True))


def names_of(args: argparse.Namespace) -> list[str]:
    """The user's names, or those that the embedded base was taught. UserError (exit 3) for a file without any."""
    if args.names is None:
        if args.base != "mini":
            raise UserError(f"which people {args.base} knows isn't known here", "give their names with --names FILE, one a line")
        from persimg.mini.world.people import PEOPLE

        return [person.name for person in PEOPLE]
    try:
        lines = args.names.read_text(encoding="utf-8-sig").splitlines()  # Windows editors begin a file with a mark
    except FileNotFoundError as error:
        raise UserError(f"{args.names} doesn't exist", "check the path", 3) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{args.names} is no UTF-8 text", "write one name a line", 3) from error
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not names:
        raise UserError(f"{args.names} has no names", "write one name a line", 3)
    return names


def _show(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.spaces import basis

    found = basis.load(args.file)
    return _told({"path": str(args.file), "digest": found.digest, **found.card})


def _told(record: dict[str, Any]) -> dict[str, Any]:
    print(f"{record['path']}: basis {record['digest']} of {record['base']} ({record['fingerprint']})")
    print(f"{record['num_names']} names, {record['num_components']} components a position")
    for key, shares in record["explained"].items():
        tokens = record["num_tokens"][key]
        print(f"  {key}: " + ", ".join(f"{n} words at place {i + 1}, {share:.0%} of their variance explained" for i, (n, share) in enumerate(zip(tokens, shares))))
    for why, number in record["left_out"].items():
        if number:
            print(f"  left out: {number} names ({why})")
    return record
