"""The tables of the embedded region: zones, sites, travel times, network and boundaries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import shapely
from country import FACTS, Country
from scipy.optimize import nnls
from sources import BRITISH_NATIONAL_GRID, CALIBRATION_FIXED_MINUTES, ROUNDING_ERROR_MINUTES

from reconfig.network import RoadNetwork

BANDS = ["pop_0_17", "pop_18_44", "pop_45_64", "pop_65_79", "pop_80_plus"]
SITE_COLUMNS = [
    "name",
    "short_name",
    "trust",
    "easting",
    "northing",
    "postcode",
    "in_scope",
    "emergency_surgery_today",
    "stroke_unit",
    "role_emergency_surgery_2015",
    "role_stroke_2015",
    "time_kind",
    "time_error_minutes",
]
FIFTHS = ["1 most deprived", "2", "3", "4", "5 least deprived"]
FEWEST_ADMISSIONS = 30
"""Districts with fewer stroke admissions in the three years are scaled together."""

SAME_PLACE_METRES = 300.0
SIMPLIFY_METRES = 10.0


def read_zone_facts() -> pd.DataFrame:
    """Zones as given: index zone id; name, district, catchment, population bands, decile."""
    facts = pd.read_csv(FACTS / "zones.csv").rename(
        columns={
            "lsoa_2011_code": "zone_id",
            "lsoa_2011_name": "name",
            "imd_2019_decile": "imd_decile",
        }
    )
    return facts.set_index("zone_id").sort_index()


def expected_strokes(zones: pd.DataFrame, admissions: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Expected stroke admissions a year by zone, and the rates by age band behind them.

    Non-negative regression of real admissions on population by band, such that no rate is below
    that of a younger band and children have none; then scaled so that every district has its
    real total (districts with very few admissions: their total together). A zone's own small
    count is not shown.
    """
    adults = zones[BANDS[1:]].to_numpy(dtype=float)
    at_least_as_old = adults[:, ::-1].cumsum(axis=1)[:, ::-1]
    steps, _ = nnls(at_least_as_old, admissions.to_numpy(dtype=float))
    rates = pd.Series(np.concatenate([[0.0], steps.cumsum()]), index=BANDS)
    expected = zones[BANDS].to_numpy(dtype=float) @ rates.to_numpy()
    three_years = 3.0 * admissions.groupby(zones["district"]).transform("sum")
    group = zones["district"].where(three_years >= FEWEST_ADMISSIONS, "few admissions")
    expected = pd.Series(expected, index=zones.index)
    factor = admissions.groupby(group).transform("sum") / expected.groupby(group).transform("sum")
    return (expected * factor).rename("stroke"), rates


