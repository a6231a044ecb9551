"""Names on a map, each put where it covers no marker and no other name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

# Where to try, in turn: (horizontal, vertical) direction from the point.
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
MARKER_RADIUS_POINTS = 5.5
# Distances from the point, in points; the farther ones draw a thin line back to it.
DISTANCES = (7.0, 14.0, 24.0, 38.0)
FAR_POINTS = 20.0
PADDING_PIXELS = 4.0
ANCHORS_ACROSS = {1: "left", 0: "center", -1: "right"}
ANCHORS_UP = {1: "bottom", 0: "center", -1: "top"}


@dataclass(frozen=True)
class MapName:
    """A name for a point (x, y in the map's units) and how to write it.

    on_point: try the point itself first, as for an area rather than a marker. optional: leave it
    out rather than cover anything.
    """

    text: str
    x: float
    y: float
    size: float
    colour: str = "black"
    weight: str = "normal"
    style: str = "normal"
    on_point: bool = False
    optional: bool = False


def place_names(
    axes: Axes, names: Sequence[MapName], points: Sequence[tuple[float, float]]
) -> None:
    """Write names, the first of them with the first choice of place.

    points: every marker on the map, none of which may be covered. The view must be final.
    """
    taken = [_marker_box(axes, point) for point in points]
    for name in names:
        box = _place(axes, name, taken)
        if box is not None:
            taken.append(box)


def _marker_box(axes: Axes, point: tuple[float, float]) -> Bbox:
    across, up = axes.transData.transform(point)
    radius = MARKER_RADIUS_POINTS * axes.figure.dpi / 72.0
    return Bbox.from_extents(across - radius, up - radius, across + radius, up + radius)


def _place(axes: Axes, name: MapName, taken: Sequence[Bbox]) -> Bbox | None:
    """Write one name at the first free place, or else where it covers least, unless optional."""
    best, least = None, float("inf")
    for offset in _offsets(name):
        note = _write(axes, name, offset)
        box = note.get_window_extent()
        cost = sum(_overlap(box, other) for other in taken) + _outside(box, axes.bbox)
        if cost < least:
            if best is not None:
                best.remove()
            best, least = note, cost
        else:
            note.remove()
        if cost == 0.0:
            break
    assert best is not None
    if name.optional and least > 0.0:
        best.remove()
        return None
    return best.get_window_extent().padded(PADDING_PIXELS)


def _offsets(name: MapName) -> list[tuple[float, float]]:
    if name.on_point:  # further off it would name another area
        return [(0.0, 0.0), *_around(DISTANCES[:2])]
    return _around(DISTANCES)


def _around(distances: Sequence[float]) -> list[tuple[float, float]]:
    return [(a * d, u * d) for d in distances for a, u in DIRECTIONS]


def _write(axes: Axes, name: MapName, offset: tuple[float, float]) -> Annotation:
    across, up = offset
    far = not name.on_point and max(abs(across), abs(up)) > FAR_POINTS
    line: dict[str, Any] | None = (
        {"arrowstyle": "-", "linewidth": 0.6, "color": name.colour} if far else None
    )
    note = axes.annotate(
        name.text,
        (name.x, name.y),
        xytext=offset,
        textcoords="offset points",
        ha=ANCHORS_ACROSS[_sign(across)],
        va=ANCHORS_UP[_sign(up)],
        fontsize=name.size,
        color=name.colour,
        fontweight=name.weight,
        fontstyle=name.style,
        arrowprops=line,
        parse_math=False,  # a dollar sign in a name is a dollar sign
        zorder=6,
    )
    note.set_path_effects([patheffects.withStroke(linewidth=2.2, foreground="white")])
    return note


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _overlap(first: Bbox, second: Bbox) -> float:
    shared = Bbox.intersection(first, second)
    return 0.0 if shared is None else float(shared.width * shared.height)


def _outside(box: Bbox, frame: Bbox) -> float:
    """Return how much of a box is outside the frame, in square pixels."""
    whole = float(box.width * box.height)
    return max(whole - _overlap(box, frame), 0.0) if whole else 0.0
