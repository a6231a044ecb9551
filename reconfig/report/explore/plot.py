"""The map and the trade-off chart of the page: Bokeh's models, which the page itself fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bokeh.embed import components
from bokeh.models import ColumnDataSource, HoverTool, Range1d, TapTool
from bokeh.models.tools import BoxZoomTool
from bokeh.plotting import figure
from bokeh.resources import Resources

from reconfig.report.explore.shapes import View

MARGIN = 0.04
WIDTH_PIXELS, CHART_PIXELS = 600, 420
# Of the chart's width and height, beside its points.
ROOM = 0.25
# Parts of Bokeh that this page never uses would load or open these; here they cannot.
ADDRESSES = (
    "https://cdn.jsdelivr.net",
    "https://maps.googleapis.com",
    "https://developers.google.com",
    "https://docs.bokeh.org",
    "https://bokeh.org",
)
DARK, MIDDLE, CHOSEN = "#212b32", "#768692", "#d5281b"


@dataclass(frozen=True)
class Plots:
    """Bokeh's own code, the script that makes the plots, and a place for each: "map", "chart"."""

    library: str
    script: str
    places: dict[str, str]


def plots(view: View | None, *, areas: bool) -> Plots:
    """Return the chart, and the map where there is something to show on it."""
    made = {"chart": _chart()}
    if view is not None:
        made["map"] = _map(view, areas=areas)
    script, places = components(made, wrap_script=False)
    return Plots(_library(), script, dict(places))


def _library() -> str:
    """Return Bokeh's code without the addresses that it could load anything from."""
    text = "\n".join(Resources(mode="inline", components=["bokeh"], log_level="error").js_raw)
    for address in ADDRESSES:
        text = text.replace(address, "data:,")
    return text


def frame(view: View) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the map, with a margin and room for the toolbar."""
    spare = MARGIN * max(view.width, view.height, 1.0)
    return (
        view.west - spare,
        view.south - spare,
        view.west + view.width + spare,
        view.south + view.height + 2 * spare,
    )


def _map(view: View, *, areas: bool) -> Any:
    west, south, east, north = frame(view)
    plot = figure(
        name="explore-map",
        x_range=Range1d(west, east),
        y_range=Range1d(south, north),
        width=WIDTH_PIXELS,
        aspect_ratio=(east - west) / (north - south),
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
    zones = _source("zones", "xs", "ys", "colour", "name", "now", "site", "today")
    if areas:
        style = {"fill_color": "colour", "line_color": "colour", "line_width": 0.4}
        drawn = plot.multi_polygons("xs", "ys", source=zones, **style)
    else:
        drawn = plot.scatter("xs", "ys", source=zones, color="colour", size=7)
    said = [("Place", "@name"), ("Your map", "@now"), ("", "@site"), ("Before", "@today")]
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=said, description="Places"))
    outlines = _source("districts", "xs", "ys")
    plot.multi_polygons(
        "xs", "ys", source=outlines, fill_color=None, line_color="white", line_width=1.2
    )
    _add_sites(plot)
    return plot


def _add_sites(plot: Any) -> None:
    """Add the sites, told apart by shape, which can be tapped, and the names of the open ones."""
    sites = _source("sites", "x", "y", "marker", "fill", "line", "size", "width", "name", "state")
    drawn = plot.scatter(
        "x",
        "y",
        source=sites,
        marker="marker",
        size="size",
        fill_color="fill",
        line_color="line",
        line_width="width",
    )
    _look_the_same(drawn)
    plot.text(
        "x",
        "y",
        text="name",
        source=_source("names", "x", "y", "name", "dx", "dy", "align"),
        x_offset="dx",
        y_offset="dy",
        text_align="align",
        text_baseline="middle",
        text_font_size="12px",
        text_font_style="bold",
        background_fill_color="white",
        background_fill_alpha=0.75,
        padding=2,
    )
    said = [("Site", "@name"), ("", "@state")]
    plot.add_tools(
        HoverTool(renderers=[drawn], tooltips=said, description="Sites"),
        TapTool(renderers=[drawn], description="Open or close a site"),
    )


def _chart() -> Any:
    """Return a chart of points, of which one is the choice that is shown."""
    plot = figure(
        name="explore-chart",
        width=WIDTH_PIXELS,
        height=CHART_PIXELS,
        sizing_mode="stretch_width",
        tools="pan,wheel_zoom,reset,save",
        active_scroll=None,
        toolbar_location="above",
        outline_line_color="#bbbbbb",
    )
    plot.toolbar.logo = None
    plot.x_range.range_padding = plot.y_range.range_padding = ROOM
    cloud = _source("cloud", "x", "y")
    plot.scatter("x", "y", source=cloud, size=4, color="#b4bec5", level="underlay")
    points = _source("points", "x", "y", "label", "colour", "first", "second")
    drawn = plot.scatter(
        "x", "y", source=points, size=13, fill_color="colour", line_color=DARK, line_width=1.5
    )
    _look_the_same(drawn)
    chosen = _source("chosen", "x", "y")
    plot.scatter(
        "x",
        "y",
        source=chosen,
        marker="circle_cross",
        size=22,
        fill_color=None,
        line_color=CHOSEN,
        line_width=3,
    )
    said = [("", "@label"), ("", "@first"), ("", "@second")]
    plot.add_tools(
        HoverTool(renderers=[drawn], tooltips=said, description="Points"),
        TapTool(renderers=[drawn], description="Show the map of a point"),
    )
    return plot


def _source(name: str, *columns: str) -> ColumnDataSource:
    return ColumnDataSource({column: [] for column in columns}, name=f"explore-{name}")


def _look_the_same(renderer: Any) -> None:
    """Let what was tapped, and all else, look as before: what it does is shown otherwise."""
    renderer.selection_glyph = None
    renderer.nonselection_glyph = None
