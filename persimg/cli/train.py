"""persimg train METHOD: learn a concept from pictures."""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import sys
from pathlib import Path
from typing import Any

from persimg.cli import options
from persimg.errors import UserError

KEEP = object()


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "train", help="learn a concept from pictures",
        description="Learn a concept from pictures. `persimg train METHOD --help` lists the settings of a method.",
    )  # fmt: skip
    parser.add_argument("--list", action="store_true", help="all methods, with their place in the survey's terms")
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout and nothing else")
    parser.add_argument("method", nargs="?", metavar="METHOD", help="a name from --list, or a path to a .py file")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="settings of the method")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int | dict[str, Any]:
    if args.list or args.method is None:
        if not args.list:
            raise UserError("no method was named", "choose one from: persimg train --list")
        return _list()
    return run_method(args.method, args.rest)


def _list() -> dict[str, Any]:
    from persimg.training.recipe import coordinates, load_method, method_names, summary

    methods = {}
    for name in method_names():
        module = load_method(name)
        methods[name] = {"summary": summary(module), **coordinates(module)}
        print(f"{name}\n  {methods[name]['summary']}")
        print("  " + " | ".join(f"{k}: {v}" for k, v in coordinates(module).items()))
    return {"methods": methods}


def method_parser(method: str) -> argparse.ArgumentParser:
    """The options of one method: the common ones and every field of its recipe."""
    from persimg.cli.main import Parser
    from persimg.training.recipe import help_texts, load_method, summary

    module = load_method(method)
    parser = Parser(prog=f"persimg train {method}", description=summary(module))
    parser.add_argument("--pictures", help="folder with pictures of the subject, captions in NAME.txt, masks in NAME.mask.png; for identity_basis also one with a folder for each of several people")
    parser.add_argument("--name", help="name of the concept; written <NAME> in prompts (several people: their folders')")
    parser.add_argument("--class-noun", help="what kind of thing it is, such as cat")
    parser.add_argument("--out", help="folder of the run; the same command again resumes")
    parser.add_argument("--base", help="mini (default), a folder, a .safetensors checkpoint or a hub id")
    parser.add_argument("--config", type=Path, help="YAML file with any of these settings; options given here win")
    parser.add_argument("--device", help="cpu, cuda or cuda:N")
    parser.add_argument("--attention", choices=("sdpa", "xformers"), default="sdpa")
    parser.add_argument("--consent", default="", metavar="TEXT", help="for people: who agreed to what; kept in the concept's card")
    parser.add_argument("--face-pack", default="mini", help="insightface pack that tells whether the pictures show people (default mini, for drawn faces)")
    parser.add_argument("--dry-run", action="store_true", help="check everything, print the recipe, draw a contact sheet, and stop")
    parser.add_argument("--restart", action="store_true", help="throw away what is in --out and start over")
    parser.add_argument("--library", action=argparse.BooleanOptionalAction, default=True, help="add the concept to the library (default)")
    parser.add_argument("--replace", action="store_true", help="replace a concept of the same name in the library")
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout and nothing else")
    texts, recipe = help_texts(module.Recipe), parser.add_argument_group("recipe")
    for field in dataclasses.fields(module.Recipe):
        _add_field(recipe, field, texts.get(field.name, ""), getattr(module, "MINI", {}))
    return parser


def _add_field(group: Any, field: dataclasses.Field, text: str, mini: dict[str, Any]) -> None:
    from persimg.training.recipe import type_name

    flag, kind = "--" + field.name.replace("_", "-"), type_name(field)
    text += f" (default: {field.default}" + (f"; on mini: {mini[field.name]}" if field.name in mini else "") + ")" if "default" not in text else ""
    if "bool" in kind:
        group.add_argument(flag, action=argparse.BooleanOptionalAction, default=KEEP, help=text)
    else:
        convert = int if kind.startswith("int") else float if kind.startswith("float") else str
        group.add_argument(flag, type=convert, default=KEEP, help=text.replace("%", "%%"), metavar=convert.__name__.upper())


def run_method(method: str, argv: list[str]) -> dict[str, Any]:
    """What both `persimg train` and the launchers in trainers/ do."""
    from persimg.training.plan import plan

    args = method_parser(method).parse_args(argv)
    given = _settings(args, method)
    args.base = given["base"]
    options.check_base(args)
    made = plan(method, given["pictures"], given["name"], given["class_noun"], given["base"], given["out"], given["changes"], args.consent, args.face_pack)
    if args.dry_run:
        return _dry_run(made)
    return _train(method, args, given)


