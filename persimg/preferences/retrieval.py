"""Past prompts that a new one resembles: BM25, fused by reciprocal rank with an encoder's cosines where there is an encoder.

Robertson & Zaragoza 2009 with k1 = 1.2, b = 0.75 and the inverse document frequency log(1 + (N - df + .5) / (df + .5)), which is
never negative; fusion by Cormack et al. 2009. Of near duplicates the newest stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Mapping, Sequence

import numpy as np

K1, B = 1.2, 0.75
RANK_OFFSET = 60
POOL = 64
"""candidates of each ranking that are fused and freed of duplicates"""
NEAR_TEXT, NEAR_COSINE = 0.6, 0.95
TEMPERATURE = 0.1
WORDS = re.compile(r"[^\W_]+", re.UNICODE)
STOP = frozenset("a an the of in on at by to and or with from as is it its my your this that for".split())

Encode = Callable[[Sequence[str]], np.ndarray]
"""texts → (N, D) unit vectors"""


@dataclass(frozen=True)
class Hit:
    """index: in the indexed texts; weight: share of the retrieval, all sum to 1."""

    index: int
    score: float
    weight: float


def words_of(text: str) -> list[str]:
    """Lower-case words without the commonest; plural and singular are one."""
    found = (word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in WORDS.findall(text.lower()))
    return [word for word in found if word not in STOP]


class Index:
    """An inverted index of texts, oldest first. 100 000 prompts are indexed in about a second and searched in milliseconds."""

    def __init__(self, texts: Sequence[str], encode: Encode | None = None):
        self.texts, self.encode = texts, encode
        self._vectors: np.ndarray | None = None
        ids: dict[str, int] = {}
        documents, tokens = [], []
        lengths = np.zeros(len(texts))
        for i, text in enumerate(texts):
            words = [ids.setdefault(word, len(ids)) for word in words_of(text)]
            documents += [i] * len(words)
            tokens += words
            lengths[i] = len(words)
        self._ids: Mapping[str, int] = ids
        self._postings(np.array(documents, np.int64), np.array(tokens, np.int64), len(texts))
        self._norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(texts) else 0.0, 1e-9))

    def _postings(self, documents: np.ndarray, tokens: np.ndarray, count: int) -> None:
        """Documents and counts of every word, one behind the other; word i's from start[i] to start[i + 1]."""
        pairs, self._counts = np.unique(tokens * max(count, 1) + documents, return_counts=True)
        self._documents = pairs % max(count, 1)
        self._start = np.searchsorted(pairs // max(count, 1), np.arange(len(self._ids) + 1))

    def bm25(self, query: str) -> np.ndarray:
        """(N,) scores, at least 0."""
        scores, total = np.zeros(len(self.texts)), len(self.texts)
        for word in dict.fromkeys(words_of(query)):
            if (i := self._ids.get(word)) is None:
                continue
            where, counts = (a[self._start[i] : self._start[i + 1]] for a in (self._documents, self._counts))
            idf = np.log(1 + (total - len(where) + 0.5) / (len(where) + 0.5))
            scores[where] += idf * counts * (K1 + 1) / (counts + self._norm[where])
        return scores

    def cosines(self, query: str) -> np.ndarray:
        """(N,) cosines. Needs an encoder."""
        assert self.encode
        if self._vectors is None:
            self._vectors = self.encode(self.texts)
        return self._vectors @ self.encode([query])[0]

    def search(self, query: str, most: int) -> list[Hit]:
        """At most `most` texts, the best first, without near duplicates; as many as the scores set apart."""
        if not self.texts or most < 1:
            return []
        rankings = [best(self.bm25(query), above=0.0)] + ([best(self.cosines(query))] if self.encode else [])
        fused: dict[int, float] = {}
        for ranking in rankings:
            for rank, i in enumerate(ranking):
                fused[i] = fused.get(i, 0.0) + 1 / (RANK_OFFSET + rank)
        ordered = sorted(fused, key=lambda i: (-fused[i], -i))
        kept = self._without_duplicates(ordered, most)
        return weighted(kept, self._relevance(query, kept), most)

    def _relevance(self, query: str, kept: Sequence[int]) -> np.ndarray:
        """How well each text fits, 0..1: of the best's BM25, or the cosine where that is more."""
        scores = self.bm25(query)[list(kept)]
        relevance = scores / max(float(scores.max(initial=0)), 1e-9)
        return np.maximum(relevance, self.cosines(query)[list(kept)]) if self.encode else relevance

    def _without_duplicates(self, ordered: Sequence[int], most: int) -> list[int]:
        """The first texts of which no two are nearly the same; of such a pair the newer."""
        kept: list[int] = []
        for i in ordered:
            twin = next((j for j in kept if self._alike(i, j)), None)
            if twin is None:
                kept.append(i)
            elif i > twin:
                kept[kept.index(twin)] = i
            if len(kept) > most:
                break
        return kept[:most]

    def _alike(self, i: int, j: int) -> bool:
        if similarity(self.texts[i], self.texts[j]) >= NEAR_TEXT:
            return True
        return self._vectors is not None and float(self._vectors[i] @ self._vectors[j]) >= NEAR_COSINE


def best(scores: np.ndarray, above: float = -np.inf) -> list[int]:
    """Indices of the POOL highest scores, the newest first of equal ones."""
    if len(scores) > POOL:
        limit = np.partition(scores, -POOL)[-POOL]
        candidates = np.flatnonzero((scores >= limit) & (scores > above))[-4 * POOL :]
    else:
        candidates = np.flatnonzero(scores > above)
    return sorted(candidates.tolist(), key=lambda i: (-scores[i], -i))[:POOL]


def similarity(a: str, b: str) -> float:
    """Jaccard similarity of the sets of four words in a row; of single words where a text is shorter."""
    first, second = words_of(a), words_of(b)
    size = min(4, len(first), len(second))
    if size == 0:
        return float(a == b)
    grams = [{tuple(words[i : i + size]) for i in range(len(words) - size + 1)} for words in (first, second)]
    return len(grams[0] & grams[1]) / len(grams[0] | grams[1])


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
