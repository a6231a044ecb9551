"""The long list is judged as enumeration judges it, and what the solver finds is its first."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.analyse import long_list
from reconfig.core import Objective, OpenSites, Problem, Status
from reconfig.solve import solve
from tests.property.strategies import Case, cases, constraints, examples, numbers

# With patients who go to the nearest site, and with those who do not all.
EITHER = st.booleans().flatmap(
    lambda choosing: cases(most_candidates=5, most_zones=8, choosing=choosing)
)


def problem_of(data: st.DataObject, case: Case) -> Problem:
    """Draw a problem with one objective or two."""
    objective = Objective(
        data.draw(st.sampled_from(["lives_saved", "share_within_20"])),
        "maximise",
        then=data.draw(st.sampled_from([None, Objective("mean_minutes", "minimise")])),
        tolerance=data.draw(st.sampled_from([0.0, 0.1])),
    )
    chosen = [c for c in data.draw(constraints(case)) if not isinstance(c, OpenSites)]
    return Problem(case.region, case.service, objective, [*chosen, data.draw(numbers(case))])


@examples(40)
@given(st.data(), EITHER)
def test_the_long_list_is_judged_as_enumeration_judges_it(data: st.DataObject, case: Case) -> None:
    try:
        problem = problem_of(data, case)
    except ValueError:  # numbers and sites kept that cannot be together
        return
    found = long_list(problem)
    bounds = next(c for c in problem.constraints if isinstance(c, OpenSites))
    most = len(case.service.candidates) if bounds.at_most is None else bounds.at_most
    fewest = max(bounds.at_least or 0, 0 if case.service.always_open else 1)
    expected = [o for o in case.naive.subsets() if fewest <= len(o) <= most]
    assert sorted(found.table["open"]) == sorted(expected)
    assert found.complete
    passed = {tuple(o) for o in found.table["open"][found.table["passed"]]}
    assert passed == set(case.naive.allowed(problem.constraints)) & set(expected)
    failing = found.table[~found.table["passed"]]
    assert failing["reasons"].str.len().gt(0).all()
    assert (found.table["reasons"][found.table["passed"]] == "").all()


@examples(40)
@given(st.data(), cases(most_candidates=5, most_zones=8))
def test_what_the_solver_finds_is_the_first_of_the_long_list(
    data: st.DataObject, case: Case
) -> None:
    try:
        problem = problem_of(data, case)
    except ValueError:
        return
    found, best = long_list(problem), solve(problem)
    passed = found.table[found.table["passed"]]
    assert passed.empty == (best.status is Status.INFEASIBLE)
    if passed.empty:
        return
    first = found.table.iloc[0]
    assert first["rank"] == 1
    stages = problem.objective.stages()
    for stage, solved in zip(stages, best.stages, strict=True):
        value = first[stage.measure]
        assert solved.value is not None
        room = max(stage.tolerance, 2e-6 * max(1.0, abs(value)))
        if stage.then is None:  # within the room of the stages before, the best there is
            room = 2e-6 * max(1.0, abs(value))
            assert value == pytest.approx(solved.value, abs=room)
        else:
            sign = 1.0 if stage.sense == "minimise" else -1.0
            assert sign * (value - solved.value) <= room
    ranks = [r for r in found.table["rank"] if not math.isnan(r)]
    assert ranks == list(range(1, len(passed) + 1))
