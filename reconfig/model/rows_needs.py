"""Rows of what a service needs beside it."""

from __future__ import annotations

from reconfig.core import Needs
from reconfig.model.assembly import Assembly, rows_of
from reconfig.model.expression import linear


@rows_of(Needs)
def needs(assembly: Assembly, asked: Needs) -> None:
    """Add a row a candidate j with supporters K(j), unless one of them is open for sure.

    (22) y(j) <= sum of y(k) over K(j)
    """
    grid = assembly.grid
    for site, near in asked.supporters(grid.region, grid.service).items():
        if near is not None:
            terms = [(assembly.opened[k], -1.0) for k in sorted(near)]
            assembly.add(linear(0.0, [(assembly.opened[site], 1.0), *terms]).at_most(0.0))
