"""Branch and bound where volumes are bounded: volumes are held by cuts, never by variables.

1. A good choice by local search.
2. The projected program without the volumes, and cuts from neighbourhoods of sites: a bound.
3. Branching on sites, the node with the best bound first. Where a relaxation is whole, either its
   choice keeps all volumes, by appraisal too, and settles the node; or a few sites explain why a
   volume is out of bounds, and a cut that says so is added. Choices are finite, and a choice that
   has its cuts never comes again, so this ends.

Every cut holds for all choices, so that the least bound of the nodes left is always a bound.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace

import highspy
import numpy as np

from reconfig.appraise import Grid
from reconfig.core import Problem
from reconfig.model import BuiltModel, Cut
from reconfig.solve import highs as solver
from reconfig.solve.costs import Costs
from reconfig.solve.cutting import Cutting, Judge
from reconfig.solve.neighbourhoods import Neighbourhood, Pieces, Row, neighbours
from reconfig.solve.settings import PROVEN_GAP, Settings
from reconfig.solve.volume_start import Start
from reconfig.solve.volumes import Arrivals, Volumes

# Sites in a neighbourhood: every choice of them is held, at twice the cost for each site more.
SITES = 14
# Of a zone's nearest sites so many more are each other's neighbours than there are sites to an
# open one, up to so many in all.
MORE_DEEP, MOST_DEEP = 2, 8
# Rounds of cuts at the root, before and after neighbourhoods are looked at, and at other nodes; so
# many without a better bound end them.
FIRST_ROUNDS, ROOT_ROUNDS, NODE_ROUNDS, STALLED = 20, 60, 6, 3
# After so many nodes there is another local search, from where the relaxation points.
SEARCHED_AGAIN = frozenset(2**k for k in range(2, 20))
# A cut of a neighbourhood is broken when it is missed by this share of the objective or more.
HULL_ROOM = 1e-5
# A share of a site this near to 0 or 1 is whole.
WHOLE = 1e-6
# Sites on which both branches are tried before one is chosen, and how often each in all.
CANDIDATES, TRIALS = 8, 3
# How often cuts are added for the same choice.
MOST_VISITS = 3
# Cuts that held nothing back so many times running are dropped, where there are more than so many.
IDLE, MOST_CUTS = 20, 300
NO_COLUMNS, NO_FACTORS = np.zeros(0, dtype=np.int64), np.zeros(0)


@dataclass(order=True)
class _Node:
    """Some of the choices: cost is a bound on them all; low, high: ends of the site variables."""

    cost: float
    number: int
    low: np.ndarray
    high: np.ndarray


class Branching(Cutting):
    """One solve in the making; costs are those of HiGHS, which are minimised."""

    def __init__(
        self,
        problem: Problem,
        model: BuiltModel,
        settings: Settings,
        judge: Judge,
        costs: Callable[[], Costs] | None,
    ) -> None:
        """Load the program. model: of the problem without its volumes, in the projected form."""
        super().__init__(
            replace(model, cuts=model.projected), settings, judge, costs, any_choice=False
        )
        self.grid = Grid.of(problem.region, problem.service)
        self.volumes = Volumes.of(problem, self.grid)
        always = int((~self.grid.is_candidate).sum())
        self.numbers = problem.fewest + always, problem.most + always
        sets = self.cuts.sets
        known = self.grid.memo.get("arrivals")
        if not isinstance(known, Arrivals) or known.sets is not sets:
            known = self.grid.memo["arrivals"] = Arrivals.of(self.grid, sets)
        self.arrivals: Arrivals = known
        self.ends = self.low.copy(), self.high.copy()
        self.pieces = Pieces.of(model, self.sign)
        opening = 0.0
        if {v for v, _ in model.objective.terms} == set(model.opened.values()):
            opening = self.sign  # the objective is the number of sites
        self.start = Start(self.grid, self.volumes, costs, self.ends, self.numbers, opening)
        self.hoods: list[Neighbourhood] = []
        self.floor = np.inf  # the least cost of what was left out as no better than the value
        self.root = _Node(-np.inf, 0, self.low.copy(), self.high.copy())
        self.first_cut = self.nodes = 0
        # By cut, how many times running it held nothing back.
        self.idle = np.zeros(0, dtype=np.int64)
        self.number = 0
        self.visits: dict[bytes, int] = {}
        self.gains = np.zeros((2, len(self.columns)))  # by branch and site: sum of gains a share
        self.trials = np.zeros((2, len(self.columns)))

    def _relax(self) -> bool:
        """Find a start, and a first bound without volumes; return whether there is a choice."""
        self._set_integer(False)
        if self.numbers[0] > self.numbers[1]:
            return False
        self._add_totals()
        self.first_cut, self.idle = self.highs.getNumRow(), self.idle[:0]
        self.start.search(self.start.first_choice(), self._try, self.settings, seed=1)
        if self._bound_node(self.root, FIRST_ROUNDS) is None and self._infeasible():
            return False
        if not self._done():
            self._look_around()
        return True

    def _look_around(self) -> None:
        """Look at every choice of the sites around each site."""
        free = self.ends[0] < self.ends[1]
        per_open = free.sum() / max(self.start.usual_number, 1)
        depth = min(MORE_DEEP + int(np.ceil(per_open)), MOST_DEEP)
        order, cases = self.arrivals.sets.order, self.grid.cases
        for columns in neighbours(order, cases, free, SITES, depth):
            self.settings.check()
            self.hoods.append(
                Neighbourhood(
                    columns, self.arrivals, self.volumes, self.pieces, self.ends, self.numbers
                )
            )

    def _search(self) -> bool:
        """Branch until nothing better is left; return whether there is a choice at all."""
        heap = [self.root]
        while heap:
            node = heapq.heappop(heap)
            self.bound = self._tighter(self._value_of(min(node.cost, self.floor)))
            if self._done():
                return True
            if self._hopeless(node.cost):
                continue
            found = self._bound_node(node, NODE_ROUNDS if self.nodes else ROOT_ROUNDS)
            if node is self.root:
                if self._done():
                    return True
                if found is None and self._infeasible():
                    return False
            self.nodes += 1
            if found is not None:
                if self.opened is None or self.nodes in SEARCHED_AGAIN:
                    self.start.search(found > 0.5, self._try, self.settings, seed=self.nodes)
                for child in self._branches(node, found):
                    heapq.heappush(heap, child)
        if self.value is None:
            return False
        self.bound = self._tighter(self._value_of(min(self.floor, self._cost_of(self.value))))
        return True

    def _bound_node(self, node: _Node, rounds: int) -> np.ndarray | None:
        """Cut a node's relaxation; return y by column, None where the node is settled."""
        if not self._imply(node):
            return None
        self._set_ends(node.low, node.high)
        best, stalled, count = -np.inf, 0, 0
        while True:
            cost = self._cost()
            if cost is None:
                return None
            node.cost = max(node.cost, cost)
            if node is self.root:
                self.bound = self._tighter(self._value_of(node.cost))
                if self._done():
                    return None
            if self._hopeless(node.cost):
                return None
            solution = self.highs.getSolution()
            values = np.array(solution.col_value)
            reduced = self.unit * np.array(solution.col_dual)
            self._drop_idle(np.array(solution.row_dual))
            point: np.ndarray = np.clip(values[self.columns], 0.0, 1.0)
            if (np.abs(point - np.round(point)) <= WHOLE).all():
                count += 1
                cut_off = self._cut_choice(point > 0.5, values[self.theta_columns])
                if cut_off and count <= rounds:
                    continue
                if not cut_off and self._try(point > 0.5):
                    self.floor = min(self.floor, node.cost)
                    return None
                point = np.round(point)
                return point if (node.low < node.high).any() else None
            count += 1
            stalled = 0 if cost > best + HULL_ROOM * self._size() else stalled + 1
            best = max(best, cost)
            if count > rounds or stalled > STALLED or not self._cut_point(point, values):
                self._narrow(node, cost, reduced[self.columns])
                return point

    def _cut_choice(self, opened: np.ndarray, thetas: np.ndarray) -> bool:
        """Add the cuts that a whole choice breaks; return whether there were any.

        A choice that comes again and again has its cuts: what is left is the solver's rounding.
        """
        key = opened.tobytes()
        self.visits[key] = self.visits.get(key, 0) + 1
        if self.visits[key] > MOST_VISITS:
            return False
        broken, _ = self.cuts.violated(opened.astype(float), thetas, self._room())
        rows = [] if self._try(opened) else self._explained(opened) or [self._but_this(opened)]
        self._add_rows([*map(self._row_of, broken), *rows])
        return bool(broken or rows)

    def _explained(self, opened: np.ndarray) -> list[Row]:
        """Return a cut a site whose volume is out of bounds, from the sites that explain it.

        (34) open rivals N leave it too few: y(j) + sum of y(k) over N <= |N|
        (35) closed sites T give it too many: sum of y(k) over T >= y(j)
        """
        volume = self.arrivals.volumes(opened)
        rows = []
        for j in np.flatnonzero(opened & (volume < self.volumes.low)).tolist():
            rivals = self.arrivals.rivals(j, opened, float(self.volumes.low[j]))
            if rivals is not None:
                shares = np.zeros(len(opened))
                shares[[j, *rivals]] = -1.0
                rows.append(Row(NO_COLUMNS, NO_FACTORS, shares, -float(len(rivals))))
        for j in np.flatnonzero(opened & (volume > self.volumes.high)).tolist():
            gaps = self.arrivals.gaps(j, opened, float(self.volumes.high[j]))
            if gaps is not None:
                shares = np.zeros(len(opened))
                shares[gaps], shares[j] = 1.0, -1.0
                rows.append(Row(NO_COLUMNS, NO_FACTORS, shares, 0.0))
        return rows

    def _but_this(self, opened: np.ndarray) -> Row:
        """Return the cut that forbids one choice and no other, as (21) with k = 1."""
        shares = np.where(opened, -1.0, 1.0)
        return Row(NO_COLUMNS, NO_FACTORS, shares, 1.0 - float(opened.sum()))

    def _cut_point(self, point: np.ndarray, values: np.ndarray) -> bool:
        """Add the cuts that a point breaks; return whether there were any."""
        broken, _ = self.cuts.violated(point, values[self.theta_columns], self._room())
        openness = self.cuts.sets.openness(point)
        short = np.zeros(len(self.cuts.sets))
        short[: len(openness)] = np.where(openness < 1.0 - WHOLE, 1.0 - openness, 0.0)
        room = HULL_ROOM * self._size()
        rows = [hood.cut(point, short, values, room) for hood in self.hoods]
        self.settings.check()
        found = [*map(self._row_of, broken), *(row for row in rows if row is not None)]
        self._add_rows(found)
        return bool(found)

    def _row_of(self, cut: Cut) -> Row:
        return Row(self.theta_columns[[cut.theta]], np.ones(1), cut.shares, cut.bound)

    def _add_rows(self, rows: list[Row]) -> None:
        """Add cuts to the program, each so that its largest coefficient is 1."""
        for row in rows:
            used = np.flatnonzero(row.shares)
            factors = np.concatenate([row.factors, row.shares[used]])
            index = np.concatenate([row.columns, self.columns[used]]).astype(np.int32)
            size = float(np.abs(factors).max(initial=0.0)) or 1.0
            self.highs.addRow(
                row.bound / size, highspy.kHighsInf, len(index), index, factors / size
            )
        self.idle = np.append(self.idle, np.zeros(len(rows), dtype=np.int64))

    def _drop_idle(self, duals: np.ndarray) -> None:
        """Drop cuts that have held nothing back for long; they can be found again.

        duals: of all rows of the program.
        """
        self.idle = np.where(duals[self.first_cut :] == 0, self.idle + 1, 0)
        old = np.flatnonzero(self.idle > IDLE)
        if len(self.idle) > MOST_CUTS and old.size:
            self.highs.deleteRows(len(old), (old + self.first_cut).astype(np.int32))
            self.idle = np.delete(self.idle, old)
            self.visits.clear()

    def _imply(self, node: _Node) -> bool:
        """Fix what the choices left of every neighbourhood imply; return whether any are left."""
        changed = True
        while changed:
            changed = False
            for hood in self.hoods:
                implied = hood.implied(node.low, node.high)
                if implied is None:
                    return False
                opens, closes = (hood.columns[which] for which in implied)
                if (node.low[opens] < 1).any() or (node.high[closes] > 0).any():
                    node.low[opens], node.high[closes] = 1.0, 0.0
                    changed = True
        return True

    def _narrow(self, node: _Node, cost: float, reduced: np.ndarray) -> None:
        """Fix the sites that no better choice in the node can have otherwise.

        reduced: their reduced costs. What is left out so costs as much as the value at the least.
        """
        if self.value is None:
            return
        fixed = (np.abs(reduced) > self._cost_of(self.value) - cost) & (node.low < node.high)
        node.low[fixed & (reduced < 0)] = 1.0
        node.high[fixed & (reduced > 0)] = 0.0

    def _branches(self, node: _Node, point: np.ndarray) -> list[_Node]:
        """Return the two parts of a node, those that hold nothing better left out."""
        column = self._choose(node, point)
        parts = []
        for value in (0.0, 1.0):
            low, high = node.low.copy(), node.high.copy()
            low[column] = high[column] = value
            self.number += 1
            parts.append(_Node(node.cost, self.number, low, high))
        return parts

    def _choose(self, node: _Node, point: np.ndarray) -> int:
        """Return the site to branch on: the one whose branches both gain the most.

        Sites that were seldom tried are tried now. Gains are per share of a site moved.
        """
        free = np.flatnonzero(node.low < node.high)
        parted = free[np.abs(point[free] - np.round(point[free])) > WHOLE]
        if not len(parted):
            return int(free[0])
        moved = np.stack([point[parted], 1.0 - point[parted]])  # to closed, to open

        def expected() -> np.ndarray:
            mean = self.gains.sum(axis=1) / np.maximum(self.trials.sum(axis=1), 1.0)
            known = self.gains[:, parted] / np.maximum(self.trials[:, parted], 1.0)
            each = np.where(self.trials[:, parted] > 0, known, mean[:, None])
            gain: np.ndarray = np.maximum(each * moved, 1e-12).prod(axis=0)
            gain += 1e-12 * moved.min(axis=0)
            return gain

        promising = np.argsort(-expected(), kind="stable")[:CANDIDATES]
        for k in promising:
            column = int(parted[k])
            if self.trials[:, column].min() >= TRIALS:
                continue
            for side, value in enumerate((0.0, 1.0)):
                self.highs.changeColBounds(int(self.columns[column]), value, value)
                cost = self._cost()
                gain = self._size() if cost is None else max(cost - node.cost, 0.0)
                self.gains[side, column] += gain / moved[side, k]
                self.trials[side, column] += 1
            ends = float(node.low[column]), float(node.high[column])
            self.highs.changeColBounds(int(self.columns[column]), *ends)
        return int(parted[int(np.argmax(expected()))])

    def _cost(self) -> float | None:
        """Run the relaxation as it stands; return its cost, None where nothing keeps it."""
        self._run()
        if self._infeasible():
            return None
        return self.unit * float(self.highs.getInfo().objective_function_value)

    def _infeasible(self) -> bool:
        return self.highs.getModelStatus() in solver.INFEASIBLE

    def _hopeless(self, cost: float) -> bool:
        """Whether nothing of such a cost can be better than the value found, which is noted."""
        if self.value is None or cost < self._cost_of(self.value) - PROVEN_GAP / 2 * self._size():
            return False
        self.floor = min(self.floor, cost)
        return True

    def _size(self) -> float:
        return max(1.0, abs(self.value)) if self.value is not None else 1.0

    def _value_of(self, cost: float) -> float:
        return self.sign * cost + float(self.model.objective.constant)

    def _cost_of(self, value: float) -> float:
        return self.sign * (value - float(self.model.objective.constant))

    def _set_ends(self, low: np.ndarray, high: np.ndarray) -> None:
        self.highs.changeColsBounds(len(self.columns), self.columns, low, high)

    def _add_totals(self) -> None:
        """Rows: all open sites together have no more cases than there are, and no fewer.

        (31) sum of low(j) y(j) <= all cases <= sum of high(j) y(j)
        """
        total = float(self.grid.cases.sum())
        low, high = np.maximum(self.volumes.low, 0.0), self.volumes.high
        rows = [Row(NO_COLUMNS, NO_FACTORS, -low, -total * (1 + WHOLE))]
        if np.isfinite(high).all():
            rows.append(Row(NO_COLUMNS, NO_FACTORS, high, total * (1 - WHOLE)))
        self._add_rows(rows)
