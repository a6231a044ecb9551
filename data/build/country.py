"""All small areas of England and Wales with their neighbours and minutes, and networks of a part.

The same functions make the embedded network and its leave-one-out test.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geography
import numpy as np
import numpy.typing as npt
import pandas as pd
import sources
from scipy.spatial import cKDTree

from reconfig.network import Observations, Recovered, RoadNetwork, Settings, recover

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LONGEST_JOIN_METRES = 15_000.0
"""Areas whose centroids are further apart than this are not joined, touching or not."""

NEAREST_UNITS = 50
"""Units a network is fitted to."""

BUFFER_KM = 12.0
"""Areas this near to any zone or site belong to the network, for paths round the edge."""

FACTS = Path(__file__).parent / "facts"


@dataclass(frozen=True)
class Country:
    """areas: index area id; ``easting``, ``northing``, ``name``. pairs: edges x 2, positions of
    neighbours. units: index postcode; ``easting``, ``northing``. sites: the same for the sites of
    the region. minutes: areas x units, without the fixed part of a trip.
    """

    areas: pd.DataFrame
    pairs: Ints
    units: pd.DataFrame
    sites: pd.DataFrame
    minutes: pd.DataFrame

    @property
    def points(self) -> Floats:
        """Coordinates of the areas, areas x 2 (metres)."""
        return self.areas[["easting", "northing"]].to_numpy(dtype=float)


def load_country(shapes: Any | None = None, postcodes: pd.DataFrame | None = None) -> Country:
    """Read everything once. Areas without minutes to all units are left out, two in all.

    shapes, postcodes: what ``sources`` reads, where already at hand.
    """
    shapes = sources.read_areas() if shapes is None else shapes
    postcodes = sources.read_postcodes() if postcodes is None else postcodes
    minutes = sources.read_minutes(shapes) - sources.CALIBRATION_FIXED_MINUTES
    complete = minutes.notna().all(axis=1).to_numpy()
    shapes, minutes = shapes[complete], minutes[complete]
    areas = geography.postcode_centroids(shapes, postcodes)
    areas["name"] = shapes["name"]
    points = areas[["easting", "northing"]].to_numpy(dtype=float)
    touching = geography.contiguous_pairs(shapes)
    length = np.hypot(*(points[touching[:, 0]] - points[touching[:, 1]]).T)
    pairs = np.vstack(
        [
            touching[length <= LONGEST_JOIN_METRES],
            geography.delaunay_pairs(points, longest_metres=LONGEST_JOIN_METRES),
        ]
    )
    joined = pd.read_csv(FACTS / "sites.csv")["postcode"].str.replace(" ", "", regex=False)
    sites = postcodes.set_index("postcode")[["easting", "northing"]].loc[joined.tolist()]
    return Country(areas, np.unique(pairs, axis=0), sources.read_units(), sites, minutes)


def areas_within(country: Country, around: Floats, km: float, most: int | None = None) -> Ints:
    """Positions of the areas within ``km`` of any of these points, at most the ``most`` nearest."""
    away = cKDTree(around).query(country.points)[0] / 1000.0
    members = np.flatnonzero(away <= km)
    if most is not None and len(members) > most:
        members = members[np.argsort(away[members], kind="stable")[:most]]
    return np.sort(members)


def region_members(country: Country) -> Ints:
    """Positions of the areas of the embedded network: near a zone or a site, or both."""
    zone_ids = pd.read_csv(FACTS / "zones.csv")["lsoa_2011_code"]
    around = pd.concat([country.areas.loc[zone_ids], country.sites])[["easting", "northing"]]
    return areas_within(country, around.to_numpy(dtype=float), BUFFER_KM)


def observe(country: Country, members: Ints, units: list[str]) -> Observations:
    """What a fit may see: these areas, and their minutes to these units and to no other."""
    position = np.full(len(country.areas), -1)
    position[members] = np.arange(len(members))
    pairs = position[country.pairs]
    inside = (pairs >= 0).all(axis=1)
    border = np.zeros(len(members), dtype=bool)
    leaving = pairs[~inside].ravel()
    border[leaving[leaving >= 0]] = True
    return Observations(
        points=country.points[members],
        pairs=pairs[inside],
        border=border,
        source_points=country.units.loc[units, ["easting", "northing"]].to_numpy(dtype=float),
        minutes=country.minutes[units].to_numpy(dtype=float)[members],
    )


def as_network(
    country: Country, members: Ints, seen: Observations, found: Recovered, settings: Settings
) -> RoadNetwork:
    """The network of areas a fit has found (no sites yet)."""
    ids = country.areas.index[members]
    places = country.areas.loc[ids, ["easting", "northing"]].assign(
        access_minutes=found.access_minutes, kind="area"
    )
    edges = pd.DataFrame(
        {
            "from_id": ids[seen.pairs[:, 0]],
            "to_id": ids[seen.pairs[:, 1]],
            "minutes": found.edge_minutes,
        }
    )
    return RoadNetwork(
        places,
        edges,
        fixed_minutes=sources.CALIBRATION_FIXED_MINUTES,
        links=settings.links,
        link_km_per_minute=settings.link_km_per_minute,
    )


def nearest_units(country: Country, members: Ints, units: list[str]) -> list[str]:
    """The units nearest to the middle of these areas: further ones come in over the same roads."""
    middle = country.points[members].mean(axis=0)
    away = np.hypot(*(country.units.loc[units, ["easting", "northing"]].to_numpy() - middle).T)
    return [units[k] for k in np.argsort(away, kind="stable")[:NEAREST_UNITS]]


def fit_network(
    country: Country, members: Ints, units: list[str], settings: Settings
) -> tuple[RoadNetwork, pd.Series]:
    """Recover the network of these areas from their minutes to the nearest of these units.

    Also returns the fitted access minutes of the units inside the network, by postcode.
    """
    chosen = nearest_units(country, members, units)
    seen = observe(country, members, chosen)
    found = recover(seen, settings)
    access = pd.Series(found.source_access_minutes, index=[chosen[k] for k in found.inside])
    return as_network(country, members, seen, found, settings), access
