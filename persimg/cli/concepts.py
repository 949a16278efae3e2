"""persimg concepts: the library."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

from persimg.cli import mixing, options
from persimg.concepts.prompts import check_name
from persimg.errors import UserError


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("concepts", help="list, show, remove, import, export and mix learned concepts")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="all concepts of the library")
    show = actions.add_parser("show", help="the card of a concept")
    show.add_argument("concept", metavar="FILE_OR_NAME")
    remove = actions.add_parser("remove", help="delete a concept from the library")
    remove.add_argument("name")
    add = actions.add_parser("import", help="bring a concept file, a LoRA or a textual inversion into the library")
    add.add_argument("file", type=Path, help="a .safetensors file, or the folder that peft, diffusers or an export made")
    add.add_argument("--name", help="name in the library; needed for files of other tools")
    add.add_argument("--class-noun", default="", help="what kind of thing it is")
    add.add_argument("--trigger", default="", help="what its author says to type, for a LoRA")
    add.add_argument("--consent", default="", metavar="TEXT", help="for people: who agreed to what; kept in the card")
    add.add_argument("--replace", action="store_true", help="replace a concept of the same name")
    options.add_base(add)
    revoke = actions.add_parser("revoke", help="a person's consent is taken back: the concept and its copies are never loaded again")
    revoke.add_argument("concept", metavar="FILE_OR_NAME")
    export = actions.add_parser("export", help="write a concept for other tools")
    export.add_argument("concept", metavar="FILE_OR_NAME")
    export.add_argument("--format", required=True, choices=("diffusers", "a1111", "kohya"))
    export.add_argument("--out", type=Path, required=True, help="NAME.safetensors; a folder where the concept consists of several parts")
    export.add_argument("--replace", action="store_true", help="overwrite files that exist")
    options.add_base(export)
    export.set_defaults(base=None)
    mix = mixing.add_parser(actions)
    for action, function in ((listing, _list), (show, _show), (remove, _remove), (add, _import), (revoke, _revoke), (export, _export), (mix, mixing.run)):
        options.add_json(action)
        action.set_defaults(run=function)


def _list(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.concepts import library

    cards = library.listing()
    for card in cards:
        print(f"{card.placeholder:24} {card.method:20} {card.base.get('name', ''):16} {card.created[:10]}")
    if not cards:
        print(f"no concepts in {library.folder()} yet; train one with: persimg train")
    return {"concepts": [{"name": c.name, "method": c.method, "base": c.base, "class_noun": c.class_noun} for c in cards]}


def _show(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.concepts import library, store

    path = library.resolve(args.concept)
    card = store.read_card(path)
    record = {"path": str(path), **dataclasses.asdict(card), "placeholder": card.placeholder, "trigger_phrase": card.trigger_phrase}
    print(json.dumps(record, indent=2, ensure_ascii=False))
    return record


def _remove(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.concepts import library

    library.remove(args.name)
    print(f"removed {args.name}")
    return {"removed": args.name}


def _revoke(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.concepts import consent, library

    record = consent.revoke(library.resolve(args.concept))
    print(f"{record['name']} won't be loaded again ({record['digest']}); its file lies at {record['path']} until it is deleted")
    return record


def _import(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.concepts import library, store

    file = args.file
    if not file.exists():
        raise UserError(f"concept {file} doesn't exist", "check the path")
    if file.is_file() and store.HEADER_KEY in store.read_header(file).get("__metadata__", {}):
        return _imported({"path": str(library.add(file, args.replace))})
    return _imported(_import_foreign(args, file))


def _imported(record: dict[str, Any]) -> dict[str, Any]:
    if "modules" in record:
        print(f"adapted {record['adapted']} of {record['modules']} modules in the file")
    print(f"imported as {record['path']}")
    return record


def _import_foreign(args: argparse.Namespace, file: Path) -> dict[str, Any]:
    """Into the library, after the base has taken it whole."""
    from persimg.concepts import consent, library, store
    from persimg.concepts.importing import files_of, import_file
    from persimg.spaces import attach_concept

    if not args.name:
        raise UserError(f"{file} is another tool's file, without a name", "give one with --name")
    check_name(args.name)
    library.check_free(args.name, args.replace)
    consent.check(args.class_noun, args.consent)
    for part in files_of(file):
        store.read_header(part)
    base = options.load(args)
    concept = import_file(file, args.name, args.class_noun, args.trigger, base, args.consent)
    stack = attach_concept(base, concept)
    adapted = stack.num_modules
    stack.detach()
    return {"path": str(library.put(concept)), "adapted": adapted, "modules": concept.num_modules}


def _export(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.concepts import library, store
    from persimg.concepts.exporting import export

    path = library.resolve(args.concept)
    if "full" in store.read_card(path).spaces and args.format == "diffusers":
        concept, written = _export_pipeline(args, path)
    else:
        concept = store.load(path)
        written = export(concept, args.format, args.out, args.replace)
    for path in written:
        print(path)
    print(f"type: {concept.card.trigger_phrase}")
    return {"files": [str(p) for p in written], "prompt": concept.card.trigger_phrase}


def _export_pipeline(args: argparse.Namespace, path: Path) -> tuple[Any, list[Path]]:
    """Whole weights are kept as a difference: what diffusers loads is the base with it."""
    from persimg.concepts import store
    from persimg.spaces.pipeline_folder import check_pipeline, export_pipeline

    card = store.read_card(path)
    args.base = args.base or ("mini" if card.base.get("name") == "mini" else None)
    if args.base is None:
        raise UserError(f"{card.name} is a difference to {card.base.get('name')}, which a pipeline folder needs", "give that base with --base")
    options.check_base(args)
    check_pipeline(card.name, list(card.spaces), args.out, args.replace)
    concept = store.load(path)
    return concept, [export_pipeline(concept, options.load(args), args.out, args.replace)]
