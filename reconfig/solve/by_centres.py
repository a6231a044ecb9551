"""Two tiers, once for each set of centres: with those given the program is a small one."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from reconfig.appraise import Grid, bounds_by_group, find_measure
from reconfig.core import Close, InputError, Keep, Limit, Problem, Service

# Up to so many sets of centres are taken one by one. Measured on Greater Manchester (ten units and
# ten centres that could be, docs/decisions/0013): steady seconds, against one program that may take
# minutes where a few more minutes of travel lead straight to a centre.
MOST_SETS = 128


def by_centres(problem: Problem) -> list[Problem]:
    """Return the problem once for each set of centres that may be open, or as it is.

    As it is where there are no two tiers, or too many sets. No choice is left out: sets that break
    a constraint on the number of sites, or on those kept or closed, are none of its choices.
    """
    for part in problem.service.parts:
        if part.tier is None:
            continue
        found = _of_tier(problem, part)
        if found:
            return found
    return [problem]


def _of_tier(problem: Problem, part: Service) -> list[Problem]:
    own = {f"{part.id}@{site}" for site in part.candidates}
    kept, free = own & problem.kept, sorted(own - problem.kept - problem.closed)
    low, high = (number - len(kept) for number in problem.numbers()[part.id])
    sizes = range(max(low, 0), min(high, len(free)) + 1)
    if not 1 < sum(math.comb(len(free), size) for size in sizes) <= MOST_SETS:
        return []
    found = []
    for size in sizes:
        for more in combinations(free, size):
            chosen = kept.union(more)
            if _too_far(problem, own - chosen):
                continue
            try:
                found.append(
                    problem.having(Keep(frozenset(chosen)), Close(frozenset(own - chosen)))
                )
            except InputError:  # a constraint on numbers that this set alone breaks
                continue
    return found


def _too_far(problem: Problem, closed: set[str]) -> bool:
    """Say whether with some sites closed a limit on the longest journey is out of reach.

    However many others are open: cheap to see, where a program takes a second to prove it.
    """
    grid = Grid.of(problem.region, problem.service)
    opened = np.ones(len(grid.sites), dtype=bool)
    opened[grid.columns(closed | problem.closed)] = False
    shortest = grid.minutes[:, grid.through(opened)].min(axis=1, initial=np.inf)
    for limit in problem.constraints:
        measure = find_measure(limit.measure) if isinstance(limit, Limit) else None
        if measure is None or measure.base != "max_minutes":
            continue
        assert isinstance(limit, Limit)
        counted = grid.rows_of(measure.only) & (grid.cases > 0)
        for bounds in bounds_by_group(grid, limit).values():
            most = np.inf if bounds.high is None else bounds.high
            if (shortest[counted & bounds.rows] > most).any():
                return True
    return False
