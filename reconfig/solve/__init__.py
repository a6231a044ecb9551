"""Solve a problem: status, bound and gap as they are, every answer appraised afresh."""

from reconfig.solve.answer import SolutionMismatchError
from reconfig.solve.ranking import every_choice, solution_of
from reconfig.solve.settings import RawResult, Settings, SolverError, relative_gap
from reconfig.solve.solve import runner_up, solve
from reconfig.solve.solvers import available_solvers, check_solver, run_solver

__all__ = [
    "RawResult",
    "Settings",
    "SolutionMismatchError",
    "SolverError",
    "available_solvers",
    "check_solver",
    "every_choice",
    "relative_gap",
    "run_solver",
    "runner_up",
    "solution_of",
    "solve",
]
