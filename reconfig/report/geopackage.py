"""A GeoPackage that QGIS opens looking as the still maps do: layers, and their styles."""

from __future__ import annotations

import itertools
import sqlite3
import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, MultiPolygon

from reconfig.appraise import Comparison
from reconfig.report.classes import Classes, change_classes, minute_classes
from reconfig.report.dissolve import polygons
from reconfig.report.layers import Layers
from reconfig.report.map_catchments import catchments, site_colours
from reconfig.report.map_flows import ARROW, moved_flows, on_arrow
from reconfig.report.map_styles import (
    FILL,
    LINE,
    POINT,
    Part,
    Style,
    categorised,
    classified,
    fill,
    hollow,
    line,
    only_where,
    rgba,
    single,
    spot,
)
from reconfig.report.scale import round_length
from reconfig.report.tables import site_states, time_kinds
from reconfig.report.words import minutes_by, used_sites

# What each state of a site looks like: marker of QGIS, millimetres, fill, edge, its width.
MARKERS = {
    "open": ("circle", 3.2, "#ffffff", "#000000", 0.7),
    "closed": ("cross2", 2.4, "#222222", "#222222", 0.7),
    "proposed": ("diamond", 3.2, "#ffffff", "#555555", 0.4),
    "neighbour, open": ("square", 2.2, "#666666", "#ffffff", 0.2),
}
HALO_MILLIMETRES = 0.6
FLOW_MILLIMETRES = (0.3, 0.8, 1.6, 3.0)
CORNERS_OF_A_CURVE = 25
# QGIS makes this very table when it saves a style into a GeoPackage.
STYLES_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""


def write_geopackage(path: Path, comparison: Comparison, layers: Layers) -> None:
    """Write layers with default styles, in the region's own coordinates.

    zones: minutes before, after and their change; sites: states and cases; districts, where the
    region has them; catchments before and after; flows of the patients who move, as curves.
    """
    written = {"zones": _zones(comparison, layers)}
    if layers.districts is not None:
        written["districts"] = _districts(comparison, layers.districts)
    written["catchments"] = _catchments(comparison, layers)
    flows = _flows(comparison, layers)
    if len(flows):
        written["flows"] = flows
    written["sites"] = _sites(comparison, layers)
    with warnings.catch_warnings():
        # A region may leave its projection unsaid; the file then leaves it unsaid too.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        for name, layer in written.items():
            layer.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    styles = [style for style in styles_of(comparison, layers) if style.layer in written]
    _write_styles(path, styles)


def styles_of(comparison: Comparison, layers: Layers) -> list[Style]:
    """Return the styles of every layer, on the classes of the still maps."""
    zones, unit = comparison.zones, minutes_by(comparison.before.region)
    minutes = minute_classes([zones["minutes_before"], zones["minutes_after"]])
    change = change_classes()
    flows = moved_flows(comparison)
    found = [
        Style("zones", f"{unit}, after", _zone_style("minutes_after", minutes, layers), True),
        Style("zones", f"{unit}, before", _zone_style("minutes_before", minutes, layers)),
        Style("zones", f"change in {unit}", _zone_style("minutes_change", change, layers)),
        Style("sites", "after", _site_style("state_after"), True),
        Style("sites", "before", _site_style("state_before")),
        Style("districts", "outlines", single(FILL, [hollow("#444444", 0.4)], '"district"'), True),
        Style("catchments", "after", _catchment_style("after", layers), True),
        Style("catchments", "before", _catchment_style("before", layers)),
    ]
    if len(flows):
        qml = _flow_style(float(flows["cases"].max()))
        found.append(Style("flows", "cases a year", qml, True))
    return found


def _zone_style(column: str, classes: Classes, layers: Layers) -> str:
    if layers.areas:
        return classified(column, classes, FILL, [[fill(c)] for c in classes.colours])
    return classified(column, classes, POINT, [[spot("circle", 1.6, c)] for c in classes.colours])


def _site_style(column: str) -> str:
    symbols: dict[str, tuple[str, Sequence[Part]]] = {}
    for state, (shape, size, colour, edge, width) in MARKERS.items():
        halo = spot(shape, size, "#ffffff", edge="#ffffff", width=width + HALO_MILLIMETRES)
        mark = spot(shape, size, colour, edge=edge, width=width)
        symbols[state] = (state, [halo, mark])
    return categorised(column, symbols, POINT, '"short_name"')


