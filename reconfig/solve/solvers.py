"""Run a solver on a PuLP problem and read what it really says: status, value, bound, gap.

PuLP calls a solve that ran out of time "Optimal". Nothing here trusts that word: HiGHS is asked
itself, CBC's own log is read, and of the other solvers only those are believed under a time limit
whose driver in PuLP tells a solve to the end from one that was stopped.
"""

from __future__ import annotations

import inspect
import math
import re
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulp

from reconfig.core import Faults, Status, suggestion
from reconfig.model import BuiltModel, shares_sent
from reconfig.solve.highs import solve_whole
from reconfig.solve.settings import PROVEN_GAP, RawResult, SolverError, agree

# The relative gap asked of other solvers where none is wanted.
SMALLEST_GAP = 1e-9

CBC = ("PULP_CBC_CMD", "COIN_CMD")
CBC_BOUND = re.compile(r"^(?:Lower|Upper) bound:\s+(\S+)$", re.MULTILINE)
# CBC prints its bound to three places: it may be this much looser than it says.
CBC_ROUNDING = 5e-4

# Drivers that say "optimal" of a solve to the end only, as the source of PuLP 3.3 has it. Others
# say so of any solution: SCIP_CMD and FSCIP_CMD by convention, GUROBI_CMD as it reads no status,
# GLPK_CMD of INTEGER NON-OPTIMAL too, CPLEX_CMD of the program that it fixes and solves at the end.
ENDS_TOLD = frozenset(
    {
        *CBC,
        "CHOCO_CMD",
        "COPT",
        "CPLEX_PY",
        "GUROBI",
        "HiGHS_CMD",
        "SCIP_PY",
        "XPRESS",
        "XPRESS_PY",
    }
)
# Likewise for "infeasible": CPLEX_PY says so where time ran out before a solution was found.
INFEASIBLE_TOLD = (ENDS_TOLD - {"CPLEX_PY"}) | {"GLPK_CMD", "SCIP_CMD"}
# These cannot be told a gap and search without one; others (MOSEK) then stop at a gap of their own.
WITHOUT_GAP = ("CHOCO_CMD", "GLPK_CMD")
# These take whole seconds only, and 0 is no limit to them.
WHOLE_SECONDS = ("CHOCO_CMD", "GLPK_CMD", "MIPCL_CMD", "XPRESS", "XPRESS_PY")

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
        started = time.perf_counter()
        try:
            driver, told = _driver(solver, log, time_limit, gap)
            model.lp.solve(driver)
        except (MemoryError, SolverError):
            raise
        except Exception as problem:  # each driver breaks down in its own way
            raise SolverError(
                f"{solver} broke down ({problem}). Leave the solver out to use HiGHS."
            ) from problem
        seconds = time.perf_counter() - started
        said = log.read_text(errors="replace") if log.exists() else ""
    over = time_limit is not None and seconds >= time_limit
    proves = "gapRel" in told or solver in WITHOUT_GAP
    return _read_other(
        model,
        said,
        gap,
        ends=proves and (time_limit is None or solver in ENDS_TOLD),
        infeasible=time_limit is None or solver in INFEASIBLE_TOLD,
        stopped="time limit" if over else "gap" if gap > PROVEN_GAP or not proves else "",
    )


def _driver(
    solver: str, log: Path, time_limit: float | None, gap: float
) -> tuple[Any, dict[str, Any]]:
    """Return PuLP's driver of a solver and what it was told: what its signature has, no more."""
    # PuLP hands on no gap at all where it is 0, and a solver's own default may be wider.
    options: dict[str, Any] = {"timeLimit": time_limit, "gapRel": max(gap, SMALLEST_GAP)}
    if time_limit is not None and solver in WHOLE_SECONDS:
        options["timeLimit"] = math.ceil(time_limit)
    if solver in CBC:
        options["logPath"] = str(log)
    has = inspect.signature(_drivers()[solver]).parameters
    told = {name: value for name, value in options.items() if name in has}
    if time_limit is not None and "timeLimit" not in told:
        raise SolverError(
            f"{solver} cannot be given a time limit through PuLP. Leave the time limit out, or "
            "leave the solver out to use HiGHS."
        )
    with warnings.catch_warnings():
        # PuLP says of some that they go in PuLP 4; reconfig asks for PuLP 3.
        warnings.simplefilter("ignore", DeprecationWarning)
        return pulp.getSolver(solver, msg=False, **told), told


def _drivers() -> dict[str, Any]:
    """Return PuLP's drivers by the name that PuLP lists them under."""
    classes: list[Any] = [c for c in vars(pulp).values() if isinstance(c, type)]
    return {c.name: c for c in classes if issubclass(c, pulp.LpSolver)}


def _read_other(
    model: BuiltModel, said: str, gap: float, *, ends: bool, infeasible: bool, stopped: str
) -> RawResult:
    """Return what another solver found. said: CBC's log, in which its bound is; else nothing.

    ends: whether "optimal" is to be taken for a solve to the end. infeasible: whether "infeasible"
    is to be taken for a proof. stopped: what ended the solve if it was not its end.
    """
    outcome = model.lp.sol_status
    # `sol_status` cannot be asked: PuLP puts "infeasible" there for a solve that was stopped too.
    if model.lp.status == pulp.LpStatusInfeasible and infeasible:
        return RawResult(Status.INFEASIBLE, None, None, None)
    printed = CBC_BOUND.search(said)
    bound = None
    if printed:
        loose = CBC_ROUNDING if model.lp.sense == pulp.LpMaximize else -CBC_ROUNDING
        bound = float(printed.group(1)) + loose + model.objective.constant
    if outcome not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return RawResult(Status.NO_SOLUTION, None, bound, None, stopped)
    value = model.objective.value()
    opened = frozenset(s for s, v in model.opened.items() if v.varValue > 0.5)
    shares = shares_sent(model.sent, len(model.sites), lambda v: float(v.varValue))
    ended = outcome == pulp.LpSolutionOptimal and ends
    if bound is None and ended and (said or gap <= PROVEN_GAP):
        # CBC prints no bound where it came to its end; the others tell none at all through PuLP,
        # so that of them only a solve to the end proves anything.
        bound = value
    if ended and bound is not None and agree(value, bound):
        return RawResult(Status.OPTIMAL, value, bound, opened, "", shares)
    return RawResult(Status.FEASIBLE, value, bound, opened, stopped, shares)


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
