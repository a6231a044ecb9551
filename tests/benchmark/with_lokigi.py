"""What lokigi is asked, with the same minutes and cases and its settings as they come.

Handing over the tables is not timed, solving is.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
from lokigi.site import SiteProblem

import reconfig as rc
from tests.benchmark.instances import load
from tests.benchmark.one import Clock
from tests.benchmark.runs import Measured, Run


def brute_force(run: Run, clock: Clock) -> Measured:
    """Every choice of so many sites."""
    return _solve(run, clock, "brute-force", "best of all choices", proven=True)


def grasp(run: Run, clock: Clock) -> Measured:
    """lokigi's search by chance, which proves nothing."""
    return _solve(run, clock, "grasp", "no proof", proven=False)


def _solve(run: Run, clock: Clock, strategy: str, status: str, *, proven: bool) -> Measured:
    problem = _problem(*load(run.instance, clock))
    with clock:
        found = problem.solve(
            p=run.p, objectives="p_median", search_strategy=strategy, show_progress=False
        )
    best = float(found.solution_df["weighted_average"].min())
    return Measured(status=status, proven=proven, objective=best, sites=run.p)


def _problem(region: rc.Region, service: rc.Service) -> Any:
    sites = list(service.candidates)
    nowhere = gpd.points_from_xy([0.0] * len(sites), [0.0] * len(sites))  # must be there, no more
    demand = service.demand.rename("cases").rename_axis("zone").reset_index()
    minutes = region.minutes()[sites].rename_axis("zone").reset_index()
    problem = SiteProblem()
    problem.add_demand(demand, demand_col="cases", location_id_col="zone")
    problem.add_sites(
        gpd.GeoDataFrame({"site": sites}, geometry=nowhere, crs="EPSG:27700"),
        candidate_id_col="site",
    )
    problem.add_travel_matrix(minutes, source_col="zone")
    return problem
