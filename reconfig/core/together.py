"""Several services decided together: one problem on a network that holds each service's own.

Every zone and every site is there once for each service, as "stroke@RM301", and nobody travels from
one service to another. So the joint problem is a problem like any other, and whatever can be
asked of one service can be asked of several. What binds the services to each other are
constraints: one at the same site as another (`needs`), a budget that they share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import singledispatch
from itertools import combinations

import numpy as np
import pandas as pd

from reconfig.core.configuration import Configuration
from reconfig.core.constraints import (
    Among,
    Close,
    Constraint,
    Keep,
    OpenSites,
)
from reconfig.core.faults import Faults, InputError
from reconfig.core.limit import Limit
from reconfig.core.needs import Needs
from reconfig.core.problem import Objective, Problem
from reconfig.core.region import Region
from reconfig.core.resources import Budget, Capacity
from reconfig.core.service import Service
from reconfig.core.tiers import check_tiers
from reconfig.core.workforce import Workforce

# Between the ids of services in the id of the one that stands for them.
BETWEEN = " + "


def together(
    region: Region,
    services: Mapping[Service, Iterable[Constraint] | Constraint],
    objective: Objective,
    constraints: Iterable[Constraint] | Constraint = (),
) -> Problem:
    """Return the problem of deciding several services of a region at once.

    services: each with the constraints on it alone, as for `Problem`. objective: a measure over all
    their cases (lives saved are added up, a mean is over the cases of all), or of one service, such
    as "mean_minutes[service=stroke]". constraints: those that bind services to each other (`needs`,
    a shared `budget`), or name what the joint problem calls things ("stroke@RM301",
    limit("share_within_30", at_least=0.9, by="service")).
    Sites, zones and minutes are the region's own; `apart` takes an answer to pieces again.
    Raises InputError, listing every fault: the same service twice, services of the same patients,
    whatever is wrong with one service's constraints or with the joint ones, a second tier without
    its first (see `second_tier`).
    """
    parts = list(services)
    faults = Faults()
    _check_parts(region, parts, faults)
    own: list[Constraint] = []
    for part, asked in services.items():
        own += _of_one(region, part, _listed(asked), faults)
    faults.raise_if_any()
    joint = _joint_region(region, parts)
    every = [*own, *_listed(constraints)]
    return Problem(joint, joint.services[_joint_id(parts)], objective, every)


def _listed(constraints: Iterable[Constraint] | Constraint) -> list[Constraint]:
    return [constraints] if isinstance(constraints, Constraint) else list(constraints)


def _of_one(
    region: Region, part: Service, asked: list[Constraint], faults: Faults
) -> list[Constraint]:
    """Return what the constraints on one service mean in the joint problem; note their faults.

    What a service needs is judged in the joint problem only, which knows the other services.
    """
    rest = [c for c in asked if not isinstance(c, Needs)]
    try:
        alone = Problem(region, part, Objective("mean_minutes", "minimise"), rest)
        needed = [c for c in asked if isinstance(c, Needs)]
        found = [of_part(c, part, region) for c in (*alone.constraints, *needed)]
    except InputError as problem:
        for fault in problem.faults:
            faults.add(part.id, fault.place, fault.found, fault.expected, fault.fix)
        return []
    if not any(isinstance(c, OpenSites) and c.at_least for c in rest):
        found += _at_least_one(part)
    if part.tier is not None:  # a centre is a unit
        implied = Needs(part.tier.first, by=part.id)
        found = [c for c in found if c != implied] + [implied]
    return found


def apart(configuration: Configuration) -> Configuration:
    """Return a joint configuration as which of the region's sites host which service.

    One that is not joint is returned as it is.
    """
    if not any(BETWEEN in service for service in configuration.open):
        return configuration
    found: dict[str, set[str]] = {}
    for joint, sites in configuration.open.items():
        found |= {service: set() for service in joint.split(BETWEEN)}
        for site in sites:
            service, _, place = site.partition("@")
            found[service].add(place)
    return Configuration({s: frozenset(v) for s, v in found.items()}, configuration.name)


def joined(configuration: Configuration, service: Service) -> Configuration:
    """Return a configuration of several services by the ids of their joint problem.

    One that is so already, or is not of these services, is returned as it is.
    """
    if not service.parts or not all(part.id in configuration.open for part in service.parts):
        return configuration
    sites = {f"{p.id}@{site}" for p in service.parts for site in configuration.sites(p.id)}
    return Configuration.of(service.id, sites, name=configuration.name)


@singledispatch
def of_part(constraint: Constraint, part: Service, region: Region) -> Constraint:
    """Return what a constraint on one service means in the joint problem."""
    faults = Faults()
    kind = type(constraint).__name__
    expected = "a constraint that several services know; this kind goes among the joint ones"
    faults.add("together", part.id, kind, expected)
    faults.raise_if_any()
    return constraint


@of_part.register
def _(constraint: OpenSites, part: Service, region: Region) -> Constraint:
    all_of_it, ends = _ids(part, part.candidates), (constraint.at_least, constraint.at_most)
    return Among(all_of_it, *ends, named=f"for {part.id}")


@of_part.register
def _(constraint: Keep, part: Service, region: Region) -> Constraint:
    return Keep(_ids(part, constraint.sites))


@of_part.register
def _(constraint: Close, part: Service, region: Region) -> Constraint:
    return Close(_ids(part, constraint.sites))


@of_part.register
def _(constraint: Among, part: Service, region: Region) -> Constraint:
    return replace(constraint, sites=_ids(part, constraint.sites))


@of_part.register
def _(constraint: Limit, part: Service, region: Region) -> Constraint:
    return replace(constraint, measure=f"{constraint.measure}[service={part.id}]")


@of_part.register
def _(constraint: Needs, part: Service, region: Region) -> Constraint:
    return replace(constraint, by=part.id)


@of_part.register
def _(constraint: Budget, part: Service, region: Region) -> Constraint:
    return replace(constraint, service=part.id)


@of_part.register
def _(constraint: Workforce, part: Service, region: Region) -> Constraint:
    return replace(constraint, service=part.id)


@of_part.register
def _(constraint: Capacity, part: Service, region: Region) -> Constraint:
    most = constraint.at(region, part)
    return Capacity(tuple(sorted((f"{part.id}@{site}", cases) for site, cases in most.items())))


def _ids(part: Service, sites: Iterable[str]) -> frozenset[str]:
    return frozenset(f"{part.id}@{site}" for site in sites)


def _at_least_one(part: Service) -> list[Constraint]:
    """Return that a service must be somewhere; of a single one its number of sites says so."""
    if part.always_open:
        return []
    return [Among(_ids(part, part.candidates), at_least=1, named=f"for {part.id}")]


def _joint_id(parts: Iterable[Service]) -> str:
    return BETWEEN.join(part.id for part in parts)


def _check_parts(region: Region, parts: list[Service], faults: Faults) -> None:
    """Note what cannot be decided together: fewer than two, the same twice, the same patients."""
    if region.physical is not None:
        faults.add("together", "region", "the region of several services", "the region itself")
    if len(parts) < 2:
        faults.add("together", "services", f"{len(parts)}", "two services at least")
    ids = [part.id for part in parts]
    for service_id in sorted({i for i in ids if ids.count(i) > 1}):
        faults.add("together", "services", f"'{service_id}' twice", "every service once")
    for part in parts:
        if part.parts:
            faults.add("together", part.id, "several services already", "services one by one")
        if part.is_directed:
            found = "patients who are directed"
            faults.add("together", part.id, found, "services whose patients choose their site")
        if set("@[]=") & set(part.id) or BETWEEN in part.id:
            faults.add("together", f"'{part.id}'", "@, [, ], = or + in the id", "a plain id")

    for one, other in combinations(parts, 2):
        if other.id in one.same_patients or one.id in other.same_patients:
            found = f"'{one.id}' and '{other.id}' are the same patients"
            faults.add("together", "services", found, "each patient in one service only")
    if not faults:
        check_tiers(region, parts, faults)
    for table, word in ((region.zones, "zones"), (region.sites, "sites")):
        if "service" in table.columns:
            faults.add("together", word, "a column 'service'", "another name for that column")


def _joint_region(region: Region, parts: list[Service]) -> Region:
    """Return the region with every zone and site once for each service."""
    zones = pd.concat([_named(region.zones, part, "zone_id") for part in parts])
    sites = pd.concat([_named(region.sites, part, "site_id") for part in parts])
    names = {part.id: part.name for part in parts}
    for column in ("name", "short_name"):
        said = zip(sites[column], sites["service"], strict=True)
        sites[column] = [f"{name} ({names[service]})" for name, service in said]
    physical = region.minutes()
    number, size = len(parts), physical.shape
    block = np.full((number * size[0], number * size[1]), np.nan)
    for k in range(number):
        rows, columns = slice(k * size[0], (k + 1) * size[0]), slice(k * size[1], (k + 1) * size[1])
        block[rows, columns] = physical.to_numpy(float)
    minutes = pd.DataFrame(block, index=zones.index, columns=sites.index)
    demand = pd.concat([part.demand.loc[region.zones.index] for part in parts])
    service = Service(
        id=_joint_id(parts),
        name=" and ".join(part.name for part in parts),
        demand=pd.Series(demand.to_numpy(), index=zones.index, name="cases_per_year"),
        candidates=_all(parts, "candidates"),
        always_open=_all(parts, "always_open"),
        today=_all(parts, "today"),
        demand_basis="; ".join(f"{part.name}: {part.demand_basis}" for part in parts),
        parts=tuple(parts),
    )
    return replace(
        region,
        zones=zones,
        sites=sites,
        travel_times={region.default_mode: minutes},
        boundaries={},
        network=None,
        services={service.id: service},
        site_minutes=None,
        physical=region,
    )


def _named(table: pd.DataFrame, part: Service, key: str) -> pd.DataFrame:
    """Return a table with its ids as one service's, and the service as a column."""
    index = pd.Index([f"{part.id}@{i}" for i in table.index], name=key)
    return table.assign(service=part.id).set_axis(index)


def _all(parts: Iterable[Service], field: str) -> tuple[str, ...]:
    return tuple(sorted(f"{part.id}@{site}" for part in parts for site in getattr(part, field)))
