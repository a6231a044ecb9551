"""Several services decided together, and what one needs beside it, on the tiny region."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

import reconfig as rc
from reconfig.core import (
    Among,
    Configuration,
    Constraint,
    Needs,
    Problem,
    Region,
    Service,
    joined,
)
from tests.instances import MINUTES, SITES, ZONES, tiny_service


def region(**columns: list[str]) -> Region:
    """Return the tiny region with further columns of its sites."""
    return Region.from_tables(ZONES, pd.concat([SITES, pd.DataFrame(columns)], axis=1), MINUTES)


def two(where: Region) -> tuple[Service, Service]:
    """Return two services on the same zones: surgery, and stroke with twice the cases."""
    surgery = tiny_service(where)
    return surgery, replace(surgery, id="stroke", name="Stroke", demand=surgery.demand * 2)


def joint(*constraints: Constraint) -> Problem:
    where = region()
    surgery, stroke = two(where)
    asked = {surgery: [rc.open_sites(2)], stroke: [rc.open_sites(1)]}
    return rc.together(where, asked, rc.minimise("mean_minutes"), constraints)


def test_every_zone_and_site_is_there_once_for_each_service() -> None:
    problem = joint()
    assert list(problem.region.zones.index[:2]) == ["surgery@z1", "surgery@z2"]
    assert len(problem.region.zones) == 8
    minutes = problem.region.minutes()
    assert minutes.loc["stroke@z1", "stroke@A"] == 5.0
    assert bool(minutes.isna().loc["stroke@z1", "surgery@A"])
    assert problem.service.cases_per_year == pytest.approx(300.0)


def test_without_ties_each_service_gets_what_it_would_get_alone() -> None:
    where = region()
    surgery, stroke = two(where)
    alone = [
        rc.solve(Problem(where, s, rc.minimise("mean_minutes"), [rc.open_sites(n)]))
        for s, n in ((surgery, 2), (stroke, 1))
    ]
    found = rc.solve(joint())
    assert found.status is rc.Status.OPTIMAL
    plain = rc.apart(found.found())
    assert [plain.sites("surgery"), plain.sites("stroke")] == [alone[0].open, alone[1].open]
    weighted = (100 * (alone[0].objective or 0) + 200 * (alone[1].objective or 0)) / 300
    assert found.objective == pytest.approx(weighted)


def test_a_service_goes_only_where_what_it_needs_is() -> None:
    found = rc.solve(joint(rc.keep("surgery@A", "surgery@B"), rc.needs("surgery", by="stroke")))
    plain = rc.apart(found.found())
    assert set(plain.sites("stroke")) <= set(plain.sites("surgery"))


def test_within_a_transfer_counts_the_minutes_from_who_needs_it() -> None:
    # From A (as from z1) it is 20 to B and 40 to C; from C (as from z3) 10 to B and 30 to A.
    where = region()
    assert where.between_sites().loc["A", "B"] == 20.0
    near = rc.needs("surgery", by="stroke", within=15)
    problem = joint(near)
    supporters = near.supporters(problem.region, problem.service)
    assert supporters["stroke@C"] is None or "surgery@B" in supporters["stroke@C"]
    assert supporters["stroke@A"] == frozenset({"surgery@A"})


def test_a_site_may_have_what_is_needed_whatever_is_decided() -> None:
    where = region(critical_care=["no", "yes", "yes", "no"])
    problem = Problem(
        where, tiny_service(where), rc.minimise("mean_minutes"), [rc.needs("critical_care")]
    )
    assert rc.solve(problem).open == ("B", "C")


def test_a_conflict_between_services_names_what_binds_them() -> None:
    problem = joint(rc.needs("surgery", by="stroke"), rc.keep("stroke@A"), rc.close("surgery@A"))
    found = rc.explain_conflict(rc.solve(problem))
    assert found.status is rc.Status.INFEASIBLE
    assert "stroke needs surgery at the same site" in [str(c) for c in found.conflict]


def test_numbers_of_sites_read_as_those_of_a_service() -> None:
    numbers = [str(c) for c in joint().constraints if isinstance(c, Among)]
    assert "exactly 2 sites for surgery" in numbers
    assert "exactly 1 site for stroke" in numbers


def test_a_joint_configuration_comes_apart_and_together_again() -> None:
    problem = joint()
    plain = Configuration({"surgery": frozenset("AB"), "stroke": frozenset("C")})
    assert rc.apart(joined(plain, problem.service)) == plain


def test_every_analysis_takes_a_joint_problem() -> None:
    problem = joint()
    best = rc.solve(problem)
    assert len(rc.alternatives(problem, within=1.0).table) > 1
    assert "stroke@A" in rc.importance(problem).index
    assert not rc.frontier(problem, "mean_minutes", "max_minutes").points.empty
    assert rc.why_not(best, next(s for s in problem.service.candidates if s not in best.open))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w, a, b: {a: []}, "1; expected two services at least"),
        (lambda w, a, b: {a: [], replace(a): []}, "'surgery' twice"),
        (
            lambda w, a, b: {a: [], replace(b, same_patients=frozenset({"surgery"})): []},
            "the same patients",
        ),
        (lambda w, a, b: {a: [rc.keep("Z")], b: []}, "'Z' is not a site of the region"),
        (lambda w, a, b: {a: [rc.differ(["A"])], b: []}, "Differ"),
    ],
)
def test_what_cannot_be_decided_together_is_refused(change: object, words: str) -> None:
    where = region()
    asked = change(where, *two(where))  # type: ignore[operator]
    with pytest.raises(rc.InputError, match=re.escape(words)):
        rc.together(where, asked, rc.minimise("mean_minutes"))


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        (rc.needs("surgrey", by="stroke"), "'surgrey'"),
        (rc.needs("surgery", by="strok"), "no service 'strok' to be decided"),
        (rc.needs("surgery"), "nothing said of which service"),
        (rc.needs("surgery", by="surgery"), "'surgery' needs itself"),
        (rc.needs("surgery", by="stroke", within=-1), "within -1"),
    ],
)
def test_needs_that_mean_nothing_are_refused(needs: Needs, words: str) -> None:
    with pytest.raises(rc.InputError, match=re.escape(words)):
        joint(needs)


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("mean_minutes[service=strok]", "no zone with service 'strok'"),
        ("mean_minutes[sector=north]", "no zone column 'sector'"),
        ("min_volume[district=north]", "'min_volume' of some zones only"),
    ],
)
def test_brackets_that_name_nothing_are_refused(measure: str, words: str) -> None:
    with pytest.raises(rc.InputError, match=re.escape(words)):
        rc.solve(joint(rc.limit(measure, at_most=10)))
