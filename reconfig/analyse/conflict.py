"""Why nothing fits: a smallest set of constraints that cannot hold together."""

from __future__ import annotations

from dataclasses import replace

from reconfig.core import Constraint, Problem, Solution, Status
from reconfig.solve import solve


def explain_conflict(solution: Solution, *, time_limit: float | None = None) -> Solution:
    """Return an infeasible solution with `conflict` filled in; any other as it is.

    The conflict is irreducible: with any one of its constraints taken away, the rest can hold
    (each taken away in turn and the problem solved again; time_limit is for each solve, and a
    constraint whose solve ran out of time is kept).
    """
    if solution.status is not Status.INFEASIBLE:
        return solution
    problem = solution.problem
    for constraint in solution.problem.constraints:
        smaller = _without(problem, constraint)
        if solve(smaller, time_limit=time_limit).status is Status.INFEASIBLE:
            problem = smaller
    return replace(solution, conflict=problem.constraints)


def _without(problem: Problem, constraint: Constraint) -> Problem:
    rest = list(problem.constraints)
    rest.remove(constraint)  # once, should it be stated twice
    return Problem(problem.region, problem.service, problem.objective, rest)
