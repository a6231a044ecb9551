"""Routes: by which unit a patient comes to which centre, as columns of the grid of two tiers.

A route (j, c) is open when unit j and centre c both are. Every row of either tier orders the routes
alike, and goes by the first that is open:

    key of j, then c:             m(i,j), and the minutes from j to c among those of the same unit
    key of straight to c:         m(i,c) - D, before the others of that key; none where D is 0

With D the minutes by which a centre may be further than the nearest unit. That the first open route
is the right one, and why, is in docs/formulation.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

# Minutes that agree to so many decimals are the same.
DECIMALS = 6

if TYPE_CHECKING:
    from reconfig.appraise.grid import Grid
    from reconfig.core import Region, Service


@dataclass(frozen=True, eq=False)
class Ways:
    """What the columns of a grid are, where they are not all sites.

    members: columns x 2, the sites (numbers of `Grid.sites`) that must be open for a column to be;
    of a site it is that site twice. place: kinds x columns, the site where a row of each kind is
    treated. kind: by row. tiers: by id of each service of two tiers, its own grid (whose columns
    are the routes), its rows and its columns. onward: by column, minutes from the first site to the
    centre. today: by row, the column of today. The last two of a tier's own grid only, which has
    no members.
    """

    place: np.ndarray
    kind: np.ndarray
    members: np.ndarray | None = None
    tiers: Mapping[str, tuple[Grid, slice, slice]] = field(default_factory=dict)
    onward: np.ndarray | None = None
    today: np.ndarray | None = None

    def places(self, columns: np.ndarray) -> np.ndarray:
        """Return by row the site of its column; -1 where the column is -1."""
        return np.where(columns < 0, -1, self.place[self.kind, columns])

    def through(self, sites: np.ndarray) -> np.ndarray:
        """Return by column whether all its members are among some sites (by site, boolean)."""
        assert self.members is not None
        return np.asarray(sites[self.members].all(axis=1))


@dataclass(frozen=True, eq=False)
class _Routes:
    """The routes of two tiers, in the order by which equal keys are settled.

    unit, centre: by route, position among the sites of either tier. onward: minutes between them.
    minutes: rows x routes to the unit. key: by what rows choose, infinite where minutes are.
    """

    unit: np.ndarray
    centre: np.ndarray
    onward: np.ndarray
    minutes: np.ndarray
    key: np.ndarray


@dataclass(frozen=True, eq=False)
class _Tier:
    """One of the two tiers on the joint grid: its rows, its columns, and what the routes are to it.

    place: by route, position among its sites of the one where it is treated. minutes: rows x
    routes, the whole way to that site.
    """

    service: Service
    rows: slice
    columns: slice
    routes: _Routes
    place: np.ndarray
    minutes: np.ndarray


def with_routes(grid: Grid) -> Grid:
    """Return the grid of several services with routes in place of sites where there are tiers."""
    own = np.arange(len(grid.sites))
    kind = np.zeros(len(grid.cases), dtype=int)
    minutes, seen = grid.minutes.copy(), grid.perceived.copy()
    members, tiers = [np.stack([own, own])], []
    for second in grid.service.parts:
        if second.tier is None:
            continue
        pair = _pair(grid, second, minutes.shape[1])
        wide = np.full((2, len(minutes), len(pair[0].routes.unit)), np.inf)
        for k, one in enumerate(pair):
            for table in (minutes, seen):
                table[one.rows, _sites(grid, one.service)] = np.inf
            kind[one.rows] = k
            wide[0, one.rows], wide[1, one.rows] = one.minutes, one.routes.key
        minutes, seen = np.hstack([minutes, wide[0]]), np.hstack([seen, wide[1]])
        members.append(np.stack([_sites(grid, one.service).start + one.place for one in pair]))
        tiers += pair
    of_tiers: dict[str, tuple[Grid, slice, slice]] = {}
    # A row of the first kind is treated at the first member, one of the second at the second.
    place = np.hstack(members)
    ways = Ways(place, kind, place.T, of_tiers)
    joint = replace(grid, minutes=minutes, perceived=seen, usual=seen, ways=ways, memo={})
    for one in tiers:
        of_tiers[one.service.id] = (_own_grid(joint, one), one.rows, one.columns)
    return joint


def _pair(grid: Grid, second: Service, first_column: int) -> list[_Tier]:
    """Return the first tier and the second, whose routes are columns from the one given."""
    physical, parts = grid.region.physical, grid.service.parts
    assert physical is not None
    assert second.tier is not None
    first = next(part for part in parts if part.id == second.tier.first)
    service_of = grid.zone // (len(grid.region.zones) // len(parts))
    rows = [_rows(service_of, parts.index(part)) for part in (first, second)]
    routes = _routes(physical, first, second, grid.minutes[rows[0], _sites(grid, first)])
    columns = slice(first_column, first_column + len(routes.unit))
    return [
        _Tier(first, rows[0], columns, routes, routes.unit, routes.minutes),
        _Tier(second, rows[1], columns, routes, routes.centre, routes.minutes + routes.onward),
    ]


def _own_grid(joint: Grid, one: _Tier) -> Grid:
    """Return the grid of one tier by itself: its sites, and the routes as columns."""
    physical = joint.region.physical
    assert physical is not None
    today = joint.today[one.rows]
    ways = Ways(
        one.place[None, :],
        np.zeros(len(today), dtype=int),
        onward=one.routes.onward,
        today=np.where(today < 0, -1, today - one.columns.start),
    )
    return replace(
        joint,
        region=physical,
        service=one.service,
        zones=tuple(physical.zones.index),
        sites=_ids(one.service),
        minutes=one.minutes,
        cases=joint.cases[one.rows],
        zone=np.arange(len(today)),
        perceived=one.routes.key,
        usual=one.routes.key,
        ways=ways,
        memo={},
    )


def _ids(part: Service) -> tuple[str, ...]:
    return tuple(sorted({*part.candidates, *part.always_open}))


def _rows(service_of: np.ndarray, number: int) -> slice:
    rows = np.flatnonzero(service_of == number)
    return slice(int(rows[0]), int(rows[-1]) + 1)


def _sites(grid: Grid, part: Service) -> slice:
    ids = _ids(part)
    first = grid.sites.index(f"{part.id}@{ids[0]}")
    return slice(first, first + len(ids))


def _routes(region: Region, first: Service, second: Service, minutes: np.ndarray) -> _Routes:
    """Return the routes; minutes: rows x sites of the first tier."""
    assert second.tier is not None
    units, centres = _ids(first), _ids(second)
    between = region.between_sites().loc[list(units), list(centres)].to_numpy(float).copy()
    here = np.array([units.index(site) for site in centres])  # every centre is a unit
    between[here, np.arange(len(centres))] = 0.0
    straight = second.tier.direct_within
    pairs = [(int(here[c]), c) for c in range(len(centres))] if straight > 0 else []
    direct = len(pairs)
    for j in range(len(units)):
        order = np.argsort(between[j], kind="stable")  # without a way: last, and left out
        pairs += [(j, int(c)) for c in order if not math.isnan(between[j, c])]
    unit = np.array([j for j, _ in pairs], dtype=int)
    centre = np.array([c for _, c in pairs], dtype=int)
    there = minutes[:, unit]
    key = there.copy()
    finite = minutes[np.isfinite(minutes)]
    longest = float(finite.max()) if finite.size else 0.0
    if straight > longest:  # everybody who can: the same order, whatever is subtracted
        key[:, direct:] += longest + 1.0
    else:
        key[:, :direct] -= straight
    # Exactly D minutes further is within D, whatever the last bit of the difference says.
    return _Routes(unit, centre, between[unit, centre], there, np.round(key, DECIMALS))
