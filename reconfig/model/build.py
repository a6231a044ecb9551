"""From problem to integer program: sites, number, limits and one objective, on a formulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import pulp

from reconfig.appraise import Grid, Measure, find_measure
from reconfig.core import Limit, Objective, Problem
from reconfig.model.assignment import AssignmentFormulation
from reconfig.model.exact_sets import ExactSetFormulation
from reconfig.model.expression import Linear, linear
from reconfig.model.projected import NotProjectableError, ProjectedFormulation, smallest
from reconfig.model.sets import bits, distinct

FormulationName = Literal["nearest-sets", "exact-sets", "assignment"]


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


# "nearest-sets" is the projected one wherever that is exact, and the one with set variables else.
Maker = Callable[[Problem, Grid, Any, Sequence[Any], Callable[[], None]], Formulation]
FORMULATIONS: dict[str, Maker] = {
    "nearest-sets": ProjectedFormulation,
    "exact-sets": ExactSetFormulation,
    "assignment": AssignmentFormulation,
}


@dataclass(frozen=True, eq=False)
class BuiltModel:
    """A PuLP problem with what is needed to read its answer.

    opened: site id -> the variable that is 1 when a candidate is open. objective: the value that
    is optimised, in the measure's own unit. sites: the variables of all columns of the grid.
    cuts: the formulation that says what the program leaves out; None where it is whole.
    """

    lp: Any
    opened: dict[str, Any]
    objective: Linear
    sites: tuple[Any, ...]
    cuts: ProjectedFormulation | None = None


def build(
    problem: Problem,
    stage: Objective,
    *,
    formulation: FormulationName = "nearest-sets",
    within: Sequence[tuple[Objective, float]] = (),
    check_time: Callable[[], None] = lambda: None,
) -> BuiltModel:
    """Return the integer program of one stage of a problem's objective.

    within: earlier objectives, each with the value that must still be reached. check_time: called
    now and then; what it raises ends the building.
    Raises ValueError if a measure depends on staffing and the number of sites is left open, if a
    zone can reach no site, or for the longest journey, which is found by bisection over limits.
    """
    grid = Grid.of(problem.region, problem.service)
    try:
        return _build(problem, stage, grid, formulation, within, check_time)
    except NotProjectableError:
        return _build(problem, stage, grid, "exact-sets", within, check_time)


def _build(
    problem: Problem,
    stage: Objective,
    grid: Grid,
    formulation: FormulationName,
    within: Sequence[tuple[Objective, float]],
    check_time: Callable[[], None],
) -> BuiltModel:
    sense = pulp.LpMinimize if stage.sense == "minimise" else pulp.LpMaximize
    lp = pulp.LpProblem("reconfig", sense)
    opened = _site_variables(lp, problem, grid)
    shape = FORMULATIONS[formulation](problem, grid, lp, opened, check_time)
    assembly = _Assembly(problem, grid, lp, opened, shape, check_time)
    objective = assembly.objective(stage)
    lp.setObjective(pulp.LpAffineExpression(list(objective.terms)))
    for earlier, value in within:
        assembly.reach(earlier, value)
    for constraint in problem.constraints:
        if isinstance(constraint, Limit):
            assembly.limit(constraint)
    assembly.number_of_sites()
    shape.finish()
    by_id = {s: v for s, v, c in zip(grid.sites, opened, grid.is_candidate, strict=True) if c}
    cuts = shape if isinstance(shape, ProjectedFormulation) and shape.sums else None
    return BuiltModel(lp, by_id, objective, tuple(opened), cuts)


def _site_variables(lp: Any, problem: Problem, grid: Grid) -> list[Any]:
    """One 0/1 variable a site: fixed at 1 if kept or always open, at 0 if closed."""
    kept, closed = problem.kept, problem.closed
    return [
        lp.add_variable(
            f"y{k}",
            lowBound=1 if site in kept or not grid.is_candidate[k] else 0,
            upBound=0 if site in closed else 1,
            cat=pulp.LpInteger,
        )
        for k, site in enumerate(grid.sites)
    ]


@dataclass(eq=False)
class _Assembly:
    """The program in the making."""

    problem: Problem
    grid: Grid
    lp: Any
    opened: list[Any]
    shape: Formulation
    check_time: Callable[[], None]
    rows_added: int = 0

    def objective(self, stage: Objective) -> Linear:
        """Return what is optimised, as an expression in the measure's unit."""
        if stage.measure == "max_minutes":
            raise ValueError("max_minutes is minimised by bisection over limits on it")
        if stage.measure == "open_sites":
            return self._number()
        small = stage.sense == "minimise"
        (expression,) = self._sums(_measure(stage.measure), None, wants_small=small).values()
        return expression

    def reach(self, earlier: Objective, value: float) -> None:
        """An objective of an earlier stage stays within reach of its best: f <= v or f >= v."""
        if earlier.measure == "max_minutes":
            self._limit_on_longest(value)
            return
        expression = self.objective(earlier)
        small = earlier.sense == "minimise"
        self._add(expression.at_most(value) if small else expression.at_least(value))

    def number_of_sites(self) -> None:
        """Row: fewest <= sum_j y[j] <= most, neighbours (which are always open) discounted."""
        total = linear(-float((~self.grid.is_candidate).sum()), ((y, 1.0) for y in self.opened))
        self._add(total.at_least(self.problem.fewest))
        self._add(total.at_most(self.problem.most))

    def _number(self) -> Linear:
        candidates = np.flatnonzero(self.grid.is_candidate)
        return linear(0.0, ((self.opened[j], 1.0) for j in candidates))

    def limit(self, limit: Limit) -> None:
        """Rows of a bound on a measure, one a group."""
        measure = _measure(limit.measure)
        if measure.table is not None:
            self._limit_on_sum(limit, measure)
        elif limit.measure == "max_minutes":
            assert limit.at_most is not None
            self._limit_on_longest(limit.at_most)
        elif limit.measure == "p95_minutes":
            self._limit_on_percentile(limit)
        elif limit.measure == "open_sites":
            for bound, row in ((limit.at_least, Linear.at_least), (limit.at_most, Linear.at_most)):
                if bound is not None:
                    self._add(row(self._number(), bound))
        else:
            self._limit_on_volume(limit)

    def _limit_on_sum(self, limit: Limit, measure: Measure) -> None:
        """Row: sum over who is treated where <= or >= bound (x cases for an average)."""
        for bound, small in ((limit.at_most, True), (limit.at_least, False)):
            if bound is None:
                continue
            for expression in self._sums(measure, limit.by, wants_small=small).values():
                # Room for the rounding of sums, which the check after solving shares.
                room = 1e-9 * max(1.0, abs(bound))
                self._add(
                    expression.at_most(bound + room) if small else expression.at_least(bound - room)
                )

    def _limit_on_percentile(self, limit: Limit) -> None:
        """p95 <= T means: at least 95 % of cases have a site within T."""
        most = limit.at_most
        assert most is not None
        for group, rows in self._groups(limit.by).items():
            cases = float(self.grid.cases[rows].sum())
            if cases <= 0:
                continue
            expression = self.shape.expression(
                lambda: self.grid.cases[:, None] * (self.grid.minutes <= most),
                rows,
                key=f"cases within {most!r}, {limit.by} {group}",
                scale=1.0 / cases,
                wants_small=False,
            )
            self._add(expression.at_least(0.95 * (1 - 1e-12)))

    def _limit_on_longest(self, most: float) -> None:
        """Row a distinct set of sites within T of a zone, unless it holds another: one is open."""
        near = self.grid.minutes[self.grid.cases > 0] <= most
        near = near[distinct(bits(near))[0]]
        for row in smallest(near[~near[:, ~self.grid.is_candidate].any(axis=1)]):
            sites = linear(0.0, ((self.opened[j], 1.0) for j in np.flatnonzero(row)))
            self._add(sites.at_least(1))

    def _limit_on_volume(self, limit: Limit) -> None:
        """Row a candidate: volume >= bound x y[j], or volume <= bound."""
        everyone = self.grid.everyone[""]
        for j in np.flatnonzero(self.grid.is_candidate):
            self.check_time()
            volume = self.shape.expression(
                lambda j=j: _cases_at(self.grid, j),  # type: ignore[misc]
                everyone,
                key=f"cases at {self.grid.sites[j]}",
                scale=1.0,
                wants_small=None,
            )
            if limit.measure == "max_volume":
                assert limit.at_most is not None
                self._add(volume.at_most(limit.at_most))
            else:
                assert limit.at_least is not None
                opened = (self.opened[j], -limit.at_least)
                self._add(linear(volume.constant, [*volume.terms, opened]).at_least(0))

    def _sums(self, measure: Measure, by: str | None, *, wants_small: bool) -> dict[str, Linear]:
        """Return group -> the measure as an expression; groups without cases have no average."""
        table_of = measure.table
        assert table_of is not None
        number = self._number_for(measure)
        found = {}
        for group, rows in self._groups(by).items():
            cases = float(self.grid.cases[rows].sum())
            if measure.average and cases <= 0:
                continue
            found[group] = self.shape.expression(
                lambda: table_of(self.grid.every_journey(number)),
                rows,
                key=f"{measure.name}, {by} {group}, {number}",
                scale=1.0 / cases if measure.average else 1.0,
                wants_small=wants_small,
            )
        return found

    def _number_for(self, measure: Measure) -> int | None:
        """Return the number of sites where the measure depends on it, else None."""
        if not measure.by_number(self.problem.service):
            return None
        if self.problem.fewest != self.problem.most:
            raise ValueError(f"{measure.name} depends on staffing: fix the number of sites")
        return self.problem.most

    def _groups(self, by: str | None) -> dict[str, np.ndarray]:
        return self.grid.rows_by(by) if by else self.grid.everyone

    def _add(self, row: Any) -> None:
        self.lp.addConstraint(row, f"c{self.rows_added}")
        self.rows_added += 1


def _cases_at(grid: Grid, column: int) -> np.ndarray:
    """Return the table that counts the cases treated at one site."""
    table = np.zeros_like(grid.minutes)
    table[:, column] = grid.cases
    return table


def _measure(name: str) -> Measure:
    measure = find_measure(name)
    if measure is None:
        raise KeyError(name)
    return measure
