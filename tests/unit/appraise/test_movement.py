"""Capacity against volume: what is said of it, where, and by what."""

from __future__ import annotations

from typing import Any

import pytest

from reconfig.appraise import capacity_table, compare, displaced, from_to, imports
from reconfig.appraise.compare import Comparison
from reconfig.core import Configuration, Region, capacity, minimise, together
from tests.instances import MINUTES, SITES, ZONES, tiny_region, tiny_service


def change(**columns: Any) -> Comparison:
    """Return the change of the tiny region to site C, with more columns of its sites."""
    region = Region.from_tables(ZONES, SITES.assign(**columns), MINUTES)
    service = tiny_service(region)
    after = Configuration.of("surgery", "C")
    return compare(region.today(service), after, region=region, service=service)


def test_nothing_is_said_where_nothing_says_what_sites_can_take() -> None:
    assert capacity_table(change()) is None
    assert capacity_table(change(beds=[1, 2, 3, 4])) is None


def test_the_smallest_of_all_that_is_said_counts() -> None:
    """After, C has z1, z2 and z3: 60 cases; the neighbour has z4: 40."""
    found = change(beds_as_cases=[30, 30, 80, ""], theatres_as_cases=[50, 20, 50, 100])
    table = capacity_table(found, [capacity({"C": 75.0})])
    assert table is not None
    assert list(table.loc["C", ["before", "after", "can_take"]]) == [30, 60, 50]
    assert table.loc["C", "said_by"] == "theatres_as_cases"
    assert table.loc["C", "share_after"] == pytest.approx(60 / 50)
    assert table.loc["C", "room"] == -10
    assert list(table.loc["N", ["after", "can_take", "room"]]) == [40, 100, 60]
    tighter = capacity_table(found, [capacity({"C": 45.0})])
    assert tighter is not None
    assert list(tighter.loc["C", ["can_take", "said_by"]]) == [45, "capacity given"]


def test_a_column_that_is_no_number_says_nothing() -> None:
    assert capacity_table(change(beds_as_cases=["many", 1, 2, 3])) is None


def test_a_site_that_can_take_none_has_no_share_in_use() -> None:
    table = capacity_table(change(), [capacity({"C": 0.0})])
    assert table is not None
    assert table["share_after"].isna().all()
    assert table.loc["C", "room"] == -60


def test_of_several_services_only_what_is_asked_of_one_of_them_counts() -> None:
    region = Region.from_tables(ZONES, SITES.assign(beds_as_cases=[1, 1, 1, 1]), MINUTES)
    other = region.define_service("other", demand="cases")
    both = {tiny_service(region, outcome=False): [capacity({"C": 50.0})], other: []}
    problem = together(region, both, minimise("mean_minutes"))
    joint = problem.service
    after = Configuration.of(joint.id, ["surgery@C", "other@A"])
    found = compare(problem.region.today(joint), after, region=problem.region, service=joint)
    table = capacity_table(found, problem.constraints)
    assert table is not None
    assert table["room"].to_dict() == {"surgery@C": -10}


def test_without_a_change_nobody_is_displaced_and_all_are_on_the_diagonal() -> None:
    region = tiny_region()
    service = tiny_service(region)
    today = region.today(service)
    found = compare(today, today, region=region, service=service)
    assert displaced(found).empty
    matrix = from_to(found)
    assert list(matrix.index) == list(matrix.columns)
    assert matrix.to_numpy().trace() == 100
    assert imports(found)["change"].tolist() == [0]
