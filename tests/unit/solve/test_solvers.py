"""HiGHS unless told otherwise; other solvers agree with it, or are refused in plain words."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulp
import pytest

from reconfig.core import (
    Constraint,
    InputError,
    Problem,
    Stage,
    Status,
    limit,
    maximise,
    minimise,
    open_sites,
)
from reconfig.model import build
from reconfig.solve import (
    RawResult,
    Settings,
    SolverError,
    available_solvers,
    relative_gap,
    run_solver,
    solve,
)
from reconfig.solve.solvers import ENDS_TOLD, WITHOUT_GAP
from tests.instances import random_region, tiny_region, tiny_service

OTHERS = [name for name in available_solvers() if name != "HiGHS"]


def problem(*, infeasible: bool = False) -> Problem:
    """Return a small problem with a limit."""
    region = random_region(7, zones=20, candidates=6, neighbours=1)
    bound = 1.0 if infeasible else 60.0
    constraints: list[Constraint] = [open_sites(3), limit("max_minutes", at_most=bound)]
    return Problem(region, tiny_service(region), minimise("mean_minutes"), constraints)


def test_highs_is_always_there() -> None:
    assert "HiGHS" in available_solvers()


def test_an_unknown_solver_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InputError, match=r"no solver 'HiGS'.*Did you mean 'HiGHS'"):
        solve(problem(), solver="HiGS")


def test_a_solver_that_is_not_installed_is_refused_with_what_to_do() -> None:
    missing = sorted(set(pulp.listSolvers()) - set(available_solvers()))
    if not missing:
        pytest.skip("every solver that PuLP knows is installed")
    with pytest.raises(InputError) as raised:
        solve(problem(), solver=missing[0])
    said = str(raised.value)
    assert f"'{missing[0]}' is not installed here" in said
    assert "leave the key out to use HiGHS" in said


@pytest.mark.skipif(not OTHERS, reason="no other solver is installed")
@pytest.mark.parametrize("name", OTHERS)
def test_another_solver_agrees_with_highs(name: str) -> None:
    one, other = solve(problem()), solve(problem(), solver=name)
    assert (one.solver, other.solver) == ("HiGHS", name)
    assert other.status is one.status is Status.OPTIMAL
    assert other.objective == pytest.approx(one.objective)
    assert other.bound == pytest.approx(one.bound)


@pytest.mark.skipif(not OTHERS, reason="no other solver is installed")
@pytest.mark.parametrize("name", OTHERS)
def test_another_solver_finds_the_same_maximum(name: str) -> None:
    aimed = problem().aiming(maximise("lives_saved", then=minimise("mean_minutes")))
    one, other = solve(aimed), solve(aimed, solver=name)
    assert other.objective == pytest.approx(one.objective)
    assert other.measures["mean_minutes"] == pytest.approx(one.measures["mean_minutes"])


@pytest.mark.skipif(not OTHERS, reason="no other solver is installed")
@pytest.mark.parametrize("name", OTHERS)
def test_another_solver_says_infeasible_too(name: str) -> None:
    assert solve(problem(infeasible=True), solver=name).status is Status.INFEASIBLE


@pytest.mark.skipif(not OTHERS, reason="no other solver is installed")
@pytest.mark.parametrize("name", OTHERS)
def test_another_solver_stopped_at_a_gap_is_not_called_optimal(name: str) -> None:
    found = solve(problem(), solver=name, gap=0.5)
    best = solve(problem())
    assert best.objective is not None
    if found.bound is None:  # it tells none
        assert found.status is Status.FEASIBLE
        assert "no bound" in found.verdict
    else:
        assert found.bound <= best.objective + 1e-6
        assert (found.status is Status.OPTIMAL) == (found.gap == 0.0)


def test_a_program_that_presolve_settles_alone_has_its_value_as_bound() -> None:
    region = tiny_region()
    settled = Problem(region, tiny_service(region), minimise("mean_minutes"), [open_sites(3)])
    found = solve(settled)
    assert found.status is Status.OPTIMAL
    assert found.bound == pytest.approx(7.2)
    assert found.gap == 0.0


@pytest.mark.parametrize(
    ("value", "bound", "gap"),
    [
        (10.0, 8.0, 0.2),
        (8.0, 10.0, 0.25),
        (10.0, 10.0 + 1e-7, 0.0),
        (0.0, 0.0, 0.0),
        (-4, -5, 0.25),
    ],
)
def test_the_gap_is_a_share_of_the_value(value: float, bound: float, gap: float) -> None:
    assert relative_gap(value, bound) == pytest.approx(gap)


@pytest.mark.parametrize("name", [name for name in OTHERS if name not in WITHOUT_GAP])
def test_another_solver_is_always_told_a_gap(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PuLP leaves a gap of 0 out, and the solver's own default would pass for proof."""
    told: list[float] = []
    real = pulp.getSolver

    def listening(solver: str, **options: Any) -> Any:
        told.append(options["gapRel"])
        return real(solver, **options)

    monkeypatch.setattr(pulp, "getSolver", listening)
    solve(problem(), solver=name)
    assert told
    assert all(0 < gap <= 1e-8 for gap in told)


