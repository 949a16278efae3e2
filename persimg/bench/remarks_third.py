"""How simulated users put into words what they like and dislike of a picture: a third voice, written without sight of the others.

The voices are those of comments on art-sharing sites, shop reviews, photo clubs, family chats and design feedback. Validation users speak
it: what the parser does where it has no rule was settled on it. Only `rng.random()` is called, so that random.Random and numpy's
Generator both serve.
"""

from __future__ import annotations

from persimg.bench import remarks_third_words as words
from persimg.bench.remarks import Reason

COMPARES = 0.15
"""how often a rival is named, where there is one"""


def _pick(items, rng):
    return items[min(int(rng.random() * len(items)), len(items) - 1)]


def _name(table, slot: str, value: str, rng) -> tuple[str, bool]:
    """a name and whether it is plural"""
    names = table.get(slot, {}).get(value) or (f"the {value}",)
    name = _pick(names, rng)
    return (name[:-1], True) if name.endswith("*") else (name, False)


def named(slot: str, value: str, rng) -> str:
    return _name(words.NAMES, slot, value, rng)[0]


def _fill(frame: str, name: str, plural: bool, rival: str = "", second: str = "", adjective: str = "") -> str:
    return frame.format(
        n=name, b=name, r=rival, m=second, a=adjective,
        s="" if plural else "s", es="" if plural else "es",
        **{"is": "are" if plural else "is", "isnt": "aren't" if plural else "isn't", "has": "have" if plural else "has",
           "does": "do" if plural else "does", "theyre": "they're" if plural else "it's"},
    )  # fmt: skip


def _clause(reason: Reason, rng, is_first: bool = True) -> tuple[str, bool]:
    """a statement without typos, and whether it is a whole sentence"""
    slot, value, is_liked = reason.slot, reason.value, reason.is_liked
    is_sentence = True
    draw = rng.random()
    adjectives = words.ADJECTIVES.get(slot, {}).get(value, ())
    if reason.rival and draw < COMPARES:
        name, plural = _name(words.NAMES, slot, value, rng)
        text = _fill(_pick(words.LIKE_RIVAL if is_liked else words.DISLIKE_RIVAL, rng), name, plural, rival=named(slot, reason.rival, rng))
        is_sentence = text.split()[0] not in ("give", "swap", "please", "why", "should", "good", "so")
    elif adjectives and rng.random() < 0.17:
        text = _fill(_pick(words.LIKE_ADJECTIVE if is_liked else words.DISLIKE_ADJECTIVE, rng), "", False, adjective=_pick(adjectives, rng))
        is_sentence = text.split()[0] in ("it's", "I", "being")
    elif rng.random() < 0.1 and value in words.BARE.get(slot, {}):
        name, plural = _name(words.BARE, slot, value, rng)
        text = _fill(_pick(words.LIKE_BARE if is_liked else words.DISLIKE_BARE, rng), name, plural)
        is_sentence = text.split()[0] in ("I", "I'm", "I've", "you")
    else:
        name, plural = _name(words.NAMES, slot, value, rng)
        draw = rng.random()
        if draw < 0.2:
            text = _fill(_pick(words.LIKE_NEGATED if is_liked else words.DISLIKE_NEGATED, rng), name, plural)
            is_sentence = text.split()[0] not in ("never", "don't")
        elif draw < 0.4:
            text = _fill(_pick(words.LIKE_FRAGMENTS if is_liked else words.DISLIKE_FRAGMENTS, rng), name, plural)
            is_sentence = False
        else:
            text = _fill(_pick(words.LIKE if is_liked else words.DISLIKE, rng), name, plural)
            is_sentence = not text.startswith("what a ")
    if is_sentence and rng.random() < 0.18:
        text = f"{_pick(words.HEDGES + words.OPENERS if is_first else words.HEDGES, rng)} {text}"
        is_sentence = False
    elif "?" not in text and ":" not in text and "please" not in text and rng.random() < 0.08:
        text += _pick(words.TAILS, rng)
    return text, is_sentence


NEIGHBOURS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wqeryuiopoadfsghjlkxzvcbmn", strict=True))


