"""A site within the longest journey allowed is no help to those who choose one further off."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from reconfig.core import (
    Constraint,
    Objective,
    Problem,
    Region,
    Service,
    Solution,
    limit,
    maximise,
    open_sites,
)
from reconfig.solve import SolutionMismatchError, solve
from tests.instances import tiny_region, tiny_service


def asked() -> tuple[Region, Service, Objective]:
    """Patients of the tiny region who see minutes very differently, best sent far."""
    region = tiny_region()
    return region, tiny_service(region).with_choice(60.0, orders=5), maximise("mean_minutes")


def solved() -> Solution:
    region, service, goal = asked()
    wanted: list[Constraint] = [open_sites(2), limit("max_minutes", at_most=50)]
    return solve(Problem(region, service, goal, wanted))


def test_without_its_rows_the_program_lets_somebody_choose_too_far_a_site(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = solved()
    assert kept.configuration is None or kept.measures["max_minutes"] <= 50

    def none(*_: Any) -> Iterator[Any]:
        return iter(())

    module = importlib.import_module("reconfig.model.rows_limit")
    monkeypatch.setattr(module, "not_chosen_rows", none)
    with pytest.raises(SolutionMismatchError, match="max_minutes is 60, against max_minutes"):
        solved()
