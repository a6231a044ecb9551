"""Zones x sites as arrays: the one place where labels become positions and back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from reconfig.core import Journeys, Region, Service

# Grids that a region keeps at hand: a service or two, in a mode or two.
MOST_GRIDS = 4


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

    @cached_property
    def today(self) -> np.ndarray:
        """The column of each zone's nearest site open today, or of any site where that is none.

        -1 where no site can be reached at all.
        """
        now = self.nearest(set(self.service.today).intersection(self.service.candidates))
        return np.where(now < 0, self.nearest(self.service.candidates), now)

    @cached_property
    def minutes_today(self) -> np.ndarray:
        """Minutes of each zone's journey today; infinite where there is none."""
        minutes = self.minutes[np.arange(len(self.zones)), self.today]
        return np.where(self.today < 0, np.inf, minutes)

    @cached_property
    def candidate_today(self) -> np.ndarray:
        """Whether each zone is treated at a candidate today."""
        return np.asarray(self.is_candidate[self.today] & (self.today >= 0))

    @cached_property
    def displaced(self) -> np.ndarray:
        """Which journeys (zones x columns) a zone makes only where its site of today is closed.

        Those that come later in its order than the one of today; none where it has none today.
        """
        return further_than(self.minutes, self.today)

    @cached_property
    def reference_minutes(self) -> float:
        """Today's mean journey of the cases that have one; 0 where there are no cases."""
        used = np.isfinite(self.minutes_today) & (self.cases > 0)
        cases = self.cases[used]
        return float(np.average(self.minutes_today[used], weights=cases)) if used.any() else 0.0

    @cached_property
    def onward(self) -> np.ndarray | None:
        """Minutes from each column's site to the nearest centre; None for models without centres.

        0 at a centre; infinite where there is no way.
        """
        centres = self.service.outcome.centres if self.service.outcome is not None else ()
        if not centres:
            return None
        between = self.region.between_sites().loc[list(self.sites), list(centres)]
        return between.min(axis=1).fillna(np.inf).to_numpy(float)

    def volumes(self, treated_at: np.ndarray) -> np.ndarray:
        """Return cases a year by column, for zones that are treated at these columns."""
        reached = treated_at >= 0
        return np.bincount(
            treated_at[reached], weights=self.cases[reached], minlength=len(self.sites)
        )

    def every_journey(self, number_open: int | None = None) -> Journeys:
        """Return the journeys from every zone to every site, with so many candidates open."""
        return Journeys(
            self.service.outcome,
            self.minutes,
            self.cases[:, None],
            self.is_candidate[None, :],
            self.minutes_today[:, None],
            self.candidate_today[:, None],
            self.displaced,
            self.reference_minutes,
            number_open,
            onward=None if self.onward is None else self.onward[None, :],
            onward_today=None if self.onward is None else self.onward[self.today][:, None],
        )

    def journeys_to(self, treated_at: np.ndarray, number_open: int | None = None) -> Journeys:
        """Return each zone's journey to the site (column) where it is treated."""
        return Journeys(
            self.service.outcome,
            self.minutes[np.arange(len(self.zones)), treated_at],
            self.cases,
            self.is_candidate[treated_at],
            self.minutes_today,
            self.candidate_today,
            self.displaced[np.arange(len(self.zones)), treated_at],
            self.reference_minutes,
            number_open,
            np.where(self.is_candidate, self.volumes(treated_at), np.nan)[treated_at],
            np.where(self.is_candidate, self.volumes(self.today), np.nan)[self.today],
            None if self.onward is None else self.onward[treated_at],
            None if self.onward is None else self.onward[self.today],
        )

    @property
    def everyone(self) -> dict[str, np.ndarray]:
        """One group without a name: all zones."""
        return {"": np.ones(len(self.zones), dtype=bool)}

    def rows_by(self, column: str) -> dict[str, np.ndarray]:
        """Return group -> which rows are in it, for any column of the zones table."""
        codes, groups = pd.factorize(self.region.zones[column], sort=True)
        return {str(group): codes == code for code, group in enumerate(groups)}

    def rows_of(self, only: tuple[str, str] | None) -> np.ndarray:
        """Return which rows have a value in a column of the zones table; all where None."""
        if only is None:
            return self.everyone[""]
        column, value = only
        return self.rows_by(column).get(value, np.zeros(len(self.cases), dtype=bool))

    def columns_of(self, sites: Collection[str], only: tuple[str, str] | None) -> np.ndarray:
        """Return the column numbers of some sites; of one service's, where `only` says which."""
        if only is None or only[0] != "service":
            return self.columns(sites)
        return self.columns({site for site in sites if site.startswith(f"{only[1]}@")})


def further_than(minutes: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return which sites (zones x columns) come later in a zone's order than one of its columns.

    Equals are in the order of columns. None does where the column is -1.
    """
    own = minutes[np.arange(len(minutes)), columns][:, None]
    later = np.arange(minutes.shape[1])[None, :] > columns[:, None]
    further = (minutes > own) | ((minutes == own) & later)
    return np.asarray(further & (columns >= 0)[:, None])


def _address(values: np.ndarray) -> int:
    return int(values.__array_interface__["data"][0])
