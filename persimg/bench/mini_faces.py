"""How well a face pack reads drawn people: faces found, key points, false finds, and who is who at 1 % false accepts.

Drawings are true renders, made from seeds of their own. A face counts as found when a detection overlaps it by half (intersection
over union); key points are judged by their mean distance from the true ones in units of the distance between the eyes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Iterable, Sequence

import numpy as np

from persimg import mini, seeds
from persimg.mini.world.face import Face, sample_face
from persimg.mini.world.figures import Figure, sample_look
from persimg.mini.world.people import HELD_OUT_FACES, PEOPLE
from persimg.mini.world.render import FaceMark, draw
from persimg.mini.world.scene import Scene, Subject, sample_scene
from persimg.mini.world.styles import HELD_OUT

SEED = 40_004
"""apart from all seeds of the training scripts"""
LEAST_PX = 24
"""height of a face's box from which on it should be found"""
OVERLAP = 0.5
NEAR = 0.05
FALSE_ACCEPTS = 0.01

Embed = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""RGB picture, (5, 2) points px → (512,) of any length"""


@dataclass(frozen=True)
class Shot:
    """One picture of people: uint8 (S, S, 3) RGB, where their faces are, who they are, in the marks' order."""

    picture: np.ndarray
    marks: tuple[FaceMark, ...]
    who: tuple[int, ...]
    style: str


# --- the pack ---------------------------------------------------------------------------------------------------------


def load_pack(folder: Path | None = None, side: int = 128) -> Any:
    """insightface's FaceAnalysis of a pack, the embedded one by default, on the CPU; side: px, of the detector's canvas."""
    from insightface.app import FaceAnalysis

    pack = FaceAnalysis(name=str(folder or mini.path("faces")), providers=["CPUExecutionProvider"])
    pack.prepare(ctx_id=-1, det_size=(side, side))
    return pack


def embedder(recognizer: Any) -> Embed:
    """Align by given points, then embed, as FaceAnalysis does with its own."""
    from insightface.utils.face_align import norm_crop

    return lambda picture, points: recognizer.get_feat(norm_crop(picture[..., ::-1], points)).ravel()


