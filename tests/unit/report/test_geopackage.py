"""The GeoPackage: its layers, and styles that QGIS takes by itself."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest

from reconfig.appraise import Comparison
from reconfig.report.classes import Classes, change_classes, minute_classes
from reconfig.report.geopackage import MARKERS, write_geopackage
from reconfig.report.layers import map_layers
from reconfig.report.map_catchments import site_colours
from reconfig.report.map_flows import moved_flows
from reconfig.report.map_frame import layers_of
from reconfig.report.map_styles import FILL, classified, fill, rgba
from tests.unit.report.places import FORMULA, SCRIPT, TEX, degree_region, square_region
from tests.unit.report.test_map_contract import compared


def written(path: Path, comparison: Comparison) -> Path:
    """Write the GeoPackage of a comparison."""
    layers = map_layers(comparison.before.region, comparison.before.service)
    assert layers is not None
    write_geopackage(path, comparison, layers)
    return path


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Return three sites of which one closes."""
    return compared(before=("A", "B", "C"), after=("A", "B"))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, comparison: Comparison) -> Path:
    """Return the GeoPackage of a change."""
    return written(tmp_path_factory.mktemp("gpkg") / "map.gpkg", comparison)


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with closing(sqlite3.connect(path)) as opened:
        return opened.execute(query).fetchall()


def style(path: Path, layer: str, name: str) -> ET.Element:
    """Return a style of a layer, as XML."""
    found = rows(path, "SELECT f_table_name, styleName, styleQML FROM layer_styles")
    return next(ET.fromstring(qml) for table, own, qml in found if (table, own) == (layer, name))


def layers_in(path: Path) -> set[str]:
    """Return the names of the layers of shapes."""
    return {str(name) for name, kind in pyogrio.list_layers(path) if kind is not None}


def test_every_layer_has_one_default_style_that_names_its_own_column(file: Path) -> None:
    columns = (
        "f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, "
        "styleSLD, useAsDefault, description, owner, ui, update_time"
    )
    found = rows(file, f"SELECT {columns} FROM layer_styles")
    assert layers_in(file) == {"zones", "sites", "districts", "catchments", "flows"}
    assert {row[2] for row in found} == layers_in(file)
    for layer in layers_in(file):
        assert sum(row[7] for row in found if row[2] == layer) == 1
    geometry = dict(rows(file, "SELECT table_name, column_name FROM gpkg_geometry_columns"))
    assert all(row[3] == geometry[row[2]] for row in found)
    assert all(len(row[4]) <= 30 for row in found)


def test_the_styles_are_registered_as_a_table_without_shapes(file: Path) -> None:
    kinds = dict(rows(file, "SELECT table_name, data_type FROM gpkg_contents"))
    assert kinds["layer_styles"] == "attributes"
    assert kinds["zones"] == "features"
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("minutes by car, after", "minutes_after"),
        ("minutes by car, before", "minutes_before"),
        ("change in minutes by car", "minutes_change"),
    ],
)
def test_zones_have_the_very_classes_and_colours_of_the_still_maps(
    file: Path, comparison: Comparison, name: str, column: str
) -> None:
    zones = comparison.zones
    scale = change_classes()
    if column != "minutes_change":
        scale = minute_classes([zones["minutes_before"], zones["minutes_after"]])
    found = style(file, "zones", name)
    renderer = found.find("renderer-v2")
    assert renderer is not None
    assert (renderer.get("type"), renderer.get("attr")) == ("graduatedSymbol", column)
    table = gpd.read_file(file, layer="zones").set_index("zone_id")
    drawn = [colour_of(found, float(value)) for value in table[column]]
    assert drawn == [rgba(colour) for colour in scale.colours_of(zones[column])]
    assert [r.get("label") for r in found.iter("range")] == list(scale.labels)


def colour_of(found: ET.Element, value: float) -> str:
    """Return the colour that QGIS gives to a value: of the first class that holds it."""
    for one in found.iter("range"):
        if float(one.get("lower", "")) <= value <= float(one.get("upper", "")):
            symbol = next(s for s in found.iter("symbol") if s.get("name") == one.get("symbol"))
            return next(
                o.get("value", "") for o in symbol.iter("Option") if o.get("name") == "color"
            )
    raise AssertionError(value)


def test_a_value_on_a_bound_belongs_to_the_class_that_ends_there() -> None:
    classes = Classes((5.0, 10.0), ("#000000", "#777777", "#ffffff"), ("a", "b", "c"))
    found = ET.fromstring(classified("x", classes, FILL, [[fill(c)] for c in classes.colours]))
    assert [colour_of(found, value) for value in (5.0, 5.1, 10.0, 10.1, -3.0, 9e5)] == [
        rgba(colour)
        for colour in ("#000000", "#777777", "#777777", "#ffffff", "#000000", "#ffffff")
    ]


