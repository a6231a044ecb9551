"""Run a solver on a PuLP problem and read what it really says: status, value, bound, gap.

PuLP calls a solve that ran out of time "Optimal". Nothing here trusts that word: HiGHS is asked
itself, CBC's own log is read, and any other solver counts as proven only where PuLP's `sol_status`
says so.
"""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulp

from reconfig.core import Faults, Status, suggestion
from reconfig.model import BuiltModel
from reconfig.solve.highs import solve_whole
from reconfig.solve.settings import PROVEN_GAP, RawResult, SolverError, agree

# The relative gap asked of other solvers where none is wanted.
SMALLEST_GAP = 1e-9

CBC = ("PULP_CBC_CMD", "COIN_CMD")
CBC_BOUND = re.compile(r"^(?:Lower|Upper) bound:\s+(\S+)$", re.MULTILINE)
# CBC prints its bound to three places: it may be this much looser than it says.
CBC_ROUNDING = 5e-4

INSTALL = {
    "PULP_CBC_CMD": "It comes with PuLP on most machines: pip install --force-reinstall pulp.",
    "COIN_CMD": "Install CBC (Debian and Ubuntu: coinor-cbc; conda: coin-or-cbc).",
    "GLPK_CMD": "Install GLPK (Debian and Ubuntu: glpk-utils; conda: glpk).",
    "SCIP_CMD": "Install SCIP (conda: scip) and put `scip` on the PATH.",
    "SCIP_PY": "pip install pyscipopt.",
    "HiGHS_CMD": "Install the program `highs` (conda: highs), or use HiGHS, which is built in.",
    "GUROBI": "pip install gurobipy, and a Gurobi licence.",
    "CPLEX_PY": "pip install cplex, and a CPLEX licence.",
    "XPRESS_PY": "pip install xpress, and an Xpress licence.",
    "MOSEK": "pip install mosek, and a MOSEK licence.",
    "COPT": "pip install coptpy, and a COPT licence.",
}


def available_solvers() -> list[str]:
    """Return the names of the solvers that can be used here."""
    return [str(name) for name in pulp.listSolvers(onlyAvailable=True)]


def run_solver(
    model: BuiltModel,
    *,
    solver: str = "HiGHS",
    time_limit: float | None,
    gap: float,
    check_time: Callable[[], None] = lambda: None,
) -> RawResult:
    """Solve a built model as it is. time_limit: seconds; gap: relative gap at which to stop.

    check_time: called now and then while the program is loaded; what it raises ends that.

    Raises SolverError if the solver breaks down.
    """
    if solver == "HiGHS":
        return solve_whole(model, time_limit=time_limit, gap=gap, check_time=check_time)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        driver = _driver(solver, log, time_limit, gap)
        try:
            model.lp.solve(driver)
        except pulp.PulpSolverError as problem:
            raise SolverError(
                f"{solver} broke down ({problem}). Leave the solver out to use HiGHS."
            ) from problem
        said = log.read_text(errors="replace") if log.exists() else ""
    return _read_other(model, said, gap)


def _driver(solver: str, log: Path, time_limit: float | None, gap: float) -> Any:
    # PuLP hands on no gap at all where it is 0, and a solver's own default may be wider.
    options: dict[str, Any] = {"timeLimit": time_limit, "gapRel": max(gap, SMALLEST_GAP)}
    if solver in CBC:
        options["logPath"] = str(log)
    with warnings.catch_warnings():
        # PuLP says of some that they go in PuLP 4; reconfig asks for PuLP 3.
        warnings.simplefilter("ignore", DeprecationWarning)
        return pulp.getSolver(solver, msg=False, **options)


def _read_other(model: BuiltModel, said: str, gap: float) -> RawResult:
    """Return what another solver found. said: CBC's log, in which its bound is; else nothing."""
    outcome = model.lp.sol_status
    if outcome == pulp.LpSolutionInfeasible:
        return RawResult(Status.INFEASIBLE, None, None, None)
    printed = CBC_BOUND.search(said)
    bound = None
    if printed:
        loose = CBC_ROUNDING if model.lp.sense == pulp.LpMaximize else -CBC_ROUNDING
        bound = float(printed.group(1)) + loose + model.objective.constant
    if outcome not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return RawResult(Status.NO_SOLUTION, None, bound, None, "time limit")
    value = model.objective.value()
    opened = frozenset(s for s, v in model.opened.items() if v.varValue > 0.5)
    ended = outcome == pulp.LpSolutionOptimal
    if bound is None and ended and (said or gap <= PROVEN_GAP):
        # CBC prints no bound where it came to its end; the others tell none at all through PuLP,
        # so that of them only a solve to the end proves anything.
        bound = value
    proven = ended and bound is not None and agree(value, bound)
    stopped = "" if proven else ("gap" if ended else "time limit")
    return RawResult(Status.OPTIMAL if proven else Status.FEASIBLE, value, bound, opened, stopped)


def check_solver(solver: str, faults: Faults) -> None:
    """Note a solver that is unknown or not installed, with how to install it."""
    if solver in available_solvers():
        return
    known = pulp.listSolvers()
    if solver in known:
        how = INSTALL.get(solver, "Install it and put its program on the PATH.")
        fix = f"{how} Or leave the key out to use HiGHS."
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
