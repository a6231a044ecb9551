"""Rows of what sites can take and what they cost: capacity and budget."""

from __future__ import annotations

import numpy as np

from reconfig.core import Budget, Capacity
from reconfig.model.assembly import ROUNDING, Assembly, rows_of
from reconfig.model.expression import linear


@rows_of(Capacity)
def capacity(assembly: Assembly, asked: Capacity) -> None:
    """Add a row a site j that has a capacity c(j), in cases a year.

        (18) volume(j) <= c(j) y(j)        (y is 1 for a neighbour)

    A closed site has no cases; c(j) y(j) in place of c(j) makes the relaxation tighter.
    """
    grid = assembly.grid
    for site, most in asked.at(grid.region, grid.service).items():
        opened = assembly.sites[grid.sites.index(site)]
        cases = assembly.volume(site)
        row = linear(cases.constant, [*cases.terms, (opened, -most)])
        assembly.add(row.at_most(ROUNDING * max(1.0, most)))


@rows_of(Budget)
def budget(assembly: Assembly, asked: Budget) -> None:
    """Add the row, with f(j) fixed cost of candidate j and c(j) cost of a case there.

        (19) sum of f(j) y(j) + sum of c(j) volume(j) <= total

    Divided by the total, so that pounds do not dwarf what other rows count.
    """
    grid = assembly.grid
    scale = 1.0 / max(1.0, abs(asked.total))
    fixed = asked.fixed(grid.region, grid.service)
    terms = [(opened, fixed[site] * scale) for site, opened in assembly.opened.items()]
    constant = 0.0
    if asked.per_case_column:
        per_case = asked.per_case(grid.region, grid.service)
        by_site = np.array([per_case[site] for site in grid.sites])
        cost = assembly.sum_of(
            grid.cases[:, None] * grid.by_place(by_site), wants_small=True, scale=scale
        )
        constant, terms = cost.constant, [*cost.terms, *terms]
    assembly.add(linear(constant, terms).at_most(asked.total * scale + ROUNDING))
