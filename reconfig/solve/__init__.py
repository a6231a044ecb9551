"""Solve a problem: status, bound and gap as they are, every answer appraised afresh."""

from reconfig.solve.solve import SolutionMismatchError, runner_up, solve
from reconfig.solve.solvers import RawResult, available_solvers, run_solver

__all__ = [
    "RawResult",
    "SolutionMismatchError",
    "available_solvers",
    "run_solver",
    "runner_up",
    "solve",
]
