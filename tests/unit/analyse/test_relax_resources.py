"""A budget or a capacity that cannot be kept gives way by the least that lets the others be met."""

from __future__ import annotations

import importlib
import itertools

import pandas as pd
import pytest

from reconfig.analyse import relaxations
from reconfig.appraise import violations
from reconfig.core import (
    Budget,
    Capacity,
    Configuration,
    Constraint,
    Problem,
    Region,
    Solution,
    Status,
    budget,
    capacity,
    keep,
    limit,
    minimise,
    open_sites,
    workforce,
)
from reconfig.solve import solve
from tests.instances import MINUTES, SITES, ZONES, tiny_service

MODULE = importlib.import_module("reconfig.analyse.relax_resources")
COSTS = {"fixed": [100, 200, 300, ""], "per_case": [1, 2, 3, 1]}
REGION = Region.from_tables(ZONES, pd.concat([SITES, pd.DataFrame(COSTS)], axis=1), MINUTES)
SERVICE = tiny_service(REGION)


def problem(*constraints: Constraint) -> Problem:
    """Return a problem on the tiny region with costs."""
    return Problem(REGION, SERVICE, minimise("mean_minutes"), constraints)


def ways(asked: Constraint, *others: Constraint) -> list[tuple[Constraint | None, str]]:
    """Return how one demand can give way, which is in conflict with others."""
    found = solve(problem(*others, asked))
    assert found.status is Status.INFEASIBLE
    return [(way.instead, str(way)) for way in relaxations(found) if way.asked == asked]


def test_a_budget_rises_to_what_the_cheapest_choice_costs() -> None:
    # A mean of 8 takes A and C: 400 a year, 30 cases at 1, 30 at 3, and 40 at the neighbour at 1.
    asked = budget(500, fixed="fixed", per_case="per_case")
    instead = Budget(560.0, "fixed", "per_case")
    said = "The other demands can be met with 560 to spend, not with 0.01% less: 500 was allowed."
    assert ways(asked, limit("mean_minutes", at_most=8)) == [(instead, said)]


def test_a_pool_of_staff_rises_to_what_the_fewest_need() -> None:
    # A mean of 8 takes A and C, which need a rota of eight each.
    said = "The other demands can be met with 16 staff, not with fewer: 15 were at hand."
    found = ways(workforce(15, each=8), limit("mean_minutes", at_most=8))
    assert found == [(workforce(16, each=8), said)]


def test_capacity_rises_by_a_share_at_every_site() -> None:
    # With B alone it has 60 cases, half as many again as it can take.
    others = (keep("B"), open_sites(1))
    said = (
        "With 50% more capacity at the site named the other demands can be met; with less they "
        "cannot."
    )
    assert ways(capacity({"B": 40}), *others) == [(Capacity((("B", 60.0),)), said)]


def test_of_a_capacity_of_nothing_no_share_more_is_enough() -> None:
    ((instead, said),) = ways(capacity({"B": 0}), keep("B"), open_sites(1))
    assert instead is None
    assert said.startswith("Without ")


@pytest.mark.parametrize(
    "asked", [capacity({"A": 20, "B": 25, "C": 25}), budget(250, fixed="fixed")]
)
def test_what_is_offered_can_be_met_and_nothing_less(asked: Capacity | Budget) -> None:
    others: list[Constraint] = [limit("mean_minutes", at_most=9.5), open_sites(at_most=2)]
    ((instead, _),) = ways(asked, *others)
    choices = [
        Configuration.of("surgery", sites)
        for number in range(4)
        for sites in itertools.combinations("ABC", number)
    ]
    assert instead is not None
    assert any(not violations(problem(*others, instead), c) for c in choices)
    less: Constraint
    if isinstance(instead, Budget):
        less = budget(instead.total - 1, fixed="fixed")
    else:
        assert isinstance(instead, Capacity)
        less = Capacity(tuple((site, 0.995 * most) for site, most in instead.cases))
    assert all(violations(problem(*others, less), c) for c in choices)


def test_a_budget_that_is_no_whole_number_is_named_as_finely_as_it_is_needed() -> None:
    # In millions: A and C cost 4.00123, and half a million less is not enough.
    costs = {"fixed": [1.00123, 2, 3, ""]}
    region = Region.from_tables(ZONES, pd.concat([SITES, pd.DataFrame(costs)], axis=1), MINUTES)
    asked = budget(3.5, fixed="fixed")
    demands: list[Constraint] = [keep("A", "C"), asked]
    found = solve(Problem(region, tiny_service(region), minimise("mean_minutes"), demands))
    instead = [way.instead for way in relaxations(found) if way.asked == asked]
    assert instead == [Budget(4.00123, "fixed")]


def test_a_budget_that_rounding_holds_back_ends_the_search() -> None:
    found = solve(problem(open_sites(1)))
    calls: list[float] = []

    def ask(bound: float) -> Solution:
        calls.append(bound)
        assert len(calls) < 50, "the search does not end"
        return found  # a solver that calls the same choice a cheaper one

    assert MODULE._least(1.0, found, ask, lambda solution: 5.0) == 5.0
