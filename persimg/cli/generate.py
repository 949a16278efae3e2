"""persimg generate: pictures of a prompt."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persimg.cli import options, retrieval
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.preferences.profile import Retrieval

MAX_PICTURES = 100_000


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("generate", help="draw pictures of a prompt", description="Draw pictures of a prompt; picture i has seed SEED+i.")
    parser.add_argument("prompt", help="what to draw; a concept is written <NAME>")
    parser.add_argument("--concept", action="append", default=[], metavar="FILE_OR_NAME[:SCALE]", help="a learned concept; may be given several times")
    parser.add_argument("-n", "--number", type=int, default=1, help="how many pictures (default 1)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first picture (default 0)")
    parser.add_argument("--steps", type=int, default=25, help="denoising steps (default 25)")
    parser.add_argument("--guidance", type=float, help="classifier-free guidance scale (default: the base's usual)")
    parser.add_argument("--negative", default="", help="what the picture should not show")
    parser.add_argument("--scheduler", help="ddim, euler, dpmpp_2m, … (default: the base's own)")
    parser.add_argument("--size", metavar="WxH", help="in px (default: the base's own)")
    parser.add_argument("--batch", type=int, default=4, help="pictures a forward pass (default 4)")
    speed = parser.add_argument_group("speed, at some cost (docs/SPEED.md)")
    speed.add_argument("--cache-interval", type=int, default=1, metavar="N", help="deep features of the U-Net anew every N steps alone (default 1)")
    speed.add_argument("--guidance-until", type=float, default=1.0, metavar="PART", help="part of the steps to guide; the rest cost half (default 1)")
    speed.add_argument("--compile", action="store_true", help="torch.compile: the first batch takes minutes, and needs a C++ compiler")
    parser.add_argument("--init-image", type=Path, help="picture to start from")
    parser.add_argument("--strength", type=float, default=0.6, help="how much of --init-image is drawn anew, up to 1 (default 0.6)")
    parser.add_argument("--strict", action="store_true", help="refuse words that the base doesn't know")
    parser.add_argument("--force", action="store_true", help="use a concept that was trained on another base of the same shape")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    options.add_base(parser)
    options.add_profile(parser)
    retrieval.add_retrieval(parser)
    options.add_safety(parser)
    options.add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    concepts, settings, init = _checked(args)
    rewrite = options.rewriter(args) if args.user else None
    how = retrieval.chosen(args)
    from persimg.concepts import store
    from persimg.sampling import provenance, safety
    from persimg.sampling.sampler import Sampler

    loaded = [(store.load(path), scale) for path, scale in concepts]
    base = options.load(args, compile=args.compile)
    safe = safety.load(args.safety, args.safety_checker, base.device)
    if args.guidance is None:
        settings.pop("guidance")
    prompt, changes = args.prompt, {}
    if rewrite:
        prompt, changes = _for_user(args, rewrite, how, base, {c.card.placeholder: c.card.expansion for c, _ in loaded})
        settings |= changes
    with Sampler(base, loaded, batch=args.batch, strict=args.strict, force=args.force, safety=safe) as sampler:
        kept, unsafe = {}, []
        tasks = [sampler.task(prompt, seed=args.seed + i, **settings) for i in range(args.number)]
        names = _free_names(args.out, [task.seed for task in tasks])
        for path, generated in zip(names, sampler.stream(tasks, init_images=init)):
            unsafe += [generated.task.seed] if generated.unsafe else []
            if not generated.is_blocked:
                provenance.save(generated, path, base.name)
                print(path, flush=True)
                kept[str(path)] = generated.task.seed
        for concept, scale in loaded:
            count = concept.num_modules
            print(f"{concept.card.name}: adapted {count} of {count} modules in the file, scale {scale:g}", file=sys.stderr)
    if rewrite:
        _remember(args)
    if unsafe:
        print(f"safety: {len(unsafe)} of {args.number} pictures flagged and {safety.DONE[args.safety]} (seeds {', '.join(map(str, unsafe))})", file=sys.stderr)
    return {
        "pictures": list(kept), "base": base.fingerprint, "seeds": list(kept.values()), "prompt": prompt, "safety": args.safety,
        "unsafe_seeds": unsafe,
    }  # fmt: skip


def _for_user(args: argparse.Namespace, rewrite: Any, how: Retrieval, base: Any, expansions: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """The prompt for the user, and the settings that change with it."""
    from persimg.preferences import targets
    from persimg.preferences.rewriter import negatives
    from persimg.preferences.store import Store
    from persimg.sampling.task import guide_uses

    target = targets.for_task(targets.of_base(base), expansions, args.negative)
    with Store(args.store) as store:
        made = rewrite(args.prompt, retrieval.profile(store, args.user, how), args.taste, target)
    options.say_fallback(made)
    print(f"prompt for {args.user}: {made.rewritten}" + (f" (not: {made.negative})" if made.negative else ""), file=sys.stderr)
    return made.rewritten, {"negative": negatives(args.negative, made.negative), "guides": guide_uses(made.guides)}


def _remember(args: argparse.Namespace) -> None:
    """What was asked for, as it was typed, joins the user's history."""
    from persimg.preferences.shown import remember
    from persimg.preferences.store import Store

    with Store(args.store) as store:
        if why_not := remember(store, args.user, args.prompt):
            print(why_not, file=sys.stderr)


