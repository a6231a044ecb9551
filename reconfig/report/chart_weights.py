"""Which weights choose which configuration, as a picture: a bar for two measures, a triangle for
three."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any, Protocol

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from reconfig.report.chart_axes import in_title
from reconfig.report.figures import new_figure, save_png

# As in the chart of three measures: the same to every kind of colour vision, and in grey.
SHADES = "cividis"
# Characters of a line of the legend, and how many choices it names.
WIDEST, MOST_NAMED = 52, 12
# A part of the bar that is narrower has no number in it, nor has a smaller part of the triangle.
NARROWEST, SMALLEST = 0.03, 0.01
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3.0) / 2.0]])


class WeightsLike(Protocol):
    """What `Frontier.weights` returns."""

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the two or three measures."""

    @property
    def table(self) -> pd.DataFrame:
        """One row a configuration: point, share, <measure>_from, <measure>_to, supported."""

    @property
    def regions(self) -> tuple[np.ndarray, ...]:
        """Corners (weights) of the region of each row."""

    @property
    def complete(self) -> bool:
        """Whether the points weighed are all there are."""

    def names(self) -> list[str]:
        """What to call each row."""


def weights_chart(found: WeightsLike, *, path: str | Path | None = None) -> Figure:
    """Return which weights choose which configuration, each with a number that the legend names.

    Two measures: a bar along the weight on the first. Three: a triangle, whose corners are all
    the weight on one measure. path: a PNG file to write.
    """
    drawn = _chosen(found)
    shades = colormaps[SHADES](np.linspace(0.05, 0.95, max(len(drawn), 1)))
    if len(found.measures) == 2:
        lines = 0.28 * (2 + min(len(drawn), MOST_NAMED))
        figure = new_figure(9.6, 2.0 + lines)
        axes, beside = figure.subplots(2, 1, height_ratios=(1.2, lines))
        _bar(axes, found, drawn, shades)
    else:
        figure = new_figure(11.0, 6.0)
        axes, beside = figure.subplots(1, 2, width_ratios=(3, 2))
        _triangle(axes, found, drawn, shades)
    figure.set_layout_engine("constrained")
    _add_legend(beside, found, drawn, shades, 110 if len(found.measures) == 2 else WIDEST)
    labels = [in_title(name) for name in found.measures]
    title = f"Which weights on {', '.join(labels[:-1])} and {labels[-1]} choose which sites"
    figure.suptitle(
        title if found.complete else f"{title}\nNot complete: others may be chosen",
        x=0.02,
        ha="left",
        fontweight="bold",
        fontsize=12,
    )
    if path is not None:
        save_png(figure, path)
    return figure


def _chosen(found: WeightsLike) -> list[int]:
    """Return the rows that are drawn: the first of each point that has a region of its own."""
    rows = found.table[found.table["share"] > 0].drop_duplicates("point")
    return [int(k) for k in rows.index]


def _bar(axes: Axes, found: WeightsLike, drawn: Sequence[int], shades: Any) -> None:
    first, second = (in_title(name) for name in found.measures)
    for k, row in enumerate(drawn):
        begin, end = (float(f(found.regions[row][:, 0])) for f in (np.min, np.max))
        axes.barh(0, end - begin, left=begin, height=1.0, color=shades[k], edgecolor="white")
        if end - begin >= NARROWEST:
            _number(axes, (begin + end) / 2, 0.0, k, shades[k])
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.5, 0.5)
    axes.set_yticks([])
    axes.set_xlabel(f"Weight on {first} (the rest on {second}; each scaled from best to worst)")


def _triangle(axes: Axes, found: WeightsLike, drawn: Sequence[int], shades: Any) -> None:
    for k, row in enumerate(drawn):
        corners = found.regions[row] @ CORNERS
        axes.fill(*corners.T, color=shades[k], edgecolor="white", linewidth=1.0)
        if found.table["share"].iloc[row] >= SMALLEST:
            x, y = corners.mean(axis=0)
            _number(axes, float(x), float(y), k, shades[k])
    for name, (x, y), shift in zip(found.measures, CORNERS, (-0.05, -0.05, 0.03), strict=True):
        text = f"all on {in_title(name)}"
        axes.text(
            float(x), float(y) + shift, text, ha="center", va="top" if shift < 0 else "bottom"
        )
    axes.set_xlim(-0.15, 1.15)
    axes.set_ylim(-0.12, 0.96)
    axes.set_aspect("equal")
    axes.axis("off")


def _number(axes: Axes, x: float, y: float, k: int, shade: Any) -> None:
    """Write a part's number in it, dark on light or light on dark."""
    light = float(np.dot(shade[:3], (0.299, 0.587, 0.114))) > 0.5
    colour = "black" if light else "white"
    axes.text(x, y, str(k + 1), color=colour, ha="center", va="center", fontweight="bold")


def _add_legend(
    axes: Axes, found: WeightsLike, drawn: Sequence[int], shades: Any, widest: int
) -> None:
    """Name the configurations by number, and say how many are never chosen."""
    names, points = found.names(), found.table["point"]
    entries = []
    for k, row in enumerate(drawn[:MOST_NAMED]):
        same = [name for name, p in zip(names, points, strict=True) if p == points.iloc[row]]
        text = f"{k + 1}: {' or '.join(same)} ({found.table['share'].iloc[row]:.1%})"
        entries.append(Patch(color=shades[k], label=fill(text, widest)))
    rest = len(drawn) - len(entries)
    if rest:
        entries.append(Patch(color="none", label=f"and {rest} more"))
    never = found.table[found.table["share"] == 0]["point"].nunique()
    if never:
        entries.append(Patch(color="none", label=f"{never} of the points are never chosen alone"))
    axes.axis("off")
    axes.legend(handles=entries, frameon=False, fontsize=9, loc="upper left", borderpad=0.0)
