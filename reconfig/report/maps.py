"""Still maps: zones by minutes to the nearest open site, before and after, on one scale."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from reconfig.appraise import Appraisal, Comparison, compare
from reconfig.core import InputError, Solution
from reconfig.core.faults import Faults
from reconfig.report.classes import Classes, minute_classes
from reconfig.report.figures import new_figure, save_png
from reconfig.report.labels import MapName, place_names
from reconfig.report.layers import NO_MAP, Layers, map_layers
from reconfig.report.scale import draw_north_arrow, draw_scale_bar
from reconfig.report.words import (
    count_of,
    estimated_times,
    minutes_by,
    name_of,
    source_line,
    where_to,
)

WIDTH_INCHES, SIDE_INCHES, GAP_INCHES = 15.0, 0.18, 0.25
HEAD_INCHES, LEGEND_INCHES, LINE_INCHES = 0.95, 1.0, 0.155
# A panel is as high as its region asks for, within reason (height / width).
FLATTEST, TALLEST = 0.5, 1.3
CHARACTERS_A_LINE = 240
MARGIN = 0.04
# With more sites than these no name can be read: markers are small, and the tables have the names.
MOST_NAMED = 40
SMALLER = 0.35
OPEN: dict[str, Any] = {
    "marker": "o",
    "s": 75,
    "facecolor": "white",
    "edgecolor": "black",
    "linewidth": 2.2,
}
CLOSED: dict[str, Any] = {"marker": "x", "s": 42, "color": "#222222", "linewidth": 1.6}
CLOSED_HALO: dict[str, Any] = {"marker": "x", "s": 60, "color": "white", "linewidth": 4.0}
NEIGHBOUR: dict[str, Any] = {
    "marker": "s",
    "s": 30,
    "facecolor": "#777777",
    "edgecolor": "white",
    "linewidth": 0.8,
}


def solution_map(solution: Solution, *, path: str | Path | None = None) -> Figure:
    """Return two maps side by side: today, and the solution's configuration.

    path: a PNG file to write as well. Raises ValueError where the solution has no configuration,
    InputError where the region has no coordinates.
    """
    problem = solution.problem
    return comparison_map(compare(problem.region.today(problem.service), solution), path=path)


def comparison_map(comparison: Comparison, *, path: str | Path | None = None) -> Figure:
    """Return two maps side by side, before and after, coloured by minutes on the same scale.

    path: a PNG file to write as well. Raises InputError where the region has no coordinates.
    """
    region, service = comparison.before.region, comparison.before.service
    layers = map_layers(region, service)
    if layers is None:
        faults = Faults()
        faults.add(region.name, "map", NO_MAP, "easting and northing of zones and of sites")
        raise InputError(faults.found)
    layers = layers.in_metres()
    scale = minute_classes([comparison.zones["minutes_before"], comparison.zones["minutes_after"]])
    crowded = _crowded(comparison, layers)
    small_print = _small_print(comparison, crowded)
    foot = LEGEND_INCHES + LINE_INCHES * len(small_print) + SIDE_INCHES
    figure, panels = _two_panels(layers, foot)
    pairs = ((comparison.before, "Before"), (comparison.after, "After"))
    before_open = comparison.before.open
    for axes, (appraisal, otherwise) in zip(panels, pairs, strict=True):
        _draw_panel(axes, appraisal, layers, scale, before_open=before_open, crowded=crowded)
        name = name_of(appraisal.configuration, otherwise)
        title = f"{name}: {count_of(len(appraisal.open), 'site')}"
        axes.set_title(title, fontsize=13, fontweight="bold", loc="left", parse_math=False)
    _add_words(figure, comparison, scale, foot)
    left, top = SIDE_INCHES / WIDTH_INCHES, (foot - LEGEND_INCHES) / figure.get_figheight()
    style: dict[str, Any] = {"fontsize": 7.5, "va": "top", "linespacing": 1.4}
    figure.text(left, top, "\n".join(small_print), parse_math=False, **style)
    if path is not None:
        save_png(figure, path)
    return figure


def _two_panels(layers: Layers, foot_inches: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with two axes of the region's shape and room for words above and below."""
    west, south, east, north = _view(layers)
    width = (WIDTH_INCHES - 2 * SIDE_INCHES - GAP_INCHES) / 2
    height = width * min(max((north - south) / (east - west), FLATTEST), TALLEST)
    whole = HEAD_INCHES + height + foot_inches
    figure = new_figure(WIDTH_INCHES, whole)
    box = (foot_inches / whole, width / WIDTH_INCHES, height / whole)
    lefts = (SIDE_INCHES, SIDE_INCHES + width + GAP_INCHES)
    return figure, [figure.add_axes((x / WIDTH_INCHES, *box)) for x in lefts]


