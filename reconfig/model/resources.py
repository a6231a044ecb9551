"""Rows of what sites can take and what they cost: capacity and budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from reconfig.appraise import Grid
from reconfig.core import Budget, Capacity
from reconfig.model.expression import Linear, linear

# Room for the rounding of sums, which the check after solving shares.
ROUNDING = 1e-9


def capacity_rows(
    asked: Capacity, grid: Grid, opened: Sequence[Any], volume: Callable[[int], Linear]
) -> Iterator[Any]:
    """Give a row a site j that has a capacity c(j), in cases a year.

        (18) volume(j) <= c(j) y(j)        (y is 1 for a neighbour)

    A closed site has no cases; c(j) y(j) in place of c(j) makes the relaxation tighter.
    """
    for site, most in asked.at(grid.region, grid.service).items():
        j = grid.sites.index(site)
        cases = volume(j)
        row = linear(cases.constant, [*cases.terms, (opened[j], -most)])
        yield row.at_most(ROUNDING * max(1.0, most))


def budget_row(
    asked: Budget,
    grid: Grid,
    opened: Sequence[Any],
    sum_of: Callable[[Callable[[], np.ndarray], str, float], Linear],
) -> Any:
    """Return the row, with f(j) fixed cost of candidate j and c(j) cost of a case there.

        (19) sum of f(j) y(j) + sum of c(j) volume(j) <= total

    Divided by the total, so that pounds do not dwarf what other rows count. sum_of: table, key and
    scale -> the sum over who is treated where.
    """
    scale = 1.0 / max(1.0, abs(asked.total))
    fixed = asked.fixed(grid.region, grid.service)
    terms = [
        (opened[j], fixed[grid.sites[j]] * scale)
        for j in np.flatnonzero(grid.is_candidate).tolist()
    ]
    constant = 0.0
    if asked.per_case_column:
        per_case = asked.per_case(grid.region, grid.service)
        by_column = np.array([per_case[site] for site in grid.sites])
        key = f"cost a case {by_column.tolist()}"
        cost = sum_of(lambda: grid.cases[:, None] * by_column, key, scale)
        constant, terms = cost.constant, [*cost.terms, *terms]
    return linear(constant, terms).at_most(asked.total * scale + ROUNDING)
