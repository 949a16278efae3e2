import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persimg.errors import UserError
from persimg.preferences.profile import Retrieval
from persimg.preferences.retrieval import POOL, Index, best, similarity, weighted, words_at, words_of

TEXTS = ["a red cat on the beach", "a watercolor painting of a castle", "a cat in the snow, pastel style", "two dogs, neon lights", "a red cat on the beach at night"]
WORDS = st.sampled_from("cat dog red blue beach snow castle neon pastel night ink storm".split())
PROMPTS = st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), min_size=1, max_size=30)


def reference_bm25(texts, query, k1=1.2, b=0.75):
    documents = [words_of(text) for text in texts]
    mean = sum(map(len, documents)) / len(documents)
    scores = []
    for words in documents:
        score = 0.0
        for word in dict.fromkeys(words_of(query)):
            df = sum(word in other for other in documents)
            if count := words.count(word):
                idf = math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))
                score += idf * count * (k1 + 1) / (count + k1 * (1 - b + b * len(words) / mean))
        scores.append(score)
    return scores


@settings(max_examples=60, deadline=None)
@given(PROMPTS, st.lists(WORDS, min_size=1, max_size=4).map(" ".join))
def test_bm25_is_the_textbook_sum(texts, query):
    assert Index(texts).bm25(query) == pytest.approx(reference_bm25(texts, query))


def test_a_query_finds_what_shares_its_words_and_nothing_else():
    found = [TEXTS[hit.index] for hit in Index(TEXTS).search("my castles", 3)]
    assert found == ["a watercolor painting of a castle"]
    assert Index(TEXTS).search("submarine", 3) == [] and Index([]).search("cat", 3) == []


def test_of_near_duplicates_the_newest_stays():
    texts = ["a red cat on the beach in pastel style", "a dog", "a red cat on the beach in pastel style, night", "cat in a forest with a hat"]
    found = [hit.index for hit in Index(texts).search("red cat beach", 4)]
    assert 2 in found and 0 not in found


@settings(max_examples=60, deadline=None)
@given(PROMPTS, WORDS, st.integers(1, 7))
def test_weights_sum_to_one_and_no_two_hits_are_alike(texts, query, most):
    hits = Index(texts).search(query, most)
    assert len(hits) <= most
    if hits:
        assert sum(hit.weight for hit in hits) == pytest.approx(1)
        assert all(similarity(texts[a.index], texts[b.index]) < 0.6 for i, a in enumerate(hits) for b in hits[i + 1 :])


def test_one_text_far_above_the_rest_is_taken_alone_equal_ones_together():
    assert [h.index for h in weighted([3, 1, 2], np.array([1.0, 0.1, 0.0]), 3)] == [3]
    assert len(weighted([0, 1, 2], np.ones(3), 3)) == 3 and len(weighted([0, 1, 2], np.ones(3), 2)) == 2


KITTENS = {
    "a kitten": [1.0, 0.0], "a red cat on the beach": [0.9, 0.436], "a castle": [0.0, 1.0], "a kitten's castle": [-0.6, -0.8], "tom": [1.0, 0.0],
}  # fmt: skip


def kittens(retriever):
    return Index(list(KITTENS)[1:4], Retrieval(retriever, encode=lambda texts: np.array([KITTENS[text] for text in texts])))


@pytest.mark.parametrize("retriever, by_word, by_meaning", [("bm25", [2], []), ("dense", [0], [0]), ("fused", [2], [0])])
def test_an_encoder_finds_what_shares_no_word(retriever, by_word, by_meaning):
    assert [[hit.index for hit in kittens(retriever).search(query, 3)] for query in ("a kitten", "tom")] == [by_word, by_meaning]


def test_an_encoder_is_shown_the_newest_texts_alone(monkeypatch):
    monkeypatch.setattr("persimg.preferences.retrieval.ENCODED", 2)
    assert kittens("dense").cosines("a kitten").tolist() == [-1, 0, -0.6]
    assert kittens("dense").search("a kitten", 3) == []


@pytest.mark.parametrize("wrong", [{"retriever": "sorcery"}, {"retriever": "dense"}, {"most": 0}, {"most": 8}])
def test_a_retrieval_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(UserError):
        Retrieval(**wrong)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=12) | st.sampled_from(["The GLASSES, cats' boss", "İstanbul ß ǆ", "a\nb", "sss s thats"]), max_size=6))
def test_words_are_told_apart_as_one_by_one(texts):
    words, documents = words_at(texts)
    spelt = [word for text in texts for word in words_of(text)]
    assert documents.tolist() == [i for i, text in enumerate(texts) for _ in words_of(text)]
    assert len(set(zip(words.tolist(), spelt))) == len(set(words.tolist())) == len(set(spelt))


def test_best_takes_the_highest_and_of_equals_the_newest():
    scores = np.zeros(500)
    scores[[7, 400]] = 2.0, 1.0
    assert best(scores, above=0.0) == [7, 400] and best(np.ones(3)) == [2, 1, 0]
    assert best(np.ones(1000))[0] == 999


def test_the_best_stays_in_front_of_many_equal_ones():
    scores = np.ones(5000)
    scores[[0, 9]] = 10.0, 5.0
    assert best(scores) == [0, 9, *range(4999, 4999 - POOL + 2, -1)]
    texts = ["a cat wearing a purple hat in neon style", *(f"a cat number w{i} somewhere in ink" for i in range(3000))]
    assert Index(texts).search("a cat wearing a purple hat", 3)[0].index == 0


def test_one_text_takes_the_place_of_all_that_it_is_like():
    texts = ["one two three four five six seven", "three four five six seven eight nine", "one two three four five six seven eight nine"]
    assert Index(texts).without_duplicates([0, 1], 3) == [0, 1] and Index(texts).without_duplicates([0, 1, 2], 3) == [2]
    texts = ["castle moon", "castle moon", "castle moon"]
    assert Index(texts).without_duplicates([0, 2, 1], 3) == [2] and Index(texts).without_duplicates([2], 3, beside=[0]) == []


def test_plural_case_and_common_words_make_no_difference():
    assert words_of("The Cats, on GRASS") == ["cat", "grass"]
    assert similarity("a", "a") == 1 and similarity("", "the") == 0
