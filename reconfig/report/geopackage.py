"""A GeoPackage for QGIS: zones and sites, before and after."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd

from reconfig.appraise import Comparison
from reconfig.report.layers import Layers
from reconfig.report.tables import site_state


def write_geopackage(path: Path, comparison: Comparison, layers: Layers) -> None:
    """Write layers `zones` and `sites` in the region's own coordinates; minutes by zone."""
    with warnings.catch_warnings():
        # A region may leave its projection unsaid; the file then leaves it unsaid too.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        for name, layer in (
            ("zones", _zones(comparison, layers)),
            ("sites", _sites(comparison, layers)),
        ):
            layer.to_file(path, layer=name, driver="GPKG", engine="pyogrio")


def _zones(comparison: Comparison, layers: Layers) -> Any:
    region = comparison.before.region
    columns = [c for c in ("name", *region.groups) if c in region.zones]
    data = region.zones[columns].assign(
        site_before=comparison.zones["site_before"].astype(str),
        site_after=comparison.zones["site_after"].astype(str),
        **{c: comparison.zones[c] for c in ("minutes_before", "minutes_after", "minutes_change")},
    )
    return _layer(data.rename_axis("zone_id"), layers.zones)


def _sites(comparison: Comparison, layers: Layers) -> Any:
    before, after = comparison.before, comparison.after
    service, sites = before.service, before.region.sites.loc[layers.sites.index]
    always = service.always_open
    data = sites[["name", "short_name", "in_scope"]].assign(
        state_before=[site_state(s, before.open, always) for s in sites.index],
        state_after=[site_state(s, after.open, always) for s in sites.index],
        time_kind=sites["time_kind"],
        time_error_minutes=sites["time_error_minutes"].astype(float),
    )
    return _layer(data.rename_axis("site_id"), layers.sites)


def _layer(data: Any, shapes: Any) -> Any:
    frame = data.reset_index()
    geometry = shapes.geometry.loc[data.index].to_numpy()
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=shapes.crs)
