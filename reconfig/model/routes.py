"""The variables of columns that are routes, and which routes no row can ever come to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pulp

from reconfig.appraise import Grid
from reconfig.core import Needs, Problem
from reconfig.model.expression import add_row, linear


def column_variables(lp: Any, problem: Problem, grid: Grid, sites: list[Any]) -> list[Any]:
    """Return the variables that are 1 when a column of the grid is open.

    Those of the sites, and for a route by unit j to centre c one that is their product:

        (40) q(j,c) <= y(j)    (41) q(j,c) <= y(c)    (42) q(j,c) >= y(j) + y(c) - 1

    Where one of the two is open for sure, or c is at j and needs it, the other one's y is q; where
    one is closed for sure, its own is.
    """
    if grid.ways is None:
        return sites
    assert grid.ways.members is not None
    found = sites[:]
    sure = ~grid.is_candidate
    sure[grid.columns(problem.kept)] = True
    closed = np.zeros(len(grid.sites), dtype=bool)
    closed[grid.columns(problem.closed)] = True
    for k, (unit, centre) in enumerate(grid.ways.members.tolist()):
        if k < len(sites):
            continue
        one, two = (grid.sites[j].partition("@") for j in (unit, centre))
        if closed[unit]:
            found.append(sites[unit])
        elif (
            closed[centre]
            or sure[unit]
            or (one[2] == two[2] and _centre_needs_unit(problem, two[0]))
        ):
            found.append(sites[centre])
        elif sure[centre]:
            found.append(sites[unit])
        else:
            q = lp.add_variable(f"q{k}", lowBound=0, upBound=1)
            add_row(lp, [(q, 1), (sites[unit], -1)], pulp.LpConstraintLE, 0, f"unit{k}")
            add_row(lp, [(q, 1), (sites[centre], -1)], pulp.LpConstraintLE, 0, f"centre{k}")
            add_row(
                lp,
                [(q, 1), (sites[unit], -1), (sites[centre], -1)],
                pulp.LpConstraintGE,
                -1,
                f"both{k}",
            )
            found.append(q)
    _add_sums(lp, problem, grid, sites, found)
    return found


def _add_sums(lp: Any, problem: Problem, grid: Grid, sites: list[Any], columns: list[Any]) -> None:
    """Add what follows from (40) to (42) and the numbers of open sites, and is not seen by them.

        (43) fewest y(k) <= sum of q(j,c) over candidates <= most y(k),    k = j, then k = c

    where the sum is over the other end of the routes and has all candidates of that service.
    """
    assert grid.ways is not None
    assert grid.ways.members is not None
    numbers = problem.numbers()
    products: dict[tuple[int, int], dict[int, Any]] = {}
    for k, pair in enumerate(grid.ways.members.tolist()):
        if k >= len(sites):
            for end in (0, 1):
                products.setdefault((pair[end], end), {})[pair[1 - end]] = columns[k]
    for number, ((site, _), others) in enumerate(products.items()):
        own = {other: q for other, q in others.items() if grid.is_candidate[other]}
        if not own or not grid.is_candidate[site]:
            continue
        service = grid.sites[next(iter(own))].partition("@")[0]
        every = [s for s in problem.service.candidates if s.startswith(f"{service}@")]
        if len(own) < len(every):
            continue
        fewest, most = (
            linear(0.0, [*((q, 1.0) for q in own.values()), (sites[site], -float(bound))])
            for bound in numbers[service]
        )
        lp.addConstraint(fewest.at_least(0), f"fewest{number}")
        lp.addConstraint(most.at_most(0), f"most{number}")


def never_used(problem: Problem, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return which routes (rows x columns) no row ever takes, and rows whose last one is certain.

    With n candidates that may be open and at least m of them open, n - m are closed at most. So one
    of any n - m + 1 routes of unit j, or one to a centre that is surely open, is open if j is; and
    one of n - m + 1 units is, and of n - m + 1 centres. What comes later than such routes is never
    come to.
    """
    assert grid.ways is not None
    assert grid.ways.members is not None
    never = np.zeros(grid.minutes.shape, dtype=bool)
    certain = np.zeros(len(grid.cases), dtype=bool)
    closed = np.zeros(len(grid.sites), dtype=bool)
    closed[grid.columns(problem.closed)] = True
    sure = ~grid.is_candidate
    sure[grid.columns(problem.kept)] = True
    for part in grid.service.parts:
        if part.tier is None:
            continue
        _, rows, columns = grid.ways.tiers[part.id]
        unit, centre = grid.ways.members[columns].T
        seen = grid.perceived[rows, columns]  # and the other tier's rows see the same
        rank = np.argsort(np.argsort(seen, axis=1, kind="stable"), axis=1)
        possible = ~(closed[unit] | closed[centre]) & np.isfinite(seen)
        nowhere = rank.shape[1]
        own = np.where(possible, rank, nowhere)
        spare = [_spare(problem, service_id) for service_id in (part.tier.first, part.id)]
        by_unit = np.stack(
            [_certain(own, unit == j, centre, sure, spare[1], nowhere) for j in np.unique(unit)],
            axis=1,
        )
        which = np.searchsorted(np.unique(unit), unit)
        past = own > by_unit[:, which]
        full = _certain(
            by_unit, np.ones(by_unit.shape[1], dtype=bool), np.unique(unit), sure, spare[0], nowhere
        )
        if _centre_needs_unit(problem, part.id):
            places = np.array([site.rpartition("@")[2] for site in grid.sites])
            straight = places[unit] == places[centre]
            full = np.minimum(full, _certain(own, straight, centre, sure, spare[1], nowhere))
        past |= own > full[:, None]
        for service_id in (part.tier.first, part.id):
            here = grid.ways.tiers[service_id][1]
            never[here, columns] = past
            certain[here] = full < nowhere
    return never, certain


def _centre_needs_unit(problem: Problem, service_id: str) -> bool:
    """Say whether a second tier is only where its first is: demands may be left out by analyses."""
    tier = next(part.tier for part in problem.service.parts if part.id == service_id)
    assert tier is not None
    return Needs(tier.first, service_id) in problem.constraints


def _spare(problem: Problem, service_id: str) -> int:
    """Return how many candidates of a service may be closed, of those that need not be."""
    own = [s for s in problem.service.candidates if s.startswith(f"{service_id}@")]
    return len(set(own) - problem.closed) - problem.numbers()[service_id][0]


def _certain(
    rank: np.ndarray,
    routes: np.ndarray,
    site: np.ndarray,
    sure: np.ndarray,
    spare: int,
    nowhere: int,
) -> np.ndarray:
    """Return by row the rank up to which one of some routes is open if any is; or `nowhere`.

    routes: which of the columns of rank. site: by column; sure: by site, whether it is open for
    sure. spare: how many of the others may be closed.
    """
    certain = np.full(len(rank), nowhere)
    first = []
    for one in np.unique(site[routes]):
        own = rank[:, routes & (site == one)].min(axis=1)  # two routes to one site are one
        if sure[one]:
            certain = np.minimum(certain, own)
        else:
            first.append(own)
    if 0 <= spare < len(first):
        certain = np.minimum(certain, np.sort(np.stack(first, axis=1), axis=1)[:, spare])
    return certain
