"""Judgements in words that the reader of comments doesn't know."""

from types import SimpleNamespace

import pytest

from persimg.preferences import sentiment
from persimg.preferences.sentiment import sounding
from persimg.preferences.statement import mentions


@pytest.mark.parametrize(("text", "attribute", "sign"), [
    ("the fog is a catastrophe here", "weather.fog", -1), ("so much joy in this watercolor", "medium.watercolor", 1),
    ("the neon hurts", "medium.neon", -1), ("pastel", "medium.pastel", 1),
])  # fmt: skip
def test_the_tone_of_a_sentence_judges_what_nothing_else_does(text, attribute, sign):
    assert {m.attribute: m.polarity for m in mentions(text).mentions}[attribute] == sign


def test_what_is_judged_is_no_judgement():
    """An attribute's own name may be a sad or a happy word."""
    for text, name in (("the gloomy mood", "gloomy"), ("a cheerful mood", "cheerful")):
        at = text.index(name)
        assert sounding(text, at, at + len(name)) == 0


def test_only_its_own_part_of_a_sentence_counts():
    text = "what a joy the hat, but the fog"
    assert sounding(text, text.index("hat"), text.index("hat") + 3) == 1 and sounding(text, text.index("fog"), len(text)) == 0


def test_a_long_sentence_is_read_around_its_place():
    text = "awful " * 5000 + "x " * 600 + "fog"
    assert sounding(text, len(text) - 3, len(text)) == 0


@pytest.mark.parametrize("part", ["dark ", "fog, ", "neon and "])
def test_a_text_of_nothing_but_names_is_heard_at_once(part, monkeypatch):
    """Each piece is scored once, not once for each name in it."""
    heard = []
    monkeypatch.setattr(sentiment, "_analyzer", lambda: SimpleNamespace(polarity_scores=lambda text: heard.append(text) or {"compound": 0.0}))
    sentiment._heard.cache_clear()
    text = (part * 4000)[:20_000]
    for start in range(0, len(text) - 4, len(part)):
        sounding(text, start, start + 4)
    sentiment._heard.cache_clear()
    assert len(heard) <= 3 * len(text) // sentiment.MOST + 3
