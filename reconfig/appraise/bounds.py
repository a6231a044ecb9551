"""What a limit means in numbers: the bounds on its measure, group by group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reconfig.appraise.appraise import measure_values
from reconfig.appraise.grid import Grid
from reconfig.appraise.measures import find_measure
from reconfig.core import Limit

ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Bounds:
    """rows: which zones (boolean). low, high: bounds on the measure; None leaves an end free."""

    rows: np.ndarray
    low: float | None
    high: float | None


def bounds_by_group(grid: Grid, limit: Limit) -> dict[str, Bounds]:
    """Return group -> bounds; "" stands for all zones.

    A bound over today is the group's value today plus what is allowed; in a group without cases,
    which has no value, it does not bind.
    """
    groups = grid.rows_by(limit.by) if limit.by else grid.everyone
    over = limit.at_most_over_today
    if over is None:
        return {g: Bounds(rows, limit.at_least, limit.at_most) for g, rows in groups.items()}
    measure = find_measure(limit.measure)
    assert measure is not None
    hosts = set(grid.service.today).intersection(grid.service.candidates)
    today = measure_values(grid, [measure], grid.nearest_as_usual(hosts), hosts, groups)
    found = {}
    for group, rows in groups.items():
        value = today[group][measure.name]
        # A hair of room, so that a journey of exactly that length is not lost to rounding.
        ends = [] if np.isnan(value) else [value + over + ROUNDING * max(1.0, abs(value))]
        if limit.at_most is not None:
            ends.append(limit.at_most)
        found[group] = Bounds(rows, limit.at_least, min(ends, default=None))
    return found
