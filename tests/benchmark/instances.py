"""The regions that are measured: real ones from the national matrix, and random ones."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pandas as pd

import reconfig as rc
from tests.benchmark.one import Clock
from tests.benchmark.runs import Instance
from tests.instances import random_places, random_region

NATIONAL = "england-stroke"
SERVICE = "stroke"
MIDDLE = "B152TH"  # Queen Elizabeth Hospital, Birmingham


def load(instance: Instance, clock: Clock) -> tuple[rc.Region, rc.Service]:
    """Return a region and its service, and tell the clock how long that took."""
    started = time.perf_counter()
    found = _make(instance)
    clock.loading = time.perf_counter() - started
    return found


def arrays(region: rc.Region, service: rc.Service) -> tuple[np.ndarray, np.ndarray]:
    """Return minutes (zones x candidates) and cases (by zone) for programs that want arrays."""
    minutes = region.minutes()[list(service.candidates)].to_numpy(float)
    return np.ascontiguousarray(minutes), service.demand.to_numpy(float)


def _make(instance: Instance) -> tuple[rc.Region, rc.Service]:
    match instance.kind:
        case "places":
            return _with_service(
                random_places(instance.seed, zones=instance.zones, candidates=instance.units)
            )
        case "random":
            return _with_service(
                random_region(
                    instance.seed, zones=instance.zones, candidates=instance.units, neighbours=0
                )
            )
        case "greater-manchester":
            region = _national("england")
            zones = rc.load_region("greater-manchester").zones.index
            return _part(region, zones, _nearest_sites(region, zones, instance.units))
        case "around":
            region = _national("england")
            return _part(region, *_around(region, MIDDLE, instance.zones, instance.units))
        case "with-fringe":
            region = rc.load_region("greater-manchester", catchment="with-fringe")
            return region, region.service("emergency-surgery")
    region = _national(instance.kind)
    if not instance.zones and not instance.units:
        return region, region.service(SERVICE)
    sites = pd.Index(region.service(SERVICE).candidates)
    zones = _spread(region.zones.index, instance.zones)
    return _part(region, zones, _spread(sites, instance.units))


def _with_service(region: rc.Region) -> tuple[rc.Region, rc.Service]:
    return region, region.define_service("cases", demand="cases")


def _national(catchment: str) -> rc.Region:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rc.InputWarning)  # two areas have no minutes
        return rc.load_region(NATIONAL, catchment=catchment)


def _spread(labels: pd.Index, number: int) -> pd.Index:
    """Return so many labels at even distances in their order (0: all)."""
    number = number or len(labels)
    return labels[np.arange(number) * len(labels) // number]


def _nearest_sites(region: rc.Region, zones: pd.Index, number: int) -> pd.Index:
    """Return the sites with the smallest mean minutes to the zones, in the region's order."""
    minutes = region.minutes().loc[zones]
    order = np.argsort(minutes.to_numpy(float).mean(axis=0), kind="stable")
    return minutes.columns[np.sort(order[:number])]


def _around(region: rc.Region, middle: str, zones: int, units: int) -> tuple[pd.Index, pd.Index]:
    """Return so many zones nearest to any of so many units, those nearest to the one in the middle.

    Near a unit is what is near to the zone that it is nearest to; units that are nearest to no zone
    are left out.
    """
    minutes = region.minutes()
    table = minutes.to_numpy(float)
    used = np.unique(table.argmin(axis=1))
    home = table[:, minutes.columns.get_loc(middle)].argmin()
    near = used[np.argsort(table[home, used], kind="stable")[:units]]
    order = np.argsort(table[:, near].min(axis=1), kind="stable")[:zones]
    return minutes.index[np.sort(order)], minutes.columns[np.sort(near)]


def _part(region: rc.Region, zones: pd.Index, sites: pd.Index) -> tuple[rc.Region, rc.Service]:
    """Return the region of some zones and sites, with their service."""
    part = rc.Region.from_tables(
        region.zones.loc[zones, [SERVICE]],
        region.sites.loc[sites, ["name"]],
        region.minutes().loc[zones, sites],
        name=f"{len(zones):,} areas x {len(sites)} units",
    )
    return part, part.define_service(SERVICE, demand=SERVICE)
