"""A solution says in words exactly what is known of it, and no more."""

from __future__ import annotations

import pytest

from reconfig.core import Configuration, Problem, Solution, Status, keep, minimise
from tests.instances import tiny_region, tiny_service


def solution(status: Status, *, gap: float | None = None, found: bool = True) -> Solution:
    """Return a solution by hand."""
    region = tiny_region()
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"))
    configuration = Configuration.of("surgery", ["C", "A"]) if found else None
    return Solution(problem, configuration, status, None, None, gap, 0.1, "HiGHS")


def test_each_status_has_its_own_verdict() -> None:
    assert solution(Status.OPTIMAL).verdict.startswith("Proven best")
    assert "at most 12.50% could be gained" in solution(Status.FEASIBLE, gap=0.125).verdict
    assert "the solver gave no bound" in solution(Status.FEASIBLE).verdict
    assert solution(Status.INFEASIBLE, found=False).verdict.startswith("Proven: no configuration")
    assert "nothing is proven" in solution(Status.NO_SOLUTION, found=False).verdict


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
    assert "none" in solution(Status.NO_SOLUTION, found=False)._repr_html_()
