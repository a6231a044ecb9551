"""A road network of small areas and sites, and the car minutes it gives to any point."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from reconfig.network.paths import Floats, Ints

SITE = "site"
"""Value of the column ``kind`` of a place that a new point is never joined to."""

NEAR_KM = 0.2
"""Added to distances when averaging the access minutes of the areas around a point."""


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Places, and the minutes between neighbouring places.

    places: index place id; ``easting``, ``northing`` (metres), ``access_minutes`` (from the place
    to its through roads); and where known ``kind`` (a new point is joined to any but a "site").
    edges: ``from_id``, ``to_id``, ``minutes``, each pair of neighbours once, both ways alike.
    fixed_minutes: part of every trip, whatever its length; added once a trip, never an edge.
    links, link_km_per_minute: a new point is joined to that many nearest areas at that speed.
    reach_km: a point further than this from every area is outside the network.

    A trip from a place to a point takes

        fixed + access(place) + shortest path + link + access(point)

    where access(point) is half the mean access of the areas it is joined to, the nearer counting
    more, and half the mean access of all areas: a guess drawn in, because what lies between a
    new place and its through roads is not known. A site's access is inside its edges, and its
    ``access_minutes`` is 0.
    """

    places: pd.DataFrame
    edges: pd.DataFrame
    fixed_minutes: float = 0.0
    links: int = 3
    link_km_per_minute: float = 0.4
    reach_km: float = 8.0

    def __post_init__(self) -> None:
        """Refuse tables that cannot be a network, listing everything wrong."""
        faults = _faults(self.places, self.edges, self.fixed_minutes)
        if faults:
            raise ValueError("not a road network: " + "; ".join(faults))

    def to_networkx(self) -> nx.Graph:
        """Undirected graph: nodes carry the columns of ``places``, edges carry ``minutes``."""
        graph = nx.Graph(fixed_minutes=self.fixed_minutes)
        for place_id, row in zip(self.places.index, self.places.to_dict("records"), strict=True):
            graph.add_node(place_id, **{str(key): value for key, value in row.items()})
        for from_id, to_id, minutes in zip(
            self.edges["from_id"], self.edges["to_id"], self.edges["minutes"], strict=True
        ):
            graph.add_edge(from_id, to_id, minutes=float(minutes))
        return graph

    def slowed(self, factor: float) -> RoadNetwork:
        """Return the network with every minute, the fixed ones too, multiplied by a factor."""
        made = object.__new__(RoadNetwork)  # what was checked when this one was made holds on
        for part in fields(self):
            object.__setattr__(made, part.name, getattr(self, part.name))
        slower = {
            "places": self.places.assign(access_minutes=self.places["access_minutes"] * factor),
            "edges": self.edges.assign(minutes=self.edges["minutes"] * factor),
            "fixed_minutes": self.fixed_minutes * factor,
            "link_km_per_minute": self.link_km_per_minute / factor,
        }
        for name, value in slower.items():
            object.__setattr__(made, name, value)
        return made

    def minutes_to(
        self, easting: float, northing: float, *, places: Iterable[str] | None = None
    ) -> pd.Series[float]:
        """Car minutes from every place (or only ``places``, ids) to a point, in metres.

        Raises ValueError if the point is far outside the network.
        """
        point = pd.DataFrame({"easting": [easting], "northing": [northing]}, index=["minutes"])
        return self.minutes_to_points(point, places=places)["minutes"]

    def minutes_to_points(
        self, points: pd.DataFrame, *, places: Iterable[str] | None = None
    ) -> pd.DataFrame:
        """Car minutes, places x points. points: index id; ``easting``, ``northing`` (metres)."""
        where = points[["easting", "northing"]].to_numpy(dtype=float)
        for easting, northing in where:
            self._check_inside(float(easting), float(northing))
        near, link_minutes = self.joined_to(points)
        starts, position = np.unique(near, return_inverse=True)
        position = position.reshape(near.shape)
        paths = dijkstra(self._graph, indices=starts)
        minutes = np.empty((len(self.places), len(points)))
        for column in range(len(points)):
            through = paths[position[column]] + link_minutes[column][:, None]
            minutes[:, column] = through.min(axis=0)
        minutes += self._access[:, None] + self.fixed_minutes
        table = pd.DataFrame(minutes, index=self.places.index, columns=points.index)
        return table if places is None else table.loc[list(places)]

    def joined_to(self, points: pd.DataFrame) -> tuple[Ints, Floats]:
        """Areas each point is joined to (positions in ``places``), and the minutes to each.

        The minutes hold the point's own access: points x links, twice.
        """
        where = points[["easting", "northing"]].to_numpy(dtype=float)
        count = min(self.links, len(self._areas))
        away, nearest = self._tree.query(where, k=count)
        away_km = np.asarray(away, dtype=float).reshape(len(points), count) / 1000.0
        near = self._areas[np.asarray(nearest).reshape(len(points), count)]
        closeness = 1.0 / (away_km + NEAR_KM)
        local = (closeness * self._access[near]).sum(axis=1) / closeness.sum(axis=1)
        access = 0.5 * local + 0.5 * self._access[self._areas].mean()
        return near, away_km / self.link_km_per_minute + access[:, None]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Least easting, least northing, greatest easting, greatest northing (metres)."""
        low, high = self._where.min(axis=0), self._where.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @cached_property
    def _where(self) -> Floats:
        return self.places[["easting", "northing"]].to_numpy(dtype=float)

    @cached_property
    def _access(self) -> Floats:
        return self.places["access_minutes"].to_numpy(dtype=float)

    @cached_property
    def _areas(self) -> Ints:
        if "kind" not in self.places.columns:
            return np.arange(len(self.places))
        return np.flatnonzero((self.places["kind"] != SITE).to_numpy())

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self._where[self._areas])

    @cached_property
    def _graph(self) -> csr_matrix:
        first = self.places.index.get_indexer(pd.Index(self.edges["from_id"]))
        second = self.places.index.get_indexer(pd.Index(self.edges["to_id"]))
        minutes = self.edges["minutes"].to_numpy(dtype=float)
        both = (np.r_[first, second], np.r_[second, first])
        return csr_matrix((np.r_[minutes, minutes], both), shape=(len(self.places),) * 2)

    def _check_inside(self, easting: float, northing: float) -> None:
        """Raise ValueError, saying what is likely wrong, if a point is far from every area."""
        if not (np.isfinite(easting) and np.isfinite(northing)):
            raise ValueError(f"easting {easting} and northing {northing} must both be numbers")
        away_km = float(self._tree.query([easting, northing])[0]) / 1000.0
        if away_km <= self.reach_km:
            return
        east_0, north_0, east_1, north_1 = self.extent
        message = (
            f"the point easting {easting:g}, northing {northing:g} is {away_km:,.0f} km from the "
            f"nearest area of the road network, which covers eastings {east_0:.0f} to "
            f"{east_1:.0f} and northings {north_0:.0f} to {north_1:.0f} (metres); no minutes can "
            f"be estimated more than {self.reach_km:g} km outside it"
        )
        swapped_km = float(self._tree.query([northing, easting])[0]) / 1000.0
        if abs(easting) <= 180.0 and abs(northing) <= 180.0:
            message += ". These look like degrees: give metres of the national grid"
        elif swapped_km <= self.reach_km:
            message += ". Easting and northing look swapped"
        raise ValueError(message)


def _faults(places: pd.DataFrame, edges: pd.DataFrame, fixed_minutes: float) -> list[str]:
    """Say everything that is wrong with the tables of a network."""
    faults = [
        f"{table} lacks the column {column}"
        for table, frame, columns in (
            ("places", places, ("easting", "northing", "access_minutes")),
            ("edges", edges, ("from_id", "to_id", "minutes")),
        )
        for column in columns
        if column not in frame.columns
    ]
    if faults:
        return faults
    if places.index.has_duplicates:
        faults.append(f"place {places.index[places.index.duplicated()][0]} is given twice")
    for column in ("easting", "northing", "access_minutes"):
        if not np.isfinite(places[column].to_numpy(dtype=float)).all():
            faults.append(f"places: {column} has missing values")
    if bool((places["access_minutes"] < 0).any()):
        faults.append("places: access_minutes must not be negative")
    unknown = sorted((set(edges["from_id"]) | set(edges["to_id"])) - set(places.index))
    if unknown:
        faults.append(f"edges name {len(unknown)} unknown places, the first {unknown[0]}")
    minutes = edges["minutes"].to_numpy(dtype=float)
    if not (np.isfinite(minutes) & (minutes > 0)).all():
        faults.append("edges: minutes must be above 0")
    pairs = [frozenset(p) for p in zip(edges["from_id"], edges["to_id"], strict=True)]
    if len(set(pairs)) < len(pairs) or any(len(p) == 1 for p in pairs):
        faults.append("edges: every pair of different places must be given once, either way round")
    if not (np.isfinite(fixed_minutes) and fixed_minutes >= 0):
        faults.append("fixed_minutes must be 0 or more")
    return faults
