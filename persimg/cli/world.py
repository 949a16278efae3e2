"""persimg world: truth of the drawn world."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from persimg.cli import options
from persimg.errors import UserError


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("world", help="draw scenes of the drawn world that the embedded models know")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    draw = actions.add_parser("draw", help="draw a prompt; what it leaves open is drawn at random")
    draw.add_argument("prompt", help='such as "a striped red cat wearing a hat in the snow at night, pastel style", "character:3 in the city", "face:2 smiling, style:1"')
    draw.add_argument("-n", "--number", type=int, default=1, help="how many pictures (default 1)")
    draw.add_argument("--seed", type=int, default=0, help="seed (default 0)")
    draw.add_argument("--size", type=int, default=128, help="side in px (default 128)")
    draw.add_argument("--masks", action="store_true", help="also write NUMBER.mask.png, white where the subjects are")
    draw.add_argument("--captions", action="store_true", help="also write NUMBER.txt with what each picture shows")
    draw.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    characters = actions.add_parser("characters", help="the held-out characters, which no embedded model has seen")
    people = actions.add_parser("people", help="the people with names; face:N are held-out faces without one")
    styles = actions.add_parser("styles", help="the drawing styles; no embedded model has seen style:N")
    vocabulary = actions.add_parser("words", help="the words that prompts of the drawn world are read by: those of captions, and those that no model has met in training")
    for action, function in ((draw, _draw), (characters, _characters), (people, _people), (styles, _styles), (vocabulary, _words)):
        options.add_json(action)
        action.set_defaults(run=function)


def _draw(args: argparse.Namespace) -> dict[str, Any]:
    if not 1 <= args.number <= 100_000:
        raise UserError(f"-n {args.number} is out of range", "take 1 to 100000")
    if not 16 <= args.size <= 4096:
        raise UserError(f"--size {args.size} is out of range", "take 16 to 4096 px")
    if args.out.exists() and not args.out.is_dir():
        raise UserError(f"--out {args.out} is a file", "name a folder")
    from persimg import files, seeds
    from persimg.mini.world.caption import caption
    from persimg.mini.world.parse import parse
    from persimg.mini.world.render import draw

    said, paths = parse(args.prompt), []
    for i in range(args.number):
        scene = said.filled(seeds.rng(args.seed, "world", i))
        path = args.out / f"{i:04d}.png"
        _write(path, draw(scene, args.size), args.masks)
        if args.captions:
            files.write_text(path.with_suffix(".txt"), caption(scene) + "\n")
        print(path)
        paths.append(str(path))
    return {"pictures": paths}


def _write(path: Path, drawing: Any, masks: bool) -> None:
    import numpy as np
    from PIL import Image

    from persimg import files

    with files.write_beside(path) as temporary:
        Image.fromarray(drawing.picture).save(temporary, "PNG")
    if masks:
        with files.write_beside(path.with_name(f"{path.stem}.mask.png")) as temporary:
            Image.fromarray(np.logical_or.reduce(drawing.masks)).convert("L").save(temporary, "PNG")


def _characters(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.mini.world.characters import CHARACTERS

    for c in CHARACTERS:
        print(f"character:{c.number:<3} {c.name:6} {c.class_noun:8} {c.description}")
    return {"characters": [{"number": c.number, "name": c.name, "class_noun": c.class_noun, "description": c.description} for c in CHARACTERS]}


def _people(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.mini.world.people import HELD_OUT_FACES, PEOPLE

    for p in PEOPLE:
        print(f"{p.name:24} {p.noun}")
    print(f"face:0 to face:{len(HELD_OUT_FACES) - 1}: held out")
    return {"people": [{"number": p.number, "name": p.name, "noun": p.noun} for p in PEOPLE], "held_out_faces": len(HELD_OUT_FACES)}


def _styles(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.mini.world.styles import HELD_OUT
    from persimg.mini.world.words import STYLES

    for name, phrases in STYLES.items():
        print(f"{name:12} {', '.join(phrases)}")
    for number, (_, name, text) in HELD_OUT.items():
        print(f"{number:12} {name}: {text} (held out)")
    return {"styles": list(STYLES), "held_out": [{"number": n, "name": name, "description": text} for n, (_, name, text) in HELD_OUT.items()]}


def _words(args: argparse.Namespace) -> dict[str, Any]:
    from persimg.mini.world.grammar import typed_words
    from persimg.mini.world.vocabulary import VOCABULARY, caption_words
    from persimg.mini.world.words import RARE_WORDS, SPARE_WORDS

    said = caption_words()
    met = [word for word in VOCABULARY if word in said]
    unmet = [word for word in VOCABULARY if word not in said and word not in (*SPARE_WORDS, *RARE_WORDS)]
    read = sorted(typed_words() - set(VOCABULARY))
    for title, words in (
        ("Captions are made of these:", met),
        ("Accepted, but in no caption, so that the embedded base never met them:", unmet),
        ("Read in prompts alone; the embedded base has no word for them:", read),
    ):
        print(title, " ".join(words), sep="\n")
    return {"words": met, "never_met": unmet, "read_alone": read}