def _view(layers: Layers) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the map: the zones and a margin."""
    west, south, east, north = map(float, layers.zones.total_bounds)
    spare = MARGIN * max(east - west, north - south, 1.0)
    return west - spare, south - spare, east + spare, north + spare


def _draw_panel(
    axes: Axes,
    appraisal: Appraisal,
    layers: Layers,
    scale: Classes,
    *,
    before_open: Collection[str],
    crowded: bool,
) -> None:
    _draw_zones(axes, layers, scale.colours_of(appraisal.assignment["minutes"]))
    if layers.districts is not None:
        for shape in layers.districts.geometry.boundary:
            for line in getattr(shape, "geoms", [shape]):
                axes.plot(*np.asarray(line.coords)[:, :2].T, color="white", linewidth=1.3, zorder=2)
    _set_view(axes, layers)
    _draw_sites(axes, appraisal, layers, before_open, crowded)
    draw_scale_bar(axes)
    draw_north_arrow(axes)


def _draw_zones(axes: Axes, layers: Layers, colours: list[str]) -> None:
    if not layers.areas:
        axes.scatter(layers.zones.geometry.x, layers.zones.geometry.y, s=14, c=colours, zorder=1)
        return
    drawn = [
        (_outline(shape), colour)
        for shape, colour in zip(layers.zones.geometry, colours, strict=True)
        if shape is not None and not shape.is_empty
    ]
    faces = [colour for _, colour in drawn]
    # Edges in the face's own colour close the hairlines between neighbours.
    axes.add_collection(
        PathCollection([o for o, _ in drawn], facecolors=faces, edgecolors=faces, linewidths=0.3)
    )


def _outline(shape: Any) -> Outline:
    """Return a polygon, or several, holes included, as one matplotlib path."""
    rings = []
    for polygon in getattr(shape, "geoms", [shape]):
        rings += [polygon.exterior, *polygon.interiors]
    return Outline.make_compound_path(
        *(Outline(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings)
    )


def _set_view(axes: Axes, layers: Layers) -> None:
    west, south, east, north = _view(layers)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for edge in axes.spines.values():
        edge.set_color("#bbbbbb")
    axes.apply_aspect()


def _inside(layers: Layers) -> dict[str, tuple[float, float]]:
    """Return the places of the sites inside the frame."""
    west, south, east, north = _view(layers)
    where = {str(site): (point.x, point.y) for site, point in layers.sites.geometry.items()}
    return {s: (x, y) for s, (x, y) in where.items() if west < x < east and south < y < north}


def _crowded(comparison: Comparison, layers: Layers) -> bool:
    """Say whether sites are too many to be named, in both panels alike."""
    marked = {*comparison.before.open, *comparison.after.open}
    return len(marked & _inside(layers).keys()) > MOST_NAMED


def _draw_sites(
    axes: Axes,
    appraisal: Appraisal,
    layers: Layers,
    before_open: Collection[str],
    crowded: bool,
) -> None:
    """Mark open, closed and neighbouring sites inside the frame, and name them unless crowded.

    Sites that are closed both before and after are no news and are left out.
    """
    where = _inside(layers)
    neighbours = [s for s in where if s in appraisal.service.always_open]
    opened = [s for s in where if s in appraisal.open]
    closed = [s for s in where if s in before_open and s not in appraisal.open]
    names: list[MapName] = []
    kinds: tuple[tuple[list[str], dict[str, Any], dict[str, Any]], ...] = (
        (opened, OPEN, {"size": 9.5, "weight": "bold"}),
        (closed, CLOSED, {"size": 8.0, "colour": "#333333"}),
        (neighbours, NEIGHBOUR, {"size": 7.0, "colour": "#444444"}),
    )
    for sites, kind, text in kinds:
        if sites:
            marker = _smaller(kind) if crowded else kind
            x, y = zip(*(where[s] for s in sites), strict=True)
            if kind is CLOSED:
                axes.scatter(x, y, zorder=4, **(_smaller(CLOSED_HALO) if crowded else CLOSED_HALO))
            axes.scatter(x, y, zorder=5, **marker)
        short = appraisal.region.site_names(sites)
        names += [MapName(n, *where[s], **text) for n, s in zip(short, sites, strict=True)]
    if crowded:
        return
    if layers.districts is not None:
        centres = layers.districts.geometry.representative_point()
        for district, point in zip(layers.districts["district"], centres, strict=True):
            names.append(
                MapName(str(district), point.x, point.y, 7.0, "#222222", "normal", "italic", True)
            )
    place_names(axes, names, [where[s] for s in (*opened, *closed, *neighbours)])


def _smaller(marker: dict[str, Any]) -> dict[str, Any]:
    return marker | {"s": SMALLER * marker["s"], "linewidth": 0.6 * marker["linewidth"]}


def _small_print(comparison: Comparison, crowded: bool) -> list[str]:
    """Return the lines below the map: which times are estimates, and the sources."""
    region, service = comparison.before.region, comparison.before.service
    sentences = [estimated_times(region, service), source_line(region)]
    if crowded:
        sentences.insert(0, "Sites are too many to be named here: the tables name them.")
    return [line for text in sentences for line in textwrap.wrap(text, CHARACTERS_A_LINE)]


def _add_words(figure: Figure, comparison: Comparison, scale: Classes, foot_inches: float) -> None:
    """Add the title and the legends."""
    region, service = comparison.before.region, comparison.before.service
    unit = minutes_by(region)
    whole = figure.get_figheight()
    left = SIDE_INCHES / WIDTH_INCHES
    figure.text(
        left,
        1.0 - 0.22 / whole,
        f"{service.name} in {region.name}: {unit} {where_to(service)}",
        fontsize=17,
        fontweight="bold",
        va="top",
        parse_math=False,
    )
    patches = [
        Patch(facecolor=colour, label=label, edgecolor="#999999", linewidth=0.4)
        for colour, label in zip(scale.colours, scale.labels, strict=True)
    ]
    for handles, title, top_inches in (
        (patches, unit[:1].upper() + unit[1:], foot_inches - 0.05),
        (_marker_legend(comparison), None, foot_inches - 0.6),
    ):
        anchor = (left - 0.005, top_inches / whole)
        figure.legend(handles=handles, title=title, ncols=9, bbox_to_anchor=anchor, **_LEGEND)


_LEGEND: dict[str, Any] = {
    "loc": "upper left",
    "frameon": False,
    "fontsize": 9,
    "title_fontsize": 9,
    "alignment": "left",
    "columnspacing": 1.2,
    "handletextpad": 0.5,
}


def _marker_legend(comparison: Comparison) -> list[Line2D]:
    def marker(shape: str, label: str, **options: Any) -> Line2D:
        return Line2D([], [], linestyle="none", marker=shape, label=label, **options)

    found = [
        marker(
            "o",
            "open",
            markersize=8,
            markerfacecolor="white",
            markeredgecolor="black",
            markeredgewidth=2,
        )
    ]
    if set(comparison.before.open) - set(comparison.after.open):
        found.append(marker("x", "closes", markersize=6, color="#222222", markeredgewidth=1.5))
    if comparison.before.service.always_open:
        found.append(
            marker(
                "s",
                "neighbour, always open (inside the frame)",
                markersize=5.5,
                markerfacecolor="#777777",
                markeredgecolor="white",
            )
        )
    return found
