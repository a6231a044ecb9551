"""One [[service]] of a scenario: its keys, the service that they name, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from reconfig.appraise import Grid, check_demand
from reconfig.core import (
    Close,
    Faults,
    InputError,
    Keep,
    Limit,
    Needs,
    Objective,
    OpenSites,
    Problem,
    Region,
    Service,
    suggestion,
)
from reconfig.core.faults import listing
from reconfig.data.toml_file import (
    NUMBER,
    TABLE,
    TEXT,
    TEXTS,
    WHOLE_OR_TABLE,
    Kind,
    TomlFile,
    Where,
)
from reconfig.scenario_among import AMONG, ENDS, among_groups, among_sites, check_ends
from reconfig.scenario_check import Placed, check_names, check_part, check_stages, note_all
from reconfig.scenario_choice import KEYS as CHOICE
from reconfig.scenario_choice import chosen_by
from reconfig.scenario_resources import KEYS as RESOURCES
from reconfig.scenario_resources import read_resources
from reconfig.scenario_tiers import KEYS as TIERS
from reconfig.scenario_tiers import only_of_tiers, read_second_tier

CASES = Kind(
    "a number of cases a year, 0 or more",
    lambda v: NUMBER.fits(v) and v >= 0,
    json={"type": "number", "minimum": 0},
)
NEEDS: dict[str, Kind] = {"needs": TEXTS, "needs_within": TABLE}
SERVICE: dict[str, Kind] = {
    "id": TEXT,
    "name": TEXT,
    "demand": TEXT,
    "open": WHOLE_OR_TABLE,
    "keep": TEXTS,
    "close": TEXTS,
    "always_open": TEXTS,
    "among": AMONG,
    "min_volume": CASES,
    "max_volume": CASES,
    **CHOICE,
    **RESOURCES,
    **NEEDS,
    **TIERS,
}


@dataclass(frozen=True, eq=False)
class Part:
    """One [[service]] as read: where it stands, its content and the keys of it that are good.

    asked: its constraints, each with where it stands.
    """

    where: Where
    content: Mapping[str, Any]
    keys: Mapping[str, Any]
    asked: tuple[Placed, ...]

    @classmethod
    def read(cls, file: TomlFile, content: Mapping[str, Any], where: Where) -> Part:
        """Read a [[service]], noting what is wrong."""
        keys = file.table(content, where, SERVICE)
        only_of_tiers(file, content, where)
        return cls(where, content, keys, tuple(_constraints(file, keys, where)))

    def alone(
        self,
        file: TomlFile,
        region: Region,
        objective: Objective | None,
        shared: tuple[Placed, ...],
        firsts: Mapping[str, Service] | None = None,
    ) -> tuple[Problem, tuple[Placed, ...]] | None:
        """Return the problem of this service, and its constraints with where each stands.

        shared: constraints from elsewhere in the file. firsts: services of the file that may be its
        first tier, by id. Every fault is noted; None where the service
        or the objective is missing.
        """
        service = self._service(file, region, firsts or {})
        # What is missing is stood in for, so that the faults of the rest show all the same.
        assumed = objective or Objective("mean_minutes", "minimise")
        placed = (*self.asked, *shared)
        if service is not None:
            given, where = self.keys.get("among"), (*self.where, "among")
            groups = among_groups(file, given, where, region, service)
            placed = (*placed, *((where, group) for group in groups))
        constraints = [constraint for _, constraint in placed]
        draft = Problem.unchecked(region, service or _any_service(region), assumed, constraints)
        check_part(file, draft, placed, self.where, measures=service is not None)
        if service is None:
            check_names(file, objective, shared)
            return None
        demand = Faults()
        check_demand(draft, demand, file=file.file)
        note_all(file, (*self.where, "demand"), demand.found)
        check_stages(file, draft)
        self._check_today(file, region, service)
        return (draft, placed) if objective is not None else None

    def _check_today(self, file: TomlFile, region: Region, service: Service) -> None:
        """Note zones that no site open today reaches: there is no "before" to compare with."""
        if service.tier is not None:  # nobody comes to it but by way of its first tier
            return
        grid = Grid.of(region, service)
        nowhere = np.flatnonzero(grid.nearest(service.today) < 0)
        stranded = list(dict.fromkeys(grid.zones[k] for k in nowhere))
        if stranded:
            file.note(
                self.where,
                f"no site open today can be reached from zone {listing(stranded)}",
                "sites open today that every zone can reach, to compare with",
                "Give minutes to one of them, or take 'proposed' off a site that is open today.",
            )

    def _service(
        self, file: TomlFile, region: Region, firsts: Mapping[str, Service]
    ) -> Service | None:
        """Return the region's service, or the one defined here by a demand column."""
        keys = self.keys
        if "id" not in self.content:
            hint = suggestion("", region.services)
            file.note(self.where, "no 'id'", 'the id of a service, such as id = "stroke"', hint)
        if "id" not in keys or ("demand" in self.content and "demand" not in keys):
            return None
        if "second_tier_of" in self.content:
            if "second_tier_of" not in keys:
                return None
            return read_second_tier(file, keys, self.where, firsts, region)
        try:
            if "demand" not in keys:
                service = region.service(keys["id"])
            else:
                name = keys.get("name", "")
                service = region.define_service(keys["id"], demand=keys["demand"], name=name)
        except InputError as problem:
            key = "demand" if "demand" in keys else "id"
            otherwise = 'Or define it here: add demand = "<zone column of cases a year>".'
            for fault in problem.faults:
                fix = fault.fix if key == "demand" else f"{fault.fix} {otherwise}".strip()
                where: Where = ("year",) if fault.place == "year" else (*self.where, key)
                file.note(where, fault.found, fault.expected, fix)
            return None
        service = chosen_by(file, keys, self.where, region, service)
        return self._with_neighbours(file, service)

    def _with_neighbours(self, file: TomlFile, service: Service) -> Service | None:
        """Return the service with the sites that are said to be always open as neighbours."""
        always, where = self.keys.get("always_open", ()), (*self.where, "always_open")
        unknown = [site for site in always if site not in service.candidates]
        for site in unknown:
            found = f"'{site}' is not a candidate for this service"
            hint = suggestion(site, service.candidates)
            file.note(where, found, "ids of candidate sites", hint)
        if set(always) >= set(service.candidates):
            file.note(where, "every candidate", "a candidate to decide on at least")
            return None
        if unknown:
            return None
        # The very same service where nothing changes, so that a region kept loaded knows it again.
        return service.with_always_open(*always) if always else service


