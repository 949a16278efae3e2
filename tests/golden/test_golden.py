"""Concept files of earlier versions load, say the same, draw the same, and export the same."""

import dataclasses
import json

import numpy as np
import pytest
from golden_files import EXPORTS, HERE, base_of, draw, exports_of
from PIL import Image

from persimg.concepts import store

PATHS = sorted(HERE.glob("*/*.safetensors"))


@pytest.fixture(params=PATHS, ids=[f"{p.parent.name}-{p.stem}" for p in PATHS])
def golden(request):
    """(path, what its version expected)."""
    return request.param, json.loads((request.param.parent / "expected.json").read_text())[request.param.stem]


def test_files_are_small_and_all_there():
    assert PATHS and all(path.stat().st_size < 100_000 for path in PATHS)
    for folder in {path.parent for path in PATHS}:
        assert {p.stem for p in folder.glob("*.safetensors")} == set(json.loads((folder / "expected.json").read_text()))


def test_cards_and_weights_come_back(golden):
    path, expected = golden
    concept = store.load(path)
    card = dataclasses.asdict(concept.card)
    assert {key: card[key] for key in expected["card"]} == expected["card"]
    assert concept.digest == expected["digest"]


def test_pictures_are_the_same(golden):
    """Within 2 of 255 a value and 0.2 in the mean (fp32 sums in another order elsewhere); the concepts change more than 3."""
    path, _ = golden
    base = base_of(path.stem)
    drawn, bare = (draw(base, concepts).astype(float) for concepts in ([store.load(path)], []))
    difference = np.abs(drawn - np.asarray(Image.open(path.with_suffix(".png")), dtype=float))
    assert difference.max() <= 2 and difference.mean() <= 0.2
    assert np.abs(drawn - bare).mean() > 3


def test_exports_are_the_same(golden):
    """Keys, shapes, alphas, headers, and the hash over the tensors' bytes that stands in them."""
    path, expected = golden
    assert exports_of(path.stem, store.load(path)) == expected["exports"]
    assert set(expected["exports"]) == set(EXPORTS.get(path.stem, ()))
