"""Why nothing fits, on the tiny region (mean of the best one 10.2, of the best two 7.2)."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import pytest

from reconfig.analyse import explain_conflict
from reconfig.core import (
    Constraint,
    Problem,
    Region,
    Solution,
    Status,
    close,
    keep,
    limit,
    minimise,
    open_sites,
)
from reconfig.solve import solve
from tests.instances import MINUTES, SITES, ZONES, tiny_region, tiny_service


def solved(*constraints: Constraint, region: Region | None = None) -> Solution:
    """Solve a problem on the tiny region."""
    place = region or tiny_region()
    return solve(Problem(place, tiny_service(place), minimise("mean_minutes"), constraints))


ONE, SHORT = open_sites(1), limit("mean_minutes", at_most=10)


def test_the_two_that_cannot_hold_together_are_named_and_the_bystander_is_not() -> None:
    found = explain_conflict(solved(keep("B"), ONE, SHORT, limit("max_minutes", at_most=60)))
    assert set(found.conflict) == {ONE, SHORT}
    assert "exactly 1 site; mean_minutes at most 10" in found.verdict


def test_one_constraint_alone_may_be_impossible() -> None:
    impossible = limit("mean_minutes", at_most=7)
    assert explain_conflict(solved(ONE, impossible, keep("A"))).conflict == (impossible,)


def test_a_constraint_stated_twice_is_named_once() -> None:
    impossible = limit("mean_minutes", at_most=7)
    assert explain_conflict(solved(impossible, impossible, ONE)).conflict == (impossible,)


def test_closing_the_only_site_that_somebody_reaches_is_named() -> None:
    minutes = MINUTES.astype({"N": object, "B": object, "C": object})
    minutes.loc[0, ["B", "C", "N"]] = "unreachable"
    region = Region.from_tables(ZONES, SITES, minutes)
    assert explain_conflict(solved(keep("B"), close("A"), region=region)).conflict == (close("A"),)


def test_a_solution_that_is_not_infeasible_comes_back_as_it_is() -> None:
    found = solved(ONE)
    assert explain_conflict(found) is found


def test_a_constraint_whose_solve_ran_out_of_time_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(problem: Problem, **options: Any) -> Solution:
        return replace(solve(problem), status=Status.NO_SOLUTION, configuration=None)

    infeasible = solved(keep("B"), ONE, SHORT)
    monkeypatch.setattr(importlib.import_module("reconfig.analyse.conflict"), "solve", stopped)
    assert explain_conflict(infeasible, time_limit=1).conflict == (keep("B"), ONE, SHORT)
