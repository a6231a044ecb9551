"""Run a solver on a PuLP problem and read what it really says: status, value, bound, gap.

PuLP calls a solve that ran out of time "Optimal". Nothing here trusts that word: HiGHS is asked
itself, and any other solver counts as proven only where PuLP's `sol_status` says so.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import highspy
import pulp

from reconfig.core import Faults, Status, suggestion
from reconfig.model import BuiltModel

# Rows may be missed by this much: ten times less than the check after solving allows.
FEASIBILITY = 1e-7

# The relative gap asked of other solvers where none is wanted.
SMALLEST_GAP = 1e-9

# A solution is proven best when value and bound agree to this share of the value, which is
# the precision that the solvers work to.
PROVEN_GAP = 1e-6


@dataclass(frozen=True)
class RawResult:
    """What a solver found. value and bound are in the objective's unit, constant included.

    opened: ids of the open candidates; None where no solution was found.
    """

    status: Status
    value: float | None
    bound: float | None
    opened: frozenset[str] | None


def available_solvers() -> list[str]:
    """Return the names of the solvers that can be used here."""
    return [str(name) for name in pulp.listSolvers(onlyAvailable=True)]


def relative_gap(value: float | None, bound: float | None) -> float | None:
    """Return |value - bound| / |value|; differences below the solvers' precision are none.

    None where value or bound is not known, or the value is 0 and has no share to speak of.
    """
    if value is None or bound is None:
        return None
    if agree(value, bound):
        return 0.0
    return abs(value - bound) / abs(value) if value else None


def run_solver(
    model: BuiltModel, *, solver: str = "HiGHS", time_limit: float | None, gap: float
) -> RawResult:
    """Solve a built model. time_limit: seconds; gap: relative gap at which to stop.

    Raises InputError if the solver is not installed, saying how to install it.
    """
    if solver == "HiGHS":
        return _run_highs(model, time_limit, gap)
    return _run_other(model, solver, time_limit, gap)


def _run_highs(model: BuiltModel, time_limit: float | None, gap: float) -> RawResult:
    driver = pulp.HiGHS(
        msg=False, gapRel=gap, timeLimit=time_limit, mip_feasibility_tolerance=FEASIBILITY
    )
    driver.createAndConfigureSolver(model.lp)
    driver.buildSolverModel(model.lp)
    highs = model.lp.solverModel
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    kinds = highspy.HighsModelStatus
    if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return RawResult(Status.INFEASIBLE, None, None, None)
    # PuLP hands a maximisation to HiGHS as the minimisation of its negative, without constant.
    sign = -1.0 if model.lp.sense == pulp.LpMaximize else 1.0
    bound = _finite(sign * info.mip_dual_bound, model)
    if info.primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
        return RawResult(Status.NO_SOLUTION, None, bound, None)
    values = highs.getSolution().col_value
    value = sign * info.objective_function_value + model.objective.constant
    opened = frozenset(s for s, v in model.opened.items() if values[v.index] > 0.5)
    if bound is None and status == kinds.kOptimal:
        bound = value  # a program that presolve settles alone has no branch-and-bound bound
    proven = status == kinds.kOptimal and bound is not None and agree(value, bound)
    return RawResult(Status.OPTIMAL if proven else Status.FEASIBLE, value, bound, opened)


def _run_other(model: BuiltModel, solver: str, time_limit: float | None, gap: float) -> RawResult:
    if solver not in available_solvers():
        _refuse(solver)
    with warnings.catch_warnings():
        # PuLP says of some that they go in PuLP 4; reconfig asks for PuLP 3.
        warnings.simplefilter("ignore", DeprecationWarning)
        # PuLP hands on no gap at all where it is 0, and a solver's own default may be wider.
        driver = pulp.getSolver(
            solver, msg=False, timeLimit=time_limit, gapRel=max(gap, SMALLEST_GAP)
        )
    model.lp.solve(driver)
    outcome = model.lp.sol_status
    if outcome == pulp.LpSolutionInfeasible:
        return RawResult(Status.INFEASIBLE, None, None, None)
    if outcome not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return RawResult(Status.NO_SOLUTION, None, None, None)
    value = model.objective.value()
    opened = frozenset(s for s, v in model.opened.items() if v.varValue > 0.5)
    # Through PuLP these solvers tell no bound, so only a solve to the end proves anything.
    proven = outcome == pulp.LpSolutionOptimal and gap <= PROVEN_GAP
    return RawResult(
        Status.OPTIMAL if proven else Status.FEASIBLE, value, value if proven else None, opened
    )


def _finite(bound: float, model: BuiltModel) -> float | None:
    if abs(bound) >= 1e29 or bound != bound:
        return None
    return bound + model.objective.constant


def agree(value: float, bound: float) -> bool:
    """Say whether a value and its bound are the same to the solvers' precision."""
    return abs(value - bound) <= PROVEN_GAP * max(1.0, abs(value))


def _refuse(solver: str) -> None:
    faults = Faults()
    known = pulp.listSolvers()
    if solver in known:
        fix = "Install it and put its program on the PATH, or leave the key out to use HiGHS."
        expected = f"an installed solver ({', '.join(available_solvers())})"
        faults.add("solve", "solver", f"'{solver}' is not installed here", expected, fix)
    else:
        faults.add(
            "solve",
            "solver",
            f"no solver '{solver}'",
            "a solver known to PuLP",
            suggestion(solver, known),
        )
    faults.raise_if_any()
