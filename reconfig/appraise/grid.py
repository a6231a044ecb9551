"""Rows x sites as arrays: the one place where labels become positions and back.

A row is a zone, or a share of its cases that chooses among the sites in an order of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from reconfig.appraise.routes import Ways, with_routes
from reconfig.appraise.rows import stacked, with_orders
from reconfig.core import Configuration, Journeys, Region, Service, refuse_alone
from reconfig.core.columns import Numbers
from reconfig.core.resources import CASE_COST

# Grids that a region keeps at hand: a service or two, in a mode or two.
MOST_GRIDS = 4
# Shares of a zone's cases add up to 1 to within this.
SUMS = 1e-9
# Stands for an array that follows from the others unless it is given.
FOLLOWS: Any = None


@dataclass(frozen=True, eq=False)
class Grid:
    """One service's minutes and demand as arrays, rows by zone id and columns by site id.

    zones: by row, the id of its zone; the zones in the region's order, unless rows say otherwise,
    and once each unless cases of a zone choose in orders of their own (`Service.choice`).
    sites: ids of candidates and always-open neighbours, sorted, which is also how ties are settled:
    equally near sites are taken in the order of their ids.
    minutes: rows x sites, infinite where there is no way: what every measure is made of.
    cases: a year, by row. memo: what others worked out from these arrays and may want again.
    zone: by row, the number of its zone in the region; 0, 1, 2 ... unless given.
    perceived: rows x sites, infinite where minutes are: what the cases of a row choose their site
    by, and so what "nearest" means throughout; the very same array as minutes unless given.
    usual: what they choose by today; the very same array as perceived unless given.
    ways: what the columns are where they are not the sites, but routes to them too (two tiers).
    """

    region: Region
    service: Service
    zones: tuple[str, ...]
    sites: tuple[str, ...]
    minutes: np.ndarray
    cases: np.ndarray
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)
    zone: np.ndarray = FOLLOWS
    perceived: np.ndarray = FOLLOWS
    usual: np.ndarray = FOLLOWS
    ways: Ways | None = None

    def __post_init__(self) -> None:
        if self.zone is FOLLOWS:
            object.__setattr__(self, "zone", np.arange(len(self.zones)))
        if self.perceived is FOLLOWS:
            object.__setattr__(self, "perceived", self.minutes)
        if self.usual is FOLLOWS:
            object.__setattr__(self, "usual", self.perceived)

    @classmethod
    def of(cls, region: Region, service: Service, mode: str | None = None) -> Grid:
        """Return the arrays of a service in a region, by the region's mode unless told.

        The region keeps the last few, so that a second solve does not sort every row again. The
        tables of regions and services are read-only arrays: writing to a table gives it another
        array, by which a grid that is no longer true is known. Raises InputError for a second tier
        by itself.
        """
        refuse_alone(service)
        minutes, demand = region.minutes(mode), service.demand
        key = (_address(minutes.to_numpy()), _address(demand.to_numpy()))
        for kept_key, kept in region.memo:
            if kept_key == key and kept.service is service:
                assert isinstance(kept, Grid)
                return kept
        sites = tuple(sorted({*service.candidates, *service.always_open}))
        values = minutes[list(sites)].to_numpy(float)
        zones = tuple(region.zones.index)
        values = np.where(np.isnan(values), np.inf, values)
        cases = demand.loc[region.zones.index].to_numpy(float)
        found = cls(region, service, zones, sites, values, cases)
        if service.choice is not None and service.choice.minutes > 0:
            found = with_orders(found, service.choice)
        if any(part.choice is not None for part in service.parts):
            found = stacked(found)
        if any(part.tier is not None for part in service.parts):
            found = with_routes(found)
        # What the key is the address of is kept too, so that no other array can come to lie there.
        found.memo["tables"] = (minutes.to_numpy(), demand.to_numpy())
        region.memo[:] = [(key, found), *region.memo[: MOST_GRIDS - 1]]
        return found

    def under(self, configuration: Configuration) -> Grid:
        """Return the grid whose rows are the flows of a configuration, itself where it has none.

        Raises ValueError where the service's patients are not directed, or flows are of zones or
        sites that are not there, or do not add up to all cases of each zone.
        """
        flows = configuration.flows.get(self.service.id)
        if flows is None:
            return self
        if not self.service.is_directed:
            raise ValueError(
                f"the configuration says who goes where, but patients of {self.service.id} are not "
                "directed: use service.directed()"
            )
        numbers = {zone: k for k, zone in enumerate(self.zones)}
        places = {site: k for k, site in enumerate(self.sites)}
        strange = [f for f in flows if f[0] not in numbers or f[1] not in places or not f[2] >= 0]
        zone = np.array([numbers[z] for z, _, _ in flows if not strange], dtype=int)
        share = np.array([s for _, _, s in flows if not strange])
        if strange:
            raise ValueError(f"a flow that cannot be: {strange[0]} (zone, site, share)")
        sent = np.bincount(zone, weights=share, minlength=len(self.zones))
        wrong = np.flatnonzero(np.abs(sent - 1.0) > SUMS)
        if wrong.size:
            raise ValueError(f"the flows of zone {self.zones[wrong[0]]} do not add up to 1")
        at = np.array([places[s] for _, s, _ in flows], dtype=int)
        minutes, rows = self.minutes[zone], np.arange(len(zone))
        perceived = np.full(minutes.shape, np.inf)
        perceived[rows, at] = minutes[rows, at]
        return Grid(
            self.region,
            self.service,
            tuple(z for z, _, _ in flows),
            self.sites,
            minutes,
            self.cases[zone] * share,
            zone=self.zone[zone],
            perceived=perceived,
            usual=minutes,
        )

    @property
    def by_minutes(self) -> bool:
        """Whether every row's cases go to the site that is truly the nearest."""
        return self.perceived is self.minutes

    @cached_property
    def noise(self) -> np.ndarray:
        """Minutes that each row's cases see a site further off than it is (rows x sites)."""
        away = np.isfinite(self.minutes)
        nothing = np.zeros(self.minutes.shape)
        return np.asarray(np.subtract(self.perceived, self.minutes, out=nothing, where=away))

    def columns(self, sites: Collection[str]) -> np.ndarray:
        """Return the column numbers of some sites, in the order of the columns."""
        return np.array([k for k, site in enumerate(self.sites) if site in sites], dtype=int)

    @cached_property
    def is_candidate(self) -> np.ndarray:
        """Which sites are candidates (the others are neighbours that are always open)."""
        chosen = set(self.service.candidates)
        return np.array([site in chosen for site in self.sites], dtype=bool)

    def through(self, sites: np.ndarray) -> np.ndarray:
        """Return which columns some sites (boolean) are enough for: those sites, unless `ways`."""
        return sites if self.ways is None else self.ways.through(sites)

    def places(self, treated_at: np.ndarray) -> np.ndarray:
        """Return by row the number of the site that its column leads to; -1 stays -1."""
        return treated_at if self.ways is None else self.ways.places(treated_at)

    def by_place(self, values: np.ndarray) -> np.ndarray:
        """Return for rows x columns the value of the site where the row would be treated.

        1 x columns, where that is the same for every row.
        """
        if self.ways is None:
            return values[None, :]
        return np.asarray(values[self.ways.place[self.ways.kind]])

    @cached_property
    def _at_candidate(self) -> np.ndarray:
        """Which columns lead to a candidate; of one service's own grid."""
        return self.is_candidate if self.ways is None else self.is_candidate[self.ways.place[0]]

    def nearest(self, open_candidates: Collection[str]) -> np.ndarray:
        """Return the column of each row's nearest open site; -1 where none can be reached."""
        return self._nearest(open_candidates, self.perceived)

    def nearest_as_usual(self, open_candidates: Collection[str]) -> np.ndarray:
        """Return the same as things are today: nobody is directed."""
        return self._nearest(open_candidates, self.usual)

    def _nearest(self, open_candidates: Collection[str], seen: np.ndarray) -> np.ndarray:
        unknown = set(open_candidates).difference(self.service.candidates)
        if unknown:
            raise ValueError(
                f"{', '.join(sorted(unknown))}: not a candidate for {self.service.id}; "
                f"candidates: {', '.join(self.service.candidates)}"
            )
        opened = np.zeros(len(self.sites), dtype=bool)
        opened[self.columns({*open_candidates, *self.service.always_open})] = True
        columns = np.flatnonzero(self.through(opened))
        if not len(columns):
            return np.full(len(self.zones), -1)
        part = seen[:, columns]
        best = np.argmin(part, axis=1)  # the first of equals, and columns are sorted by id
        reached = np.isfinite(part[np.arange(len(part)), best])
        return np.where(reached, columns[best], -1)

    @cached_property
    def visiting_order(self) -> np.ndarray:
        """The columns, each row's nearest first (rows x columns), equals in their own order."""
        return np.argsort(self.perceived, axis=1, kind="stable").astype(np.int16)

    @cached_property
    def today(self) -> np.ndarray:
        """The column of each row's nearest site open today, or of any site where that is none.

        -1 where no site can be reached at all.
        """
        if self.ways is not None and self.ways.today is not None:
            return self.ways.today
        service = self.service
        now = self.nearest_as_usual(set(service.today).intersection(service.candidates))
        return np.where(now < 0, self.nearest_as_usual(service.candidates), now)

    @cached_property
    def minutes_today(self) -> np.ndarray:
        """Minutes of each row's journey today; infinite where there is none."""
        minutes = self.minutes[np.arange(len(self.zones)), self.today]
        return np.where(self.today < 0, np.inf, minutes)

    @cached_property
    def candidate_today(self) -> np.ndarray:
        """Whether each row is treated at a candidate today."""
        return np.asarray(self._at_candidate[self.today] & (self.today >= 0))

    @cached_property
    def volumes_today(self) -> np.ndarray:
        """Cases a year at the candidate where each zone is treated today; NaN at a neighbour."""
        volumes = np.where(self.is_candidate, self.volumes(self.today), np.nan)
        return np.asarray(volumes[self.places(self.today)])

    @cached_property
    def displaced(self) -> np.ndarray:
        """Which journeys (rows x columns) a row makes only where its site of today is closed.

        Those that come later in its order than the one of today; none where it has none today. Who
        is directed may have to make them anyhow, and counts as displaced all the same.
        """
        later = further_than(self.usual, self.today)
        if self.ways is None:
            return later
        # By another route to the same site is no other site.
        other = self.ways.place[0][None, :] != self.places(self.today)[:, None]
        return np.asarray(later & other)

    @cached_property
    def reference_minutes(self) -> float:
        """Today's mean journey of the cases that have one; 0 where there are no cases."""
        used = np.isfinite(self.minutes_today) & (self.cases > 0)
        cases = self.cases[used]
        return float(np.average(self.minutes_today[used], weights=cases)) if used.any() else 0.0

    @cached_property
    def onward(self) -> np.ndarray | None:
        """Minutes from each column's site to the nearest centre; None for models without centres.

        0 at a centre; infinite where there is no way. Of two tiers, to the centre of the route.
        """
        if self.ways is not None:
            return self.ways.onward
        centres = self.service.outcome.centres if self.service.outcome is not None else ()
        if not centres:
            return None
        between = self.region.between_sites().loc[list(self.sites), list(centres)]
        return between.min(axis=1).fillna(np.inf).to_numpy(float)

    def of_sites(self, column: str) -> np.ndarray:
        """Return the numbers of a column of the sites table by column of the grid.

        0 where there is no such column; NaN where a site has no number in it.
        """
        kept: dict[str, np.ndarray] = self.memo.setdefault("of sites", {})
        if column not in kept:
            sites = self.region.sites
            if column in sites.columns:
                kept[column] = Numbers.of(sites.loc[list(self.sites), column]).values
            else:
                kept[column] = np.zeros(len(self.sites))
        return kept[column]

    def volumes(self, treated_at: np.ndarray) -> np.ndarray:
        """Return cases a year by column, for rows that are treated at these columns."""
        places = self.places(treated_at)
        reached = places >= 0
        return np.bincount(places[reached], weights=self.cases[reached], minlength=len(self.sites))

    def every_journey(
        self, number_open: int | None = None, volumes: np.ndarray | None = None
    ) -> Journeys:
        """Return the journeys from every row to every site, with so many candidates open.

        volumes: cases a year by column that are taken to be treated there, where that matters.
        """
        here = None if volumes is None else np.where(self.is_candidate, volumes, np.nan)
        return Journeys(
            self.service.outcome,
            self.minutes,
            self.cases[:, None],
            self._at_candidate[None, :],
            self.minutes_today[:, None],
            self.candidate_today[:, None],
            self.displaced,
            self.reference_minutes,
            number_open,
            None if here is None else self.by_place(here),
            self.volumes_today[:, None],
            onward=None if self.onward is None else self.onward[None, :],
            onward_today=None if self.onward is None else self.onward[self.today][:, None],
            case_cost=self.by_place(self.of_sites(CASE_COST)),
        )

    def journeys_to(self, treated_at: np.ndarray, number_open: int | None = None) -> Journeys:
        """Return each row's journey to the site (column) where it is treated."""
        place = self.places(treated_at)
        return Journeys(
            self.service.outcome,
            self.minutes[np.arange(len(self.zones)), treated_at],
            self.cases,
            self._at_candidate[treated_at],
            self.minutes_today,
            self.candidate_today,
            self.displaced[np.arange(len(self.zones)), treated_at],
            self.reference_minutes,
            number_open,
            np.where(self.is_candidate, self.volumes(treated_at), np.nan)[place],
            self.volumes_today,
            None if self.onward is None else self.onward[treated_at],
            None if self.onward is None else self.onward[self.today],
            self.of_sites(CASE_COST)[place],
        )

    @property
    def everyone(self) -> dict[str, np.ndarray]:
        """One group without a name: all rows."""
        return {"": np.ones(len(self.zones), dtype=bool)}

    def rows_by(self, column: str) -> dict[str, np.ndarray]:
        """Return group -> which rows are in it, for any column of the zones table."""
        codes, groups = pd.factorize(self.region.zones[column], sort=True)
        by_row = codes[self.zone]
        return {str(group): by_row == code for code, group in enumerate(groups)}

    def rows_of(self, only: Collection[tuple[str, str]]) -> np.ndarray:
        """Return which rows have every one of some values in columns of the zones table."""
        rows = self.everyone[""]
        for column, value in only:
            rows = rows & self.rows_by(column).get(value, np.zeros(len(rows), dtype=bool))
        return rows

    def columns_of(self, sites: Collection[str], only: Collection[tuple[str, str]]) -> np.ndarray:
        """Return the column numbers of some sites; of one service's, where `only` says which."""
        begins = [f"{value}@" for column, value in only if column == "service"]
        return self.columns({site for site in sites if all(map(site.startswith, begins))})


def further_than(minutes: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return which sites (rows x columns) come later in a row's order than one of its columns.

    Equals are in the order of columns. None does where the column is -1.
    """
    own = minutes[np.arange(len(minutes)), columns][:, None]
    later = np.arange(minutes.shape[1])[None, :] > columns[:, None]
    further = (minutes > own) | ((minutes == own) & later)
    return np.asarray(further & (columns >= 0)[:, None])


def _address(values: np.ndarray) -> int:
    return int(values.__array_interface__["data"][0])
