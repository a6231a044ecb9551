"""Cuts from a few neighbouring sites at a time, of which every choice is looked at.

For a set C of sites and a choice of which of them are open, whatever the sites beyond C do, a site
of C has at most the cases that come with all those closed, and at least the cases that come with
all those open. Choices that break a bound on volumes even so are out. Over the choices left, the
convex envelope of the part of the objective that C decides bounds it at every point in between; a
plane that touches the envelope from below is a cut (rows 32 and 33 in docs/formulation.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from reconfig.model import BuiltModel, NearestSets
from reconfig.solve.volumes import Arrivals, Volumes

# What a point may lie outside the hull for, in ranges of the objective within the neighbourhood.
OUTSIDE = 10.0
# A cut is lowered by this share of its size, so that rounding cannot make it false.
SAFETY = 1e-9
# What a tie to the sites around counts, against one to the site in the middle.
ELSEWHERE = 0.3
# A share of a site that is this near to 0 or 1 is 0 or 1.
WHOLE = 1e-6


@dataclass(frozen=True, eq=False)
class Pieces:
    """A sum to be made small: sum over sets S of weight(S) [ S is wholly closed ], weights > 0.

    sets, weights: one entry a set. term: by entry, which variable of the program stands for it,
    with others perhaps. columns, factors: by term, its column in the program, and its coefficient
    in the sum. alone: by term, whether it stands for one set only.
    """

    sets: np.ndarray
    weights: np.ndarray
    term: np.ndarray
    columns: np.ndarray
    factors: np.ndarray
    alone: np.ndarray

    @classmethod
    def of(cls, model: BuiltModel, sign: float) -> Pieces:
        """Return the objective as sets with weights; variables of other kinds are left out."""
        shape = model.projected
        assert shape is not None
        set_of = {variable.name: number for number, variable in shape.closed.items()}
        theta_of = {variable.name: number for number, variable in enumerate(shape.thetas)}
        sets, weights, term = [np.zeros(0, np.int64)], [np.zeros(0)], [np.zeros(0, np.int64)]
        columns: list[int] = []
        factors: list[float] = []
        alone: list[bool] = []
        for variable, coefficient in model.objective.terms:
            factor = sign * coefficient
            if factor <= 0:
                continue
            if variable.name in set_of:
                found, amounts = np.array([set_of[variable.name]]), np.array([factor])
            elif variable.name in theta_of:
                number = theta_of[variable.name]
                part = next(s for s in shape.sums if s.first <= number < s.first + s.number)
                mine = part.group[part.sets] == number - part.first
                found, amounts = part.sets[mine], part.values[mine] * factor
            else:
                continue
            sets.append(found)
            weights.append(amounts)
            term.append(np.full(len(found), len(columns)))
            columns.append(variable.index)
            factors.append(factor)
            alone.append(variable.name in set_of)
        return cls(
            np.concatenate(sets),
            np.concatenate(weights),
            np.concatenate(term),
            np.array(columns, dtype=np.int64),
            np.array(factors),
            np.array(alone, dtype=bool),
        )


@dataclass(frozen=True, eq=False)
class Row:
    """A cut: sum of factor x column of the program + sum of share x y >= bound.

    shares: by column of the grid.
    """

    columns: np.ndarray
    factors: np.ndarray
    shares: np.ndarray
    bound: float


class Neighbourhood:
    """Every choice of a few sites but those that are out, and the envelope over the rest.

    columns: of the sites, all free. choices: the closed ones among them, as bits, by choice.
    worth: by choice, what the pieces within the neighbourhood add up to.
    """

    def __init__(
        self,
        columns: np.ndarray,
        arrivals: Arrivals,
        volumes: Volumes,
        pieces: Pieces,
        ends: tuple[np.ndarray, np.ndarray],
        numbers: tuple[int, int],
    ) -> None:
        """Look at every choice.

        ends: least and largest value of each site's variable, by column of the grid, which are the
        same where it is fixed. numbers: the fewest and the most columns that may be open.
        """
        self.columns, self.pieces, self._sets = columns, pieces, arrivals.sets
        self.bits = 1 << np.arange(len(columns))
        bit = np.zeros(len(ends[0]), dtype=np.int64)
        bit[columns] = self.bits
        reach = _Reach.of(arrivals.sets, bit, ends)
        good = _numbers_kept(len(columns), bit, ends, numbers)
        for j in np.flatnonzero((bit > 0) | (ends[0] > 0)):
            wrong = _volume_broken(int(j), arrivals, volumes, reach, len(good))
            if wrong is not None:
                good &= ~wrong | ((np.arange(len(good)) & bit[j]) > 0)
        inside = reach.inside[pieces.sets]
        self.terms = np.unique(pieces.term[inside])
        beyond = reach.beyond[pieces.sets] & np.isin(pieces.term, self.terms)
        self.beyond = np.flatnonzero(beyond & ~pieces.alone[pieces.term])
        held = pieces.sets[inside]
        worth = _over_subsets(reach.masks[held], pieces.weights[inside], len(good))
        self.choices = np.flatnonzero(good)
        self.worth = worth[self.choices]
        self.place = np.full(len(good), -1, dtype=np.int64)
        self.place[self.choices] = np.arange(len(self.choices))
        self.opened = ((self.choices[:, None] & self.bits) == 0).astype(float)
        self._hull: Any = None

    def implied(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Return which of the sites all choices left open, and which all close; None: none is left.

        low, high: ends of the site variables by column of the grid. Both by site of these.
        """
        opened = int(self.bits[low[self.columns] > 0].sum())
        closed = int(self.bits[high[self.columns] < 1].sum())
        left = self.choices[((self.choices & opened) == 0) & ((self.choices & closed) == closed)]
        if not left.size:
            return None
        ever, always = int(np.bitwise_or.reduce(left)), int(np.bitwise_and.reduce(left))
        return (ever & self.bits) == 0, (always & self.bits) > 0

    def cut(
        self, point: np.ndarray, short: np.ndarray, values: np.ndarray, room: float
    ) -> Row | None:
        """Return a cut that a point of the program breaks by more than `room`; None if none is.

        point: y by column of the grid. short: by set, max( 0, 1 - y over the set ). values: by
        column of the program.
        """
        if not len(self.choices):
            return Row(np.zeros(0, np.int64), np.zeros(0), np.zeros(len(point)), 1.0)
        columns, factors = self.pieces.columns[self.terms], self.pieces.factors[self.terms]
        far = self.beyond[short[self.pieces.sets[self.beyond]] > 0]
        sets, weights = self.pieces.sets[far], self.pieces.weights[far]
        there = float(factors @ values[columns] - weights @ short[sets])
        share = point[self.columns]
        if (np.abs(share - np.round(share)) < WHOLE).all():
            place = self.place[int(self.bits[share < 0.5].sum())]
            if place >= 0 and self.worth[place] <= there + room:
                return None
        slope, level, off = self._plane(share)
        if off <= WHOLE and float(slope @ share) + level <= there + room:
            return None
        shares, bound = np.zeros(len(point)), level
        shares[self.columns] = -slope
        if len(far):
            # Sets that reach beyond the neighbourhood add what row (4) says of them.
            amounts = np.bincount(sets, weights=weights, minlength=len(short))
            everything = np.zeros(len(short), dtype=np.int64)
            shares += self._sets.by_column(amounts, everything, 1)[0]
            bound += float(weights.sum())
        return Row(columns, factors, shares, bound)

    def _plane(self, share: np.ndarray) -> tuple[np.ndarray, float, float]:
        """Return slope and level of a plane under every choice, and how far a point is outside.

        The highest at the point, of those no steeper than what a point outside the hull pays.
        """
        if self._hull is None:
            self._hull = self._load()
        for k, value in enumerate(share.tolist()):
            self._hull.changeRowBounds(k, value, value)
        self._hull.run()
        solution = self._hull.getSolution()
        if not solution.dual_valid:  # then a level plane will do
            return np.zeros(len(share)), float(self.worth.min()), 0.0
        slope = np.array(solution.row_dual)[: len(share)] * self._scale
        off = float(np.sum(solution.col_value[len(self.choices) :]))
        above = self.worth - self.opened @ slope
        level = float(above.min())
        level -= SAFETY * (self._scale + float(np.abs(slope).sum()))
        return slope, level, off

    def _load(self) -> Any:
        """Return the program: the point as a mixture of choices, at the least mean worth."""
        number, sites = self.opened.shape
        self._scale = float(np.ptp(self.worth)) or 1.0
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = number + 2 * sites, sites + 1
        least = float(self.worth.min())
        program.col_cost_ = np.concatenate(
            [(self.worth - least) / self._scale, np.full(2 * sites, OUTSIDE)]
        )
        program.col_lower_ = np.zeros(program.num_col_)
        program.col_upper_ = np.full(program.num_col_, highspy.kHighsInf)
        program.row_lower_ = program.row_upper_ = np.append(np.zeros(sites), 1.0)
        off = np.hstack([np.eye(sites), -np.eye(sites)])
        table = np.hstack([self.opened.T, off])
        table = np.vstack([table, np.append(np.ones(number), np.zeros(2 * sites))])
        row, column = np.nonzero(table.T)
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kColwise
        matrix.start_ = np.searchsorted(row, np.arange(program.num_col_ + 1)).astype(np.int32)
        matrix.index_, matrix.value_ = column.astype(np.int32), table.T[row, column]
        highs = highspy.Highs()
        highs.silent()
        highs.passModel(program)
        return highs


