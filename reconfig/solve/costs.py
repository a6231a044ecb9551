"""What a zone's cases cost at each site, such that the nearest open site is the cheapest one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reconfig.appraise import Grid

# A step down by less than this share of the largest cost is rounding.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Costs:
    """costs: zones x columns, each zone taking its cheapest open column.

    Columns that a zone never visits, because they lie past a site that is always open or out of
    reach, cost more than all else together. exact: whether costs never fall along the order in
    which each zone visits its sites: only then is the cheapest open column the nearest one, and no
    choice worse for one more site.
    """

    costs: np.ndarray
    exact: bool


def nearest_costs(grid: Grid, table: np.ndarray) -> Costs:
    """Return the costs that a table (zones x columns, to be made small) means.

    Equal minutes are taken in the order of the columns, as everywhere.
    """
    order = grid.visiting_order.astype(np.int64)
    along = np.take_along_axis(np.broadcast_to(table, grid.minutes.shape), order, axis=1)
    always = ~grid.is_candidate[order]
    passed = np.cumsum(always, axis=1) - always > 0
    visited = np.isfinite(np.take_along_axis(grid.minutes, order, axis=1)) & ~passed
    sizes = np.where(visited, np.abs(along), 0.0).max(axis=1)
    falls = visited[:, 1:] & (np.diff(along, axis=1) < -ROUNDING * max(1.0, float(sizes.max())))
    far = 1.0 + 2.0 * float(sizes.sum())
    costs = np.empty(grid.minutes.shape)
    np.put_along_axis(costs, order, np.where(visited, along, far), axis=1)
    return Costs(costs, not falls.any())
