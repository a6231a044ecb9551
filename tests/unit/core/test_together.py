"""Several services decided together, and what one needs beside it, on the tiny region."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

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
    said = rc.why_not(best, next(s for s in problem.service.candidates if s not in best.open))
    assert said.rival is not None


def test_what_would_have_to_change_is_the_same_for_a_service_decided_with_another() -> None:
    where = region()
    surgery, stroke = two(where)
    goal = rc.minimise("mean_minutes[service=stroke]")
    both = rc.together(where, {surgery: rc.open_sites(2), stroke: rc.open_sites(1)}, goal)
    alone = Problem(where, stroke, rc.minimise("mean_minutes"), rc.open_sites(1))
    one, other = rc.solve(alone), rc.solve(both)
    closed = next(s for s in stroke.candidates if s not in one.open)
    factor = rc.why_not(one, closed).factor
    assert factor is not None
    assert rc.why_not(other, f"stroke@{closed}").factor == pytest.approx(factor)


def test_one_of_several_may_need_what_sites_have_or_a_service_that_is_not_decided() -> None:
    where = region(critical_care=["no", "yes", "no", "no"])
    surgery, stroke = two(where)
    hosted = replace(surgery, id="intensive", today=("C",), always_open=())
    where = replace(where, services={"intensive": hosted})
    for needed, site in (("critical_care", "B"), ("intensive", "C")):
        own: list[Constraint] = [rc.open_sites(1), rc.needs(needed)]
        asked: dict[Service, list[Constraint]] = {surgery: [rc.open_sites(2)], stroke: own}
        found = rc.solve(rc.together(where, asked, rc.minimise("mean_minutes")))
        assert rc.apart(found.found()).sites("stroke") == (site,)


def test_one_of_several_may_need_another_by_its_own_constraints() -> None:
    where = region()
    surgery, stroke = two(where)
    asked: dict[Service, Any] = {
        surgery: [rc.keep("A", "B"), rc.open_sites(2)],
        stroke: [rc.needs("surgery")],
    }
    found = rc.apart(rc.solve(rc.together(where, asked, rc.minimise("mean_minutes"))).found())
    assert set(found.sites("stroke")) <= {"A", "B"}


def test_ids_with_an_at_sign_are_told_apart() -> None:
    renamed = {"A": "1@A", "B": "2@A"}
    sites = SITES.assign(site_id=SITES["site_id"].replace(renamed), icu=["yes", "no", "no", "no"])
    where = Region.from_tables(ZONES, sites, MINUTES.rename(columns=renamed))
    service = tiny_service(where)
    asked = [rc.open_sites(2), rc.needs("icu")]
    found = rc.solve(Problem(where, service, rc.minimise("mean_minutes"), asked))
    assert found.status is rc.Status.INFEASIBLE


def test_lives_saved_may_meet_a_bound_on_all_sites_together() -> None:
    where = region()
    surgery, stroke = two(where)
    ends = rc.open_sites(at_least=1, at_most=3)
    asked: dict[Service, Any] = {surgery: [ends], stroke: [ends]}
    values = {}
    for most in (4, 6):
        problem = rc.together(where, asked, rc.maximise("lives_saved"), rc.open_sites(at_most=most))
        found = rc.solve(problem)
        assert found.status is rc.Status.OPTIMAL
        assert len(found.open) <= most
        values[most] = found.objective
    assert values[6] >= values[4]  # type: ignore[operator]


def test_a_budget_is_shared_by_all_or_of_one_service() -> None:
    where = region(fixed_cost_gbp=["100", "200", "300", "0"])
    surgery, stroke = two(where)
    goal = rc.minimise("mean_minutes")
    own: dict[Service, Any] = {
        surgery: [rc.open_sites(2)],
        stroke: [rc.budget(100, fixed="fixed_cost_gbp")],
    }
    found = rc.apart(rc.solve(rc.together(where, own, goal)).found())
    assert (found.sites("surgery"), found.sites("stroke")) == (("A", "C"), ("A",))
    free = {surgery: [rc.open_sites(2)], stroke: [rc.open_sites(1)]}
    shared = rc.together(where, free, goal, rc.budget(400, fixed="fixed_cost_gbp"))
    cheap = rc.apart(rc.solve(shared).found())
    assert (cheap.sites("surgery"), cheap.sites("stroke")) == (("A", "B"), ("A",))


def test_faults_of_every_service_are_told_at_once() -> None:
    where = region()
    surgery, stroke = two(where)
    with pytest.raises(rc.InputError) as raised:
        rc.together(
            where,
            {surgery: [rc.keep("X")], stroke: [rc.keep("Y")]},
            rc.minimise("mean_minutes"),
        )
    assert {fault.file for fault in raised.value.faults} == {"surgery", "stroke"}


def test_a_configuration_that_was_taken_apart_may_be_asked_about() -> None:
    problem = joint()
    found = rc.solve(problem)
    plain = rc.apart(found.found())
    measured = rc.appraise(problem.region, problem.service, plain).measures
    assert measured["mean_minutes"] == pytest.approx(found.objective)
    assert rc.violations(problem, plain) == []
    assert "this is the choice" in rc.why_not(found, plain).sentences()[0]
    one = Configuration.of("stroke", ["A"])
    assert rc.apart(one) == one


def test_draws_are_asked_of_each_service() -> None:
    problem = joint()
    chosen = rc.solve(problem).found()
    with pytest.raises(ValueError, match="several services: ask it of each"):
        rc.uncertainty(problem.region, [chosen], service=problem.service)


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
        ("min_volume[service=stroke][district=north]", "'min_volume' of some zones only"),
        ("mean_minutes[service=stroke][service=stroke]", "has 'service' twice"),
        ("mean_minutes[service=stroke][district=nroth]", "no zone with district 'nroth'"),
        ("mean_minutes[stroke]", "Write mean_minutes[<column>=<value>]"),
        ("mean_minuts[service=stroke]", "Did you mean 'mean_minutes'?"),
    ],
)
def test_brackets_that_name_nothing_are_refused(measure: str, words: str) -> None:
    with pytest.raises(rc.InputError, match=re.escape(words)):
        rc.solve(joint(rc.limit(measure, at_most=10)))


def test_brackets_whose_values_no_zone_has_together_are_refused() -> None:
    where = Region.from_tables(ZONES.assign(half=["one", "one", "other", "other"]), SITES, MINUTES)
    assert list(ZONES["district"]) == ["north", "north", "south", "south"]
    measure = "mean_minutes[district=north][half=other]"
    problem = Problem(where, tiny_service(where), rc.minimise(measure), [rc.open_sites(1)])
    with pytest.raises(rc.InputError, match="no zone with district 'north' and half 'other'"):
        rc.solve(problem)


def test_several_brackets_are_the_zones_that_have_every_value() -> None:
    name = "mean_minutes[district=north][service=stroke]"
    problem = joint(rc.limit(name, at_most=1000))
    configuration = Configuration.of(problem.service.id, ["surgery@A", "surgery@B", "stroke@C"])
    whole = rc.appraise(problem.region, problem.service, configuration, measures=[name])
    where = region()
    _, stroke = two(where)
    alone = rc.appraise(
        where,
        stroke,
        Configuration.of("stroke", ["C"]),
        measures=["mean_minutes[district=north]"],
    )
    assert whole.measures[name] == alone.measures["mean_minutes[district=north]"]


def test_a_limit_with_brackets_may_be_on_one_of_several_services() -> None:
    where = region()
    surgery, stroke = two(where)
    asked = rc.limit("mean_minutes[district=north]", at_most=9)
    few = rc.minimise("open_sites")
    alone = rc.solve(Problem(where, stroke, few, [asked]))
    together = rc.solve(rc.together(where, {surgery: [], stroke: [asked]}, few))
    assert rc.apart(together.found()).sites("stroke") == alone.open == ("A",)


def test_the_longest_journey_of_one_service_is_limited_and_not_optimised() -> None:
    problem = joint()
    with pytest.raises(rc.InputError, match=r"max_minutes\[service=stroke\]' can be limited, not"):
        rc.solve(problem.aiming(rc.minimise("max_minutes[service=stroke]")))
    assert rc.solve(problem.having(rc.limit("max_minutes[service=stroke]", at_most=1000))).open
