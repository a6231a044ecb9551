"""Left to cuts alone, the optimum is still the one that enumeration finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given
from hypothesis import strategies as st

from reconfig.core import Objective
from reconfig.model import projected
from tests.property.strategies import Case, cases, constraints, examples, objectives
from tests.property.test_optimum import assert_solves_as_enumerated


@contextmanager
def only_cuts() -> Iterator[None]:
    """Give no set a row of its own, however few there are."""
    before, projected.MOST_SETS = projected.MOST_SETS, 0
    try:
        yield
    finally:
        projected.MOST_SETS = before


@examples(150)
@given(st.data(), cases(), objectives())
def test_the_optimum_is_the_best_of_every_configuration_that_keeps_the_constraints(
    data: st.DataObject, case: Case, objective: Objective
) -> None:
    with only_cuts():
        assert_solves_as_enumerated(case, objective, data.draw(constraints(case)))
