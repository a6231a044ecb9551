"""The scale bar and the north arrow of a map in metres."""

from __future__ import annotations

import math
from typing import Any

from matplotlib import patheffects
from matplotlib.axes import Axes

# A bar is about this share of the map's width, rounded down to a round length.
SHARE_OF_WIDTH = 0.25
# Height of the north arrow with its letter.
NORTH_POINTS = 22.0
HALO = (patheffects.withStroke(linewidth=3.0, foreground="white"),)


def round_length(metres: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that is not above the length."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres)


def draw_scale_and_north(axes: Axes, *, right: bool = False) -> None:
    """Draw a bar of a round number of kilometres (or metres) and an arrow up the grid beside it.

    At the lower left, or right.
    """
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    length = round_length(SHARE_OF_WIDTH * (east - west))
    spare = 0.03 * (east - west)
    x = east - spare - length if right else west + spare
    y = south + 0.02 * (north - south)
    point = (north - south) / axes.bbox.height * axes.figure.dpi / 72.0
    tick = 3.0 * point
    axes.plot(
        [x, x, x + length, x + length],
        [y + tick, y, y, y + tick],
        color="black",
        linewidth=1.4,
        zorder=7,
        path_effects=HALO,
    )
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    words: dict[str, Any] = {"ha": "center", "fontsize": 8, "zorder": 7, "path_effects": HALO}
    axes.text(x + length / 2, y + 1.3 * tick, text, va="bottom", **words)
    beside = x - spare if right else x + length + spare
    axes.annotate(
        "N",
        xy=(beside, y + NORTH_POINTS * point),
        xytext=(beside, y),
        va="bottom",
        arrowprops={"arrowstyle": "-|>", "color": "black", "linewidth": 1.2, "shrinkB": 0.0},
        **words,
    )
