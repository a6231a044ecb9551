"""The program in the making: what the rows of a constraint are made of, and who makes them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Protocol, TypeVar

import numpy as np

from reconfig.appraise import Grid, Measure, every_amount, find_measure
from reconfig.core import ByKind, Constraint, Problem
from reconfig.model.expression import Linear, linear

# Room for the rounding of sums, which the check after solving shares.
ROUNDING = 1e-9


class Formulation(Protocol):
    """What a formulation gives: sums of tables as linear expressions, and its own rows."""

    def expression(
        self,
        table: Callable[[], np.ndarray],
        rows: np.ndarray,
        *,
        key: str,
        scale: float,
        wants_small: bool | None,
    ) -> Linear:
        """Return scale x the sum of a table over some zones, according to who is treated where.

        table: gives zones x sites; rows: which zones (boolean); key: names table and rows, for
        what is kept from one solve to the next. wants_small: True if the sum is minimised or
        bounded above, False if the other way round, None if it must be exact.
        """

    def finish(self) -> None:
        """Add the formulation's own rows."""


@dataclass(eq=False)
class Assembly:
    """A program to which constraints add their rows.

    sites: the variables that are 1 when a site is open, by column of the grid; those of neighbours
    are fixed at 1. columns: those that are 1 when a column is: the sites' own, unless columns are
    routes (`reconfig/model/routes.py`). shape: who is treated where, as the formulation sees it.
    check_time: called now and then in long work; what it raises ends the building. rows_added: so
    many so far.
    """

    problem: Problem
    grid: Grid
    lp: Any
    sites: list[Any]
    shape: Formulation
    check_time: Callable[[], None]
    columns: list[Any]
    rows_added: int = 0

    @cached_property
    def opened(self) -> dict[str, Any]:
        """Site id -> the variable that is 1 when a candidate is open."""
        by_column = zip(self.grid.sites, self.sites, self.grid.is_candidate, strict=True)
        return {site: variable for site, variable, candidate in by_column if candidate}

    def add(self, row: Any) -> None:
        """Add a row: what `Linear.at_most` and `Linear.at_least` return."""
        self.lp.addConstraint(row, f"c{self.rows_added}")
        self.rows_added += 1

    def bound(self, expression: Linear, low: float | None, high: float | None) -> None:
        """Rows: low <= expression <= high, with room for rounding, as the check has after it."""
        if low is not None:
            self.add(expression.at_least(low - ROUNDING * max(1.0, abs(low))))
        if high is not None:
            self.add(expression.at_most(high + ROUNDING * max(1.0, abs(high))))

    def candidates(self, only: Collection[tuple[str, str]] = ()) -> list[str]:
        """Return the ids of the candidates; of one service's, where `only` says which."""
        columns = self.grid.columns_of(self.opened, only)
        return [self.grid.sites[j] for j in columns]

    def number(self, only: Collection[tuple[str, str]] = ()) -> Linear:
        """Return how many candidates are open, of one service where `only` says which."""
        return linear(0.0, ((self.opened[site], 1.0) for site in self.candidates(only)))

    def volume(self, site: str) -> Linear:
        """Return the cases a year treated at a candidate or neighbour, exactly."""
        self.check_time()
        column = self.grid.sites.index(site)
        return self.shape.expression(
            lambda: _cases_at(self.grid, column),
            self.grid.everyone[""],
            key=f"cases at {site}",
            scale=1.0,
            wants_small=None,
        )

    def sum_of(
        self,
        table: np.ndarray,
        *,
        wants_small: bool | None,
        rows: np.ndarray | None = None,
        scale: float = 1.0,
    ) -> Linear:
        """Return scale x the sum of a table over who is treated where.

        table: zones x sites in the order of the grid, amount a year. wants_small: True if the sum
        will be bounded above only, False if below only, None if it must be exact (which is larger
        and slower). rows: which zones (boolean); all unless told. Raises ValueError for a table of
        another shape, or without a number for a journey that can be made.
        """
        minutes = self.grid.minutes
        if table.shape != minutes.shape or not np.isfinite(table[np.isfinite(minutes)]).all():
            raise ValueError(
                f"sum_of: a table of {table.shape}; expected numbers for every journey that can be "
                f"made, {minutes.shape} (zones x sites)"
            )
        # Sums are kept from one solve to the next, by what the table holds.
        key = blake2b(np.ascontiguousarray(table, dtype=float).tobytes()).hexdigest()
        rows = self.grid.everyone[""] if rows is None else rows
        return self.shape.expression(
            lambda: table, rows, key=f"table {key}", scale=scale, wants_small=wants_small
        )

    def measured(
        self, measure: Measure, group: str, rows: np.ndarray, *, wants_small: bool | None
    ) -> Linear | None:
        """Return the measure of a group as an expression; None for an average over no cases.

        group: what `label` calls it. rows, wants_small: as for `sum_of`. Raises ValueError if the
        measure depends on staffing and the number of sites is left open.
        """
        numbers = self.numbers_for(measure)
        rows = rows & self.grid.rows_of(measure.only)
        cases = float(self.grid.cases[rows].sum())
        if measure.average and cases <= 0:
            return None
        return self.shape.expression(
            lambda: every_amount(self.grid, measure, numbers),
            rows,
            key=f"{measure.base}, {group}, {numbers}",
            scale=1.0 / cases if measure.average else 1.0,
            wants_small=wants_small,
        )

    def numbers_for(self, measure: Measure) -> dict[str, int | None]:
        """Return how many sites each service has of those whose staffing the measure needs."""
        known = self.problem.exact_numbers()
        asked = [p.id for p in measure.parts(self.problem.service) if measure.by_number(p)]
        if any(known[service] is None for service in asked):
            raise ValueError(f"{measure.name} depends on staffing: fix the number of sites")
        return {service: known[service] for service in asked}


Kind = TypeVar("Kind", bound=Constraint)
# assembly, constraint -> adds the rows that every choice that keeps it meets, and no other choice
Rows = Callable[[Assembly, Kind], None]
ROWS: ByKind[Callable[[Assembly, Any], None]] = ByKind(
    "nothing gives the rows of a constraint", "rows_of"
)


def rows_of(kind: type[Kind]) -> Callable[[Rows[Kind]], Rows[Kind]]:
    """Register the function that adds the rows of a kind of constraint to an `Assembly`."""

    def register(rows: Rows[Kind]) -> Rows[Kind]:
        ROWS.register(kind, rows)
        return rows

    return register


def label(by: str | None, group: str) -> str:
    """Return what to call a group among all groups of all columns; "" for everyone."""
    return f"{by} {group}" if by else ""


def measure_named(name: str) -> Measure:
    """Return a measure by name; raises KeyError for an unknown one."""
    measure = find_measure(name)
    if measure is None:
        raise KeyError(name)
    return measure


def _cases_at(grid: Grid, column: int) -> np.ndarray:
    """Return the table that counts the cases treated at one site."""
    here = np.zeros(len(grid.sites))
    here[column] = 1.0
    return np.asarray(grid.cases[:, None] * grid.by_place(here))