@dataclass(frozen=True, eq=False)
class _Reach:
    """By set, and last for the empty one, how it lies to a neighbourhood.

    masks: its sites in the neighbourhood, as bits. inside: whether it may be wholly closed and its
    free sites are all in the neighbourhood; beyond: whether it may be and they are not.
    """

    masks: np.ndarray
    inside: np.ndarray
    beyond: np.ndarray

    @classmethod
    def of(cls, sets: NearestSets, bit: np.ndarray, ends: tuple[np.ndarray, np.ndarray]) -> _Reach:
        """Go through the sets, smallest first. bit: by column, 0 outside the neighbourhood."""
        free = (ends[0] < ends[1]) & (bit == 0)
        masks = np.zeros(len(sets) + 1, dtype=np.int64)
        leaves, never = np.zeros(len(sets) + 1, dtype=bool), np.zeros(len(sets) + 1, dtype=bool)
        for first, last in sets.levels():
            column, parent = sets.column[first:last], sets.parent[first:last]
            masks[first:last] = masks[parent] | bit[column]
            leaves[first:last] = leaves[parent] | free[column]
            never[first:last] = never[parent] | (ends[0][column] > 0)
        return cls(masks, ~leaves & ~never, leaves & ~never)


def _volume_broken(
    column: int, arrivals: Arrivals, volumes: Volumes, reach: _Reach, size: int
) -> np.ndarray | None:
    """Return by choice whether a site's volume is out of bounds for sure; None: nothing asked."""
    low, high = float(volumes.low[column]), float(volumes.high[column])
    if low <= 0 and high == np.inf:
        return None
    place = slice(int(arrivals.starts[column]), int(arrivals.starts[column + 1]))
    before, cases = arrivals.before[place], arrivals.cases[place]
    sure = reach.inside[before]
    maybe = sure | reach.beyond[before]
    wrong = _over_subsets(reach.masks[before[maybe]], cases[maybe], size) < low
    return wrong | (_over_subsets(reach.masks[before[sure]], cases[sure], size) > high)


