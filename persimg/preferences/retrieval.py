"""Past prompts that a new one resembles: by BM25, by an encoder's cosines, or by both, fused by reciprocal rank.

Robertson & Zaragoza 2009 with k1 = 1.2, b = 0.75 and the inverse document frequency log(1 + (N - df + .5) / (df + .5)), which is
never negative; fusion by Cormack et al. 2009. Of near duplicates the newest stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Collection, Iterable, Sequence

import numpy as np

from persimg.preferences.profile import BM25, DENSE, Retrieval

K1, B = 1.2, 0.75
RANK_OFFSET = 60
POOL = 64
"""candidates of each ranking that are fused and freed of duplicates"""
ENCODED = 4_096
"""the newest texts that an encoder is shown"""
DIGITS = 4
"""of a cosine: what else was in an encoder's batch changes those behind"""
NEAR_TEXT, NEAR_COSINE = 0.6, 0.95
TEMPERATURE = 0.1
WORDS = re.compile(r"[^\W_]+", re.UNICODE)
STOP = frozenset("a an the of in on at by to and or with from as is it its my your this that for".split())
CHUNK = 2_048
"""texts whose words are told apart at a time: what that takes stays in a processor's cache"""
FACTOR = 0x9E3779B97F4A7C15
"""odd, of the polynomial that tells words apart"""


@dataclass(frozen=True)
class Hit:
    """index: in the indexed texts; weight: share of the retrieval, all sum to 1."""

    index: int
    score: float
    weight: float


class Index:
    """Texts to be searched, oldest first. 100 000 prompts are made ready in a quarter of a second and searched in milliseconds."""

    def __init__(self, texts: Sequence[str], retrieval: Retrieval = Retrieval()):
        self.texts, self.retrieval = texts, retrieval
        self._vectors: np.ndarray | None = None
        if retrieval.retriever != DENSE:
            self._words, self._documents = words_at(texts)
            lengths = np.bincount(self._documents, minlength=len(texts))
            self._norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(texts) else 0.0, 1e-9))

    def bm25(self, query: str) -> np.ndarray:
        """(N,) scores, at least 0."""
        scores, total = np.zeros(len(self.texts)), len(self.texts)
        for word in dict.fromkeys(words_at([query])[0].tolist()):
            counts = np.bincount(self._documents[self._words == np.uint64(word)], minlength=total)
            where = np.flatnonzero(counts)
            idf = np.log(1 + (total - len(where) + 0.5) / (len(where) + 0.5))
            scores[where] += idf * counts[where] * (K1 + 1) / (counts[where] + self._norm[where])
        return scores

    def cosines(self, query: str) -> np.ndarray:
        """(N,) cosines, -1 of all texts but the newest ENCODED. Needs an encoder."""
        encode = self.retrieval.encode
        assert encode
        if self._vectors is None:
            self._vectors = encode(self.texts[-ENCODED:])
        known = np.round(self._vectors @ encode([query])[0], DIGITS)
        return np.concatenate([np.full(len(self.texts) - len(known), -1.0), known])

    def search(self, query: str, most: int, without: Collection[int] = ()) -> list[Hit]:
        """At most `most` texts, the best first, without near duplicates; as many as the scores set apart. without: indices of texts that are
        passed over, and by which nothing is measured."""
        if not self.texts or most < 1:
            return []
        scores = self._scores(query, list(without))
        fused: dict[int, float] = {}
        for found in scores:
            for rank, i in enumerate(best(found, above=0.0)):
                fused[i] = fused.get(i, 0.0) + 1 / (RANK_OFFSET + rank)
        kept = self.without_duplicates(sorted(fused, key=lambda i: (-fused[i], -i)), most)
        relevance = np.max([found[kept] for found in scores], axis=0) if kept else np.zeros(0)
        return weighted(kept, relevance, most)

    def _scores(self, query: str, without: list[int]) -> list[np.ndarray]:
        """By each retriever (N,), how well each text fits: its BM25 as a share of the best, its cosine. Not above 0: not at all."""
        found = []
        if self.retrieval.retriever != DENSE:
            scores = self.bm25(query)
            scores[without] = 0.0
            found.append(scores / max(float(scores.max()), 1e-9))
        if self.retrieval.retriever != BM25:
            cosines = np.array(self.cosines(query))
            cosines[without] = 0.0
            found.append(cosines)
        return found

    def without_duplicates(self, ordered: Iterable[int], most: int, beside: Sequence[int] = ()) -> list[int]:
        """The first texts of which no two are nearly the same, nor one and a text of `beside`; of such a pair the newer."""
        kept: list[int] = []
        for i in ordered:
            twins = [j for j in kept if self._alike(i, j)]
            if any(j > i for j in twins) or any(self._alike(i, j) for j in beside):
                continue
            if twins:
                kept = [i if j == twins[0] else j for j in kept if j == twins[0] or j not in twins]
            elif len(kept) == most:
                break
            else:
                kept.append(i)
        return kept

    def _alike(self, i: int, j: int) -> bool:
        if similarity(self.texts[i], self.texts[j]) >= NEAR_TEXT:
            return True
        older = len(self.texts) - len(self._vectors) if self._vectors is not None else len(self.texts)
        if self._vectors is None or min(i, j) < older:
            return False
        return float(np.round(self._vectors[i - older] @ self._vectors[j - older], DIGITS)) >= NEAR_COSINE


