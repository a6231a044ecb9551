"""HiGHS: loading a program, running it so that it can be stopped, reading what it really says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import highspy
import pulp

from reconfig.core import Status
from reconfig.model import BuiltModel, shares_sent
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


def load(
    model: BuiltModel,
    *,
    gap: float,
    unit: float = 1.0,
    check_time: Callable[[], None] = lambda: None,
) -> Any:
    """Return a Highs instance with the program that PuLP states, and number its variables.

    PuLP has such a function too, which adds row by row and cannot be stopped. unit: what the
    objective is divided by; whoever reads figures of it multiplies them again. check_time: called
    now and then; what it raises ends the loading.
    """
    highs = highspy.Highs()
    highs.silent()
    highs.setOptionValue("mip_rel_gap", gap)
    highs.setOptionValue("mip_feasibility_tolerance", FEASIBILITY)
    variables = model.lp.variables()
    for number, variable in enumerate(variables):
        variable.index = number
    # A maximisation is handed over as the minimisation of its negative, without constant.
    sign = -1.0 if model.lp.sense == pulp.LpMaximize else 1.0
    program = highspy.HighsLp()
    program.num_col_ = len(variables)
    program.col_cost_ = [sign / unit * model.lp.objective.get(v, 0.0) for v in variables]
    program.col_lower_ = [_end(v.lowBound, -highspy.kHighsInf) for v in variables]
    program.col_upper_ = [_end(v.upBound, highspy.kHighsInf) for v in variables]
    kinds = highspy.HighsVarType
    program.integrality_ = [
        kinds.kInteger if v.cat == pulp.LpInteger else kinds.kContinuous for v in variables
    ]
    starts, index, value, lower, upper = [0], [], [], [], []
    for row in model.lp._constraints.values():
        check_time()
        index += [variable.index for variable in row]
        value += list(row.values())
        starts.append(len(index))
        lower.append(_end(row.getLb(), -highspy.kHighsInf))
        upper.append(_end(row.getUb(), highspy.kHighsInf))
    program.num_row_ = len(lower)
    program.row_lower_, program.row_upper_ = lower, upper
    matrix = program.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_, matrix.index_, matrix.value_ = starts, index, value
    if highs.passModel(program) == highspy.HighsStatus.kError:
        raise SolverError("HiGHS does not take the program; this is a fault of reconfig.")
    return highs


def _end(bound: float | None, otherwise: float) -> float:
    return otherwise if bound is None else float(bound)


def run(highs: Any, time_limit: float | None) -> bool:
    """Run HiGHS; a Ctrl-C (the stop button of a notebook) stops it and keeps what it has.

    time_limit: seconds of this run. Returns whether there was a Ctrl-C, even where HiGHS was done
    before it noticed. Raises SolverError if HiGHS breaks down, MemoryError if it is out of memory.
    """
    highs.setOptionValue("time_limit", highspy.kHighsInf if time_limit is None else time_limit)
    highs.HandleUserInterrupt = True
    done, failure, interrupted = threading.Event(), [], False

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
            interrupted = True
            with suppress(KeyboardInterrupt):
                highs.cancelSolve()
    if failure:
        raise failure[0]
    status = highs.getModelStatus()
    if status == STATUS.kMemoryLimit:
        raise MemoryError
    if status in BROKEN:
        raise SolverError(
            f"HiGHS broke down ({highs.modelStatusToString(status)}). "
            'Try formulation="exact-sets" with solver="PULP_CBC_CMD", or a smaller problem.'
        )
    return interrupted


def solve_whole(
    model: BuiltModel,
    *,
    time_limit: float | None,
    gap: float,
    check_time: Callable[[], None] = lambda: None,
) -> RawResult:
    """Solve a program that leaves nothing out. time_limit: seconds, loading included."""
    started = time.perf_counter()

    def loaded_and_run(presolve: str) -> tuple[Any, bool]:
        highs = load(model, gap=gap, check_time=check_time)
        highs.setOptionValue("presolve", presolve)
        left = None if time_limit is None else time_limit - (time.perf_counter() - started)
        return highs, run(highs, None if left is None else max(left, 0.0))

    try:
        highs, interrupted = loaded_and_run("choose")
    except SolverError:  # bounds that differ by a rounding can defeat its presolve
        highs, interrupted = loaded_and_run("off")
    found = read(model, highs)
    return replace(found, stopped="interrupted") if interrupted else found


def read(model: BuiltModel, highs: Any, *, unit: float = 1.0) -> RawResult:
    """Return what HiGHS says of the program that it ran, in the objective's own unit.

    unit: what the objective was divided by.
    """
    status, info = highs.getModelStatus(), highs.getInfo()
    if status in INFEASIBLE:
        return RawResult(Status.INFEASIBLE, None, None, None)
    sign = -unit if model.lp.sense == pulp.LpMaximize else unit
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
    shares = shares_sent(model.sent, len(model.sites), lambda v: values[v.index])
    status_found = Status.OPTIMAL if proven else Status.FEASIBLE
    return RawResult(status_found, value, bound, opened, stopped, shares)


def _finite(bound: float, model: BuiltModel) -> float | None:
    if abs(bound) >= 1e29 or bound != bound:
        return None
    return bound + model.objective.constant
