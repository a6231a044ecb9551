"""A bound over today is each group's own value today plus what is allowed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reconfig.appraise import Grid, appraise, bounds_by_group, violations
from reconfig.core import (
    Configuration,
    InputError,
    Limit,
    Problem,
    Region,
    Status,
    limit,
    minimise,
    open_sites,
)
from reconfig.solve import solve
from tests.instances import MINUTES, SITES, ZONES, tiny_region, tiny_service

REGION = tiny_region()
# Today A alone: the north's mean is (10 x 5 + 20 x 10) / 30 = 8.33, the south's (30 x 20 +
# 40 x 8) / 70 = 13.14, with everybody in the south at the neighbour.
SERVICE = replace(tiny_service(REGION), today=("A",))
GRID = Grid.of(REGION, SERVICE)
NORTH, SOUTH = 250 / 30, 920 / 70


def test_without_today_every_group_has_the_same_bound() -> None:
    found = bounds_by_group(GRID, Limit("mean_minutes", at_most=9, by="district"))
    assert {g: (b.low, b.high) for g, b in found.items()} == {
        "north": (None, 9),
        "south": (None, 9),
    }


def test_over_today_every_group_has_its_own() -> None:
    found = bounds_by_group(GRID, limit("mean_minutes", at_most_over_today=2, by="district"))
    assert found["north"].high == pytest.approx(NORTH + 2)
    assert found["south"].high == pytest.approx(SOUTH + 2)
    overall = bounds_by_group(GRID, limit("mean_minutes", at_most_over_today=2))
    assert overall[""].high == pytest.approx(11.7 + 2)


def test_the_lower_of_two_bounds_counts() -> None:
    asked = limit("mean_minutes", at_most=12, at_most_over_today=2, by="district")
    found = bounds_by_group(GRID, asked)
    assert found["north"].high == pytest.approx(NORTH + 2)
    assert found["south"].high == 12


def test_a_group_without_cases_is_not_bound() -> None:
    zones = ZONES.assign(cases=[0.0, 0.0, 30.0, 40.0])
    region = Region.from_tables(zones, SITES, MINUTES)
    grid = Grid.of(region, replace(tiny_service(region), today=("A",)))
    found = bounds_by_group(grid, limit("mean_minutes", at_most_over_today=2, by="district"))
    assert found["north"].high is None
    assert not np.isnan(found["south"].high or np.nan)


def test_who_breaks_it_is_told_by_name() -> None:
    asked = limit("mean_minutes", at_most_over_today=2, by="district")
    problem = Problem(REGION, SERVICE, minimise("mean_minutes"), [asked])
    assert violations(problem, Configuration.of("surgery", ["A"])) == []
    (said,) = violations(problem, Configuration.of("surgery", ["B"]))
    assert said == (
        "mean_minutes is 13.3333 in north, against mean_minutes at most 2 more than today "
        "in every district"
    )


def test_the_longest_journey_of_each_group_may_be_held_to_that_of_today() -> None:
    # Today the north's longest is 10 and the south's 20: with B alone z1 travels 20.
    asked = limit("max_minutes", at_most_over_today=0, by="district")
    problem = Problem(REGION, SERVICE, minimise("open_sites"), [asked, open_sites(1)])
    found = solve(problem)
    assert found.status is Status.OPTIMAL
    assert found.open == ("A",)
    overall = Problem(
        REGION,
        SERVICE,
        minimise("mean_minutes"),
        [limit("max_minutes", at_most_over_today=0), open_sites(1)],
    )
    assert solve(overall).open == ("B",)


@pytest.mark.parametrize("today", [(), ("A",)])
def test_without_a_today_to_compare_with_it_is_refused(today: tuple[str, ...]) -> None:
    minutes = MINUTES.assign(A=MINUTES["A"].astype(object).where(MINUTES["A"] < 40, "unreachable"))
    sites = SITES.assign(in_scope="yes")
    region = Region.from_tables(ZONES, sites, minutes)
    service = replace(tiny_service(region), today=today)
    asked = limit("mean_minutes", at_most_over_today=2)
    with pytest.raises(InputError, match="not every zone reaches a site that is open today"):
        Problem(region, service, minimise("mean_minutes"), [asked])


def test_a_column_that_is_not_there_is_refused_by_the_appraisal_too() -> None:
    with pytest.raises(InputError, match="Did you mean 'district'"):
        appraise(
            REGION,
            SERVICE,
            Configuration.of("surgery", ["A"]),
            measures=["worst_mean_minutes_by_distict"],
        )
