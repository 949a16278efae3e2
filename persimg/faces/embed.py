"""Who it is: a recognizer's unit vectors, and how alike two are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Sequence

import numpy as np

from persimg.faces.align import aligned_face, arcface_crop
from persimg.faces.detect import Face, the_face
from persimg.faces.pack import Pack

if TYPE_CHECKING:
    from PIL import Image


def embed(picture: Image.Image, face: Face, pack: Pack) -> np.ndarray:
    """(D,) unit vector, 512 numbers for ArcFace's networks."""
    return embed_crops([arcface_crop(picture, face)], pack)[0]


def of_person(picture: Image.Image, pack: Pack, where: str, pick: str = "only", aligned: bool = False) -> np.ndarray:
    """Of the face that is meant: (D,) unit vector. aligned: the picture is an FFHQ crop of a face, none is looked for.

    UserError as `the_face` and `aligned_face` raise it.
    """
    return embed(picture, aligned_face(picture, where, pack.name) if aligned else the_face(picture, pack, where, pick), pack)


def embed_crops(crops: Sequence[np.ndarray], pack: Pack) -> np.ndarray:
    """(N, D) unit vectors of (112, 112, 3) uint8 RGB crops."""
    return read_crops(crops, pack.recognizer)


def read_crops(crops: Sequence[np.ndarray], recognizer: Any) -> np.ndarray:
    """The same by a recognizer of insightface that belongs to no pack."""
    vectors = recognizer.get_feat([np.ascontiguousarray(crop[..., ::-1]) for crop in crops])
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def compare(a: np.ndarray, b: np.ndarray) -> float:
    """Cosine of two unit vectors, -1..1."""
    return float(np.dot(a, b))
