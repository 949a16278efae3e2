"""persimg basis apply: a photograph to a concept by a learned map, in one pass and without training."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persimg.cli import options
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.faces.pack import Pack


def add_parser(actions: Any) -> argparse.ArgumentParser:
    apply = actions.add_parser("apply", help="a concept from one photograph, by a learned map", description=__doc__)
    apply.add_argument("--map", type=Path, required=True, metavar="FILE", help="what persimg train identity_basis --inversion map wrote")
    apply.add_argument("--picture", type=Path, required=True, metavar="FILE", help="a picture of the person")
    apply.add_argument("--name", required=True, help="name of the concept; written <NAME> in prompts")
    apply.add_argument("--class-noun", default="person", help="what kind of being it is (default person)")
    apply.add_argument("--consent", default="", metavar="TEXT", help="who agreed to what; kept in the concept's card")
    apply.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .safetensors file")
    apply.add_argument("--replace", action="store_true", help="overwrite a file that exists")
    apply.add_argument("--basis", default="", metavar="FILE", help="the map's identity basis (default: the embedded base's)")
    apply.add_argument("--pack", default="mini", help="insightface pack that the map was learned with (default mini, for drawn faces)")
    which = apply.add_mutually_exclusive_group()
    which.add_argument("--face", default="only", choices=("only", "largest"), help="which face is meant (default only: one that is alone or clearly the largest)")
    which.add_argument("--face-box", metavar="X,Y,W,H", help="where the face is, px")
    which.add_argument("--aligned", action="store_true", help="the picture is a square crop of a face, aligned as FFHQ's are: none is looked for")
    options.add_base(apply)
    return apply


def run(args: argparse.Namespace) -> dict[str, Any]:
    _check(args)
    from persimg import files
    from persimg.concepts import consent, store
    from persimg.faces import pack as packs
    from persimg.methods.identity_basis import applied, find_basis
    from persimg.spaces import face_map

    trained = face_map.load(args.map)
    pack = packs.load(args.pack)
    feature, shown = _feature(args, pack), [consent.picture_mark(files.digest_file(args.picture))]
    consent.check_pictures(shown)
    base = options.load(args)
    basis = find_basis(base, args.basis)
    trained.check(base, basis, pack, args.aligned)
    concept = applied(trained, base, basis, feature, args.name, args.class_noun.strip(), args.consent.strip())
    card = dataclasses.replace(concept.card, data={**concept.card.data, "shown": shown})
    concept = dataclasses.replace(concept, card=card)
    store.save(concept, args.out)
    print(f"concept: {args.out}")
    return {"path": str(args.out), "name": args.name, "digest": concept.digest, "bytes": args.out.stat().st_size}


def _check(args: argparse.Namespace) -> None:
    """Everything that can be refused before torch is imported."""
    from persimg.concepts import consent
    from persimg.concepts.prompts import check_name
    from persimg.faces.detect import parse_box

    check_name(args.name)
    if not args.class_noun.strip():
        raise UserError("--class-noun is empty", "say what kind of being it is, such as person")
    consent.check("person", args.consent)
    if args.face_box is not None:
        args.face_box = parse_box(args.face_box)
    if args.out.exists() and not args.replace:
        raise UserError(f"{args.out} exists", "choose another --out or pass --replace")
    options.check_base(args)


def _feature(args: argparse.Namespace, pack: Pack) -> Any:
    """(F,) unit vector of the face that is meant."""
    from persimg import files
    from persimg.faces import detect, embed

    picture, where = files.open_picture(args.picture), str(args.picture)
    if args.face_box is not None:
        return embed.embed(picture, detect.boxed(args.face_box, picture, where), pack)
    return embed.of_person(picture, pack, where, args.face, args.aligned)
