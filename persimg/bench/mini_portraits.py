"""Generated portraits: are faces found, and is a named person recognized? For `persimg bench mini`.

Needs insightface and the face packs; without them every row says so. A person is verified by the second recognizer, which
nothing is trained with, at the threshold that one in a hundred pairs of different people's true renders exceeds.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Callable, Sequence

import numpy as np

from persimg import mini
from persimg.bench.mini_faces import FALSE_ACCEPTS, LEAST_PX, NEAR, embedder, found_by, large, load_pack, match, points_error
from persimg.bench.mini_pictures import PORTRAITS, Bench, portrait_scene
from persimg.bench.mini_table import Row, figure
from persimg.errors import UserError
from persimg.faces.pack import load_recognizer
from persimg.mini.world.people import HELD_OUT_FACES
from persimg.mini.world.render import FaceMark, draw
from persimg.mini.world.scene import Scene

GALLERY = 4
"""true renders of everybody that portraits are compared to"""
PEOPLE_ROW = ("named people: true accepts at 1 % false ones", 80, False)
FACE_ROWS = (
    (f"faces of {LEAST_PX} px found in portraits", 98, False),
    ("error of key points, % of eye distance, renders", None, True),
    (f"key points within {NEAR:.0%} of eye distance, renders", 100, False),
    ("face-less pictures with a detection", 1, True),
    ("held-out identities: true accepts at 1 % false ones", 99, False),
)
"""title, aim, whether smaller is better; the aim for key points is one of every face, which a mean error would hide"""

Find = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""RGB picture → boxes with scores (N, 5) and points (N, 5, 2), px"""
Embed = Callable[[np.ndarray], np.ndarray | None]
"""RGB picture of one person → unit vector, None where no face is found"""


def _row(part: str, row: tuple[str, float | None, bool], *values: Any, note: str = "") -> Row:
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
    errors = np.array([error_of(mark, *find(drawing.picture)) for mark, drawing in zip(marks, drawings)])
    # where the face of a generated picture is nobody knows: any find counts
    some = [len(find(picture)[0]) > 0 for picture in bench.generated(scenes)]
    asked = np.array([large(mark) for mark in marks])
    hits, distances, near = (np.where(asked, values, np.nan) for values in ([some, ~np.isnan(errors)], [errors], [errors <= NEAR]))
    things = [scene for scene in bench.singles if not scene.subjects[0].person]
    empty = [[len(find(picture)[0]) > 0 for picture in pictures] for pictures in (bench.generated(things), bench.renders(things))]
    values = (hits, distances, near, empty, [_held_out(embed)])
    return [_row("faces", row, *found) for row, found in zip(FACE_ROWS, values, strict=True)]


def error_of(mark: FaceMark, boxes: np.ndarray, points: np.ndarray) -> float:
    """points_error of the detection that is this face, boxes (N, 5), points (N, 5, 2); NaN: missed."""
    index = match(mark, boxes)
    return float("nan") if index is None else points_error(mark.points, points[index])


def _held_out(embed: Embed) -> np.ndarray:
    """cells[identity, render]."""
    whos = [f"face:{n}" for n in range(len(HELD_OUT_FACES))]
    gallery = galleries(embed, whos)
    probes = np.stack([_vector(embed, _render(portrait_scene(who, "portrait", k))) for who in whos for k in range(PORTRAITS)])
    return accepted(probes, gallery, threshold(probes, gallery))


# --- insightface ------------------------------------------------------------------------------------------------------


def _absent(part: str, row: tuple[str, float | None, bool], error: Exception) -> Row:
    title, aim, at_most = row
    return Row(part, title, aim, at_most=at_most, note=f"not installed: {' '.join(str(error).split())[:80]}")


def finder() -> Find:
    """The pack's detector."""
    return partial(found_by, load_pack())


def recognizer(name: str) -> Embed:
    """The recognizer of an embedded folder, on the largest face that the pack's detector finds."""
    find = finder()
    vector_of = embedder(load_recognizer(next(Path(mini.path(name)).glob("rec_*.onnx"))))

    def embed(picture: np.ndarray) -> np.ndarray | None:
        boxes, points = find(picture)
        if not len(boxes):
            return None
        largest = int(((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).argmax())
        vector = vector_of(picture, points[largest])
        return vector / max(float(np.linalg.norm(vector)), 1e-9)

    return embed
