"""Scores and their order are what trying many weights says they are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.analyse.scoring import (
    crossings,
    ends,
    firsts,
    place_ranges,
    places,
    scaled,
    share_first,
)
from tests.property.strategies import examples

TABLES = st.integers(1, 5).flatmap(
    lambda options: st.integers(2, 4).flatmap(
        lambda criteria: st.lists(
            st.lists(st.integers(0, 20), min_size=criteria, max_size=criteria),
            min_size=options,
            max_size=options,
        )
    )
)
EVENLY = np.linspace(0.0, 1.0, 401)


def scores_of(table: list[list[int]]) -> np.ndarray:
    """Return whole numbers as scores from 0 to 100."""
    return 5.0 * np.array(table, dtype=float)


def naive_places(totals: np.ndarray) -> list[int]:
    """One more than the number of those that are really better."""
    return [1 + int((totals > one + 1e-7).sum()) for one in totals]


def test_the_worst_option_has_no_points_and_the_best_has_them_all() -> None:
    values = np.array([[10.0, 0.2], [14.0, 0.6], [12.0, 0.4]])
    found = scaled(values, np.array([False, True]))
    assert found == pytest.approx(np.array([[100.0, 0.0], [0.0, 100.0], [50.0, 50.0]]))


def test_a_criterion_in_which_all_are_the_same_tells_nothing_apart() -> None:
    found = scaled(np.array([[7.0, 1.0], [7.0 + 1e-12, 2.0]]), np.array([True, True]))
    assert found[:, 0].tolist() == [100.0, 100.0]


def test_equal_options_share_the_better_place() -> None:
    assert places(np.array([50.0, 70.0, 70.0 + 1e-9, 20.0])).tolist() == [3, 1, 1, 4]


@examples(80)
@given(TABLES, st.data())
def test_with_the_weight_given_a_line_goes_through_the_score(
    table: list[list[int]], data: st.DataObject
) -> None:
    scores = scores_of(table)
    many = scores.shape[1]
    raw = data.draw(st.lists(st.integers(1, 9), min_size=many, max_size=many))
    weights = np.array(raw) / sum(raw)
    criterion = data.draw(st.integers(0, many - 1))
    at_none, at_all = ends(scores, weights, criterion)
    here = at_none + weights[criterion] * (at_all - at_none)
    assert here == pytest.approx(scores @ weights)


@examples(80)
@given(TABLES, st.data())
def test_places_and_firsts_along_a_weight_are_what_trying_it_says(
    table: list[list[int]], data: st.DataObject
) -> None:
    scores = scores_of(table)
    many = scores.shape[1]
    weights = np.full(many, 1.0 / many)
    at_none, at_all = ends(scores, weights, data.draw(st.integers(0, many - 1)))
    best, worst = place_ranges(at_none, at_all)
    spots = [*EVENLY, *crossings(at_none, at_all)]
    tried = np.array([naive_places(at_none + w * (at_all - at_none)) for w in spots])
    # Trying weights can miss a place that is held between two of them only, never find another.
    assert (best <= tried.min(axis=0)).all()
    assert (worst >= tried.max(axis=0)).all()
    middles = np.array([(a + b) / 2 for a, b, _ in firsts(at_none, at_all)])
    finer = np.array([naive_places(at_none + w * (at_all - at_none)) for w in middles])
    assert best.min() == min(tried.min(), finer.min()) == 1

    pieces = firsts(at_none, at_all)
    assert pieces[0][0] == 0.0
    assert pieces[-1][1] == 1.0
    assert all(a[1] == b[0] and a[2] != b[2] for a, b in itertools.pairwise(pieces))
    for low, high, option in pieces:
        for w in EVENLY[(low <= EVENLY) & (high >= EVENLY)]:
            totals = at_none + w * (at_all - at_none)
            assert totals[option] >= totals.max() - 1e-6


def test_the_share_of_weights_is_the_length_of_the_piece_for_two_criteria() -> None:
    scores = np.array([[100.0, 0.0], [0.0, 100.0], [70.0, 60.0]])
    at_none, at_all = ends(scores, np.array([0.5, 0.5]), 0)
    lengths = np.zeros(3)
    for low, high, option in firsts(at_none, at_all):
        lengths[option] += high - low
    assert lengths.min() > 0
    assert share_first(scores) == pytest.approx(lengths, abs=0.02)
    assert share_first(scores).tolist() == share_first(scores).tolist()


def test_options_that_are_the_same_share_the_weights_alike() -> None:
    found = share_first(np.array([[50.0, 50.0], [50.0, 50.0], [10.0, 40.0]]))
    assert found == pytest.approx([0.5, 0.5, 0.0])
