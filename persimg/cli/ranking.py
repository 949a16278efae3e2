"""persimg profile rank: pictures, or what concepts and bases make of a prompt, in the order that a user would like them."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

from persimg.cli import asking, options
from persimg.cli.keeping import opened
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.concepts.concept import Concept
    from persimg.preferences.profile import Profile
    from persimg.preferences.rank import RankedGroup

WHY = 3
"""attributes printed a picture, or a pair"""
MOST_PICTURES = 256


@dataclass(frozen=True)
class Pair:
    """A concept, or none, on a base, as the command line has them; paths: of its pictures."""

    concept: str
    base: str
    paths: tuple[Path, ...]

    @property
    def title(self) -> str:
        return f"{self.concept} on {self.base}" if self.concept else self.base


def add_parser(actions: Any, action: Callable[..., argparse.ArgumentParser]) -> None:
    parser = action(actions, "rank", _rank, "put pictures, or concepts and bases for a prompt, in the order that the user would like them")
    parser.add_argument("picture", type=Path, nargs="*", metavar="FILE", help="pictures; or, in their place:")
    group = parser.add_argument_group("concepts and bases for a prompt: each concept on each base draws it, equal seeds")
    group.add_argument("--prompt", help="what to draw; {} is the concept's <name>")
    group.add_argument("--concept", action="append", default=[], metavar="FILE_OR_NAME[:SCALE]", help="a learned concept; may be given several times")
    group.add_argument("--base", action="append", default=[], help="as generate takes it (default mini); may be given several times")
    group.add_argument("--pictures", type=int, default=8, metavar="N", help="of each concept on each base (default 8); with fewer than 5 nothing is shown to be behind")
    group.add_argument("--seed", type=int, default=0, help="seed of the first picture (default 0)")
    group.add_argument("--steps", type=int, default=20, help="denoising steps (default 20)")
    group.add_argument("--device", help="cpu, cuda or cuda:N (default: cuda if there is one)")
    group.add_argument("--force", action="store_true", help="also draw concepts on bases that they weren't trained on")
    group.add_argument("--out", type=Path, default=Path("out/ranking"), help="folder for the pictures; what is there isn't drawn again (default out/ranking)")
    asking.add_clip(parser)


def _rank(args: argparse.Namespace) -> dict[str, Any]:
    if bool(args.picture) == bool(args.prompt):
        raise UserError("what is to be ranked?", "name pictures, or a prompt with --prompt, one of the two")
    if args.prompt:
        return _rank_pairs(args)
    if args.concept or args.base:
        raise UserError("--concept and --base have nothing to draw", "give --prompt P in the place of pictures")
    return _rank_pictures(args)


def _profile(args: argparse.Namespace) -> Profile:
    with opened(args) as store:
        found = store.profile(args.user)
    if not found.beliefs:
        print(f"nothing is known of {args.user} yet: one order is as good as another; tell something with: persimg profile add")
    return found


def _why(shares: Mapping[str, float]) -> str:
    from persimg.preferences.lexicon import lexicon
    from persimg.preferences.naming import called

    told = ", ".join(f"{called(a, lexicon())} {value:+.2f}" for a, value in list(shares.items())[:WHY])
    return f"  ({told})" if told else ""


def _rank_pictures(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.preferences.rank import ranked
    from persimg.preferences.shown import shown

    pictures = shown(args.picture, clip=asking.clip(args))
    order = ranked(_profile(args), [picture.attributes for picture in pictures])
    for place in order:
        print(f"{place.score:+.2f}  {args.picture[place.index]}{_why(place.why)}")
    if not args.clip and (number := sum(not picture.asked for picture in pictures)):
        print(f"{number} of {len(pictures)} have no prompt in them and were only measured; --clip NAME looks at them")
    return {"ranking": [{"picture": str(args.picture[r.index]), "score": round(r.score, 4), "why": dict(r.why)} for r in order]}


# --- concepts and bases -----------------------------------------------------------------------------------------------


def _rank_pairs(args: argparse.Namespace) -> dict[str, Any]:
    bases = list(dict.fromkeys(args.base or ["mini"]))
    clip, profile = _checked(args, bases), _profile(args)
    pairs, left_out = _drawn(args, bases)
    if not pairs:
        raise UserError(f"nothing could be drawn: {left_out[0]['why']}")
    from persimg.preferences.rank import ranked_groups

    order = ranked_groups(profile, _read(pairs, clip))
    for place in order:
        print(f"{place.mean.mean:+.2f} {_range(place.mean.lo, place.mean.hi)}  {pairs[place.index].title}{_behind(place)}{_why(place.why)}")
    print(f"{args.pictures} pictures each in {args.out}, " + (f"looked at by {clip}" if clip else "only measured; --clip NAME looks at them"))
    return {"ranking": [_record(place, pairs[place.index]) for place in order], "left_out": left_out, "clip": clip}


def _checked(args: argparse.Namespace, bases: Sequence[str]) -> str | None:
    """All that can be refused before torch is imported; returns the CLIP that looks at the pictures, one for all so that they compare."""
    from persimg.bases.loading import check_base_name, check_device, is_word_level
    from persimg.concepts import store
    from persimg.evaluation.suite import is_drawn

    if not 1 <= args.pictures <= MOST_PICTURES:
        raise UserError(f"--pictures {args.pictures} is out of range", f"take 1 to {MOST_PICTURES}")
    if args.out.exists() and not args.out.is_dir():
        raise UserError(f"--out {args.out} is a file", "name a folder")
    for name in bases:
        check_base_name(name)
    check_device(args.device)
    if not args.concept and "{}" in args.prompt:
        raise UserError("the prompt has {} and no concept is given", "name concepts with --concept")
    nouns = [_prompt(args, card) for card in (store.read_card(options.concept_use(text)[0]) for text in args.concept)]
    clip = asking.clip(args)
    is_known = all(is_word_level(name) for name in bases) and is_drawn(tuple(_unnamed(text) for text in nouns or [args.prompt]))
    return clip or ("mini" if is_known else None)


def _prompt(args: argparse.Namespace, card: Any) -> str:
    """The prompt with the concept's <name>. UserError where it has none."""
    prompt = args.prompt.replace("{}", card.placeholder)
    if card.placeholder not in prompt:
        raise UserError(f"the prompt doesn't name {card.placeholder}", "write {} where the concept goes")
    return prompt


