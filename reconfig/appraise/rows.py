"""Grids whose rows are not zones: shares of a zone's cases, each with an order of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from reconfig.appraise.grid import Grid
    from reconfig.core import Choice


def with_orders(grid: Grid, choice: Choice) -> Grid:
    """Return a grid of one row a zone with each row split over the orders of a choice of site."""
    zone = np.repeat(grid.zone, choice.orders)
    minutes = np.repeat(grid.minutes, choice.orders, axis=0)
    noise = choice.noise(grid.zones, grid.sites)
    cases = np.repeat(grid.cases / choice.orders, choice.orders)
    return _rows(grid, zone, minutes, minutes + noise.reshape(minutes.shape), cases)


def stacked(grid: Grid) -> Grid:
    """Return the grid of several services with the rows of each: some may be split over orders."""
    physical, number = grid.region.physical, len(grid.region.zones) // len(grid.service.parts)
    assert physical is not None
    of = type(grid).of
    parts = [of(physical, replace(part, tier=None)) for part in grid.service.parts]
    rows = sum(len(part.cases) for part in parts)
    minutes, perceived = np.full((2, rows, len(grid.sites)), np.inf)
    zone, row = np.empty(rows, dtype=int), 0
    for k, part in enumerate(parts):
        own = slice(row, row + len(part.cases))
        first = grid.sites.index(f"{part.service.id}@{part.sites[0]}")
        columns = slice(first, first + len(part.sites))
        zone[own], row = part.zone + k * number, own.stop
        minutes[own, columns] = grid.minutes[zone[own], columns]
        perceived[own, columns] = minutes[own, columns] + part.noise
    return _rows(grid, zone, minutes, perceived, np.concatenate([part.cases for part in parts]))


def _rows(
    grid: Grid, zone: np.ndarray, minutes: np.ndarray, perceived: np.ndarray, cases: np.ndarray
) -> Grid:
    """Return a grid with other rows, given the number of each row's zone."""
    return replace(
        grid,
        zones=tuple(grid.zones[k] for k in zone),
        minutes=minutes,
        cases=cases,
        zone=zone,
        perceived=perceived,
        usual=perceived,
        memo={},
    )
