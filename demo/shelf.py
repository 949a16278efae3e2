"""What can be done with concepts in a home: look, rename, delete and take back, bring and take along."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persimg.concepts import consent, library, store
from persimg.errors import UserError
from persimg_demo import limits
from persimg_demo.homes import Home, stamp
from persimg_demo.words import table

if TYPE_CHECKING:
    from PIL import Image

    from persimg.concepts.concept import Card

FORMATS = {"persimg: this toolkit": "persimg", "diffusers": "diffusers", "A1111 and its kin": "a1111", "kohya": "kohya"}
TILES = ("#d9826b", "#6b9bd9", "#7fb07a", "#b58fd0", "#d0a94f")


def thumb(home: Home, card: Card) -> Path | Image.Image:
    """A picture of it, else a tile with its first letter."""
    path = home.thumbs / f"{card.name}.png"
    return path if home.owns(card.name) and path.is_file() else _tile(card.name)


def _tile(name: str) -> Image.Image:
    from PIL import Image, ImageDraw, ImageFont

    tile = Image.new("RGB", (256, 256), TILES[sum(name.encode()) % len(TILES)])
    ImageDraw.Draw(tile).text((128, 128), name[:1].upper(), "white", ImageFont.load_default(120), anchor="mm")
    return tile


def card_html(card: Card, is_own: bool) -> str:
    """What the card says, and what is known of consent."""
    data = f"{card.data['pictures']} pictures" if "pictures" in card.data else ""
    return table([
        ("In prompts", card.placeholder), ("Kind", card.class_noun), ("Method", card.method), ("Base", card.base.get("name", "")),
        ("Parts", " and ".join(card.spaces)), ("Learned from", data), ("Steps", card.step or ""), ("Made", card.created[:10]),
        ("Consent", _consent(card)), ("Notes", card.notes), ("", "" if is_own else "shared by the host; it can be used, not taken along"),
    ])  # fmt: skip


def _consent(card: Card) -> str:
    when = card.revoked or consent.revocation((), card.shown).get("revoked", "")
    if when:
        return f"revoked on {when[:10]}; it can't be used any more"
    if card.consent:
        return card.consent
    return "none is known, though it seems to be a person" if consent.names_a_person(card.class_noun) else "not needed: not a person"


def rename(home: Home, old: str, new: str) -> None:
    from persimg.concepts.renaming import renamed

    new = limits.concept_name(new)
    with home.inside():
        library.check_free(new, replace=False)
        path = library.path_of(old)
        notes = library.noted_pictures(path)
        noted = notes.read_text(encoding="utf-8") if notes.is_file() else None
        library.put(renamed(store.load(path), new))
        if noted:
            library.noted_pictures(library.path_of(new)).write_text(noted, encoding="utf-8")
        library.remove(old)
    if (home.thumbs / f"{old}.png").is_file():
        os.replace(home.thumbs / f"{old}.png", home.thumbs / f"{new}.png")
    for kept in (home.runs, home.reports):
        shutil.rmtree(kept / new, ignore_errors=True)  # of a concept of that name that is gone
        if (kept / old).is_dir():
            os.replace(kept / old, kept / new)


def delete(home: Home, name: str) -> Path:
    """Into the trash, with its pictures, curve and report; returns where it lies there, for take_back."""
    with home.inside():
        parts = [library.path_of(name), library.noted_pictures(library.path_of(name)), home.thumbs / f"{name}.png"]
    if not parts[0].is_file():
        raise UserError(f"you have no concept named {name}", "choose one of your own")
    place = home.trash / stamp()
    place.mkdir(parents=True)
    for kind, path in zip(("concepts", "concepts", "thumbs"), parts):
        if path.is_file():
            (place / kind).mkdir(exist_ok=True)
            os.replace(path, place / kind / path.name)
    for kept in (home.runs, home.reports):
        if (kept / name).is_dir():
            (place / kept.name).mkdir()
            os.replace(kept / name, place / kept.name / name)
    return place


def last_deleted(home: Home) -> Path:
    """The concept's file in the trash. UserError where there is none."""
    places = sorted(home.trash.glob("*")) if home.trash.is_dir() else []
    if not places:
        raise UserError("nothing was deleted that could be taken back", "")
    (concept,) = (places[-1] / "concepts").glob("*.safetensors")
    return concept


def forget_pictures(home: Home, name: str) -> None:
    """Of a concept whose consent was taken back: what it was taught from and what was drawn of it in its run and report."""
    with home.uploading:
        for path in (home.runs / name, home.reports / name, home.uploads):
            shutil.rmtree(path, ignore_errors=True)
    (home.thumbs / f"{name}.png").unlink(missing_ok=True)


def take_back(home: Home) -> str:
    """What was deleted last; its name. UserError where there is nothing, or its name is taken by now."""
    concept = last_deleted(home)
    place = concept.parent.parent
    if home.owns(concept.stem):
        raise UserError(f"you have another concept named {concept.stem} by now", "rename that one first")
    for kept in ("runs", "reports"):
        shutil.rmtree(home.folder / kept / concept.stem, ignore_errors=True)
    for path in place.rglob("*"):
        if path.is_file():
            target = home.folder / path.relative_to(place)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
    shutil.rmtree(place)
    return concept.stem


def export(home: Home, name: str, format: str, folder: Path) -> Path:
    """A file to take along: of several, a zip."""
    if format not in FORMATS.values():
        raise UserError("that format isn't there", "choose one of the list")
    if not home.owns(name):
        raise UserError(f"{name} isn't your own", "only own concepts can be taken along")
    path = home.concept_path(name)
    if format == "persimg":
        return path
    from persimg.concepts.exporting import export as export_concept

    with home.inside():
        written = export_concept(store.load(path), format, folder / name)
    packed = folder / f"{name}-{format}.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for part in written:
            archive.write(part, part.name)
    return packed


def bring(home: Home, path: Path, name: str, noun: str, trigger: str, said: str, base: Any) -> str:
    """A concept file as it is, another tool's under a name; what was adapted, in words."""
    header = store.read_header(path)
    with home.inside():
        if store.HEADER_KEY in header.get("__metadata__", {}):
            return _bring_own(path, name)
        from persimg.concepts.importing import import_file
        from persimg.spaces import attach_concept

        consent.check(noun, said)
        library.check_free(limits.concept_name(name), replace=False)
        concept = import_file(path, name, noun, trigger, base, said)
        stack = attach_concept(base, concept)
        adapted = stack.num_modules
        stack.detach()
        library.put(concept)
    return f"<{name}> is in your library: {adapted} of {concept.num_modules} parts of the file are used."


def _bring_own(path: Path, name: str) -> str:
    """Checked by loading it: a card alone says little."""
    from persimg.concepts.renaming import renamed

    concept = store.load(path)
    concept = renamed(concept, limits.concept_name(name or concept.card.name))
    library.check_free(concept.card.name, replace=False)
    library.put(concept)
    return f"<{concept.card.name}> is in your library."
