"""HiGHS unless told otherwise; other solvers agree with it, or are refused in plain words."""

from __future__ import annotations

import importlib
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
from reconfig.solve import RawResult, Settings, available_solvers, relative_gap, solve
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


@pytest.mark.parametrize("name", OTHERS)
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


def test_a_part_that_cannot_beat_the_best_does_not_spoil_its_proof() -> None:
    best_of = importlib.import_module("reconfig.solve.solve")._best_of
    stage = minimise("mean_minutes")
    done = RawResult(Status.OPTIMAL, 7.0, 7.0, frozenset({"A"}))
    beaten = RawResult(Status.FEASIBLE, 9.0, 8.0, frozenset({"B"}))
    unclear = RawResult(Status.FEASIBLE, 9.0, 6.0, frozenset({"B"}))
    assert best_of(stage, [done, beaten]).status is Status.OPTIMAL
    assert best_of(stage, [done, unclear]) == RawResult(Status.FEASIBLE, 7.0, 6.0, frozenset({"A"}))


def test_the_gap_is_that_of_the_objective_that_is_least_proven() -> None:
    module = importlib.import_module("reconfig.solve.solve")
    region = tiny_region()
    goal = maximise("share_within_30", then=minimise("mean_minutes"))
    two = Problem(region, tiny_service(region), goal, [open_sites(2)])
    settings = Settings("HiGHS", 0.0, None, "nearest-sets")
    opened = frozenset({"A", "C"})  # everybody within 30 minutes, mean 7.2
    proven = Stage("share_within_30", "maximise", Status.OPTIMAL, 1.0, 1.0, 0.0, 0.1)
    loose = Stage("mean_minutes", "minimise", Status.FEASIBLE, 7.2, 5.4, 0.25, 0.1)
    found = module._report(two, opened, [proven, loose], settings)
    assert (found.status, found.gap) == (Status.FEASIBLE, 0.25)
    cut = module._report(two, opened, [proven], settings)
    assert (cut.status, cut.gap) == (Status.FEASIBLE, None)
