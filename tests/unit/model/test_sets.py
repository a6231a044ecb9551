"""Nearest-site sets of the tiny region, worked out by hand.

Columns A, B, C, N are 0, 1, 2, 3; N is always open. Order of visits, stopping at N:

    z1  A B C N      z2  A B C N      z3  C B N      z4  N

so the sets that must be closed before somebody goes further are {A}, {A,B}, {A,B,C} (z1 and z2
share them) and {C}, {B,C} (z3).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reconfig.appraise import Grid, find_measure
from reconfig.model import NearestSets, nearest_sets
from tests.instances import every_configuration, random_region, tiny_region, tiny_service

NEIGHBOUR = np.array([False, False, False, True])


def members(found: NearestSets) -> np.ndarray:
    """Return which columns are in each set (sets x columns)."""
    rows = np.zeros((len(found), found.columns), dtype=bool)
    for number, row in enumerate(rows):
        row[found.members(number)] = True
    return rows


def tiny_grid() -> Grid:
    """Return the tiny region as arrays."""
    region = tiny_region()
    return Grid.of(region, tiny_service(region))


def sets(**more: Any) -> NearestSets:
    """Return the sets of the tiny region; options as for nearest_sets."""
    options: dict[str, Any] = {
        "usable": np.ones(4, dtype=bool),
        "always_open": NEIGHBOUR,
        "fewest_open": 0,
    }
    return nearest_sets(tiny_grid().minutes, **(options | more))


def named(found: NearestSets) -> set[str]:
    """Return the sets as words: "AB" for the set of A and B."""
    return {"".join("ABCN"[k] for k in np.flatnonzero(row)) for row in members(found)}


def steps(found: NearestSets) -> set[tuple[str, str, str]]:
    """Return the steps as words."""
    names = ["".join("ABCN"[k] for k in np.flatnonzero(row)) for row in members(found)]
    return {
        (names[before] if before >= 0 else "", "ABCN"[column], names[after])
        for before, column, after in found.steps
    }


def test_zones_share_their_sets() -> None:
    found = sets()
    assert named(found) == {"A", "AB", "ABC", "C", "BC"}
    assert len(found) == 5
    assert (found.prefix[0] == found.prefix[1]).all()  # z1 and z2 go the same way


def test_the_order_of_visits_stops_at_a_site_that_is_always_open() -> None:
    assert sets().order.tolist() == [[0, 1, 2, 3], [0, 1, 2, 3], [2, 1, 3, -1], [3, -1, -1, -1]]


def test_each_distinct_step_is_there_once() -> None:
    assert steps(sets()) == {
        ("", "A", "A"),
        ("A", "B", "AB"),
        ("AB", "C", "ABC"),
        ("", "C", "C"),
        ("C", "B", "BC"),
    }
    assert len(sets().steps) == 5


def test_the_same_set_reached_in_two_orders_is_one_set_with_two_steps() -> None:
    minutes = np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0]])
    found = nearest_sets(
        minutes, usable=np.ones(3, bool), always_open=np.zeros(3, bool), fewest_open=1
    )
    assert named(found) == {"A", "B", "AB"}
    assert steps(found) == {("", "A", "A"), ("", "B", "B"), ("A", "B", "AB"), ("B", "A", "AB")}


def test_with_more_sites_open_for_sure_nobody_goes_as_far() -> None:
    # Two of three open: at most one is closed, so nobody goes past the second.
    assert named(sets(fewest_open=2)) == {"A", "C"}
    assert sets(fewest_open=2).order.shape[1] == 2
    assert named(sets(fewest_open=1)) == {"A", "AB", "C", "BC"}
    assert len(sets(fewest_open=3)) == 0


def test_a_site_that_is_kept_ends_the_visits_as_a_neighbour_does() -> None:
    kept = np.array([False, True, False, True])
    assert named(sets(always_open=kept)) == {"A", "C"}


def test_a_site_that_is_closed_is_never_visited() -> None:
    usable = np.array([True, False, True, True])
    # z1 and z2: A C N; z3: C N
    assert named(sets(usable=usable)) == {"A", "AC", "C"}


def test_a_set_of_all_that_a_zone_can_reach_may_never_be_wholly_closed() -> None:
    minutes = np.array([[1.0, 2.0, np.inf], [3.0, 2.0, 1.0]])
    found = nearest_sets(
        minutes, usable=np.ones(3, bool), always_open=np.zeros(3, bool), fewest_open=1
    )
    # The first zone reaches A and B only, and one open site may be C.
    assert ["".join("ABC"[k] for k in np.flatnonzero(members(found)[s])) for s in found.stuck] == [
        "AB"
    ]
    assert not len(sets().stuck)


def test_a_zone_that_reaches_no_usable_site_is_refused() -> None:
    minutes = np.array([[np.inf, 1.0]])
    with pytest.raises(ValueError, match="1 zones can reach no usable site"):
        nearest_sets(
            minutes,
            usable=np.array([True, False]),
            always_open=np.zeros(2, bool),
            fewest_open=0,
        )


def test_the_coefficients_of_case_minutes_are_as_worked_out_by_hand() -> None:
    found, grid = sets(), tiny_grid()
    table = grid.cases[:, None] * grid.minutes
    constant, weights = found.coefficients(table, np.ones(4, dtype=bool))
    names = ["".join("ABCN"[k] for k in np.flatnonzero(row)) for row in members(found)]
    assert constant == 720.0  # all at their nearest: 50 + 200 + 150 + 320
    assert dict(zip(names, weights, strict=True)) == {
        "A": 10 * (20 - 5) + 20 * (10 - 10),
        "AB": 10 * (40 - 20) + 20 * (30 - 10),
        "ABC": 10 * (60 - 40) + 20 * (50 - 30),
        "C": 30 * (10 - 5),
        "BC": 30 * (20 - 10),
    }
    # and only the north
    constant, weights = found.coefficients(table, np.array([True, True, False, False]))
    assert constant == 250.0
    assert dict(zip(names, weights, strict=True))["C"] == 0.0


@pytest.mark.parametrize("fewest_open", [1, 2, 4])
@pytest.mark.parametrize("ties", [False, True])
def test_the_linear_form_equals_the_sum_over_who_goes_where(fewest_open: int, ties: bool) -> None:
    region = random_region(5, zones=30, candidates=6, neighbours=1, ties=ties, unreachable=0.1)
    service = tiny_service(region)
    grid, rows = Grid.of(region, service), np.arange(30)
    found = nearest_sets(
        grid.minutes,
        usable=np.ones(7, bool),
        always_open=~grid.is_candidate,
        fewest_open=fewest_open,
    )
    measure = find_measure("mean_minutes")
    assert measure is not None
    assert measure.table is not None
    table = measure.table(grid.every_journey())
    constant, weights = found.coefficients(table, np.ones(30, bool))
    checked = 0
    for configuration in every_configuration(service, range(fewest_open, 7)):
        is_open = ~grid.is_candidate
        is_open[grid.columns(configuration.sites(service.id))] = True
        treated_at = grid.nearest(configuration.sites(service.id))
        if (treated_at < 0).any():
            continue
        closed = ~(members(found) & is_open).any(axis=1)
        assert constant + weights @ closed == pytest.approx(table[rows, treated_at].sum())
        checked += 1
    assert checked > 1