def _checked(args: argparse.Namespace) -> tuple[list[tuple[Path, float]], dict[str, Any], dict[str, Any]]:
    """Everything that can be refused before torch is imported."""
    from persimg.bases.loading import check_size, parse_size
    from persimg.concepts import prompts, store
    from persimg.sampling import safety
    from persimg.sampling.task import Task

    if not 1 <= args.number <= MAX_PICTURES:
        raise UserError(f"-n {args.number} is out of range", f"take 1 to {MAX_PICTURES}")
    if not 1 <= args.batch <= 1024:
        raise UserError(f"--batch {args.batch} is out of range", "take 1 to 1024")
    if args.out.exists() and not args.out.is_dir():
        raise UserError(f"--out {args.out} is a file", "name a folder")
    options.check_base(args)
    safety.check(args.safety, args.safety_checker)
    concepts = [options.concept_use(text) for text in args.concept]
    cards = [store.read_card(path) for path, _ in concepts]
    expansions = {card.placeholder: card.expansion for card in cards}
    for text in (args.prompt, args.negative):
        prompts.expand(text, expansions)
    width, height = parse_size(args.size)
    check_size(args.base, width, height)
    settings = {
        "negative": args.negative, "steps": args.steps, "guidance": args.guidance, "scheduler": args.scheduler,
        "width": width, "height": height, "strength": args.strength, "cache_interval": args.cache_interval,
        "guidance_until": args.guidance_until,
    }  # fmt: skip
    init = _init_image(args.init_image, settings)
    usual = 1.0 if args.guidance is None else args.guidance
    for seed in (args.seed, args.seed + args.number - 1):
        Task(args.prompt, seed=seed, **{**settings, "guidance": usual})
    return concepts, settings, init


def _init_image(path: Path | None, settings: dict[str, Any]) -> dict[str, Any]:
    if path is None:
        return {}
    from persimg import files

    picture = files.open_picture(path)
    settings["init_image"] = files.digest_file(path)[:16]
    return {settings["init_image"]: picture}


def _free_names(folder: Path, seeds: list[int]) -> list[Path]:
    """Numbered on from what is there: nothing is overwritten."""
    used = [int(p.name[:4]) for p in folder.glob("[0-9][0-9][0-9][0-9]-*.png")] if folder.exists() else []
    first = max(used, default=-1) + 1
    return [folder / f"{first + i:04d}-{seed}.png" for i, seed in enumerate(seeds)]
