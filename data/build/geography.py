"""Centroids from postcodes and neighbouring areas from polygons."""

from __future__ import annotations

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import Delaunay

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CONTIGUITY_TOLERANCE_METRES = 20.0
"""The published polygons are generalised: borders of neighbours can be some metres apart."""


def postcode_centroids(areas: geopandas.GeoDataFrame, postcodes: pd.DataFrame) -> pd.DataFrame:
    """Where people live in each area: mean of the distinct postcode coordinates inside it.

    Distinct, because large users and terminated postcodes pile up on single points. Returns one
    row an area: ``easting``, ``northing`` (metres), ``postcodes`` (distinct points; where 0 the
    centroid is a point inside the polygon).
    """
    points = postcodes[["easting", "northing"]].drop_duplicates().to_numpy(dtype=float)
    tree = shapely.STRtree(areas.geometry.to_numpy())
    which_point, which_area = tree.query(shapely.points(points), predicate="within")
    count = np.bincount(which_area, minlength=len(areas))
    inside = shapely.get_coordinates(shapely.point_on_surface(areas.geometry.to_numpy()))
    centroids = inside.copy()
    some = count > 0
    for axis in (0, 1):
        total = np.bincount(which_area, points[which_point, axis], minlength=len(areas))
        centroids[some, axis] = total[some] / count[some]
    return pd.DataFrame(
        {"easting": centroids[:, 0], "northing": centroids[:, 1], "postcodes": count},
        index=areas.index,
    )


def contiguous_pairs(areas: geopandas.GeoDataFrame) -> Ints:
    """Pairs of areas whose polygons touch: integer positions, shape (pairs, 2), first < second."""
    shapes = areas.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="dwithin", distance=CONTIGUITY_TOLERANCE_METRES)
    keep = first < second
    return np.column_stack([first[keep], second[keep]])


def delaunay_pairs(points: Floats, *, longest_metres: float) -> Ints:
    """Pairs joined in the Delaunay triangulation of ``points`` (n x 2) and not too far apart."""
    corners = Delaunay(points).simplices
    pairs = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    length = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    result: Ints = pairs[length <= longest_metres]
    return result