def _misspelt(word: str, rng) -> str:
    letters = [i for i in range(1, len(word)) if word[i].isalpha()]
    at = _pick(letters, rng)
    kind = rng.random()
    if kind < 0.35 and at + 1 < len(word) and word[at + 1].isalpha():
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.6:
        return word[:at] + word[at + 1 :]
    if kind < 0.8:
        return word[:at] + word[at] + word[at:]
    return word[:at] + NEIGHBOURS.get(word[at], word[at]) + word[at + 1 :]


def _typed(text: str, rng) -> str:
    """the text with slips of the keyboard in a fiftieth of its words, and the spelling of one country or the other"""
    if rng.random() < 0.5:
        for british, american in (("colour", "color"), ("grey", "gray"), ("favour", "favor"), ("cosy", "cozy"), ("sombre", "somber")):
            text = text.replace(british, american)
    else:
        text = text.replace("gray", "grey")
    words = text.split(" ")
    # Only words of four letters and more are misspelt, so these are drawn more often to make a fiftieth of all.
    long = [i for i, word in enumerate(words) if sum(c.isalpha() for c in word) >= 4 and word.strip(",.;:!?").lower() not in ("hate", "hats")]
    rate = 0.02 * len(words) / max(len(long), 1)
    for i in long:
        if rng.random() < rate:
            words[i] = _misspelt(words[i], rng)
    return " ".join(words)


def _dressed(text: str, rng) -> str:
    """the text with the case and the punctuation of one who types it"""
    draw = rng.random()
    if draw < 0.55:
        out, start = [], True
        for c in text:
            out.append(c.upper() if start and c.isalpha() else c)
            start = (start and not c.isalnum()) or c in ".?!"
        text = "".join(out)
    elif draw < 0.9:
        text = text.lower()
    elif draw < 0.93:
        text = text.upper()
    if rng.random() < 0.15:
        text = text.replace("'", "")
    elif rng.random() < 0.15:
        text = text.replace("'", "\u2019")
    if text[-1] in "?!":
        return text
    return text + _pick((".", ".", ".", ".", "", "", "", "", "!", "!", "!!", "..."), rng)


def clause(reason: Reason, rng) -> str:
    return _typed(_clause(reason, rng)[0], rng)


def _pair(first: Reason, second: Reason, rng) -> str:
    is_joint = not first.rival and not second.rival and rng.random() < 0.2
    if first.is_liked != second.is_liked:
        if is_joint:
            liked, other = (first, second) if first.is_liked else (second, first)
            name, plural = _name(words.NAMES, liked.slot, liked.value, rng)
            return _fill(_pick(words.PAIR_MIXED, rng), name, plural, second=named(other.slot, other.value, rng))
        (one, is_one), (two, is_two) = _clause(first, rng), _clause(second, rng, is_first=False)
        if is_one and is_two and rng.random() < 0.3:
            return _pick(words.CONTRAST_SENTENCES, rng).format(one, two)
        return one + _pick(words.CONTRAST, rng).format(two)
    if is_joint:
        frame = _pick(words.PAIR_LIKED if first.is_liked else words.PAIR_DISLIKED, rng)
        name, plural = _name(words.NAMES, first.slot, first.value, rng)
        if plural:
            frame = frame.replace("{n} is good", "{n} are good")
        return _fill(frame, name, plural, second=named(second.slot, second.value, rng))
    (one, _), (two, _) = _clause(first, rng), _clause(second, rng, is_first=False)
    return one + _pick(words.SAME, rng).format(two)


def remark(reasons, is_liked, rng) -> str:
    reasons = list(reasons)[:2]
    if not reasons:
        return _dressed(_typed(_pick(words.LIKE_WHOLE if is_liked else words.DISLIKE_WHOLE, rng), rng), rng)
    text = _pair(*reasons, rng) if len(reasons) == 2 else _clause(reasons[0], rng)[0]
    if is_liked is not None and rng.random() < 0.2:
        verdict = _pick(words.LIKE_WHOLE if is_liked else words.DISLIKE_WHOLE, rng)
        agrees = bool(reasons[0].is_liked) == bool(is_liked)
        joint = _pick((". ", "! ", ": ", " - ", "... ", ", ") if agrees else (", but ", ". But ", ", although ", " - still, "), rng)
        if agrees or len(reasons) == 1:
            text = verdict + joint + text
    return _dressed(_typed(text, rng), rng)
