"""Shapes of zones made one where they belong together, and which of the results are neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely


def dissolved(shapes: Any, keys: Any) -> dict[Any, Any]:
    """Return key -> the polygons (or points) of its zones as one shape, keys in order.

    shapes: one a zone, or None; keys: one a zone. A key none of whose zones has a shape is left
    out.
    """
    whole = valid(np.asarray(shapes, dtype=object))
    keys = np.asarray(keys)
    there = ~shapely.is_missing(whole)
    found = {}
    for key in np.unique(keys[there]):
        shape = shapely.union_all(whole[there & (keys == key)])
        if not shape.is_empty:
            found[key.item() if hasattr(key, "item") else key] = shape
    return found


def valid(shapes: Any) -> Any:
    """Return shapes of which none crosses itself: a few of a country's do."""
    bad = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    if not bad.any():
        return shapes
    mended = shapes.copy()
    mended[bad] = shapely.make_valid(shapes[bad])
    return mended


def polygons(shape: Any) -> Iterator[Any]:
    """Yield the polygons of a shape; its stray lines and points, if any, are left out."""
    if shape is None or shape.is_empty:
        return
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from polygons(part)
    elif shape.geom_type == "Polygon":
        yield shape


def neighbours(points: Any) -> np.ndarray:
    """Return the pairs of places (n x 2) in an array of points that are next to each other.

    They are the edges of the Delaunay triangulation. None stands for no point; of points at the
    very same place the last stands for all.
    """
    points = np.asarray(points, dtype=object)
    there = np.flatnonzero(~shapely.is_missing(points))
    edges = shapely.delaunay_triangles(shapely.MultiPoint(list(points[there])), only_edges=True)
    corners = map(tuple, shapely.get_coordinates(points[there]))
    where = dict(zip(corners, there.tolist(), strict=True))
    ends = [where[x, y] for x, y in shapely.get_coordinates(edges)]
    return np.array(ends, dtype=int).reshape(-1, 2)
