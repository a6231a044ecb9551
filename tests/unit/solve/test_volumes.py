"""Volumes on the region drawn in tests/instances.py, where every sum can be done by hand."""

from __future__ import annotations

import importlib
import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reconfig.appraise import Grid
from reconfig.core import (
    Capacity,
    Constraint,
    Problem,
    Status,
    keep,
    limit,
    maximise,
    minimise,
    open_sites,
)
from reconfig.model import build
from reconfig.solve import every_choice, solve
from reconfig.solve.branching import Branching
from reconfig.solve.costs import nearest_costs
from reconfig.solve.local_search import search
from reconfig.solve.neighbourhoods import Neighbourhood
from reconfig.solve.settings import Settings
from reconfig.solve.volumes import Volumes, without_volumes
from tests.instances import random_places, tiny_region, tiny_service

A, B, C, N = range(4)


def problem(*constraints: Constraint) -> Problem:
    region = tiny_region()
    service = tiny_service(region, outcome=False)
    return Problem(region, service, minimise("mean_minutes"), constraints)


def in_the_making(*constraints: Constraint) -> Branching:
    """Return a solve that has not begun."""
    asked = problem(*constraints)
    grid = Grid.of(asked.region, asked.service)
    model = build(without_volumes(asked), asked.objective)
    costs = nearest_costs(grid, grid.minutes * grid.cases[:, None])
    settings = Settings("HiGHS", 0.0, None, "nearest-sets")
    return Branching(asked, model, settings, lambda _: None, lambda: costs)


def opened(*columns: int) -> np.ndarray:
    found = np.zeros(4, dtype=bool)
    found[list(columns)] = True
    return found


def test_bounds_on_volumes_are_read_by_column_and_a_capacity_holds_for_a_neighbour_too() -> None:
    asked = problem(
        limit("min_volume", at_least=10),
        limit("max_volume", at_most=60),
        Capacity((("B", 50.0), ("N", 70.0))),
    )
    volumes = Volumes.of(asked, Grid.of(asked.region, asked.service))
    assert volumes.low == pytest.approx([10, 10, 10, -np.inf])
    assert volumes.high == pytest.approx([60, 50, 60, 70], rel=2e-6)
    assert without_volumes(asked).constraints == ()


def test_cases_come_to_a_site_as_the_nearer_ones_close() -> None:
    arrivals = in_the_making().arrivals
    assert arrivals.volumes(opened(A, B, C, N)).tolist() == [30, 0, 30, 40]
    assert arrivals.volumes(opened(B, C, N)).tolist() == [0, 30, 30, 40]
    assert arrivals.volumes(opened(B, N)).tolist() == [0, 60, 0, 40]


def test_too_few_cases_are_explained_by_no_more_open_rivals_than_it_takes() -> None:
    arrivals = in_the_making().arrivals
    everything = opened(A, B, C, N)
    assert set(found(arrivals.rivals(B, everything, 10.0))) == {A, C}  # either leaves it 30
    assert len(found(arrivals.rivals(B, everything, 31.0))) == 1
    assert arrivals.rivals(B, opened(B, N), 60.0) is None
    assert found(arrivals.rivals(B, everything, 61.0)) == []  # never so many


def test_too_many_cases_are_explained_by_no_more_closed_sites_than_it_takes() -> None:
    arrivals = in_the_making().arrivals
    assert set(found(arrivals.gaps(B, opened(B, N), 50.0))) == {A, C}
    assert len(found(arrivals.gaps(B, opened(B, N), 29.0))) == 1
    assert arrivals.gaps(B, opened(B, N), 60.0) is None
    assert found(arrivals.gaps(C, opened(A, B, C, N), 29.0)) == []  # always so many


def found(columns: np.ndarray | None) -> list[int]:
    assert columns is not None
    return [int(c) for c in columns]


def test_a_neighbourhood_keeps_the_choices_whose_volumes_can_be_within_bounds() -> None:
    solving = in_the_making(limit("min_volume", at_least=50))
    parts = solving.arrivals, solving.volumes, solving.pieces, solving.ends, solving.numbers
    whole = Neighbourhood(np.array([A, B, C]), *parts)
    # B or C alone has 60, A alone 30.
    assert whole.opened.tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 0]]
    part = Neighbourhood(np.array([A, B]), *parts)  # C may be closed, for all that is known here
    assert part.opened.tolist() == [[0, 1], [0, 0]]
    low, high = np.zeros(4), np.ones(4)
    assert whole.implied(low, high) is not None
    low[A] = 1.0
    assert whole.implied(low, high) is None


