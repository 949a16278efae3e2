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
    people: of several people learned together, who is in each picture to learn from.
    """

    name: str
    class_noun: str
    pictures: tuple[Picture, ...]
    held_out: tuple[Picture, ...] = ()
    templates: str = "object"
    size: int = 512
    fit: str = "pad"
    flip: bool = False
    people: tuple[str, ...] = ()

    @property
    def placeholder(self) -> str:
        return f"<{self.name}>"

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody once, in order; the concept's name where it is one."""
        return tuple(dict.fromkeys(self.people)) or (self.name,)

    @property
    def digest(self) -> str:
        """12 hex digits over the pictures' bytes, their captions and masks, in order, and who is in them; not over what is cut out of them,
        so that consent to them is one for all that is learned from them.
        """
        parts = [
            f"{p.digest} {p.caption} {files.digest_file(p.mask_path) if p.mask_path else ''}" for p in self.pictures
        ] + list(self.people)
        return files.digest_bytes("\n".join(parts).encode())[:12]

    @property
    def cut(self) -> str:
        """12 hex digits over what is cut out of the pictures; "" where all are learned as they are."""
        cuts = [picture.cut for picture in self.pictures]
        return files.digest_bytes(repr(cuts).encode())[:12] if any(cuts) else ""

    def caption(self, index: int, rng: random.Random) -> str:
        """What is said about picture `index` this time; its own caption, where it has one, with the placeholder in it."""
        own, name = self.pictures[index].caption, f"<{self.people[index]}>" if self.people else self.placeholder
        if own is None:
            return rng.choice(TEMPLATES[self.templates]).format(name)
        return own if name in own else f"{name}, {own}"


def split(pictures: tuple[Picture, ...], keep_out: int) -> tuple[tuple[Picture, ...], tuple[Picture, ...]]:
    """(to learn from, held out): the last keep_out pictures are kept from training."""
    return (pictures[:-keep_out], pictures[-keep_out:]) if keep_out else (pictures, ())
