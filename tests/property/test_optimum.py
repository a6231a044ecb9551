"""The optimum is the one that enumeration finds, whatever is asked and whatever must hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.appraise import appraise, violations
from reconfig.core import (
    Configuration,
    Constraint,
    InputError,
    Objective,
    OpenSites,
    Problem,
    Status,
    maximise,
    minimise,
)
from reconfig.model.build import FORMULATIONS, FormulationName
from reconfig.solve import solve
from tests.property.naive import Sites
from tests.property.strategies import (
    ONE_SIDED,
    SUMS,
    Case,
    among,
    cases,
    comparisons,
    constraints,
    differ,
    examples,
    limits,
    numbers,
    objectives,
    resources,
)


def close_to(value: float | None) -> Any:
    """Return what equals a value to the precision that solvers work to."""
    return pytest.approx(value, rel=2e-6, abs=2e-6)


def best(case: Case, objective: Objective, allowed: list[Sites]) -> float:
    """Return the best value of one objective by enumeration."""
    pick = min if objective.sense == "minimise" else max
    return pick(case.naive.value(objective.measure, opened) for opened in allowed)


def assert_solves_as_enumerated(
    case: Case,
    objective: Objective,
    chosen: list[Constraint],
    *,
    formulation: FormulationName = "nearest-sets",
) -> None:
    """Solve, and compare status, objective, bound and feasibility with enumeration."""
    allowed = case.naive.allowed(chosen)
    try:
        problem = Problem(case.region, case.service, objective, chosen)
    except InputError:  # refused at the door: then nothing can keep it
        assert not allowed
        return
    solution = solve(problem, formulation=formulation)
    if not allowed:
        assert solution.status is Status.INFEASIBLE
        assert solution.configuration is None
        return
    assert solution.status is Status.OPTIMAL
    assert solution.open in allowed
    assert solution.objective == close_to(best(case, objective, allowed))
    assert solution.bound == close_to(solution.objective)


@examples(60)
@given(st.data(), cases(), objectives())
def test_the_optimum_is_the_best_of_every_configuration_for_any_number_of_sites(
    data: st.DataObject, case: Case, objective: Objective
) -> None:
    chosen: list[Constraint] = [data.draw(numbers(case))]
    assert_solves_as_enumerated(case, objective, chosen)


@examples(120)
@given(st.data(), cases(), objectives())
def test_constraints_are_kept_and_infeasible_means_that_enumeration_finds_none(
    data: st.DataObject, case: Case, objective: Objective
) -> None:
    assert_solves_as_enumerated(case, objective, data.draw(constraints(case)))


@pytest.mark.parametrize("measure", [*SUMS, *ONE_SIDED])
@examples(15)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=20))
def test_a_limit_on_each_measure_alone_is_kept_exactly(
    measure: str, data: st.DataObject, case: Case
) -> None:
    chosen: list[Constraint] = [data.draw(numbers(case)), data.draw(limits(case, on=measure))]
    assert_solves_as_enumerated(case, minimise("mean_minutes"), chosen)


@pytest.mark.parametrize("formulation", FORMULATIONS)
@examples(40)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=8), objective=objectives())
def test_capacity_and_budget_are_kept_exactly_by_every_formulation(
    formulation: FormulationName, data: st.DataObject, case: Case, objective: Objective
) -> None:
    chosen: list[Constraint] = [data.draw(numbers(case)), data.draw(resources(case))]
    assert_solves_as_enumerated(case, objective, chosen, formulation=formulation)


@pytest.mark.parametrize("formulation", FORMULATIONS)
@examples(40)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=8), objective=comparisons())
def test_the_worst_group_and_the_gap_are_optimised_exactly_by_every_formulation(
    formulation: FormulationName, data: st.DataObject, case: Case, objective: Objective
) -> None:
    chosen: list[Constraint] = [data.draw(numbers(case)), data.draw(limits(case))]
    assert_solves_as_enumerated(case, objective, chosen, formulation=formulation)


@pytest.mark.parametrize("formulation", ["nearest-sets", "exact-sets", "assignment"])
@examples(40)
@given(st.data(), cases(most_candidates=5, most_zones=8), objectives())
def test_numbers_among_some_sites_and_differences_are_kept_by_every_model(
    formulation: FormulationName, data: st.DataObject, case: Case, objective: Objective
) -> None:
    chosen: list[Constraint] = []
    chosen += data.draw(st.lists(among(case), min_size=1, max_size=2))
    chosen += data.draw(st.lists(differ(case), min_size=1, max_size=3))
    chosen += data.draw(st.lists(limits(case), max_size=1))
    assert_solves_as_enumerated(case, objective, chosen, formulation=formulation)


@examples(40)
@given(st.data(), cases(most_candidates=5, most_zones=8), objectives())
def test_the_assignment_model_finds_the_same_optimum(
    data: st.DataObject, case: Case, objective: Objective
) -> None:
    chosen = data.draw(constraints(case))
    assert_solves_as_enumerated(case, objective, chosen, formulation="assignment")


@examples(80)
@given(st.data(), cases())
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
@given(cases())
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
        assert found.assignment["site_id"].to_dict() == treated
        for name in names:
            expected = case.naive.value(name, opened)
            assert found.measures[name] == pytest.approx(expected, nan_ok=True)
            whole = name.endswith("_volume") or "_by_" in name or name == "lives_saved"
            if whole or "district" not in found.by:
                continue
            for district in case.naive.districts:
                assert found.by["district"].loc[district, name] == pytest.approx(
                    case.naive.value(name, opened, district), nan_ok=True
                )


@examples(60)
@given(
    st.data(),
    cases(most_candidates=5),
    objectives(),
    st.sampled_from(SUMS),
    st.sampled_from([0.0, 0.05, 1.0, 5.0]),
)
def test_lexicographic_objectives_decide_among_those_within_the_stated_tolerance(
    data: st.DataObject, case: Case, first: Objective, second_measure: str, tolerance: float
) -> None:
    chosen = data.draw(constraints(case, most_limits=1))
    allowed = case.naive.allowed(chosen)
    if not allowed:
        return
    make = minimise if second_measure in ("mean_minutes", "neighbour_cases") else maximise
    second = make(second_measure)
    objective = Objective(first.measure, first.sense, second, tolerance)
    solution = solve(Problem(case.region, case.service, objective, chosen))
    reached = best(case, first, allowed)
    room = max(tolerance, 1e-6 * max(1.0, abs(reached))) + 1e-6
    equal = [o for o in allowed if abs(case.naive.value(first.measure, o) - reached) <= room]
    assert solution.status is Status.OPTIMAL
    assert solution.open in equal
    assert solution.measures[second_measure] == close_to(best(case, second, equal))
    assert solution.stages[0].value == close_to(reached)


@examples(20)
@given(cases(most_candidates=5), st.sampled_from(["mean_minutes", "neighbour_cases"]))
def test_across_a_range_of_numbers_staffing_is_weighed_before_the_second_objective(
    case: Case, second_measure: str
) -> None:
    chosen: list[Constraint] = [OpenSites(1, len(case.service.candidates))]
    allowed = case.naive.allowed(chosen)
    first, second = maximise("lives_saved"), minimise(second_measure)
    objective = maximise("lives_saved", then=second)
    solution = solve(Problem(case.region, case.service, objective, chosen))
    reached = best(case, first, allowed)
    equal = [o for o in allowed if abs(case.naive.value("lives_saved", o) - reached) <= 1e-6]
    assert solution.objective == close_to(reached)
    assert solution.measures[second_measure] == close_to(best(case, second, equal))
