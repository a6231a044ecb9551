"""HiGHS: loading a program, running it so that it can be stopped, reading what it really says."""

from __future__ import annotations

import threading
from typing import Any

import highspy
import pulp

from reconfig.core import Status
from reconfig.model import BuiltModel
from reconfig.solve.settings import RawResult, SolverError, agree

# Rows may be missed by this much: ten times less than the check after solving allows.
FEASIBILITY = 1e-7

STATUS = highspy.HighsModelStatus
INFEASIBLE = (STATUS.kInfeasible, STATUS.kUnboundedOrInfeasible)
BROKEN = (
    STATUS.kNotset,
    STATUS.kLoadError,
    STATUS.kModelError,
    STATUS.kPresolveError,
    STATUS.kSolveError,
    STATUS.kPostsolveError,
    STATUS.kUnknown,
)
STOPPED = {
    STATUS.kTimeLimit: "time limit",
    STATUS.kInterrupt: "interrupted",
}


def load(model: BuiltModel, *, gap: float) -> Any:
    """Return a Highs instance with the program that PuLP states."""
    driver = pulp.HiGHS(msg=False, gapRel=gap, mip_feasibility_tolerance=FEASIBILITY)
    driver.createAndConfigureSolver(model.lp)
    driver.buildSolverModel(model.lp)
    return model.lp.solverModel


def run(highs: Any, time_limit: float | None) -> None:
    """Run HiGHS; a Ctrl-C (the stop button of a notebook) stops it and keeps what it has.

    time_limit: seconds. Raises SolverError if HiGHS breaks down or is out of memory.
    """
    highs.setOptionValue("time_limit", highspy.kHighsInf if time_limit is None else time_limit)
    highs.HandleUserInterrupt = True
    done, failure = threading.Event(), []

    def work() -> None:
        try:
            highspy.Highs.run(highs)
        except BaseException as problem:  # carried to the thread that waits
            failure.append(problem)
        finally:
            done.set()

    threading.Thread(target=work, daemon=True).start()
    while not done.is_set():
        try:
            done.wait(0.2)
        except KeyboardInterrupt:
            highs.cancelSolve()
    if failure:
        raise failure[0]
    status = highs.getModelStatus()
    if status == STATUS.kMemoryLimit:
        raise MemoryError
    if status in BROKEN:
        raise SolverError(
            f"HiGHS broke down ({highs.modelStatusToString(status)}). "
            "Try another solver, such as PULP_CBC_CMD, or a smaller problem."
        )


def solve_whole(model: BuiltModel, *, time_limit: float | None, gap: float) -> RawResult:
    """Solve a program that leaves nothing out."""
    highs = load(model, gap=gap)
    run(highs, time_limit)
    return read(model, highs)


def read(model: BuiltModel, highs: Any) -> RawResult:
    """Return what HiGHS says of the program that it ran, in the objective's own unit."""
    status, info = highs.getModelStatus(), highs.getInfo()
    if status in INFEASIBLE:
        return RawResult(Status.INFEASIBLE, None, None, None)
    # PuLP hands a maximisation to HiGHS as the minimisation of its negative, without constant.
    sign = -1.0 if model.lp.sense == pulp.LpMaximize else 1.0
    bound = _finite(sign * info.mip_dual_bound, model)
    stopped = STOPPED.get(status, "")
    if info.primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
        return RawResult(Status.NO_SOLUTION, None, bound, None, stopped)
    values = highs.getSolution().col_value
    value = sign * info.objective_function_value + model.objective.constant
    opened = frozenset(s for s, v in model.opened.items() if values[v.index] > 0.5)
    if bound is None and status == STATUS.kOptimal:
        bound = value  # a program that presolve settles alone has no branch-and-bound bound
    proven = status == STATUS.kOptimal and bound is not None and agree(value, bound)
    if status == STATUS.kOptimal and not proven:
        stopped = "gap"
    return RawResult(Status.OPTIMAL if proven else Status.FEASIBLE, value, bound, opened, stopped)


def _finite(bound: float, model: BuiltModel) -> float | None:
    if abs(bound) >= 1e29 or bound != bound:
        return None
    return bound + model.objective.constant