def _constraints(file: TomlFile, keys: Mapping[str, Any], where: Where) -> Iterator[Placed]:
    """Give the constraints of a [[service]], each with where it stands; note what is wrong."""
    number, inside = keys.get("open"), (*where, "open")
    if isinstance(number, int):
        yield inside, OpenSites(number, number)
    elif number is not None:
        bounds = file.table(number, inside, ENDS)
        check_ends(file, bounds, number, inside)
        if bounds:
            yield inside, OpenSites(bounds.get("at_least"), bounds.get("at_most"))
    if keys.get("keep"):
        yield (*where, "keep"), Keep(frozenset(keys["keep"]))
    if keys.get("close"):
        yield (*where, "close"), Close(frozenset(keys["close"]))
    for among in among_sites(file, keys.get("among"), (*where, "among")):
        yield (*where, "among"), among
    low, high = keys.get("min_volume"), keys.get("max_volume")
    if low is not None and high is not None and low > high:
        found = f"min_volume {low:g} above max_volume {high:g}"
        file.note((*where, "min_volume"), found, "a smallest volume below the largest")
    if low is not None:
        yield (*where, "min_volume"), Limit("min_volume", at_least=float(low))
    if high is not None:
        yield (*where, "max_volume"), Limit("max_volume", at_most=float(high))
    yield from read_resources(file, keys, where)
    yield from _needs(file, keys, where)


def _needs(file: TomlFile, keys: Mapping[str, Any], where: Where) -> Iterator[Placed]:
    """Give what a [[service]] needs beside it: needs = ["critical-care"], needs_within = {...}."""
    for needed in keys.get("needs", ()):
        yield (*where, "needs"), Needs(needed)
    inside = (*where, "needs_within")
    given = keys.get("needs_within", {})
    for needed, minutes in file.table(given, inside, dict.fromkeys(given, NUMBER)).items():
        yield (*inside, needed), Needs(needed, within=float(minutes))


def _any_service(region: Region) -> Service:
    """Return a service that every site in scope may host, for checks that need no demand."""
    candidates = tuple(sorted(region.sites.index[region.sites["in_scope"]]))
    nobody = pd.Series(0.0, index=region.zones.index)
    return Service("any", "Any service", nobody, candidates)
