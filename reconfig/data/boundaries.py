"""boundaries.gpkg: shapes of zones, and any further layers, for maps only."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from reconfig.core import Faults
from reconfig.core.columns import text_column
from reconfig.core.faults import listing

# A zone's point may lie outside its shape, but hardly this share of them outside.
MOST_OUTSIDE = 0.5


def read_boundaries(
    path: Path, zones: pd.DataFrame, crs: str | None, faults: Faults
) -> dict[str, gpd.GeoDataFrame]:
    """Return layer name -> shapes, layer "zones" by zone id; {} where there is no such file.

    crs: of the zones' coordinates, if they have any; shapes elsewhere are a fault.
    """
    if not path.exists():
        return {}
    layers = _read(path, faults)
    if not layers:
        return {}
    shapes = layers.get("zones")
    if shapes is None or "zone_id" not in shapes.columns:
        found = f"layers {listing(layers)}" if shapes is None else "no column 'zone_id'"
        faults.add(path.name, "layers", found, "a layer 'zones' with a column 'zone_id'")
        return {}
    shapes = shapes.set_index(pd.Index(text_column(shapes["zone_id"]), name="zone_id"))
    layers["zones"] = shapes.drop(columns="zone_id")
    _check_shapes(path.name, layers["zones"], zones, faults)
    if not faults.about(path.name):
        _check_place(path.name, layers["zones"], zones, crs, faults)
    return layers


def _read(path: Path, faults: Faults) -> dict[str, gpd.GeoDataFrame]:
    whole = "a whole GeoPackage, as QGIS saves it"
    if not _is_whole(path):
        faults.add(path.name, "", "empty, cut short or of another kind", whole)
        return {}
    try:
        with warnings.catch_warnings():
            # GDAL warns of what it then reads all the same.
            warnings.simplefilter("ignore")
            return {
                str(name): gpd.read_file(path, layer=str(name))
                for name, kind in pyogrio.list_layers(path)
                if kind is not None
            }
    except Exception as problem:  # a broken file shows in any library below GDAL and pandas
        faults.add(path.name, "", f"cannot be read: {problem}", whole)
        return {}


def _is_whole(path: Path) -> bool:
    """Say whether a file is as long as an SQLite file says of itself in its first 100 bytes."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(b"SQLite format 3\x00"):
        return False
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    return path.stat().st_size >= pages * (65536 if page == 1 else page)


def _check_shapes(file: str, shapes: gpd.GeoDataFrame, zones: pd.DataFrame, faults: Faults) -> None:
    missing = zones.index.difference(shapes.index)
    if len(missing):
        faults.add(
            file,
            "layer 'zones'",
            f"no shape for {len(missing):,} zones: {listing(missing)}",
            "a shape for every zone of zones.csv",
        )
    again = shapes.index[shapes.index.duplicated()].unique()
    if len(again):
        faults.add(
            file, "layer 'zones'", f"zone {listing(again)} more than once", "one shape for a zone"
        )
    empty = shapes.index[shapes.geometry.isna() | shapes.geometry.is_empty]
    if len(empty):
        faults.add(file, "layer 'zones'", f"zone {listing(empty)} without a shape", "a shape")


def _check_place(
    file: str, shapes: gpd.GeoDataFrame, zones: pd.DataFrame, crs: str | None, faults: Faults
) -> None:
    """Note coordinates that lie outside the shapes: swapped, or in another crs."""
    if shapes.crs is None:
        faults.add(file, "layer 'zones'", "no coordinate system", "a crs, such as EPSG:27700")
        return
    if crs is None or not {"easting", "northing"} <= set(zones.columns):
        return
    bounds = shapes.to_crs(crs).bounds.loc[zones.index]
    outside = ~_within(zones["easting"], zones["northing"], bounds)
    if np.mean(outside) > MOST_OUTSIDE:
        turned = _within(zones["northing"], zones["easting"], bounds)
        faults.add(
            "zones.csv",
            "columns 'easting' and 'northing'",
            f"{int(outside.sum()):,} of {len(zones):,} zones lie outside their shapes in {file}",
            f"coordinates in {crs} inside the shapes",
            "Easting and northing seem to be swapped."
            if np.mean(turned) > MOST_OUTSIDE
            else "Check the coordinates and the crs in region.toml.",
        )


def _within(
    east: pd.Series[float], north: pd.Series[float], bounds: pd.DataFrame
) -> pd.Series[bool]:
    """Return which points lie in the rectangles around their shapes."""
    return east.between(bounds["minx"], bounds["maxx"]) & north.between(
        bounds["miny"], bounds["maxy"]
    )