def found_by(pack: Any, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes with scores (N, 5) and points (N, 5, 2), px, of the faces in an RGB picture."""
    return pack.det_model.detect(np.ascontiguousarray(picture[..., ::-1]))


# --- drawings ---------------------------------------------------------------------------------------------------------


def shots_of_scenes(count: int, style: str | None = None) -> list[Shot]:
    """Pictures of people as training scenes have them, named ones too; `style` instead of theirs."""
    rngs = (seeds.rng(SEED, "people", i) for i in range(count))
    return [_shot(_styled(sample_scene(rng, people=True), style)) for rng in rngs]


def shots_of(faces: Sequence[Face], each: int, purpose: str, styles: Sequence[str] | None = None) -> list[Shot]:
    """`each` pictures of everybody, alone, as training scenes have them, with any look; in `styles` instead of the scene's."""
    found = []
    for who, face in enumerate(faces):
        for i in range(each):
            rng = seeds.rng(SEED, purpose, who, i)
            scene = sample_scene(rng, people=True)
            person = Subject("person", None, person=Figure(None, face.noun, face, sample_look(rng, face)))
            scene = _styled(replace(scene, subjects=(person,)), rng.choice(styles) if styles else None)
            found.append(replace(_shot(scene), who=(who,)))
    return found


def faceless(count: int, style: str | None = None) -> list[np.ndarray]:
    """Pictures of things and animals."""
    return [draw(_styled(sample_scene(seeds.rng(SEED, "things", i)), style), masks=False).picture for i in range(count)]


def strangers(count: int) -> list[Face]:
    """Identities that no network was trained on."""
    return [sample_face(seeds.rng(SEED, "strangers", i)) for i in range(count)]


def _styled(scene: Scene, style: str | None) -> Scene:
    return replace(scene, style=style) if style else scene


def _shot(scene: Scene) -> Shot:
    drawing = draw(scene, masks=False)
    return Shot(drawing.picture, drawing.faces, tuple(mark.subject for mark in drawing.faces), scene.style)


# --- detection --------------------------------------------------------------------------------------------------------


def overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Intersection over union of one box (4,) with others (N, 4) → (N,)."""
    inner = np.clip(np.minimum(box[2:], boxes[:, 2:4]) - np.maximum(box[:2], boxes[:, :2]), 0, None).prod(1)
    return inner / ((box[2:] - box[:2]).prod() + (boxes[:, 2:4] - boxes[:, :2]).prod(1) - inner)


def match(mark: FaceMark, boxes: np.ndarray) -> int | None:
    """The detection that is this face; None: missed."""
    shares = overlap(mark.box, boxes) if len(boxes) else np.zeros(0)
    return int(shares.argmax()) if len(shares) and shares.max() >= OVERLAP else None


def large(mark: FaceMark) -> bool:
    """Is it a face that should be found?"""
    return bool(mark.box[3] - mark.box[1] >= LEAST_PX)


def points_error(true: np.ndarray, points: np.ndarray) -> float:
    """Mean distance of five points from the true ones, in eye distances; both (5, 2) px."""
    return float(np.linalg.norm(points - true, axis=1).mean() / np.linalg.norm(true[1] - true[0]))


def detection_scores(pack: Any, shots: Iterable[Shot]) -> dict[str, float | None]:
    """Shares of faces of at least LEAST_PX found and of these with key points near, mean error, finds where no face is."""
    hits, errors, extra = [], [], []
    for shot in shots:
        boxes, points = found_by(pack, shot.picture)
        matches = [match(mark, boxes) for mark in shot.marks]
        extra.append(len(boxes) - len({m for m in matches if m is not None}))
        for mark, m in zip(shot.marks, matches):
            if large(mark):
                hits.append(m is not None)
                errors += [] if m is None else [points_error(mark.points, points[m])]
    return {
        "faces": len(hits), "found": mean(hits), "points_error": mean(errors), "points_within_5_percent": mean([e <= NEAR for e in errors]),
        "false_finds_per_picture": mean(extra),
    }  # fmt: skip


def mean(values: Sequence[float]) -> float | None:
    """None of nothing."""
    return float(np.mean(values)) if len(values) else None


def false_finds(pack: Any, pictures: Sequence[np.ndarray]) -> float:
    """Share of pictures with a detection."""
    return float(np.mean([len(found_by(pack, picture)[0]) > 0 for picture in pictures]))


# --- verification -----------------------------------------------------------------------------------------------------


def embeddings(embed: Embed, shots: Sequence[Shot], pack: Any | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors (N, 512) and who (N,) of the faces of at least LEAST_PX.

    Aligned by the true points, or by the detector's of a pack; a missed face then has the vector 0, like nobody's.
    """
    vectors, who = [], []
    for shot in shots:
        boxes, points = found_by(pack, shot.picture) if pack else (None, None)
        for mark, person in zip(shot.marks, shot.who):
            if not large(mark):
                continue
            index = None if boxes is None else match(mark, boxes)
            missed = boxes is not None and index is None
            five = mark.points if index is None else points[index]  # type: ignore[index]
            vector = np.zeros(512) if missed else embed(shot.picture, five)
            vectors.append(vector / max(float(np.linalg.norm(vector)), 1e-9))
            who.append(person)
    return np.array(vectors, np.float32), np.array(who)


def true_accepts(vectors: np.ndarray, who: np.ndarray, rate: float = FALSE_ACCEPTS) -> dict[str, float]:
    """Share of pairs of the same person above the cosine that `rate` of the pairs of different people exceed."""
    cosines = vectors @ vectors.T
    upper = np.triu(np.ones_like(cosines, bool), 1)
    same = who[:, None] == who[None]
    threshold = float(np.quantile(cosines[upper & ~same], 1 - rate))
    pairs = cosines[upper & same]
    return {"pairs": int(pairs.size), "true_accepts": float((pairs > threshold).mean()), "threshold": threshold}


def by_style(vectors: np.ndarray, who: np.ndarray, shots: Sequence[Shot], rate: float = FALSE_ACCEPTS) -> dict[str, float]:
    """Style → true accepts of pairs of which one picture has it, the other any, at the threshold of all pairs."""
    styles = np.array([shot.style for shot in shots for mark in shot.marks if large(mark)])
    threshold = true_accepts(vectors, who, rate)["threshold"]
    cosines, same = vectors @ vectors.T, who[:, None] == who[None]
    np.fill_diagonal(same, False)
    rows = {style: same & (styles == style)[:, None] for style in sorted(set(styles.tolist()))}
    return {style: float((cosines[pairs] > threshold).mean()) for style, pairs in rows.items() if pairs.any()}


# --- the whole table --------------------------------------------------------------------------------------------------


def measure_detector(pack: Any, count: int = 500) -> dict[str, Any]:
    """Detection on training styles and on each held-out style."""

    def scores(pictures: int, style: str | None = None) -> dict[str, float | None]:
        found = detection_scores(pack, shots_of_scenes(pictures, style))
        return {**found, "faceless_with_a_find": false_finds(pack, faceless(pictures, style))}

    return {"training_styles": scores(count), "held_out_styles": {style: scores(max(1, count // 5), style) for style in HELD_OUT}}


def measure_recognizer(embed: Embed, pack: Any | None = None, count: int = 200, each: int = 4) -> dict[str, Any]:
    """Verification of strangers, named people and held-out faces, in training styles and in held-out ones."""
    groups = {
        "strangers": (strangers(count), None), "named_people": ([person.face for person in PEOPLE], None),
        "held_out_faces": (list(HELD_OUT_FACES), None), "strangers_in_held_out_styles": (strangers(count), list(HELD_OUT)),
    }  # fmt: skip
    scores: dict[str, Any] = {}
    for name, (faces, styles) in groups.items():
        shots = shots_of(faces, each * (4 if name == "held_out_faces" else 1), name, styles)
        vectors, who = embeddings(embed, shots)
        scores[name] = {"aligned_by_truth": true_accepts(vectors, who), "by_style": by_style(vectors, who, shots)}
        if pack:
            scores[name]["aligned_by_detector"] = true_accepts(*embeddings(embed, shots, pack))
    return scores
