"""Linear expressions as data, and their rows."""

from __future__ import annotations

import pulp
import pytest

from reconfig.model.expression import linear


def test_zero_terms_are_left_out() -> None:
    lp = pulp.LpProblem("test", pulp.LpMinimize)
    x, y = lp.add_variable("x", lowBound=0), lp.add_variable("y", lowBound=0)
    expression = linear(3.0, [(x, 2.0), (y, 0.0)])
    assert expression.terms == ((x, 2.0),)


def test_the_value_and_the_rows_count_the_constant() -> None:
    lp = pulp.LpProblem("test", pulp.LpMinimize)
    x = lp.add_variable("x", lowBound=0)
    expression = linear(3.0, [(x, 2.0)])
    x.varValue = 1.5
    assert expression.value() == 6.0
    # 3 + 2 x <= 7 and 3 + 2 x >= 7
    assert expression.at_most(7.0).getUb() == pytest.approx(4.0)
    assert expression.at_least(7.0).getLb() == pytest.approx(4.0)


def test_terms_of_the_same_variable_add_up() -> None:
    lp = pulp.LpProblem("test", pulp.LpMinimize)
    x, y = lp.add_variable("x", lowBound=0), lp.add_variable("y", lowBound=0)
    # As where two routes have the same variable: one for, one against.
    expression = linear(0.0, [(x, 1.0), (y, 1.0), (x, -1.0), (y, 2.0)])
    assert expression.terms == ((y, 3.0),)
