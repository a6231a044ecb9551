"""The worst group's average and the gap between groups, by variables that bound every group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reconfig.appraise import Measure
from reconfig.model.assembly import Assembly, label
from reconfig.model.expression import Linear, linear


def between_groups(assembly: Assembly, measure: Measure) -> Linear:
    """Return the worst group's average, or the gap, as an expression that bounds it."""
    compared = measure.of_groups
    assert compared is not None
    small = None if compared.kind == "gap" else measure.better == "lower"
    counted = assembly.grid.rows_of(measure.only)
    averages = [
        assembly.measured(
            compared.average, label(compared.column, group), rows & counted, wants_small=small
        )
        for group, rows in assembly.grid.rows_by(compared.column).items()
    ]
    known = [average for average in averages if average is not None]
    return _gap(assembly, known) if small is None else _worst(assembly, known, small=small)


def _worst(assembly: Assembly, averages: Iterable[Linear], *, small: bool) -> Linear:
    """Return t, with rows over the groups g of average f(g).

        (16) t >= f(g) where small is better,    t <= f(g) where large is

    Made as small (large) as can be, t is the largest (smallest) average.
    """
    edge = assembly.lp.add_variable(f"groups{assembly.rows_added}")
    for average in averages:
        less = _less(average, edge)
        assembly.add(less.at_most(0) if small else less.at_least(0))
    return linear(0.0, [(edge, 1.0)])


def _gap(assembly: Assembly, averages: Iterable[Linear]) -> Linear:
    """Return u - v, with rows over the groups g of average f(g), which must be exact.

        (17) u >= f(g) >= v

    Made as small as can be, or bounded above, u - v is the largest less the smallest average.
    """
    name = f"groups{assembly.rows_added}"
    largest = assembly.lp.add_variable(f"{name}u")
    smallest = assembly.lp.add_variable(f"{name}v")
    for average in averages:
        assembly.add(_less(average, largest).at_most(0))
        assembly.add(_less(average, smallest).at_least(0))
    return linear(0.0, [(largest, 1.0), (smallest, -1.0)])


def _less(average: Linear, edge: Any) -> Linear:
    return linear(average.constant, [*average.terms, (edge, -1.0)])
