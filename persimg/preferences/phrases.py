"""Finding the lexicon's names, and the words that judge, in a text: the longest phrase that begins at each word."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Iterator, NamedTuple

from persimg.concepts.prompts import PLACEHOLDER
from persimg.preferences.lexicon import lexicon
from persimg.preferences.speech import COMPARED, MARKS, SPEECH, UNMARKED

FACES = "❤♥👍👎😍🥰🤩🔥😡🤮🤢💩🙄😕"
"""they judge what stands before them, or behind where a line begins with one"""
TOKEN = re.compile(rf"(?:{PLACEHOLDER.pattern}|[^\W_]+)(?:['’][^\W_]+)*|(?<!\S)[-–](?!\S)|(?<!\S)-(?=[^\W_])|[.,;:!?\n…()—/&+=>|{FACES}]")
"""a word, a concept's <name> being one, or a mark"""
SPELLINGS = (("colour", "color"), ("grey", "gray"), ("centre", "center"), ("ised", "ized"))
STEMS = {"ca": "can", "wo": "will", "does": "do", "did": "do"}
UNCHANGED = ("glasses", "woods")
"""plurals that mean something else than their singular"""
ENDINGS = (("er", ""), ("er", "e"), ("ier", "y"), ("ness", ""), ("iness", "y"))
MISTYPED, MAX_MENDED = 5, 20
"""letters of a word that may be mistyped; a shorter one is another word too easily"""
LONGEST = 9
"""letters of a word that is taken apart: "darker" is more dark, a photographer is not more photograph"""

MARKED_OF = ("5", "10", "100")
_COUNTS = tuple(map(str, range(101)))
MIDDLING = 0.55
"""share of the best mark that neither praises nor blames"""
SIGNS = {"+": "more", "-": "minus"}
SIGNED = re.compile(r"(?<!\S)[+-](?=[^\W_])")
"""a sign that a list of wishes puts before each: "+fog -neon" """


class Found(NamedTuple):
    """A phrase in a text. kind: "attribute", "category", a kind of SPEECH, or "word" for what has no meaning here; value: lexicon
    id, names of categories, or size; start, end: place in the text.
    """

    kind: str
    value: Any
    start: int
    end: int


class Token(NamedTuple):
    key: str
    start: int
    end: int


def find(text: str) -> list[Found]:
    """All phrases of a text, in order and without overlap; at each word the longest."""
    tokens, found, i = list(_tokens(text)), [], 0
    while i < len(tokens):
        length, kind, value = _mark(tokens, i) or _longest(tokens, i)
        if kind == "attribute" and length > 1 and (first := phrases().get((tokens[i].key,))) and first[0] in ("prep", "for"):
            found.append(Found(*first, tokens[i].start, tokens[i].end))  # "on the beach": no people on the beach is a beach
            length, i = length - 1, i + 1
        found.append(Found(kind, value, tokens[i].start, tokens[i + length - 1].end))
        i += length
    return found


def _mark(tokens: list[Token], i: int) -> tuple[int, str, Any] | None:
    """ "8/10" and "8 out of 10" as words of praise or blame."""
    for over in (["/"], ["out", "of"]):
        keys = [token.key for token in tokens[i : i + len(over) + 2]]
        if keys[1:-1] == over and keys[-1] in MARKED_OF and keys[0] in _COUNTS[: int(keys[-1]) + 1]:
            return len(keys), "value", (int(keys[0]) / int(keys[-1]) - MIDDLING) / (1 - MIDDLING)
    return None


def _longest(tokens: list[Token], i: int) -> tuple[int, str, Any]:
    node, best = _tree(), (1, "word", None)
    for j in range(i, len(tokens)):
        following = node.get(tokens[j].key)
        if following is None:
            break
        node = following
        if "" in node:
            best = (j + 1 - i, *node[""])
    return best


@cache
def phrases() -> dict[tuple[str, ...], tuple[str, Any]]:
    """Keys of a phrase → kind and value."""
    found: dict[tuple[str, ...], tuple[str, Any]] = {}
    for text, kind, value in meanings():
        found.setdefault(tuple(keys_of(text)), (kind, value))
    joined = {("".join(keys),): meaning for keys, meaning in found.items() if len(keys) == 2 and meaning[0] == "attribute"}  # "lineart"
    return joined | found


