"""What compares groups, capacities and budgets take the rows they need, in the cheapest form."""

from __future__ import annotations

import pandas as pd
import pytest

from reconfig.core import (
    Constraint,
    Objective,
    Problem,
    Region,
    budget,
    capacity,
    limit,
    maximise,
    minimise,
)
from reconfig.model import BuiltModel, build
from tests.instances import MINUTES, SITES, ZONES, tiny_service

COSTS = {"fixed": [100, 200, 300, ""], "level": [2, 2, 2, 2], "falling": [3, 2, 1, 0]}
REGION = Region.from_tables(ZONES, pd.concat([SITES, pd.DataFrame(COSTS)], axis=1), MINUTES)
MEAN = minimise("mean_minutes")


def built(objective: Objective, *constraints: Constraint) -> BuiltModel:
    """Build a problem on the tiny region with costs."""
    problem = Problem(REGION, tiny_service(REGION), objective, constraints)
    return build(problem, objective)


def rows(model: BuiltModel, start: str) -> int:
    """Count the rows whose name starts so."""
    return sum(name.startswith(start) for name in model.lp._constraints)


@pytest.mark.parametrize(
    ("objective", "constraints"),
    [
        (minimise("worst_mean_minutes_by_district"), []),
        (maximise("worst_share_within_15_by_district"), []),
        (MEAN, [limit("worst_mean_minutes_by_district", at_most=12)]),
        (MEAN, [limit("mean_minutes", at_most_over_today=2, by="district")]),
        (MEAN, [budget(300, fixed="fixed")]),
        (MEAN, [budget(900, fixed="fixed", per_case="level")]),
    ],
)
def test_no_set_variable_need_be_exact_where_each_bound_is_on_one_side(
    objective: Objective, constraints: list[Constraint]
) -> None:
    model = built(objective, *constraints)
    assert rows(model, "set") > 0
    assert rows(model, "closed") == 0


@pytest.mark.parametrize(
    ("objective", "constraints"),
    [
        (minimise("gap_mean_minutes_by_district"), []),
        (minimise("gap_share_within_15_by_district"), []),
        (MEAN, [limit("gap_mean_minutes_by_district", at_most=3)]),
        (MEAN, [capacity({"B": 40})]),
        (MEAN, [budget(900, per_case="falling")]),
    ],
)
def test_set_variables_are_exact_where_a_larger_one_could_help(
    objective: Objective, constraints: list[Constraint]
) -> None:
    model = built(objective, *constraints)
    assert rows(model, "closed") > 0
    assert rows(model, "set") == 0


def test_there_is_a_row_for_each_group_and_two_for_a_gap() -> None:
    number = 2  # the rows on the number of sites
    assert rows(built(minimise("worst_mean_minutes_by_district")), "c") - number == 2
    gap = built(minimise("gap_mean_minutes_by_district"))
    assert rows(gap, "c") - rows(gap, "closed") - number == 4


def test_a_limit_on_the_worst_is_a_limit_in_every_group() -> None:
    one = built(MEAN, limit("worst_mean_minutes_by_district", at_most=12)).lp
    other = built(MEAN, limit("mean_minutes", at_most=12, by="district")).lp
    assert str(one) == str(other)


def test_only_sites_with_a_capacity_have_a_row() -> None:
    model = built(MEAN, capacity({"B": 40, "N": 70}))
    assert rows(model, "c") - rows(model, "closed") - 2 == 2
