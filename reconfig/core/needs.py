"""What a service needs beside it: another service at the same site, or within a transfer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconfig.core.columns import YES_OR_NO, as_text
from reconfig.core.constraints import Constraint
from reconfig.core.faults import Faults, suggestion
from reconfig.core.region import Region
from reconfig.core.service import Service

if TYPE_CHECKING:
    from reconfig.core.problem import Problem


@dataclass(frozen=True)
class Needs(Constraint):
    """A service may be at a site only where what it needs is there, or near enough.

    needed: a service that is decided together with it; else a service of the region, which is where
    it is today; else a yes/no column of the sites table. by: id of the service that needs it, ""
    for the only one. within: minutes of transfer from site to site; 0 for the same site.
    """

    needed: str
    by: str = ""
    within: float = 0.0

    def supporters(self, region: Region, service: Service) -> dict[str, frozenset[str] | None]:
        """Return by candidate the ids of the sites of which one must be open; None where one is.

        Those of a service that is decided are candidates; of all else a site has what is needed or
        has not, which leaves no choice: None, or no id at all.
        """
        own = next((part for part in service.parts if part.id == self.by), service)
        asked = next((part for part in service.parts if part.id == self.needed), None)
        candidates = _places(service, own, own.candidates)
        if asked is not None:
            here = _places(service, asked, asked.candidates)
            always = _places(service, asked, asked.always_open)
        else:
            here, always = {}, {site: site for site in _those_with(self.needed, region)}
        minutes = _between(region, candidates, here | always, self.within)
        found: dict[str, frozenset[str] | None] = {}
        for site in candidates:
            near = minutes[site]
            found[site] = None if near & always.keys() else frozenset(near & here.keys())
        return found

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note a service or column that is not there, and minutes that are none."""
        region, service = problem.region, problem.service
        ids = [part.id for part in service.parts] or [service.id]
        if self.by and self.by not in ids:
            hint = suggestion(self.by, ids)
            faults.add(file, "needs", f"no service '{self.by}' to be decided", "one of them", hint)
            return
        if not self.by and service.parts:
            faults.add(file, "needs", "nothing said of which service", "by = one of the services")
            return
        if not 0 <= self.within < math.inf:
            faults.add(file, "needs", f"within {self.within:g}", "minutes, 0 or more")
        if self.needed == (self.by or service.id):
            faults.add(file, "needs", f"'{self.needed}' needs itself", "another service")
            return
        physical = region.physical or region
        known = [*ids, *physical.services, *_yes_no_columns(region)]
        decided = bool(service.parts) and self.needed in ids
        if not decided and self.needed not in known:
            expected = "a service that is decided, one of the region, or a yes/no column of sites"
            hint = suggestion(self.needed, known)
            faults.add(file, "needs", f"'{self.needed}'", expected, hint)

    def __str__(self) -> str:
        who = f"{self.by or 'every site'} needs {self.needed}"
        return f"{who} within {self.within:g} minutes" if self.within else f"{who} at the same site"


def needs(needed: str, *, by: str = "", within: float = 0.0) -> Needs:
    """Return the constraint that a service is only where what it needs is there or near enough.

    needed: a service or a yes/no column of the sites table. by: which of several services needs it.
    within: minutes from site to site (`region.between_sites`), 0 for the same site.
    """
    return Needs(needed, by, float(within))


def _places(service: Service, part: Service, sites: Iterable[str]) -> dict[str, str]:
    """Return the ids of a service's sites, as the problem has them -> the sites themselves."""
    return {f"{part.id}@{site}" if service.parts else site: site for site in sites}


def _between(
    region: Region, sites: Mapping[str, str], others: Mapping[str, str], within: float
) -> dict[str, frozenset[str]]:
    """Return which of the others are at a site, or so many minutes from it at most.

    Both: id -> the site itself.
    """
    if within <= 0:
        return {
            s: frozenset(o for o, other in others.items() if other == place)
            for s, place in sites.items()
        }
    table = (region.physical or region).between_sites()
    found = {}
    for site, place in sites.items():
        minutes = table.loc[[place], list(others.values())].to_numpy(float)[0]  # from who needs it
        near = zip(others.items(), minutes.tolist(), strict=True)
        found[site] = frozenset(o for (o, other), t in near if other == place or t <= within)
    return found


def _yes_no_columns(region: Region) -> list[str]:
    """Return the columns of the sites table that hold yes and no."""
    sites = (region.physical or region).sites
    return [
        str(column)
        for column in sites.columns
        if {as_text(v).lower() for v in sites[column]} <= {*YES_OR_NO, ""} and column != "proposed"
    ]


def _those_with(needed: str, region: Region) -> set[str]:
    """Return the sites that have what is needed whatever is decided."""
    physical = region.physical or region
    if needed in physical.services:
        found = physical.services[needed]
        return {*found.today, *found.always_open}
    column = physical.sites[needed]
    return {str(s) for s, v in column.items() if YES_OR_NO.get(as_text(v).lower(), False)}