@cache
def _tree() -> dict[str, Any]:
    """Word → the same of what can follow it; "" → the meaning of a phrase that ends here."""
    root: dict[str, Any] = {}
    for keys, meaning in phrases().items():
        node = root
        for word in keys:
            node = node.setdefault(word, {})
        node[""] = meaning
    return root


def meanings() -> Iterator[tuple[str, str, Any]]:
    """(phrase, kind, value); of equal phrases the first counts."""
    table = lexicon()
    yield from ((name, "attribute", id) for id, attribute in table.attributes.items() for name in attribute.names)
    for kind, words in SPEECH.items():
        for size, text in (words if isinstance(words, dict) else {0.0: words}).items():
            yield from ((" ".join(phrase.split()), kind, size) for phrase in text.split(","))
    yield from ((mark, kind, 0.0) for marks, kind in MARKS.items() for mark in marks)
    for word in {word: None for category in table.categories.values() for word in category.words}:
        yield word, "category", tuple(category.name for category in table.categories.values() if word in category.words)
    yield from ((phrase, "attribute", id) for id, attribute in table.attributes.items() for phrase in attribute.phrases)


def keys_of(text: str) -> list[str]:
    """The words of a text in the form in which they are compared, comparatives as they stand."""
    return [key for match in TOKEN.finditer(text) for key in _keys(match[0])]


def key(word: str) -> str:
    """A word in lower case, American spelling and the singular."""
    word = word.lower()
    for british, american in SPELLINGS:
        word = word.replace(british, american)
    if len(word) < 4 or word in UNCHANGED:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _keys(word: str) -> tuple[str, ...]:
    """ "don't" is two words, "it's" one."""
    word = word.lower().replace("’", "'")
    if word.endswith("n't") or word in UNMARKED:
        stem = word[:-3] if "'" in word else word[:-2]
        return STEMS.get(stem, key(stem)), "not"
    return (key(word.split("'")[0]),)


def _tokens(text: str) -> Iterator[Token]:
    signs, is_ahead, previous = _signs(text), False, "\n"
    for match in TOKEN.finditer(text):
        is_ahead, previous, before = match[0] in FACES if previous == "\n" else is_ahead, match[0], previous
        if match.start() in signs:
            parts = [",", signs[match.start()]]
        elif match[0] in FACES:
            parts = [match[0], ","] if not is_ahead else [match[0]] if before in FACES else [",", match[0]]
        else:
            parts = [part for word in _keys(match[0]) for part in _parts(word)]
        yield from (Token(part, match.start(), match.end()) for part in parts)


def _signs(text: str) -> dict[int, str]:
    """Place → word of the signs in a text that has both: a list with one of them alone is bulleted."""
    signs = {match.start(): SIGNS[match[0]] for match in SIGNED.finditer(text)}
    return signs if len(set(signs.values())) == len(SIGNS) else {}


def _parts(word: str) -> list[str]:
    """ "darker" → more dark, "darkness" → dark."""
    if word in COMPARED:
        return COMPARED[word].split()
    if word in _known():
        return [word]
    if mended := _mended(word):
        return [mended]
    if len(word) > LONGEST:
        return [word]
    for ending, rest in ENDINGS:
        if word.endswith(ending) and (base := word.removesuffix(ending) + rest) in _names():
            return ["more", base] if ending.endswith("er") else [base]
    return ["more", word[:-3]] if re.search(r"(.)\1er$", word) and word[:-3] in _names() else [word]


def _mended(word: str) -> str:
    """The one known word that this is with two neighbouring letters exchanged or one doubled, as hasty typing does; "" where there is none."""
    if not MISTYPED <= len(word) <= MAX_MENDED:
        return ""
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)} - {word}
    swapped |= {word[:i] + word[i + 1 :] for i in range(len(word) - 1) if word[i] == word[i + 1]}
    found = swapped & _known()
    return found.pop() if len(found) == 1 else ""


@cache
def _known() -> frozenset[str]:
    return frozenset(word for keys in phrases() for word in keys)


@cache
def _names() -> frozenset[str]:
    """Words that name an attribute by themselves."""
    return frozenset(keys[0] for keys, (kind, _) in phrases().items() if len(keys) == 1 and kind == "attribute")
