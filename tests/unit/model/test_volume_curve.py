"""Pieces lie on or above a curve, by no more than is said; volumes lie in their range."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.appraise import Grid
from reconfig.core import Problem, minimise
from reconfig.model.volume_curve import Ranges, pieces_above
from tests.property.strategies import Case, cases, constraints, examples

CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bends up": lambda v: 0.01 * v**1.7,
    "bends down": lambda v: v**0.3,
    "falls and bends up": lambda v: -3.0 * v**0.7,
    "both": lambda v: 5.0 * np.sin(v / 30.0),
    "straight": lambda v: 2.0 - 0.1 * v,
    "steep at first": lambda v: np.log(v),
}


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("error", [1.0, 0.1, 0.003])
def test_pieces_are_never_below_the_curve_and_above_it_by_no_more_than_asked(
    name: str, error: float
) -> None:
    curve = CURVES[name]
    low, high = 0.3, 250.0
    pieces = pieces_above(curve, low, high, error)
    assert pieces[0].low == low
    assert pieces[-1].high == high
    assert [p.high for p in pieces[:-1]] == [p.low for p in pieces[1:]]
    for piece in pieces:
        volumes = np.linspace(piece.low, piece.high, 1_009)
        above = piece.level + piece.slope * volumes - curve(volumes)
        assert above.min() >= -1e-9
        assert above.max() <= piece.error + 1e-9
        assert piece.error <= error


def test_a_smaller_error_takes_more_pieces_and_a_straight_curve_one() -> None:
    number = [len(pieces_above(CURVES["bends up"], 1.0, 200.0, e)) for e in (1.0, 0.1, 0.01)]
    assert number == sorted(set(number))
    assert len(pieces_above(CURVES["straight"], 1.0, 200.0, 1e-6)) == 1


def test_one_volume_is_a_range_too() -> None:
    (piece,) = pieces_above(CURVES["bends down"], 7.0, 7.0, 0.1)
    assert piece.level == pytest.approx(7.0**0.3)


@examples(60)
@given(st.data(), cases())
def test_the_volume_of_an_open_site_lies_in_its_range(data: st.DataObject, case: Case) -> None:
    chosen = data.draw(constraints(case, most_limits=0))
    problem = Problem.unchecked(case.region, case.service, minimise("mean_minutes"), chosen)
    grid = Grid.of(case.region, case.service)
    ranges = Ranges.of(problem, grid)
    for opened in case.naive.allowed(chosen):
        for site in opened:
            column = grid.sites.index(site)
            volume = case.naive.volume(site, opened)
            assert ranges.least[column] <= volume + 1e-9
            if volume > 0:
                low, high = ranges.span(column)
                assert low <= volume <= high
