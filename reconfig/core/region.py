"""A region: zones, sites, travel times, and what is known about where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from reconfig.core.checks import check_region
from reconfig.core.configuration import Configuration
from reconfig.core.faults import Faults, InputError, suggestion
from reconfig.core.service import Service

if TYPE_CHECKING:
    import geopandas as gpd

# Text columns with more values than this are names, not groups.
MOST_GROUPS = 60


class TravelTimeEstimator(Protocol):
    """Something that can say how far every zone is from a new place: a road network, say."""

    def minutes_to(self, easting: float, northing: float) -> pd.Series[float]:
        """Return minutes from each place of the network (index: place ids) to a point."""


@dataclass(frozen=True, eq=False)
class Region:
    """All that is given: places, minutes, groups, services and sources.

    zones: one row a zone (index zone_id), with any numeric or text columns.
    sites: one row a site (index site_id): name, short_name, in_scope (bool), time_kind
    ("observed" or "estimated"), time_error_minutes, and easting and northing where known.
    travel_times: mode -> minutes, zones x sites; a missing value means "cannot be reached".
    boundaries: layer name -> shapes, for maps only. network: estimates minutes to new places.
    catchment: which zones count (a name in `catchments`), "" where all do.
    sha256: file name -> hash of the file it was read from.
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

    def __post_init__(self) -> None:
        for name in ("travel_times", "boundaries", "services", "catchments", "sha256"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

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
        mode -> such a table (a single table is mode "car").
        Raises InputError, listing every fault.
        """
        tables = {"car": travel_times} if isinstance(travel_times, pd.DataFrame) else travel_times
        faults = Faults()
        checked = check_region(zones, sites, tables, faults, crs=crs)
        faults.raise_if_any()
        more.setdefault("default_mode", next(iter(checked.travel_times)))
        return cls(name, checked.zones, checked.sites, checked.travel_times, crs=crs, **more)

    def minutes(self, mode: str | None = None) -> pd.DataFrame:
        """Return the zones x sites table of minutes of a mode (default: the region's own)."""
        chosen = mode or self.default_mode
        if chosen not in self.travel_times:
            raise _unknown(self.name, "mode", chosen, self.travel_times)
        return self.travel_times[chosen]

    def service(self, service_id: str) -> Service:
        """Return one of the region's services by its id; raise InputError if there is none."""
        if service_id not in self.services:
            raise _unknown(self.name, "service", service_id, self.services)
        return self.services[service_id]

    def define_service(self, service_id: str, *, demand: str, name: str = "") -> Service:
        """Return a service whose demand is a column of the zones table, in cases a year.

        Every site in scope is a candidate and counts as open today; the others are always open.
        """
        if demand not in self.zones.columns or not pd.api.types.is_numeric_dtype(
            self.zones[demand]
        ):
            numeric = self.zones.select_dtypes("number").columns
            raise _unknown(self.name, "numeric zone column (demand)", demand, numeric)
        in_scope = self.sites["in_scope"]
        candidates = tuple(sorted(self.sites.index[in_scope]))
        return Service(
            id=service_id,
            name=name or service_id.replace("-", " ").capitalize(),
            demand=self.zones[demand].astype(float).rename("cases_per_year"),
            candidates=candidates,
            always_open=tuple(sorted(self.sites.index[~in_scope])),
            today=candidates,
            demand_basis=f"column '{demand}' of the zones table, cases a year",
        )

    def today(self, service: Service) -> Configuration:
        """Return the configuration of today: the candidates that host the service now."""
        return Configuration.of(service.id, service.today, name="Today")

    @property
    def groups(self) -> tuple[str, ...]:
        """Zone columns that put every zone in one of a few groups: district, say."""
        text = self.zones.select_dtypes(exclude="number").columns
        return tuple(c for c in text if c != "name" and 1 < self.zones[c].nunique() <= MOST_GROUPS)

    @property
    def who_counts(self) -> str:
        """Say in words whose journeys and cases count."""
        counted = f"{len(self.zones):,} zones"
        return f"{self.catchment}, {counted}" if self.catchment else counted

    def for_catchment(self, catchment: str) -> Region:
        """Return the region with only the zones that count under a named catchment."""
        if catchment not in self.catchments:
            raise _unknown(self.name, "catchment", catchment, self.catchments)
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
        nothing today, and its times say that they are estimated, with the network's error.
        Raises InputError if the id is taken, the region has no network or the place is outside it.
        """
        faults = Faults()
        if site_id in self.sites.index:
            faults.add(self.name, f"site '{site_id}'", "the id is taken", "an id not in use")
        if self.network is None:
            faults.add(
                self.name,
                "with_site",
                "the region has no road network",
                "a region with network.csv",
                "Add the site to the travel-time table.",
            )
        faults.raise_if_any()
        assert self.network is not None
        try:
            minutes = self.network.minutes_to(easting, northing)
        except ValueError as problem:
            faults.add(self.name, f"site '{site_id}'", str(problem), "a place in the region")
            raise InputError(faults.found) from problem
        chosen = mode or self.default_mode
        row = dict.fromkeys(self.sites.columns, "") | {
            "name": name,
            "short_name": short_name or name,
            "in_scope": True,
            "easting": easting,
            "northing": northing,
            "time_kind": "estimated",
            "time_error_minutes": self.network_error_minutes,
        }
        sites = pd.concat([self.sites, pd.DataFrame([row], index=[site_id])])
        sites.index.name = "site_id"
        table = self.minutes(chosen).assign(**{site_id: minutes.reindex(self.zones.index).round(1)})
        services = {
            key: replace(s, candidates=tuple(sorted((*s.candidates, site_id))))
            for key, s in self.services.items()
        }
        return replace(
            self,
            sites=sites.astype({"in_scope": bool}),
            travel_times={**self.travel_times, chosen: table},
            services=services,
        )

    def site_names(self, ids: Iterable[str]) -> list[str]:
        """Return the short names of sites, in the order of the ids given."""
        return [str(self.sites.loc[site, "short_name"]) for site in ids]

    @property
    def estimated_sites(self) -> tuple[str, ...]:
        """Ids of the sites whose travel times are estimates rather than observed."""
        return tuple(self.sites.index[self.sites["time_kind"] == "estimated"])

    def _repr_html_(self) -> str:
        modes = ", ".join(self.travel_times)
        return (
            f"<b>{self.name}</b>: {len(self.zones):,} zones ({self.who_counts}), "
            f"{int(self.sites['in_scope'].sum())} sites in scope and "
            f"{int((~self.sites['in_scope']).sum())} neighbours; minutes by {modes}; times to "
            f"{len(self.estimated_sites)} sites are estimates; "
            f"services: {', '.join(self.services) or 'none'}"
        )


def _unknown(file: str, what: str, found: str, known: Iterable[str]) -> InputError:
    faults = Faults()
    faults.add(file, what, f"'{found}' is not there", f"a known {what}", suggestion(found, known))
    return InputError(faults.found)