def _settings(args: argparse.Namespace, method: str) -> dict[str, Any]:
    """Options over the YAML file; the four that every run needs are asked for."""
    values = {name: value for name, value in vars(args).items() if value is not KEEP}
    from_file = _read_yaml(args.config) if args.config else {}
    own = ("pictures", "name", "class_noun", "out", "base")
    found = {name: values[name] if values.get(name) is not None else from_file.get(name) for name in own}
    if found["name"] is None and found["pictures"] is not None and _are_people(method, found["pictures"]):
        found["name"] = ""
    missing = [f"--{name.replace('_', '-')}" for name in own[:4] if found[name] is None]
    if missing:
        raise UserError(f"{', '.join(missing)} missing", "say what to learn, its name, what kind of thing it is, and where to write")
    from persimg.training.recipe import load_method

    fields = {f.name for f in dataclasses.fields(load_method(method).Recipe)}
    changes = {name: value for name, value in from_file.items() if name not in own}
    changes |= {name: value for name, value in values.items() if name in fields}
    return {**found, "base": found["base"] or "mini", "changes": changes}


def _are_people(method: str, pictures: str) -> bool:
    """A folder of people, whose own folders name them, for a method that can learn several."""
    from persimg.data.pictures import read_people
    from persimg.training.recipe import load_method

    return hasattr(load_method(method), "check_people") and bool(read_people(pictures))


def _read_yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise UserError(f"--config {path} can't be read ({' '.join(str(error).split())})", "mend the file") from error
    if not isinstance(found, dict):
        raise UserError(f"--config {path} is not a mapping", "write lines such as steps: 300")
    return found


def _dry_run(made: Any) -> dict[str, Any]:
    from persimg import files
    from persimg.bases.loading import grid
    from persimg.data.pictures import contact_sheet, fitted, opened, target_size

    usual, step = grid(made.base_name) or (512, 64)  # what only the hub or a single file could tell is taken as for SD 1.5
    size, fit = made.recipe.size or usual, made.recipe.fit
    shown = [fitted(opened(p), target_size(p, fit, size, step), fit) for p in made.pictures]
    with files.write_beside(made.out / "pictures.png") as temporary:
        contact_sheet(shown).save(temporary, "PNG")
    recipe = dataclasses.asdict(made.recipe)
    _print_recipe(made.method_name, made.base_name, recipe)
    print(f"{len(made.pictures)} pictures to learn from, {len(made.held_out)} held out; as learned: {made.out / 'pictures.png'}")
    return {"method": made.method_name, "recipe": recipe, "pictures": len(made.pictures), "held_out": len(made.held_out)}


def _print_recipe(method: str, base: str, recipe: dict[str, Any]) -> None:
    print(f"{method} on {base}: " + ", ".join(f"{k}={v}" for k, v in recipe.items()))


def _train(method: str, args: argparse.Namespace, given: dict[str, Any]) -> dict[str, Any]:
    from persimg.training.recipe import load_method, resolve
    from persimg.training.run import train

    is_main = os.environ.get("RANK", "0") == "0"
    if is_main:
        _print_recipe(method, given["base"], dataclasses.asdict(resolve(load_method(method), given["base"], given["changes"])))
    stop = _Stop()
    events = train(
        method, given["pictures"], given["name"], given["class_noun"], given["base"], given["out"], device=args.device,
        attention=args.attention, restart=args.restart, add_to_library=args.library, replace=args.replace,
        consent=args.consent, face_pack=args.face_pack, should_stop=lambda: stop.asked, **given["changes"],
    )  # fmt: skip
    with stop:
        outcome = _show(events, is_main)
    _leave_processes()
    return outcome


def _leave_processes() -> None:
    """All processes end together: one that goes while another still talks to it aborts both."""
    import torch.distributed as processes

    if processes.is_available() and processes.is_initialized():
        processes.barrier()
        processes.destroy_process_group()


class _Stop:
    """The first Ctrl-C or SIGTERM finishes the step and saves; the second one ends at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> None:
        self.old = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}

    def __exit__(self, *_: object) -> None:
        for number, handler in self.old.items():
            signal.signal(number, handler)

    def _ask(self, *_: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        print("persimg: stopping after this step; the same command resumes", file=sys.stderr)


def _show(events: Any, is_main: bool) -> dict[str, Any]:
    from tqdm import tqdm

    bar, result = None, {}
    for event in events:
        if event.kind == "start" and is_main:
            learned, processes = event.values["parameters"], event.values["processes"]
            print(f"<name> becomes {event.values['expansion']!r}; {learned} numbers to learn on {processes} process(es)")
            bar = tqdm(total=event.values["steps"], initial=event.step, unit="step", disable=not sys.stderr.isatty(), leave=False)
        elif event.kind == "step" and bar is not None:
            bar.update(1)
            bar.set_postfix(loss=f"{event.values['loss']:.4f}")
            result["loss"] = event.values["loss"]
        elif event.kind == "checkpoint" and is_main and not sys.stderr.isatty():
            print(f"step {event.step}: {event.values['path']}")
        elif event.kind == "selected":
            best = next(p for p in event.values["points"] if p["step"] == event.values["chosen"])
            print(f"chosen: step {best['step']}, subject less copying {best['subject']:.2f}, prompt {best['prompt']:.2f} (curve.png shows all)")
        elif event.kind == "finished":
            result |= event.values | {"steps": event.step}
            for path in event.values.get("paths", {"": event.values.get("path")}).values():
                print(f"concept: {path}")
    if bar is not None:
        bar.close()
    return result
