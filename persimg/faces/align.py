"""Crops of faces in standard position: ArcFace's for recognizers, FFHQ's for pictures to learn from."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from persimg.faces.detect import Face, as_array

if TYPE_CHECKING:
    from PIL import Image

RECOGNIZED = 112
"""px"""
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
    from PIL import Image as Pillow

    quad = ffhq_quad(face)
    pad = int(np.ceil(max(0.0, -quad.min(), (quad[:, 0] - picture.width).max(), (quad[:, 1] - picture.height).max()))) + 1
    wide = np.pad(as_array(picture), ((pad, pad), (pad, pad), (0, 0)), mode="edge")
    corners = tuple((quad + pad).flatten())
    return Pillow.fromarray(wide).transform((size, size), Pillow.Transform.QUAD, corners, Pillow.Resampling.BICUBIC)
