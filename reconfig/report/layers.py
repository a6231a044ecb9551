"""The shapes of a map: zones, sites and districts of a region, in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from reconfig.core import Region, Service
from reconfig.report.words import used_sites

GEOGRAPHIC = ("EPSG:4326", "OGC:CRS84")
NO_MAP_OF_SEVERAL = "Each service has maps in its own report, in the folder of its name."
NO_MAP = "The region has no coordinates for its zones and sites, so there are no maps."


@dataclass(frozen=True, eq=False)
class Layers:
    """zones (polygons, or points), sites (points) and districts (polygons, or None) of a map.

    zones and sites are indexed by their ids. areas: whether zones are polygons.
    """

    zones: Any
    sites: Any
    districts: Any | None
    areas: bool

    def in_metres(self) -> Layers:
        """Return the layers in a projection whose unit is the metre, for drawing."""
        crs = self.zones.crs
        if crs is None or not crs.is_geographic:
            return self
        flat = self.zones.estimate_utm_crs()
        districts = None if self.districts is None else self.districts.to_crs(flat)
        return Layers(self.zones.to_crs(flat), self.sites.to_crs(flat), districts, self.areas)


def map_layers(region: Region, service: Service) -> Layers | None:
    """Return the shapes of a service's map; None where the region has no coordinates.

    None too for several services at once: each has maps of its own.
    """
    return None if service.parts else region_layers(region, used_sites(service))


def region_layers(region: Region, ids: Sequence[str], *, shapes: bool = True) -> Layers | None:
    """Return the zones of a region with some of its sites, by their ids; None as `map_layers`.

    shapes: whether zones that have a shape have it drawn; otherwise all are points.
    """
    outlines = region.boundaries.get("zones") if shapes else None
    crs = region.crs or (outlines.crs if outlines is not None else None)
    sites = _points(region.sites.loc[list(ids)], crs)
    if outlines is not None:
        found = _in_crs(outlines, crs).geometry.reindex(region.zones.index)
        zones = gpd.GeoDataFrame(geometry=found)
    else:
        zones = _points(region.zones, crs)
    if sites is None or zones is None:
        return None
    districts = _districts(region, zones, crs) if shapes else None
    return Layers(zones, sites, districts, areas=outlines is not None)


def _points(table: pd.DataFrame, crs: Any) -> Any | None:
    if not {"easting", "northing"} <= set(table.columns):
        return None
    points = gpd.points_from_xy(table["easting"], table["northing"])
    return gpd.GeoDataFrame(geometry=points, index=table.index, crs=crs)


def _districts(region: Region, zones: Any, crs: Any) -> Any | None:
    """Return the outlines of the districts that have zones that count, with `district`."""
    layer = region.boundaries.get("districts")
    if layer is None or "district" not in layer.columns:
        return None
    if "district" in region.zones.columns:
        layer = layer[layer["district"].isin(set(region.zones["district"]))]
        return _in_crs(layer, crs)[["district", "geometry"]]
    layer = _in_crs(layer, crs)[["district", "geometry"]]
    points = [shape for shape in zones.geometry.representative_point() if shape is not None]
    with_zones = shapely.STRtree(points).query(layer.geometry.to_numpy(), predicate="intersects")
    return layer.iloc[np.unique(with_zones[0])]


def _in_crs(layer: Any, crs: Any) -> Any:
    if layer.crs is None or crs is None:
        return layer
    return layer.to_crs(crs)
