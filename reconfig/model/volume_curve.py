"""What the volume of a site adds to an estimate: a curve a site, as straight pieces in a program.

The pieces are never on the wrong side of the curve: a program that maximises sees no less than
there is, one that minimises no more. So its bound is true, and it is loose by at most the error
that is stated; what a choice is worth says the appraisal (`reconfig/solve/by_appraisal.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pulp

from reconfig.appraise import Grid, Measure
from reconfig.core import Problem, VolumeCurve
from reconfig.model.assembly import Assembly
from reconfig.model.expression import Linear, linear

# All pieces of a choice together are off by no more than this share of the most that the volume of
# one site can add or take away.
ERROR = 1e-2
# Points at which a curve is held against a piece.
POINTS = 65
# Halvings in search of where a piece ends.
HALVINGS = 30
# A second difference below this share of the values is rounding.
FLAT = 1e-12
# Room at the ends of a range for the rounding of sums.
ROUNDING = 1e-9

# volumes -> what they add a year at a site of each
Curve = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Piece:
    """The line level + slope x volume, for volumes from low to high.

    error: its largest distance from the curve there. bends_down: whether the curve does so there.
    """

    low: float
    high: float
    level: float
    slope: float
    error: float
    bends_down: bool


def pieces_above(curve: Curve, low: float, high: float, error: float) -> list[Piece]:
    """Return lines that are nowhere below a smooth curve, each as wide as the error allows.

    low, high: the volumes (cases a year) that can occur, above 0. error: the most that a line may
    be above the curve, in the curve's unit.
    """
    found: list[Piece] = []
    start = low
    while not found or start < high:
        end = high
        piece = _line_above(curve, start, end)
        if piece.error > error:
            near, far = start, high
            for _ in range(HALVINGS):
                middle = (near + far) / 2.0
                tried = _line_above(curve, start, middle)
                if tried.error > error:
                    far = middle
                else:
                    near, piece = middle, tried
            # However steep the curve, a piece takes some of what is left.
            if near <= start:
                piece = _line_above(curve, start, far)
        found.append(piece)
        start = piece.high
    return found


def _line_above(curve: Curve, low: float, high: float) -> Piece:
    """Return the chord of a curve, lifted to where the curve is nowhere above it.

    Between two points at which the two are compared the curve rises above the line through them by
    an eighth of its second difference; twice that is allowed for.
    """
    volumes = np.linspace(low, high, POINTS)
    values = curve(volumes)
    slope = float((values[-1] - values[0]) / (high - low)) if high > low else 0.0
    level = float(values[0]) - slope * low
    over = values - (level + slope * volumes)
    bend = np.diff(values, 2)
    lift = max(float(over.max()), 0.0) + max(-float(bend.min()), 0.0) / 4.0
    error = lift - float(over.min()) + max(float(bend.max()), 0.0) / 4.0
    down = bool(bend.max() <= FLAT * float(np.abs(values).max()))
    return Piece(low, high, level + lift, slope, error, down)


@dataclass(frozen=True, eq=False)
class Ranges:
    """The volumes that sites can have when they are open, by column of the grid; cases a year.

    least: cases that come whatever else is open. smallest: the smallest volume above 0. most: cases
    that could come.
    """

    least: np.ndarray
    smallest: np.ndarray
    most: np.ndarray

    @classmethod
    def of(cls, problem: Problem, grid: Grid) -> Ranges:
        """Return the ranges under the constraints on which sites are open, and how many."""
        usable = np.ones(len(grid.sites), dtype=bool)
        usable[grid.columns(problem.closed)] = False
        always = ~grid.is_candidate
        always[grid.columns(problem.kept)] = True
        order = grid.visiting_order.astype(np.int64)
        here = usable[order]
        before = np.cumsum(here, axis=1) - here
        passed = np.cumsum(always[order], axis=1) - always[order] > 0
        most_closed = int((usable & grid.is_candidate).sum()) - problem.fewest
        reached = here & np.isfinite(np.take_along_axis(grid.minutes, order, axis=1))
        can_come = reached & ~passed & (before <= most_closed)
        cases = np.broadcast_to(grid.cases[:, None], order.shape)
        number = len(grid.sites)
        first, some = reached & (before == 0), can_come & (cases > 0)
        least = np.bincount(order[first], weights=cases[first], minlength=number)
        most = np.bincount(order[some], weights=cases[some], minlength=number)
        smallest = np.full(number, np.inf)
        np.minimum.at(smallest, order[some], cases[some])
        return cls(least, np.maximum(smallest, least), most)

    def span(self, column: int) -> tuple[float, float]:
        """Return the smallest volume above 0 of a column, and the largest, with room."""
        low, high = float(self.smallest[column]), float(self.most[column])
        return low * (1 - ROUNDING), max(low, high) * (1 + ROUNDING)


def measured_by_volume(
    assembly: Assembly, measure: Measure, rows: np.ndarray, *, wants_small: bool | None
) -> Linear:
    """Return a measure that depends on the volumes of sites, as an expression with straight pieces.

    It is never too good: no smaller than the measure where it should be large (wants_small False),
    no larger where it should be small. rows: all zones. Raises ValueError for an average, for some
    of the zones, or where it would have to be exact.
    """
    grid, problem = assembly.grid, assembly.problem
    if measure.average or wants_small is None or not rows.all():
        raise ValueError(f"{measure.name} depends on volumes: it can be bounded as a whole only")
    curve_of: object = problem.service.outcome
    assert isinstance(curve_of, VolumeCurve)
    assert measure.table is not None
    sign = -1.0 if wants_small else 1.0

    def per_case(volumes: np.ndarray) -> np.ndarray:
        return sign * curve_of.at_volume(measure.name, volumes)

    ranges = Ranges.of(problem, grid)
    used = [int(k) for k in np.flatnonzero(grid.is_candidate & (ranges.most > 0))]
    spans = {k: ranges.span(k) for k in used}
    ends = {k: np.array(spans[k]) for k in used}
    # A capped gain leaves most to the journey where volume adds least: at an end of the range.
    volumes = np.zeros(len(grid.sites))
    for k in used:
        volumes[k] = ends[k][np.argmin(per_case(ends[k]))]
    journeys = grid.every_journey(assembly.numbers_for(measure).get(problem.service.id), volumes)
    added = np.where(grid.is_candidate, sign * per_case(volumes), 0.0)
    table = measure.table(journeys) - grid.cases[:, None] * added[None, :]
    total = assembly.sum_of(table, wants_small=wants_small, rows=rows)
    largest = [float(np.abs(ends[k] * per_case(ends[k])).max()) for k in used]
    error = ERROR * max(largest, default=0.0) / max(problem.most, 1)
    terms = list(total.terms)
    for k in used:
        lines = pieces_above(lambda v: v * per_case(v), *spans[k], error)
        terms += [(v, sign * c) for v, c in _rows(assembly, k, lines, ranges.least[k] > 0)]
    return linear(total.constant, terms)


def _rows(
    assembly: Assembly, column: int, lines: list[Piece], always_some: bool
) -> list[tuple[Any, float]]:
    """Add the rows of one site's curve and return its terms; it is 0 where the site is closed.

        (24) sum of b(p) <= y,   sum of w(p) = volume,   low(p) b(p) <= w(p) <= high(p) b(p)

    with b(p) = 1 on the piece p in which the volume w(p) lies; the terms are level(p) b(p) +
    slope(p) w(p). Where the curve bends down throughout, one variable below every line will do, as
    long as that lets it be 0 at an open site without cases. always_some: there is no such site.
    """
    lp, name = assembly.lp, f"curve{assembly.rows_added}"
    opened = assembly.sites[column]
    volume = assembly.volume(assembly.grid.sites[column])
    if _bends_down(lines) and (always_some or all(line.level >= 0 for line in lines)):
        height = lp.add_variable(name)
        for line in lines:
            below = [(height, 1.0), (opened, -line.level)]
            below += [(v, -line.slope * c) for v, c in volume.terms]
            assembly.add(linear(-line.slope * volume.constant, below).at_most(0))
        return [(height, 1.0)]
    terms: list[tuple[Any, float]] = []
    chosen, parts = [], []
    for number, line in enumerate(lines):
        here = lp.add_variable(f"{name}b{number}", lowBound=0, upBound=1, cat=pulp.LpInteger)
        part = lp.add_variable(f"{name}w{number}", lowBound=0)
        assembly.add(linear(0.0, [(part, 1.0), (here, -line.low)]).at_least(0))
        assembly.add(linear(0.0, [(part, 1.0), (here, -line.high)]).at_most(0))
        chosen.append((here, 1.0))
        parts.append((part, 1.0))
        terms += [(here, line.level), (part, line.slope)]
    only = linear(0.0, [*chosen, (opened, -1.0)])
    assembly.add(only.at_most(0))
    if always_some:
        assembly.add(only.at_least(0))
    whole = linear(-volume.constant, [*parts, *((v, -c) for v, c in volume.terms)])
    assembly.add(whole.at_most(0))
    assembly.add(whole.at_least(0))
    return terms


def _bends_down(lines: list[Piece]) -> bool:
    """Say whether a curve bends down throughout: then each line is above it everywhere.

    For each touches the curve on its own part, or is its chord there with no more than rounding
    between.
    """
    falls = all(b.slope <= a.slope for a, b in itertools.pairwise(lines))
    return falls and all(line.bends_down for line in lines)
