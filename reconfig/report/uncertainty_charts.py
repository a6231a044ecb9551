"""Uncertainty as pictures: intervals, how the mean settles, and a tornado."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Any, Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from reconfig.report.figures import new_figure, save_png

MOST_SHOWN = 10
# Characters of a line of a label.
WIDEST_LABEL = 48
# Dark blue and orange: told apart by every kind of colour vision, and in grey.
FIRST, SECOND = "#31688e", "#e08214"


class UncertaintyLike(Protocol):
    """What `reconfig.uncertainty` returns."""

    @property
    def table(self) -> pd.DataFrame:
        """One row a configuration, best first."""

    @property
    def convergence(self) -> pd.DataFrame:
        """Mean, standard error and chance of being best by number of draws."""

    @property
    def best(self) -> str:
        """The configuration with the largest mean."""

    @property
    def unit(self) -> str:
        """Unit of the gains."""


class SensitivityLike(Protocol):
    """What `reconfig.sensitivity` returns."""

    @property
    def table(self) -> pd.DataFrame:
        """One row an assumption, the one that matters most first."""

    @property
    def best(self) -> str:
        """The configuration preferred at the central values."""

    @property
    def central(self) -> float:
        """Its gain at the central values."""

    @property
    def unit(self) -> str:
        """Unit of the gains."""


def uncertainty_chart(found: UncertaintyLike, *, path: str | Path | None = None) -> Figure:
    """Return the 95 % intervals of the best ten configurations, and how the best mean settles.

    path: a PNG file to write.
    """
    shown = found.table.head(MOST_SHOWN)[::-1]
    figure = new_figure(12.0, 2.2 + 0.42 * len(shown))
    figure.set_layout_engine("constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    _intervals(left, shown, found.unit, len(found.table))
    _settling(right, found)
    return _finished(figure, (left, right), path)


def tornado_chart(found: SensitivityLike, *, path: str | Path | None = None) -> Figure:
    """Return a tornado: the gain at the ends of each assumption's 95 % range, ten at most.

    A weight of belief is at none and at one. A star marks an end at which another configuration is
    preferred. path: a PNG file to write.
    """
    shown = found.table.head(MOST_SHOWN)[::-1]
    figure = new_figure(11.0, 2.0 + 0.5 * len(shown))
    figure.set_layout_engine("constrained")
    axes = figure.subplots()
    places = np.arange(len(shown))
    starred = False
    for end, colour in (("low", FIRST), ("high", SECOND)):
        gains = shown[f"gain_{end}"].to_numpy(float)
        label = f"assumption at the {end} end of its 95 % range (a belief: of 0 to 1)"
        axes.barh(places, gains - found.central, left=found.central, color=colour, label=label)
        other = shown[f"advantage_{end}"].to_numpy(float) < 0
        label = "" if starred or not other.any() else "another would be preferred"
        starred |= bool(other.any())
        axes.plot(gains[other], places[other], "*", color="black", markersize=10, label=label)
    axes.axvline(found.central, color="black", linewidth=0.8)
    axes.set_yticks(places, [_assumption(row) for row in shown.itertuples()], fontsize=8)
    axes.set_xlabel(f"{found.unit} (estimated); the line: {found.central:.3g}, all at their values")
    axes.set_title(_wrapped(f"What moves the gain of {found.best}", 80), fontsize=10)
    return _finished(figure, (axes,), path)


def _intervals(axes: Axes, shown: pd.DataFrame, unit: str, of: int) -> None:
    """Draw mean, median and 95 % interval of configurations, the last on top."""
    places = np.arange(len(shown))
    axes.hlines(
        places, shown["low"], shown["high"], color=FIRST, linewidth=2, label="95 % interval"
    )
    axes.plot(shown["mean"], places, "o", color=FIRST, label="mean")
    axes.plot(shown["median"], places, "|", color=SECOND, markersize=14, label="median")
    axes.axvline(0.0, color="black", linewidth=0.8, linestyle=":")
    axes.set_ylim(-0.7, len(shown) - 0.3)
    labels = [
        f"{_wrapped(str(name), WIDEST_LABEL)}\nbest in {share:.0%} of draws"
        for name, share in zip(shown.index, shown["probability_best"], strict=True)
    ]
    axes.set_yticks(places, labels, fontsize=8)
    axes.set_xlabel(f"{unit} (estimated)")
    which = f"the {len(shown)} of {of} with the largest mean"
    title = f"Gain of configurations, {which}" if of > len(shown) else "Gain of configurations"
    axes.set_title(title, fontsize=10)


def _settling(axes: Axes, found: UncertaintyLike) -> None:
    """Draw the running mean of the best configuration by number of draws."""
    steps = found.convergence
    axes.plot(steps.index, steps["mean"], color=FIRST, label="running mean")
    around = 2.0 * steps["standard_error"]
    low, high = steps["mean"] - around, steps["mean"] + around
    axes.fill_between(
        steps.index, low, high, color=FIRST, alpha=0.2, linewidth=0, label="± 2 standard errors"
    )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.tick_params(axis="x", labelsize=8)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("draws")
    axes.set_ylabel(f"{found.unit} (estimated)")
    axes.set_title(_wrapped(f"How the mean settles: {found.best}", 40), fontsize=10)


def _assumption(row: Any) -> str:
    """Return what an assumption is, with the ends of its 95 % range and its unit."""
    return f"{_wrapped(row.what, WIDEST_LABEL)}\n{row.low:.3g} to {row.high:.3g} {row.unit}"


def _wrapped(text: str, width: int) -> str:
    return fill(text, width, break_long_words=False)


def _finished(figure: Figure, drawn: tuple[Axes, ...], path: str | Path | None) -> Figure:
    keys = [axes.get_legend_handles_labels() for axes in drawn]
    handles = [handle for some, _ in keys for handle in some]
    names = [name for _, some in keys for name in some]
    # Below all axes, where it covers nothing.
    figure.legend(handles, names, loc="outside lower center", frameon=False, fontsize=8, ncols=5)
    for axes in drawn:
        axes.spines[["top", "right"]].set_visible(False)
    if path is not None:
        save_png(figure, path)
    return figure
