"""The projected program: cut, fixed and proven; or stopped, and never called proven."""

from __future__ import annotations

import importlib
import signal
import subprocess
import sys
import textwrap
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from reconfig.appraise import appraise, overall_values
from reconfig.core import (
    Configuration,
    Constraint,
    Limit,
    Objective,
    Problem,
    Status,
    maximise,
    minimise,
    open_sites,
)
from reconfig.model import ROWS, NearestSets, Weights, projected
from reconfig.solve import SolutionMismatchError, available_solvers, solve
from reconfig.solve.settings import Settings
from tests.instances import every_configuration, random_places, random_region, tiny_service

cutting = importlib.import_module("reconfig.solve.cutting")


@pytest.fixture(autouse=True)
def _only_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave even small programs to cuts, and to the integer program."""
    monkeypatch.setattr(projected, "MOST_SETS", 0)
    monkeypatch.setattr(cutting, "FEW_JOURNEYS", 0.0)
    monkeypatch.setattr(cutting, "MOST_JOURNEYS", 0.0)


MEAN = minimise("mean_minutes")


def problem(*constraints: Constraint, objective: Objective = MEAN, seed: int = 2) -> Problem:
    """Return a problem that its relaxation does not settle."""
    region = random_region(seed, zones=60, candidates=9, neighbours=1)
    service = tiny_service(region, outcome=False)
    return Problem(region, service, objective, constraints)


def hard_problem() -> Problem:
    """Return a problem that no solver proves in a test's time: minutes without geography."""
    region = random_region(1, zones=300, candidates=40, neighbours=0)
    service = tiny_service(region, outcome=False)
    return Problem(region, service, minimise("mean_minutes"), [open_sites(8)])


@pytest.mark.parametrize("number", [1, 3, 5, 8])
@pytest.mark.parametrize(
    "objective", [minimise("mean_minutes"), maximise("share_within_30"), minimise("max_minutes")]
)
def test_the_best_is_the_best_of_every_configuration(number: int, objective: Objective) -> None:
    asked = problem(open_sites(number), objective=objective)
    pick = min if objective.sense == "minimise" else max
    best = pick(
        appraise(asked.region, asked.service, c).measures[objective.measure]
        for c in every_configuration(asked.service, [number])
    )
    found = solve(asked)
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(best)
    assert found.bound == pytest.approx(best)


@pytest.mark.parametrize("solver", available_solvers())
def test_any_solver_may_solve_the_program_with_the_cuts(solver: str) -> None:
    asked = problem(open_sites(4), Limit("share_within_30", at_least=0.9))
    assert solve(asked, solver=solver).objective == pytest.approx(
        solve(asked, formulation="exact-sets").objective
    )


def test_sites_are_fixed_only_where_the_best_has_them_so(monkeypatch: pytest.MonkeyPatch) -> None:
    fixed: list[tuple[float, np.ndarray]] = []
    original = cutting.Cutting._fix

    def watch(self: Any, costs: np.ndarray) -> None:
        before = self.low.copy(), self.high.copy()
        original(self, costs)
        newly = (before[0] < before[1]) & (self.low == self.high)
        fixed.extend((float(self.low[k]), self.model.sites[k].name) for k in np.flatnonzero(newly))

    monkeypatch.setattr(cutting.Cutting, "_fix", watch)
    seen = 0
    for seed in range(40):
        fixed.clear()
        region = random_places(seed, zones=60, candidates=10)
        service = tiny_service(region, outcome=False)
        asked = Problem(region, service, MEAN, [open_sites(5)])
        values = {
            c.sites("surgery"): overall_values(region, service, c, ["mean_minutes"])["mean_minutes"]
            for c in every_configuration(service, [5])
        }
        best = min(values, key=lambda sites: values[sites])
        assert solve(asked).objective == pytest.approx(values[best])
        columns = sorted([*asked.service.candidates, *asked.service.always_open])
        for value, name in fixed:
            assert (columns[int(str(name)[1:])] in best) == bool(value)
            seen += 1
    assert seen >= 5


def test_a_solve_that_ran_out_of_time_is_feasible_with_its_true_gap() -> None:
    started = time.perf_counter()
    found = solve(hard_problem(), time_limit=4.0)
    assert time.perf_counter() - started < 4.0 + 5.0
    assert found.status is Status.FEASIBLE
    assert found.stopped == "time limit"
    assert len(found.open) == 8
    assert found.objective is not None
    assert found.bound is not None
    assert found.bound < found.objective * 0.99
    assert found.gap == pytest.approx((found.objective - found.bound) / found.objective)
    assert "not proven best" in found.verdict


