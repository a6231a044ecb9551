"""A linear expression as plain data, and the way to hand it to PuLP in one go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pulp


@dataclass(frozen=True, eq=False)
class Linear:
    """constant + sum of coefficient x variable; terms with a coefficient of zero are left out."""

    constant: float
    terms: tuple[tuple[Any, float], ...]

    def value(self) -> float:
        """Return the value at the solution that the variables hold."""
        return self.constant + float(sum(c * v.varValue for v, c in self.terms))

    def at_most(self, bound: float) -> Any:
        """Return the constraint: expression <= bound."""
        return self._against(bound, pulp.LpConstraintLE)

    def at_least(self, bound: float) -> Any:
        """Return the constraint: expression >= bound."""
        return self._against(bound, pulp.LpConstraintGE)

    def _against(self, bound: float, sense: int) -> Any:
        affine = pulp.LpAffineExpression(list(self.terms))
        return pulp.LpConstraint(affine, sense=sense, rhs=bound - self.constant)


def linear(constant: float, terms: Iterable[tuple[Any, float]]) -> Linear:
    """Return a linear expression without its zero terms; those of the same variable add up."""
    total: dict[Any, float] = {}
    for variable, coefficient in terms:
        total[variable] = total.get(variable, 0.0) + float(coefficient)
    return Linear(float(constant), tuple((v, c) for v, c in total.items() if c != 0))


def add_row(lp: Any, terms: list[tuple[Any, float]], sense: int, bound: float, name: str) -> None:
    """Add the constraint: sum of coefficient x variable <=, = or >= bound."""
    row = pulp.LpConstraint(pulp.LpAffineExpression(terms), sense=sense, rhs=bound)
    lp.addConstraint(row, name)
