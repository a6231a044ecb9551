"""Every efficient point of two or three measures with one number of sites, by epsilon-constraint.

A point is a vector of costs (a measure that is maximised counts with its sign turned). What is not
yet known to be empty or beaten is a list of *zones*: a zone is a bound on every cost, and holds all
points that keep them. At first there is one zone without bounds. Then, again and again, for a zone:

1. The best of the first measure in the zone, among those the best of the second, and so on. Where
   there is none the zone is empty. Otherwise the point found is efficient, not weakly so: whatever
   beat it would keep the same bounds and would have been found in its place.
2. Every zone that holds the point is replaced by one zone a measure, in which that measure must be
   better than at the point. A zone that lies within another is left out.

Why all are found: a point that is neither known nor beaten by a known one is better than each of
them in some measure, so it is always in some zone; and there is an end, since configurations are
finite and no zone holds a point that is known. With two measures these are the usual steps along
the curve (one solve a point, and one to end). With three, n points leave at most 2 n + 1 zones
(Klamroth, Lacour and Vanderpooten 2015; Daechert and Klamroth 2015), so the solves grow with n;
a loop over levels of the third measure (Laumanns, Thiele and Zitzler 2006) or rectangles of levels
(Kirlik and Sayin 2014) would take up to n squared. What one solve has said of the best of the first
measure is used for every zone it covers, as in Ozlen, Burton and MacRae (2014), so most zones are
found empty without a solve.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from reconfig.appraise import SHARE, SHARE_APART, find_measure
from reconfig.core import Differ, Limit, Objective, Problem, Solution, Status, limit
from reconfig.solve import solve

# A point must be better than another in some measure by this share of its value: far below anything
# that can be told apart in practice, and above the room that `violations` allows a limit, without
# which the same point would be found again.
STEP = 2e-6
# The room of `violations`.
ROOM = 1e-6

Costs = tuple[float, ...]
Zone = tuple[float, ...]


def efficient(
    problem: Problem,
    goals: Sequence[Objective],
    *,
    every: bool = False,
    seconds: Callable[[], float | None] = lambda: None,
) -> Iterator[tuple[int, Solution]]:
    """Yield the efficient points of a problem with a fixed number of sites, numbered from 0.

    goals: what is to be made as good as can be, one objective a measure. every: yield every
    configuration of a point, not one of them. seconds: says before each solve how many it may take,
    None for no limit. The last one yielded is not optimal where time ran out: feasible, or without
    a configuration.
    """
    objective = _in_turn(goals)
    zones: list[Zone] = [(math.inf,) * len(goals)]
    # Bounds on all costs but the first, and a level at or below which the first has nothing there.
    nothing: list[tuple[Zone, float]] = []
    number = 0
    while zones:
        zone = max(zones, key=lambda z: (z[1:], z[0]))
        zones.remove(zone)
        if any(zone[0] <= level and _within(zone[1:], rest) for rest, level in nothing):
            continue
        if not all(map(_possible, goals, zone)):
            continue
        bounded = problem.having(*_limits(goals, zone)).aiming(objective)
        solution = solve(bounded, time_limit=seconds())
        if solution.status is Status.INFEASIBLE:
            nothing.append((zone[1:], zone[0]))
            continue
        yield number, solution
        if solution.status is not Status.OPTIMAL:
            return
        found = _costs(goals, solution)
        if every:
            for other in _others(problem, goals, solution, seconds):
                yield number, other
                if other.status is not Status.OPTIMAL:
                    return
        number += 1
        nothing.append((zone[1:], _better(found[0])))
        zones = _split([*zones, zone], found)


def _in_turn(goals: Sequence[Objective]) -> Objective:
    """Return the objective that takes the measures one after the other."""
    first, *rest = goals
    return Objective(first.measure, first.sense, then=_in_turn(rest) if rest else None)


def _sign(goal: Objective) -> float:
    return 1.0 if goal.sense == "minimise" else -1.0


def _costs(goals: Sequence[Objective], solution: Solution) -> Costs:
    return tuple(_sign(goal) * solution.measures[goal.measure] for goal in goals)


def _better(cost: float) -> float:
    """Return the bound that says "better than this cost"."""
    return cost - STEP * max(1.0, abs(cost))


def _limits(goals: Sequence[Objective], zone: Zone) -> list[Limit]:
    """Return the bounds of a zone as limits on the measures."""
    return [
        limit(goal.measure, at_most=bound)
        if goal.sense == "minimise"
        else limit(goal.measure, at_least=-bound)
        for goal, bound in zip(goals, zone, strict=True)
        if math.isfinite(bound)
    ]


def _possible(goal: Objective, bound: float) -> bool:
    """Say whether a cost can be so low: no share is below 0 or above 1."""
    measure = find_measure(goal.measure)
    assert measure is not None
    if measure.unit not in (SHARE, SHARE_APART):
        return True
    return bound >= (0.0 if goal.sense == "minimise" else -1.0)


def _within(zone: Zone, other: Zone) -> bool:
    """Say whether a zone lies within another."""
    return all(a <= b for a, b in zip(zone, other, strict=True))


def _holds(zone: Zone, costs: Costs) -> bool:
    """Say whether a point keeps the bounds of a zone, with the room that limits have."""
    return all(
        c <= b + (ROOM * max(1.0, abs(b)) if math.isfinite(b) else 0.0)
        for b, c in zip(zone, costs, strict=True)
    )


def _split(zones: list[Zone], costs: Costs) -> list[Zone]:
    """Return zones that hold what the given ones do, but neither a point nor what it beats."""
    whole = [zone for zone in zones if not _holds(zone, costs)]
    parts = {
        (*zone[:k], _better(cost), *zone[k + 1 :])
        for zone in zones
        if _holds(zone, costs)
        for k, cost in enumerate(costs)
    }
    known = [*whole, *parts]
    kept = [p for p in parts if not any(p != other and _within(p, other) for other in known)]
    return whole + sorted(kept)


def _others(
    problem: Problem,
    goals: Sequence[Objective],
    solution: Solution,
    seconds: Callable[[], float | None],
) -> Iterator[Solution]:
    """Yield every other configuration at a point, each once.

    The measures are held at the point, with the room that limits have, and each configuration must
    differ from all before it: by two sites at least, since there are as many of them.
    """
    held = [
        _cut_to_share(goal, cost) for goal, cost in zip(goals, _costs(goals, solution), strict=True)
    ]
    asked = problem.having(*_limits(goals, tuple(held))).aiming(_in_turn(goals[:1]))
    while solution.configuration is not None:
        asked = asked.having(Differ(frozenset(solution.open), by=2))
        solution = solve(asked, time_limit=seconds())
        if solution.status is Status.INFEASIBLE:
            return
        yield solution


def _cut_to_share(goal: Objective, cost: float) -> float:
    """Return a cost that a limit may state: a sum of shares may pass 0 or 1 by its rounding."""
    return cost if _possible(goal, cost) else float(round(cost))
