"""The pictures of one concept, with what is said about each."""

from __future__ import annotations

import random
from dataclasses import dataclass

from persimg import files
from persimg.data.captions import TEMPLATES
from persimg.data.pictures import Picture


@dataclass(frozen=True)
class ConceptData:
    """pictures: to learn from; held_out: kept for evaluation; templates: a key of `captions.TEMPLATES`.

    size: px a side; fit: "pad", "crop" or "bucket"; flip: mirror half of the rows.
    """

    name: str
    class_noun: str
    pictures: tuple[Picture, ...]
    held_out: tuple[Picture, ...] = ()
    templates: str = "object"
    size: int = 512
    fit: str = "pad"
    flip: bool = False

    @property
    def placeholder(self) -> str:
        return f"<{self.name}>"

    @property
    def digest(self) -> str:
        """12 hex digits over the pictures' bytes, their captions and masks, in order."""
        parts = [
            f"{p.digest} {p.caption} {files.digest_file(p.mask_path) if p.mask_path else ''}" for p in self.pictures
        ]
        return files.digest_bytes("\n".join(parts).encode())[:12]

    def caption(self, index: int, rng: random.Random) -> str:
        """What is said about picture `index` this time; its own caption, where it has one, with the placeholder in it."""
        own = self.pictures[index].caption
        if own is None:
            return rng.choice(TEMPLATES[self.templates]).format(self.placeholder)
        return own if self.placeholder in own else f"{self.placeholder}, {own}"


def split(pictures: tuple[Picture, ...], keep_out: int) -> tuple[tuple[Picture, ...], tuple[Picture, ...]]:
    """(to learn from, held out): the last keep_out pictures are kept from training."""
    return (pictures[:-keep_out], pictures[-keep_out:]) if keep_out else (pictures, ())
