"""Smallest and largest volumes: what is asked of each site, and why a choice breaks it.

With y the sites that are open, the cases of zone i come to an open site j exactly when all the
sites that it passes before j are closed. So

    volume(j) = sum over sets S of a(j,S) [ S is wholly closed ],      a(j,S) >= 0

with S the sites nearer than j to some zone. It can only fall when more sites open: too few cases
at j are explained by some open rivals alone, too many by some closed sites alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reconfig.appraise import Grid, bounds_by_group, find_measure, room
from reconfig.core import Capacity, Limit, Problem
from reconfig.model import NearestSets

NAMES = ("min_volume", "max_volume")


@dataclass(frozen=True, eq=False)
class Volumes:
    """Cases a year that a site must and may treat where it is open, by column of the grid.

    low, high: with the room for rounding that the appraisal gives them; minus infinity and
    infinity where nothing is asked.
    """

    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, problem: Problem, grid: Grid) -> Volumes:
        """Read the limits on volumes and the capacities of a problem."""
        low = np.full(len(grid.sites), -np.inf)
        high = np.full(len(grid.sites), np.inf)
        for constraint in filter(about_volumes, problem.constraints):
            if isinstance(constraint, Capacity):
                for site, most in constraint.at(problem.region, problem.service).items():
                    column = grid.sites.index(site)
                    high[column] = min(high[column], most + room(most))
                continue
            assert isinstance(constraint, Limit)
            measure = find_measure(constraint.measure)
            assert measure is not None
            here = grid.columns_of(problem.service.candidates, measure.only)
            bounds = bounds_by_group(grid, constraint)[""]
            if measure.base == "min_volume" and bounds.low is not None:
                low[here] = np.maximum(low[here], bounds.low - room(bounds.low))
            elif measure.base == "max_volume" and bounds.high is not None:
                high[here] = np.minimum(high[here], bounds.high + room(bounds.high))
        return cls(low, high)


def about_volumes(constraint: object) -> bool:
    """Say whether a constraint bounds the volumes of sites."""
    if isinstance(constraint, Limit):
        return constraint.measure.partition("[")[0] in NAMES
    return isinstance(constraint, Capacity)


def without_volumes(problem: Problem) -> Problem:
    """Return the problem with volumes left to be whatever they are."""
    others = [c for c in problem.constraints if not about_volumes(c)]
    return Problem.unchecked(problem.region, problem.service, problem.objective, others)


@dataclass(frozen=True, eq=False)
class Arrivals:
    """The table a(j,S) above, as entries sorted by site.

    site: j. before: the number of S among the sets, -1 for the empty one. cases: a(j,S) a year.
    starts: by site, where its entries begin, and one more.
    """

    sets: NearestSets
    site: np.ndarray
    before: np.ndarray
    cases: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, grid: Grid, sets: NearestSets) -> Arrivals:
        """Sum the cases of the zones up by site and by the set of the sites that are nearer."""
        number = sets.columns
        parts = []
        for k in range(sets.order.shape[1]):
            live = (sets.order[:, k] >= 0) & (grid.cases > 0)
            if k:
                live &= sets.prefix[:, k - 1] >= 0
            zone = np.flatnonzero(live)
            if not zone.size:
                break
            first = int(sets.level[k - 1]) if k else -1
            before = sets.prefix[zone, k - 1].astype(np.int64) - first if k else np.zeros(len(zone))
            key = before.astype(np.int64) * number + sets.order[zone, k]
            summed = np.bincount(key, weights=grid.cases[zone])
            used = np.flatnonzero(summed)
            parts.append((used % number, used // number + first, summed[used]))
        site, before, cases = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(site, kind="stable")
        site, before, cases = site[order], before[order], cases[order]
        return cls(sets, site, before, cases, np.searchsorted(site, np.arange(number + 1)))

    def volumes(self, opened: np.ndarray) -> np.ndarray:
        """Return the cases at each column, 0 where it is closed. opened: by column (boolean)."""
        openness = self.sets.openness(opened.astype(float))
        closed = np.zeros(len(self.sets) + 1, dtype=bool)
        closed[: len(openness)] = openness == 0
        closed[-1] = True  # the empty set, number -1
        comes = closed[self.before] & opened[self.site]
        return np.bincount(self.site[comes], weights=self.cases[comes], minlength=self.sets.columns)

    def rivals(self, column: int, opened: np.ndarray, low: float) -> np.ndarray | None:
        """Return open sites that alone leave a site fewer than `low` cases, none of them idle.

        None where it has that many cases. opened: by column (boolean).
        """
        nearer, cases = self._nearer(column)
        others = np.flatnonzero(opened)
        others = others[others != column]
        taken = nearer[:, others]
        passed = taken.sum(axis=1)  # how many of the rivals take the cases of an entry
        left = float(cases[passed == 0].sum())
        if left >= low:
            return None
        stays = np.ones(len(others), dtype=bool)
        while True:
            # Without a rival, those cases come that only it takes.
            more = (cases * (passed == 1)) @ taken
            more[~stays] = np.inf
            least = int(np.argmin(more)) if len(more) else 0
            if not len(more) or left + more[least] >= low:
                found: np.ndarray = others[stays]
                return found
            left += float(more[least])
            stays[least] = False
            passed = passed - taken[:, least]

    def gaps(self, column: int, opened: np.ndarray, high: float) -> np.ndarray | None:
        """Return closed sites that alone give a site more than `high` cases, none of them idle.

        None where it has no more. opened: by column (boolean).
        """
        nearer, cases = self._nearer(column)
        comes = ~nearer[:, opened].any(axis=1)
        nearer, cases = nearer[comes], cases[comes]
        total = float(cases.sum())
        if total <= high:
            return None
        closed = np.flatnonzero(nearer.any(axis=0))
        passed = nearer[:, closed]
        stays = np.ones(len(closed), dtype=bool)
        counts = np.ones(len(cases), dtype=bool)
        while True:
            # If a site might be open, all cases that pass it might stay there.
            fewer = (cases * counts) @ passed
            fewer[~stays] = np.inf
            least = int(np.argmin(fewer)) if len(fewer) else 0
            if not len(fewer) or total - fewer[least] <= high:
                found: np.ndarray = closed[stays]
                return found
            total -= float(fewer[least])
            stays[least] = False
            counts = counts & ~passed[:, least]

    def _nearer(self, column: int) -> tuple[np.ndarray, np.ndarray]:
        """Return entries x columns, which sites are passed on the way to one, and the cases."""
        if column not in self._known:
            place = slice(int(self.starts[column]), int(self.starts[column + 1]))
            number = self.before[place].copy()
            nearer = np.zeros((len(number), self.sets.columns), dtype=bool)
            row = np.flatnonzero(number >= 0)
            while row.size:
                nearer[row, self.sets.column[number[row]]] = True
                number[row] = self.sets.parent[number[row]]
                row = row[number[row] >= 0]
            self._known[column] = (nearer, self.cases[place])
        return self._known[column]

    @cached_property
    def _known(self) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        return {}
