"""Where site names go on the page's map: beside the marker, on the side with most room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Of a bold letter at the size used, in pixels, and of a marker and the gap beside it.
LETTER_WIDTH, LINE_HEIGHT, MARKER_RADIUS, GAP = 7.2, 16.0, 8.0, 10.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class NamePlace:
    """Offset of a name from its marker (pixels, down is positive) and how it is aligned."""

    x_offset: float
    y_offset: float
    align: str


CHOICES = (
    NamePlace(GAP, 0.0, "left"),
    NamePlace(-GAP, 0.0, "right"),
    NamePlace(0.0, -GAP - LINE_HEIGHT / 2, "center"),
    NamePlace(0.0, GAP + LINE_HEIGHT / 2, "center"),
)


def name_places(
    names: Sequence[str],
    points: Sequence[tuple[float, float]],
    markers: Sequence[tuple[float, float]],
) -> list[NamePlace]:
    """Return a place for each name that covers the markers and the other names least.

    points, markers: pixels from the lower left of a panel of the smallest size that is used.
    """
    taken = [
        (x - MARKER_RADIUS, y - MARKER_RADIUS, x + MARKER_RADIUS, y + MARKER_RADIUS)
        for x, y in markers
    ]
    chosen = []
    for name, point in zip(names, points, strict=True):
        costs = [_cost(_box(name, point, choice), taken) for choice in CHOICES]
        best = CHOICES[costs.index(min(costs))]
        taken.append(_box(name, point, best))
        chosen.append(best)
    return chosen


def _box(name: str, point: tuple[float, float], place: NamePlace) -> Box:
    width = LETTER_WIDTH * len(name)
    shift = {"left": 0.0, "right": -width, "center": -width / 2}[place.align]
    left, middle = point[0] + place.x_offset + shift, point[1] - place.y_offset
    return left, middle - LINE_HEIGHT / 2, left + width, middle + LINE_HEIGHT / 2


def _cost(box: Box, taken: Sequence[Box]) -> float:
    """Return how much of a box, in square pixels, covers others."""
    return sum(
        max(min(box[2], other[2]) - max(box[0], other[0]), 0.0)
        * max(min(box[3], other[3]) - max(box[1], other[1]), 0.0)
        for other in taken
    )