Outcome = Callable[[Any], None]


def a_solution(lp: Any) -> None:
    """Leave what a driver leaves that has a solution and takes it for the best."""
    lp.solve(pulp.HiGHS(msg=False))
    lp.assignStatus(pulp.LpStatusOptimal)


def nothing(lp: Any) -> None:
    """Leave what a driver leaves that was stopped without a solution."""
    lp.assignStatus(pulp.LpStatusNotSolved)


def none_there_is(lp: Any) -> None:
    """Leave what a driver leaves that says that there is no solution."""
    lp.assignStatus(pulp.LpStatusInfeasible)


def driven(
    monkeypatch: pytest.MonkeyPatch, name: str, outcome: Outcome, time_limit: float | None
) -> RawResult:
    """Run a driver of PuLP whose own solver is replaced."""
    monkeypatch.setattr(getattr(pulp, name), "actualSolve", lambda self, lp: outcome(lp))
    asked = problem()
    model = build(asked, asked.objective, formulation="exact-sets")
    return run_solver(model, solver=name, time_limit=time_limit, gap=0.0)


def test_pulp_calls_a_solve_that_scip_stopped_optimal(tmp_path: Path) -> None:
    path = tmp_path / "a.sol"
    path.write_text("solution status: time limit reached\nobjective value: 3\nx 1\n")
    status, _ = pulp.SCIP_CMD.readsol(path)
    assert pulp.LpStatus[status] == "Optimal"  # the trap


