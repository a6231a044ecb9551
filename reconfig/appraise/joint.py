"""The arrays of several services decided together, from those of each; and amounts on them.

A joint grid is its parts one after the other: rows of one service never reach columns of another.
What an outcome model estimates is asked of each part by its own model, and is nothing where a
service has none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from reconfig.appraise.grid import FOLLOWS, Grid
from reconfig.appraise.measures import Measure


def parts_of(grid: Grid) -> list[tuple[Grid, slice, slice]]:
    """Return the grid of each service with its rows and columns; of one service, itself alone."""
    services = grid.service.parts
    if not services:
        return [(grid, slice(0, len(grid.cases)), slice(0, len(grid.sites)))]
    if "parts" not in grid.memo:
        tiers = {} if grid.ways is None else grid.ways.tiers
        grid.memo["parts"] = [
            tiers[part.id] if part.id in tiers else _part(grid, number)
            for number, part in enumerate(services)
        ]
    found: list[tuple[Grid, slice, slice]] = grid.memo["parts"]
    return found


def _part(grid: Grid, number: int) -> tuple[Grid, slice, slice]:
    """Return one service's own block of a joint grid, with the minutes that the joint one has."""
    service, physical = grid.service.parts[number], grid.region.physical
    assert physical is not None
    sites = tuple(sorted({*service.candidates, *service.always_open}))
    first = grid.sites.index(f"{service.id}@{sites[0]}")
    columns = slice(first, first + len(sites))
    zones = len(physical.zones)
    start, stop = np.searchsorted(grid.zone, [number * zones, (number + 1) * zones])
    rows = slice(int(start), int(stop))
    zone = grid.zone[rows] - number * zones
    ids = physical.zones.index
    found = Grid(
        physical,
        service,
        tuple(str(ids[k]) for k in zone),
        sites,
        grid.minutes[rows, columns],
        grid.cases[rows],
        zone=zone,
    )
    if not grid.by_minutes:
        found = replace(found, perceived=grid.perceived[rows, columns], usual=FOLLOWS)
    return found, rows, columns


def every_amount(grid: Grid, measure: Measure, numbers: Mapping[str, int | None]) -> np.ndarray:
    """Return a measure's table (rows x columns); 0 where a row never reaches a column.

    numbers: service id -> how many of its candidates are open, None where that is not known.
    """
    table, parts = measure.table, parts_of(grid)
    assert table is not None
    if not grid.service.parts:
        return table(grid.every_journey(numbers.get(grid.service.id)))
    key = ("amounts", measure.name, tuple(sorted(numbers.items())))
    if key in grid.memo:
        kept: np.ndarray = grid.memo[key]
        return kept
    whole = np.zeros(grid.minutes.shape)
    for part, rows, columns in parts:
        if _counts(measure, grid, part):
            amounts = table(part.every_journey(numbers.get(part.service.id)))
            whole[rows, columns] = np.broadcast_to(amounts, part.minutes.shape)
    if grid.ways is not None:  # two tiers are solved once for each set of centres
        grid.memo[key] = whole
    return whole


def amounts_made(
    grid: Grid, measure: Measure, treated_at: np.ndarray, opened: Collection[str]
) -> np.ndarray:
    """Return a measure's amount by row, for rows that are treated at these columns."""
    table, parts = measure.table, parts_of(grid)
    assert table is not None
    if not grid.service.parts:
        return table(grid.journeys_to(treated_at, len(opened)))
    whole = np.zeros(len(treated_at))
    for part, rows, columns in parts:
        if _counts(measure, grid, part):
            number = len(plain(grid, part, opened))
            whole[rows] = table(part.journeys_to(treated_at[rows] - columns.start, number))
    return whole


def plain(grid: Grid, part: Grid, sites: Collection[str]) -> frozenset[str]:
    """Return the sites of one service among those of several, by the region's own ids."""
    if not grid.service.parts:
        return frozenset(sites)
    begin = f"{part.service.id}@"
    return frozenset(site.removeprefix(begin) for site in sites if site.startswith(begin))


def _counts(measure: Measure, grid: Grid, part: Grid) -> bool:
    """Say whether one of several services is counted by a measure."""
    return part.service in measure.parts(grid.service) and measure.applies_to(part.service)
