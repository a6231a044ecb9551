"""A region: zones, sites, travel times, and what is known about where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from reconfig.core.check_coordinates import default_crs
from reconfig.core.checks import check_catchments, check_demand, check_region
from reconfig.core.configuration import Configuration
from reconfig.core.faults import Faults, InputError, listing, suggestion
from reconfig.core.service import Service

if TYPE_CHECKING:
    import geopandas as gpd

# Text columns with more values than this are names, not groups.
MOST_GROUPS = 120


class TravelTimeEstimator(Protocol):
    """Something that can say how far every zone is from a new place: a road network, say."""

    def minutes_to(self, easting: float, northing: float) -> pd.Series[float]:
        """Return minutes from each place of the network (index: place ids) to a point."""


@dataclass(frozen=True, eq=False, repr=False)
class Region:
    """All that is given: places, minutes, groups, services and sources.

    zones: one row a zone (index zone_id), with any numeric or text columns.
    sites: one row a site (index site_id): name, short_name, in_scope (bool), proposed (bool: it
    hosts nothing today), time_kind ("observed", "estimated" or "as supplied"),
    time_error_minutes (NaN where not known), and easting and northing where known.
    travel_times: mode -> minutes, zones x sites; a missing value means "cannot be reached".
    boundaries: layer name -> shapes, for maps only. network: estimates minutes to new places.
    catchment: which zones count (a name in `catchments`), "" where all do.
    sha256: file name -> hash of the file it was read from. left_out: sentences on what the source
    has and the region has not. year: that demand was grown to, None where it is as in the data.
    site_minutes: minutes from site to site, where more zones than these say them (see
    `between_sites`). register: the assumptions that it rests on, by id. assumptions: id -> (the
    register's own value, the value used) of those that were changed. physical: the region itself,
    where this one holds every zone and site once for each of several services. memo: arrays kept
    for the next solve.
    """

    name: str
    zones: pd.DataFrame
    sites: pd.DataFrame
    travel_times: Mapping[str, pd.DataFrame]
    default_mode: str = "car"
    crs: str | None = None
    boundaries: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    network: TravelTimeEstimator | None = None
    network_error_minutes: float | None = None
    services: Mapping[str, Service] = field(default_factory=dict)
    catchment: str = ""
    catchments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: tuple[Mapping[str, str], ...] = ()
    sha256: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    site_minutes: pd.DataFrame | None = None
    year: int | None = None
    register: Mapping[str, Any] = field(default_factory=dict)
    assumptions: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    physical: Region | None = None
    memo: list[Any] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        frozen = {mode: _read_only(table) for mode, table in self.travel_times.items()}
        object.__setattr__(self, "travel_times", MappingProxyType(frozen))
        for name in ("services", "catchments", "sha256", "assumptions"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        if isinstance(self.boundaries, dict):  # others are read when they are asked for
            object.__setattr__(self, "boundaries", MappingProxyType(self.boundaries))

    @classmethod
    def from_tables(
        cls,
        zones: pd.DataFrame,
        sites: pd.DataFrame,
        travel_times: pd.DataFrame | Mapping[str, pd.DataFrame],
        *,
        name: str = "region",
        crs: str | None = None,
        **more: Any,
    ) -> Region:
        """Return a region from tables, checked as a region folder would be.

        zones: `zone_id` as column or index, then any columns; sites: `site_id` likewise, `name`,
        `in_scope`; travel_times: one row a zone, one column a site, minutes, or a mapping of
        mode -> such a table (a single table is mode "car"). crs: "EPSG:4326" for coordinates in
        degrees; metres of the British National Grid where it is left out.
        more: default_mode, boundaries, network, catchments and the other fields of a region.
        Raises InputError, listing every fault.
        """
        tables = travel_times if isinstance(travel_times, Mapping) else {"car": travel_times}
        faults = Faults()
        crs = _crs_text(crs, faults)
        checked = check_region(zones, sites, tables, faults, crs=crs)
        mode = more.setdefault("default_mode", next(iter(tables), "car"))
        if tables and mode not in tables:
            hint = suggestion(mode, tables)
            faults.add("region", "default_mode", f"'{mode}'", "a mode with a table", hint)
        check_catchments(more.get("catchments", {}), checked.zones, faults, file="region")
        faults.raise_if_any()
        crs = crs or default_crs(checked.zones, checked.sites)
        return cls(name, checked.zones, checked.sites, checked.travel_times, crs=crs, **more)

    def minutes(self, mode: str | None = None) -> pd.DataFrame:
        """Return the zones x sites table of minutes of a mode (default: the region's own)."""
        chosen = mode or self.default_mode
        if chosen not in self.travel_times:
            raise unknown(self.name, "mode", chosen, self.travel_times)
        return self.travel_times[chosen]

    def between_sites(self) -> pd.DataFrame:
        """Return minutes from site to site (rows: from; columns: to), 0 on the diagonal.

        From a site as from the zone that is nearest to it, in the region's own mode; NaN where
        there is no way. Zones that a catchment leaves out are used all the same.
        """
        table = self.minutes()
        if self.site_minutes is not None and set(table.columns) <= set(self.site_minutes.index):
            return self.site_minutes.loc[table.columns, table.columns]
        values = table.to_numpy(float)
        near = np.where(np.isnan(values), np.inf, values).argmin(axis=0)
        found = values[near]
        found[np.isnan(values).all(axis=0)] = np.nan
        np.fill_diagonal(found, 0.0)
        return pd.DataFrame(found, index=table.columns, columns=table.columns)

    def service(self, service_id: str) -> Service:
        """Return one of the region's services by its id; raise InputError if there is none."""
        if service_id not in self.services:
            raise unknown(self.name, "service", service_id, self.services)
        return self.services[service_id]

    def define_service(self, service_id: str, *, demand: str, name: str = "") -> Service:
        """Return a service whose demand is a column of the zones table, in cases a year.

        Every site in scope is a candidate, and counts as open today unless it is proposed; the
        others are always open. Raises InputError if the column is not one of cases a year.
        """
        faults = Faults()
        if self.year is not None:
            found = (
                f"{self.year}, but column '{demand}' says nothing of ages, by which demand grows"
            )
            faults.add(self.name, "year", found, "a region loaded without a year")
        cases = check_demand(self.zones, demand, faults, file=self.name, place="demand")
        faults.raise_if_any()
        assert cases is not None
        in_scope, proposed = self.sites["in_scope"], self.sites["proposed"]
        return Service(
            id=service_id,
            name=name or service_id.replace("-", " ").capitalize(),
            demand=cases.rename("cases_per_year"),
            candidates=tuple(sorted(self.sites.index[in_scope])),
            always_open=tuple(sorted(self.sites.index[~in_scope])),
            today=tuple(sorted(self.sites.index[in_scope & ~proposed])),
            demand_basis=f"column '{demand}' of the zones table, cases a year",
        )

    def today(self, service: Service) -> Configuration:
        """Return the configuration of today: the candidates that host the service now."""
        return Configuration.of(service.id, service.today, name="Today")

    @property
    def groups(self) -> tuple[str, ...]:
        """Zone columns that put every zone in one of a few groups: district, say."""
        text = self.zones.select_dtypes(exclude="number").drop(columns="name", errors="ignore")
        return tuple(
            str(column)
            for column, values in text.items()
            if 1 < values.nunique() <= MOST_GROUPS and not (values == "").any()
        )

    @property
    def who_counts(self) -> str:
        """Say in words whose journeys and cases count."""
        if self.physical is not None:  # the same zones, once for each service
            return self.physical.who_counts
        counted = f"{len(self.zones):,} zones"
        return f"{self.catchment}, {counted}" if self.catchment else counted

    def for_catchment(self, catchment: str) -> Region:
        """Return the region with only the zones that count under a named catchment.

        Raises InputError if the region has no such catchment, or was narrowed to another: the
        zones that do not count there are gone, and the region has to be loaded again.
        """
        if catchment not in self.catchments:
            raise unknown(self.name, "catchment", catchment, self.catchments)
        if self.catchment not in ("", catchment):
            faults = Faults()
            faults.add(
                self.name,
                "catchment",
                f"the region holds the zones of '{self.catchment}' only",
                f"a region loaded with catchment='{catchment}'",
                f'Write load_region("...", catchment="{catchment}").',
            )
            raise InputError(faults.found)
        inside = self.zones["catchment"].isin(self.catchments[catchment])
        kept = self.zones.index[inside]
        return replace(
            self,
            zones=self.zones.loc[kept],
            travel_times={m: t.loc[kept] for m, t in self.travel_times.items()},
            services={
                key: replace(s, demand=s.demand.loc[kept]) for key, s in self.services.items()
            },
            catchment=catchment,
            site_minutes=self.between_sites(),
        )

    def with_site(
        self,
        site_id: str,
        name: str,
        *,
        easting: float,
        northing: float,
        short_name: str = "",
        mode: str | None = None,
    ) -> Region:
        """Return the region with one more candidate, its times computed from the road network.

        easting, northing: metres in the region's coordinates. The new site is in scope, hosts
        nothing today, and its times say that they are estimated, with the network's error. Take the
        service from the region returned, whose candidates include the new site; it has the minutes
        of that mode only: the network knows no other.
        Raises InputError if the id is taken, the region has no network or the place is outside it.
        """
        chosen = mode or self.default_mode
        table = self.minutes(chosen)
        site_id = str(site_id).strip()
        table = table.assign(**{site_id: self._minutes_to_new(site_id, easting, northing)})
        row = dict.fromkeys(self.sites.columns, "") | {
            "name": name or site_id,
            "short_name": short_name or name or site_id,
            "in_scope": True,
            "proposed": True,
            "time_kind": "estimated",
            "time_error_minutes": self.network_error_minutes,
        }
        if "easting" in self.sites.columns:
            row |= {"easting": float(easting), "northing": float(northing)}
        added = pd.DataFrame([row], index=pd.Index([site_id], name="site_id"))
        sites = pd.concat([self.sites, added.astype(self.sites.dtypes.to_dict())])
        services = {
            key: replace(s, candidates=tuple(sorted((*s.candidates, site_id))))
            for key, s in self.services.items()
        }
        wider = replace(
            self,
            sites=sites,
            travel_times={chosen: table},
            default_mode=chosen,
            services=services,
            site_minutes=None,
        )
        if self.site_minutes is None or chosen != self.default_mode:
            return wider
        between, known = wider.between_sites(), self.site_minutes
        between.loc[known.index, known.columns] = known
        return replace(wider, site_minutes=between)

    def _minutes_to_new(self, site_id: str, easting: float, northing: float) -> pd.Series[float]:
        """Return every zone's minutes to a new site, NaN where there is no way; or refuse it."""
        faults = Faults()
        place = f"site '{site_id}'"
        if site_id == "":
            faults.add(self.name, "with_site", "no id for the new site", "an id not in use")
        elif site_id in self.sites.index:
            faults.add(self.name, place, "the id is taken", "an id not in use")
        if self.network is None:
            faults.add(
                self.name,
                "with_site",
                "the region has no road network",
                "a region with network.csv",
                "Add the site to the sites and travel-time tables instead.",
            )
        faults.raise_if_any()
        assert self.network is not None
        try:
            minutes = self.network.minutes_to(float(easting), float(northing))
        except (TypeError, ValueError) as problem:
            faults.add(self.name, place, str(problem), "easting and northing inside the region")
            raise InputError(faults.found) from problem
        absent = self.zones.index.difference(minutes.index)
        if len(absent):
            found = f"the road network lacks zone {listing(absent)}"
            faults.add(self.name, place, found, "a road network with every zone")
        found_way = minutes.reindex(self.zones.index).replace(float("inf"), float("nan"))
        if not len(absent) and found_way.isna().all():
            faults.add(self.name, place, "no zone can reach it", "a place on the road network")
        faults.raise_if_any()
        return found_way

    def site_names(self, ids: Iterable[str]) -> list[str]:
        """Return the short names of sites, in the order of the ids given."""
        names = self.sites["short_name"]
        return [str(names[site]) for site in ids]

    @property
    def estimated_sites(self) -> tuple[str, ...]:
        """Ids of the sites whose travel times are estimates rather than observed."""
        return tuple(self.sites.index[self.sites["time_kind"] == "estimated"])

    def __repr__(self) -> str:
        return f"<Region {self.name}: {self.who_counts}, {len(self.sites)} sites>"

    def _repr_html_(self) -> str:
        from reconfig.report.displays import region_display

        return region_display(self)


def _read_only(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of numbers on one array that cannot be written to."""
    values = table.to_numpy(dtype=float)
    if values.flags.writeable:
        values = values.copy()
        values.flags.writeable = False
    return pd.DataFrame(values, index=table.index, columns=table.columns, copy=False)


def _crs_text(crs: Any, faults: Faults) -> str | None:
    if crs is None or isinstance(crs, str):
        return crs
    faults.add("region", "crs", f"{crs!r}", 'a text, such as "EPSG:27700"')
    return None


def unknown(file: str, what: str, found: str, known: Iterable[str]) -> InputError:
    """Return the error of a name that is not among those known."""
    names = tuple(known)
    expected = (
        f"a known {what}" if names else f"a region that brings a {what}; this one brings none"
    )
    faults = Faults()
    faults.add(file, what, f"'{found}' is not there", expected, suggestion(found, names))
    return InputError(faults.found)
