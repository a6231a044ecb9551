"""Tiny instances checked by hand, and random ones, used everywhere in the tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from reconfig.core import Configuration, LivesSaved, Region, Service
from reconfig.outcomes import Register

ASSUMPTIONS = Path(__file__).parents[1] / "data" / "assumptions.csv"

# Four zones on a road, three candidates and one neighbour that is always open:
#
#        A    B    C    N
#   z1   5   20   40   60    10 cases a year, north
#   z2  10   10   30   50    20            , north   (A and B equally near: A comes first)
#   z3  30   10    5   20    30            , south
#   z4  50   30   10    8    40            , south   (the neighbour is nearest)
ZONES = pd.DataFrame(
    {
        "zone_id": ["z1", "z2", "z3", "z4"],
        "district": ["north", "north", "south", "south"],
        "cases": [10.0, 20.0, 30.0, 40.0],
    }
)
SITES = pd.DataFrame(
    {
        "site_id": ["A", "B", "C", "N"],
        "name": ["Alder", "Birch", "Cedar", "Nettle"],
        "in_scope": ["yes", "yes", "yes", "no"],
    }
)
MINUTES = pd.DataFrame(
    {
        "zone_id": ["z1", "z2", "z3", "z4"],
        "A": [5.0, 10.0, 30.0, 50.0],
        "B": [20.0, 10.0, 10.0, 30.0],
        "C": [40.0, 30.0, 5.0, 10.0],
        "N": [60.0, 50.0, 20.0, 8.0],
    }
)


class HalfTheDeaths:
    """An outcome model for tests: a tenth die, a chosen site saves half, staffed up to two."""

    basis = "made up for tests"
    baseline = "no care at all"
    baseline_deaths_per_case = 0.1
    deaths_avoided_per_case = 0.05

    def staffed_share(self, number_open: int) -> float:
        """All at up to two sites, half at three, none beyond."""
        return {0: 1.0, 1: 1.0, 2: 1.0, 3: 0.5}.get(number_open, 0.0)

    def lives_saved(self, *, cases_at_sites: float, cases: float, number_open: int) -> LivesSaved:
        """Return a made-up interval."""
        central = cases_at_sites * self.deaths_avoided_per_case * self.staffed_share(number_open)
        return LivesSaved(central, 0.0, 2 * central, cases * 0.1, 0.2, self.basis, self.baseline)


def tiny_region() -> Region:
    """Return the region drawn above."""
    return Region.from_tables(ZONES, SITES, MINUTES, name="Tiny")


def tiny_service(region: Region | None = None, *, outcome: bool = True) -> Service:
    """Return its one service, with the made-up outcome model unless told otherwise."""
    chosen = region or tiny_region()
    service = chosen.define_service("surgery", demand="cases")
    return replace(service, outcome=HalfTheDeaths()) if outcome else service


def random_region(
    seed: int,
    *,
    zones: int,
    candidates: int,
    neighbours: int,
    ties: bool = False,
    unreachable: float = 0.0,
    without_cases: float = 0.0,
) -> Region:
    """Return a region with random minutes, cases and two districts.

    unreachable: share of the entries with no way; every zone keeps one site that it can reach.
    without_cases: share of the zones where nobody falls ill; one zone at least has cases.
    """
    rng = np.random.default_rng(seed)
    sites = [f"s{k}" for k in range(candidates)] + [f"n{k}" for k in range(neighbours)]
    minutes = rng.uniform(1.0, 90.0, (zones, len(sites)))
    if ties:
        minutes = np.round(minutes / 15.0) * 15.0
    names = [f"z{i}" for i in range(zones)]
    district = rng.choice(["north", "south"], zones)
    cases = rng.uniform(0.0, 10.0, zones).round(2)
    cases[1:][rng.uniform(size=zones - 1) < without_cases] = 0.0
    no_way = rng.uniform(size=minutes.shape) < unreachable
    no_way[np.arange(zones), rng.integers(0, len(sites), zones)] = False
    text = pd.DataFrame(minutes, columns=sites, index=pd.Index(names, name="zone_id"))
    return Region.from_tables(
        pd.DataFrame({"zone_id": names, "district": district, "cases": cases}),
        pd.DataFrame(
            {
                "site_id": sites,
                "name": sites,
                "in_scope": ["yes"] * candidates + ["no"] * neighbours,
            }
        ),
        text.astype(object).mask(no_way, "unreachable") if no_way.any() else text,
        name=f"random {seed}",
    )


def random_places(seed: int, *, zones: int, candidates: int) -> Region:
    """Return a region whose minutes are straight lines between random points of a square."""
    rng = np.random.default_rng(seed)
    points, hospitals = rng.uniform(0.0, 60.0, (zones, 2)), rng.uniform(0.0, 60.0, (candidates, 2))
    minutes = np.hypot(*(points[:, None] - hospitals[None, :]).transpose(2, 0, 1))
    names, sites = [f"z{i:05d}" for i in range(zones)], [f"s{k:03d}" for k in range(candidates)]
    return Region.from_tables(
        pd.DataFrame({"zone_id": names, "cases": rng.uniform(0.0, 10.0, zones).round(2)}),
        pd.DataFrame({"site_id": sites, "name": sites}),
        pd.DataFrame(minutes, columns=sites, index=pd.Index(names, name="zone_id")),
        name=f"random places {seed}",
    )


def every_configuration(service: Service, numbers: Sequence[int]) -> Iterator[Configuration]:
    """Yield every configuration with so many open candidates."""
    for number in numbers:
        for sites in itertools.combinations(service.candidates, number):
            yield Configuration.of(service.id, sites)


def shipped_register() -> Register:
    """Return the assumptions that come with the package."""
    return Register.from_csv(ASSUMPTIONS)


def with_values(register: Register, values: Mapping[str, float]) -> Register:
    """Return a register where some assumptions have another value, as widely spread as before."""
    changed = dict(register)
    for key, value in values.items():
        parameters = dict(register[key].parameters)
        if register[key].distribution == "beta":
            size = parameters["a"] + parameters["b"]
            parameters = {"a": value * size, "b": (1.0 - value) * size}
        changed[key] = replace(register[key], value=value, parameters=parameters)
    return Register(changed)
