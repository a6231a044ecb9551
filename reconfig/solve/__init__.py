"""Solve a problem: status, bound and gap as they are, every answer appraised afresh."""

from reconfig.solve.settings import RawResult, Settings, SolverError, relative_gap
from reconfig.solve.solve import SolutionMismatchError, runner_up, solve
from reconfig.solve.solvers import available_solvers, run_solver

__all__ = [
    "RawResult",
    "Settings",
    "SolutionMismatchError",
    "SolverError",
    "available_solvers",
    "relative_gap",
    "run_solver",
    "runner_up",
    "solve",
]
