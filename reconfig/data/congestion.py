"""Busier roads: every minute of a region multiplied by one factor."""

from __future__ import annotations

from dataclasses import replace

from reconfig.core import Faults, Region
from reconfig.data.region_register import GIVEN
from reconfig.network import RoadNetwork
from reconfig.outcomes import Register

# The assumption that says car minutes as a multiple of those in the tables.
CONGESTION = "travel.congestion"


def check_congestion(register: Register, faults: Faults) -> None:
    """Note a factor that leaves no time to any journey."""
    if not register.value(CONGESTION) > 0:
        found = f"{register.value(CONGESTION):g}"
        faults.add(
            GIVEN, CONGESTION, found, "a number above 0", "1 leaves the minutes as they are."
        )


def congested(region: Region, factor: float) -> Region:
    """Return a region with all its minutes, and their errors, multiplied; itself for a factor of 1.

    So are the minutes of its road network, from which new candidates have theirs. Whether some
    roads are busier than others is not in it: nobody has another nearest site for it.
    """
    if factor == 1.0:
        return region
    sites = region.sites
    if "time_error_minutes" in sites.columns:
        sites = sites.assign(time_error_minutes=sites["time_error_minutes"] * factor)
    if "time_kind" in sites.columns:
        # Nobody has observed these minutes: they are the observed ones, scaled.
        kinds = sites["time_kind"].astype(str)
        sites = sites.assign(time_kind=kinds.replace("observed", "estimated"))
    error, network = region.network_error_minutes, region.network
    return replace(
        region,
        sites=sites,
        travel_times={mode: table * factor for mode, table in region.travel_times.items()},
        network=network.slowed(factor) if isinstance(network, RoadNetwork) else network,
        network_error_minutes=None if error is None else error * factor,
        site_minutes=None if region.site_minutes is None else region.site_minutes * factor,
    )
