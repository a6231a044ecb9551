"""The scale bar and the north arrow of a map in metres."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

# A bar is about this share of the map's width, rounded down to a round length.
SHARE_OF_WIDTH = 0.25


def round_length(metres: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that is not above the length."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres)


def draw_scale_bar(axes: Axes) -> None:
    """Draw a bar of a round number of kilometres (or metres) at the lower left."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    length = round_length(SHARE_OF_WIDTH * (east - west))
    x = west + 0.03 * (east - west)
    y = south + 0.03 * (north - south)
    tick = 0.008 * (north - south)
    axes.plot(
        [x, x, x + length, x + length], [y + tick, y, y, y + tick], color="black", linewidth=1.4
    )
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(x + length / 2, y + 1.4 * tick, text, ha="center", va="bottom", fontsize=8)


def draw_north_arrow(axes: Axes) -> None:
    """Draw an arrow that points up the grid, at the upper right."""
    axes.annotate(
        "N",
        xy=(0.965, 0.97),
        xytext=(0.965, 0.895),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontsize=10,
        arrowprops={"arrowstyle": "-|>", "color": "black", "linewidth": 1.2},
    )
