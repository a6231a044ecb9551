"""The nearest-site-set formulation without its set variables, for measures that get worse with
every step: small whatever the number of zones, and exact by cuts where there are many sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pulp

from reconfig.appraise import Grid
from reconfig.core import Problem
from reconfig.model.exact_sets import sets_of
from reconfig.model.expression import Linear, add_row, linear
from reconfig.model.sets import NearestSets, Weights, bits

# Up to so many sets, and so many sites in them all, each set has a row of its own and no cut is
# needed; beyond, the rows cost more than cutting. Measured: coverage of England within 30 minutes
# (586 sets, few sites in each) is quicker with rows, journeys of 1,673 areas to 30 units with cuts.
MOST_SETS = 2_000
MOST_MEMBERS = 2_500


class NotProjectableError(Exception):
    """An expression needs the set variables: a larger one could look better than the truth."""


@dataclass(frozen=True, eq=False)
class Cut:
    """theta + sum of share x y >= bound, over the columns of the sites.

    theta: position among the formulation's theta variables. shares: by column, none negative.
    """

    theta: int
    shares: np.ndarray
    bound: float


@dataclass(frozen=True, eq=False)
class _Sum:
    """An expression that is kept from below by cuts: sum of value x z[S] <= sum of theta.

    sets, values: the sets and what each weighs (all above zero), in the unit of the expression.
    group: by set of the problem, which theta it belongs to, counted from `first`; of so many.
    """

    sets: np.ndarray
    values: np.ndarray
    group: np.ndarray
    first: int
    number: int


class ProjectedFormulation:
    """Sums of tables as sums of theta, each no smaller than the truth at any choice of sites.

    For any sets S with weights w[S] >= 0, as docs/formulation.md proves,

        (4) theta >= sum over S of w[S] ( 1 - sum of y[j] over j in S )

    holds, and with the right sets it is an equation. Where there are few sets, each has its row

        (5) z[S] + sum of y[j] over j in S >= 1

    and the expression is the sum of w[S] z[S]. Sets that no choice can close wholly are left out.
    Raises NotProjectableError for an expression in which some weight has the other sign.
    """

    def __init__(
        self,
        problem: Problem,
        grid: Grid,
        lp: Any,
        opened: Sequence[Any],
        check_time: Callable[[], None],
    ) -> None:
        if grid.ways is not None:  # nor do routes get worse one after the other
            raise NotProjectableError
        self.lp, self.opened, self.check_time = lp, opened, check_time
        self.sets = sets_of(
            grid,
            usable=np.ones(len(grid.sites), dtype=bool),
            always_open=~grid.is_candidate,
            fewest_open=0,
        )
        kept = np.zeros(len(grid.sites), dtype=bool)
        kept[grid.columns(problem.kept)] = True
        closed = np.zeros(len(grid.sites), dtype=bool)
        closed[grid.columns(problem.closed)] = True
        self.most_open = problem.most + int((~grid.is_candidate).sum())
        self.possible = _possible(self.sets, problem, kept, closed)
        self.thetas: list[Any] = []
        self.sums: list[_Sum] = []
        self.closed: dict[int, Any] = {}

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
        found = self.sets.weights(table, rows, key)
        sign = 1.0 if wants_small else -1.0
        if wants_small is None or (found.values * scale * sign < 0).any():
            raise NotProjectableError
        live = self.possible[found.sets]
        sets, values = found.sets[live], found.values[live] * scale * sign
        constant = found.constant * scale
        sizes = np.searchsorted(self.sets.level, sets, side="right")
        if len(sets) <= MOST_SETS and int(sizes.sum()) <= MOST_MEMBERS:
            terms = zip(map(self._set_variable, sets.tolist()), values * sign, strict=True)
            return linear(constant, terms)
        return linear(constant, ((t, sign) for t in self._thetas(Weights(0.0, sets, values))))

    def finish(self) -> None:
        """Add the rows of sets that may never be wholly closed, those that say the most."""
        self.check_time()
        stuck = np.zeros((len(self.sets.stuck), self.sets.columns), dtype=bool)
        for row, number in zip(stuck, self.sets.stuck.tolist(), strict=True):
            row[self.sets.members(number)] = True
        if len(stuck):
            for number, row in enumerate(smallest(stuck)):
                terms = [(self.opened[j], 1.0) for j in np.flatnonzero(row).tolist()]
                add_row(self.lp, terms, pulp.LpConstraintGE, 1, f"reached{number}")

    def violated(
        self, open_share: np.ndarray, thetas: np.ndarray | None, room: float
    ) -> tuple[list[Cut], np.ndarray]:
        """Return the cuts that a point breaks by more than `room`, and what each theta should be.

        open_share: y by column. thetas: None for every cut that asks for anything at that point.
        """
        openness = self.sets.openness(open_share)
        short = np.maximum(1.0 - openness, 0.0)
        cuts: list[Cut] = []
        truths = np.zeros(len(self.thetas))
        for part in self.sums:
            used = int(np.searchsorted(part.sets, len(openness)))
            sets, values = part.sets[:used], part.values[:used]
            group = part.group[sets]
            truth = np.bincount(group, weights=values * short[sets], minlength=part.number)
            place = slice(part.first, part.first + part.number)
            truths[place] = truth
            broken = np.flatnonzero(truth - (0.0 if thetas is None else thetas[place]) > room)
            if not broken.size:
                continue
            amounts = np.zeros(len(openness))
            amounts[sets] = np.where(short[sets] > 1e-9, values, 0.0)
            shares = self.sets.by_column(amounts, part.group, part.number)
            bound = np.bincount(group, weights=amounts[sets], minlength=part.number)
            cuts += [Cut(part.first + int(g), shares[g], float(bound[g])) for g in broken]
        return cuts, truths

    def add(self, cut: Cut, name: str) -> None:
        """Add a cut to the PuLP problem."""
        used = np.flatnonzero(cut.shares)
        terms = [
            (self.opened[j], s)
            for j, s in zip(used.tolist(), cut.shares[used].tolist(), strict=True)
        ]
        terms.append((self.thetas[cut.theta], 1.0))
        add_row(self.lp, terms, pulp.LpConstraintGE, cut.bound, name)

    def _set_variable(self, number: int) -> Any:
        """Return z of a set, with its row (5) once it is made."""
        if number not in self.closed:
            variable = self.lp.add_variable(f"z{number}", lowBound=0, upBound=1)
            columns = self.sets.members(number)
            terms = [(variable, 1.0), *((self.opened[j], 1.0) for j in columns)]
            add_row(self.lp, terms, pulp.LpConstraintGE, 1, f"set{number}")
            self.closed[number] = variable
        return self.closed[number]

    def _thetas(self, weights: Weights) -> list[Any]:
        """Return the new variables that stand for a sum: one for each nearest site in it."""
        columns = np.unique(self.sets.root[weights.sets])
        number = np.zeros(self.sets.columns, dtype=np.int64)
        number[columns] = np.arange(len(columns))
        first = len(self.thetas)
        self.sums.append(
            _Sum(weights.sets, weights.values, number[self.sets.root], first, len(columns))
        )
        new = [self.lp.add_variable(f"theta{first + k}", lowBound=0) for k in range(len(columns))]
        self.thetas += new
        return new


def _possible(
    sets: NearestSets, problem: Problem, kept: np.ndarray, closed: np.ndarray
) -> np.ndarray:
    """Return which sets some choice of sites may close wholly: none kept, and not too many."""
    free = len(problem.service.candidates) - int(kept.sum()) - int(closed.sum())
    most_closed = free - max(problem.fewest - int(kept.sum()), 0)
    possible = np.ones(len(sets), dtype=bool)
    count = np.zeros(len(sets), dtype=np.int64)
    for first, last in sets.levels():
        column, parent = sets.column[first:last], sets.parent[first:last]
        count[first:last] = ~closed[column]
        possible[first:last] = ~kept[column]
        if first:
            count[first:last] += count[parent]
            possible[first:last] &= possible[parent]
    return possible & (count <= most_closed)


def smallest(rows: np.ndarray) -> np.ndarray:
    """Return the distinct rows (sets of columns) that hold no other: the rest follow from them."""
    distinct_rows = np.unique(rows, axis=0)
    size = distinct_rows.sum(axis=1)
    ordered = distinct_rows[np.argsort(size, kind="stable")]
    words = bits(ordered)
    wanted = np.ones(len(ordered), dtype=bool)
    for k in range(len(ordered)):
        if wanted[k]:
            holds = ((words[k + 1 :] & words[k]) == words[k]).all(axis=1)
            wanted[k + 1 :] &= ~holds
    return ordered[wanted]