def _unnamed(prompt: str) -> str:
    from persimg.concepts.prompts import PLACEHOLDER

    return PLACEHOLDER.sub("{}", prompt)


def _drawn(args: argparse.Namespace, bases: Sequence[str]) -> tuple[list[Pair], list[dict[str, str]]]:
    """What each pair draws; and those that can't, with the reason."""
    from persimg.bases.loading import load_base
    from persimg.concepts import store

    loaded = [(text, store.load(path), scale) for text in args.concept for path, scale in [options.concept_use(text)]]
    pairs, left_out = [], []
    for name in bases:
        base = load_base(name, device=args.device)
        for text, concept, scale in loaded or [("", None, 1.0)]:
            try:
                pairs.append(Pair(text, name, _pictures(args, base, concept, scale)))
            except UserError as error:
                pair = Pair(text, name, ())
                print(f"left out: {pair.title}: {error}", file=sys.stderr)
                left_out.append({"concept": text, "base": name, "why": str(error)})
    return pairs, left_out


def _pictures(args: argparse.Namespace, base: Base, concept: Concept | None, scale: float) -> tuple[Path, ...]:
    """Files of one pair's pictures, named by their tasks: those that are there were drawn the same way."""
    from persimg.sampling import provenance
    from persimg.sampling.sampler import Sampler

    sampler = Sampler(base, [(concept, scale)] if concept else [], force=args.force)
    prompt = _prompt(args, concept.card) if concept else args.prompt
    tasks = [sampler.task(prompt, seed=args.seed + i, steps=args.steps) for i in range(args.pictures)]
    paths = {task.id: args.out / f"{task.seed}-{task.id}.png" for task in tasks}
    missing = [task for task in tasks if not paths[task.id].exists()]
    if missing:
        with sampler:
            for generated in sampler.stream(missing):
                provenance.save(generated, paths[generated.task.id], base.name)
    return tuple(paths.values())


def _read(pairs: Sequence[Pair], clip: str | None) -> list[list[dict[str, float]]]:
    """What the pictures of each pair are like, by their pixels: the prompt is the same for all."""
    from persimg import files
    from persimg.preferences.pictures import of_pictures

    found = of_pictures([files.open_picture(path) for pair in pairs for path in pair.paths], clip)
    count = len(pairs[0].paths)
    return [found[i : i + count] for i in range(0, len(found), count)]


def _range(lo: float | None, hi: float | None) -> str:
    return "no interval" if lo is None else f"[{lo:+.2f}, {hi:+.2f}]"


def _behind(place: RankedGroup) -> str:
    """How far behind the first, and whether that is more than chance."""
    if place.behind is None:
        return ""
    known = "" if place.is_shown else ": not shown"
    return f", {place.behind.mean:.2f} {_range(place.behind.lo, place.behind.hi)} behind the first{known}"


def _record(place: RankedGroup, pair: Pair) -> dict[str, Any]:
    behind = place.behind and {**{name: getattr(place.behind, name) for name in ("mean", "lo", "hi")}, "p": place.p, "shown": place.is_shown}
    mean = {"score": round(place.mean.mean, 4), "lo": place.mean.lo, "hi": place.mean.hi, "n": len(place.scores), "behind": behind}
    return {"concept": pair.concept, "base": pair.base, **mean, "why": dict(place.why), "pictures": [str(path) for path in pair.paths]}
