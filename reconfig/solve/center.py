"""The p-center problem: the shortest longest journey, by bisection over the journeys there are.

The longest journey of any choice is one of the minutes in the table, so whether T can be kept is
asked of ever fewer of them; each question is a covering problem (Minieka 1970).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from reconfig.appraise import Grid
from reconfig.core import Configuration, Limit, Objective, Problem, Status
from reconfig.solve.directed import configuration_of
from reconfig.solve.settings import RawResult, Settings, relative_gap

FEWEST = Objective("open_sites", "minimise")

# a problem, and the objective to solve it for, within its earlier objectives -> what was found
Ask = Callable[[Problem, Objective], RawResult]


def shortest_longest(problem: Problem, settings: Settings, ask: Ask) -> RawResult:
    """Return the choice with the shortest longest journey, in minutes, and a bound on it.

    The bound is the shortest journey time that is not yet proven out of reach.
    """
    grid = Grid.of(problem.region, problem.service)
    times = _times(grid, problem)
    low, high = 0, len(times)  # times[low - 1] is out of reach, times[high] can be kept
    best: RawResult | None = None
    try:
        while low < high:
            settings.check()
            # First whether anything can be kept at all; then halve what is left.
            middle = (low + high) // 2 if best is not None else high - 1
            limit = Limit("max_minutes", at_most=float(times[middle]))
            found = ask(problem.having(limit), FEWEST)
            if found.status is Status.INFEASIBLE:
                low = middle + 1
                continue
            if found.opened is None:
                break
            longest = _longest(grid, configuration_of(problem, found))
            best = replace(found, value=longest)
            high = int(np.searchsorted(times, longest))
            if _near(longest, times[low], settings.gap):
                break
    except TimeoutError:
        pass
    except KeyboardInterrupt:
        settings.interrupted = True
    if best is None:
        if low >= len(times):
            return RawResult(Status.INFEASIBLE, None, None, None)
        return RawResult(Status.NO_SOLUTION, None, float(times[low]), None, settings.stopped)
    bound = float(times[min(low, high)])
    proven = low >= high
    return replace(
        best,
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        bound=bound,
        stopped="" if proven else settings.stopped or "gap",
    )


def _times(grid: Grid, problem: Problem) -> np.ndarray:
    """Return the journeys that can be the longest, rising: none below everybody's shortest."""
    usable = np.ones(len(grid.sites), dtype=bool)
    usable[grid.columns(problem.closed)] = False
    minutes = grid.minutes[grid.cases > 0][:, grid.through(usable)]
    least = float(minutes.min(axis=1).max())
    times = np.unique(minutes)
    possible: np.ndarray = times[(times >= least) & np.isfinite(times)]
    return possible


def _longest(grid: Grid, found: Configuration) -> float:
    under = grid.under(found)
    treated_at = under.nearest(found.sites(grid.service.id))
    minutes = under.minutes[np.arange(len(treated_at)), treated_at]
    return float(minutes[under.cases > 0].max())


def _near(value: float, bound: float, gap: float) -> bool:
    found = relative_gap(value, float(bound))
    return found is not None and 0 < found <= gap
