"""A solve that was stopped never says that it is proven."""

from __future__ import annotations

import pulp
import pytest

from reconfig.core import Constraint, Problem, Status, limit, minimise, open_sites
from reconfig.model import BuiltModel, build
from reconfig.solve import RawResult, run_solver, solve
from tests.instances import random_region, tiny_service

# On a laptop: something found within half a second, 9 % of gap left after half a minute.
SECONDS = (3.0, 12.0, 48.0)


def hard_problem() -> Problem:
    """Return a problem that no solver proves in a test's time."""
    region = random_region(1, zones=150, candidates=50, neighbours=0)
    service = tiny_service(region, outcome=False)
    smallest = 0.1 * service.cases_per_year / 8
    constraints: list[Constraint] = [open_sites(8), limit("min_volume", at_least=smallest)]
    return Problem(region, service, minimise("mean_minutes"), constraints)


@pytest.fixture(scope="module")
def stopped() -> tuple[BuiltModel, RawResult]:
    """Run out of time; a slow machine is given more, until something is found."""
    problem = hard_problem()
    for seconds in SECONDS:
        model = build(problem, problem.objective)
        raw = run_solver(model, time_limit=seconds, gap=0.0)
        assert raw.status in (Status.FEASIBLE, Status.NO_SOLUTION)
        if raw.status is Status.FEASIBLE:
            return model, raw
    pytest.fail("no configuration found in time")


@pytest.mark.slow
def test_a_solve_that_ran_out_of_time_is_feasible_with_its_gap(
    stopped: tuple[BuiltModel, RawResult],
) -> None:
    _, raw = stopped
    assert raw.status is Status.FEASIBLE
    assert raw.opened is not None
    assert len(raw.opened) == 8
    assert raw.value is not None
    assert raw.bound is not None
    assert raw.bound < raw.value * 0.999


@pytest.mark.slow
def test_pulp_calls_the_same_solve_optimal(stopped: tuple[BuiltModel, RawResult]) -> None:
    model, raw = stopped
    status, _ = pulp.HiGHS(msg=False).findSolutionValues(model.lp)
    assert pulp.LpStatus[status] == "Optimal"  # the trap: our own word for it is "feasible"
    assert raw.status is not Status.OPTIMAL


@pytest.mark.slow
def test_solve_reports_the_gap_of_a_stopped_solve_by_appraisal() -> None:
    problem = hard_problem()
    for seconds in SECONDS:
        found = solve(problem, time_limit=seconds)
        assert found.status is not Status.OPTIMAL
        assert found.seconds < 2 * seconds + 10
        if found.status is Status.FEASIBLE:
            break
    assert found.objective is not None
    assert found.bound is not None
    assert found.gap == pytest.approx((found.objective - found.bound) / found.objective)
    assert found.gap is not None
    assert found.gap > 0.001
    assert "not proven best" in found.verdict


@pytest.mark.slow
def test_a_solve_stopped_at_its_gap_is_feasible_with_the_true_gap() -> None:
    found = solve(hard_problem(), gap=0.6, time_limit=120)
    assert found.status is Status.FEASIBLE
    assert found.gap is not None
    assert 0 < found.gap <= 0.6
    assert found.bound is not None
    assert found.objective is not None
    assert found.bound < found.objective


def test_a_gap_that_was_allowed_but_not_needed_is_proven_best() -> None:
    region = random_region(3, zones=8, candidates=4, neighbours=0)
    problem = Problem(
        region, tiny_service(region), minimise("mean_minutes"), [open_sites(4)]
    )  # only one configuration
    assert solve(problem, gap=0.5).status is Status.OPTIMAL


def test_a_limit_too_short_for_anything_is_no_solution_and_proves_nothing() -> None:
    problem = hard_problem()
    raw = run_solver(build(problem, problem.objective), time_limit=1e-6, gap=0.0)
    assert raw.status is Status.NO_SOLUTION
    assert raw.opened is None
    assert raw.value is None
