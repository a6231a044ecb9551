"""The trade-off between two or three measures as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from matplotlib import colormaps, patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reconfig.report.chart_axes import (
    MARKERS,
    head,
    label_axis,
    name_at_edge,
    ring,
    window,
    within,
)
from reconfig.report.chart_three import three_chart
from reconfig.report.figures import new_figure, save_png
from reconfig.report.words import count_of, measure_label

# The measure that is an axis of its own, and the colour of a line drawn against it.
NUMBER = "open_sites"
LINE = "#31688e"


class FrontierLike(Protocol):
    """Anything with the points of a trade-off; see `reconfig.analyse.Frontier`."""

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the two or three measures."""

    @property
    def points(self) -> pd.DataFrame:
        """One row a solution: number, the measures, open, status, gap, efficient."""

    @property
    def unfinished(self) -> tuple[int, ...]:
        """The numbers of sites for which not every point was found and proven."""


def frontier_chart(
    frontier: FrontierLike,
    *,
    chosen: Sequence[str] | None = None,
    path: str | Path | None = None,
) -> Figure:
    """Return the trade-off of two or three measures, one marker a number of sites.

    Filled markers are beaten by no other point; hollow ones are, by another number of sites. A
    point far from all others is named at the edge, so that the others can be told apart.
    chosen: site ids of the configuration to ring, if it is a point. path: a PNG file to write.
    The third measure is shown by colour, with its scale beside. Where one of two measures is the
    number of sites, it is the horizontal axis; where one of three is, it is the colour and marker.
    """
    names = [name for name in frontier.measures if name != NUMBER]
    if len(names) == 1:
        return _number_chart(frontier, names[0], chosen, path)
    if len(names) > 2:
        return three_chart(frontier, chosen=chosen, path=path)
    first, second = names
    points = frontier.points
    figure = new_figure(9.0, 6.0)
    axes = figure.subplots()
    windows = window(points[first]), window(points[second])
    inside = points[within(points[first], windows[0]) & within(points[second], windows[1])]
    numbers = sorted({int(n) for n in points["number"]})
    shades = colormaps["viridis"]([k / max(len(numbers), 2) for k in range(len(numbers))])
    for k, many in enumerate(numbers):
        drawn = inside[inside["number"] == many].sort_values(first)
        style = {"color": shades[k], "marker": MARKERS[k % len(MARKERS)]}
        axes.plot(drawn[first], drawn[second], color=shades[k], linewidth=0.8, alpha=0.6)
        _draw_points(axes, drawn, first, second, count_of(many, "site"), style)
        _label_number(axes, drawn, first, second, many)
    ring(axes, inside, first, second, chosen)
    if len(points):
        axes.set_xlim(*windows[0])
        axes.set_ylim(*windows[1])
        name_at_edge(axes, points.drop(inside.index), first, second)
    label_axis(axes, first, "x")
    label_axis(axes, second, "y")
    title = f"{measure_label(first)} against {measure_label(second).lower()}"
    by_number = ", by number of sites" if NUMBER in frontier.measures else ""
    head(axes, title + by_number, frontier.unfinished)
    if len(points):
        _legend(axes)
    figure.subplots_adjust(left=0.1, right=0.78, top=0.88, bottom=0.12)
    if path is not None:
        save_png(figure, path)
    return figure


def _number_chart(
    frontier: FrontierLike, measure: str, chosen: Sequence[str] | None, path: str | Path | None
) -> Figure:
    """Return a measure against the number of sites, a marker for each number that was solved."""
    points = frontier.points.sort_values("number")
    proven = points["status"] == "optimal"
    figure = new_figure(9.0, 6.0)
    axes = figure.subplots()
    axes.plot(points["number"], points[measure], color=LINE, linewidth=1.0, alpha=0.6)
    dots: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 5, "color": LINE}
    for drawn, label, fill in (
        (points[proven], "best, proven", LINE),
        (points[~proven], "best found, not proven", "white"),
    ):
        if len(drawn):
            axes.plot(drawn["number"], drawn[measure], label=label, markerfacecolor=fill, **dots)
    ring(axes, points, "number", measure, chosen)
    axes.set_xlabel("Sites open (number)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    label_axis(axes, measure, "y")
    head(axes, f"{measure_label(measure)} against the number of sites", frontier.unfinished)
    if len(points):
        axes.legend(frameon=False)
    figure.subplots_adjust(left=0.1, right=0.96, top=0.88, bottom=0.12)
    if path is not None:
        save_png(figure, path)
    return figure


def _draw_points(
    axes: Axes, points: pd.DataFrame, first: str, second: str, label: str, style: dict[str, Any]
) -> None:
    """Draw the points of one number of sites, filled where efficient and hollow where not."""
    efficient = points["efficient"].astype(bool)
    filled, hollow = points[efficient], points[~efficient]
    line = {"linestyle": "none", "markersize": 8, **style}
    if not filled.empty:
        axes.plot(filled[first], filled[second], label=label, **line)
    if not hollow.empty:
        named = label if filled.empty else None
        axes.plot(hollow[first], hollow[second], markerfacecolor="white", label=named, **line)


def _label_number(axes: Axes, points: pd.DataFrame, first: str, second: str, many: int) -> None:
    """Write the number of sites beside the last of its points."""
    if points.empty:
        return
    note = axes.annotate(
        str(many),
        (points[first].iloc[-1], points[second].iloc[-1]),
        xytext=(9, 5),
        textcoords="offset points",
        fontsize=9,
        fontweight="bold",
        zorder=6,
    )
    note.set_path_effects([patheffects.withStroke(linewidth=2.0, foreground="white")])


def _legend(axes: Axes) -> None:
    """Add the legend, beside the chart."""
    axes.legend(
        frameon=False,
        title="Open sites\n(hollow: beaten by\nanother number)",
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        labelspacing=0.8,
    )