def test_sites_are_told_apart_by_state_before_and_after(file: Path) -> None:
    sites = gpd.read_file(file, layer="sites")
    for word in ("before", "after"):
        found = style(file, "sites", word)
        renderer = found.find("renderer-v2")
        assert renderer is not None
        assert renderer.get("attr") == f"state_{word}"
        values = {category.get("value") for category in found.iter("category")}
        assert set(sites[f"state_{word}"]) <= values == set(MARKERS)


def test_catchments_have_the_colours_of_the_still_map_and_show_one_period(
    file: Path, comparison: Comparison
) -> None:
    table = gpd.read_file(file, layer="catchments")
    colours = site_colours(comparison, layers_of(comparison))
    assert dict(zip(table["site_id"], table["colour"], strict=True)) == colours
    for word, zones in (("before", "site_before"), ("after", "site_after")):
        own = table[table["period"] == word]
        assert set(own["site_id"]) == set(comparison.zones[zones])
        assert own.area.sum() == pytest.approx(36 * 2000.0**2)
        rule = style(file, "catchments", word).find("renderer-v2/rules/rule")
        assert rule is not None
        assert rule.get("filter") == f"\"period\" = '{word}'"
    volumes = table[table["period"] == "after"].set_index("site_id")["cases_per_year"]
    assert volumes.to_dict() == pytest.approx(
        {site: float(comparison.after.volumes[site]) for site in volumes.index}
    )


def test_flows_are_lines_from_site_to_site_and_wider_for_more_cases(
    file: Path, comparison: Comparison
) -> None:
    table = gpd.read_file(file, layer="flows")
    flows = moved_flows(comparison)
    assert table["cases_per_year"].to_list() == pytest.approx(flows["cases"].to_list())
    sites = gpd.read_file(file, layer="sites").set_index("site_id").geometry
    for row in table.itertuples():
        start, end = row.geometry.coords[0], row.geometry.coords[-1]
        assert start == pytest.approx(sites[row.from_site_id].coords[0])
        assert end == pytest.approx(sites[row.to_site_id].coords[0])
    options = style(file, "flows", "cases a year").iter("Option")
    widths = [float(o.get("value", "")) for o in options if o.get("name") == "line_width"]
    assert widths == sorted(set(widths))
    assert len(widths) > 1


def test_districts_have_their_mean_journeys(file: Path, comparison: Comparison) -> None:
    table = gpd.read_file(file, layer="districts").set_index("district")
    change = comparison.by["district"]["change"].xs("mean_minutes", level="measure")
    assert table["mean_minutes_change"].to_dict() == pytest.approx(change.to_dict())


def test_names_that_look_like_code_are_text_in_layers_and_labels(file: Path) -> None:
    assert {SCRIPT, FORMULA, TEX} <= set(gpd.read_file(file, layer="sites")["name"])
    assert {SCRIPT, FORMULA} <= set(gpd.read_file(file, layer="catchments")["short_name"])
    assert set(gpd.read_file(file, layer="districts")["district"]) == {
        "@west",
        "East & <b>bold</b>",
    }
    for (qml,) in rows(file, "SELECT styleQML FROM layer_styles"):
        assert "alert(" not in qml


def test_text_in_a_style_is_escaped() -> None:
    classes = Classes((5.0,), ("#000000", "#ffffff"), ("<script>", '=1+1 & "x"'))
    text = classified("x", classes, FILL, [[fill(c)] for c in classes.colours])
    assert "<script>" not in text
    assert [r.get("label") for r in ET.fromstring(text).iter("range")] == list(classes.labels)


@pytest.mark.parametrize("kind", ["points", "degrees", "no projection", "a zone without a shape"])
def test_any_region_with_coordinates_has_the_layers(tmp_path: Path, kind: str) -> None:
    region = square_region(crs=None) if kind == "no projection" else square_region()
    if kind == "points":
        region = square_region(shapes=False)
    if kind == "degrees":
        region = degree_region()
    if kind == "a zone without a shape":
        shapes = region.boundaries["zones"].iloc[1:]
        region = replace(region, boundaries=dict(region.boundaries) | {"zones": shapes})
    path = written(tmp_path / "map.gpkg", compared(region))
    assert layers_in(path) >= {"zones", "sites", "catchments", "flows"}
    assert len(gpd.read_file(path, layer="zones")) == 36
    kinds = {s.get("type") for s in style(path, "catchments", "after").iter("symbol")}
    assert kinds == ({"marker"} if region.boundaries.get("zones") is None else {"fill"})


def test_where_nobody_moves_there_are_no_flows_and_no_style_of_them(tmp_path: Path) -> None:
    path = written(tmp_path / "map.gpkg", compared(before=("A", "B"), after=("A", "B")))
    assert layers_in(path) == {"zones", "sites", "districts", "catchments"}
    assert rows(path, "SELECT * FROM layer_styles WHERE f_table_name = 'flows'") == []
