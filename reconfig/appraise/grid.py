"""Zones x sites as arrays: the one place where labels become positions and back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reconfig.core import Region, Service


@dataclass(frozen=True, eq=False)
class Grid:
    """One service's minutes and demand as arrays, rows by zone id and columns by site id.

    zones: ids in the region's order. sites: ids of candidates and always-open neighbours, sorted,
    which is also how ties are settled: equally near sites are taken in the order of their ids.
    minutes: zones x sites, infinite where there is no way. cases: a year, by zone.
    """

    region: Region
    service: Service
    zones: tuple[str, ...]
    sites: tuple[str, ...]
    minutes: np.ndarray
    cases: np.ndarray

    @classmethod
    def of(cls, region: Region, service: Service, mode: str | None = None) -> Grid:
        """Return the arrays of a service in a region, by the region's mode unless told."""
        sites = tuple(sorted({*service.candidates, *service.always_open}))
        minutes = region.minutes(mode)[list(sites)].to_numpy(float)
        return cls(
            region,
            service,
            tuple(region.zones.index),
            sites,
            np.where(np.isnan(minutes), np.inf, minutes),
            service.demand.loc[region.zones.index].to_numpy(float),
        )

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

    @property
    def everyone(self) -> dict[str, np.ndarray]:
        """One group without a name: all zones."""
        return {"": np.ones(len(self.zones), dtype=bool)}

    def rows_by(self, column: str) -> dict[str, np.ndarray]:
        """Return group -> which rows are in it, for any column of the zones table."""
        values = self.region.zones[column]
        return {str(g): (values == g).to_numpy() for g in sorted(values.unique())}
