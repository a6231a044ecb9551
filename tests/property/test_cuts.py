"""Left to cuts alone, the optimum is still the one that enumeration finds."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.core import Objective
from reconfig.model import projected
from tests.property.strategies import Case, cases, constraints, examples, objectives
from tests.property.test_optimum import assert_solves_as_enumerated

cutting = importlib.import_module("reconfig.solve.cutting")


@contextmanager
def only_cuts(*, branching: bool) -> Iterator[None]:
    """Give no set a row of its own; with branching, value no choice outside the program either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(projected, "MOST_SETS", 0)
        if branching:
            patch.setattr(cutting, "FEW_JOURNEYS", 0.0)
            patch.setattr(cutting, "MOST_JOURNEYS", 0.0)
        yield


@pytest.mark.parametrize("branching", [True, False])
@examples(100)
@given(st.data(), cases(), objectives())
def test_the_optimum_is_the_best_of_every_configuration_that_keeps_the_constraints(
    branching: bool, data: st.DataObject, case: Case, objective: Objective
) -> None:
    with only_cuts(branching=branching):
        assert_solves_as_enumerated(case, objective, data.draw(constraints(case)))
