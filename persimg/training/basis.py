"""Which names a base draws well enough for an identity basis: what `persimg basis build --judge PACK` keeps.

Yuan et al. 2023 (arXiv:2306.00926) kept 691 of about 1500 names by hand. Here each name is drawn a few times, and a recognizer says whether
there is a face, and always the same one: half of the pairs of its pictures must be more alike than 99 % of pairs of pictures of different names are.

Pictures are judged by the recognizer that is named, so one that scores people learned over the basis later should be another.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Sequence
from zipfile import BadZipFile

import numpy as np

from persimg import files
from persimg.errors import UserError

if TYPE_CHECKING:
    from PIL import Image

    from persimg.bases.base import Base
    from persimg.faces.pack import Pack

PICTURES, STEPS = 4, 25
PROMPT = "a photo of {}"
FALSE_ACCEPTS = 0.01
ENOUGH = 0.5
"""share of a name's pictures that must show a face, and of pairs of them that must show one person"""
AT_ONCE = 8
"""names that are drawn together; after them what was seen is written down"""


@dataclass(frozen=True)
class Judged:
    """found: share of the name's pictures with a face; same: share of pairs of these that show one person, 0 for a single one."""

    name: str
    found: float
    same: float

    @property
    def is_kept(self) -> bool:
        return self.found >= ENOUGH and self.same >= ENOUGH


def judged(names: Sequence[str], vectors: np.ndarray) -> list[Judged]:
    """vectors: (N, n, D) unit vectors of the faces in n pictures of each name, NaN where there is none.

    Raises UserError (exit 3) where less than two names have a face, so that nothing can be compared.
    """
    seen = ~np.isnan(vectors[..., 0])
    others = _of_others(vectors)
    if not len(others):
        raise UserError(f"a face is found in the pictures of {int(seen.any(1).sum())} of {len(names)} names: they can't be compared", "give names that the base knows, or another pack", 3)
    limit, upper = float(np.quantile(others, 1 - FALSE_ACCEPTS)), np.triu_indices(vectors.shape[1], 1)
    own = np.einsum("pkd,pjd->pkj", vectors, vectors)[:, *upper]
    pairs = (~np.isnan(own)).sum(1)
    same = np.where(pairs, (own > limit).sum(1) / np.maximum(pairs, 1), 0.0)
    return [Judged(*row) for row in zip(names, seen.mean(1).tolist(), same.tolist())]


def _of_others(vectors: np.ndarray) -> np.ndarray:
    """Cosines of pairs of pictures of different names, of each name's first face: enough for a quantile, and small for thousands of names."""
    first = np.array([faces[~np.isnan(faces[:, 0])][0] for faces in vectors if not np.isnan(faces[:, 0]).all()])
    return (first @ first.T)[np.triu_indices(len(first), 1)] if len(first) else np.empty(0)


@dataclass(frozen=True)
class Judge:
    """Names → those that the base draws well; `spaces.basis.build` asks it.

    path: what was seen is kept in PATH.npz, so that the same call goes on where it was stopped, and every judgement in PATH.tsv.
    """

    base: Base
    pack: Pack
    path: Path
    pictures: int = PICTURES
    steps: int = STEPS
    seed: int = 0
    tell: Callable[[str], None] = lambda line: None

    def __call__(self, names: Sequence[str]) -> list[str]:
        found = judged(names, self._vectors(names)) if names else []
        rows = [f"{j.name}\t{j.found:.2f}\t{j.same:.2f}\t{'kept' if j.is_kept else 'left out'}\n" for j in found]
        files.write_text(Path(f"{self.path}.tsv"), "".join(["name\tpictures with a face\tpairs of one person\t\n", *rows]))
        return [j.name for j in found if j.is_kept]

    @property
    def _key(self) -> str:
        """What was seen depends on it."""
        return f"{self.base.fingerprint} {self.pack.digest} {PROMPT} {self.pictures} {self.steps} {self.seed}"

    def _vectors(self, names: Sequence[str]) -> np.ndarray:
        known = self._read()
        missing = [name for name in names if name not in known]
        for done in range(0, len(missing), AT_ONCE):
            part = missing[done : done + AT_ONCE]
            known |= dict(zip(part, self._seen(part)))
            self._write(known)
            self.tell(f"{done + len(part)} of {len(missing)} names drawn")
        return np.stack([known[name] for name in names])

    def _seen(self, names: Sequence[str]) -> np.ndarray:
        """(m, n, D) of each name's pictures, which differ in the seed."""
        from persimg.sampling.sampler import Sampler

        prompts = [PROMPT.format(name) for name in names for _ in range(self.pictures)]
        seeds = list(range(self.seed, self.seed + self.pictures)) * len(names)
        with Sampler(self.base, batch=len(prompts) if self.base.word_level else None) as sampler:  # the embedded base is small
            drawn = sampler.draw(prompts, seeds=seeds, steps=self.steps)
        return np.stack([self._face(picture) for picture in drawn]).reshape(len(names), self.pictures, -1)

    def _face(self, picture: Image.Image) -> np.ndarray:
        """(D,) of the largest face, NaN where none is found that the pack is sure of."""
        from persimg.faces import detect, embed

        faces = detect.sure(picture, self.pack)
        size = self.pack.recognizer.output_shape[1]
        return embed.embed(picture, faces[0], self.pack).astype(np.float32) if faces else np.full(size, np.nan, np.float32)

    def _read(self) -> dict[str, np.ndarray]:
        path = Path(f"{self.path}.npz")
        if not path.exists():
            return {}
        try:
            with np.load(path) as saved:
                same = str(saved["key"]) == self._key
                return dict(zip(saved["names"].tolist(), saved["vectors"])) if same else {}
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise UserError(f"{path} is damaged", "delete it: it only saves drawing names again", 3) from error

    def _write(self, known: dict[str, np.ndarray]) -> None:
        with files.write_beside(f"{self.path}.npz") as temporary, open(temporary, "wb") as file:
            np.savez(file, key=self._key, names=list(known), vectors=np.stack(list(known.values())))
