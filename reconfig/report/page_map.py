"""The interactive map of the page: linked panels that need no network to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from bokeh.embed import components
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.tools import BoxZoomTool
from bokeh.plotting import figure
from bokeh.resources import Resources

from reconfig.appraise import Appraisal, Comparison
from reconfig.report.classes import Classes
from reconfig.report.layers import Layers
from reconfig.report.page_names import name_places
from reconfig.report.tables import site_states

# Coarser than any screen shows; neighbours keep their common border.
SIMPLIFY_METRES = 25.0
MARGIN = 0.05
WIDTH_PIXELS = 560
# A panel on a telephone.
SMALLEST_PIXELS = 340
# Parts of Bokeh that this page never uses would load or open these; here they cannot.
ADDRESSES = (
    "https://cdn.jsdelivr.net",
    "https://maps.googleapis.com",
    "https://developers.google.com",
    "https://docs.bokeh.org",
    "https://bokeh.org",
)
MARKERS = {
    "open": {"marker": "circle", "size": 13, "line_width": 3, "line_color": "black"},
    "closed": {"marker": "x", "size": 11, "line_width": 2.5, "line_color": "#222222"},
    "proposed": {"marker": "diamond", "size": 13, "line_width": 2, "line_color": "#222222"},
    "neighbour, open": {"marker": "square", "size": 8, "line_width": 1, "line_color": "white"},
}
FILLS = {"open": "white", "closed": None, "proposed": "white", "neighbour, open": "#777777"}


@dataclass(frozen=True)
class PageMap:
    """The parts of the map for the page: Bokeh's own code, the script, and a place a panel."""

    library: str
    script: str
    panels: dict[str, str]


def page_map(comparison: Comparison, layers: Layers, minutes: Classes, change: Classes) -> PageMap:
    """Return three panels, before, after and change, that pan and zoom together."""
    flat = layers.in_metres()
    zones = ColumnDataSource(_zone_columns(comparison, flat, minutes, change))
    x_range, y_range, ratio = _view(flat)
    figures = {}
    for panel in ("before", "after", "change"):
        plot = _panel(x_range, y_range, ratio)
        _draw_zones(plot, zones, panel, areas=flat.areas, district=_has_district(comparison))
        _draw_districts(plot, flat)
        shown = comparison.before if panel == "before" else comparison.after
        _draw_sites(plot, comparison, shown, flat)
        figures[panel] = plot
    script, panels = components(figures, wrap_script=False)
    return PageMap(_library(), script, dict(panels))


def _library() -> str:
    """Return Bokeh's code without the addresses that it could load anything from."""
    text = "\n".join(Resources(mode="inline", components=["bokeh"], log_level="error").js_raw)
    for address in ADDRESSES:
        text = text.replace(address, "data:,")
    return text


def _has_district(comparison: Comparison) -> bool:
    return "district" in comparison.before.region.zones.columns


def _zone_columns(
    comparison: Comparison, layers: Layers, minutes: Classes, change: Classes
) -> dict[str, Any]:
    """Return what the panels draw and say of every zone; cases are too few to be shown."""
    region, zones = comparison.before.region, comparison.zones
    names = region.zones.get("name", region.zones.index)
    columns: dict[str, Any] = {
        "name": [str(name) for name in names],
        "site_before": region.site_names(zones["site_before"]),
        "site_after": region.site_names(zones["site_after"]),
        "before": zones["minutes_before"].round(1).tolist(),
        "after": zones["minutes_after"].round(1).tolist(),
        "change": zones["minutes_change"].round(1).tolist(),
        "colour_before": minutes.colours_of(zones["minutes_before"]),
        "colour_after": minutes.colours_of(zones["minutes_after"]),
        "colour_change": change.colours_of(zones["minutes_change"]),
    }
    if _has_district(comparison):
        columns["district"] = [str(d) for d in region.zones["district"]]
    shapes = layers.zones.geometry.to_numpy()
    if layers.areas:
        columns["xs"], columns["ys"] = _rings(_simplified(shapes))
    else:
        columns["xs"] = [round(x) for x in shapely.get_x(shapes)]
        columns["ys"] = [round(y) for y in shapely.get_y(shapes)]
    return columns


def _simplified(shapes: Any) -> Any:
    """Return the polygons with fewer corners; one by one where they do not fit together."""
    there = ~shapely.is_missing(shapes)
    simple = shapes.copy()
    try:
        simple[there] = shapely.coverage_simplify(shapes[there], SIMPLIFY_METRES)
    except shapely.errors.GEOSException:
        simple[there] = shapely.simplify(shapes[there], SIMPLIFY_METRES)
    return simple


def _rings(shapes: Any) -> tuple[list[Any], list[Any]]:
    """Return whole metres as Bokeh wants them: zone -> polygon -> ring (outer first) -> corner."""
    xs, ys = [], []
    for shape in shapes:
        x_zone, y_zone = [], []
        for polygon in getattr(shape, "geoms", [shape] if shape is not None else []):
            rings = [
                np.asarray(ring.coords)[:-1, :2].round().astype(int)
                for ring in (polygon.exterior, *polygon.interiors)
            ]
            x_zone.append([ring[:, 0].tolist() for ring in rings])
            y_zone.append([ring[:, 1].tolist() for ring in rings])
        xs.append(x_zone)
        ys.append(y_zone)
    return xs, ys


