"""A made-up region of square zones with shapes, and with names meant to cause trouble."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from reconfig.core import (
    Configuration,
    Problem,
    Region,
    Service,
    Solution,
    Stage,
    Status,
    maximise,
    minimise,
    open_sites,
)
from tests.instances import HalfTheDeaths

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("x")'
TEX = "$$x$$"
ROWS, SIDE_METRES = 6, 2000.0
WEST, SOUTH = 380000.0, 390000.0
SITES = {
    # id: name, column, row, in scope, how its times are known
    "A": (SCRIPT, 0.5, 0.5, "yes", "observed"),
    "B": (FORMULA, 5.5, 5.5, "yes", "estimated"),
    "C": (TEX, 5.5, 0.5, "yes", "observed"),
    "N": ("Nettle & Sons", 0.2, 5.8, "no", "estimated"),
}


def square_region(
    *,
    coordinates: bool = True,
    shapes: bool = True,
    crs: str | None = "EPSG:27700",
    proposed: tuple[str, ...] = (),
) -> Region:
    """Return 36 square zones in two districts, three candidates and one neighbour."""
    cells = [(k % ROWS, k // ROWS) for k in range(ROWS * ROWS)]
    zones = pd.DataFrame(
        {
            "zone_id": [f"z{k:02}" for k in range(len(cells))],
            "name": [f"Place {k}" for k in range(len(cells))],
            "district": ["@west" if x < 3 else "East & <b>bold</b>" for x, _ in cells],
            "deprivation_fifth": [f"fifth {1 + y % 5}" for _, y in cells],
            "cases": [10.0 + k for k in range(len(cells))],
        }
    )
    sites = pd.DataFrame(
        {
            "site_id": list(SITES),
            "name": [s[0] for s in SITES.values()],
            "in_scope": [s[3] for s in SITES.values()],
            "proposed": ["yes" if site in proposed else "no" for site in SITES],
            "time_kind": [s[4] for s in SITES.values()],
            "time_error_minutes": [2.5 if s[4] == "estimated" else 0.3 for s in SITES.values()],
        }
    )
    east = np.array([WEST + SIDE_METRES * (x + 0.5) for x, _ in cells])
    north = np.array([SOUTH + SIDE_METRES * (y + 0.5) for _, y in cells])
    site_east = np.array([WEST + SIDE_METRES * s[1] for s in SITES.values()])
    site_north = np.array([SOUTH + SIDE_METRES * s[2] for s in SITES.values()])
    metres = np.hypot(east[:, None] - site_east, north[:, None] - site_north)
    if coordinates:
        zones, sites = (
            zones.assign(easting=east, northing=north),
            sites.assign(easting=site_east, northing=site_north),
        )
    minutes = pd.DataFrame(metres / 500.0 + 2.0, columns=list(SITES))
    return Region.from_tables(
        zones,
        sites,
        minutes.set_index(pd.Index(zones["zone_id"], name="zone_id")),
        name="Squareland",
        crs=crs,
        boundaries=_layers(zones, cells, crs) if shapes else {},
        sources=({"what": "Squares", "licence": "CC0", "attribution": "Made up for <tests>"},),
        sha256={"zones.csv": "0" * 64},
    )


def _layers(zones: pd.DataFrame, cells: list[tuple[int, int]], crs: str | None) -> dict[str, Any]:
    squares = [
        box(
            WEST + SIDE_METRES * x,
            SOUTH + SIDE_METRES * y,
            WEST + SIDE_METRES * (x + 1),
            SOUTH + SIDE_METRES * (y + 1),
        )
        for x, y in cells
    ]
    shapes = gpd.GeoDataFrame(zones[["zone_id", "district"]], geometry=squares, crs=crs)
    districts = shapes.dissolve(by="district", as_index=False)[["district", "geometry"]]
    return {"zones": shapes.set_index("zone_id")[["geometry"]], "districts": districts}


def degree_region() -> Region:
    """Return the same region in degrees: easting is longitude, northing is latitude."""
    region = square_region(shapes=False)
    tables = []
    for table in (region.zones, region.sites):
        points = gpd.GeoSeries(
            gpd.points_from_xy(table["easting"], table["northing"]), crs="EPSG:27700"
        )
        flat = points.to_crs("EPSG:4326")
        tables.append(table.assign(easting=flat.x.to_numpy(), northing=flat.y.to_numpy()))
    return replace(region, zones=tables[0], sites=tables[1], crs="EPSG:4326")


def surgery(region: Region) -> Service:
    """Return the region's service, with a made-up outcome model."""
    return replace(region.define_service("surgery", demand="cases"), outcome=HalfTheDeaths())


def solved(region: Region | None = None, *, sites: tuple[str, ...] = ("A", "B")) -> Solution:
    """Return a solution put together by hand, as the solver would have returned it."""
    chosen = region or square_region()
    service = surgery(chosen)
    objective = maximise("lives_saved", then=minimise("mean_minutes"))
    problem = Problem(chosen, service, objective, [open_sites(2)])
    stage = Stage("lives_saved", "maximise", Status.OPTIMAL, 40.0, 40.0, 0.0, 0.01)
    found = Configuration.of("surgery", sites, name="Chosen")
    return Solution(
        problem,
        found,
        Status.OPTIMAL,
        40.0,
        40.0,
        0.0,
        0.02,
        "HiGHS",
        (stage,),
        {"lives_saved": 40.0},
    )


class TwoPoints:
    """A trade-off of two points, one of them beaten."""

    measures = ("lives_saved", "mean_minutes")
    unfinished: tuple[int, ...] = ()
    points = pd.DataFrame(
        {
            "number": [2, 3],
            "lives_saved": [40.0, 20.0],
            "mean_minutes": [12.0, 13.0],
            "open": [("A", "B"), ("A", "B", "C")],
            "status": ["optimal", "feasible"],
            "gap": [0.0, None],
            "efficient": [True, False],
        }
    )
