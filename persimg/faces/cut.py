"""The part of a picture that is learned of a person: the picture itself where it is a portrait, else an FFHQ crop of the one face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Sequence

import numpy as np

from persimg.faces.align import ffhq_quad, quad_crop
from persimg.faces.detect import Face

if TYPE_CHECKING:
    from PIL import Image

SMALL = 1 / 3
"""share of the picture's height below which a face is cut out, because the rest would be learned rather than the face"""


@dataclass(frozen=True)
class Cut:
    """A square of a picture, in whole px, so that a detector's last bits don't matter.

    bounds: x0, y0, x1, y1, beyond which other people are; quad: its corners (8), as ffhq_quad has them; side of the result.
    """

    bounds: tuple[int, ...]
    quad: tuple[int, ...]
    side: int

    def of(self, picture: Image.Image, outside: str = "edge") -> Image.Image:
        """(side, side) RGB, upright. outside: what lies beyond the bounds "edge" repeats them, "constant" is black."""
        x, y = self.bounds[:2]
        return quad_crop(picture.crop(self.bounds), np.array(self.quad, float).reshape(4, 2) - [x, y], self.side, outside)


def needed(faces: Sequence[Face], face: Face, height: int) -> bool:
    """Whether a picture of a height in px has to be cut to one of its faces."""
    return len(faces) > 1 or face.height < SMALL * height


def cut_to(face: Face, size: tuple[int, int], others: Sequence[Face] = ()) -> Cut:
    """The FFHQ crop of a face in a picture of size (width, height), without the other people's sides of it."""
    quad = np.rint(ffhq_quad(face)).astype(int)
    bounds = [0.0, 0.0, float(size[0]), float(size[1])]
    for other in others:
        _keep_out(bounds, face.box, other.box)
    side = max(8, round(float(np.hypot(*(quad[3] - quad[0])))))
    return Cut(tuple(int(round(v)) for v in bounds), tuple(quad.flatten().tolist()), side)


def _keep_out(bounds: list[float], own: np.ndarray, other: np.ndarray) -> None:
    """Draw the bounds in to the middle between two boxes, along the axis on which they are further apart."""
    gaps = [max(other[axis] - own[axis + 2], own[axis] - other[axis + 2]) for axis in (0, 1)]
    axis = int(gaps[1] > gaps[0])
    if own[axis] + own[axis + 2] <= other[axis] + other[axis + 2]:
        bounds[axis + 2] = min(bounds[axis + 2], (own[axis + 2] + other[axis]) / 2)
    else:
        bounds[axis] = max(bounds[axis], (own[axis] + other[axis + 2]) / 2)
