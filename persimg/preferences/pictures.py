"""What pictures are like, so that liking one says something: zero-shot by a CLIP, and by measuring pixels.

A CLIP compares a picture with each category's attributes in sentences (Radford et al. 2021, sec. 3.1) and with pictures of nothing
in particular; a category whose best attribute isn't clearly the best stays unknown. Light and color are measured, whether there is
a CLIP or not: a mean is surer than a comparison of sentences.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Sequence

import numpy as np

from persimg.preferences.lexicon import Attribute, Category, lexicon

if TYPE_CHECKING:
    from PIL import Image

    from persimg.evaluation.backbones import Backbone

SURE, MARGIN = 0.35, 0.10
"""least probability of a category's best attribute, and least lead on the second"""
PLAIN = ("a picture", "a drawing", "a photo")
"""what a picture is compared with beside the attributes of a category, so that it can be none of them"""
SIDE = 96
"""pixels that a picture is measured at"""
MEASURED_CATEGORIES = ("palette", "saturation", "tone", "detail")
LOOKED_AT = ("color",)
"""measured categories that a CLIP knows better: it sees what a color belongs to"""

MEASURED: dict[str, tuple[str, float, float]] = {
    "tone.dark": ("luma", 0.32, -0.03), "tone.bright": ("luma", 0.66, 0.03), "tone.low_key": ("luma", 0.18, -0.02),
    "tone.high_key": ("luma", 0.82, 0.02), "tone.high_contrast": ("contrast", 0.28, 0.015), "tone.low_contrast": ("contrast", 0.12, -0.015),
    "saturation.vivid": ("colorfulness", 75.0, 6.0), "saturation.muted": ("faintness", 0.0, 3.0),
    "saturation.black_and_white": ("colorfulness", 4.0, -0.8), "palette.warm": ("warmth", 0.12, 0.02),
    "palette.cold": ("warmth", -0.12, -0.02),
    "palette.rainbow": ("hues", 5.5, 0.4), "palette.limited": ("hues", 2.5, -0.4), "saturation.monochromatic": ("hues", 1.5, -0.4),
    "detail.detailed": ("edges", 0.22, 0.02), "detail.simple": ("edges", 0.06, -0.01), "composition.symmetrical": ("symmetry", 0.88, 0.02),
}  # fmt: skip
"""id → a measure, where it is as likely as not, and how much more makes it e times as likely"""
COLOR_SHARE = 0.2
"""share of a picture that a color must have to be one of its colors; twice that is certain"""
HUES: tuple[tuple[float, str], ...] = (
    (12, "red"), (42, "orange"), (68, "yellow"), (160, "green"), (195, "teal"), (255, "blue"), (295, "purple"), (345, "pink"), (360, "red"),
)  # fmt: skip
"""up to which degree of the color wheel a color goes"""


def of_pictures(pictures: Sequence[Image.Image], backbone: Backbone | str | None = None) -> list[dict[str, float]]:
    """For each picture lexicon id → how sure it is that the picture has it, 0.35..1. Nothing sensitive.

    backbone: a CLIP, loaded or by name as the evaluation takes it ("mini" knows the drawn world alone and finds it everywhere); None:
    only what is measured, which needs no torch. Raises UserError where a CLIP can't be had.
    """
    measured = [of_pixels(picture) for picture in pictures]
    if backbone is None or not pictures:
        return measured
    if isinstance(backbone, str):
        from persimg.evaluation.backbones import load_backbone

        backbone = load_backbone(backbone)
    return [_together(_asked(features, backbone), exact) for features, exact in zip(backbone.images(pictures).numpy(), measured)]


def _together(seen: dict[str, float], measured: dict[str, float]) -> dict[str, float]:
    """What was measured, and what was seen that doesn't contradict it."""
    table = lexicon()
    exact = {id: p for id, p in measured.items() if table.attributes[id].category not in LOOKED_AT}
    return exact | {id: p for id, p in seen.items() if id not in exact and not any(table.conflicts(id, other) for other in exact)}


# --- with a CLIP ------------------------------------------------------------------------------------------------------


def _asked(features: np.ndarray, backbone: Backbone) -> dict[str, float]:
    """features: (D,) of one picture."""
    found = {}
    for ids, texts in _categories(backbone):
        logits = backbone.scale * texts @ features
        p = np.exp(logits - logits.max())
        p /= p.sum()
        best, second = np.argsort(-p)[:2]
        if ids[best] and p[best] >= SURE and p[best] - p[second] >= MARGIN:
            found[str(ids[best])] = round(float(p[best]), 4)
    return found


@lru_cache(maxsize=2)
def _categories(backbone: Backbone) -> list[tuple[list[str | None], np.ndarray]]:
    """Ids and text features (n, D), None for a plain picture, of the categories of which the CLIP knows two attributes' words."""
    table, found = lexicon(), []
    plain = _mean_text(backbone, PLAIN)
    for category in table.categories.values():
        if category.name in MEASURED_CATEGORIES:
            continue
        names = {a.id: name for a in table.attributes.values() if a.category == category.name and (name := _name(a, backbone))}
        if len(names) >= 2:
            templates = _templates(category, backbone)
            texts = [_mean_text(backbone, [t.format(name) for t in templates]) for name in names.values()]
            found.append(([*names, None], np.stack([*texts, plain])))
    return found


