"""The trade-off between two measures as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from matplotlib import colormaps, patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from reconfig.appraise import find_measure
from reconfig.report.figures import new_figure, save_png
from reconfig.report.words import (
    SHARES,
    count_of,
    measure_label,
    measure_unit,
    not_complete,
    number,
)

MARKERS = "osD^vP*Xh<>"
# A point farther from the next one than all the others are apart is named at the edge.
FEWEST_SHOWN = 3
MARGIN = 0.06
# The measure that is an axis of its own, and the colour of a line drawn against it.
NUMBER = "open_sites"
LINE = "#31688e"

Window = tuple[float, float]


class FrontierLike(Protocol):
    """Anything with the points of a trade-off; see `reconfig.analyse.Frontier`."""

    @property
    def measures(self) -> tuple[str, str]:
        """Names of the two measures."""

    @property
    def points(self) -> pd.DataFrame:
        """One row a solution: number, the two measures, open, status, gap, efficient."""

    @property
    def unfinished(self) -> tuple[int, ...]:
        """The numbers of sites for which not every point was found and proven."""


def frontier_chart(
    frontier: FrontierLike,
    *,
    chosen: Sequence[str] | None = None,
    path: str | Path | None = None,
) -> Figure:
    """Return the trade-off of two measures, one colour and marker a number of sites.

    Filled markers are beaten by no other point; hollow ones are, by another number of sites. A
    point far from all others is named at the edge, so that the others can be told apart.
    chosen: site ids of the configuration to ring, if it is a point. path: a PNG file to write.
    Where one of the measures is the number of sites, it is the horizontal axis.
    """
    first, second = frontier.measures
    if NUMBER in (first, second):
        return _number_chart(frontier, first if second == NUMBER else second, chosen, path)
    points = frontier.points
    figure = new_figure(9.0, 6.0)
    axes = figure.subplots()
    windows = _window(points[first]), _window(points[second])
    inside = points[_within(points[first], windows[0]) & _within(points[second], windows[1])]
    numbers = sorted({int(n) for n in points["number"]})
    shades = colormaps["viridis"]([k / max(len(numbers), 2) for k in range(len(numbers))])
    for k, many in enumerate(numbers):
        drawn = inside[inside["number"] == many].sort_values(first)
        style = {"color": shades[k], "marker": MARKERS[k % len(MARKERS)]}
        axes.plot(drawn[first], drawn[second], color=shades[k], linewidth=0.8, alpha=0.6)
        _draw_points(axes, drawn, first, second, count_of(many, "site"), style)
        _label_number(axes, drawn, first, second, many)
    _ring(axes, inside, first, second, chosen)
    if len(points):
        axes.set_xlim(*windows[0])
        axes.set_ylim(*windows[1])
        _name_at_edge(axes, points.drop(inside.index), first, second)
    _label_axis(axes, first, "x")
    _label_axis(axes, second, "y")
    _dress(axes, frontier)
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
    _ring(axes, points, "number", measure, chosen)
    axes.set_xlabel("Sites open (number)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _label_axis(axes, measure, "y")
    axes.set_title(
        f"{measure_label(measure)} against the number of sites",
        loc="left",
        fontweight="bold",
        pad=22,
    )
    if frontier.unfinished:
        axes.text(0.0, 1.02, not_complete(frontier.unfinished), transform=axes.transAxes)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if len(points):
        axes.legend(frameon=False)
    figure.subplots_adjust(left=0.1, right=0.96, top=0.88, bottom=0.12)
    if path is not None:
        save_png(figure, path)
    return figure


def _window(values: pd.Series[float]) -> Window:
    """Return the ends of an axis: every value, save those far from all others."""
    near = sorted({float(value) for value in values})
    if not near:
        return 0.0, 1.0
    while len(near) > FEWEST_SHOWN:
        if near[-1] - near[-2] > near[-2] - near[0]:
            near = near[:-1]
        elif near[1] - near[0] > near[-1] - near[1]:
            near = near[1:]
        else:
            break
    spare = MARGIN * (near[-1] - near[0]) or 0.5
    return near[0] - spare, near[-1] + spare


def _within(values: pd.Series[float], window: Window) -> pd.Series[bool]:
    return values.between(*window)


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


def _ring(
    axes: Axes, points: pd.DataFrame, first: str, second: str, chosen: Sequence[str] | None
) -> None:
    """Put a ring round the points of the chosen configuration, if there are any."""
    if chosen is None:
        return
    same = points[[set(sites) == set(chosen) for sites in points["open"]]]
    if same.empty:
        return
    ring: dict[str, Any] = {"marker": "o", "markersize": 16, "markeredgewidth": 2.0}
    ring |= {"markerfacecolor": "none", "color": "#c8102e", "linestyle": "none"}
    axes.plot(same[first], same[second], label="chosen here", zorder=5, **ring)


def _name_at_edge(axes: Axes, points: pd.DataFrame, first: str, second: str) -> None:
    """Name points outside the axes, each with its values and an arrow towards it."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    for row in points.to_dict("records"):
        x = (min(max(row[first], west), east) - west) / (east - west)
        y = (min(max(row[second], south), north) - south) / (north - south)
        values = [f"{number(row[m], measure_unit(m))} {_short_unit(m)}" for m in (first, second)]
        text = f"{count_of(int(row['number']), 'site')}: {', '.join(v.strip() for v in values)}"
        axes.annotate(
            text,
            (x, y),
            xycoords="axes fraction",
            xytext=(-14 if x > 0.5 else 14, -22 if y > 0.5 else 22),
            textcoords="offset points",
            ha="right" if x > 0.5 else "left",
            va="top" if y > 0.5 else "bottom",
            fontsize=8,
            arrowprops={"arrowstyle": "->", "color": "#555555"},
        )


def _short_unit(name: str) -> str:
    """Return a measure's unit where its number does not already say it."""
    unit = measure_unit(name)
    return "" if unit in SHARES else unit


def _dress(axes: Axes, frontier: FrontierLike) -> None:
    """Add title, subtitle, grid and legend."""
    first, second = frontier.measures
    title = f"{measure_label(first)} against {measure_label(second).lower()}"
    axes.set_title(title, loc="left", fontweight="bold", pad=22)
    if frontier.unfinished:
        axes.text(0.0, 1.02, not_complete(frontier.unfinished), transform=axes.transAxes)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if len(frontier.points):
        title = "Open sites\n(hollow: beaten by\nanother number)"
        axes.legend(
            frameon=False,
            title=title,
            loc="upper left",
            bbox_to_anchor=(1.01, 1.0),
            labelspacing=0.8,
        )


def _label_axis(axes: Axes, name: str, which: str) -> None:
    measure = find_measure(name)
    better = f"; {measure.better} is better" if measure else ""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_label_text(f"{measure_label(name)} ({measure_unit(name)}{better})")
    if measure_unit(name) in SHARES:
        axis.set_major_formatter(PercentFormatter(1.0, decimals=1))
