"""Who is in pictures, for metrics: faces found by one network, read by another one that nothing is learned with.

"mini" finds with the embedded pack and reads with its second recognizer, for drawn faces; anything else is an insightface pack.
The cosine from which two faces count as one person is the one that 1 % of pairs of different people exceed: of the embedded
recognizer it is in its card, of others it is measured between the references and the distractors at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Callable, Iterable, Mapping, NamedTuple, Sequence

import numpy as np

from persimg import files, mini
from persimg.errors import UserError
from persimg.faces import align, detect, embed, pack

if TYPE_CHECKING:
    from PIL import Image

    from persimg.concepts.concept import Card

FALSE_ACCEPTS = 0.01
GROUP = ("recognizer", "strangers", "aligned_by_detector", "threshold")
"""where in the card of a recognizer the threshold is: of people whom no network was trained on"""


class Faces(NamedTuple):
    """Of a picture, the largest first. vectors: (F, D) of length 1; across: (F,) px from the left edge to their middles."""

    vectors: np.ndarray
    across: np.ndarray


@dataclass(frozen=True)
class Reader:
    """read: picture → its faces; threshold: cosine, None where it has to be measured; digest: of the recognizer, as Pack has it."""

    name: str
    read: Callable[[Any], Faces]
    threshold: float | None
    digest: str = ""

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
        return Reader(name, lambda picture: _read(picture, finder, finder.recognizer), None, finder.digest)
    folder = mini.path("faces_second")
    file = next(folder.glob("*.onnx"))
    second = pack.load_recognizer(file)
    threshold: Any = files.read_json(folder / "card.json")["scores"]
    for key in GROUP:
        threshold = threshold[key]
    return Reader(name, lambda picture: _read(picture, finder, second), float(threshold), files.digest_file(file)[:12])


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


# --- who scores whom --------------------------------------------------------------------------------------------------

PARTS = {"fed_map": "fed the map", "chose_names": "chose the names of the basis", "found_faces": "is of the pack that found the faces to learn from"}
"""what the recognizer of a pack can have had to do with learning somebody; the last of it leaves scores alone"""
UNTOLD = "untold"
"""beside the parts: the concepts of an identity basis whose cards don't say who had one, as those of mixes and of earlier versions"""


def learned_by(cards: Iterable[Card]) -> dict[str, list[str]]:
    """Part in learning these concepts → digests of the recognizers that had it; UNTOLD → names of concepts."""
    found: dict[str, set[str]] = {}
    for card in cards:
        # anybody may have written a card
        told = {name: digest for name, digest in card.recipe.items() if name.endswith("_digest") and digest and isinstance(digest, str)}
        is_map = card.recipe.get("inversion") == "map"
        for part, name in (("fed_map" if is_map else "found_faces", "pack_digest"), ("chose_names", "judge_digest")):
            if name in told:
                found.setdefault(part, set()).add(told[name])
        needed = {"basis_digest", *(["pack_digest"] if is_map else [])}
        if card.method == "identity_basis" and not needed <= set(told):
            found.setdefault(UNTOLD, set()).add(card.name)
    return {part: sorted(who) for part, who in sorted(found.items())}


def recognizers(learned: Mapping[str, Sequence[str]], face_pack: str) -> dict[str, Any]:
    """{"recognizers": …} for a record: who scores, the parts that the same recognizer had, and of whom that isn't known.

    Nothing where nothing is known.
    """
    if not set(PARTS) & set(learned):
        return {}
    try:
        reader = load_reader(face_pack)
    except UserError:  # the metrics say in the scores that they couldn't be measured
        return {}
    same = [part for part in PARTS if reader.digest in learned.get(part, ())]
    untold = {UNTOLD: learned[UNTOLD]} if UNTOLD in learned else {}
    return {"recognizers": {"scored": {"pack": face_pack, "digest": reader.digest}, "same": same, **untold}}


def who_scored(record: Mapping[str, Any]) -> str:
    """A line for a report; "" where the record says nothing of it."""
    found = record.get("recognizers")
    if not found:
        return ""
    who = f"{found['scored']['pack']}, {found['scored']['digest']}"
    parts = [PARTS[part] for part in found["same"] if part != "found_faces"]
    if parts:
        return f"One recognizer ({who}) trained and scored: it also {' and '.join(parts)}, which flatters identity; name another with --face-pack."
    if found.get(UNTOLD):
        return f"Whether the recognizer that scored ({who}) filtered names or fed a map isn't known of all who were learned."
    aside = f", though it {PARTS['found_faces']}" if found["same"] else ""
    return f"The recognizer that scored ({who}) neither filtered names nor fed a map{aside}."