@pytest.mark.parametrize("name", ["SCIP_CMD", "FSCIP_CMD", "GLPK_CMD", "GUROBI_CMD", "CPLEX_CMD"])
def test_a_driver_that_calls_every_solution_optimal_proves_nothing_under_a_time_limit(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert name not in ENDS_TOLD
    stopped = driven(monkeypatch, name, a_solution, 60.0)
    assert (stopped.status, stopped.bound) == (Status.FEASIBLE, None)
    ended = driven(monkeypatch, name, a_solution, None)
    assert (ended.status, ended.bound) == (Status.OPTIMAL, ended.value)


@pytest.mark.parametrize("name", ["COIN_CMD", "HiGHS_CMD", "CHOCO_CMD", "XPRESS"])
def test_a_driver_that_tells_an_end_from_a_stop_is_believed_under_a_time_limit(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert driven(monkeypatch, name, a_solution, 60.0).status is Status.OPTIMAL


def test_a_solver_that_stops_at_a_gap_of_its_own_proves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = driven(monkeypatch, "MIPCL_CMD", a_solution, None)
    assert (raw.status, raw.bound, raw.stopped) == (Status.FEASIBLE, None, "gap")


def test_a_solve_that_was_stopped_without_a_solution_is_not_called_infeasible(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PuLP puts both under "infeasible" in `sol_status`."""
    assert pulp.LpStatusToSolution[pulp.LpStatusNotSolved] == pulp.LpSolutionInfeasible
    assert driven(monkeypatch, "SCIP_CMD", nothing, 60.0).status is Status.NO_SOLUTION


def test_infeasible_is_believed_under_a_time_limit_only_where_a_stop_is_called_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert driven(monkeypatch, "SCIP_CMD", none_there_is, 60.0).status is Status.INFEASIBLE
    assert driven(monkeypatch, "CPLEX_CMD", none_there_is, 60.0).status is Status.NO_SOLUTION
    assert driven(monkeypatch, "CPLEX_CMD", none_there_is, None).status is Status.INFEASIBLE


@pytest.mark.parametrize("name", ["GLPK_CMD", "CHOCO_CMD", "MIPCL_CMD"])
def test_a_driver_is_told_only_what_it_takes_and_whole_seconds_where_it_must(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    real = pulp.getSolver

    def listening(solver: str, **options: Any) -> Any:
        told.append(options)
        return real(solver, **options)

    monkeypatch.setattr(pulp, "getSolver", listening)
    driven(monkeypatch, name, a_solution, 0.3)
    assert told == [{"msg": False, "timeLimit": 1}]


def test_a_driver_that_takes_no_time_limit_is_refused_in_plain_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SolverError, match="COPT_CMD cannot be given a time limit through PuLP"):
        driven(monkeypatch, "COPT_CMD", a_solution, 60.0)


def test_whatever_a_driver_breaks_down_with_is_a_solver_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaking(lp: Any) -> None:
        raise TypeError("'NoneType' object is not iterable")

    with pytest.raises(SolverError, match=r"GUROBI_CMD broke down.*use HiGHS"):
        driven(monkeypatch, "GUROBI_CMD", breaking, None)


def test_a_part_that_cannot_beat_the_best_does_not_spoil_its_proof() -> None:
    best_of = importlib.import_module("reconfig.solve.solve")._best_of
    stage = minimise("mean_minutes")
    done = RawResult(Status.OPTIMAL, 7.0, 7.0, frozenset({"A"}))
    beaten = RawResult(Status.FEASIBLE, 9.0, 8.0, frozenset({"B"}))
    unclear = RawResult(Status.FEASIBLE, 9.0, 6.0, frozenset({"B"}))
    assert best_of(stage, [done, beaten]).status is Status.OPTIMAL
    assert best_of(stage, [done, unclear]) == RawResult(Status.FEASIBLE, 7.0, 6.0, frozenset({"A"}))


def test_the_gap_is_that_of_the_objective_that_is_least_proven() -> None:
    report = importlib.import_module("reconfig.solve.answer").report
    region = tiny_region()
    goal = maximise("share_within_30", then=minimise("mean_minutes"))
    two = Problem(region, tiny_service(region), goal, [open_sites(2)])
    settings = Settings("HiGHS", 0.0, None, "nearest-sets")
    chosen = RawResult(
        Status.FEASIBLE, 7.2, 5.4, frozenset({"A", "C"})
    )  # everybody within 30 minutes, mean 7.2
    proven = Stage("share_within_30", "maximise", Status.OPTIMAL, 1.0, 1.0, 0.0, 0.1)
    loose = Stage("mean_minutes", "minimise", Status.FEASIBLE, 7.2, 5.4, 0.25, 0.1)
    found = report(two, chosen, [proven, loose], settings)
    assert (found.status, found.gap) == (Status.FEASIBLE, 0.25)
    cut = report(two, chosen, [proven], settings)
    assert (cut.status, cut.gap) == (Status.FEASIBLE, None)


def test_a_program_that_defeats_presolve_is_run_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    highs = importlib.import_module("reconfig.solve.highs")
    run, seen = highs.run, []

    def breaks_with_presolve(instance: Any, time_limit: float | None) -> bool:
        seen.append(instance.getOptionValue("presolve")[1])
        if seen[-1] != "off":
            raise SolverError("HiGHS broke down (Solve error).")
        return bool(run(instance, time_limit))

    monkeypatch.setattr(highs, "run", breaks_with_presolve)
    found = solve(problem(), formulation="exact-sets")
    assert found.status is Status.OPTIMAL
    assert seen == ["choose", "off"]
