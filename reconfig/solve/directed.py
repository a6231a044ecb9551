"""Patients who are told where to go: from a solver's shares to the flows of a configuration."""

from __future__ import annotations

import numpy as np

from reconfig.appraise import Grid
from reconfig.core import Configuration, Faults, Problem
from reconfig.core.configuration import Flow
from reconfig.model import FORMULATIONS
from reconfig.solve.settings import RawResult

# A share below this is what the solver's rounding left.
NOTHING = 1e-8


def configuration_of(problem: Problem, raw: RawResult, *, name: str = "") -> Configuration:
    """Return what a solver found, with who goes where if patients are directed.

    Zones without cases go to their nearest open site: the program leaves them anywhere.
    """
    assert raw.opened is not None
    flows: list[Flow] = []
    if raw.shares is not None:
        grid = Grid.of(problem.region, problem.service)
        shares = raw.shares.copy()
        away = np.ones(len(grid.sites), dtype=bool)
        away[grid.columns({*raw.opened, *problem.service.always_open})] = False
        nobody = np.flatnonzero(grid.cases <= 0)
        shares[nobody] = 0.0
        shares[nobody, grid.nearest(raw.opened)[nobody]] = 1.0
        shares[:, away] = 0.0
        shares[shares < NOTHING] = 0.0
        shares /= shares.sum(axis=1, keepdims=True)
        flows = [
            (grid.zones[i], grid.sites[j], float(shares[i, j]))
            for i, j in np.argwhere(shares > 0).tolist()
        ]
    return Configuration.of(problem.service.id, raw.opened, name=name, flows=flows)


def check_formulation(problem: Problem, formulation: str, faults: Faults) -> None:
    """Note a formulation that is unknown, or says nothing of patients who are directed."""
    if formulation not in FORMULATIONS:
        faults.add("solve", "formulation", f"'{formulation}'", f"one of {', '.join(FORMULATIONS)}")
    elif problem.service.is_directed and formulation == "exact-sets":
        faults.add(
            "solve",
            "formulation",
            "'exact-sets' for a service whose patients are directed",
            "'assignment': sets of nearest sites say nothing of patients who are sent elsewhere",
            "Leave the formulation out.",
        )
