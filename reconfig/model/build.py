"""From problem to integer program: sites, number, limits and one objective, on a formulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import pulp

from reconfig.appraise import Bounds, Grid, Measure, bounds_by_group, find_measure
from reconfig.core import Among, Budget, Capacity, Differ, Limit, Objective, Problem
from reconfig.model.assignment import AssignmentFormulation
from reconfig.model.between_groups import gap, worst
from reconfig.model.exact_sets import ExactSetFormulation
from reconfig.model.expression import Linear, linear
from reconfig.model.projected import NotProjectableError, ProjectedFormulation, smallest
from reconfig.model.resources import ROUNDING, budget_row, capacity_rows
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
        match constraint:
            case Limit():
                assembly.limit(constraint)
            case Among():
                assembly.among(constraint)
            case Differ():
                assembly.differ(constraint)
            case Capacity():
                assembly.capacity(constraint)
            case Budget():
                assembly.budget(constraint)
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
        measure, small = _measure(stage.measure), stage.sense == "minimise"
        if measure.of_groups is not None:
            return self._between_groups(measure)
        expression = self._sum(measure, "", self.grid.everyone[""], wants_small=small)
        if expression is None:
            raise ValueError(f"{measure.name}: no cases in any zone")
        return expression

    def reach(self, earlier: Objective, value: float) -> None:
        """An objective of an earlier stage stays within reach of its best: f <= v or f >= v."""
        if earlier.measure == "max_minutes":
            self._limit_on_longest(Bounds(self.grid.everyone[""], None, value))
            return
        expression = self.objective(earlier)
        small = earlier.sense == "minimise"
        self._add(expression.at_most(value) if small else expression.at_least(value))

    def number_of_sites(self) -> None:
        """Row: fewest <= sum_j y[j] <= most, neighbours (which are always open) discounted."""
        total = linear(-float((~self.grid.is_candidate).sum()), ((y, 1.0) for y in self.opened))
        self._add(total.at_least(self.problem.fewest))
        self._add(total.at_most(self.problem.most))

    def among(self, constraint: Among) -> None:
        """Rows: at_least <= sum of y[j] over some candidates <= at_most."""
        columns = self.grid.columns(constraint.sites)
        total = linear(0.0, ((self.opened[j], 1.0) for j in columns))
        if constraint.at_least is not None:
            self._add(total.at_least(constraint.at_least))
        if constraint.at_most is not None:
            self._add(total.at_most(constraint.at_most))

    def differ(self, constraint: Differ) -> None:
        """Row: sum of 1 - y[j] over the sites named + sum of y[j] over the others >= by."""
        terms = [
            (self.opened[j], -1.0 if self.grid.sites[j] in constraint.sites else 1.0)
            for j in np.flatnonzero(self.grid.is_candidate)
        ]
        self._add(linear(float(len(constraint.sites)), terms).at_least(constraint.by))

    def _number(self) -> Linear:
        candidates = np.flatnonzero(self.grid.is_candidate)
        return linear(0.0, ((self.opened[j], 1.0) for j in candidates))

    def limit(self, limit: Limit) -> None:
        """Rows of a bound on a measure, one a group."""
        measure = _measure(limit.measure)
        for group, bounds in bounds_by_group(self.grid, limit).items():
            if measure.table is not None:
                self._limit_on_sum(measure, _label(limit.by, group), bounds)
            elif measure.of_groups is not None:
                self._limit_between_groups(measure, bounds)
            elif limit.measure == "max_minutes":
                self._limit_on_longest(bounds)
            elif limit.measure == "p95_minutes":
                self._limit_on_percentile(_label(limit.by, group), bounds)
            elif limit.measure == "open_sites":
                self._bound(self._number(), bounds)
            else:
                self._limit_on_volume(limit.measure, bounds)

    def _limit_on_sum(self, measure: Measure, group: str, bounds: Bounds) -> None:
        """Row: sum over who is treated where <= or >= bound (x cases for an average)."""
        for bound, small in ((bounds.high, True), (bounds.low, False)):
            if bound is None:
                continue
            expression = self._sum(measure, group, bounds.rows, wants_small=small)
            if expression is not None:
                end = (
                    Bounds(bounds.rows, None, bound) if small else Bounds(bounds.rows, bound, None)
                )
                self._bound(expression, end)

    def _bound(self, expression: Linear, bounds: Bounds) -> None:
        """Rows: low <= expression <= high, with room for rounding, as the check has after it."""
        for bound, row, sign in (
            (bounds.low, expression.at_least, -1.0),
            (bounds.high, expression.at_most, 1.0),
        ):
            if bound is not None:
                self._add(row(bound + sign * ROUNDING * max(1.0, abs(bound))))

    def _limit_between_groups(self, measure: Measure, bounds: Bounds) -> None:
        """Rows: every group's average within the bound on the worst; or those of a gap."""
        compared = measure.of_groups
        assert compared is not None
        if compared.kind == "gap":
            self._bound(self._between_groups(measure), bounds)
            return
        for group, rows in self.grid.rows_by(compared.column).items():
            own = Bounds(rows, bounds.low, bounds.high)
            self._limit_on_sum(compared.average, _label(compared.column, group), own)

    def _between_groups(self, measure: Measure) -> Linear:
        """Return the worst group's average, or the gap, as an expression that bounds it."""
        compared = measure.of_groups
        assert compared is not None
        small = None if compared.kind == "gap" else measure.better == "lower"
        averages = [
            self._sum(compared.average, _label(compared.column, group), rows, wants_small=small)
            for group, rows in self.grid.rows_by(compared.column).items()
        ]
        known = [average for average in averages if average is not None]
        name = f"groups{self.rows_added}"
        if small is None:
            return gap(self.lp, name, known, add=self._add)
        return worst(self.lp, name, known, small=small, add=self._add)

    def _limit_on_percentile(self, group: str, bounds: Bounds) -> None:
        """p95 <= T means: at least 95 % of cases have a site within T."""
        most, rows = bounds.high, bounds.rows
        cases = float(self.grid.cases[rows].sum())
        if most is None or cases <= 0:
            return
        expression = self.shape.expression(
            lambda: self.grid.cases[:, None] * (self.grid.minutes <= most),
            rows,
            key=f"cases within {most!r}, {group}",
            scale=1.0 / cases,
            wants_small=False,
        )
        self._add(expression.at_least(0.95 * (1 - 1e-12)))

    def _limit_on_longest(self, bounds: Bounds) -> None:
        """Row a distinct set of sites within T of a zone, unless it holds another: one is open."""
        counted = bounds.rows & (self.grid.cases > 0)
        if bounds.high is None or not counted.any():
            return
        near = self.grid.minutes[counted] <= bounds.high
        near = near[distinct(bits(near))[0]]
        for row in smallest(near[~near[:, ~self.grid.is_candidate].any(axis=1)]):
            sites = linear(0.0, ((self.opened[j], 1.0) for j in np.flatnonzero(row)))
            self._add(sites.at_least(1))

    def _limit_on_volume(self, name: str, bounds: Bounds) -> None:
        """Row a candidate: volume >= bound x y[j], or volume <= bound."""
        for j in np.flatnonzero(self.grid.is_candidate):
            volume = self._volume(int(j))
            if name == "max_volume" and bounds.high is not None:
                self._add(volume.at_most(bounds.high))
            elif name == "min_volume" and bounds.low is not None:
                opened = (self.opened[j], -bounds.low)
                self._add(linear(volume.constant, [*volume.terms, opened]).at_least(0))

    def capacity(self, asked: Capacity) -> None:
        """Rows (18), one a site."""
        for row in capacity_rows(asked, self.grid, self.opened, self._volume):
            self._add(row)

    def budget(self, asked: Budget) -> None:
        """Row (19)."""

        def sum_of(table: Callable[[], np.ndarray], key: str, scale: float) -> Linear:
            everyone = self.grid.everyone[""]
            return self.shape.expression(table, everyone, key=key, scale=scale, wants_small=True)

        self._add(budget_row(asked, self.grid, self.opened, sum_of))

    def _volume(self, column: int) -> Linear:
        """Return the cases treated at a site, exactly."""
        self.check_time()
        return self.shape.expression(
            lambda: _cases_at(self.grid, column),
            self.grid.everyone[""],
            key=f"cases at {self.grid.sites[column]}",
            scale=1.0,
            wants_small=None,
        )

    def _sum(
        self, measure: Measure, group: str, rows: np.ndarray, *, wants_small: bool | None
    ) -> Linear | None:
        """Return the measure of a group as an expression; None for an average over no cases."""
        table_of = measure.table
        assert table_of is not None
        number = self._number_for(measure)
        cases = float(self.grid.cases[rows].sum())
        if measure.average and cases <= 0:
            return None
        return self.shape.expression(
            lambda: table_of(self.grid.every_journey(number)),
            rows,
            key=f"{measure.name}, {group}, {number}",
            scale=1.0 / cases if measure.average else 1.0,
            wants_small=wants_small,
        )

    def _number_for(self, measure: Measure) -> int | None:
        """Return the number of sites where the measure depends on it, else None."""
        if not measure.by_number(self.problem.service):
            return None
        if self.problem.fewest != self.problem.most:
            raise ValueError(f"{measure.name} depends on staffing: fix the number of sites")
        return self.problem.most

    def _add(self, row: Any) -> None:
        self.lp.addConstraint(row, f"c{self.rows_added}")
        self.rows_added += 1


def _label(by: str | None, group: str) -> str:
    """Return what to call a group among all groups of all columns; "" for everyone."""
    return f"{by} {group}" if by else ""


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
