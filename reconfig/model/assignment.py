"""The assignment formulation: one variable a zone and site. Larger and slower; the oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pulp

from reconfig.appraise import Grid
from reconfig.core import Problem
from reconfig.model.expression import Linear, add_row, linear


class AssignmentFormulation:
    """x[i,j] = 1 when the cases of row i (a zone, or a share of one) are treated at site j.

        (13) sum_j x[i,j] = 1
        (14) x[i,j] <= y[j]
        (15) sum of x[i,l] over sites l no further than j (ties by id) >= y[j]

    Where patients are directed, (15) is left out: x is then the share of a zone sent to a site.
    (15) sends every row to its nearest open site, whatever would suit the objective.
    """

    def __init__(
        self,
        problem: Problem,
        grid: Grid,
        lp: Any,
        opened: Sequence[Any],
        check_time: Callable[[], None],
    ) -> None:
        self.lp, self.opened, self.check_time = lp, opened, check_time
        self.directed = problem.service.is_directed
        self.order = [
            [int(j) for j in np.argsort(row, kind="stable") if np.isfinite(row[j])]
            for row in grid.perceived
        ]
        self.treated = []
        for i, order in enumerate(self.order):
            check_time()
            self.treated.append(
                {j: lp.add_variable(f"x{i}_{j}", lowBound=0, upBound=1) for j in order}
            )

    def expression(
        self,
        table: Callable[[], np.ndarray],
        rows: np.ndarray,
        *,
        key: str,
        scale: float,
        wants_small: bool | None,
    ) -> Linear:
        """Return scale x the sum of a table (zones x sites) over some zones as an expression."""
        amounts = table() * scale
        return linear(
            0.0,
            ((x, amounts[i, j]) for i in np.flatnonzero(rows) for j, x in self.treated[i].items()),
        )

    def forbid(self, journeys: np.ndarray) -> None:
        """Send nobody on some journeys (rows x columns, boolean)."""
        for i, j in np.argwhere(journeys).tolist():
            if j in self.treated[i]:
                self.treated[i][j].upBound = 0

    def finish(self) -> None:
        """Add the rows that give x its meaning."""
        for i, order in enumerate(self.order):
            self.check_time()
            row = self.treated[i]
            self._add([(x, 1) for x in row.values()], pulp.LpConstraintEQ, 1, f"once{i}")
            for k, j in enumerate(order):
                self._add(
                    [(row[j], 1), (self.opened[j], -1)], pulp.LpConstraintLE, 0, f"open{i}_{j}"
                )
                if self.directed:
                    continue
                nearer = [(row[near], 1) for near in order[: k + 1]]
                self._add(
                    [*nearer, (self.opened[j], -1)], pulp.LpConstraintGE, 0, f"nearest{i}_{j}"
                )

    def _add(self, terms: list[tuple[Any, float]], sense: int, bound: float, name: str) -> None:
        add_row(self.lp, terms, sense, bound, name)


def shares_sent(
    sent: Sequence[Mapping[int, Any]], columns: int, value: Callable[[Any], float]
) -> np.ndarray | None:
    """Return the shares of rows sent to columns, given what variables are; None without them.

    sent: by row, column -> variable.
    """
    if not sent:
        return None
    found = np.zeros((len(sent), columns))
    for row, variables in zip(found, sent, strict=True):
        for column, variable in variables.items():
            row[column] = value(variable)
    return found
