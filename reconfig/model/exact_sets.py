"""The nearest-site-set formulation with an exact variable a set: for any measure, any sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import pulp

from reconfig.appraise import Grid
from reconfig.core import Problem
from reconfig.model.expression import Linear, add_row, linear
from reconfig.model.routes import never_used
from reconfig.model.sets import NearestSets, nearest_sets

# Families of sets that a grid keeps: each may take some hundred megabytes.
MOST_KEPT = 3


class ExactSetFormulation:
    """z[S] = 1 exactly when every site of S is closed; sums of tables are linear in z.

    Rows, for every distinct step S -> S + {j}, with y[j] = 1 when j is open and z of the empty set
    equal to 1 (numbers as in docs/formulation.md):

        (1) z[S+j] >= z[S] - y[j]
        (2) z[S+j] <= z[S]          (3) z[S+j] <= 1 - y[j]

    Used where a larger z could look better than the truth; see `ProjectedFormulation` for the rest.
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
        always = ~grid.is_candidate
        always[grid.columns(problem.kept)] = True
        usable = np.ones(len(grid.sites), dtype=bool)
        usable[grid.columns(problem.closed)] = False
        fewest = max(problem.fewest - len(problem.kept), 0)
        never, certain = None, None
        if grid.ways is not None:  # columns are not sites, so their number says nothing
            fewest = 0
            never, certain = never_used(problem, grid)
        self.sets = sets_of(
            grid,
            usable=grid.through(usable),
            always_open=grid.through(always),
            fewest_open=fewest,
            never=never,
            certain=certain,
        )
        self.closed = [
            lp.add_variable(f"z{k}", lowBound=0, upBound=1) for k in range(len(self.sets))
        ]

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
        weights = self.sets.weights(table, rows, key)
        terms = zip(weights.sets, weights.values * scale, strict=True)
        return linear(weights.constant * scale, ((self.closed[k], w) for k, w in terms))

    def finish(self) -> None:
        """Add the rows that give z its meaning."""
        for number, (before, column, after) in enumerate(self.sets.steps.tolist()):
            self.check_time()
            now, opened = self.closed[after], self.opened[column]
            if before < 0:
                self._add([(now, 1), (opened, 1)], pulp.LpConstraintEQ, 1, f"first{number}")
                continue
            earlier = self.closed[before]
            self._add(
                [(now, 1), (earlier, -1), (opened, 1)], pulp.LpConstraintGE, 0, f"step{number}"
            )
            self._add([(now, 1), (earlier, -1)], pulp.LpConstraintLE, 0, f"nested{number}")
            self._add([(now, 1), (opened, 1)], pulp.LpConstraintLE, 1, f"closed{number}")
        for k in self.sets.stuck:
            self._add([(self.closed[k], 1)], pulp.LpConstraintLE, 0, f"reached{k}")

    def _add(self, terms: list[tuple[Any, float]], sense: int, bound: float, name: str) -> None:
        add_row(self.lp, terms, sense, bound, name)


def sets_of(
    grid: Grid,
    *,
    usable: np.ndarray,
    always_open: np.ndarray,
    fewest_open: int,
    never: np.ndarray | None = None,
    certain: np.ndarray | None = None,
) -> NearestSets:
    """Return the nearest-site sets of a grid, kept on it for the next solve; see `nearest_sets`.

    never: journeys (rows x columns) that nobody ever makes, as `never_used` finds them.
    """
    parts = [array for array in (usable, always_open, never, certain) if array is not None]
    key = (blake2b(b"".join(np.packbits(part).tobytes() for part in parts)).digest(), fewest_open)
    kept: dict[Any, NearestSets] = grid.memo.setdefault("nearest sets", {})
    found = kept.pop(key, None) or nearest_sets(
        grid.perceived if never is None else np.where(never, np.inf, grid.perceived),
        usable=usable,
        always_open=always_open,
        fewest_open=fewest_open,
        certain=certain,
    )
    kept[key] = found
    while len(kept) > MOST_KEPT:  # the one that was asked for the longest ago
        del kept[next(iter(kept))]
    return found
