"""Findings to write a whole report with."""

from __future__ import annotations

from reconfig.analyse import frontier
from reconfig.analyse.findings import Findings
from reconfig.core import Problem, Solution


def with_frontier(solution: Solution) -> Findings:
    """Return findings that hold the trade-off of a solution's problem, for any number of sites."""
    problem = solution.problem
    free = Problem(problem.region, problem.service, problem.objective)
    return Findings(frontier=frontier(free, "lives_saved", "mean_minutes"))
