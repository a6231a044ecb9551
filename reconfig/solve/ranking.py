"""Every choice that keeps the constraints, best first: where there are few, each is appraised."""

from __future__ import annotations

import time

from reconfig.core import Problem, Solution, Status
from reconfig.solve.answer import report, stage_report
from reconfig.solve.by_appraisal import choices, number_of_choices
from reconfig.solve.judge import judge_of
from reconfig.solve.settings import RawResult, Settings

# Beyond so many choices, finding one after the other by the program is quicker as a rule.
MOST_LISTED = 2_000

# an appraised value, and the ids of the open candidates
Ranked = tuple[float, frozenset[str]]


def every_choice(problem: Problem, time_limit: float | None = None) -> list[Ranked] | None:
    """Return every choice that keeps the constraints with its first objective, best first.

    None where there are too many to look at each, where patients are directed (a choice of sites is
    then not all there is to choose), or where time (seconds) ran out.
    """
    if problem.service.is_directed or number_of_choices(problem) > MOST_LISTED:
        return None
    end = None if time_limit is None else time.perf_counter() + time_limit
    stage = problem.objective
    judge = judge_of(problem, stage, [])
    found: list[Ranked] = []
    for chosen in choices(problem):
        if end is not None and time.perf_counter() > end:
            return None
        value = judge(chosen)
        if value is not None:
            found.append((value, chosen))
    sign = 1.0 if stage.sense == "minimise" else -1.0
    return sorted(found, key=lambda one: (sign * one[0], sorted(one[1])))


def solution_of(problem: Problem, ranked: Ranked) -> Solution:
    """Return a choice out of all of them as a solution: proven the best of it and those after."""
    value, chosen = ranked
    raw = RawResult(Status.OPTIMAL, value, value, chosen)
    stage = stage_report(problem.objective, raw, 0.0)
    return report(problem, raw, [stage], Settings("HiGHS", 0.0, None, "nearest-sets"))
