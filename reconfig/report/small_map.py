"""Small maps for notebooks: the zones by minutes or plain, and sites by what becomes of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reconfig.core import Region
from reconfig.report.classes import Classes, minute_classes
from reconfig.report.figures import StillFigure, new_figure
from reconfig.report.labels import MapName, place_names
from reconfig.report.layers import Layers, region_layers
from reconfig.report.map_frame import FLATTEST, TALLEST, set_view, view_of
from reconfig.report.map_marks import draw_districts, draw_zones, inside

# Inches. A panel by itself is wider than one of several side by side.
ALONE, BESIDE, GAP, SIDE, HEAD, LINE = 5.6, 4.2, 0.15, 0.08, 0.3, 0.21
# Patches of the legend side by side for each inch, and zones that are still drawn by their shapes:
# more of them take seconds, and are small enough to be dots.
ENTRIES_AN_INCH, MOST_SHAPES = 0.9, 4000
# Of more sites than these no name can be read; of many more the marks are smaller.
MOST_NAMED, MANY, SMALLER = 16, 50, 0.35
PLAIN, NO_WAY = "#d9dee3", "#f3e3e3"
# What becomes of a site -> how it is marked; those first are drawn last, on top.
MARKS: dict[str, dict[str, Any]] = {
    "open": {"marker": "o", "s": 44, "facecolor": "white", "edgecolor": "black", "linewidth": 1.8},
    "in scope": {"marker": "o", "s": 44, "facecolor": "white", "edgecolor": "black"},
    "must be open": {"marker": "o", "s": 44, "facecolor": "black", "edgecolor": "white"},
    "may be open": {"marker": "o", "s": 40, "facecolor": "white", "edgecolor": "#1f4e79"},
    "proposed": {"marker": "D", "s": 30, "facecolor": "white", "edgecolor": "#1f4e79"},
    "closes": {"marker": "X", "s": 42, "facecolor": "#222222", "edgecolor": "white"},
    "must be closed": {"marker": "X", "s": 42, "facecolor": "#222222", "edgecolor": "white"},
    "neighbour": {"marker": "s", "s": 20, "facecolor": "#777777", "edgecolor": "white"},
}
UNNAMED = "neighbour"


@dataclass(frozen=True, eq=False)
class Panel:
    """One map. sites: what becomes of them (a key of MARKS) -> ids; a site is in one of them.

    minutes: by zone id, infinite or missing where there is no way; None to leave the zones plain.
    """

    title: str
    sites: Mapping[str, Sequence[str]]
    minutes: pd.Series[float] | None = None


def small_map(region: Region, panels: Sequence[Panel], unit: str) -> StillFigure | None:
    """Return panels side by side, on one scale; None where the region has no coordinates.

    region: of places, not of several services decided together. unit: of the minutes, in words.
    """
    marked = sorted({site for panel in panels for sites in panel.sites.values() for site in sites})
    layers = region_layers(region, marked, shapes=len(region.zones) <= MOST_SHAPES)
    if layers is None:
        return None
    layers = layers.in_metres()
    where = inside(layers, view_of(layers))
    panels = [_framed(panel, where) for panel in panels]
    scale = _scale(panels)
    patches, marks = _legend(panels, scale)
    figure, all_axes = _panels(layers, len(panels), patches, marks, unit)
    for axes, panel in zip(all_axes, panels, strict=True):
        _draw(axes, panel, layers, scale)
        _draw_sites(axes, panel, where, region)
        axes.set_title(panel.title, fontsize=9.5, fontweight="bold", loc="left", parse_math=False)
    return figure


def _framed(panel: Panel, where: Collection[str]) -> Panel:
    """Return a panel with only the sites inside the frame."""
    inside_it = {kind: [s for s in sites if s in where] for kind, sites in panel.sites.items()}
    return replace(panel, sites=inside_it)


def _scale(panels: Sequence[Panel]) -> Classes | None:
    """Return classes that fit the minutes of every panel; None where there are none."""
    known = [p.minutes[np.isfinite(p.minutes)] for p in panels if p.minutes is not None]
    known = [minutes for minutes in known if len(minutes)]
    return minute_classes(known) if known else None


def _legend(
    panels: Sequence[Panel], scale: Classes | None
) -> tuple[list[Patch | Line2D], list[Patch | Line2D]]:
    """Return what the legend shows: classes of minutes, and the marks that are used."""
    patches: list[Patch | Line2D] = []
    if scale is not None:
        pairs = zip(scale.colours, scale.labels, strict=True)
        patches += [Patch(facecolor=colour, label=label) for colour, label in pairs]
        tables = [panel.minutes for panel in panels if panel.minutes is not None]
        if any(not np.isfinite(minutes).all() for minutes in tables):
            patches.append(Patch(facecolor=NO_WAY, edgecolor="#999999", label="no way there"))
    used = [kind for kind in MARKS if any(panel.sites.get(kind) for panel in panels)]
    marks: list[Patch | Line2D] = [
        Line2D(
            [],
            [],
            linestyle="none",
            label=kind,
            marker=MARKS[kind]["marker"],
            markersize=MARKS[kind]["s"] ** 0.5,
            markerfacecolor=MARKS[kind]["facecolor"],
            markeredgecolor=MARKS[kind]["edgecolor"],
        )
        for kind in used
    ]
    return patches, marks


def _panels(
    layers: Layers,
    number: int,
    patches: list[Patch | Line2D],
    marks: list[Patch | Line2D],
    unit: str,
) -> tuple[StillFigure, list[Axes]]:
    """Return a figure with axes side by side, heads above and the legends below."""
    west, south, east, north = view_of(layers)
    width = ALONE if number == 1 else BESIDE
    height = width * min(max((north - south) / (east - west), FLATTEST), TALLEST)
    across = 2 * SIDE + number * width + (number - 1) * GAP
    columns = max(int(ENTRIES_AN_INCH * across), 1)
    lines = [-(-len(handles) // columns) for handles in (patches, marks)]
    # The title of the minutes is a line too.
    feet = [LINE * (lines[0] + 1) + 0.08 if patches else 0.0, LINE * lines[1] + 0.08]
    foot = sum(feet) + 0.05
    whole = HEAD + height + foot
    figure = new_figure(across, whole)
    lefts = [SIDE + k * (width + GAP) for k in range(number)]
    box = (foot / whole, width / across, height / whole)
    tops = (foot, foot - feet[0])
    titles = (unit[:1].upper() + unit[1:], None)
    for handles, title, top in zip((patches, marks), titles, tops, strict=True):
        if handles:
            figure.legend(
                handles=handles,
                title=title,
                ncols=columns,
                loc="upper left",
                bbox_to_anchor=(0.0, top / whole),
                frameon=False,
                fontsize=8,
                title_fontsize=8,
                alignment="left",
                handlelength=1.4,
                handletextpad=0.5,
                columnspacing=1.0,
                borderaxespad=0.3,
            )
    return figure, [figure.add_axes((left / across, *box)) for left in lefts]


def _draw(axes: Axes, panel: Panel, layers: Layers, scale: Classes | None) -> None:
    """Draw the zones of one panel."""
    colours = [PLAIN] * len(layers.zones)
    if panel.minutes is not None:
        minutes = panel.minutes.reindex(layers.zones.index)
        known = np.isfinite(minutes)
        colours = [NO_WAY] * len(minutes)
        for k, colour in zip(
            np.flatnonzero(known), scale.colours_of(minutes[known]) if scale else [], strict=True
        ):
            colours[k] = colour
    set_view(axes, view_of(layers))
    if layers.areas:
        draw_zones(axes, layers, colours)
        draw_districts(axes, layers, width=0.8)
    else:
        _draw_dots(axes, layers, colours)
    # Without blended edges a picture of flat colours is a fraction of the size.
    axes.collections[0].set_antialiased(False)
    set_view(axes, view_of(layers))


def _draw_sites(
    axes: Axes, panel: Panel, where: Mapping[str, tuple[float, float]], region: Region
) -> None:
    """Mark the sites, and name them unless they are too many."""
    shown = [site for sites in panel.sites.values() for site in sites]
    names = []
    for depth, (kind, mark) in enumerate(MARKS.items()):
        sites = panel.sites.get(kind, ())
        if not sites:
            continue
        x, y = zip(*(where[site] for site in sites), strict=True)
        smaller = {"s": SMALLER * mark["s"], "linewidth": 0.8} if len(shown) > MANY else {}
        axes.scatter(x, y, zorder=5 + 0.1 * (len(MARKS) - depth), **mark | smaller)
        if kind != UNNAMED:
            weight = "bold" if kind == "open" else "normal"
            short = region.site_names(sites)
            names += [
                MapName(name, *where[site], size=7.5, weight=weight)
                for name, site in zip(short, sites, strict=True)
            ]
    if len(names) <= MOST_NAMED:
        place_names(axes, names, [where[site] for site in shown])


def _draw_dots(axes: Axes, layers: Layers, colours: list[str]) -> None:
    """Draw zones without shapes as dots, the smaller the more of them there are."""
    points = 72.0 * axes.get_window_extent().width / axes.figure.dpi
    size = min(max(0.5 * points**2 / len(layers.zones), 1.0), 150.0)
    x, y = layers.zones.geometry.x, layers.zones.geometry.y
    axes.scatter(x, y, s=size, c=colours, linewidths=0, zorder=1)