def _catchment_style(word: str, layers: Layers) -> str:
    if layers.areas:
        kind, base = FILL, fill("#dddddd", edge="#222222", width=0.3)
    else:
        kind, base = POINT, spot("circle", 1.6, "#dddddd")
    part = Part(base.kind, base.options, {"fillColor": '"colour"'})
    return only_where(f"\"period\" = '{word}'", f"catchments {word}", kind, [part])


def _flow_style(most: float) -> str:
    largest = round_length(most)
    bounds = tuple(dict.fromkeys((round_length(largest / 9), round_length(largest / 3), largest)))
    labels = [f"up to {bounds[0]:,g}"]
    labels += [f"over {a:,g} to {b:,g}" for a, b in itertools.pairwise(bounds)]
    labels.append(f"over {bounds[-1]:,g}")
    classes = Classes(bounds, (ARROW,) * len(labels), tuple(labels))
    symbols = [
        [line(ARROW, width), _head(2.0 + 1.2 * width)] for width in FLOW_MILLIMETRES[: len(labels)]
    ]
    return classified(
        "cases_per_year", classes, LINE, symbols, 'format_number("cases_per_year", 0)'
    )


def _head(size: float) -> Part:
    options = {
        "placement": "centralpoint",
        "rotate": "1",
        "size": f"{size:g}",
        "color": rgba(ARROW),
        "outline_color": rgba(ARROW),
    }
    return Part("MarkerLine", options)


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


def _districts(comparison: Comparison, outlines: Any) -> Any:
    """Return the outlines, with the mean journey of each before and after where there is one."""
    frame = outlines.reset_index(drop=True)
    table = comparison.by.get("district")
    if table is None:
        return frame
    means = table.xs("mean_minutes", level="measure")
    for word in ("before", "after", "change"):
        frame[f"mean_minutes_{word}"] = frame["district"].map(means[word]).astype(float)
    return frame


def _catchments(comparison: Comparison, layers: Layers) -> Any:
    """Return one row a site and period (before, after), with the colour of the still map."""
    colours = site_colours(comparison, layers)
    region, rows, shapes = comparison.before.region, [], []
    for word, appraisal in (("before", comparison.before), ("after", comparison.after)):
        found = catchments(layers, appraisal.assignment["site_id"])
        names = region.site_names(found)
        for (site, shape), name in zip(found.items(), names, strict=True):
            cases = float(appraisal.volumes.get(site, 0.0))
            rows.append((site, name, word, cases, colours[site]))
            shapes.append(MultiPolygon(list(polygons(shape))) if layers.areas else shape)
    columns = ["site_id", "short_name", "period", "cases_per_year", "colour"]
    frame = pd.DataFrame(rows, columns=columns)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=layers.zones.crs)


def _flows(comparison: Comparison, layers: Layers) -> Any:
    """Return a curve a flow between two places, from the site before to the site after."""
    flows, region = moved_flows(comparison), comparison.after.region
    where: Mapping[Any, Any] = {s: (p.x, p.y) for s, p in layers.sites.geometry.items()}
    frame = pd.DataFrame(
        {
            "from_site_id": flows["site_before"].astype(str),
            "from_site": region.site_names(flows["site_before"]),
            "to_site_id": flows["site_after"].astype(str),
            "to_site": region.site_names(flows["site_after"]),
            "cases_per_year": flows["cases"].astype(float),
            "mean_added_minutes": flows["mean_added_minutes"].astype(float),
        }
    )
    along = np.linspace(0.0, 1.0, CORNERS_OF_A_CURVE)
    ends = zip(frame["from_site_id"], frame["to_site_id"], strict=True)
    curves = [LineString([on_arrow(where[a], where[b], share) for share in along]) for a, b in ends]
    return gpd.GeoDataFrame(frame, geometry=curves, crs=layers.sites.crs)


def _layer(data: Any, shapes: Any) -> Any:
    frame = data.reset_index()
    geometry = shapes.geometry.loc[data.index].to_numpy()
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=shapes.crs)


def _write_styles(path: Path, styles: Sequence[Style]) -> None:
    """Write the table in which QGIS looks for styles, and name it among the file's contents."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(STYLES_TABLE)
        for style in styles:
            file.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
                "owner, ui) SELECT '', '', table_name, column_name, ?, ?, '', ?, ?, '', NULL "
                "FROM gpkg_geometry_columns WHERE table_name = ?",
                (
                    style.name,
                    style.qml,
                    style.is_default,
                    f"{style.layer}: {style.name}, as on the maps of the report",
                    style.layer,
                ),
            )
        file.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles for QGIS')"
        )
