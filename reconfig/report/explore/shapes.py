"""The shapes of the page's map: no finer than a screen shows, as small whole numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from reconfig.report.explore.binary import packed, packed_codes
from reconfig.report.layers import Layers

# Corners nearer to a line than this share of the map's width or height are left out.
FINENESS = 1 / 3000
STEPS = 6000
# From one corner to the next, in steps, at the most: what two bytes hold.
LONGEST = 32_767


@dataclass(frozen=True)
class View:
    """What the map shows, in metres: lower left corner, and the longer of its sides."""

    west: float
    south: float
    width: float
    height: float

    @classmethod
    def of(cls, layers: Layers, sites: Iterable[str]) -> View:
        """Return what holds all zones and these sites."""
        chosen = layers.sites.loc[list(sites)]
        boxes = np.array([layers.zones.total_bounds, chosen.total_bounds], dtype=float)
        west, south = np.nanmin(boxes[:, :2], axis=0)
        east, north = np.nanmax(boxes[:, 2:], axis=0)
        return cls(float(west), float(south), float(east - west), float(north - south))

    @property
    def step(self) -> float:
        """Metres that one whole number stands for."""
        return max(self.width, self.height, 1.0) / STEPS

    def whole(self, corners: np.ndarray) -> np.ndarray:
        """Return points (n x 2, metres) in steps from the lower left corner."""
        found = np.round((corners[:, :2] - [self.west, self.south]) / self.step)
        return np.asarray(found, dtype=np.int64)


def packed_shapes(layers: Layers, view: View) -> dict[str, Any]:
    """Return the zones' shapes for the page, and the outlines of districts where there are any."""
    shapes = layers.zones.geometry.to_numpy()
    content: dict[str, Any] = {
        "west": view.west,
        "south": view.south,
        "step": view.step,
        "areas": layers.areas,
    }
    if layers.areas:
        content["zones"] = _packed_rings(_rings(simplified(shapes, view)), view)
    else:
        points = view.whole(np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)]))
        content["points"] = packed(np.clip(points, 0, STEPS).astype(np.uint16))
    if layers.districts is not None:
        outlines = simplified(layers.districts.geometry.to_numpy(), view)
        content["districts"] = _packed_rings(_rings(outlines), view)
    return content


def simplified(shapes: Any, view: View) -> Any:
    """Return polygons with fewer corners; one by one where they do not fit together."""
    there = ~shapely.is_missing(shapes)
    simple, tolerance = shapes.copy(), FINENESS * max(view.width, view.height)
    try:
        simple[there] = shapely.coverage_simplify(shapes[there], tolerance)
    except shapely.errors.GEOSException:
        simple[there] = shapely.simplify(shapes[there], tolerance)
    return simple


def _rings(shapes: Any) -> list[list[list[np.ndarray]]]:
    """Return zone -> polygon -> ring (the outer first) -> corners, the last not repeated."""
    return [
        [
            [np.asarray(ring.coords)[:-1, :2] for ring in (polygon.exterior, *polygon.interiors)]
            for polygon in getattr(shape, "geoms", [shape] if shape is not None else [])
            if not polygon.is_empty
        ]
        for shape in shapes
    ]


def _packed_rings(zones: list[list[list[np.ndarray]]], view: View) -> dict[str, Any]:
    """Return corners as steps from the one before, and how many there are of everything."""
    counts: list[int] = []
    corners: list[np.ndarray] = []
    for polygons in zones:
        counts.append(len(polygons))
        for rings in polygons:
            counts.append(len(rings))
            counts += [len(ring) for ring in rings]
            corners += rings
    points = view.whole(np.concatenate(corners)) if corners else np.zeros((0, 2), dtype=np.int64)
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    assert not steps.size or np.abs(steps).max() <= LONGEST
    return {
        "counts": packed_codes(np.array(counts, dtype=np.int64), max(counts, default=0) + 1),
        "x": packed(steps[:, 0].astype(np.int16)),
        "y": packed(steps[:, 1].astype(np.int16)),
    }
