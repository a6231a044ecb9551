"""How far a budget or a capacity must give way for other demands to be met."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Protocol

from reconfig.appraise import Grid, spent
from reconfig.core import Budget, Capacity, Constraint, Solution

# A bound is pushed on by this share of it: just more than appraisal takes to be the same.
STEP = 2e-6
# A budget is named to so many digits after the first.
DIGITS = 5
# What rounding may add to a number that is a whole one.
ROUNDING = 1e-9


class Keeping(Protocol):
    """Asks for a choice that keeps the other demands, and more; None where there is none."""

    def __call__(self, *more: Constraint) -> Solution | None:
        """Return the choice."""


def resource_ways(
    asked: Budget | Capacity, keeping: Keeping
) -> Iterator[tuple[Budget | Capacity, str]]:
    """Yield what can be met in place of a budget or capacity, and the sentence that says so.

    Rounded up to where it can be met: a budget to six figures, capacities to 0.1 %.
    """
    first = keeping()
    if first is None:
        return
    problem = first.problem
    grid = Grid.of(problem.region, problem.service)
    if isinstance(asked, Budget):

        def spent_by(found: Solution) -> float:
            under = grid.under(found.found())
            return spent(asked, under, under.nearest(found.open), frozenset(found.open))

        least = _least(
            float(asked.total),
            first,
            lambda total: keeping(Budget(total, asked.fixed_column, asked.per_case_column)),
            spent_by,
        )
        unit = 10.0 ** (math.floor(math.log10(max(least, 1e-300))) - DIGITS)
        total = float(f"{math.ceil(least / unit * (1 - ROUNDING)) * unit:.12g}")
        said = f"The other demands can be met with {total:,.12g} to spend, not with 0.01% less: "
        yield (
            Budget(total, asked.fixed_column, asked.per_case_column),
            f"{said}{asked.total:,.12g} was allowed.",
        )
        return
    most = asked.at(problem.region, problem.service)
    if min(most.values()) <= 0:  # no share more of nothing is anything
        return

    def by(factor: float) -> Capacity:
        return Capacity(tuple(sorted((site, factor * cases) for site, cases in most.items())))

    def full(found: Solution) -> float:
        under = grid.under(found.found())
        volumes = under.volumes(under.nearest(found.open))
        return max(float(volumes[grid.sites.index(site)]) / cases for site, cases in most.items())

    factor = _least(1.0, first, lambda factor: keeping(by(factor)), full)
    more = math.ceil((factor - 1.0) * 1000 * (1 - ROUNDING)) / 10
    where = "at the site named" if len(most) == 1 else "at every site named"
    yield (
        by(1.0 + more / 100),
        f"With {more:.10g}% more capacity {where} the other demands can be met; with less they "
        "cannot.",
    )


def _least(
    wanted: float,
    first: Solution,
    ask: Callable[[float], Solution | None],
    reached: Callable[[Solution], float],
) -> float:
    """Return the least bound above `wanted` that can be met: the value of a choice, proven.

    ask: the choice that keeps a bound, if there is one. reached: the bound that a choice keeps.
    """
    near, far = reached(first), wanted
    while True:
        step = near - STEP * max(1.0, abs(near))
        better = None if step <= far else ask(step)
        value = near if better is None else reached(better)
        if value >= near:  # none, or no less than rounding allows
            return near
        near = value
        middle = (near + far) / 2.0
        further = ask(middle) if middle > far else None
        value = near if further is None else reached(further)
        near, far = (value, far) if value < near else (near, max(far, middle))
