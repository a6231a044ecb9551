"""Capacity and budget read as plain words, and what they name is there and is a number."""

from __future__ import annotations

import pandas as pd
import pytest

from reconfig.core import (
    Budget,
    Capacity,
    Constraint,
    InputError,
    Problem,
    Region,
    beds_to_cases,
    budget,
    capacity,
    minimise,
    theatre_to_cases,
    workforce,
)
from tests.instances import MINUTES, SITES, ZONES, tiny_service


def problem(*constraints: Constraint, **columns: list[object]) -> Problem:
    """Return a problem on the tiny region, with more columns of the sites table."""
    region = Region.from_tables(ZONES, pd.concat([SITES, pd.DataFrame(columns)], axis=1), MINUTES)
    return Problem(region, tiny_service(region), minimise("mean_minutes"), constraints)


def test_beds_are_days_and_days_are_cases() -> None:
    # 20 beds x 365 days x 80 % in use = 5,840 bed days, four for each case.
    assert beds_to_cases(20, days_per_case=4, occupancy=0.8) == pytest.approx(1460)
    assert beds_to_cases(0, days_per_case=4, occupancy=0.8) == 0


def test_beds_that_cannot_be_are_refused_all_at_once() -> None:
    with pytest.raises(InputError) as raised:
        beds_to_cases(-1, days_per_case=0, occupancy=85)
    assert [f.place for f in raised.value.faults] == ["beds", "days_per_case", "occupancy"]


def test_capacity_may_be_a_mapping_a_series_or_a_column() -> None:
    assert capacity({"B": 2, "A": 1}) == Capacity((("A", 1.0), ("B", 2.0)))
    assert capacity(pd.Series({"A": 1.0, "B": float("nan")})) == Capacity((("A", 1.0),))
    assert capacity("beds") == Capacity(column="beds")
    assert str(capacity("theatre_cases")) == "at most theatre_cases cases a year at every site"


def test_sites_blank_in_the_column_take_as_many_as_come() -> None:
    asked = capacity("most")
    here = problem(asked, most=[300, "", "12.5", None])
    assert asked.at(here.region, here.service) == {"A": 300.0, "C": 12.5}


def test_a_budget_without_a_column_is_refused() -> None:
    with pytest.raises(ValueError, match="give fixed"):
        budget(100)
    with pytest.raises(InputError, match="no column of costs"):
        problem(Budget(100.0))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (capacity("beds"), "no sites column 'beds'"),
        (capacity("odd"), "'odd' is no such number at B ('many')"),
        (capacity("blank"), "'blank' is blank for every site"),
        (capacity({"Q": 1}), "'Q' takes no cases of this service"),
        (capacity({"A": -1}), "A: -1; expected cases a year, 0 or more"),
        (budget(1, fixed="costs"), "Did you mean 'cost'"),
        (budget(1, fixed="odd"), "'odd' is no such number at B ('many'); expected a number, 0"),
        (budget(1, fixed="below"), "at C ('-3'); expected a number, 0 or more"),
        (budget(1, per_case="cost"), "'cost' is blank at N; expected a number at every site"),
        (budget(float("inf"), fixed="cost"), "total inf; expected a number"),
        (budget(1, fixed=-2.0), "-2 a site; expected a number, 0 or more"),
        (workforce(-1, each=8), "pool -1; expected a number of staff, 0 or more"),
        (workforce(40, each=float("inf")), "each inf; expected a number of staff"),
        (workforce(40, each=0), "no need of any site; expected staff that each open site"),
        (workforce(40, each="costs"), "workforce: no sites column 'costs'"),
        (workforce(40, each="below"), "workforce: 'below' is no such number at C ('-3')"),
    ],
)
def test_what_is_not_there_or_no_number_is_refused(asked: Constraint, said: str) -> None:
    with pytest.raises(InputError) as raised:
        problem(
            asked,
            odd=[1, "many", 3, 4],
            blank=["", None, "", ""],
            below=[1, 2, -3, 4],
            cost=[1, 2, 3, None],
        )
    assert said in str(raised.value)


def test_hours_of_theatre_are_cases_at_a_utilisation() -> None:
    # Ten sessions of four hours x 50 weeks x 80 % = 1,600 hours, two and a half for each case.
    found = theatre_to_cases(40, hours_per_case=2.5, utilisation=0.8, weeks_per_year=50)
    assert found == pytest.approx(640)


def test_theatres_that_cannot_be_are_refused_all_at_once() -> None:
    with pytest.raises(InputError) as raised:
        theatre_to_cases(-1, hours_per_case=0, utilisation=80, weeks_per_year=54)
    places = ["hours_per_week", "hours_per_case", "utilisation", "weeks_per_year"]
    assert [f.place for f in raised.value.faults] == places


def test_a_fixed_cost_may_be_one_number_for_every_site() -> None:
    asked = budget(5, fixed=2, per_case="cost")
    here = problem(asked, cost=[1, 2, 3, 4])
    assert asked.fixed(here.region, here.service) == {"A": 2.0, "B": 2.0, "C": 2.0}
    assert str(asked) == "spend at most 5: 2 a site and cost a case"


def test_staff_may_be_needed_by_number_or_by_column() -> None:
    by_column = workforce(40, each="rota")
    here = problem(by_column, rota=[8, 10, 12, ""])
    assert by_column.need(here.region, here.service) == {"A": 8.0, "B": 10.0, "C": 12.0}
    assert workforce(40, each=8).need(here.region, here.service) == {"A": 8, "B": 8, "C": 8}
    assert str(by_column) == "staff at hand 40: rota a site"


def test_a_neighbour_need_not_say_what_it_costs_to_be_open() -> None:
    asked = budget(5, fixed="cost")
    here = problem(asked, cost=[1, 2, 3, None])
    assert asked.fixed(here.region, here.service) == {"A": 1.0, "B": 2.0, "C": 3.0}
