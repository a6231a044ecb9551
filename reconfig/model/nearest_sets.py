"""The nearest-site-set formulation: one variable a distinct set, shared by all zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pulp

from reconfig.appraise import Grid
from reconfig.core import Problem
from reconfig.model.expression import Linear, linear
from reconfig.model.sets import nearest_sets


class NearestSetFormulation:
    """z[S] = 1 exactly when every site of S is closed; sums of tables are linear in z.

    Rows, for every distinct step S -> S + {j}, with y[j] = 1 when j is open and z of the empty set
    equal to 1 (numbers as in docs/formulation.md):

        (1) z[S+j] >= z[S] - y[j]
        (2) z[S+j] <= z[S]          (3) z[S+j] <= 1 - y[j]

    (1) is enough where every use of z is better the smaller z is; (2) and (3) are added as soon as
    an expression wants otherwise.
    """

    def __init__(self, problem: Problem, grid: Grid, lp: Any, opened: Sequence[Any]) -> None:
        self.lp, self.opened = lp, opened
        kept = grid.columns(problem.kept) if problem.kept else np.zeros(0, dtype=int)
        always = ~grid.is_candidate
        always[kept] = True
        usable = np.ones(len(grid.sites), dtype=bool)
        usable[grid.columns(problem.closed)] = False
        self.sets = nearest_sets(
            grid.minutes,
            usable=usable,
            always_open=always,
            fewest_open=max(problem.fewest - len(problem.kept), 0),
        )
        self.exact = False
        self.closed = [
            lp.add_variable(f"z{k}", lowBound=0, upBound=1) for k in range(len(self.sets))
        ]

    def expression(
        self, table: np.ndarray, rows: np.ndarray, *, wants_small: bool | None
    ) -> Linear:
        """Return the sum of a table (zones x sites) over some zones (boolean) as an expression.

        wants_small: True if it is minimised or bounded above, False if the other way round, None
        if it must be exact.
        """
        constant, weights = self.sets.coefficients(table, rows)
        weights[np.abs(weights) < 1e-12] = 0.0
        enough = (wants_small is True and not (weights < 0).any()) or (
            wants_small is False and not (weights > 0).any()
        )
        self.exact |= not enough
        used = np.flatnonzero(weights)
        return linear(constant, ((self.closed[k], weights[k]) for k in used))

    def furthest(self, minutes: np.ndarray, zone: int) -> Linear:
        """Return the minutes of one zone's journey as an expression."""
        rows = np.zeros(len(minutes), dtype=bool)
        rows[zone] = True
        table = np.where(np.isfinite(minutes), minutes, 0.0)
        return self.expression(table, rows, wants_small=True)

    def finish(self) -> None:
        """Add the rows that give z its meaning, once it is known how it is used."""
        for number, (before, column, after) in enumerate(self.sets.steps):
            now, opened = self.closed[after], self.opened[column]
            if before < 0:
                self._add([(now, 1), (opened, 1)], pulp.LpConstraintGE, 1, f"first{number}")
                if self.exact:
                    self._add([(now, 1), (opened, 1)], pulp.LpConstraintLE, 1, f"closed{number}")
                continue
            earlier = self.closed[before]
            self._add(
                [(now, 1), (earlier, -1), (opened, 1)], pulp.LpConstraintGE, 0, f"step{number}"
            )
            if self.exact:
                self._add([(now, 1), (earlier, -1)], pulp.LpConstraintLE, 0, f"nested{number}")
                self._add([(now, 1), (opened, 1)], pulp.LpConstraintLE, 1, f"closed{number}")
        for k in self.sets.stuck:
            self._add([(self.closed[k], 1)], pulp.LpConstraintLE, 0, f"reached{k}")

    def _add(self, terms: list[tuple[Any, float]], sense: int, bound: float, name: str) -> None:
        row = pulp.LpConstraint(pulp.LpAffineExpression(terms), sense=sense, rhs=bound)
        self.lp.addConstraint(row, name)
