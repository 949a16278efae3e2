"""persimg evaluate: scores and a report."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persimg.cli import options
from persimg.cli.keeping import opened
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.evaluation.taste import Taste


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "evaluate", help="score a concept or a folder of pictures",
        description="Score a concept (a file, a name from the library, another tool's LoRA) or a folder of pictures with prompts. "
        "Writes scores.json and report.html.",
    )  # fmt: skip
    parser.add_argument("source", metavar="CONCEPT_OR_DIR", help="a concept, a LoRA, or a folder of pictures (prompts from our PNGs, else NAME.txt)")
    parser.add_argument("--references", metavar="DIR", help="held-out pictures of the subject (default: what the run kept from training)")
    parser.add_argument("--distractors", metavar="DIR", help="other subjects of the class, a subfolder of pictures each")
    parser.add_argument("--training", metavar="DIR", help="pictures that were learned from (default: what the run noted)")
    parser.add_argument("--other", metavar="CONCEPT_OR_NAME", help="the second person of prompts with {other}: a concept, or a name that the base knows, in words")
    parser.add_argument("--other-references", metavar="DIR", help="pictures of them (default: what their run kept from training; of a name of the drawn world, true renders)")
    parser.add_argument(
        "--suite", help="drawn, dreambench-object, dreambench-live, people, with --other drawn-pairs or people-pairs, or a file with a prompt a line, {} for "
        "the subject and {other} for the second person (default: what fits the base and the class noun)",
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, help="pictures a prompt (default: the suite's)")
    parser.add_argument("--steps", type=int, default=25, help="denoising steps (default 25)")
    parser.add_argument("--guidance", type=float, help="classifier-free guidance scale (default: the base's usual)")
    parser.add_argument("--backbone", default="mini", help="mini (default), a folder or MODEL/PRETRAINED of open_clip, such as ViT-B-32/openai")
    parser.add_argument("--face-pack", default="mini", help="insightface pack that says who is in pictures of people (default mini, for drawn ones); none that a map was learned with")
    parser.add_argument("--dino", default="mini", help="encoder of DINO-I: mini (default, DINO-like), timm:MODEL such as timm:vit_small_patch16_224.dino, a folder or a hub id")
    parser.add_argument("--metrics", help="names separated by commas (default: all that say something of the subject)")
    parser.add_argument("--class-noun", default="", help="what kind of thing it is, for LoRAs and folders")
    parser.add_argument("--trigger", default="", help="what a LoRA's author says to type")
    parser.add_argument("--force", action="store_true", help="use a concept that was trained on another base of the same shape")
    taste = parser.add_argument_group("taste")
    taste.add_argument("--profile", dest="user", metavar="USER", help="score pictures by what is known of this user's taste")
    options.add_store(taste)  # type: ignore[arg-type]
    taste.add_argument("--liked", metavar="DIR", help="pictures that somebody liked, to score others by, with --disliked; eight of each are usual")
    taste.add_argument("--disliked", metavar="DIR", help="pictures that they disliked")
    parser.add_argument("--out", type=Path, required=True, help="folder for scores.json, report.html and the pictures")
    options.add_base(parser)
    options.add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    base: Any = args.base
    is_folder, taste = _check(args).is_dir(), _taste(args)
    if not is_folder:
        base = options.load(args)
    from persimg.evaluation.evaluate import evaluate
    from persimg.evaluation.taste import told

    record = evaluate(
        args.source, args.out, references=args.references, distractors=args.distractors, training=args.training, suite=args.suite,
        other=args.other, other_references=args.other_references,
        base=base, backbone=args.backbone, dino=args.dino, face_pack=args.face_pack, class_noun=args.class_noun, trigger=args.trigger, seeds_per_prompt=args.seeds,
        steps=args.steps, guidance=args.guidance, metrics=args.metrics.split(",") if args.metrics else None, device=args.device,
        force=args.force, tell=print, taste=taste,
    )  # fmt: skip
    show(record)
    for line in told(record.get("taste", {})):
        print(line)
    print(f"report: {args.out / 'report.html'}")
    return {"scores": str(args.out / "scores.json"), "report": str(args.out / "report.html"), "rows": [_short(r) for r in record["rows"]]}


def _taste(args: argparse.Namespace) -> Taste | None:
    """What pictures are to be scored by; of a user of whom nothing is known, no profile."""
    if not (args.user or args.liked):
        return None
    from persimg.evaluation.sources import open_folder
    from persimg.evaluation.taste import Taste
    from persimg.preferences.rank import scorer

    found = Taste(liked=open_folder(args.liked, "--liked"), disliked=open_folder(args.disliked, "--disliked")) if args.liked else Taste()
    if not args.user:
        return found
    with opened(args) as store:
        profile = store.profile(args.user)
    if not profile.beliefs:
        print(f"nothing is known of {args.user} yet: Taste isn't measured; tell something with: persimg profile add")
        return found
    return replace(found, user=args.user, revision=profile.revision, score=scorer(profile))


def _check(args: argparse.Namespace) -> Path:
    """Everything that can be refused before torch is imported; returns the concept's file, or the folder of pictures."""
    from persimg.concepts import store
    from persimg.evaluation import others, sources
    from persimg.evaluation.backbones import check_backbone_name
    from persimg.evaluation.metric import check_metric_names
    from persimg.evaluation.suite import load_suite

    suite = load_suite(args.suite) if args.suite else None
    if args.seeds is not None and not 1 <= args.seeds <= 1000:
        raise UserError(f"--seeds {args.seeds} is out of range", "take 1 to 1000")
    if args.out.exists() and not args.out.is_dir():
        raise UserError(f"--out {args.out} is a file", "name a folder")
    for option, folder in (("--references", args.references), ("--distractors", args.distractors), ("--training", args.training), ("--other-references", args.other_references), ("--liked", args.liked), ("--disliked", args.disliked)):
        if folder and not Path(folder).is_dir():
            raise UserError(f"{option} {folder} is not a folder", "name a folder with pictures")
    if bool(args.liked) != bool(args.disliked):
        raise UserError("--liked and --disliked tell a taste together", "give both")
    check_backbone_name(args.backbone)
    check_metric_names(args.metrics.split(",") if args.metrics else ())
    source, other = sources.resolve(args.source), others.find(args.other, args.other_references)
    if not source.is_dir():
        if suite:
            others.check_suite(suite, other)
        store.read_header(source)
        options.check_base(args)
    return source


def show(record: dict[str, Any]) -> None:
    """A line for each score of each row, and for each gate."""
    from persimg.evaluation.evaluate import gate_lines
    from persimg.evaluation.interval import said

    for row in record["rows"]:
        print(row["title"])
        for name, score in row["scores"].items():
            print(f"  {record['metrics'][name]['title']:14} {said(score)}")
    for line in gate_lines(record):
        print(line)


def _short(row: dict[str, Any]) -> dict[str, Any]:
    scores = {name: {k: v for k, v in score.items() if k != "values"} for name, score in row["scores"].items()}
    return {"title": row["title"], "kind": row["kind"], "scores": scores}
