"""Charts of access, flows and equality: journeys by group and in all, who goes where, who bears.

Blue rings are before, vermilion dots after (Okabe and Ito 2008): told apart by shape, by every kind
of colour vision and in grey.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from reconfig.appraise import Comparison, share_within_curve
from reconfig.report.figures import new_figure
from reconfig.report.words import counted_words, minutes_by, source_line, times_label

BEFORE, AFTER, FAINT = "#0072b2", "#d55e00", "#bbbbbb"
WIDTH = 9.0
SMALL_PRINT, LETTERS_A_LINE, LINE_INCHES = 7, 150, 0.13
# A curve is drawn at so many points, however many journeys there are.
CURVE_POINTS = 400
# Labels of groups longer than this are broken, or cut, so that the chart keeps its room.
LONGEST_LABEL = 38
# Numbers on cells above so much of the darkest are white.
SHADES, DARK = "Blues", 0.6


def groups_chart(comparison: Comparison, table: pd.DataFrame, title: str) -> Figure:
    """Return the mean journey before and after, one line a group (see `access_table`)."""
    known = table[table["cases"] > 0]
    height = 1.3 + 0.3 * max(len(known), 1)
    figure, axes = _new(comparison, height, title)
    places = np.arange(len(known))[::-1]
    before, after = known["mean_minutes_before"], known["mean_minutes_after"]
    axes.hlines(places, before, after, color=FAINT, linewidth=2.0, zorder=1)
    style: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 8.0, "color": BEFORE}
    axes.plot(before, places, markerfacecolor="white", label="before", zorder=2, **style)
    style |= {"marker": "D", "markersize": 6.0, "color": AFTER}
    axes.plot(after, places, label="after", zorder=3, **style)
    _label(axes, "y", places, [str(group) for group in known.index])
    axes.set_ylim(-0.6, len(known) - 0.4 if len(known) else 1.0)
    axes.set_xlim(left=0.0)
    axes.set_xlabel(f"Mean journey ({minutes_by(comparison.before.region)})", parse_math=False)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    _legend(axes)
    return figure


def journeys_chart(comparison: Comparison) -> Figure:
    """Return the share of cases within so many minutes, before and after."""
    title = "Share of cases within so many minutes"
    figure, axes = _new(comparison, 4.6, title)
    rows = comparison.rows[comparison.rows["cases"] > 0]
    longest = float(rows[["minutes_before", "minutes_after"]].max().max()) if len(rows) else 1.0
    at = np.linspace(0.0, longest, CURVE_POINTS)
    curve = share_within_curve(comparison, at)
    axes.step(at, curve["before"], where="post", color=BEFORE, linestyle="--", label="before")
    axes.step(at, curve["after"], where="post", color=AFTER, label="after")
    axes.set_xlim(0.0, longest)
    axes.set_ylim(0.0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel(f"Journey ({minutes_by(comparison.before.region)})", parse_math=False)
    axes.set_ylabel("Share of cases (%)")
    axes.grid(color="#dddddd", linewidth=0.6)
    _legend(axes)
    return figure


def flows_chart(comparison: Comparison, matrix: pd.DataFrame, names: Sequence[list[str]]) -> Figure:
    """Return who goes where as a table of colours with its numbers: before down, after across.

    matrix: cases a year by site before and after (see `from_to`). names: of its rows and columns.
    Cells of those who stay at their site have a frame.
    """
    down, across = matrix.shape
    title = "Cases a year by site before and after"
    figure, axes = _new(comparison, 2.6 + 0.34 * down, title)
    values = matrix.to_numpy(float)
    most = float(values.max()) if values.size else 1.0
    image = axes.imshow(values, cmap=SHADES, vmin=0.0, vmax=most or 1.0, aspect="auto")
    for row, site in enumerate(matrix.index):
        for column, other in enumerate(matrix.columns):
            value = values[row, column]
            if value > 0:
                dark = value > DARK * most
                text = f"{value:,.0f}" if value >= 0.5 else "<1"
                colour = "white" if dark else "black"
                axes.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
            if site == other:
                frame = Rectangle((column - 0.48, row - 0.48), 0.96, 0.96, fill=False, linewidth=1)
                axes.add_patch(frame)
    _label(axes, "y", range(down), names[0])
    _label(axes, "x", range(across), names[1], rotation=50)
    axes.set_xlabel("Site after (framed: those who stay)")
    axes.set_ylabel("Site before")
    bar = figure.colorbar(image, ax=axes, fraction=0.03, pad=0.02)
    bar.set_label("Cases a year")
    return figure


def concentration_chart(comparison: Comparison, curve: pd.DataFrame, title: str) -> Figure:
    """Return the concentration curve of minutes by deprivation (see `concentration_curve`)."""
    figure, axes = _new(comparison, 5.2, title)
    axes.plot([0, 1], [0, 1], color="#555555", linewidth=0.8, label="spread evenly")
    line: dict[str, Any] = {"markersize": 5.0, "linewidth": 1.2} | (
        {"marker": "o"} if len(curve) <= 30 else {}
    )
    axes.plot(
        curve["cases"],
        curve["before"],
        color=BEFORE,
        linestyle="--",
        markerfacecolor="white",
        label="before",
        **line,
    )
    axes.plot(curve["cases"], curve["after"], color=AFTER, label="after", **line)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    axes.set_xlabel("Share of cases, from the most deprived (%)")
    axes.set_ylabel("Share of all minutes of journeys (%)")
    axes.grid(color="#dddddd", linewidth=0.6)
    _legend(axes)
    return figure


def _new(comparison: Comparison, height: float, title: str) -> tuple[Figure, Axes]:
    """Return a figure with its title, and the sources and kind of times below."""
    region, service = comparison.before.region, comparison.before.service
    about = f"{service.name} in {region.name}; {counted_words(region)}."
    said = f"{about} Travel times: {times_label(region, service)}. {source_line(region)}"
    lines = textwrap.wrap(said, LETTERS_A_LINE)
    foot = 0.1 + LINE_INCHES * len(lines)
    figure = new_figure(WIDTH, height + foot)
    figure.set_layout_engine(
        "constrained", rect=(0.0, foot / (height + foot), 1.0, 1.0 - foot / (height + foot))
    )
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontweight="bold", parse_math=False)
    axes.set_axisbelow(True)
    figure.text(
        0.01,
        0.05 / (height + foot),
        "\n".join(lines),
        fontsize=SMALL_PRINT,
        va="bottom",
        color="#444444",
        parse_math=False,
    ).set_in_layout(False)
    return figure, axes


def _label(
    axes: Axes,
    which: str,
    places: Sequence[int] | np.ndarray | range,
    names: list[str],
    rotation: float = 0.0,
) -> None:
    """Write names at an axis as they are: a dollar sign is a dollar sign."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_ticks(list(places))
    texts = [n if len(n) <= LONGEST_LABEL else f"{n[: LONGEST_LABEL - 4]} ..." for n in names]
    axis.set_ticklabels(texts, fontsize=8, rotation=rotation, parse_math=False)
    if rotation:
        for label in axis.get_ticklabels():
            label.set_horizontalalignment("right")
            label.set_rotation_mode("anchor")


def _legend(axes: Axes) -> None:
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
