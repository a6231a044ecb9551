"""The worst group's average and the gap between groups, by variables that bound every group."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from reconfig.model.expression import Linear, linear

# adds a row to the program
Add = Callable[[Any], None]


def worst(lp: Any, name: str, averages: Iterable[Linear], *, small: bool, add: Add) -> Linear:
    """Return t, with rows over the groups g of average f(g).

        (16) t >= f(g) where small is better,    t <= f(g) where large is

    Made as small (large) as can be, t is the largest (smallest) average.
    """
    edge = lp.add_variable(name)
    for average in averages:
        add(_less(average, edge).at_most(0) if small else _less(average, edge).at_least(0))
    return linear(0.0, [(edge, 1.0)])


def gap(lp: Any, name: str, averages: Iterable[Linear], *, add: Add) -> Linear:
    """Return u - v, with rows over the groups g of average f(g), which must be exact.

        (17) u >= f(g) >= v

    Made as small as can be, or bounded above, u - v is the largest less the smallest average.
    """
    largest, smallest = lp.add_variable(f"{name}u"), lp.add_variable(f"{name}v")
    for average in averages:
        add(_less(average, largest).at_most(0))
        add(_less(average, smallest).at_least(0))
    return linear(0.0, [(largest, 1.0), (smallest, -1.0)])


def _less(average: Linear, edge: Any) -> Linear:
    return linear(average.constant, [*average.terms, (edge, -1.0)])
