"""A solution says in words exactly what is known of it, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconfig.core import (
    Configuration,
    Problem,
    Solution,
    Stage,
    Status,
    keep,
    maximise,
    minimise,
)
from tests.instances import tiny_region, tiny_service


def solution(status: Status, *, gap: float | None = None, found: bool = True) -> Solution:
    """Return a solution of one stage by hand."""
    region = tiny_region()
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"))
    configuration = Configuration.of("surgery", ["C", "A"]) if found else None
    stage = Stage("mean_minutes", "minimise", status, 7.2, None, gap, 0.1)
    return Solution(problem, configuration, status, None, None, gap, 0.1, "HiGHS", (stage,))


def test_each_status_has_its_own_verdict() -> None:
    assert solution(Status.OPTIMAL).verdict.startswith("Proven best")
    loose = solution(Status.FEASIBLE, gap=0.125).verdict
    assert "mean_minutes could be at most 12.50% better" in loose
    assert "with no bound" in solution(Status.FEASIBLE).verdict
    assert solution(Status.INFEASIBLE, found=False).verdict.startswith("Proven: no configuration")
    assert "nothing is proven" in solution(Status.NO_SOLUTION, found=False).verdict


def test_the_verdict_is_about_the_first_objective_that_is_not_proven() -> None:
    region = tiny_region()
    goal = maximise("share_within_30", then=minimise("mean_minutes"))
    problem = Problem(region, tiny_service(region), goal)
    stages = (
        Stage("share_within_30", "maximise", Status.OPTIMAL, 1.0, 1.0, 0.0, 0.1),
        Stage("mean_minutes", "minimise", Status.FEASIBLE, 20.0, 15.0, 0.25, 0.1),
    )
    found = Configuration.of("surgery", ["A"])
    both = Solution(problem, found, Status.FEASIBLE, 1.0, 1.0, 0.25, 0.2, "HiGHS", stages)
    assert "mean_minutes could be at most 25.00% better" in both.verdict
    cut = Stage("mean_minutes", "minimise", Status.NO_SOLUTION, None, 15.0, None, 0.1, "time limit")
    first_only = replace(both, stages=(stages[0], cut), gap=None)
    assert "time ran out before every objective was taken up" in first_only.verdict
    assert "decided by share_within_30 only" in first_only.verdict
    by_hand = replace(first_only, stages=(stages[0], replace(cut, stopped="interrupted")))
    assert "the solve was stopped by hand before" in by_hand.verdict


def test_an_infeasible_verdict_names_the_constraints_that_conflict() -> None:
    region = tiny_region()
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"))
    infeasible = Solution(
        problem, None, Status.INFEASIBLE, None, None, None, 0.1, "HiGHS", conflict=(keep("A"),)
    )
    assert "These cannot hold together: keep A." in infeasible.verdict


def test_open_sites_are_sorted_and_none_where_there_is_no_configuration() -> None:
    assert solution(Status.OPTIMAL).open == ("A", "C")
    assert solution(Status.INFEASIBLE, found=False).open == ()


def test_asking_for_a_configuration_that_is_not_there_says_why() -> None:
    assert solution(Status.OPTIMAL).found().sites("surgery") == ("A", "C")
    with pytest.raises(ValueError, match="the problem is infeasible"):
        solution(Status.INFEASIBLE, found=False).found()


def test_a_notebook_shows_names_and_verdict_without_numbers_that_are_not_there() -> None:
    assert "Alder, Cedar" in solution(Status.OPTIMAL)._repr_html_()
    assert "No choice found" in solution(Status.NO_SOLUTION, found=False)._repr_html_()
