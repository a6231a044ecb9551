"""Options as pictures: how scores hang on weights, what a gain is made of, what sites are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from reconfig.analyse import ShortList
from reconfig.core import Region
from reconfig.report.chart_axes import in_title
from reconfig.report.figures import new_figure
from reconfig.report.source_note import with_source
from reconfig.report.words import number

# Blue, orange, green, purple, black (after Okabe and Ito): told apart by every kind of colour
# vision; with lines of their own they are in grey too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa4499", "#000000")
STYLES = ("-", "--", "-.", ":", (0, (1, 1)))
QUIET, GAIN, LOSS, TOTAL = "#bbbbbb", "#31688e", "#e08214", "#333333"
WIDEST_LABEL = 30
# Beyond so many bars of a histogram nothing more is seen.
BARS = 60
MOST_BARS = 20


def scores_chart(found: ShortList, region: Region) -> Figure:
    """Return how the score of each option runs along the weight on each criterion, a panel each.

    Options that come first somewhere have a colour and a line of their own; the others are grey.
    """
    names = [str(name) for name in found.criteria.index]
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    figure = new_figure(3.7 * columns + 0.4, 2.9 * rows + 1.2)
    figure.set_layout_engine("constrained")
    panels = np.atleast_1d(figure.subplots(rows, columns, sharey=True)).ravel()
    ends = {name: found.along(name) for name in names}
    winners = _winners(found, ends)
    for axes, name in zip(panels, names, strict=False):
        _one_panel(axes, found, name, ends[name], winners)
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", frameon=False, fontsize=8, ncols=6)
    figure.suptitle(
        "Score of each option as one weight moves, the others in proportion",
        x=0.01,
        ha="left",
        fontweight="bold",
        fontsize=11,
    )
    return with_source(figure, region)


def _winners(
    found: ShortList, ends: Mapping[str, tuple[pd.Series[float], pd.Series[float]]]
) -> list[str]:
    """Return the options that come first at some weight, as many as there are colours."""
    moved = found.weights_moved
    named = [found.first, *moved["below_first"], *moved["above_first"]]
    for at_none, at_all in ends.values():
        named += [str(at_none.idxmax()), str(at_all.idxmax())]
    return [name for name in dict.fromkeys(named) if name][: len(COLOURS)]


def _one_panel(
    axes: Axes,
    found: ShortList,
    name: str,
    ends: tuple[pd.Series[float], pd.Series[float]],
    winners: Sequence[str],
) -> None:
    at_none, at_all = ends
    others = [str(one) for one in at_none.index if one not in winners]
    for k, option in enumerate([*others, *winners]):
        heights = (at_none[option], at_all[option])
        if option in winners:
            place = winners.index(option)
            style: dict[str, Any] = {
                "color": COLOURS[place],
                "linestyle": STYLES[place],
                "linewidth": 1.8,
            }
            axes.plot((0, 1), heights, label=option, **style)
        else:
            label = "other options" if k == 0 else None
            axes.plot((0, 1), heights, color=QUIET, linewidth=0.8, label=label)
    axes.axvline(float(found.criteria["weight"][name]), color="black", linewidth=0.8)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel("weight (line: as given)", fontsize=8)
    axes.set_ylabel("score (0 to 100)", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.set_title(fill(in_title(name).capitalize(), WIDEST_LABEL), fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def waterfall_chart(
    parts: Mapping[str, float],
    total: float,
    ends: tuple[float, float] | None,
    *,
    what: str,
    unit: str,
    region: Region,
) -> Figure:
    """Return what a gain is the sum of, step by step, and the total with its 95 % interval.

    parts: effect in words -> gain. ends: of the interval; None where none is known.
    """
    names, values = list(parts), list(parts.values())
    figure = new_figure(9.0, 1.9 + 0.5 * (len(names) + 1))
    figure.set_layout_engine("constrained")
    axes = figure.subplots()
    reached = 0.0
    for k, value in enumerate(values):
        axes.barh(k, value, left=reached, color=GAIN if value >= 0 else LOSS, height=0.6)
        reached += value
        axes.plot((reached, reached), (k - 0.3, k + 1.3), color="black", linewidth=0.6)
        _write(axes, max(reached, reached - value), k, number(value, unit, signed=True))
    last = len(names)
    axes.barh(last, total, color=TOTAL, height=0.6)
    if ends is not None:
        axes.plot(ends, (last + 0.45,) * 2, color=COLOURS[1], linewidth=2.5, marker="|")
        _write(axes, ends[1], last + 0.45, "95 % interval")
    _write(axes, max(total, 0.0), last, number(total, unit, signed=True))
    axes.axvline(0.0, color="black", linewidth=0.8)
    labels = [fill(name, WIDEST_LABEL) for name in (*names, "In all")]
    axes.set_yticks(range(last + 1), labels, fontsize=9, parse_math=False)
    axes.set_ylim(last + 0.8, -0.6)
    axes.margins(x=0.12)
    axes.set_xlabel(f"{unit} (estimated, at the central values)")
    axes.set_title(what, loc="left", fontsize=11, fontweight="bold", parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
    return with_source(figure, region)


def _write(axes: Axes, x: float, y: float, text: str) -> None:
    axes.annotate(text, (x, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8)


def distribution_chart(
    gains: np.ndarray, ends: tuple[float, float], *, what: str, unit: str, region: Region
) -> Figure:
    """Return how the draws of a gain are spread; those without any gain are told apart.

    gains: one a draw. ends: of their 95 % interval.
    """
    figure = new_figure(9.0, 3.4)
    figure.set_layout_engine("constrained")
    axes = figure.subplots()
    low, high = ends
    apart = float(np.ptp(gains)) > 0
    # An edge at zero, so that no bar holds both a gain and none.
    width = float(np.ptp(gains)) / BARS if apart else 1.0
    first, last = np.floor(gains.min() / width) - 1, np.ceil(gains.max() / width) + 1
    edges = width * np.arange(first, last + 1)
    counts, _ = np.histogram(gains, edges)
    shares = counts / len(gains)
    middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    good = middles > 0
    for which, colour, label in (
        (good, GAIN, "a gain"),
        (~good, LOSS, "no gain, or harm"),
    ):
        if which.any():
            axes.bar(middles[which], shares[which], widths[which], color=colour, label=label)
    for at, style, label in (
        (low, "--", "ends of the 95 % interval"),
        (high, "--", ""),
        (float(gains.mean()), "-", "mean"),
    ):
        axes.axvline(at, color="black", linewidth=1.0, linestyle=style, label=label)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylabel("share of draws")
    axes.set_xlabel(f"{unit} (estimated)")
    axes.set_title(what, loc="left", fontsize=11, fontweight="bold", parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    return with_source(figure, region)


def information_chart(table: pd.DataFrame, *, unit: str, region: Region) -> Figure:
    """Return what it would be worth to know the truth, by group of assumptions."""
    shown = table.dropna(subset=["value"]).sort_values("value").tail(MOST_BARS)
    figure = new_figure(9.0, 1.8 + 0.44 * len(shown))
    figure.set_layout_engine("constrained")
    axes = figure.subplots()
    axes.barh(range(len(shown)), shown["value"], color=GAIN)
    labels = [fill(str(name), 2 * WIDEST_LABEL) for name in shown.index]
    axes.set_yticks(range(len(shown)), labels, fontsize=8, parse_math=False)
    axes.set_xlabel(f"{unit} (estimated) that knowing the truth before choosing would add")
    axes.set_title("Value of perfect information", loc="left", fontsize=11, fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    return with_source(figure, region)


def importance_chart(table: pd.DataFrame, *, measure: str, unit: str, region: Region) -> Figure:
    """Return what is lost without each site, and by having it, in the objective's unit.

    table: as `reconfig.importance` returns it.
    """
    shown = table.head(MOST_BARS)[::-1]
    figure = new_figure(9.0, 1.9 + 0.36 * len(shown))
    figure.set_layout_engine("constrained")
    axes = figure.subplots()
    rows = np.arange(len(shown))
    for column, colour, shift, label in (
        ("loss_without", GAIN, 0.18, "without it (closed)"),
        ("loss_with", LOSS, -0.18, "with it (open)"),
    ):
        axes.barh(rows + shift, shown[column].fillna(0.0), 0.34, color=colour, label=label)
    widest = float(np.nanmax([*shown["loss_without"], *shown["loss_with"], 0.0]))
    for column, shift in (("loss_without", 0.18), ("loss_with", -0.18)):
        for row, value in zip(rows, shown[column], strict=True):
            if np.isnan(value):
                axes.text(widest * 0.01, row + shift, "cannot be", fontsize=7, va="center")
    labels = [
        f"{name}{' (in the best)' if chosen else ''}"
        for name, chosen in zip(shown["name"], shown["chosen"], strict=True)
    ]
    axes.set_yticks(rows, labels, fontsize=8, parse_math=False)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set_xlabel(f"{in_title(measure)}: what the best loses ({unit})")
    axes.set_title("What each site is worth", loc="left", fontsize=11, fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return with_source(figure, region)
