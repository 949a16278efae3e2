from dataclasses import asdict

import numpy as np
import pytest

from persimg.evaluation.interval import DRAWS, holm, interval, said


def cells(subjects=10, prompts=12, mean=0.0, seed=0, spread=(0.03, 0.02, 0.05)):
    rng = np.random.default_rng(seed)
    of_subject, of_prompt, rest = spread
    return mean + rng.normal(0, of_subject, (subjects, 1)) + rng.normal(0, of_prompt, (1, prompts)) + rng.normal(0, rest, (subjects, prompts))


def test_constant_cells_have_no_width():
    found = interval(np.full((9, 7), 0.4))
    assert (found.lo, found.hi) == pytest.approx((0.4, 0.4)) and found.verdict == "shown"


def test_swapped_arms_mirror_the_interval():
    a, b = interval(cells()), interval(-cells())
    assert (a.mean, a.lo, a.hi) == pytest.approx((-b.mean, -b.hi, -b.lo), abs=1e-12)


def test_names_of_subjects_and_prompts_do_not_matter():
    table, rng = cells(), np.random.default_rng(1)
    mixed = interval(table[rng.permutation(10)][:, rng.permutation(12)])
    assert mixed.lo == pytest.approx(interval(table).lo, abs=0.004) and mixed.mean == pytest.approx(interval(table).mean)


def test_intervals_cover_as_often_as_they_say():
    """200 simulated tables with true mean 0: nominal 95 %."""
    for subjects, prompts in ((12, 12), (6, 10)):
        hits = [(found := interval(cells(subjects, prompts, seed=s), s)).lo <= 0 <= found.hi for s in range(200)]
        assert 0.90 <= np.mean(hits) <= 0.99


def test_few_subjects_claim_nothing():
    assert interval(np.full((4, 9), 0.5)).verdict == "not shown"
    assert interval(cells(1, 12, mean=1.0)).speaks_of == "prompts, of this subject only"


def test_one_value_is_no_interval():
    found = interval([[0.4]])
    assert (found.mean, found.lo, found.hi, found.p, found.verdict) == (0.4, None, None, None, "not shown")
    alone = np.full((6, 3), np.nan)
    alone[2, 1] = 0.4
    assert interval(alone).lo is None and interval(alone).verdict == "not shown"
    assert said({**asdict(found), "n": 1}) == "0.400 no interval n=1" and said({**asdict(interval([[0.4, 0.6]])), "n": 2}) == "0.500 [0.400, 0.600] n=2"


def test_intervals_say_what_they_are_over():
    assert interval(cells(1, 4), over="seeds").speaks_of == "seeds, of this subject only"
    assert interval(cells(6, 4), over="pictures").speaks_of == "subjects and pictures"
    assert interval(cells(6, 1), over="").speaks_of == "subjects"


def test_verdicts_follow_the_interval():
    assert interval(cells(mean=0.5)).verdict == "shown"
    assert interval(cells(mean=-0.5)).verdict == "opposite"
    assert interval(cells(mean=0.0)).verdict == "not shown"


def test_no_p_is_smaller_than_the_draws_can_tell():
    """As if the mean of 0 had been drawn once more (Davison & Hinkley 1997)."""
    assert interval(cells(mean=0.5)).p == interval(cells(mean=-0.5)).p == 2 / (DRAWS + 1)
    assert interval(np.zeros((9, 3))).p == 1 and 0.01 < interval(cells(mean=0.01)).p < 1


def test_missing_cells_are_left_out_and_counted():
    table = cells(mean=0.2)
    table[0, :6] = np.nan
    found = interval(table)
    assert found.missing == pytest.approx(0.05) and found.lo < np.nanmean(table) < found.hi
    assert interval(np.full((3, 3), np.nan)) is None


def test_holm_is_monotone_and_never_below_the_raw_value():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
