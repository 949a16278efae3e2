"""How many of a run's pictures show a face, which makes them pictures of people whatever they are called."""

from __future__ import annotations

from typing import Iterable

from persimg import files
from persimg.concepts import consent
from persimg.data.pictures import Picture
from persimg.errors import UserError

ENOUGH = 0.5
"""share of the pictures with a face from which on people are what is learned, not bystanders"""


def shown(picture: Picture) -> str:
    """How a card knows a picture."""
    return consent.picture_mark(picture.digest)


def check(class_noun: str, said: str, pictures: Iterable[Picture], pack: str) -> None:
    """UserError (exit 2) where people are to be learned without consent, and (exit 3) from pictures of which somebody's was revoked.

    Faces are looked for only where the answer depends on it.
    """
    consent.check(class_noun, said)
    pictures = list(pictures)
    consent.check_pictures([shown(picture) for picture in pictures])
    if said.strip():
        return
    faces = _faces(pictures, pack)
    if faces >= ENOUGH * len(pictures):
        consent.check(class_noun, said, faces)


def _faces(pictures: Iterable[Picture], pack: str) -> int:
    """0 where there is no pack to look with."""
    from persimg.faces import detect, pack as packs

    try:
        found = packs.load(pack)
    except UserError:
        if pack != packs.EMBEDDED:
            raise
        return 0
    return sum(bool(detect.detect(files.open_picture(picture.path), found)) for picture in pictures)
