"""How a sentence sounds whose judgement no rule of ours has found: VADER's lexicon of valences (Hutto & Gilbert 2014)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from persimg.preferences.phrases import find

NEUTRAL = 0.05
"""VADER's own limit: what is nearer to 0 says nothing"""
ENDS = re.compile(r"[.!?;\n]|\b(?:but|yet|although|though|however|while|and)\b", re.IGNORECASE)
OTHERWISE = ("leave", "leaves", "miss", "missed", "misses", "missing")
"""words that say of a picture that something should stay or come back, where VADER hears blame"""
NAMED = ("attribute", "category")
MOST = 500
"""characters that are looked at to either side"""


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
    before, behind = text[max(0, start - MOST) : start], text[end : end + MOST]
    first = max((match.end() for match in ENDS.finditer(before)), default=0)
    last = match.end() if (match := ENDS.search(behind)) else len(behind)
    size = _analyzer().polarity_scores(_nameless(before[first:] + text[start:end] + behind[:last]))["compound"]
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
