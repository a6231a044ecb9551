"""Does a configuration keep the constraints? Answered by appraisal, never by the solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from reconfig.appraise.appraise import measure_values
from reconfig.appraise.bounds import bounds_by_group
from reconfig.appraise.grid import Grid
from reconfig.appraise.measures import find_measure
from reconfig.core import (
    Among,
    Budget,
    ByKind,
    Capacity,
    Close,
    Configuration,
    Constraint,
    Differ,
    Keep,
    Limit,
    Needs,
    OpenSites,
    Problem,
    Workforce,
    joined,
)

# Room for rounding in the solver and in sums, relative to the size of the bound.
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Chosen:
    """A choice of sites that is to be judged.

    open: ids of the candidates that are open. treated_at: column of the grid where each zone is
    treated (by zone).
    """

    grid: Grid
    open: frozenset[str]
    treated_at: np.ndarray

    @cached_property
    def volumes(self) -> dict[str, float]:
        """Cases a year at each candidate and neighbour, by site id; 0 where it is closed."""
        volumes: list[float] = self.grid.volumes(self.treated_at).tolist()
        return dict(zip(self.grid.sites, volumes, strict=True))


Kind = TypeVar("Kind", bound=Constraint)
# choice, constraint -> one sentence a way in which the choice breaks it, none if it keeps it
Judge = Callable[[Chosen, Kind], list[str]]
JUDGES: ByKind[Callable[[Chosen, Any], list[str]]] = ByKind(
    "nothing says whether a choice keeps a constraint", "broken_by"
)


def broken_by(kind: type[Kind]) -> Callable[[Judge[Kind]], Judge[Kind]]:
    """Register the function that says in which ways a choice breaks a kind of constraint.

    It is given a `Chosen` and the constraint, and returns sentences: none where it is kept.
    """

    def register(judge: Judge[Kind]) -> Judge[Kind]:
        JUDGES.register(kind, judge)
        return judge

    return register


def violations(problem: Problem, configuration: Configuration) -> list[str]:
    """Return what is wrong with a configuration: one sentence a broken constraint, none if good.

    Raises TypeError for a constraint of a kind that nothing was registered for by `broken_by`.
    Of a service whose patients are directed, as the configuration's own flows direct them.
    """
    configuration = joined(configuration, problem.service)
    grid = Grid.of(problem.region, problem.service).under(configuration)
    chosen = configuration.open[problem.service.id]
    judges = [JUDGES.of(constraint) for constraint in problem.constraints]
    choice = Chosen(grid, chosen, grid.nearest(chosen))
    if (choice.treated_at < 0).any():
        return ["some zones cannot reach an open site"]
    found: list[str] = []
    for judge, constraint in zip(judges, problem.constraints, strict=True):
        found += judge(choice, constraint)
    return found


@broken_by(OpenSites)
def _other_number(choice: Chosen, asked: OpenSites) -> list[str]:
    low = 0 if asked.at_least is None else asked.at_least
    high = len(choice.grid.sites) if asked.at_most is None else asked.at_most
    number = len(choice.open)
    return [] if low <= number <= high else [f"{number} sites open, not {asked}"]


@broken_by(Keep)
def _not_kept(choice: Chosen, asked: Keep) -> list[str]:
    return [f"{site} is closed, not kept" for site in sorted(asked.sites - choice.open)]


@broken_by(Close)
def _not_closed(choice: Chosen, asked: Close) -> list[str]:
    return [f"{site} is open, not closed" for site in sorted(asked.sites & choice.open)]


@broken_by(Among)
def _other_number_among(choice: Chosen, asked: Among) -> list[str]:
    number = len(asked.sites & choice.open)
    high = len(asked.sites) if asked.at_most is None else asked.at_most
    good = (asked.at_least or 0) <= number <= high
    return [] if good else [f"{number} of the sites open, not {asked}"]


@broken_by(Differ)
def _too_alike(choice: Chosen, asked: Differ) -> list[str]:
    number = len(asked.sites ^ choice.open)
    good = number >= asked.by
    return [] if good else [f"differs in {number} of the sites, not enough to {asked}"]


@broken_by(Needs)
def _without_support(choice: Chosen, asked: Needs) -> list[str]:
    supporters = asked.supporters(choice.grid.region, choice.grid.service)
    return [
        f"{site} is open without what it needs: {asked}"
        for site, near in sorted(supporters.items())
        if site in choice.open and near is not None and not near & choice.open
    ]


@broken_by(Limit)
def _beyond_limit(choice: Chosen, asked: Limit) -> list[str]:
    measure = find_measure(asked.measure)
    assert measure is not None
    grid = choice.grid
    bounds = bounds_by_group(grid, asked)
    groups = {group: bound.rows for group, bound in bounds.items()}
    values_by_group = measure_values(grid, [measure], choice.treated_at, choice.open, groups)
    found = []
    for group, values in values_by_group.items():
        value = values[measure.name]
        where = f" in {group}" if group else ""
        low, high = bounds[group].low, bounds[group].high
        if (low is not None and value < low - room(low)) or (
            high is not None and value > high + room(high)
        ):
            found.append(f"{asked.measure} is {value:g}{where}, against {asked}")
    return found


@broken_by(Capacity)
def _over_capacity(choice: Chosen, asked: Capacity) -> list[str]:
    grid = choice.grid
    used = {*choice.open, *grid.service.always_open}
    found = []
    for site, most in asked.at(grid.region, grid.service).items():
        volume = choice.volumes[site]
        if site in used and volume > most + room(most):
            found.append(f"{site} has {volume:,.0f} cases a year, more than its capacity {most:,g}")
    return found


@broken_by(Workforce)
def _short_of_staff(choice: Chosen, asked: Workforce) -> list[str]:
    need = asked.need(choice.grid.region, choice.grid.service)
    needed = sum(need[site] for site in sorted(choice.open))
    over = needed > asked.pool + room(asked.pool)
    return [f"needs {needed:,.12g} staff, against {asked}"] if over else []


@broken_by(Budget)
def _over_budget(choice: Chosen, asked: Budget) -> list[str]:
    cost = spent(asked, choice.grid, choice.treated_at, choice.open)
    over = cost > asked.total + room(asked.total)
    return [f"costs {cost:,.0f}, against {asked}"] if over else []


def spent(asked: Budget, grid: Grid, treated_at: np.ndarray, chosen: frozenset[str]) -> float:
    """Return what counts towards a budget: open candidates, and cases where they are treated.

    treated_at: column of the site where each zone is treated. chosen: ids of open candidates.
    """
    fixed = asked.fixed(grid.region, grid.service)
    per_case = asked.per_case(grid.region, grid.service)
    volumes: list[float] = grid.volumes(treated_at).tolist()
    cases = sum(volume * per_case[s] for s, volume in zip(grid.sites, volumes, strict=True))
    return sum(fixed[site] for site in sorted(chosen)) + cases


def room(bound: float) -> float:
    """Return by how much a bound may be missed for rounding alone."""
    return TOLERANCE * max(1.0, abs(bound))
