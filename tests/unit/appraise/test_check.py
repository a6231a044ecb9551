"""Broken constraints are found by appraisal and named in a sentence each."""

from __future__ import annotations

import pytest

from reconfig.appraise import violations
from reconfig.core import (
    Configuration,
    Constraint,
    Problem,
    Region,
    among,
    close,
    differ,
    keep,
    limit,
    minimise,
    open_sites,
    within,
)
from tests.instances import MINUTES, SITES, ZONES, tiny_region, tiny_service


def broken(sites: str, *constraints: Constraint) -> list[str]:
    """Return what is wrong with some open sites of the tiny region."""
    region = tiny_region()
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"), constraints)
    return violations(problem, Configuration.of("surgery", sites))


@pytest.mark.parametrize(
    ("sites", "constraint", "said"),
    [
        ("AB", open_sites(1), "2 sites open, not exactly 1 site"),
        ("B", keep("A", "C"), "A is closed, not kept"),
        ("AB", close("A"), "A is open, not closed"),
        ("AB", among(["A", "B"], at_most=1), "2 of the sites open, not at most 1 site among A, B"),
        ("C", among(["A", "B"], at_least=1), "0 of the sites open, not at least 1 site among A, B"),
        ("AB", differ(["A"], by=2), "differs in 1 of the sites, not enough to differ by"),
        ("B", limit("mean_minutes", at_most=10), "mean_minutes is 10.2"),
        ("B", limit("mean_minutes", at_least=11), "mean_minutes is 10.2"),
        ("B", within(15), "share_within_15 is 0.9"),
        ("B", within(15, by="district"), "share_within_15 is 0.666667 in north"),
        ("B", limit("max_minutes", at_most=19), "max_minutes is 20"),
        ("B", limit("p95_minutes", at_most=19), "p95_minutes is 20"),
        ("ABC", limit("min_volume", at_least=1), "min_volume is 0"),
        ("B", limit("max_volume", at_most=59), "max_volume is 60"),
        ("B", limit("neighbour_cases", at_most=39), "neighbour_cases is 40"),
    ],
)
def test_a_broken_constraint_is_named_with_its_value(
    sites: str, constraint: Constraint, said: str
) -> None:
    assert broken(sites, constraint)[0].startswith(said)


@pytest.mark.parametrize(
    "constraint",
    [
        open_sites(1),
        keep("B"),
        close("A", "C"),
        among(["A", "B"], at_least=1, at_most=1),
        differ(["A"], by=2),
        limit("mean_minutes", at_most=10.2, at_least=10.2),
        within(20),
        limit("max_minutes", at_most=20),
        limit("min_volume", at_least=60),
    ],
)
def test_a_bound_that_is_just_met_is_kept(constraint: Constraint) -> None:
    assert broken("B", constraint) == []


def test_every_broken_constraint_is_listed() -> None:
    found = broken("AB", open_sites(1), keep("C"), close("A"), limit("max_minutes", at_most=1))
    assert len(found) == 4


def test_a_bound_missed_by_more_than_rounding_is_broken() -> None:
    assert broken("B", limit("mean_minutes", at_most=10.2 - 1e-7)) == []
    assert broken("B", limit("mean_minutes", at_most=10.2 - 1e-4))


def test_a_zone_that_reaches_no_open_site_breaks_every_problem() -> None:
    minutes = MINUTES.astype({"N": object, "A": object})
    minutes.loc[0, ["A", "N"]] = "unreachable"
    region = Region.from_tables(ZONES, SITES, minutes)
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"))
    assert violations(problem, Configuration.of("surgery", ["A"])) == [
        "some zones cannot reach an open site"
    ]
    assert violations(problem, Configuration.of("surgery", ["B"])) == []
