"""The arrays of several services decided together, from those of each; and amounts on them.

A joint grid is its parts one after the other: rows of one service never reach columns of another.
What an outcome model estimates is asked of each part by its own model, and is nothing where a
service has none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from reconfig.appraise.grid import Grid
from reconfig.appraise.measures import Measure


def parts_of(grid: Grid) -> list[tuple[Grid, slice, slice]]:
    """Return the grid of each service with its rows and columns; of one service, itself alone."""
    services = grid.service.parts
    if not services:
        return [(grid, slice(0, len(grid.cases)), slice(0, len(grid.sites)))]
    if "parts" not in grid.memo:
        physical = grid.region.physical
        assert physical is not None
        grid.memo["parts"] = _placed(grid, [Grid.of(physical, part) for part in services])
    found: list[tuple[Grid, slice, slice]] = grid.memo["parts"]
    return found


def _placed(grid: Grid, parts: Sequence[Grid]) -> list[tuple[Grid, slice, slice]]:
    placed, row = [], 0
    for part in parts:
        column = grid.sites.index(f"{part.service.id}@{part.sites[0]}")
        rows = slice(row, row + len(part.cases))
        placed.append((part, rows, slice(column, column + len(part.sites))))
        row = rows.stop
    return placed


def every_amount(grid: Grid, measure: Measure, numbers: Mapping[str, int | None]) -> np.ndarray:
    """Return a measure's table (rows x columns); 0 where a row never reaches a column.

    numbers: service id -> how many of its candidates are open, None where that is not known.
    """
    table, parts = measure.table, parts_of(grid)
    assert table is not None
    if not grid.service.parts:
        return table(grid.every_journey(numbers.get(grid.service.id)))
    whole = np.zeros(grid.minutes.shape)
    for part, rows, columns in parts:
        if _counts(measure, grid, part):
            amounts = table(part.every_journey(numbers.get(part.service.id)))
            whole[rows, columns] = np.broadcast_to(amounts, part.minutes.shape)
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
