"""A GeoPackage for QGIS: zones and sites, before and after."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from reconfig.appraise import Comparison
from reconfig.report.layers import Layers
from reconfig.report.tables import site_states, time_kinds
from reconfig.report.words import used_sites


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
    before, after = (comparison.zones[c].astype(str) for c in ("site_before", "site_after"))
    data = region.zones[columns].assign(
        site_before=before,
        site_after=after,
        **{c: comparison.zones[c] for c in ("minutes_before", "minutes_after", "minutes_change")},
        time_kind_before=time_kinds(region, before),
        time_kind_after=time_kinds(region, after),
    )
    return _layer(data.rename_axis("zone_id"), layers.zones)


def _sites(comparison: Comparison, layers: Layers) -> Any:
    before, after = comparison.before, comparison.after
    used = used_sites(before.service)
    sites = before.region.sites.loc[used]
    data = sites[["name", "short_name", "in_scope"]].assign(
        state_before=pd.Series(site_states(before)),
        state_after=pd.Series(site_states(after)),
        cases_per_year_before=before.volumes.reindex(used).fillna(0.0).astype(float),
        cases_per_year_after=after.volumes.reindex(used).fillna(0.0).astype(float),
        time_kind=sites["time_kind"],
        time_error_minutes=sites["time_error_minutes"].astype(float),
    )
    return _layer(data.rename_axis("site_id"), layers.sites)


def _layer(data: Any, shapes: Any) -> Any:
    frame = data.reset_index()
    geometry = shapes.geometry.loc[data.index].to_numpy()
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=shapes.crs)
