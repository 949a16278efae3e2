"""How a sentence sounds whose judgement no rule of ours has found: VADER's lexicon of valences (Hutto & Gilbert 2014)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache, lru_cache
from typing import Any

from persimg.preferences.phrases import find

NEUTRAL = 0.05
"""VADER's own limit: what is nearer to 0 says nothing"""
ENDS = re.compile(r"[.!?;\n]|\b(?:but|yet|although|though|however|while|and)\b", re.IGNORECASE)
OTHERWISE = ("leave", "leaves", "miss", "missed", "misses", "missing")
"""words that say of a picture that something should stay or come back, where VADER hears blame"""
NAMED = ("attribute", "category")
MOST = 500
"""characters that are read at once"""


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # reads a file of 400 KB

    analyzer = SentimentIntensityAnalyzer()
    for word in OTHERWISE:
        analyzer.lexicon.pop(word, None)
    return analyzer


def sounding(text: str, start: int, end: int) -> int:
    """1, -1 or 0: of the part of a sentence around text[start:end], in which all that the lexicon of attributes names is "it": "gloomy"
    and "cheerful" are what is judged, not the judgement."""
    first, last = _part(text, start, end)
    if last - first > MOST:  # a piece of it: each is read once, however much it names
        first += (start - first) // MOST * MOST
        last = min(last, max(end, first + MOST))
    return _heard(text[first:last])


def _part(text: str, start: int, end: int) -> tuple[int, int]:
    """With the mark that ends it."""
    starts, ends = _marks(text)
    k, m = bisect_right(ends, start), bisect_left(starts, end)
    return ends[k - 1] if k else 0, ends[m] if m < len(ends) else len(text)


@lru_cache(8)
def _marks(text: str) -> tuple[list[int], list[int]]:
    """Where the marks between parts start and end."""
    marks = list(ENDS.finditer(text))
    return [mark.start() for mark in marks], [mark.end() for mark in marks]


@lru_cache(4096)
def _heard(part: str) -> int:
    size = _analyzer().polarity_scores(_nameless(part))["compound"]
    return (size > NEUTRAL) - (size < -NEUTRAL)


def _nameless(sentence: str) -> str:
    """Nor does a word say how it sounds that shows something or blames what directly follows it: "the tired, ugly man in soft light"."""
    parts, at, items = [], 0, find(sentence)
    for found, following in zip(items, [*items[1:], None]):
        is_name, is_next = found.kind in NAMED, following is not None and following.kind in ("word", *NAMED)
        if is_name or found.kind in ("state", "order") or found.kind == "value" and found.value < 0 and is_next:
            parts += [sentence[at : found.start], "it" if is_name else ""]
            at = found.end
    return re.sub(r"\s+", " ", "".join([*parts, sentence[at:]]))