def _name(attribute: Attribute, backbone: Backbone) -> str | None:
    """The first phrase or name that the CLIP knows the words of; None for a sensitive attribute."""
    return None if attribute.is_sensitive else next((n for n in (*attribute.phrases, *attribute.names) if backbone.knows(n)), None)


def _templates(category: Category, backbone: Backbone) -> list[str]:
    return [t for t in category.templates if backbone.knows(t.replace("{}", " "))] or ["{}"]


def _mean_text(backbone: Backbone, texts: Sequence[str]) -> np.ndarray:
    """(D,), of length 1."""
    mean = backbone.texts(texts).numpy().mean(0)
    return mean / np.linalg.norm(mean)


# --- without one ------------------------------------------------------------------------------------------------------


def of_pixels(picture: Image.Image) -> dict[str, float]:
    """Of the attributes that can be measured those that are likelier than not; of an exclusive category the likeliest."""
    rgb = np.asarray(picture.convert("RGB").resize((SIDE, SIDE), 2), dtype=np.float64) / 255  # (SIDE, SIDE, 3)
    measures, shares, table = measured(rgb), color_shares(rgb), lexicon()
    sure = {id: _logistic((measures[name] - middle) / width) for id, (name, middle, width) in MEASURED.items()}
    sure |= {f"color.{name}": min(1.0, share / (2 * COLOR_SHARE)) for name, share in shares.items()}
    found: dict[str, float] = {}
    for id, p in sorted(sure.items(), key=lambda item: -item[1]):
        if p >= 0.5 and not any(table.conflicts(id, other) for other in found):
            found[id] = round(p, 4)
    return found


def measured(rgb: np.ndarray) -> dict[str, float]:
    """Measures of a picture, (H, W, 3) in 0..1.

    luma: its mean, 0..1; contrast: its deviation; colorfulness: Hasler & Süsstrunk 2003, 0 to about 150;
    faintness: above 0 where there is some color, but little, at most 12; warmth: red
    less blue, -1..1; hues: how many colors it has in effect, the exponential of their entropy; edges: share of pixels at one;
    symmetry: correlation with its mirror image.
    """
    luma = rgb @ np.array([0.299, 0.587, 0.114])
    shares = np.array(list(color_shares(rgb).values()))
    shares = shares[shares > 0]
    colorfulness = _colorfulness(rgb * 255)
    slope = np.hypot(np.diff(luma, axis=0)[:, :-1], np.diff(luma, axis=1)[:-1])
    return {
        "luma": float(luma.mean()),
        "contrast": float(luma.std()),
        "colorfulness": colorfulness,
        "faintness": 12 - abs(colorfulness - 16),
        "warmth": float((rgb[..., 0] - rgb[..., 2]).mean()),
        "hues": float(np.exp(-(shares * np.log(shares)).sum())),
        "edges": float((slope > 0.1).mean()),
        "symmetry": _symmetry(luma),
    }


def _colorfulness(rgb: np.ndarray) -> float:
    red_green, yellow_blue = rgb[..., 0] - rgb[..., 1], (rgb[..., 0] + rgb[..., 1]) / 2 - rgb[..., 2]
    return float(np.hypot(red_green.std(), yellow_blue.std()) + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))


def _symmetry(luma: np.ndarray) -> float:
    """An even picture is symmetrical to nobody: 0."""
    here, mirrored = luma - luma.mean(), luma[:, ::-1] - luma.mean()
    power = float((here * here).sum())
    return float((here * mirrored).sum()) / power if power > 1e-6 * luma.size else 0.0


def color_shares(rgb: np.ndarray) -> dict[str, float]:
    """Name of a color → share of the picture, (H, W, 3) in 0..1. The shares add up to 1."""
    high, low = rgb.max(-1), rgb.min(-1)
    chroma = high - low
    saturation = np.divide(chroma, high, out=np.zeros_like(chroma), where=high > 0)
    names = np.array([name for _, name in HUES])[np.searchsorted([limit for limit, _ in HUES], _hue(rgb, high, chroma))]
    names[(names == "orange") & (high < 0.65) | (names == "red") & (high < 0.45)] = "brown"
    names[(names == "red") & (high > 0.75) & (saturation < 0.5)] = "pink"
    names[saturation < 0.12] = "gray"
    names[(saturation < 0.12) & (high > 0.85)] = "white"
    names[high < 0.2] = "black"
    found, counts = np.unique(names, return_counts=True)
    return {str(name): float(count) / names.size for name, count in zip(found, counts)}


def _hue(rgb: np.ndarray, high: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Degrees of the color wheel, 0..360."""
    red, green, blue = (rgb[..., i] for i in range(3))
    safe = np.where(chroma > 0, chroma, 1)
    sector = np.select([high == red, high == green], [(green - blue) / safe % 6, (blue - red) / safe + 2], (red - green) / safe + 4)
    return sector * 60 % 360


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -50, 50))))