def zone_table(facts: pd.DataFrame, country: Country, admissions: pd.Series) -> pd.DataFrame:
    """Everything about zones, in the columns of ``zones.csv``."""
    differ = facts.index[facts["name"] != country.areas.loc[facts.index, "name"]]
    if len(differ):
        raise ValueError(f"zones with another name in the polygons: {list(differ[:5])}")
    zones = facts.copy()
    centroids = country.areas.loc[zones.index, ["easting", "northing"]].round().astype(int)
    zones["easting"], zones["northing"] = centroids["easting"], centroids["northing"]
    zones["population"] = zones[BANDS].sum(axis=1)
    zones["deprivation_fifth"] = [FIFTHS[(d - 1) // 2] for d in zones["imd_decile"]]
    zones["stroke"] = expected_strokes(zones, admissions.loc[zones.index])[0].round(3)
    columns = ["name", "district", "catchment", "easting", "northing", *BANDS, "population"]
    return zones[[*columns, "imd_decile", "deprivation_fifth", "stroke"]]


def site_table(country: Country, flags: pd.DataFrame, estimate_error: float) -> pd.DataFrame:
    """Everything about sites, in the columns of ``sites.csv``.

    estimate_error: mean absolute error in minutes to expect of an estimated site.
    """
    sites = pd.read_csv(FACTS / "sites.csv", keep_default_na=False).set_index("site_id")
    joined = sites["postcode"].str.replace(" ", "", regex=False)
    where = country.sites.loc[joined.tolist()]
    sites["easting"] = where["easting"].round().astype(int).to_numpy()
    sites["northing"] = where["northing"].round().astype(int).to_numpy()
    known = joined.isin(country.units.index)
    for site_id in sites.index[known]:
        unit = country.units.loc[joined[site_id]]
        off = np.hypot(
            *(sites.loc[site_id, ["easting", "northing"]].astype(float) - unit.astype(float))
        )
        if off > SAME_PLACE_METRES:
            raise ValueError(f"{site_id}: its unit in the matrix is {off:.0f} m away")
    treats = joined.map(flags["use_ivt"]).fillna(0) == 1
    sites["emergency_surgery_today"] = "yes"
    sites["stroke_unit"] = np.where(treats, "yes", "no")
    sites["time_kind"] = np.where(known, "observed", "estimated")
    sites["time_error_minutes"] = np.where(known, ROUNDING_ERROR_MINUTES, estimate_error)
    return sites[SITE_COLUMNS]


def with_sites(
    network: RoadNetwork, zones: pd.DataFrame, sites: pd.DataFrame, known_access: pd.Series
) -> RoadNetwork:
    """The network with the sites as places, rounded as it is written.

    known_access: fitted access minutes of the sites whose own times were observed; the others
    have the mean of the areas they are joined to. Access is inside a site's edges.
    """
    places = network.places.copy()
    places.index.name = "place_id"
    places["kind"] = np.where(places.index.isin(zones.index), "zone", "area")
    places[["easting", "northing"]] = places[["easting", "northing"]].round()
    places["access_minutes"] = places["access_minutes"].round(3)
    rounded = RoadNetwork(places, network.edges, network.fixed_minutes)
    near, minutes = rounded.joined_to(sites)
    rows = []
    for k, site_id in enumerate(sites.index):
        if site_id in known_access.index:
            away = np.hypot(
                *(
                    places.iloc[near[k]][["easting", "northing"]].to_numpy(dtype=float)
                    - sites.loc[site_id, ["easting", "northing"]].to_numpy(dtype=float)
                ).T
            )
            minutes[k] = away / 1000.0 / network.link_km_per_minute + known_access[site_id]
        rows += [(site_id, places.index[n], m) for n, m in zip(near[k], minutes[k], strict=True)]
    joins = pd.DataFrame(rows, columns=["from_id", "to_id", "minutes"])
    added = sites[["easting", "northing"]].astype(float).assign(access_minutes=0.0, kind="site")
    added.index.name = "place_id"
    edges = pd.concat([network.edges, joins], ignore_index=True)
    edges["minutes"] = edges["minutes"].clip(lower=0.001).round(3)
    return RoadNetwork(pd.concat([places, added]), edges, network.fixed_minutes)


def car_minutes(
    network: RoadNetwork, country: Country, zones: pd.DataFrame, sites: pd.DataFrame
) -> pd.DataFrame:
    """Car minutes, zones x sites: observed where the site is a unit of the matrix."""
    table = network.minutes_to_points(sites, places=zones.index)
    for site_id in sites.index[sites["time_kind"] == "observed"]:
        unit = sites.loc[site_id, "postcode"].replace(" ", "")
        table[site_id] = country.minutes[unit] + CALIBRATION_FIXED_MINUTES
    table.index.name = "zone_id"
    return table.round(1)


def site_access(sites: pd.DataFrame, unit_access: pd.Series) -> pd.Series:
    """Fitted access minutes of the sites that are units inside the network, by site id."""
    joined = sites["postcode"].str.replace(" ", "", regex=False)
    return joined.map(unit_access).dropna().astype(float)


def write_boundaries(shapes: Any, zones: pd.DataFrame, path: Path) -> None:
    """Simplified polygons of zones, whose neighbours still share their borders, and districts."""
    found = shapes.loc[zones.index].geometry.to_numpy()
    if not shapely.coverage_is_valid(found):
        raise ValueError("the polygons overlap or leave gaps")
    simple = shapely.coverage_simplify(found, SIMPLIFY_METRES)
    simple = shapely.set_precision(simple, 0.1, mode="pointwise")
    outline = geopandas.GeoDataFrame(
        {
            "zone_id": zones.index.to_numpy(),
            "district": zones["district"].to_numpy(),
            "catchment": zones["catchment"].to_numpy(),
        },
        geometry=list(simple),
        crs=BRITISH_NATIONAL_GRID,
    )
    districts = outline.dissolve(by="district", as_index=False)[
        ["district", "catchment", "geometry"]
    ]
    path.unlink(missing_ok=True)
    # A fixed date, so that a rerun gives the same file.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    outline[["zone_id", "geometry"]].to_file(path, layer="zones", driver="GPKG")
    districts.to_file(path, layer="districts", driver="GPKG")
