"""The row of the staff that open sites need."""

from __future__ import annotations

from reconfig.core import Workforce
from reconfig.model.assembly import ROUNDING, Assembly, rows_of
from reconfig.model.expression import linear


@rows_of(Workforce)
def workforce(assembly: Assembly, asked: Workforce) -> None:
    """Add the row, with n(j) the staff that candidate j needs.

    (25) sum of n(j) y(j) <= pool
    """
    need = asked.need(assembly.grid.region, assembly.grid.service)
    total = linear(0.0, ((opened, need[site]) for site, opened in assembly.opened.items()))
    assembly.add(total.at_most(asked.pool + ROUNDING * max(1.0, asked.pool)))