def _numbers_kept(
    sites: int, bit: np.ndarray, ends: tuple[np.ndarray, np.ndarray], numbers: tuple[int, int]
) -> np.ndarray:
    """Return by choice of the closed sites whether the number of open ones is possible."""
    opened = np.full(1, sites)
    for _ in range(sites):
        opened = np.concatenate([opened, opened - 1])
    opened += int((ends[0] > 0).sum())
    others = int(((ends[0] < ends[1]) & (bit == 0)).sum())
    kept: np.ndarray = (opened <= numbers[1]) & (opened + others >= numbers[0])
    return kept


def _over_subsets(masks: np.ndarray, amounts: np.ndarray, size: int) -> np.ndarray:
    """Return by choice of closed sites the sum of the amounts whose masks lie within it."""
    total = np.bincount(masks, weights=amounts, minlength=size)
    step = 1
    while step < size:
        halves = total.reshape(-1, 2, step)
        halves[:, 1] += halves[:, 0]
        step *= 2
    return total


def neighbours(
    order: np.ndarray, cases: np.ndarray, free: np.ndarray, sites: int, depth: int
) -> list[np.ndarray]:
    """Return neighbourhoods of so many free sites, one around each site; each once.

    order: zones x columns in the order in which each zone visits them, -1 past the last. cases: by
    zone. depth: how many of the free sites nearest to a zone count as each other's neighbours.
    With so few free sites there is one neighbourhood, of them all.
    """
    if int(free.sum()) <= sites:
        return [np.flatnonzero(free)]
    shared = _shared(order, cases, free, depth)
    found = set()
    for j in np.flatnonzero(shared.any(axis=1)):
        chosen = [int(j)]
        while len(chosen) < sites:
            ties = shared[j] + ELSEWHERE * shared[chosen].sum(axis=0)
            ties[chosen] = 0.0
            best = int(np.argmax(ties))
            if ties[best] <= 0:
                break
            chosen.append(best)
        found.add(tuple(sorted(chosen)))
    return [np.array(chosen) for chosen in sorted(found)]


def _shared(order: np.ndarray, cases: np.ndarray, free: np.ndarray, depth: int) -> np.ndarray:
    """Return by pair of columns the cases that have both among their nearest, the near ones more.

    A pair counts by one over the rank of the further one.
    """
    number = len(free)
    is_free = free[order] & (order >= 0)
    rank = np.cumsum(is_free, axis=1)
    nearest = np.full((len(order), depth), -1)
    for k in range(depth):
        zone, place = np.nonzero(is_free & (rank == k + 1))
        nearest[zone, k] = order[zone, place]
    shared = np.zeros(number * number)
    for a in range(depth):
        for b in range(a):
            both = nearest[:, a] >= 0
            pair = nearest[both, a] * number + nearest[both, b]
            shared += np.bincount(pair, weights=cases[both] / (a + 1), minlength=number**2)
    table = shared.reshape(number, number)
    both_ways: np.ndarray = table + table.T
    return both_ways
