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
from reconfig.model.expression import Linear, linear
from reconfig.model.nearest_sets import NearestSetFormulation

FormulationName = Literal["nearest-sets", "assignment"]


class Formulation(Protocol):
    """What a formulation gives: sums of tables as linear expressions, and its own rows."""

    def expression(
        self, table: np.ndarray, rows: np.ndarray, *, wants_small: bool | None
    ) -> Linear:
        """Return the sum of a table over some zones, according to who is treated where."""

    def furthest(self, minutes: np.ndarray, zone: int) -> Linear:
        """Return the minutes of one zone's journey."""

    def finish(self) -> None:
        """Add the formulation's own rows."""


FORMULATIONS: dict[str, Callable[[Problem, Grid, Any, Sequence[Any]], Formulation]] = {
    "nearest-sets": NearestSetFormulation,
    "assignment": AssignmentFormulation,
}


@dataclass(frozen=True, eq=False)
class BuiltModel:
    """A PuLP problem with what is needed to read its answer.

    opened: site id -> the variable that is 1 when a candidate is open. objective: the value that
    is optimised, in the measure's own unit.
    """

    lp: Any
    opened: dict[str, Any]
    objective: Linear


def build(
    problem: Problem,
    stage: Objective,
    *,
    formulation: FormulationName = "nearest-sets",
    within: Sequence[tuple[Objective, float]] = (),
) -> BuiltModel:
    """Return the integer program of one stage of a problem's objective.

    within: earlier objectives, each with the value that must still be reached.
    Raises ValueError if a measure depends on staffing and the number of sites is left open, or if
    a zone can reach no site.
    """
    grid = Grid.of(problem.region, problem.service)
    sense = pulp.LpMinimize if stage.sense == "minimise" else pulp.LpMaximize
    lp = pulp.LpProblem("reconfig", sense)
    opened = _site_variables(lp, problem, grid)
    shape = FORMULATIONS[formulation](problem, grid, lp, opened)
    assembly = _Assembly(problem, grid, lp, opened, shape)
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
    return BuiltModel(lp, by_id, objective)


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
    rows_added: int = 0

    def objective(self, stage: Objective) -> Linear:
        """Return what is optimised, as an expression in the measure's unit."""
        small = stage.sense == "minimise"
        if stage.measure == "max_minutes":
            return self._longest(small)
        (expression,) = self._sums(_measure(stage.measure), None, wants_small=small).values()
        return expression

    def reach(self, earlier: Objective, value: float) -> None:
        """An objective of an earlier stage stays within reach of its best: f <= v or f >= v."""
        expression = self.objective(earlier)
        small = earlier.sense == "minimise"
        self._add(expression.at_most(value) if small else expression.at_least(value))

    def number_of_sites(self) -> None:
        """Row: fewest <= sum_j y[j] <= most, over candidates."""
        candidates = np.flatnonzero(self.grid.is_candidate)
        total = linear(0.0, ((self.opened[j], 1.0) for j in candidates))
        self._add(total.at_least(self.problem.fewest))
        self._add(total.at_most(self.problem.most))

    def limit(self, limit: Limit) -> None:
        """Rows of a bound on a measure, one a group."""
        measure = _measure(limit.measure)
        if measure.table is not None:
            self._limit_on_sum(limit, measure)
        elif limit.measure == "max_minutes":
            self._limit_on_longest(limit)
        elif limit.measure == "p95_minutes":
            self._limit_on_percentile(limit)
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
        assert limit.at_most is not None
        table = self.grid.cases[:, None] * (self.grid.minutes <= limit.at_most)
        for rows in self._groups(limit.by).values():
            needed = 0.95 * float(self.grid.cases[rows].sum()) * (1 - 1e-12)
            expression = self.shape.expression(table, rows, wants_small=False)
            self._add(expression.at_least(needed))

    def _limit_on_longest(self, limit: Limit) -> None:
        """Row a distinct set of sites within T of a zone: one of them is open."""
        assert limit.at_most is not None
        with_cases = self.grid.cases > 0
        near = np.unique(self.grid.minutes[with_cases] <= limit.at_most, axis=0)
        for row in near:
            if (row & ~self.grid.is_candidate).any():
                continue
            sites = linear(0.0, ((self.opened[j], 1.0) for j in np.flatnonzero(row)))
            self._add(sites.at_least(1))

    def _limit_on_volume(self, limit: Limit) -> None:
        """Row a candidate: volume >= bound x y[j], or volume <= bound."""
        everyone = self.grid.everyone[""]
        for j in np.flatnonzero(self.grid.is_candidate):
            table = np.zeros_like(self.grid.minutes)
            table[:, j] = self.grid.cases
            volume = self.shape.expression(table, everyone, wants_small=None)
            if limit.measure == "max_volume":
                assert limit.at_most is not None
                self._add(volume.at_most(limit.at_most))
            else:
                assert limit.at_least is not None
                opened = (self.opened[j], -limit.at_least)
                self._add(linear(volume.constant, [*volume.terms, opened]).at_least(0))

    def _longest(self, small: bool) -> Linear:
        """A variable no smaller than any zone's journey; minimising makes it the longest."""
        if not small:
            raise ValueError("max_minutes can be minimised, not maximised")
        longest = self.lp.add_variable(f"longest{self.rows_added}", lowBound=0)
        for zone in np.flatnonzero(self.grid.cases > 0):
            journey = self.shape.furthest(self.grid.minutes, int(zone))
            terms = [*journey.terms, (longest, -1.0)]
            self._add(linear(journey.constant, terms).at_most(0))
        return linear(0.0, [(longest, 1.0)])

    def _sums(self, measure: Measure, by: str | None, *, wants_small: bool) -> dict[str, Linear]:
        """Return group -> the measure as an expression; groups without cases have no average."""
        assert measure.table is not None
        table = measure.table(self.grid)
        factor = self._factor(measure)
        found = {}
        for group, rows in self._groups(by).items():
            cases = float(self.grid.cases[rows].sum())
            if measure.average and cases <= 0:
                continue
            scale = factor / cases if measure.average else factor
            expression = self.shape.expression(table, rows, wants_small=wants_small)
            found[group] = expression.scaled(scale)
        return found

    def _factor(self, measure: Measure) -> float:
        if not measure.staffed:
            return 1.0
        if self.problem.fewest != self.problem.most:
            raise ValueError(f"{measure.name} depends on staffing: fix the number of sites")
        return measure.factor(self.problem.service, self.problem.most)

    def _groups(self, by: str | None) -> dict[str, np.ndarray]:
        return self.grid.rows_by(by) if by else self.grid.everyone

    def _add(self, row: Any) -> None:
        self.lp.addConstraint(row, f"c{self.rows_added}")
        self.rows_added += 1


def _measure(name: str) -> Measure:
    measure = find_measure(name)
    if measure is None:
        raise KeyError(name)
    return measure
