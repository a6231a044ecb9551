"""Costs by which the nearest open site is the cheapest, and what is done where it is not."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reconfig.appraise import Grid, find_measure, overall_values
from reconfig.core import Objective, Problem, Region, Status, open_sites
from reconfig.model import projected
from reconfig.solve import solve
from reconfig.solve.costs import nearest_costs
from tests.instances import every_configuration, random_region, tiny_service

cutting = importlib.import_module("reconfig.solve.cutting")
OBJECTIVES = [
    Objective("mean_minutes", "minimise"),
    Objective("share_within_30", "maximise"),
    Objective("neighbour_cases", "minimise"),
    Objective("lives_saved", "maximise"),
    Objective("mean_minutes[district=north]", "minimise"),
    Objective("share_within_30[district=south]", "maximise"),
]
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "with neighbours": {"neighbours": 2},
    "with ties": {"ties": True, "neighbours": 1},
    "with places out of reach": {"unreachable": 0.3, "without_cases": 0.3},
    "with both": {"unreachable": 0.2, "neighbours": 1, "without_cases": 0.2},
}


def made(seed: int, kind: str, zones: int = 300, candidates: int = 9) -> Region:
    options = {"neighbours": 0} | KINDS[kind]
    return random_region(seed, zones=zones, candidates=candidates, **options)


@pytest.fixture
def _valued(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave it to the valuing of every choice: no rows, no start, no fixing."""
    monkeypatch.setattr(projected, "MOST_SETS", 0)
    monkeypatch.setattr(cutting, "exchange", lambda costs, chosen, fixed, **more: chosen)
    monkeypatch.setattr(cutting.Cutting, "_fix", lambda self, reduced: None)
    monkeypatch.setattr(cutting, "MARGIN", 10.0)


@pytest.mark.usefixtures("_valued")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.measure)
@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_proven_by_valuing_is_the_best_of_every_choice(
    seed: int, objective: Objective, kind: str
) -> None:
    region = made(seed, kind)
    service = tiny_service(region)
    grid = Grid.of(region, service)
    values = [
        overall_values(region, service, c, [objective.measure])[objective.measure]
        for c in every_configuration(service, [2])
        if (grid.nearest(c.sites(service.id)) >= 0).all()
    ]
    found = solve(Problem(region, service, objective, [open_sites(2)]))
    if not values:
        assert found.status is Status.INFEASIBLE
        return
    best = min(values) if objective.sense == "minimise" else max(values)
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(best)
    assert found.bound == pytest.approx(best)


@pytest.mark.parametrize("kind", KINDS)
def test_the_cheapest_open_column_is_the_nearest_wherever_costs_are_exact(kind: str) -> None:
    region = made(3, kind)
    service = tiny_service(region, outcome=False)
    grid = Grid.of(region, service)
    measure = find_measure("mean_minutes")
    assert measure is not None
    assert measure.table is not None
    table = measure.table(grid.every_journey())
    found = nearest_costs(grid, table)
    assert found.exact
    rng = np.random.default_rng(0)
    for _ in range(20):
        opened = rng.uniform(size=len(grid.sites)) < 0.4
        opened |= ~grid.is_candidate
        treated_at = grid.nearest(
            {s for s, o in zip(grid.sites, opened, strict=True) if o} & set(service.candidates)
        )
        if (treated_at < 0).any() or not opened.any():
            assert (
                found.costs[:, opened].min(axis=1, initial=np.inf).sum()
                > np.abs(table[np.isfinite(grid.minutes)]).max()
            )
            continue
        cheapest = found.costs[:, opened].min(axis=1)
        assert cheapest == pytest.approx(table[np.arange(len(table)), treated_at])


def test_costs_that_fall_along_the_way_are_not_called_exact() -> None:
    region = made(1, "with neighbours")
    grid = Grid.of(region, tiny_service(region, outcome=False))
    falling = -np.where(np.isfinite(grid.minutes), grid.minutes, 0.0)
    assert not nearest_costs(grid, falling).exact


def test_an_edited_column_of_groups_is_never_missed() -> None:
    region = random_region(5, zones=80, candidates=7, neighbours=0)
    service = tiny_service(region, outcome=False)
    limit = cutting_limit()
    before = solve(Problem(region, service, OBJECTIVES[0], [open_sites(3), limit]))
    district = region.zones["district"].to_numpy().copy()
    region.zones["district"] = np.roll(district, 17)
    again = solve(Problem(region, service, OBJECTIVES[0], [open_sites(3), limit]))
    fresh = solve(Problem(replace(region), service, OBJECTIVES[0], [open_sites(3), limit]))
    assert before.status in (Status.OPTIMAL, Status.INFEASIBLE)
    assert again.status is fresh.status
    assert again.objective == fresh.objective


def cutting_limit() -> Any:
    from reconfig.core import limit

    return limit("share_within_30", at_least=0.72, by="district")
