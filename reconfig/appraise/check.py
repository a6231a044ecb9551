"""Does a configuration keep the constraints? Answered by appraisal, never by the solver."""

from __future__ import annotations

import numpy as np

from reconfig.appraise.appraise import measure_values
from reconfig.appraise.grid import Grid
from reconfig.appraise.measures import find_measure
from reconfig.core import Close, Configuration, Keep, Limit, OpenSites, Problem

# Room for rounding in the solver and in sums, relative to the size of the bound.
TOLERANCE = 1e-6


def violations(problem: Problem, configuration: Configuration) -> list[str]:
    """Return what is wrong with a configuration: one sentence a broken constraint, none if good."""
    grid = Grid.of(problem.region, problem.service)
    chosen = configuration.open[problem.service.id]
    treated_at = grid.nearest(chosen)
    if (treated_at < 0).any():
        return ["some zones cannot reach an open site"]
    found: list[str] = []
    for constraint in problem.constraints:
        match constraint:
            case OpenSites(at_least, at_most):
                low = 0 if at_least is None else at_least
                high = len(grid.sites) if at_most is None else at_most
                if not low <= len(chosen) <= high:
                    found.append(f"{len(chosen)} sites open, not {constraint}")
            case Keep(sites):
                found += [f"{site} is closed, not kept" for site in sorted(sites - chosen)]
            case Close(sites):
                found += [f"{site} is open, not closed" for site in sorted(sites & chosen)]
            case Limit():
                found += _broken_limit(grid, constraint, treated_at, chosen)
    return found


def _broken_limit(
    grid: Grid, limit: Limit, treated_at: np.ndarray, chosen: frozenset[str]
) -> list[str]:
    measure = find_measure(limit.measure)
    assert measure is not None
    groups = grid.rows_by(limit.by) if limit.by else grid.everyone
    found = []
    for group, values in measure_values(grid, [measure], treated_at, chosen, groups).items():
        value = values[measure.name]
        where = f" in {group}" if group else ""
        low, high = limit.at_least, limit.at_most
        if (low is not None and value < low - _room(low)) or (
            high is not None and value > high + _room(high)
        ):
            found.append(f"{limit.measure} is {value:g}{where}, against {limit}")
    return found


def _room(bound: float) -> float:
    return TOLERANCE * max(1.0, abs(bound))
