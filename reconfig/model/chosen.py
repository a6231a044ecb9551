"""Rows that keep anybody from choosing a site too far off, where the choice is not the nearest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from reconfig.appraise import Grid
from reconfig.model.expression import linear
from reconfig.model.projected import smallest
from reconfig.model.sets import bits, distinct


def not_chosen_rows(
    grid: Grid, counted: np.ndarray, most: float, opened: Sequence[Any]
) -> Iterator[Any]:
    """Give the rows that send no row i of the grid to a site j that is further than T minutes.

        (36) sum of y(l) over the sites l within T that i prefers to j >= y(j)

    counted: which rows of the grid it is for (boolean). most: T. A neighbour's y is 1. Of each j
    only distinct rows are given that hold no other.
    """
    perceived, near = grid.perceived[counted], grid.minutes[counted] <= most
    rank = np.argsort(grid.visiting_order[counted], axis=1, kind="stable")
    reached = np.isfinite(perceived)
    always = grid.through(~grid.is_candidate)
    for j in range(perceived.shape[1]):
        far = np.flatnonzero(reached[:, j] & ~near[:, j])
        preferred = near[far] & (rank[far] < rank[far, j][:, None])
        # Nobody goes past a neighbour that is near enough.
        preferred = preferred[~preferred[:, always].any(axis=1)]
        if not len(preferred):
            continue
        for row in smallest(preferred[distinct(bits(preferred))[0]]):
            sites = ((opened[k], 1.0) for k in np.flatnonzero(row).tolist())
            yield linear(0.0, [*sites, (opened[j], -1.0)]).at_least(0)
