"""Who is in pictures, for metrics: faces found by one network, read by another one that nothing is learned with.

"mini" finds with the embedded pack and reads with its second recognizer, for drawn faces; anything else is an insightface pack.
The cosine from which two faces count as one person is the one that 1 % of pairs of different people exceed: of the embedded
recognizer it is in its card, of others it is measured between the references and the distractors at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Callable, Mapping, NamedTuple, Sequence

import numpy as np

from persimg import files, mini
from persimg.faces import align, detect, embed, pack

if TYPE_CHECKING:
    from PIL import Image

FALSE_ACCEPTS = 0.01
GROUP = ("recognizer", "strangers", "aligned_by_detector", "threshold")
"""where in the card of a recognizer the threshold is: of people whom no network was trained on"""


class Faces(NamedTuple):
    """Of a picture, the largest first. vectors: (F, D) of length 1; across: (F,) px from the left edge to their middles."""

    vectors: np.ndarray
    across: np.ndarray


@dataclass(frozen=True)
class Reader:
    """read: picture → its faces; threshold: cosine, None where it has to be measured."""

    name: str
    read: Callable[[Any], Faces]
    threshold: float | None

    def largest(self, pictures: Sequence[Image.Image]) -> list[np.ndarray]:
        """(D,) unit vector of the largest face of each picture that has one."""
        found = [self.read(picture).vectors for picture in pictures]
        return [vectors[0] for vectors in found if len(vectors)]

    def template(self, pictures: Sequence[Image.Image]) -> np.ndarray | None:
        """(D,) unit mean of the largest face of each picture of somebody; None where no face is found."""
        found = self.largest(pictures)
        return _unit(np.mean(found, axis=0)) if found else None


@cache
def load_reader(name: str = pack.EMBEDDED) -> Reader:
    """UserError (exit 3) for a pack that isn't there or lacks a network."""
    finder = pack.load(name)
    if name != pack.EMBEDDED:
        return Reader(name, lambda picture: _read(picture, finder, finder.recognizer), None)
    folder = mini.path("faces_second")
    second = pack.load_recognizer(next(folder.glob("*.onnx")))
    threshold: Any = files.read_json(folder / "card.json")["scores"]
    for key in GROUP:
        threshold = threshold[key]
    return Reader(name, lambda picture: _read(picture, finder, second), float(threshold))


def _read(picture: Image.Image, finder: pack.Pack, recognizer: Any) -> Faces:
    faces = detect.detect(picture, finder)
    if not faces:
        return Faces(np.zeros((0, 1), np.float32), np.zeros(0))
    crops = [align.arcface_crop(picture, face) for face in faces]
    return Faces(embed.read_crops(crops, recognizer), np.array([(face.box[0] + face.box[2]) / 2 for face in faces]))


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def threshold(reader: Reader, own: Sequence[Image.Image], others: Mapping[str, Sequence[Image.Image]]) -> float | None:
    """The reader's, else the cosine that 1 % of pairs of one of `own` and one of `others` exceed; None where there are no pairs."""
    if reader.threshold is not None:
        return reader.threshold
    mine = reader.largest(own)
    theirs = [vector for pictures in others.values() for vector in reader.largest(pictures)]
    return float(np.quantile(np.array(mine) @ np.array(theirs).T, 1 - FALSE_ACCEPTS)) if mine and theirs else None


@dataclass(frozen=True)
class Seen:
    """Who was asked for and who is there, of one picture.

    cosines: (W, F) of the W people who were asked for, the subject first, to F faces; face: person → the face that is theirs, by the
    assignment of greatest sum (Kuhn 1955, Hungarian), where there are faces for them; across: (F,) px from the left; limit: cosine at
    1 % false accepts.
    """

    cosines: np.ndarray
    face: Mapping[int, int]
    across: np.ndarray
    limit: float

    @property
    def subject(self) -> float | None:
        """Cosine of the subject's face; None: none is left for them."""
        return float(self.cosines[0, self.face[0]]) if 0 in self.face else None

    def is_recognised(self, person: int) -> bool:
        return person in self.face and float(self.cosines[person, self.face[person]]) > self.limit

    @property
    def are_both_recognised(self) -> bool:
        return self.is_recognised(0) and self.is_recognised(1)

    @property
    def is_subject_left(self) -> bool:
        """Of two faces that were found for both."""
        return bool(self.across[self.face[0]] < self.across[self.face[1]])

    @property
    def is_blended(self) -> bool:
        """One face is both people."""
        return self.cosines.shape[1] > 0 and bool((self.cosines > self.limit).all(0).any())


def seen(faces: Faces, templates: Sequence[np.ndarray], limit: float) -> Seen:
    """templates: (D,) of everybody who was asked for. Of one person, the most alike face is theirs."""
    from scipy.optimize import linear_sum_assignment

    count = len(faces.across)
    cosines = np.stack(templates) @ faces.vectors.T if count else np.zeros((len(templates), 0))
    rows, columns = linear_sum_assignment(-cosines)
    return Seen(cosines, dict(zip(rows.tolist(), columns.tolist())), faces.across, limit)
