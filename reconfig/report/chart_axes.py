"""What the charts of a trade-off share: where axes end, how they are named, a ring, far points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from reconfig.appraise import find_measure, is_share
from reconfig.report.words import (
    count_of,
    measure_label,
    measure_unit,
    not_complete,
    number,
)

MARKERS = "osD^vP*Xh<>"
# A point farther from the next one than so many times what the others are apart is named at the
# edge.
FEWEST_SHOWN, FAR = 3, 2.0
MARGIN = 0.06

Window = tuple[float, float]


def window(values: pd.Series[float]) -> Window:
    """Return the ends of an axis: every value, save those far from all others."""
    near = sorted({float(value) for value in values})
    if not near:
        return 0.0, 1.0
    while len(near) > FEWEST_SHOWN:
        if near[-1] - near[-2] > FAR * (near[-2] - near[0]):
            near = near[:-1]
        elif near[1] - near[0] > FAR * (near[-1] - near[1]):
            near = near[1:]
        else:
            break
    spare = MARGIN * (near[-1] - near[0]) or 0.5
    return near[0] - spare, near[-1] + spare


def within(values: pd.Series[float], ends: Window) -> pd.Series[bool]:
    """Say which values an axis shows."""
    return values.between(*ends)


def ring(
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


def name_at_edge(
    axes: Axes, points: pd.DataFrame, first: str, second: str, third: str | None = None
) -> None:
    """Name points outside the axes, each with its values and an arrow towards it."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    shown = [name for name in (first, second, third) if name is not None]
    for row in points.to_dict("records"):
        x = (min(max(row[first], west), east) - west) / (east - west)
        y = (min(max(row[second], south), north) - south) / (north - south)
        values = [f"{number(row[m], measure_unit(m))} {_short_unit(m)}" for m in shown]
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
    return "" if is_share(unit) else unit


def in_title(name: str) -> str:
    """Return a measure within a title: "mean journey (worst district)", without a comma."""
    label = measure_label(name).lower()
    return f"{label.replace(', ', ' (', 1)})" if ", " in label else label


def axis_words(name: str) -> str:
    """Return a measure with its unit and its good direction, for an axis or a scale."""
    measure = find_measure(name)
    better = f"; {measure.better} is better" if measure else ""
    return f"{measure_label(name)} ({measure_unit(name)}{better})"


def label_axis(axes: Axes, name: str, which: str) -> None:
    """Say on an axis which measure it shows."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_label_text(axis_words(name))
    if is_share(measure_unit(name)):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=1))


def head(axes: Axes, title: str, unfinished: Sequence[int]) -> None:
    """Add title, grid and, where points may be missing, a line that says so."""
    axes.set_title(title, loc="left", fontweight="bold", pad=22)
    if unfinished:
        axes.text(0.0, 1.02, not_complete(unfinished), transform=axes.transAxes)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
