"""Where faces are, and which of them is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Sequence

import numpy as np

from persimg.errors import UserError
from persimg.faces.pack import EMBEDDED, Pack

if TYPE_CHECKING:
    from PIL import Image

LEAST_PX = 24
"""height of a face's box below which nobody is recognised"""
LEAST_SHARPNESS = 6.0
"""variance of the Laplacian of the face at 112 px, grey levels 0..255: sharp faces have 50 to
1300, those blurred by a Gaussian of a thirtieth of their height 5"""
EQUAL = 0.8
"""a second face of more than this share of the largest one's area leaves open which is meant"""
PICKS = ("only", "largest")
SURE = {EMBEDDED: 0.85}
"""pack → score from which on a face is one to learn from: drawn faces score 0.89 to 1 in the embedded
one, of photographed ones half score less than 0.8"""


@dataclass(frozen=True)
class Face:
    """box: x0, y0, x1, y1 (4,), points: eyes, nose, corners of the mouth, as the viewer sees them from the left (5, 2); px."""

    box: np.ndarray
    points: np.ndarray
    score: float

    @property
    def height(self) -> float:
        return float(self.box[3] - self.box[1])

    @property
    def area(self) -> float:
        return float((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))


def as_array(picture: Image.Image) -> np.ndarray:
    """(H, W, 3) uint8 RGB."""
    return np.asarray(picture.convert("RGB"))


def detect(picture: Image.Image, pack: Pack) -> list[Face]:
    """All faces, the largest first."""
    boxes, points = pack.detector.detect(np.ascontiguousarray(as_array(picture)[..., ::-1]))
    found = [Face(box[:4], five, float(box[4])) for box, five in zip(boxes, points if points is not None else [], strict=True)]
    return sorted(found, key=lambda face: -face.area)


def the_face(picture: Image.Image, pack: Pack, where: str, pick: str = "only") -> Face:
    """The face that is meant. where: the picture's name, for errors; pick: "largest" doesn't mind others.

    Raises UserError (exit 3): no face, several where one is wanted, too small, too blurred.
    """
    return choose(sure(picture, pack), picture, pack, where, pick)


def sure(picture: Image.Image, pack: Pack) -> list[Face]:
    """The faces to learn from, the largest first: without those that the pack isn't sure of."""
    return [face for face in detect(picture, pack) if face.score >= SURE.get(pack.name, 0)]


def choose(faces: Sequence[Face], picture: Image.Image, pack: Pack, where: str, pick: str = "only") -> Face:
    """Of the faces that a pack found in a picture, the largest first, the one that is meant. UserError as the_face raises it."""
    check_pick(pick)
    if not faces:
        what = "drawn face" if pack.name == EMBEDDED else "face"
        raise UserError(
            f"{where}: no {what} is found by the pack {pack.name}",
            "take another picture or pack, mark the face with --face-box X,Y,W,H, or pass --aligned for a square crop aligned as FFHQ's are", 3,
        )  # fmt: skip
    if pick == "only" and len(faces) > 1 and faces[1].area > EQUAL * faces[0].area:
        places = " and ".join(_place(face) for face in faces[:2])
        raise UserError(f"{where}: {len(faces)} faces are about equally large ({places})", "choose one with --face-box X,Y,W,H, or pass --face largest", 3)
    return usable(faces[0], picture, where)


def check_pick(pick: str) -> None:
    """UserError for a choice among faces that there isn't."""
    if pick not in PICKS:
        raise UserError(f"--face {pick} is unknown", f"choose one of {', '.join(PICKS)}")


def usable(face: Face, picture: Image.Image, where: str) -> Face:
    """The face itself. UserError (exit 3) where it is too small or too blurred to recognise anybody."""
    if face.height < LEAST_PX:
        raise UserError(f"{where}: the face is {face.height:.0f} px high, at least {LEAST_PX} are needed", "take a larger picture", 3)
    sharp = sharpness(picture, face.box)
    if sharp < LEAST_SHARPNESS:
        raise UserError(f"{where}: the face is blurred (sharpness {sharp:.1f}, at least {LEAST_SHARPNESS:g} is needed)", "take a sharper picture", 3)
    return face


def boxed(box: Sequence[float], picture: Image.Image, where: str) -> Face:
    """A face that the user marked: x, y, width, height in px. Its points are where they are in most faces.

    Raises UserError (exit 2) for a box outside the picture.
    """
    x, y, width, height = (float(v) for v in box)
    if width <= 0 or height <= 0 or x < 0 or y < 0 or x + width > picture.width or y + height > picture.height:
        raise UserError(f"--face-box {','.join(f'{v:g}' for v in box)} is outside of {where} ({picture.width}x{picture.height} px)", "write X,Y,W,H in px")
    return usable(Face(np.array([x, y, x + width, y + height]), np.array([x, y]) + USUAL * [width, height], 1.0), picture, where)


USUAL = np.array([[0.30, 0.38], [0.70, 0.38], [0.50, 0.60], [0.34, 0.78], [0.66, 0.78]])
"""key points in a box from forehead to chin, as shares of its sides"""


def box_around(points: np.ndarray) -> np.ndarray:
    """x0, y0, x1, y1 (4,) of the upright box in which these are the usual points, by eyes and mouth (5, 2)."""
    eyes, mouth = points[:2].mean(0), points[3:].mean(0)
    width = (points[1, 0] - points[0, 0]) / (USUAL[1, 0] - USUAL[0, 0])
    height = (mouth[1] - eyes[1]) / (USUAL[3, 1] - USUAL[0, 1])
    x, y = eyes[0] - width / 2, eyes[1] - height * USUAL[0, 1]
    return np.array([x, y, x + width, y + height])


def parse_box(text: str) -> tuple[float, ...]:
    """X,Y,W,H. UserError for anything else."""
    parts = text.split(",")
    try:
        values = tuple(float(part) for part in parts)
    except ValueError:
        values = ()
    if len(values) != 4 or not np.isfinite(values).all():
        raise UserError(f"--face-box {text} is no box", "write X,Y,W,H in px, such as 40,32,96,120")
    return values


def sharpness(picture: Image.Image, box: np.ndarray) -> float:
    """Variance of the Laplacian of the box at 112x112 px, in grey levels 0..255."""
    from PIL import Image as Pillow

    grey = np.asarray(picture.convert("L").crop(tuple(int(round(v)) for v in box)).resize((112, 112), Pillow.Resampling.BICUBIC), float)
    inner = grey[1:-1, 1:-1]
    return float((grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner).var())


def _place(face: Face) -> str:
    x0, y0, x1, y1 = face.box
    return f"{x0:.0f},{y0:.0f},{x1 - x0:.0f},{y1 - y0:.0f}"