def best(scores: np.ndarray, above: float = -np.inf) -> list[int]:
    """Indices of the POOL highest scores, the newest first of equal ones."""
    found = np.flatnonzero(scores > above)
    if len(found) > POOL:
        limit = np.partition(scores[found], -POOL)[-POOL]
        higher, tied = found[scores[found] > limit], found[scores[found] == limit]
        found = np.concatenate([higher, tied[len(higher) - POOL :]])
    return sorted(found.tolist(), key=lambda i: (-scores[i], -i))


def words_of(text: str) -> list[str]:
    """Lower-case words without the commonest; plural and singular are one."""
    found = (word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in WORDS.findall(text.lower()))
    return [word for word in found if word not in STOP]


def words_at(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """What words_of says of each text, in a quarter of the time: (M,) a number for each word, equal for equal words, and (M,) whose it is."""
    parts = [_numbered(texts[i : i + CHUNK], i) for i in range(0, len(texts), CHUNK)]
    words, documents = zip(*parts) if parts else ([np.zeros(0, np.uint64)], [np.zeros(0, np.int64)])
    words, documents = np.concatenate(words), np.concatenate(documents)
    meant = ~np.isin(words, _stop_words())
    return words[meant], documents[meant]


def _numbered(texts: Sequence[str], first: int) -> tuple[np.ndarray, np.ndarray]:
    """The words of some texts, the commonest too, and the texts' indices from `first` on."""
    lower = [text.lower() for text in texts]
    codes = np.frombuffer("\n".join([*lower, ""]).encode("utf-32-le", "surrogatepass"), np.uint32)
    start, end = _bounds(codes)
    length = end - start
    plural = (length > 3) & (codes[end - 1] == ord("s")) & (codes[np.maximum(end - 2, 0)] != ord("s"))
    power, inverse = _powers(1 << len(codes).bit_length())
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes * power[: len(codes)])])
    words = (sums[end - plural] - sums[start]) * inverse[start]
    ends = np.cumsum([len(text) + 1 for text in lower])
    return words, first + np.searchsorted(ends, start, side="right")


def _bounds(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where words begin and end in a text of these characters."""
    is_word = np.zeros(int(codes.max(initial=0)) + 1, bool)
    used = np.flatnonzero(np.bincount(codes))
    is_word[[code for code in used.tolist() if WORDS.fullmatch(chr(code))]] = True
    change = np.flatnonzero(np.diff(np.concatenate([[False], is_word[codes], [False]]).astype(np.int8)))
    return change[::2], change[1::2]


@lru_cache(maxsize=2)
def _powers(count: int) -> tuple[np.ndarray, np.ndarray]:
    """FACTOR to the power of 1 to count and of -1 to -count, modulo 2^64: a word is the same number wherever it stands."""
    both = (FACTOR, pow(FACTOR, -1, 1 << 64))
    power, inverse = (np.cumprod(np.full(count, base, np.uint64)) for base in both)
    return power, inverse


@lru_cache(maxsize=1)
def _stop_words() -> np.ndarray:
    return _numbered(sorted(STOP), 0)[0]


def similarity(a: str, b: str) -> float:
    """Jaccard similarity of the sets of four words in a row; of single words where a text is shorter."""
    size = min(4, len(_words(a)), len(_words(b)))
    if size == 0:
        return float(a == b)
    first, second = _rows_of_words(a, size), _rows_of_words(b, size)
    return len(first & second) / len(first | second)


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    return tuple(words_of(text))


@lru_cache(maxsize=4096)
def _rows_of_words(text: str, size: int) -> frozenset[tuple[str, ...]]:
    words = _words(text)
    return frozenset(words[i : i + size] for i in range(len(words) - size + 1))


def weighted(kept: Sequence[int], relevance: np.ndarray, most: int) -> list[Hit]:
    """As many texts as exp(entropy) of softmax(relevance / temperature) says are really meant (VPRAG, arXiv:2601.22680)."""
    if not len(kept):
        return []
    w = np.exp((relevance - relevance.max()) / TEMPERATURE)
    w /= w.sum()
    effective = float(np.exp(-(w * np.log(np.maximum(w, 1e-300))).sum()))
    count = max(1, min(int(effective + 1e-9), most, len(kept)))
    order = sorted(range(len(kept)), key=lambda k: (-relevance[k], -kept[k]))[:count]
    return [Hit(kept[k], float(relevance[k]), float(w[k] / w[order].sum())) for k in order]
