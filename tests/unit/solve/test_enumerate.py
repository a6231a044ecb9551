"""Valuing each choice that reduced costs leave open: none left out, none too many."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from reconfig.appraise import overall_values
from reconfig.core import Configuration, Problem, Status, minimise, open_sites
from reconfig.model import projected
from reconfig.solve import solve
from reconfig.solve.enumerate import beginnings, cheapest, room_for
from tests.instances import every_configuration, random_region, tiny_service


def never() -> None:
    """Never run out of time."""


@pytest.mark.parametrize("number", [1, 2, 4, 7])
@pytest.mark.parametrize("slack", [0.0, 0.4, 1.5, 100.0])
def test_exactly_the_choices_within_the_budget_are_looked_at(number: int, slack: float) -> None:
    rng = np.random.default_rng(number)
    reduced = rng.normal(0.0, 0.4, 8).round(3)
    free = np.ones(8, dtype=bool)
    free[3] = False
    room = room_for(reduced, free, number, slack)
    found = beginnings(room, np.inf)
    looked_at = set()
    if found is not None:
        for chosen, spent in zip(*found, strict=True):
            first = int(chosen[-1]) + 1 if number > 1 else 0
            last = np.searchsorted(room.extra, room.budget - spent, side="right")
            looked_at |= {
                frozenset(room.columns[[*chosen, place]].tolist()) for place in range(first, last)
            }
    within = set()
    for choice in itertools.combinations(np.flatnonzero(free).tolist(), number):
        opened = np.isin(np.arange(8), choice)
        # What it costs to have a site otherwise than at the cheaper of its two ends.
        otherwise = np.where(opened, np.maximum(reduced, 0.0), np.maximum(-reduced, 0.0))
        if otherwise[free].sum() <= slack + 1e-12:
            within.add(frozenset(choice))
    assert looked_at == within


@pytest.mark.parametrize("number", [1, 3, 5])
@pytest.mark.parametrize("always", [(), (2,)])
def test_the_cheapest_is_the_cheapest_of_all(number: int, always: tuple[int, ...]) -> None:
    rng = np.random.default_rng(4)
    costs = rng.uniform(0.0, 9.0, (30, 9))
    opened = np.isin(np.arange(9), always)
    room = room_for(np.zeros(9), ~opened, number, 0.0)
    complete, choice = cheapest(costs, opened, room, np.inf, never)
    assert complete
    assert choice is not None
    assert choice.sum() == number + len(always)
    rest = np.flatnonzero(~opened).tolist()
    best = min(
        costs[:, [*always, *more]].min(axis=1).sum()
        for more in itertools.combinations(rest, number)
    )
    assert costs[:, choice].min(axis=1).sum() == pytest.approx(best)


def test_too_many_are_not_begun() -> None:
    costs = np.random.default_rng(1).uniform(0.0, 9.0, (50, 30))
    room = room_for(np.zeros(30), np.ones(30, bool), 8, 0.0)
    complete, choice = cheapest(costs, np.zeros(30, bool), room, 1e6, never)
    assert (complete, choice) == (False, None)


def test_where_none_can_be_better_it_says_so() -> None:
    room = room_for(np.array([1.0, 2.0, 3.0]), np.ones(3, bool), 1, 0.5)
    complete, choice = cheapest(np.ones((4, 3)), np.zeros(3, bool), room, np.inf, never)
    assert (complete, choice) == (True, None)


def test_minutes_without_geography_are_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projected, "MOST_SETS", 0)
    region = random_region(8, zones=200, candidates=14, neighbours=1)
    service = tiny_service(region, outcome=False)
    found = solve(Problem(region, service, minimise("mean_minutes"), [open_sites(4)]))
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(
        min(mean(region, service, c) for c in every_configuration(service, [4]))
    )


def mean(region: object, service: object, configuration: Configuration) -> float:
    """Return the mean journey of a configuration."""
    return overall_values(region, service, configuration, ["mean_minutes"])["mean_minutes"]  # type: ignore[arg-type]


def test_a_time_limit_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projected, "MOST_SETS", 0)
    region = random_region(8, zones=3_000, candidates=60, neighbours=0)
    service = tiny_service(region, outcome=False)
    problem = Problem(region, service, minimise("mean_minutes"), [open_sites(5)])
    started = time.perf_counter()
    found = solve(problem, time_limit=3.0)
    assert time.perf_counter() - started < 3.0 + 5.0
    assert found.status is Status.FEASIBLE
    assert found.stopped == "time limit"


def test_too_many_beginnings_are_refused_before_they_are_made() -> None:
    room = room_for(np.zeros(400), np.ones(400, dtype=bool), 5, 1.0)
    calls = []
    assert beginnings(room, 1_000, lambda: calls.append(1)) is None
    assert len(calls) < 500  # the first level, and a part of the second
