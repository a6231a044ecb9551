"""Tiny instances checked by hand, and random ones, used everywhere in the tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from reconfig.core import Assumptions, Caseload, Configuration, Journeys, Region, Service
from reconfig.data import load_register
from reconfig.outcomes import Register

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


@dataclass(frozen=True, eq=False)
class HalfTheDeaths:
    """An outcome model for tests: a tenth die, a chosen site saves half, staffed up to two."""

    register: Register = field(default_factory=lambda: Register({}))
    estimates = ("lives_saved",)
    centres = ()
    by_volume = False
    by_number = True
    basis = "made up for tests"
    baseline = "no care at all"

    def staffed_share(self, number_open: int) -> float:
        """All at up to two sites, half at three, none beyond."""
        return {0: 1.0, 1: 1.0, 2: 1.0, 3: 0.5}.get(number_open, 0.0)

    def baseline_deaths(self, values: Assumptions) -> np.ndarray:
        """A tenth."""
        return np.full(values.number, 0.1)

    def demand_factor(self, values: Assumptions) -> np.ndarray:
        """No more and no fewer cases than expected."""
        return np.ones(values.number)

    def per_case(self, estimate: str, to: Journeys) -> np.ndarray:
        """Half of those who would die, where it is staffed."""
        assert to.number_open is not None
        shape = np.broadcast_shapes(to.minutes.shape, to.is_candidate.shape)
        saved = 0.05 * self.staffed_share(to.number_open)
        return np.where(np.broadcast_to(to.is_candidate, shape), saved, 0.0)

    def gains(self, estimate: str, load: Caseload, values: Assumptions) -> Mapping[str, np.ndarray]:
        """Half of those who would die, where it is staffed."""
        staffed = np.array([self.staffed_share(int(n)) for n in load.number_open])
        return {"hub": np.tile(0.05 * staffed * load.at_candidates, (values.number, 1))}


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
    """Return a region with random minutes, cases, costs of sites and two districts.

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
    costs = np.random.default_rng([seed, 1]).uniform(0.0, 100.0, (2, len(sites))).round(2)
    return Region.from_tables(
        pd.DataFrame({"zone_id": names, "district": district, "cases": cases}),
        pd.DataFrame(
            {
                "site_id": sites,
                "name": sites,
                "in_scope": ["yes"] * candidates + ["no"] * neighbours,
                "fixed_cost_gbp": costs[0],
                "case_cost_gbp": costs[1],
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
    return load_register()


def with_values(register: Register, values: Mapping[str, float]) -> Register:
    """Return a register where some assumptions have another value, as widely spread as before."""
    return register.replaced(values)
