"""persimg concepts mix: a strip of people between two that were learned."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Sequence

from persimg.cli import options
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.concepts.concept import Concept
    from persimg.sampling.safety import Safety
    from persimg.sampling.sampler import Generated

MOST_STEPS = 100
STRIP = "strip.png"
PROMPT = "a photo of {} person"
"""as the method's captions say it"""


def add_parser(actions: Any) -> argparse.ArgumentParser:
    mix = actions.add_parser("mix", help="a strip of people between two of the method identity_basis", description=__doc__)
    mix.add_argument("first", metavar="A", help="file or name of a concept")
    mix.add_argument("second", metavar="B", help="another, learned over the same identity basis")
    mix.add_argument("--steps", type=int, default=7, help="how many people, with both ends (default 7)")
    mix.add_argument("--basis", metavar="FILE", help="the identity basis of both (default: A's, where it still lies there, or the embedded base's)")
    mix.add_argument("--prompt", default=PROMPT, help=f"what to draw of each, {{}} being the person (default {PROMPT!r})")
    mix.add_argument("--seed", type=int, default=0, help="of every picture (default 0)")
    mix.add_argument("--denoising-steps", type=int, default=25, help="of every picture (default 25)")
    mix.add_argument("--no-concepts", action="store_true", help="pictures alone, without a concept file for each")
    mix.add_argument("--out", type=Path, required=True, help="folder: NN-NAME.png, NN-NAME.safetensors and strip.png")
    mix.add_argument("--replace", action="store_true", help="overwrite a strip that exists; its pictures and, unless --no-concepts, its concept files go")
    options.add_safety(mix)
    options.add_base(mix)
    return mix


def run(args: argparse.Namespace) -> dict[str, Any]:
    paths = _checked(args)
    from persimg.concepts import store
    from persimg.data.pictures import contact_sheet
    from persimg.methods.identity_basis import find_basis
    from persimg.sampling import provenance, safety
    from persimg.spaces import mixing

    first, second = (store.load(path) for path in paths)
    mixing.check(first.card, second.card)
    base = options.load(args)
    found = find_basis(base, _basis_file(args, first.card.recipe.get("basis")))
    found.check(base)
    people = mixing.mixed(first, second, found, args.steps)
    names = [args.out / f"{i:02d}-{person.card.name}" for i, person in enumerate(people)]
    record: dict[str, Any] = {"concepts": [], "pictures": [], "strip": str(args.out / STRIP), "degrees": _apart(first, second)}
    safe = safety.load(args.safety, args.safety_checker, base.device)
    made = [_drawn(args, base, person, safe) for person in people]
    _remove_before(args.out, paths, [".png"] if args.no_concepts else [".png", ".safetensors"])
    for name, person, generated in zip(names, people, made):
        _write(args, base, name, person, generated, record)
    shown = [generated.picture for generated in made if not generated.is_blocked]
    if shown:
        provenance.save_sheet(contact_sheet(shown, len(shown)), record["strip"], [person.card.name for person in people])
        print(record["strip"])
    if unsafe := [person.card.name for person, generated in zip(people, made) if generated.unsafe]:
        print(f"safety: {len(unsafe)} of {len(made)} pictures flagged and {safety.DONE[args.safety]} ({', '.join(unsafe)})", file=sys.stderr)
    return record | {"strip": record["strip"] if shown else None, "unsafe": unsafe}


def _apart(first: Concept, second: Concept) -> dict[str, list[float]]:
    """Encoder → degrees between the two at each place of the name; says them."""
    from persimg.spaces import mixing

    found = {key: [round(degrees, 1) for degrees in places] for key, places in mixing.degrees(first, second).items()}
    for key, places in found.items():
        apart = " and ".join(f"{degrees:g}" for degrees in places)
        print(f"{first.card.name} and {second.card.name} are {apart} degrees apart ({key})", file=sys.stderr)
    return found


def _checked(args: argparse.Namespace) -> list[Path]:
    """Everything that can be refused before torch is imported."""
    from persimg.concepts import library, store
    from persimg.sampling import safety
    from persimg.sampling.task import Task

    if not 2 <= args.steps <= MOST_STEPS:
        raise UserError(f"--steps {args.steps} is out of range", f"take 2 to {MOST_STEPS}")
    if args.prompt.count("{}") < 1 or set(args.prompt.replace("{}", "")) & set("{}"):
        raise UserError(f"--prompt is {args.prompt!r}", "write {} for the person, no other brackets")
    if not 1 <= args.denoising_steps <= 1000:
        raise UserError(f"--denoising-steps {args.denoising_steps} is out of range", "take 1 to 1000")
    Task(args.prompt, seed=args.seed)
    if args.out.exists() and not args.out.is_dir():
        raise UserError(f"--out {args.out} is a file", "name a folder")
    options.check_base(args)
    safety.check(args.safety, args.safety_checker)
    if (args.out / STRIP).exists() and not args.replace:
        raise UserError(f"{args.out / STRIP} exists", "choose another --out or pass --replace")
    paths = [library.resolve(name) for name in (args.first, args.second)]
    for path in paths:
        store.read_card(path)
    return paths


def _remove_before(out: Path, kept: Sequence[Path], endings: Sequence[str]) -> None:
    """The files of the strip that this one replaces, which may have had more people: it tells their names. kept: what this one is of;
    endings: of the files that this one writes.
    """
    from persimg.sampling import provenance

    inside = {path.resolve() for path in kept}
    for i, name in enumerate(provenance.sheet_concepts(out / STRIP) if (out / STRIP).exists() else ()):
        for path in [out / f"{i:02d}-{name}{ending}" for ending in endings]:
            if path.resolve() not in inside:
                path.unlink(missing_ok=True)
    (out / STRIP).unlink(missing_ok=True)


def _basis_file(args: argparse.Namespace, learned_with: Any) -> str:
    """The file that was named, else the one that the first person was learned with, where it still lies there."""
    if args.basis is not None:
        return args.basis
    return learned_with if isinstance(learned_with, str) and Path(learned_with).is_file() else ""


def _drawn(args: argparse.Namespace, base: Base, person: Concept, safe: Safety) -> Generated:
    from persimg.sampling.sampler import Sampler

    with Sampler(base, [person], batch=1, safety=safe) as sampler:
        task = sampler.task(args.prompt.replace("{}", person.card.placeholder), seed=args.seed, steps=args.denoising_steps)
        (generated,) = sampler.stream([task])
    return generated


def _write(args: argparse.Namespace, base: Base, name: Path, person: Concept, generated: Generated, record: dict[str, Any]) -> None:
    from persimg.concepts import store
    from persimg.sampling import provenance

    if not args.no_concepts:
        path = f"{name}.safetensors"
        store.save(person, path)
        record["concepts"].append(path)
        print(path)
    if generated.is_blocked:
        return
    path = f"{name}.png"
    provenance.save(generated, path, base.name)
    record["pictures"].append(path)
    print(path, flush=True)
