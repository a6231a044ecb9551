"""Every outcome model that a service file can ask for, and small places to try them in."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from reconfig.appraise import Grid, caseload, total_gain
from reconfig.core import Faults, Journeys, OutcomeModel, Region, Service
from reconfig.data import load_region, load_register
from reconfig.outcomes import EFFECTS, Assumption, Draws, Register, make_outcome
from tests.instances import every_configuration, random_region, tiny_service

# What the register has assumptions for, beside emergency surgery, which has them for all effects.
EFFECTS_OF = {"egs": EFFECTS, "ppci": ("delay", "volume")}
SEED, DRAWS = 7, 400


class NoFaults:
    """Takes no fault: a model of these tests is always one that can be."""

    def note(self, where: tuple[Any, ...], found: str, expected: str, fix: str = "") -> None:
        """Fail."""
        faults = Faults()
        faults.add("service", str(where), found, expected, fix)
        faults.raise_if_any()


def all_models() -> dict[str, Any]:
    """Return every model of the packaged services, and the risk model with every set of effects."""
    found: dict[str, Any] = {}
    for name, service in load_region("greater-manchester").services.items():
        if service.outcome is not None:
            found[f"service {name}"] = service.outcome
    for prefix, effects in (*EFFECTS_OF.items(), ("vascular", ("volume",))):
        for number in range(1, len(effects) + 1):
            for some in itertools.combinations(effects, number):
                if "rota" in some and "hub" not in some:
                    continue
                if "transfer" in some and "delay" not in some:
                    continue
                keys = {"model": "risk", "assumptions": prefix, "effects": list(some)}
                found[f"{prefix} {'+'.join(some)}"] = make_outcome(
                    keys, load_register(), NoFaults()
                )
    return found


MODELS = all_models()
LIVES = {name: m for name, m in MODELS.items() if "lives_saved" in m.estimates}

every_model = pytest.mark.parametrize("name", MODELS)
every_lives_model = pytest.mark.parametrize("name", LIVES)

# Neighbours, ties, places that cannot be reached, zones without cases; who hosts it today.
PLACES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "plain": ({"neighbours": 1}, ("s0", "s1")),
    "no neighbour": ({"neighbours": 0}, ("s0", "s1", "s2", "s3")),
    "ties": ({"neighbours": 2, "ties": True}, ("s1", "s3")),
    "unreachable": ({"neighbours": 1, "unreachable": 0.25, "without_cases": 0.2}, ("s1", "s2")),
    "nothing today": ({"neighbours": 0, "unreachable": 0.2, "ties": True}, ()),
}


@cache
def place(kind: str) -> tuple[Region, Service]:
    """Return a small region with a service without outcome model."""
    options, today = PLACES[kind]
    region = random_region(4, zones=14, candidates=4, **options)
    return region, replace(tiny_service(region, outcome=False), today=today)


def at_home(model: Any) -> Any:
    """Return the model with its centres, if it has any, at a site of the small regions."""
    return replace(model, centres=("s0",)) if model.centres else model


def grid_of(name: str, kind: str = "plain", *, model: Any = None) -> Grid:
    """Return the arrays of a small region with a model."""
    region, service = place(kind)
    return Grid.of(region, replace(service, outcome=at_home(model or MODELS[name])))


def outcome_of(grid: Grid) -> OutcomeModel:
    """Return the outcome model of a grid's service."""
    assert grid.service.outcome is not None
    return grid.service.outcome


def reachable(grid: Grid) -> list[tuple[str, ...]]:
    """Return the sets of open sites from which every zone can reach one."""
    found = [c.sites("surgery") for c in every_configuration(grid.service, range(5))]
    return [sites for sites in found if (grid.nearest(sites) >= 0).all()]


def journeys(grid: Grid, opened: tuple[str, ...]) -> Journeys:
    """Return who goes where."""
    return grid.journeys_to(grid.nearest(opened), len(opened))


def answers(grid: Grid, values: Draws | None = None) -> list[float]:
    """Return every number that a model gives: by case, by year and for each draw."""
    model, opened = outcome_of(grid), reachable(grid)
    values = values or Draws.central(model.register)
    load = caseload(grid, opened)
    found = [model.baseline_deaths(values), model.demand_factor(values)]
    for estimate in model.estimates:
        found += [model.per_case(estimate, journeys(grid, sites)) for sites in opened]
        found += list(model.gains(estimate, load, values).values())
        # As if each were among many more: staffing tells from six sites on.
        among_many = replace(load, number_open=load.number_open + 4)
        found += list(model.gains(estimate, among_many, values).values())
        found.append(total_gain(model, estimate, load, values)[0])
    return [float(number) for array in found for number in np.ravel(array)]


def with_register(model: Any, register: Register) -> Any:
    """Return the model on other assumptions."""
    return replace(model, register=register)


class Watched(Register):
    """A register that remembers what was asked of it."""

    def __init__(self, register: Register) -> None:
        super().__init__(dict(register), register.correlations)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Assumption:
        self.asked.add(key)
        return super().__getitem__(key)
