"""A solve that was stopped never says that it is proven."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from typing import Any

import highspy
import pulp
import pytest

from reconfig.core import (
    Constraint,
    Objective,
    Problem,
    Status,
    limit,
    maximise,
    minimise,
    open_sites,
)
from reconfig.model import BuiltModel, FormulationName, build
from reconfig.solve import RawResult, SolverError, run_solver, solve
from tests.instances import random_places, random_region, tiny_service

# On a laptop: something found within half a second, 9 % of gap left after half a minute.
SECONDS = (3.0, 12.0, 48.0)


def hard_problem() -> Problem:
    """Return a problem that no solver proves in a test's time."""
    region = random_region(1, zones=150, candidates=50, neighbours=0)
    service = tiny_service(region, outcome=False)
    smallest = 0.1 * service.cases_per_year / 8
    constraints: list[Constraint] = [open_sites(8), limit("min_volume", at_least=smallest)]
    return Problem(region, service, minimise("mean_minutes"), constraints)


def easy_problem() -> Problem:
    """Return a problem that takes no time at all."""
    region = random_region(1, zones=10, candidates=4, neighbours=0)
    service = tiny_service(region, outcome=False)
    return Problem(region, service, minimise("mean_minutes"), [open_sites(2)])


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
    said = ""
    for seconds in (3.0, 10.0, 30.0):  # a slow machine finds nothing in the first
        said = pulp.LpStatus[model.lp.solve(pulp.HiGHS(msg=False, timeLimit=seconds))]
        if said == "Optimal":
            break
    assert said == "Optimal"  # the trap: our own word for it is "feasible"
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


@pytest.mark.slow
@pytest.mark.parametrize("formulation", ["assignment", "exact-sets"])
def test_a_time_limit_counts_the_building_too(formulation: FormulationName) -> None:
    region = random_places(3, zones=3_000, candidates=80)
    service = tiny_service(region, outcome=False)
    problem = Problem(region, service, minimise("mean_minutes"), [open_sites(9)])
    started = time.perf_counter()
    found = solve(problem, formulation=formulation, time_limit=1.0)
    assert time.perf_counter() - started < 1.0 + 5.0  # to build the whole takes far longer
    assert found.status in (Status.NO_SOLUTION, Status.FEASIBLE)
    assert found.stopped == "time limit"


@pytest.mark.slow
def test_too_large_a_program_for_the_memory_is_said_so() -> None:
    """A real process that may have no more than a gigabyte."""
    script = """
        import resource
        from reconfig.core import Problem, minimise, open_sites
        from reconfig.solve import SolverError, solve
        from tests.instances import random_places, tiny_service
        region = random_places(3, zones=4_000, candidates=120)
        problem = Problem(
            region, tiny_service(region, outcome=False), minimise("mean_minutes"), [open_sites(9)]
        )
        resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))
        try:
            solve(problem, formulation="assignment")
        except SolverError as error:
            print("refused:", error)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert "refused: out of memory" in done.stdout, done.stdout + done.stderr
    assert "nearest-sets" in done.stdout


@pytest.mark.parametrize("status", ["kSolveError", "kModelError", "kPostsolveError", "kUnknown"])
def test_a_solver_that_breaks_down_is_an_error_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    broken = getattr(highspy.HighsModelStatus, status)
    monkeypatch.setattr(highspy.Highs, "getModelStatus", lambda self: broken)
    with pytest.raises(SolverError, match="HiGHS broke down"):
        solve(easy_problem())


def test_another_solver_that_breaks_down_is_an_error_in_plain_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(self: Any, lp: Any, **more: Any) -> int:
        raise pulp.PulpSolverError("exit status 139")

    monkeypatch.setattr(pulp.PULP_CBC_CMD, "actualSolve", crash)
    with pytest.raises(SolverError, match=r"PULP_CBC_CMD broke down \(exit status 139\)"):
        solve(easy_problem(), solver="PULP_CBC_CMD")


@pytest.mark.slow
@pytest.mark.parametrize("objective", [minimise("mean_minutes"), maximise("share_within_10")])
def test_cbc_out_of_time_tells_the_bound_of_its_own_log(objective: Objective) -> None:
    region = random_region(4, zones=300, candidates=60, neighbours=0)
    service = tiny_service(region, outcome=False)
    problem = Problem(region, service, objective, [open_sites(6)])
    for seconds in SECONDS:
        found = solve(problem, solver="PULP_CBC_CMD", time_limit=seconds)
        if found.status is Status.FEASIBLE:
            break
    assert found.status is Status.FEASIBLE
    assert found.stopped == "time limit"
    assert found.objective is not None
    assert found.bound is not None
    better = found.objective - found.bound
    assert (better if objective.sense == "minimise" else -better) > 0
    assert found.gap == pytest.approx(abs(better) / found.objective)
