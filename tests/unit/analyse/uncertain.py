"""A small region whose emergency surgery has the shipped model, for tests of uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from reconfig.core import Configuration, Region, Service
from reconfig.outcomes import Assumption, Register, RiskModel
from tests.instances import every_configuration, shipped_register

SITES = ("s0", "s1", "s2", "s3", "s4")
NEIGHBOUR = "n0"
ESTIMATED = ("s1", "s3")


def region_of(
    zones: int = 12, *, seed: int = 7, stretch: float = 1.0, estimated: tuple[str, ...] = ESTIMATED
) -> Region:
    """Return a region of random points, five candidates and a neighbour; some times estimated."""
    rng = np.random.default_rng(seed)
    sites = [*SITES, NEIGHBOUR]
    hospitals, points = rng.uniform(0, 60, (len(sites), 2)), rng.uniform(0, 60, (zones, 2))
    minutes = stretch * np.hypot(*(points[:, None] - hospitals[None, :]).transpose(2, 0, 1))
    names = [f"z{i:04d}" for i in range(zones)]
    kinds = ["estimated" if s in estimated else "observed" for s in sites]
    scope = ["no" if s == NEIGHBOUR else "yes" for s in sites]
    return Region.from_tables(
        pd.DataFrame({"zone_id": names, "cases": rng.uniform(0, 200, zones)}),
        pd.DataFrame({"site_id": sites, "name": sites, "in_scope": scope, "time_kind": kinds}),
        pd.DataFrame(minutes, columns=sites, index=pd.Index(names, name="zone_id")),
        name="Small",
    )


def service_of(
    region: Region,
    *effects: str,
    values: Mapping[str, float] | None = None,
    service_id: str = "emergency-surgery",
    **changes: Any,
) -> Service:
    """Return its service with the risk model on the shipped register, some values replaced."""
    register = shipped_register().replaced(values or {})
    usual = register.value("egs.laparotomy_rate")
    model = RiskModel(
        register,
        "egs",
        effects or ("hub", "rota", "delay"),
        "deaths",
        lambda draws: draws["egs.laparotomy_rate"] / usual,
    )
    return replace(region.define_service(service_id, demand="cases"), outcome=model, **changes)


def pairs(service: Service) -> list[Configuration]:
    """Return every configuration of two sites."""
    return list(every_configuration(service, [2]))


def register_of(**spreads: tuple[str, float, Mapping[str, float]]) -> Register:
    """Return a register: id with __ for its dot -> distribution, value, parameters."""
    ids = {name.replace("__", "."): spread for name, spread in spreads.items()}
    return Register(
        {
            one: Assumption(one, f"What {one} is", value, kind, parameters, "", "", "found", "")
            for one, (kind, value, parameters) in ids.items()
        }
    )
