"""What the denoiser sees of a text, encoded once however many pictures ask for it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Sequence

from persimg.bases.base import Base, Conditioning
from persimg.sampling.guides import steered
from persimg.sampling.task import GuideUse

Guides = tuple[GuideUse, ...]
Key = tuple[str, tuple[int, int], Guides]
MAX_BYTES = 256 * 2**20
"""of conditioning that is kept: 7,000 texts of the embedded base, 800 of SDXL in fp16"""


class Texts:
    """Conditioning by text, size and guides, the last used ones kept. Holds as long as nothing that is attached changes."""

    def __init__(self, base: Base):
        self.base = base
        self._kept: OrderedDict[Key, Conditioning] = OrderedDict()
        self._bytes = 0

    def rows(self, texts: Sequence[str], size: tuple[int, int], guides: Sequence[Guides] | None = None) -> Conditioning:
        """One row a text, in order, after its guides. size: (height, width) px."""
        keys = list(zip(texts, [size] * len(texts), guides or [()] * len(texts)))
        # first each distinct one: the oldest may leave while a batch is put together
        found = {key: self._get(*key) for key in dict.fromkeys(keys)}
        return Conditioning.cat([found[key] for key in keys])

    def _get(self, text: str, size: tuple[int, int], guides: Guides) -> Conditioning:
        key = (text, size, guides)
        if key not in self._kept:
            self._keep(key, self._encoded(text, size, guides))
        self._kept.move_to_end(key)
        return self._kept[key]

    def _encoded(self, text: str, size: tuple[int, int], guides: Guides) -> Conditioning:
        """Each text alone: matrix products of another number of rows may sum in another order."""
        if not guides:
            return self.base.encode_prompts([text], size)
        return steered(self.base, lambda other: self._get(other, size, ()), self._get(text, size, ()), guides)

    def _keep(self, key: Key, cond: Conditioning) -> None:
        self._kept[key] = cond
        self._bytes += cond.nbytes
        while self._bytes > MAX_BYTES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.nbytes