def test_a_solve_stopped_at_its_gap_is_feasible_with_its_true_gap() -> None:
    found = solve(hard_problem(), gap=0.5)
    assert found.status is Status.FEASIBLE
    assert found.stopped == "gap"
    assert found.gap is not None
    assert 0 < found.gap <= 0.5


def test_a_time_limit_too_short_for_anything_is_no_solution() -> None:
    found = solve(hard_problem(), time_limit=1e-6)
    assert found.status is Status.NO_SOLUTION
    assert found.stopped == "time limit"
    assert found.objective is None


@pytest.mark.parametrize("formulation", ["nearest-sets", "exact-sets"])
def test_ctrl_c_keeps_the_best_found_so_far(formulation: str) -> None:
    """A real process and a real signal, sent while the solver is at work."""
    script = f"""
        from reconfig.model import projected
        projected.MOST_SETS = 0
        from tests.unit.solve.test_cutting import hard_problem
        from reconfig.solve import solve
        print("ready", flush=True)
        found = solve(hard_problem(), formulation={formulation!r}, time_limit=120)
        print(found.status.value, found.stopped, len(found.open), found.bound < found.objective)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while "ready" not in process.stdout.readline():
            pass
        time.sleep(8.0)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    assert said.splitlines()[-1].split() == ["feasible", "interrupted", "8", "True"], said


def test_a_program_that_forgets_a_limit_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: dict[Any, Any] = ROWS
    monkeypatch.setitem(rows, Limit, lambda assembly, limit: None)
    # The best four by mean journey leave somebody 20 minutes away or more.
    with pytest.raises(SolutionMismatchError, match="breaks a constraint"):
        solve(problem(open_sites(4), Limit("max_minutes", at_most=20.0)))


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_program_that_values_choices_wrongly_is_found_out(
    monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    original = NearestSets.weights

    def wrong(self: NearestSets, *args: Any, **kwargs: Any) -> Weights:
        right = original(self, *args, **kwargs)
        return Weights(right.constant, right.sets, right.values * factor)

    monkeypatch.setattr(NearestSets, "weights", wrong)
    with pytest.raises(SolutionMismatchError, match="mean_minutes"):
        solve(problem(open_sites(3)))


def test_a_second_objective_is_decided_among_those_equal_in_the_first() -> None:
    goal = maximise("share_within_30", then=minimise("mean_minutes"), tolerance=0.05)
    asked = problem(open_sites(3), objective=goal)
    values = [
        appraise(asked.region, asked.service, c).measures
        for c in every_configuration(asked.service, [3])
    ]
    top = max(v["share_within_30"] for v in values)
    expected = min(v["mean_minutes"] for v in values if v["share_within_30"] >= top - 0.05)
    assert solve(asked).measures["mean_minutes"] == pytest.approx(expected)


def test_an_answer_is_the_same_when_it_is_asked_for_again() -> None:
    asked = problem(open_sites(4))
    first, second = solve(asked), solve(asked)
    assert (first.open, first.objective, first.bound) == (
        second.open,
        second.objective,
        second.bound,
    )


def test_a_change_to_the_tables_is_never_missed() -> None:
    asked = problem(open_sites(1))
    best = solve(asked)
    worst = best.open[0]
    table = asked.region.travel_times["car"]
    table[worst] = table[worst] + 500.0
    assert solve(asked).open != best.open
    again = appraise(asked.region, asked.service, Configuration.of("surgery", [worst]))
    assert again.measures["mean_minutes"] > best.measures["mean_minutes"]


@pytest.mark.parametrize(("integer", "more"), [(False, 5.0), (True, 0.0)])
def test_time_that_earlier_relaxations_took_is_not_taken_off_twice(
    integer: bool, more: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of a relaxation HiGHS holds the seconds of all runs so far against the limit, of a program
    # with whole numbers those of this run.
    told: list[float] = []

    def listening(highs: Any, limit: float) -> bool:
        told.append(limit)
        return False

    monkeypatch.setattr(cutting.solver, "run", listening)
    work = object.__new__(cutting.Cutting)
    work.settings = Settings("HiGHS", 0.0, time.perf_counter() + 100.0, "nearest-sets")
    work.integer = integer
    work.highs = SimpleNamespace(getRunTime=lambda: 5.0, getModelStatus=lambda: None)
    work._run()
    assert told == [pytest.approx(100.0 + more, abs=1.0)]
