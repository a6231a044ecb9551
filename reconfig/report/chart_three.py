"""The trade-off between three measures as a chart: two axes and a colour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from reconfig.appraise import is_share
from reconfig.report.chart_axes import (
    MARKERS,
    axis_words,
    head,
    in_title,
    label_axis,
    name_at_edge,
    ring,
    window,
    within,
)
from reconfig.report.figures import new_figure, save_png
from reconfig.report.words import count_of, measure_label, measure_unit

if TYPE_CHECKING:
    from reconfig.report.charts import FrontierLike

# From dark blue to yellow, rising in lightness: the same to every kind of colour vision, and in
# grey (Nunez, Anderton and Renslow 2018). Each point has a dark rim, so that yellow shows on white.
SHADES = "cividis"
RIM = "#333333"
LARGE, SMALL = 10.0, 5.0
# The scale names the values themselves where they are so few and so far apart.
FEW_VALUES, APART = 7, 0.04


def three_chart(
    frontier: FrontierLike,
    *,
    chosen: Sequence[str] | None = None,
    path: str | Path | None = None,
) -> Figure:
    """Return the trade-off of three measures: two as axes, the third as colour with its scale.

    One marker a number of sites; large where no other point beats it, small where one with another
    number of sites does. chosen: site ids of the configuration to ring, if it is a point. path: a
    PNG file to write.
    """
    first, second, third = frontier.measures
    points = frontier.points
    figure = new_figure(9.6, 6.0)
    axes = figure.subplots()
    ends = window(points[first]), window(points[second])
    inside = points[within(points[first], ends[0]) & within(points[second], ends[1])]
    if len(points):
        shown = inside if len(inside) else points
        scale = Normalize(float(shown[third].min()), float(shown[third].max()))
        _draw(axes, inside, (first, second, third), scale)
        _add_scale(figure, axes, third, shown[third], scale)
        axes.set_xlim(*ends[0])
        axes.set_ylim(*ends[1])
        name_at_edge(axes, points.drop(inside.index), first, second, third)
    ring(axes, inside, first, second, chosen)
    label_axis(axes, first, "x")
    label_axis(axes, second, "y")
    words = [in_title(name) for name in (second, third)]
    head(axes, f"{measure_label(first)} against {' and '.join(words)}", frontier.unfinished)
    _add_legend(axes, inside)
    figure.subplots_adjust(left=0.1, right=0.98, top=0.88, bottom=0.2)
    if path is not None:
        save_png(figure, path)
    return figure


def _draw(axes: Axes, points: pd.DataFrame, names: Sequence[str], scale: Normalize) -> None:
    """Draw the points, those that another number of sites beats below the others."""
    first, second, third = names
    numbers = sorted({int(n) for n in points["number"]})
    for beaten in (True, False):
        for k, many in enumerate(numbers):
            here = (points["number"] == many) & (points["efficient"].astype(bool) != beaten)
            drawn = points[here]
            axes.scatter(
                drawn[first].to_numpy(float),
                drawn[second].to_numpy(float),
                c=drawn[third].to_numpy(float),
                cmap=SHADES,
                norm=scale,
                marker=MARKERS[k % len(MARKERS)],
                s=(SMALL if beaten else LARGE) ** 2,
                edgecolors=RIM,
                linewidths=0.8,
                zorder=3 if beaten else 4,
            )


def _add_scale(
    figure: Figure, axes: Axes, name: str, values: pd.Series[float], scale: Normalize
) -> None:
    """Add the scale of the colours, with the values themselves where they are few."""
    share = is_share(measure_unit(name))
    bar = figure.colorbar(
        ScalarMappable(scale, SHADES),
        ax=axes,
        label=axis_words(name),
        format=PercentFormatter(1.0, decimals=1) if share else None,
        pad=0.02,
    )
    distinct = np.unique(values.to_numpy(float).round(9))
    span = float(distinct[-1] - distinct[0])
    if len(distinct) <= FEW_VALUES and (np.diff(distinct) >= APART * span).all():
        bar.set_ticks([float(value) for value in distinct])


def _add_legend(axes: Axes, points: pd.DataFrame) -> None:
    """Add the markers of the numbers of sites, and what small ones mean, below the chart."""
    numbers = sorted({int(n) for n in points["number"]})
    entries = [_marker(k, LARGE, count_of(many, "site")) for k, many in enumerate(numbers)]
    if not points["efficient"].astype(bool).all():
        entries.append(_marker(0, SMALL, "small: beaten by another number"))
    entries += [line for line in axes.lines if line.get_label() == "chosen here"]
    if entries:
        axes.legend(
            handles=entries,
            frameon=False,
            loc="upper left",
            bbox_to_anchor=(-0.02, -0.12),
            ncols=min(len(entries), 6),
        )


def _marker(k: int, size: float, label: str) -> Line2D:
    shape = MARKERS[k % len(MARKERS)]
    rim: dict[str, Any] = {"markerfacecolor": "white", "color": RIM, "linestyle": "none"}
    return Line2D([], [], marker=shape, markersize=size, label=label, **rim)
