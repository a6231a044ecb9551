"""Measures are found by name, and what cannot be asked of them is refused in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconfig.appraise import check_measures, find_measure, known_measures
from reconfig.core import Constraint, Faults, Objective, Problem, limit, maximise, minimise, within
from tests.instances import tiny_region, tiny_service


def faults(objective: Objective, *constraints: Constraint, outcome: bool = True) -> list[str]:
    """Return what check_measures says of a problem on the tiny region."""
    region = tiny_region()
    problem = Problem(region, tiny_service(region, outcome=outcome), objective, constraints)
    noted = Faults()
    check_measures(problem, noted, file="problem")
    return [str(fault) for fault in noted.found]


def test_any_whole_number_of_minutes_is_a_standard() -> None:
    measure = find_measure("share_within_37")
    assert measure is not None
    assert measure.label == "Within 37 minutes"
    for name in ("share_within_", "share_within_4.5", "share_within_-3", "mean"):
        assert find_measure(name) is None
    assert "share_within_45" in known_measures()


@pytest.mark.parametrize(
    ("objective", "said"),
    [
        (minimise("mean_minute"), "Did you mean 'mean_minutes'?"),
        (minimise("p95_minutes"), "'p95_minutes' cannot be optimised"),
        (maximise("min_volume"), "'min_volume' cannot be optimised"),
        (maximise("max_minutes"), "expected minimise for the longest journey"),
        (minimise("mean_minutes", tolerance=-1), "tolerance -1"),
        (minimise("mean_minutes", then=minimise("nothing")), "no measure 'nothing'"),
    ],
)
def test_an_objective_that_cannot_be_is_refused(objective: Objective, said: str) -> None:
    found = faults(objective)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        (limit("nonsense", at_most=1), "no measure 'nonsense'"),
        (limit("share_within_45", at_least=95), "Write 0.95 for 95 %."),
        (limit("max_minutes", at_least=5), "expected at_most for journeys"),
        (limit("p95_minutes", at_least=5), "expected at_most for journeys"),
        (limit("min_volume", at_most=5), "at_least for smallest ones"),
        (limit("max_volume", at_least=5), "expected at_most for journeys and largest volumes"),
        (limit("min_volume", at_least=5, by="district"), "no 'by': volumes are by site"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(constraint: Constraint, said: str) -> None:
    found = faults(minimise("mean_minutes"), constraint)
    assert len(found) == 1
    assert said in found[0]


def test_lives_saved_need_an_outcome_model() -> None:
    found = faults(maximise("lives_saved"), limit("lives_saved", at_least=1), outcome=False)
    assert len(found) == 2
    assert "needs an outcome model" in found[0]
    assert faults(maximise("lives_saved")) == []


def test_a_service_that_nobody_needs_is_refused() -> None:
    region = tiny_region()
    service = tiny_service(region)
    nobody = replace(service, demand=service.demand * 0)
    noted = Faults()
    check_measures(Problem(region, nobody, minimise("mean_minutes")), noted, file="problem")
    assert "no cases in any zone" in str(noted.found[0])


def test_all_faults_of_a_problem_are_listed() -> None:
    found = faults(minimise("p95_minutes", then=minimise("x")), within(45), limit("y", at_most=1))
    assert len(found) == 3
