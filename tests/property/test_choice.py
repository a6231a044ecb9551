"""Patients who do not all go to the nearest site: the optimum is still the one of enumeration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.appraise import Grid, appraise, violations
from reconfig.core import Configuration, Constraint, InputError, Objective, Problem, minimise
from reconfig.model.build import FORMULATIONS, FormulationName
from reconfig.solve import solve
from tests.property.strategies import (
    ONE_SIDED,
    SUMS,
    Case,
    cases,
    constraints,
    examples,
    limits,
    numbers,
    objectives,
    resources,
)
from tests.property.test_optimum import assert_solves_as_enumerated, best, close_to


@pytest.mark.parametrize("formulation", FORMULATIONS)
@examples(60)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=6, choosing=True))
def test_constraints_are_kept_and_infeasible_means_that_enumeration_finds_none(
    formulation: FormulationName, data: st.DataObject, case: Case
) -> None:
    objective, chosen = data.draw(objectives()), data.draw(constraints(case))
    assert_solves_as_enumerated(case, objective, chosen, formulation=formulation)


@pytest.mark.parametrize("measure", [*SUMS, *ONE_SIDED])
@examples(15)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=8, choosing=True))
def test_a_limit_on_each_measure_alone_is_kept_exactly(
    measure: str, data: st.DataObject, case: Case
) -> None:
    chosen: list[Constraint] = [data.draw(numbers(case)), data.draw(limits(case, on=measure))]
    assert_solves_as_enumerated(case, minimise("mean_minutes"), chosen)


@pytest.mark.parametrize("formulation", FORMULATIONS)
@examples(40)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=6, choosing=True))
def test_nobody_chooses_a_site_past_the_longest_journey_allowed_in_any_formulation(
    formulation: FormulationName, data: st.DataObject, case: Case
) -> None:
    chosen: list[Constraint] = [
        data.draw(limits(case, on="max_minutes")),
        data.draw(st.one_of(numbers(case), resources(case))),
    ]
    assert_solves_as_enumerated(case, data.draw(objectives()), chosen, formulation=formulation)


@examples(40)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=6, choosing=True))
def test_the_shortest_longest_journey_is_that_of_enumeration(
    data: st.DataObject, case: Case
) -> None:
    chosen = data.draw(constraints(case, most_limits=1))
    assert_solves_as_enumerated(case, Objective("max_minutes", "minimise"), chosen)


@examples(60)
@given(data=st.data(), case=cases(choosing=True))
def test_violations_judges_as_the_naive_judge_does(data: st.DataObject, case: Case) -> None:
    chosen = data.draw(constraints(case))
    try:
        problem = Problem(case.region, case.service, minimise("mean_minutes"), chosen)
    except InputError:
        return
    for opened in case.naive.subsets():
        broken = violations(problem, Configuration.of("care", opened))
        assert (not broken) == case.naive.keeps(chosen, opened), (opened, broken)


@examples(30)
@given(case=cases(choosing=True))
def test_appraisal_agrees_with_the_definitions_written_out(case: Case) -> None:
    names = [*SUMS, *ONE_SIDED]
    for opened in case.naive.subsets():
        treated = case.naive.treated(opened)
        configuration = Configuration.of("care", opened)
        if treated is None:
            with pytest.raises(ValueError, match="no open site can be reached"):
                appraise(case.region, case.service, configuration)
            continue
        found = appraise(case.region, case.service, configuration, measures=names)
        assert list(found.rows["site_id"]) == list(treated.values())
        for name in names:
            assert found.measures[name] == pytest.approx(
                case.naive.value(name, opened), nan_ok=True
            )
        for site, volume in found.volumes.items():
            assert volume == pytest.approx(case.naive.volume(str(site), opened))


@examples(30)
@given(case=cases(choosing=True))
def test_flows_and_assignment_add_up_to_the_rows(case: Case) -> None:
    found = appraise(case.region, case.service, Configuration.of("care", case.service.candidates))
    flows, table = found.flows, found.assignment
    assert list(table.index) == list(case.region.zones.index)
    assert not flows.reset_index().duplicated(["zone_id", "site_id"]).any()
    total = float(case.service.demand.sum())
    assert table["cases"].sum() == pytest.approx(total)
    at_sites = flows[flows["cases"] > 0].groupby("site_id")["cases"].sum().to_dict()
    assert at_sites == {s: pytest.approx(v) for s, v in found.volumes.items() if v > 0}
    mean = float((table["cases"] * table["minutes"]).sum() / total)
    assert mean == pytest.approx(found.measures["mean_minutes"])
    for zone, own in flows.groupby(level=0):
        most = own.groupby("site_id")["cases"].sum()
        assert most[table["site_id"].to_dict()[zone]] == pytest.approx(most.max())


@examples(30)
@given(data=st.data(), case=cases(most_candidates=5))
def test_no_minutes_of_choice_are_the_nearest_site_exactly(data: st.DataObject, case: Case) -> None:
    service = case.service.with_choice(0.0, orders=3)
    plain, chosen = Grid.of(case.region, case.service), Grid.of(case.region, service)
    assert chosen.by_minutes
    assert np.array_equal(plain.minutes, chosen.minutes)
    assert np.array_equal(plain.cases, chosen.cases)
    wanted, objective = data.draw(constraints(case)), data.draw(objectives())
    same = Case(case.region, service, case.naive)
    assert_solves_as_enumerated(same, objective, wanted)


@examples(40)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=6, choosing=True))
def test_of_two_objectives_the_second_decides_among_the_best_of_the_first(
    data: st.DataObject, case: Case
) -> None:
    chosen = data.draw(constraints(case, most_limits=1))
    allowed = case.naive.allowed(chosen)
    if not allowed:
        return
    first, second = data.draw(objectives()), minimise("mean_minutes")
    objective = replace(first, then=second)
    solution = solve(Problem(case.region, case.service, objective, chosen))
    reached = best(case, first, allowed)
    room = 1e-6 * max(1.0, abs(reached)) + 1e-6
    equal = [o for o in allowed if abs(case.naive.value(first.measure, o) - reached) <= room]
    assert solution.open in equal
    assert solution.measures["mean_minutes"] == close_to(best(case, second, equal))