def _view(layers: Layers) -> tuple[Range1d, Range1d, float]:
    """Return the ranges that all panels share, and their width over their height."""
    west, south, east, north = map(float, layers.zones.total_bounds)
    spare = MARGIN * max(east - west, north - south, 1.0)
    west, south, east, north = west - spare, south - spare, east + spare, north + spare
    # The toolbar lies over the top of the map.
    north += spare
    return Range1d(west, east), Range1d(south, north), (east - west) / (north - south)


def _panel(x_range: Range1d, y_range: Range1d, ratio: float) -> Any:
    plot = figure(
        x_range=x_range,
        y_range=y_range,
        width=WIDTH_PIXELS,
        aspect_ratio=ratio,
        sizing_mode="stretch_width",
        tools="pan,wheel_zoom,reset,save",
        active_drag="pan",
        active_scroll=None,  # the wheel scrolls the page until the reader asks otherwise
        toolbar_location="above",
        toolbar_inner=True,
        min_border=0,
        outline_line_color="#bbbbbb",
    )
    plot.add_tools(BoxZoomTool(match_aspect=True))
    plot.toolbar.logo = None
    plot.axis.visible = False
    plot.grid.visible = False
    return plot


def _draw_zones(
    plot: Any, zones: ColumnDataSource, panel: str, *, areas: bool, district: bool
) -> None:
    colour = f"colour_{panel}"
    if areas:
        drawn = plot.multi_polygons(
            "xs", "ys", source=zones, fill_color=colour, line_color=colour, line_width=0.4
        )
    else:
        drawn = plot.scatter("xs", "ys", source=zones, color=colour, size=7)
    said = [("Zone", "@name")]
    if district:
        said.append(("District", "@district"))
    said += [
        ("Before", "@before{0.0} minutes to @site_before"),
        ("After", "@after{0.0} minutes to @site_after"),
        ("Change", "@change{+0.0} minutes"),
    ]
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=said, description="Zones"))


def _draw_districts(plot: Any, layers: Layers) -> None:
    if layers.districts is None:
        return
    xs, ys = [], []
    for shape in shapely.simplify(layers.districts.geometry.boundary.to_numpy(), SIMPLIFY_METRES):
        for line in getattr(shape, "geoms", [shape]):
            corners = np.asarray(line.coords)[:, :2].round().astype(int)
            xs.append(corners[:, 0].tolist())
            ys.append(corners[:, 1].tolist())
    plot.multi_line(xs, ys, line_color="white", line_width=1.3)


def _draw_sites(plot: Any, comparison: Comparison, shown: Appraisal, layers: Layers) -> None:
    """Mark every site by its state, told apart by shape, and name the open ones."""
    for state in MARKERS:
        columns = _site_columns(comparison, shown, layers, state)
        if not columns["x"]:
            continue
        source = ColumnDataSource(columns)
        style = MARKERS[state] | {"fill_color": FILLS[state]}
        if state == "closed":
            plot.scatter("x", "y", source=source, marker="x", size=13, line_width=6, color="white")
        drawn = plot.scatter("x", "y", source=source, **style)
        if state == "open":
            source.data.update(_name_columns(columns, layers))
            plot.text(
                "x",
                "y",
                text="short_name",
                source=source,
                x_offset="x_offset",
                y_offset="y_offset",
                text_align="align",
                text_baseline="middle",
                text_font_size="12px",
                text_font_style="bold",
                background_fill_color="white",
                background_fill_alpha=0.7,
                padding=2,
            )
        said = [
            ("Site", "@name"),
            ("Before", "@state_before"),
            ("After", "@state_after"),
            ("Travel times", "@time_kind"),
        ]
        plot.add_tools(HoverTool(renderers=[drawn], tooltips=said, description=f"Sites: {state}"))


def _name_columns(columns: Mapping[str, Sequence[Any]], layers: Layers) -> dict[str, list[Any]]:
    """Return where the names of some sites go, given every site on the map."""
    west, _, east, _ = layers.zones.total_bounds
    pixels = SMALLEST_PIXELS / max(east - west, 1.0)
    points = [(x * pixels, y * pixels) for x, y in zip(columns["x"], columns["y"], strict=True)]
    markers = [(p.x * pixels, p.y * pixels) for p in layers.sites.geometry]
    places = name_places(columns["short_name"], points, markers)
    return {
        "x_offset": [place.x_offset for place in places],
        "y_offset": [place.y_offset for place in places],
        "align": [place.align for place in places],
    }


def _site_columns(
    comparison: Comparison, shown: Appraisal, layers: Layers, state: str
) -> dict[str, Sequence[Any]]:
    table = shown.region.sites
    before, after = site_states(comparison.before), site_states(comparison.after)
    chosen = [s for s, found in site_states(shown).items() if found == state]
    points = layers.sites.geometry.loc[chosen]
    return {
        "x": [round(p.x) for p in points],
        "y": [round(p.y) for p in points],
        "name": [str(name) for name in table.loc[chosen, "name"]],
        "short_name": shown.region.site_names(chosen),
        "state_before": [before[s] for s in chosen],
        "state_after": [after[s] for s in chosen],
        "time_kind": [str(kind) for kind in table.loc[chosen, "time_kind"]],
    }
