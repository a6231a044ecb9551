"""Zones x sites as arrays: the one place where labels become positions and back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from reconfig.core import Region, Service

# Grids that a region keeps at hand: a service or two, in a mode or two.
MOST_GRIDS = 4


@dataclass(frozen=True, eq=False)
class Journeys:
    """Journeys to be measured, as arrays that broadcast against each other.

    minutes: infinite where there is no way. cases: a year. is_candidate: whether the site is a
    candidate (not a neighbour). Either every zone to every site (zones x sites, zones x 1 and
    1 x sites), or every zone to where it is treated (all by zone).
    """

    service: Service
    minutes: np.ndarray
    cases: np.ndarray
    is_candidate: np.ndarray


@dataclass(frozen=True, eq=False)
class Grid:
    """One service's minutes and demand as arrays, rows by zone id and columns by site id.

    zones: ids in the region's order. sites: ids of candidates and always-open neighbours, sorted,
    which is also how ties are settled: equally near sites are taken in the order of their ids.
    minutes: zones x sites, infinite where there is no way. cases: a year, by zone.
    memo: what others worked out from these arrays and may want again.
    """

    region: Region
    service: Service
    zones: tuple[str, ...]
    sites: tuple[str, ...]
    minutes: np.ndarray
    cases: np.ndarray
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, region: Region, service: Service, mode: str | None = None) -> Grid:
        """Return the arrays of a service in a region, by the region's mode unless told.

        The region keeps the last few, so that a second solve does not sort every row again. The
        tables of regions and services are read-only arrays: writing to a table gives it another
        array, by which a grid that is no longer true is known.
        """
        minutes, demand = region.minutes(mode), service.demand
        key = (_address(minutes.to_numpy()), _address(demand.to_numpy()))
        for kept_key, kept in region.memo:
            if kept_key == key and kept.service is service:
                assert isinstance(kept, Grid)
                return kept
        sites = tuple(sorted({*service.candidates, *service.always_open}))
        values = minutes[list(sites)].to_numpy(float)
        found = cls(
            region,
            service,
            tuple(region.zones.index),
            sites,
            np.where(np.isnan(values), np.inf, values),
            demand.loc[region.zones.index].to_numpy(float),
        )
        # What the key is the address of is kept too, so that no other array can come to lie there.
        found.memo["tables"] = (minutes.to_numpy(), demand.to_numpy())
        region.memo[:] = [(key, found), *region.memo[: MOST_GRIDS - 1]]
        return found

    def columns(self, sites: Collection[str]) -> np.ndarray:
        """Return the column numbers of some sites, in the order of the columns."""
        return np.array([k for k, site in enumerate(self.sites) if site in sites], dtype=int)

    @cached_property
    def is_candidate(self) -> np.ndarray:
        """Which columns are candidates (the others are neighbours that are always open)."""
        chosen = set(self.service.candidates)
        return np.array([site in chosen for site in self.sites], dtype=bool)

    def nearest(self, open_candidates: Collection[str]) -> np.ndarray:
        """Return the column of each zone's nearest open site; -1 where none can be reached."""
        unknown = set(open_candidates).difference(self.service.candidates)
        if unknown:
            raise ValueError(
                f"{', '.join(sorted(unknown))}: not a candidate for {self.service.id}; "
                f"candidates: {', '.join(self.service.candidates)}"
            )
        columns = self.columns({*open_candidates, *self.service.always_open})
        if not len(columns):
            return np.full(len(self.zones), -1)
        part = self.minutes[:, columns]
        best = np.argmin(part, axis=1)  # the first of equals, and columns are sorted by id
        reached = np.isfinite(part[np.arange(len(part)), best])
        return np.where(reached, columns[best], -1)

    @cached_property
    def visiting_order(self) -> np.ndarray:
        """The columns by each zone's minutes (zones x columns), equals in the order of columns."""
        return np.argsort(self.minutes, axis=1, kind="stable").astype(np.int16)

    def every_journey(self) -> Journeys:
        """Return the journeys from every zone to every site."""
        candidates = self.is_candidate[None, :]
        return Journeys(self.service, self.minutes, self.cases[:, None], candidates)

    def journeys_to(self, treated_at: np.ndarray) -> Journeys:
        """Return each zone's journey to the site (column) where it is treated."""
        minutes = self.minutes[np.arange(len(self.zones)), treated_at]
        return Journeys(self.service, minutes, self.cases, self.is_candidate[treated_at])

    @property
    def everyone(self) -> dict[str, np.ndarray]:
        """One group without a name: all zones."""
        return {"": np.ones(len(self.zones), dtype=bool)}

    def rows_by(self, column: str) -> dict[str, np.ndarray]:
        """Return group -> which rows are in it, for any column of the zones table."""
        codes, groups = pd.factorize(self.region.zones[column], sort=True)
        return {str(group): codes == code for code, group in enumerate(groups)}


def _address(values: np.ndarray) -> int:
    return int(values.__array_interface__["data"][0])
