"""The trade-off between two measures as a chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from reconfig.appraise import find_measure
from reconfig.report.figures import new_figure, save_png
from reconfig.report.words import SHARES, count_of, measure_label, measure_unit

MARKERS = "osD^vP*Xh<>"


class FrontierLike(Protocol):
    """Anything with the points of a trade-off; see `reconfig.analyse.Frontier`."""

    @property
    def measures(self) -> tuple[str, str]:
        """Names of the two measures."""

    @property
    def points(self) -> pd.DataFrame:
        """One row a solution: number, the two measures, open, status, gap, efficient."""


def frontier_chart(frontier: FrontierLike, *, path: str | Path | None = None) -> Figure:
    """Return the trade-off of two measures, one colour and marker a number of sites.

    Filled markers are beaten by no other point; hollow ones are, by another number of sites.
    path: a PNG file to write as well.
    """
    first, second = frontier.measures
    figure = new_figure(9.0, 6.0)
    axes = figure.subplots()
    numbers = sorted({int(n) for n in frontier.points["number"]})
    shades = colormaps["viridis"]([k / max(len(numbers), 2) for k in range(len(numbers))])
    for k, chosen in enumerate(numbers):
        points = frontier.points[frontier.points["number"] == chosen].sort_values(first)
        style = {"color": shades[k], "marker": MARKERS[k % len(MARKERS)]}
        axes.plot(points[first], points[second], color=shades[k], linewidth=0.8, alpha=0.6)
        _draw_points(axes, points, first, second, count_of(chosen, "site"), style)
    _label_axis(axes, first, "x")
    _label_axis(axes, second, "y")
    title = f"{measure_label(first)} against {measure_label(second).lower()}"
    axes.set_title(title, loc="left", fontweight="bold")
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if numbers:
        title = "Open sites\n(hollow: beaten by\nanother number)"
        axes.legend(frameon=False, title=title, loc="upper left", bbox_to_anchor=(1.01, 1.0))
    figure.subplots_adjust(left=0.1, right=0.78, top=0.92, bottom=0.12)
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


def _label_axis(axes: Axes, name: str, which: str) -> None:
    measure = find_measure(name)
    better = f"; {measure.better} is better" if measure else ""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_label_text(f"{measure_label(name)} ({measure_unit(name)}{better})")
    if measure_unit(name) in SHARES:
        axis.set_major_formatter(PercentFormatter(1.0, decimals=1))
