"""What the reader says of true renders, of generated pictures and of the autoencoder's round trips."""

from __future__ import annotations

from typing import Mapping, Sequence

import numpy as np
import torch

from persimg.bench.mini_pictures import Bench, in_parts, to_pixels
from persimg.bench.mini_table import Row, figure
from persimg.mini.nets import Reader
from persimg.mini.world.labels import is_asked, presence, scene_labels, subject_labels
from persimg.mini.world.scene import Scene

AIMS = {"kind": 97, "colour": 97, "place": 99, "style": 99, "accessory": 92}
READER_AIM = 99
KINDS = {"kind, things": False, "woman or man": True}
"""what the kind is a mixture of, is it of people: a question of 32, which weighs three in five, and one of two"""
COMBINED = ("kind", "colour", "pattern", "accessory", "place", "style")
"""attributes of which combinations are held out"""
Answers = Sequence[Mapping[str, str]]


def answers_of(reader: Reader, pictures: Sequence[np.ndarray]) -> Answers:
    return [answer for part in in_parts(reader.read, to_pixels(pictures)) for answer in part]


def right(scenes: Sequence[Scene], answers: Answers, against: Answers | None = None) -> dict[str, np.ndarray]:
    """Attribute → (N,) share of what is asked of a scene's subjects that is answered right, NaN where nothing is.

    against: other answers in the place of the scenes' own labels.
    """
    found: dict[str, np.ndarray] = {}
    for i, (scene, answer) in enumerate(zip(scenes, answers, strict=True)):
        true, hits = (against[i] if against else scene_labels(scene)), {}
        for slot in answer:
            if is_asked(slot, scene):
                hits.setdefault(slot.split("_")[0], []).append(answer[slot] == true[slot])
        for name, values in hits.items():
            found.setdefault(name, np.full(len(scenes), np.nan))[i] = np.mean(values)
    return found


def right_kinds(scenes: Sequence[Scene], answers: Answers) -> dict[str, np.ndarray]:
    """Name of KINDS → (N,) share of a scene's subjects of this sort whose kind is read, NaN where it has none."""
    found = {name: np.full(len(scenes), np.nan) for name in KINDS}
    for i, (scene, answer) in enumerate(zip(scenes, answers, strict=True)):
        for name, of_people in KINDS.items():
            subjects = [(k, s) for k, s in enumerate(scene.from_left) if (s.person is not None) == of_people]
            if subjects:
                found[name][i] = np.mean([answer[f"kind_{k}"] == subject_labels(s)["kind"] for k, s in subjects])
    return found


def share(hits: Mapping[str, np.ndarray], names: Sequence[str] | None = None) -> np.ndarray:
    """(N,) mean over the attributes that a scene has."""
    return np.nanmean(np.stack([hits[name] for name in names or hits if name in hits]), 0)


def reader_rows(bench: Bench) -> list[Row]:
    """Every attribute on true renders, in scenes of one subject and of two; and the map of presence."""
    scenes = [*bench.singles, *bench.pairs]
    drawings = bench.drawings(scenes)
    pictures = [drawing.picture for drawing in drawings]
    answers = answers_of(bench.reader, pictures)
    rows = [Row("reader", f"{name}, true renders", READER_AIM, figure(values)) for name, values in right(scenes, answers).items()]
    rows[1:1] = [Row("reader", f"{name}, true renders", READER_AIM, figure(values)) for name, values in right_kinds(scenes, answers).items()]
    true = np.stack([presence(scene, drawing) for scene, drawing in zip(scenes, drawings)])
    maps = torch.cat(in_parts(lambda x: bench.reader.read_and_locate(x)[1], to_pixels(pictures))).numpy()
    found = {name: overlaps(maps[:, i] > 0, true[:, i] > 0.5) for i, name in enumerate(Reader.CHANNELS)}
    return rows + [Row("reader", f"map of {name}, overlap (IoU)", None, figure(values)) for name, values in found.items()]


def overlaps(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    """(N, h, w) bool twice → (N,) intersection over union, NaN where nothing is to be found."""
    union = (found | true).sum((1, 2))
    return np.where(true.any((1, 2)), (found & true).sum((1, 2)) / np.maximum(union, 1), np.nan)


def base_rows(bench: Bench) -> list[Row]:
    answers = _both(bench, bench.singles)
    singles, kinds = ([measure(bench.singles, read) for read in answers] for measure in (right, right_kinds))
    rows = [Row("base", f"{name}, one subject", AIMS.get(name), *(figure(hits[name]) for hits in singles)) for name in singles[0]]
    rows[1:1] = [Row("base", name, None, *(figure(hits[name]) for hits in kinds)) for name in KINDS]
    rows.append(Row("base", "all that is asked of a picture", None, *(figure(_all_right(hits)) for hits in singles)))
    pairs = [right_pairs(bench.pairs, read) for read in _both(bench, bench.pairs)]
    rows.append(Row("base", "two subjects: kind and colour of both", 80, *(figure(values) for values in pairs)))
    unseen = [right(bench.unseen, read) for read in _both(bench, bench.unseen)]
    values = [(share(new, COMBINED), share(old, COMBINED)[: len(bench.unseen)]) for new, old in zip(unseen, singles)]
    rows.append(Row("base", "unseen combinations", None, *(figure(new) for new, _ in values)))
    rows.append(Row("base", "the same attributes, seen combinations", None, *(figure(old) for _, old in values)))
    return rows + [Row("base", "unseen less seen", -5, *(figure(new - old) for new, old in values), unit="points")]


def _both(bench: Bench, scenes: Sequence[Scene]) -> list[Answers]:
    """What the reader says of generated pictures and of true renders."""
    return [answers_of(bench.reader, pictures) for pictures in (bench.generated(scenes), bench.renders(scenes))]


def _all_right(hits: Mapping[str, np.ndarray]) -> np.ndarray:
    return (np.nanmin(np.stack(list(hits.values())), 0) == 1).astype(float)


def right_pairs(scenes: Sequence[Scene], answers: Answers) -> np.ndarray:
    """(N,) 1 where kind and, of things, colour of both subjects are read, else 0."""
    slots = [slot for name in ("kind", "colour") for slot in (f"{name}_0", f"{name}_1")]
    labels = [scene_labels(scene) for scene in scenes]
    return np.array([
        all(answer[slot] == true[slot] for slot in slots if slot in answer and is_asked(slot, scene))
        for scene, answer, true in zip(scenes, answers, labels, strict=True)
    ], float)  # fmt: skip


def vae_rows(bench: Bench) -> list[Row]:
    x = to_pixels(bench.renders(bench.singles)).to(bench.base.device)
    y = torch.cat(in_parts(lambda part: bench.base.decode(bench.base.encode_pictures(part)).float().clamp(-1, 1), x))
    decibels = -10 * torch.log10(((y - x) / 2).square().mean((1, 2, 3)))
    before, after = ([a for part in in_parts(bench.reader.read, z.cpu()) for a in part] for z in (x, y))
    return [
        Row("vae", "signal to noise of round trips", 34, figure(decibels.cpu().numpy(), 1), unit="dB"),
        Row("vae", "reader agrees with itself before and after", 99, figure(share(right(bench.singles, after, before)))),
        Row("vae", "reader right after", None, figure(share(right(bench.singles, after))), figure(share(right(bench.singles, before)))),
    ]
