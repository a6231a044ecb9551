"""Colour classes of minutes and of changes in minutes, the same on every map and legend."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex

MOST_CLASSES = 8
# Classes of five minutes end here; where more than one zone in twenty is beyond, they are of ten.
LONG_MINUTES = 5.0 * (MOST_CLASSES - 1)
# The limits of isochrones, in minutes, the same for every region.
BAND_BOUNDS = (15.0, 30.0, 45.0, 60.0)
CHANGE_BOUNDS = (-5.0, -1.0, 1.0, 5.0, 10.0, 15.0, 20.0)
# Blue to red through grey: told apart by people with any of the common colour blindnesses.
CHANGE_COLOURS = (
    "#2b6cb0",
    "#90bfe0",
    "#ececec",
    "#fbd3b6",
    "#f4a574",
    "#de6a4a",
    "#b2182b",
    "#67001f",
)


@dataclass(frozen=True)
class Classes:
    """Classes of a number: bounds (n), and one more colour and label than there are bounds.

    A value belongs to the first class whose upper bound it does not exceed, as in "within 30".
    """

    bounds: tuple[float, ...]
    colours: tuple[str, ...]
    labels: tuple[str, ...]

    def numbers(self, values: pd.Series[float]) -> np.ndarray:
        """Return the class of every value, from 0."""
        return np.searchsorted(np.array(self.bounds), values.to_numpy(float), side="left")

    def colours_of(self, values: pd.Series[float]) -> list[str]:
        """Return the colour of every value."""
        return [self.colours[k] for k in self.numbers(values)]


def minute_classes(tables: Sequence[pd.Series[float]]) -> Classes:
    """Return classes of 5 or 10 minutes that fit all the tables: one scale for all maps."""
    minutes = np.concatenate([table.to_numpy(float) for table in tables])
    step = 5 if float(np.quantile(minutes, 0.95)) <= LONG_MINUTES else 10
    needed = int(np.ceil(float(minutes.max()) / step))
    count = min(max(needed, 2), MOST_CLASSES)
    bounds = tuple(float(step * k) for k in range(1, count))
    labels = [f"up to {step}"]
    labels += [f"over {step * k} to {step * (k + 1)}" for k in range(1, count - 1)]
    last = step * (count - 1)
    labels.append(f"over {last} to {last + step}" if needed <= count else f"over {last}")
    # Light is near and dark is far; the very ends of the scale hide labels and outlines.
    shades = colormaps["viridis_r"](np.linspace(0.03, 0.93, count))
    return Classes(bounds, tuple(to_hex(shade) for shade in shades), tuple(labels))


def band_classes(minutes: pd.Series[float]) -> Classes:
    """Return the classes of isochrones, up to the longest of some minutes."""
    longest = float(minutes.max())
    bounds = BAND_BOUNDS[: max(sum(bound < longest for bound in BAND_BOUNDS), 1)]
    labels = [f"up to {bounds[0]:g}"]
    labels += [f"over {a:g} to {b:g}" for a, b in itertools.pairwise(bounds)]
    after = BAND_BOUNDS[len(bounds) : len(bounds) + 1]
    labels.append(f"over {bounds[-1]:g} to {after[0]:g}" if after else f"over {bounds[-1]:g}")
    shades = colormaps["viridis_r"](np.linspace(0.05, 0.85, len(BAND_BOUNDS) + 1))
    colours = tuple(to_hex(shade) for shade in shades)[: len(labels)]
    return Classes(bounds, colours, tuple(labels))


def change_classes() -> Classes:
    """Return classes of the change in minutes, from shorter (blue) to longer (red)."""
    labels = (
        "over 5 shorter",
        "1 to 5 shorter",
        "within 1 either way",
        "over 1 to 5 longer",
        "over 5 to 10 longer",
        "over 10 to 15 longer",
        "over 15 to 20 longer",
        "over 20 longer",
    )
    return Classes(CHANGE_BOUNDS, CHANGE_COLOURS, labels)
