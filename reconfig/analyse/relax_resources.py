"""How far a budget, a pool of staff or a capacity must give way for other demands to be met."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from reconfig.appraise import Grid, spent
from reconfig.core import Budget, Capacity, Constraint, Solution, Workforce

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
    asked: Budget | Capacity | Workforce, keeping: Keeping
) -> Iterator[tuple[Budget | Capacity | Workforce, str]]:
    """Yield what can be met in place of one of these, and the sentence that says so.

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
            lambda total: keeping(replace(asked, total=total)),
            spent_by,
        )
        unit = 10.0 ** (math.floor(math.log10(max(least, 1e-300))) - DIGITS)
        total = float(f"{math.ceil(least / unit * (1 - ROUNDING)) * unit:.12g}")
        said = f"The other demands can be met with {total:,.12g} to spend, not with 0.01% less: "
        yield (
            replace(asked, total=total),
            f"{said}{asked.total:,.12g} was allowed.",
        )
        return
    if isinstance(asked, Workforce):
        yield _pool(asked, first, keeping)
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


def _pool(asked: Workforce, first: Solution, keeping: Keeping) -> tuple[Workforce, str]:
    """Return the smallest pool of staff that will do, and the sentence that says so."""
    need = asked.need(first.problem.region, first.problem.service)
    least = _least(
        float(asked.pool),
        first,
        lambda pool: keeping(replace(asked, pool=pool)),
        lambda found: sum(need[site] for site in found.open),
    )
    pool = float(f"{least:.12g}")
    said = f"The other demands can be met with {pool:,.12g} staff, not with fewer: "
    return replace(asked, pool=pool), f"{said}{asked.pool:,.12g} were at hand."


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
