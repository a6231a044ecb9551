"""Does a configuration keep the constraints? Answered by appraisal, never by the solver."""

from __future__ import annotations

import numpy as np

from reconfig.appraise.appraise import measure_values
from reconfig.appraise.bounds import bounds_by_group
from reconfig.appraise.grid import Grid
from reconfig.appraise.measures import find_measure
from reconfig.core import (
    Among,
    Budget,
    Capacity,
    Close,
    Configuration,
    Differ,
    Keep,
    Limit,
    OpenSites,
    Problem,
)

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
            case Among(sites, at_least, at_most):
                number = len(sites & chosen)
                if not (at_least or 0) <= number <= (len(sites) if at_most is None else at_most):
                    found.append(f"{number} of the sites open, not {constraint}")
            case Differ(sites, by):
                number = len(sites ^ chosen)
                if number < by:
                    found.append(f"differs in {number} of the sites, not enough to {constraint}")
            case Limit():
                found += _broken_limit(grid, constraint, treated_at, chosen)
            case Capacity():
                found += _over_capacity(grid, constraint, treated_at, chosen)
            case Budget():
                found += _over_budget(grid, constraint, treated_at, chosen)
    return found


def _broken_limit(
    grid: Grid, limit: Limit, treated_at: np.ndarray, chosen: frozenset[str]
) -> list[str]:
    measure = find_measure(limit.measure)
    assert measure is not None
    bounds = bounds_by_group(grid, limit)
    groups = {group: bound.rows for group, bound in bounds.items()}
    found = []
    for group, values in measure_values(grid, [measure], treated_at, chosen, groups).items():
        value = values[measure.name]
        where = f" in {group}" if group else ""
        low, high = bounds[group].low, bounds[group].high
        if (low is not None and value < low - _room(low)) or (
            high is not None and value > high + _room(high)
        ):
            found.append(f"{limit.measure} is {value:g}{where}, against {limit}")
    return found


def spent(asked: Budget, grid: Grid, treated_at: np.ndarray, chosen: frozenset[str]) -> float:
    """Return what counts towards a budget: open candidates, and cases where they are treated.

    treated_at: column of the site where each zone is treated. chosen: ids of open candidates.
    """
    fixed = asked.fixed(grid.region, grid.service)
    per_case = asked.per_case(grid.region, grid.service)
    volumes: list[float] = grid.volumes(treated_at).tolist()
    cases = sum(volume * per_case[s] for s, volume in zip(grid.sites, volumes, strict=True))
    return sum(fixed[site] for site in sorted(chosen)) + cases


def _over_capacity(
    grid: Grid, asked: Capacity, treated_at: np.ndarray, chosen: frozenset[str]
) -> list[str]:
    volumes = grid.volumes(treated_at)
    used = {*chosen, *grid.service.always_open}
    found = []
    for site, most in asked.at(grid.region, grid.service).items():
        volume = float(volumes[grid.sites.index(site)])
        if site in used and volume > most + _room(most):
            found.append(f"{site} has {volume:,.0f} cases a year, more than its capacity {most:,g}")
    return found


def _over_budget(
    grid: Grid, asked: Budget, treated_at: np.ndarray, chosen: frozenset[str]
) -> list[str]:
    cost = spent(asked, grid, treated_at, chosen)
    over = cost > asked.total + _room(asked.total)
    return [f"costs {cost:,.0f}, against {asked}"] if over else []


def _room(bound: float) -> float:
    return TOLERANCE * max(1.0, abs(bound))