def test_local_search_leaves_a_choice_that_breaks_volumes_for_one_that_keeps_them() -> None:
    solving = in_the_making(limit("min_volume", at_least=50), open_sites(at_least=1))
    seen: list[list[bool]] = []

    def accept(choice: np.ndarray) -> bool:
        seen.append(choice.tolist())
        return True

    search(solving.start.task(), opened(A, C, N), accept, lambda: None)
    assert seen[-1] == [False, True, False, True]  # B alone, nearer to more than C alone


@pytest.mark.parametrize(
    ("constraints", "status", "chosen"),
    [
        ([limit("min_volume", at_least=50), open_sites(at_least=1)], Status.OPTIMAL, ("B",)),
        ([limit("min_volume", at_least=61), open_sites(at_least=1)], Status.INFEASIBLE, ()),
        ([limit("min_volume", at_least=31), keep("A")], Status.INFEASIBLE, ()),
        ([limit("max_volume", at_most=29), keep("C")], Status.INFEASIBLE, ()),
        ([Capacity((("N", 39.0),))], Status.INFEASIBLE, ()),
    ],
)
def test_what_can_and_cannot_be_kept_is_said_with_proof(
    constraints: list[Constraint], status: Status, chosen: tuple[str, ...]
) -> None:
    solution = solve(problem(*constraints))
    assert solution.status is status
    assert solution.open == chosen


def test_a_time_limit_keeps_the_choice_of_local_search_and_a_bound_that_is_true() -> None:
    region = random_places(3, zones=600, candidates=30)
    service = tiny_service(region, outcome=False)
    share = service.cases_per_year / 10
    constraints: list[Constraint] = [
        open_sites(at_least=6, at_most=12),
        limit("min_volume", at_least=0.8 * share),
        limit("max_volume", at_most=1.6 * share),
    ]
    asked = Problem(region, service, maximise("share_within_8"), constraints)
    proven = solve(asked)
    assert proven.status is Status.OPTIMAL
    assert proven.objective is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Branching, "_look_around", over)
        stopped = solve(asked)
    assert stopped.status is Status.FEASIBLE
    assert stopped.objective is not None
    assert stopped.bound is not None
    assert stopped.objective <= proven.objective + 1e-9
    assert stopped.bound > proven.objective - 1e-6
    assert stopped.stopped == "time limit"


def over(solving: Branching) -> None:
    """Say that the time is over."""
    solving.settings.timed_out = True
    raise TimeoutError


def test_local_search_goes_on_until_a_choice_keeps_the_volumes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = importlib.import_module("reconfig.solve.volume_start")
    region = random_places(3, zones=60, candidates=6)
    service = tiny_service(region, outcome=False)
    grid = Grid.of(region, service)
    clock = itertools.count(0.0, 10.0)  # every look at it is ten seconds later
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(clock))
    looked: list[bool] = []

    def search(task: object, start: object, accept: Any, check_time: Any, *, seed: int) -> None:
        for _ in range(4):  # 10, 20, 30, 40 of 100 seconds: past a fifth of them
            check_time()
        accept(np.ones(6, dtype=bool))
        looked.append(True)
        check_time()
        looked.append(True)

    monkeypatch.setattr(module, "search", search)
    monkeypatch.setattr(module.Start, "task", lambda _: None)
    settings = Settings("HiGHS", 0.0, None, "nearest-sets")
    monkeypatch.setattr(Settings, "seconds_left", lambda _: 100.0)
    ends = (np.zeros(6), np.ones(6))
    volumes = Volumes(np.full(6, -np.inf), np.full(6, np.inf))
    begun = module.Start(grid, volumes, None, ends, (1, 6), 0.0)
    begun.search(np.ones(6, dtype=bool), lambda _: True, settings, seed=0)
    assert looked == [True]  # once one is found, a fifth of the time is over


@pytest.mark.parametrize("seed", range(12))
def test_costs_in_millions_are_minimised_under_bounds_on_volumes(seed: int) -> None:
    region = random_places(seed, zones=100, candidates=10)
    costs = np.random.default_rng(seed).uniform(1e6, 1e8, 10).round()
    region = replace(region, sites=region.sites.assign(fixed_cost_gbp=costs))
    service = region.define_service("care", demand="cases")
    cases = service.cases_per_year
    asked = Problem(
        region,
        service,
        minimise("cost_gbp"),
        [
            limit("mean_minutes", at_most=15.0),
            limit("min_volume", at_least=0.12 * cases),
            limit("max_volume", at_most=0.4 * cases),
        ],
    )
    found = solve(asked)
    listed = every_choice(asked)
    assert listed is not None
    if not listed:
        assert found.status is Status.INFEASIBLE
        return
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(listed[0][0], rel=2e-6)
