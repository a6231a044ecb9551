"""The projected program, made whole where a solution needs it: relaxation, start, fixing, cuts.

1. The linear relaxation, with cuts (4) added until none is broken: a bound.
2. The sites that it opens most, bettered by exchange: a value.
3. Sites whose reduced cost alone would carry the bound past that value are fixed.
4. Where few choices are left, each is valued. Otherwise the integer program with the cuts so
   far; if its answer breaks further ones, they are added and it is solved again. When none is
   broken, value and bound are those of the true problem.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import highspy
import numpy as np
import pulp

from reconfig.core import Status
from reconfig.model import BuiltModel, Cut
from reconfig.solve import highs as solver
from reconfig.solve.costs import Costs
from reconfig.solve.enumerate import FEW_JOURNEYS, LOOSE, MOST_JOURNEYS, cheapest, room_for
from reconfig.solve.settings import (
    AGREEMENT,
    RawResult,
    Settings,
    SolverError,
    agree,
    relative_gap,
)
from reconfig.solve.solvers import run_solver
from reconfig.solve.start import exchange

# HiGHS may miss rows and duals by this much: the programs are small, and many cuts add up.
TOLERANCE = 1e-9
# A cut is broken when it is missed by this share of the objective or more.
ROOM = 1e-8
# The share of the way from the best point so far to the new one at which cuts are sought first.
INWARD = 0.5
# Sites are fixed only where the bound passes the value by this share of it.
MARGIN = 1e-6
MOST_ROUNDS = 500
# The objective is divided by a power of two if its coefficients are beyond this.
LARGE = 1e3

# open columns -> the appraised value, or None where they break a constraint
Judge = Callable[[np.ndarray], float | None]


class Cutting:
    """One solve in the making; values and bounds are in the objective's own unit.

    value, opened: the best choice found (by column), as appraised. bound: the best that any could
    reach. low, high: bounds of the site variables by column, narrowed as sites are fixed.
    claim: what the integer program says once no cut is broken, to be held against the appraisal.
    """

    def __init__(
        self,
        model: BuiltModel,
        settings: Settings,
        judge: Judge,
        costs: Callable[[], Costs] | None,
        *,
        any_choice: bool,
    ) -> None:
        """Load the program.

        costs: None where the objective is no sum over the zones. any_choice: whether every choice
        of as many sites that strands nobody keeps the constraints, those kept and closed apart.
        """
        assert model.cuts is not None
        self.model, self.cuts, self.settings = model, model.cuts, settings
        self.judge, self.costs, self.any_choice = judge, costs, any_choice
        self.value: float | None = None
        self.opened: np.ndarray | None = None
        self.bound: float | None = None
        self.sign = -1.0 if model.lp.sense == pulp.LpMaximize else 1.0
        # Tolerances are absolute: of costs in millions they would ask for too many digits.
        size = max((abs(c) for _, c in model.objective.terms), default=1.0)
        self.unit = 2.0 ** max(math.ceil(math.log2(size / LARGE)), 0) if size > 0 else 1.0
        self.highs = solver.load(model, gap=settings.gap, unit=self.unit, check_time=settings.check)
        for name in ("primal_feasibility", "dual_feasibility", "mip_feasibility"):
            self.highs.setOptionValue(f"{name}_tolerance", TOLERANCE)
        self.columns = np.array([v.index for v in model.sites], dtype=np.int32)
        self.theta_columns = np.array([v.index for v in self.cuts.thetas], dtype=np.int32)
        self.low = np.array([v.lowBound for v in model.sites], dtype=float)
        self.high = np.array([v.upBound for v in model.sites], dtype=float)
        self.integer = True
        self.fixed = False
        self.claim: RawResult | None = None
        self.tried: dict[bytes, bool] = {}
        self.added = 0

    def solve(self) -> RawResult:
        """Return the best choice with its bound, as far as time allows."""
        feasible = True
        try:
            feasible = self._relax()
            # A solver that was asked for by name has the last word.
            if feasible and (not self._done() or self.settings.solver != "HiGHS"):
                feasible = self._search()
        except TimeoutError:
            pass
        except KeyboardInterrupt:
            self.settings.interrupted = True
        if not feasible:
            if self.opened is None:
                return RawResult(Status.INFEASIBLE, None, None, None)
            self.bound = None  # a choice that keeps the constraints to within rounding only
        return self._result()

    def _relax(self) -> bool:
        """Cut the relaxation until it is tight, find a start, fix; return whether it is feasible.

        Cuts are sought first between the new point and the best so far, where they go deeper.
        """
        self._set_integer(False)
        point, thetas = self._first_point(), None
        inner, least = point, np.inf
        for _ in range(MOST_ROUNDS):
            broken, truths = self.cuts.violated(point, thetas, self._room())
            if truths.sum() < least:
                inner, least = point, float(truths.sum())
            if thetas is not None:
                if not broken:
                    break
                middle = INWARD * point + (1.0 - INWARD) * inner
                deeper, _ = self.cuts.violated(middle, None, self._room())
                broken += [c for c in deeper if self._breaks(c, point, thetas)]
            self._add(broken)
            self._run()
            if self.highs.getModelStatus() in solver.INFEASIBLE:
                return False
            self.bound = self._objective()
            point, thetas = self._point()
            self._try(self._rounded(point))
            if self.settings.gap and self._done():
                return True
        if self._done():
            return True
        reduced = self.unit * np.array(self.highs.getSolution().col_dual)[self.columns]
        costs = self.costs() if self.costs is not None else None
        if self.opened is not None and costs is not None:
            unfree = self.low == self.high
            self._try(exchange(costs.costs, self.opened, unfree, check_time=self.settings.check))
        if self.settings.solver == "HiGHS":
            self._fix(reduced)
            if costs is not None and not self._done():
                self._value_each(reduced, costs)
        return True

    def _value_each(self, reduced: np.ndarray, costs: Costs) -> None:
        """Settle the matter by valuing every choice that is left, where they are few enough.

        Only where a choice is worth the sum of each zone's cheapest open column, one more site
        never makes it worse, and every choice may be taken. reduced: reduced costs of the
        relaxation, which hold for its bound.
        """
        if not self.any_choice or not costs.exact or self.value is None:
            return
        number = self.cuts.most_open - int(self.low.sum())
        room = room_for(reduced, self.low < self.high, number, self._slack())
        loose = self._slack() > LOOSE * abs(self.value)
        complete, choice = cheapest(
            costs.costs,
            self.low > 0,
            room,
            MOST_JOURNEYS if loose else FEW_JOURNEYS,
            self.settings.check,
        )
        if choice is not None and not self._try(choice):
            return  # it strands somebody, as then all do that could be better
        if complete:
            self.bound = self.value

    def _search(self) -> bool:
        """Solve the integer program until no cut is broken; return whether there is a solution."""
        self._set_integer(True)
        seen: set[bytes] = set()
        named = self.settings.solver != "HiGHS"
        while named or not self._done():
            raw, point, thetas = self._integer()
            if raw.bound is not None:
                self.bound = self._tighter(raw.bound)
            if raw.status is Status.INFEASIBLE:
                # Sites were fixed only where they could not beat the value found.
                self.bound = self.value
                return self.fixed
            if point is None:
                self.settings.check()
                break
            opened = point > 0.5
            self._try(opened)
            broken, _ = self.cuts.violated(opened.astype(float), thetas, self._room())
            # A choice that comes again has all its cuts: what is left is the solver's rounding.
            if not broken or opened.tobytes() in seen:
                self.claim = raw
                break
            seen.add(opened.tobytes())
            self._add(broken)
        return True

    def _integer(self) -> tuple[RawResult, np.ndarray | None, np.ndarray | None]:
        """Run the integer program; return what was found, and y and theta by column."""
        self.settings.check()
        if self.settings.solver == "HiGHS":
            if self.opened is not None:
                self.highs.setSolution(len(self.columns), self.columns, self.opened.astype(float))
            self._run()
            raw = solver.read(self.model, self.highs, unit=self.unit)
            return (raw, None, None) if raw.opened is None else (raw, *self._point())
        raw = run_solver(
            self.model,
            solver=self.settings.solver,
            time_limit=self.settings.seconds_left(),
            gap=self.settings.gap,
        )
        self.settings.interrupted |= raw.stopped == "interrupted"
        self.settings.timed_out |= raw.stopped == "time limit"
        if raw.opened is None:
            return raw, None, None
        point = np.array([v.varValue or 0.0 for v in self.model.sites])
        return raw, point, np.array([v.varValue or 0.0 for v in self.cuts.thetas])

    def _run(self) -> None:
        """Run HiGHS; raise TimeoutError if the relaxation did not come to its end."""
        self.settings.check()
        left = self.settings.seconds_left()
        if left is not None and not self.integer:
            left += self.highs.getRunTime()  # of relaxations HiGHS counts the earlier runs too
        try:
            self.settings.interrupted |= solver.run(self.highs, left)
        except SolverError:  # a basis far off, with large costs: from scratch it mostly goes well
            self.highs.clearSolver()
            self.settings.interrupted |= solver.run(self.highs, self.settings.seconds_left())
        stopped = solver.STOPPED.get(self.highs.getModelStatus())
        self.settings.timed_out |= stopped == "time limit"
        if stopped and not self.integer:
            raise TimeoutError

    def _fix(self, costs: np.ndarray) -> None:
        """Fix the sites that no better choice can have otherwise. costs: their reduced costs."""
        if self.value is None or self.bound is None:
            return
        room = self._slack()
        for k in np.flatnonzero((np.abs(costs) > room) & (self.low < self.high)):
            value = 0.0 if costs[k] > 0 else 1.0
            self.fixed = True
            variable = self.model.sites[k]
            variable.lowBound = variable.upBound = self.low[k] = self.high[k] = value
            self.highs.changeColBounds(int(self.columns[k]), value, value)

    def _slack(self) -> float:
        """Return what a better choice may cost beyond the bound, with room for rounding."""
        assert self.value is not None
        assert self.bound is not None
        return abs(self.value - self.bound) + MARGIN * max(1.0, abs(self.value))

    def _add(self, cuts: list[Cut]) -> None:
        """Add cuts to HiGHS, and to the PuLP problem where another solver will see it."""
        if not cuts:
            return
        used = [np.flatnonzero(c.shares) for c in cuts]
        pairs = list(zip(used, cuts, strict=True))
        begins = np.cumsum([0, *(len(u) + 1 for u in used)])
        index = [np.append(self.columns[u], self.theta_columns[c.theta]) for u, c in pairs]
        self.highs.addRows(
            len(cuts),
            np.array([c.bound for c in cuts]),
            np.full(len(cuts), highspy.kHighsInf),
            int(begins[-1]),
            begins[:-1].astype(np.int32),
            np.concatenate(index).astype(np.int32),
            np.concatenate([np.append(c.shares[u], 1.0) for u, c in pairs]),
        )
        if self.settings.solver != "HiGHS":
            for cut in cuts:
                self.cuts.add(cut, f"cut{self.added}")
                self.added += 1

    def _objective(self) -> float:
        value = self.unit * float(self.highs.getInfo().objective_function_value)
        return self.sign * value + float(self.model.objective.constant)

    def _point(self) -> tuple[np.ndarray, np.ndarray]:
        """Return y and theta as HiGHS has them now."""
        values = np.array(self.highs.getSolution().col_value)
        return np.clip(values[self.columns], 0.0, 1.0), values[self.theta_columns]

    def _first_point(self) -> np.ndarray:
        """Return the free sites in equal shares, the others as they are fixed."""
        free = self.low < self.high
        share = (self.cuts.most_open - self.low.sum()) / max(int(free.sum()), 1)
        return np.where(free, np.clip(share, 0.0, 1.0), self.low)

    def _rounded(self, point: np.ndarray) -> np.ndarray:
        """Return the columns that a point opens most, as many as may be open."""
        rank = np.argsort(-(point + 2.0 * self.low), kind="stable")
        rank = rank[self.high[rank] > 0][: self.cuts.most_open]
        opened = np.zeros(len(point), dtype=bool)
        opened[rank] = True
        return opened

    def _try(self, opened: np.ndarray) -> bool:
        """Take a choice if it is the best so far; return whether it keeps every constraint."""
        key = opened.tobytes()
        if key in self.tried:
            return self.tried[key]
        value = self.judge(opened)
        self.tried[key] = value is not None
        if value is not None and (self.value is None or self.sign * (value - self.value) < 0):
            self.value, self.opened = value, opened
        return value is not None

    def _tighter(self, bound: float) -> float:
        """Return the tighter of a new bound and the one so far, none beyond the value found."""
        pick, ease = (max, min) if self.sign > 0 else (min, max)
        tight = bound if self.bound is None else pick(bound, self.bound)
        return tight if self.value is None else ease(tight, self.value)

    def _done(self) -> bool:
        """Whether value and bound are as near to each other as was asked, or at odds."""
        if self.value is None or self.bound is None:
            return False
        gap = relative_gap(self.value, self.bound)
        near = agree(self.value, self.bound) or (gap is not None and gap <= self.settings.gap)
        return near or self.sign * (self.value - self.bound) < 0

    def _breaks(self, cut: Cut, point: np.ndarray, thetas: np.ndarray) -> bool:
        return bool(thetas[cut.theta] + cut.shares @ point < cut.bound - self._room())

    def _room(self) -> float:
        return ROOM * max(1.0, abs(self.bound or 0.0))

    def _set_integer(self, integer: bool) -> None:
        self.integer = integer
        kind = highspy.HighsVarType.kInteger if integer else highspy.HighsVarType.kContinuous
        for column in self.columns:
            self.highs.changeColIntegrality(int(column), kind)

    def _result(self) -> RawResult:
        if self.claim is not None and not self._stands(self.claim):
            return self.claim  # whoever asked will hold it against the appraisal, and raise
        stopped = self.settings.stopped
        if self.value is None or self.opened is None:
            return RawResult(Status.NO_SOLUTION, None, self.bound, None, stopped)
        proven = self.bound is not None and agree(self.value, self.bound)
        return RawResult(
            Status.OPTIMAL if proven else Status.FEASIBLE,
            self.value,
            self.bound,
            self._ids(self.opened),
            stopped if self.settings.interrupted else "" if proven else stopped or "gap",
        )

    def _stands(self, claim: RawResult) -> bool:
        """Whether what the exact program says of its best choice is what the appraisal says."""
        if self.value is None or claim.value is None:
            return False
        return self.sign * (self.value - claim.value) <= AGREEMENT * max(1.0, abs(self.value))

    def _ids(self, opened: np.ndarray) -> frozenset[str]:
        by_name = {v.name: bool(o) for v, o in zip(self.model.sites, opened, strict=True)}
        return frozenset(s for s, v in self.model.opened.items() if by_name[v.name])
