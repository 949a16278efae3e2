"""CLIP, the self-supervised encoder and speed, for `persimg bench mini`."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from statistics import median
from typing import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from persimg import seeds
from persimg.bench.mini_pictures import BATCH, SEED, Bench
from persimg.bench.mini_table import Figure, Row, figure
from persimg.evaluation.metrics.slot_accuracy import slot_accuracy
from persimg.mini.world import words as w
from persimg.mini.world.caption import caption
from persimg.mini.world.scene import Scene, Subject, sample_scene

GALLERY = 100
"""captions that the right one stands among"""
RENDERS_A_CHARACTER = 4
SPEED_STEPS, THREADS, REPEATS = 20, 2, 5


def _opened(pictures: Sequence[np.ndarray]) -> list[Image.Image]:
    return [Image.fromarray(picture) for picture in pictures]


# --- CLIP -------------------------------------------------------------------------------------------------------------


def clip_rows(bench: Bench) -> list[Row]:
    said = [caption(scene) for scene in bench.singles]
    others = [bench.unseen[i % len(bench.unseen)] for i in range(len(said))]
    altered = [caption(mixed(scene, other, seeds.rng(SEED, "mixed", i))) for i, (scene, other) in enumerate(zip(bench.singles, others))]
    texts, other_texts = bench.clip.texts(said), bench.clip.texts(altered)
    found: dict[str, list[Figure | None]] = {"right": [], "spearman": []}
    for pictures in (_opened(bench.generated(bench.singles)), _opened(bench.renders(bench.singles))):
        features = bench.clip.images(pictures)
        found["right"].append(figure(nearest(features, texts)))
        cosines = (features * other_texts).sum(1).numpy()
        shares = np.array(slot_accuracy(bench.reader, pictures, altered), float)
        found["spearman"].append(figure(rank_products(cosines, shares), 1))
    note = "of CLIP-T and the share of what a caption names that the reader finds, captions altered by a random part"
    return [
        Row("clip", f"right caption among {min(GALLERY, len(said))}", 85, *found["right"]),
        Row("clip", "Spearman's correlation with the reader", 0.8, *found["spearman"], unit="", note=note),
    ]


def nearest(features: Tensor, texts: Tensor) -> np.ndarray:
    """(N,) 1 where a picture's own text is nearest among those of its block of a hundred, else 0; (N, D) unit vectors."""
    whole = max(1, len(features) // GALLERY)
    hits = [(a @ b.T).argmax(1) == torch.arange(len(a)) for a, b in zip(features.tensor_split(whole), texts.tensor_split(whole))]
    return torch.cat(hits).float().numpy()


def mixed(scene: Scene, other: Scene, rng: random.Random) -> Scene:
    """The scene with a random part of its slots as in the other."""
    part = rng.random()
    taken = {slot: getattr(other, slot) for slot in ("place", *w.DEFAULTS) if slot != "relation" and rng.random() < part}
    mine, theirs = scene.subjects[0], other.subjects[0]
    if mine.person or theirs.person:
        subject = theirs if rng.random() < part else mine
    else:
        fields = [names for names in (("kind",), ("colour", "pattern", "second"), ("accessory",)) if rng.random() < part]
        subject = replace(mine, **{name: getattr(theirs, name) for names in fields for name in names})
    return replace(scene, subjects=(subject,), **taken)


def rank_products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(N,) products of standard ranks, whose mean is Spearman's correlation; NaN throughout where one doesn't vary."""
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.full(len(a), np.nan)
    first, second = (_standard(_ranks(values)) for values in (a, b))
    return first * second


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, equal values sharing their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts + 1) / 2)[inverse]


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


# --- the self-supervised encoder --------------------------------------------------------------------------------------


def ssl_rows(bench: Bench) -> list[Row]:
    """Does the nearest other render show the same held-out character? Places, styles and light differ."""
    from persimg.evaluation.dino import load_dino
    from persimg.mini.world.characters import CHARACTERS

    scenes = [character_scene(c.number, k) for c in CHARACTERS for k in range(RENDERS_A_CHARACTER)]
    features = load_dino("mini").images(_opened(bench.renders(scenes)))
    who = torch.arange(len(CHARACTERS)).repeat_interleave(RENDERS_A_CHARACTER)
    cosines = (features @ features.T).fill_diagonal_(-2)
    same = (who[cosines.argmax(1)] == who).float().view(len(CHARACTERS), -1).numpy()
    chance = (RENDERS_A_CHARACTER - 1) / (len(who) - 1)
    return [Row("ssl", "nearest render shows the same character", None, figure(same), note=f"chance: {chance:.1%}")]


def character_scene(number: int, i: int) -> Scene:
    scene = sample_scene(seeds.rng(SEED, "character", number, i))
    return replace(scene, subjects=(Subject(f"character:{number}", None),), relation="next to")


# --- speed ------------------------------------------------------------------------------------------------------------


def speed_rows(bench: Bench) -> list[Row]:
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(THREADS)
        alone, many = seconds(bench, 1, REPEATS), seconds(bench, BATCH, max(2, REPEATS // 2))
    finally:
        torch.set_num_threads(threads)
    note = f"median with least and most, {SPEED_STEPS} steps with guidance, {THREADS} threads, on {bench.base.device}"
    return [
        Row("speed", "seconds a picture, alone", 0.6, alone, unit="s", at_most=True, note=note),
        Row("speed", f"seconds a picture, in batches of {BATCH}", 0.25, many, unit="s", at_most=True, note=note),
    ]


def seconds(bench: Bench, batch: int, repeats: int) -> Figure:
    """Median, least and most seconds a picture, after one batch to warm up."""
    from persimg.sampling.sampler import Sampler

    sampler, prompts = Sampler(bench.base, batch=batch), [caption(bench.singles[i % len(bench.singles)]) for i in range(batch)]
    times = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        sampler.draw(prompts, range(batch), steps=SPEED_STEPS)
        times.append((time.perf_counter() - started) / batch)
    return Figure(median(times[1:]), min(times[1:]), max(times[1:]), repeats)
