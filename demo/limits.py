"""What users hand in, checked on the server: the page's own limits can be passed by."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Sequence

from persimg import files
from persimg.concepts.prompts import NAME
from persimg.errors import UserError
from persimg_demo.settings import Limits


def text(value: str | None, most: int, what: str) -> str:
    """On one line, without control characters."""
    found = " ".join("".join(c if c.isprintable() else " " for c in value or "").split())
    if len(found) > most:
        raise UserError(f"{what} has {len(found)} characters", f"keep to {most}")
    return found


def number(value: float | int | None, least: float, most: float, what: str) -> float:
    if value is None or not least <= value <= most:
        raise UserError(f"{what} is {value}", f"take {least:g} to {most:g}")
    return value


def whole(value: float | int | None, least: int, most: int, what: str) -> int:
    return int(number(value, least, most, what))


def typed(value: str, least: float, most: float, what: str) -> float:
    """A number as it was typed."""
    try:
        return number(float(value), least, most, what)
    except ValueError as error:
        raise UserError(f"{what} is {value[:20]!r}", "write a number") from error


def optional(value: str | None, least: int, most: int, what: str, otherwise: int) -> int:
    """A whole number as it was typed; an empty field is `otherwise`."""
    text = (value or "").strip()
    if not text:
        return otherwise
    if not text.isascii() or not text.isdigit():
        raise UserError(f"{what} is {text[:20]!r}", "write a whole number, or leave it empty")
    return whole(int(text[:20]), least, most, what)


def concept_name(value: str | None) -> str:
    name = (value or "").strip()
    if not NAME.fullmatch(name):
        raise UserError(
            f"{name[:40]!r} can't be a name" if name else "it has no name yet", "take a letter, then letters, digits, - or _, at most 40"
        )
    return name


def picture(path: str | Path, limits: Limits, shown_name: str = "the picture"):
    """Opened as what it is, whatever it is called. UserError that names no path."""
    size = Path(path).stat().st_size
    if size > limits.upload_mb * 1_000_000:
        raise UserError(f"{shown_name} is {size / 1e6:.0f} MB", f"the limit is {limits.upload_mb} MB")
    try:
        return files.open_picture(path, limits.megapixels * 1_000_000)
    except UserError as error:
        raise UserError(error.what.replace(str(path), shown_name), error.mend, error.exit_code) from error


def take_pictures(paths: Sequence[str], folder: Path, limits: Limits) -> list[Path]:
    """Write pictures anew under names of our own: neither a name, nor metadata, nor what isn't a picture gets in."""
    if not paths:
        raise UserError("there are no pictures yet", "drop some on the page, or take an example")
    if len(paths) > limits.pictures:
        raise UserError(f"these are {len(paths)} pictures", f"give {limits.pictures} at most")
    small = [_small(path, limits, f"picture {i + 1}") for i, path in enumerate(paths)]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = [folder / f"{i:02d}.png" for i in range(len(small))]
    for path, one in zip(found, small):
        one.save(path)
    return found


def _small(path: str, limits: Limits, shown_name: str):
    """Thirty of full size wouldn't fit into memory."""
    one = picture(path, limits, shown_name)
    one.thumbnail((limits.side, limits.side))
    return one
