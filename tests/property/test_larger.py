"""The same claims on a region of a realistic size, where limits bind and volumes are large."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pandas as pd
import pytest

from reconfig.appraise import Grid
from reconfig.core import Constraint, Problem, Region, Status, limit, minimise, open_sites
from reconfig.solve import solve

ZONES, CANDIDATES, OPEN = 1000, 10, 5


@cache
def plane(seed: int) -> Grid:
    """Return places on a plane 60 minutes wide, with 1 to 400 cases a year in each zone."""
    rng = np.random.default_rng(seed)
    zone, site = rng.uniform(0, 60, (ZONES, 2)), rng.uniform(0, 60, (CANDIDATES, 2))
    minutes = np.linalg.norm(zone[:, None] - site[None, :], axis=2) + 1.0
    zones, sites = [f"z{i}" for i in range(ZONES)], [f"s{k}" for k in range(CANDIDATES)]
    region = Region.from_tables(
        pd.DataFrame({"zone_id": zones, "cases": rng.uniform(1, 400, ZONES).round(2)}),
        pd.DataFrame({"site_id": sites, "name": sites, "in_scope": "yes"}),
        pd.DataFrame(minutes, columns=sites, index=pd.Index(zones, name="zone_id")),
    )
    return Grid.of(region, region.define_service("care", demand="cases"))


def best_mean(grid: Grid, low: float, high: float) -> float | None:
    """Return the shortest mean journey with every volume between low and high, by enumeration."""
    means = []
    for opened in itertools.combinations(grid.sites, OPEN):
        treated_at = grid.nearest(opened)
        volumes = np.bincount(treated_at, weights=grid.cases, minlength=CANDIDATES)
        volumes = volumes[grid.columns(opened)]
        if volumes.min() >= low and volumes.max() <= high:
            minutes = grid.minutes[np.arange(ZONES), treated_at]
            means.append(float((grid.cases * minutes).sum() / grid.cases.sum()))
    return min(means, default=None)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("slack", [0.25, 0.1])
def test_with_binding_volumes_the_optimum_is_the_one_of_all_252_configurations(
    seed: int, slack: float
) -> None:
    grid = plane(seed)
    share = float(grid.cases.sum()) / OPEN
    low, high = (1 - slack) * share, (1 + slack) * share
    expected = best_mean(grid, low, high)
    constraints: list[Constraint] = [
        open_sites(OPEN),
        limit("min_volume", at_least=low),
        limit("max_volume", at_most=high),
    ]
    found = solve(Problem(grid.region, grid.service, minimise("mean_minutes"), constraints))
    if expected is None:
        assert found.status is Status.INFEASIBLE
    else:
        assert found.status is Status.OPTIMAL
        assert found.objective == pytest.approx(expected)
