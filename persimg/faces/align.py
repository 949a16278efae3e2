"""Crops of faces in standard position: ArcFace's for recognizers, FFHQ's for pictures to learn from."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from persimg.errors import UserError
from persimg.faces.detect import Face, as_array, box_around, usable
from persimg.faces.pack import EMBEDDED

if TYPE_CHECKING:
    from PIL import Image

ALIGNMENT = "ffhq"
"""how a picture is aligned that is said to be: what reads such pictures notes it, as earlier versions took ArcFace's crop"""
RECOGNIZED = 112
"""px"""
TEMPLATE = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
"""ArcFace's: eyes, nose, corners of the mouth in its crop, px (Deng et al. 2019, arXiv:1801.07698)"""
DRAWN = np.array([[0.3754, 0.4815], [0.6246, 0.4814], [0.4997, 0.5826], [0.4024, 0.6667], [0.5974, 0.6669]])
"""where the embedded detector's points of 150 drawn strangers lie in their FFHQ crops, on average, as shares of the side: their mouths
are nearer to their eyes than people's, of whom the template is"""
HALF = 0.5
"""px between the middle of a pixel, where points count from, as OpenCV does, and its corner, where Pillow does"""
NEARLY = 0.02
"""share of its side by which a square picture may be wider or higher"""
EYES_TO_SIDE, MOUTH_TO_SIDE = 4.0, 3.6
"""the crop's side is the larger of 4 eye distances and 3.6 distances from the eyes to the mouth"""
DOWN = 0.1
"""the crop's centre lies this share of the eye-to-mouth vector below the eyes' middle"""


def arcface_crop(picture: Image.Image, face: Face) -> np.ndarray:
    """(112, 112, 3) uint8 RGB, the five points where recognizers were taught to expect them."""
    from insightface.utils.face_align import norm_crop

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # insightface calls scikit-image by an old name
        return norm_crop(as_array(picture), face.points.astype(np.float32), RECOGNIZED)


def ffhq_quad(face: Face) -> np.ndarray:
    """Corners (4, 2) px of the square crop of FFHQ, from top left anticlockwise (Karras et al. 2019, arXiv:1812.04948, app. A).

    FFHQ takes means over 68 landmarks; here the eyes and the corners of the mouth themselves.
    """
    left_eye, right_eye, _, left_mouth, right_mouth = face.points.astype(float)
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    across, down = right_eye - left_eye, mouth - eyes
    x = across - np.array([-down[1], down[0]])  # level with the eyes and upright on the mouth, half each
    x *= max(np.hypot(*across) * EYES_TO_SIDE / 2, np.hypot(*down) * MOUTH_TO_SIDE / 2) / max(np.hypot(*x), 1e-9)
    y, centre = np.array([-x[1], x[0]]), eyes + down * DOWN
    return np.stack([centre - x - y, centre - x + y, centre + x + y, centre + x - y])


def ffhq_crop(picture: Image.Image, face: Face, size: int = 512) -> Image.Image:
    """(size, size), upright; what lies outside the picture repeats its edge."""
    return quad_crop(picture, ffhq_quad(face), size)


def quad_crop(picture: Image.Image, quad: np.ndarray, size: int, outside: str = "edge") -> Image.Image:
    """(size, size) RGB of a quad as ffhq_quad gives it. outside: "edge" repeats the picture's, "constant" is black."""
    from PIL import Image as Pillow

    pad = int(np.ceil(max(0.0, -quad.min(), (quad[:, 0] - picture.width).max(), (quad[:, 1] - picture.height).max()))) + 1
    wide = np.pad(as_array(picture), ((pad, pad), (pad, pad), (0, 0)), mode=outside)  # type: ignore[call-overload]
    corners = tuple((quad + pad + HALF).flatten())
    return Pillow.fromarray(wide).transform((size, size), Pillow.Transform.QUAD, corners, Pillow.Resampling.BICUBIC)


def aligned_face(picture: Image.Image, where: str, pack: str = "") -> Face:
    """The face of a picture that is an FFHQ crop itself, its points where ffhq_crop leaves them: so arcface_crop of it is one fixed map.

    They are those of ArcFace's template, under the embedded pack those of drawn faces. where: the picture's name, for errors.
    Raises UserError (exit 3): not square, too small, too blurred.
    """
    width, height = picture.size
    if abs(width - height) > NEARLY * max(width, height):
        told = f"{where} is {width}x{height} px, no face aligned as FFHQ's are, which are square"
        raise UserError(told, "leave --aligned out, or mark the face with --face-box X,Y,W,H", 3)
    points = (DRAWN if pack == EMBEDDED else _in_crop()) * [width, height] - HALF
    return usable(Face(box_around(points), points, 1.0), picture, where)


def _in_crop() -> np.ndarray:
    """(5, 2) of the template in its own FFHQ crop, as shares of the side."""
    quad = ffhq_quad(Face(np.zeros(4), TEMPLATE, 1.0))
    across, down = quad[3] - quad[0], quad[1] - quad[0]
    return (TEMPLATE - quad[0]) @ np.linalg.inv(np.stack([across, down]))
