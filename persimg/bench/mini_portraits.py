"""Generated portraits: are faces found, and is a named person recognized? For `persimg bench mini`.

Needs insightface and the face packs; without them every row says so. A person is verified by the second recognizer, which
nothing is trained with, at the threshold that one in a hundred pairs of different people's true renders exceeds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Sequence

import numpy as np

from persimg import mini
from persimg.bench.mini_pictures import PORTRAITS, Bench, portrait_scene
from persimg.bench.mini_table import Row, figure
from persimg.errors import UserError
from persimg.mini.world.people import HELD_OUT_FACES
from persimg.mini.world.render import draw
from persimg.mini.world.scene import Scene

GALLERY = 4
"""true renders of everybody that portraits are compared to"""
FALSE_ACCEPTS = 0.01
LEAST_PX = 24
PEOPLE_ROW = ("named people: true accepts at 1 % false ones", 80, False)
FACE_ROWS = (
    (f"faces of {LEAST_PX} px found in portraits", 98, False),
    ("error of key points, % of eye distance, renders", 5, True),
    ("face-less pictures with a detection", 1, True),
    ("held-out identities: true accepts at 1 % false ones", 99, False),
)
"""title, aim, whether smaller is better"""

Find = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""RGB picture → boxes with scores (N, 5) and points (N, 5, 2), px"""
Embed = Callable[[np.ndarray], np.ndarray | None]
"""RGB picture of one person → unit vector, None where no face is found"""


def _row(part: str, row: tuple[str, float, bool], *values: Any, note: str = "") -> Row:
    """values: reached, then of true renders where that says something else."""
    title, aim, at_most = row
    return Row(part, title, aim, *(figure(v) for v in values), at_most=at_most, note=note)


# --- who is it --------------------------------------------------------------------------------------------------------


def people_rows(bench: Bench) -> list[Row]:
    try:
        embed = recognizer("faces_second")
    except (ImportError, UserError) as error:
        return [_absent("people", PEOPLE_ROW, error)]
    scenes = [scene for portraits in bench.portraits for scene in portraits]
    whos = [portraits[0].subjects[0].person.who for portraits in bench.portraits]  # type: ignore[union-attr]
    gallery = galleries(embed, whos)
    truth = np.stack([_vector(embed, picture) for picture in bench.renders(scenes)])
    made = np.stack([_vector(embed, picture) for picture in bench.generated(scenes)])
    limit = threshold(truth, gallery)
    return [_row("people", PEOPLE_ROW, *(accepted(probes, gallery, limit) for probes in (made, truth)), note=f"cosine above {limit:.3f}")]


def galleries(embed: Embed, whos: Sequence[str]) -> np.ndarray:
    """(P, G, D) unit vectors of true renders."""
    return np.stack([[_vector(embed, _render(portrait_scene(who, "gallery", k))) for k in range(GALLERY)] for who in whos])


def threshold(probes: np.ndarray, gallery: np.ndarray) -> float:
    """Cosine that one in a hundred pairs of different people exceeds. probes: (P * K, D), K a person; gallery: (P, G, D)."""
    cosines = np.einsum("pkd,qgd->pqkg", probes.reshape(len(gallery), -1, probes.shape[-1]), gallery)
    return float(np.quantile(cosines[~np.eye(len(gallery), dtype=bool)], 1 - FALSE_ACCEPTS))


def accepted(probes: np.ndarray, gallery: np.ndarray, limit: float) -> np.ndarray:
    """cells[person, portrait]: share of the person's own gallery above the limit."""
    cosines = np.einsum("pkd,pgd->pkg", probes.reshape(len(gallery), -1, probes.shape[-1]), gallery)
    return (cosines > limit).mean(2)


def _vector(embed: Embed, picture: np.ndarray) -> np.ndarray:
    """A face that isn't found is like nobody's: the vector 0."""
    found = embed(picture)
    return np.zeros(512, np.float32) if found is None else found


def _render(scene: Scene) -> np.ndarray:
    return draw(scene, masks=False).picture


# --- where it is ------------------------------------------------------------------------------------------------------


def faces_rows(bench: Bench) -> list[Row]:
    try:
        find, embed = finder(), recognizer("faces")
    except (ImportError, UserError) as error:
        return [_absent("faces", row, error) for row in FACE_ROWS]
    scenes = [scene for portraits in bench.portraits for scene in portraits]
    drawings = bench.drawings(scenes)
    marks = [drawing.faces[0] for drawing in drawings]
    large = np.array([mark.box[3] - mark.box[1] >= LEAST_PX for mark in marks])
    truth = [find(drawing.picture) for drawing in drawings]
    hits = [np.where(large, [len(boxes) > 0 for boxes, _ in found], np.nan) for found in ([find(p) for p in bench.generated(scenes)], truth)]
    errors = [points_error(mark.points, points) for mark, (_, points) in zip(marks, truth)]
    things = [scene for scene in bench.singles if not scene.subjects[0].person]
    empty = [[len(find(picture)[0]) > 0 for picture in pictures] for pictures in (bench.generated(things), bench.renders(things))]
    values = (hits, [np.where(large, errors, np.nan)], empty, [_held_out(embed)])
    return [_row("faces", row, *found) for row, found in zip(FACE_ROWS, values, strict=True)]


def points_error(true: np.ndarray, points: np.ndarray) -> float:
    """Mean distance of the nearest found points (N, 5, 2) from the true ones (5, 2), in eye distances; NaN: none found."""
    if not len(points):
        return float("nan")
    return float(np.linalg.norm(points - true, axis=2).mean(1).min() / np.linalg.norm(true[1] - true[0]))


def _held_out(embed: Embed) -> np.ndarray:
    """cells[identity, render]."""
    whos = [f"face:{n}" for n in range(len(HELD_OUT_FACES))]
    gallery = galleries(embed, whos)
    probes = np.stack([_vector(embed, _render(portrait_scene(who, "portrait", k))) for who in whos for k in range(PORTRAITS)])
    return accepted(probes, gallery, threshold(probes, gallery))


# --- insightface ------------------------------------------------------------------------------------------------------


def _absent(part: str, row: tuple[str, float, bool], error: Exception) -> Row:
    title, aim, at_most = row
    return Row(part, title, aim, at_most=at_most, note=f"not installed: {' '.join(str(error).split())[:80]}")


def _pack() -> Any:
    """insightface's FaceAnalysis of the embedded pack, on the CPU."""
    from insightface.app import FaceAnalysis

    pack = FaceAnalysis(name=str(mini.path("faces")), providers=["CPUExecutionProvider"])
    pack.prepare(ctx_id=-1, det_size=(128, 128))
    return pack


def finder() -> Find:
    """The pack's detector."""
    detector = _pack().det_model
    return lambda picture: detector.detect(np.ascontiguousarray(picture[..., ::-1]))


def recognizer(name: str) -> Embed:
    """The recognizer of an embedded folder, on the largest face that the pack's detector finds."""
    from insightface.model_zoo import get_model
    from insightface.utils.face_align import norm_crop

    find, folder = finder(), Path(mini.path(name))
    model = get_model(str(next(folder.glob("rec_*.onnx"))), providers=["CPUExecutionProvider"])

    def embed(picture: np.ndarray) -> np.ndarray | None:
        boxes, points = find(picture)
        if not len(boxes):
            return None
        largest = int(((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).argmax())
        vector = model.get_feat(norm_crop(np.ascontiguousarray(picture[..., ::-1]), points[largest])).ravel()
        return vector / max(float(np.linalg.norm(vector)), 1e-9)

    return embed
