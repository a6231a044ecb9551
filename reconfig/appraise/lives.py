"""Lives saved of a configuration, with what qualifies them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from reconfig.appraise.caseload import caseload
from reconfig.appraise.grid import Grid
from reconfig.core import Assumptions, Caseload, LivesSaved, OutcomeModel
from reconfig.outcomes import Draws

# Enough for the ends of a 95 % interval to be steady to the figures shown.
DRAWS = 5_000
SEED = 20150615
INTERVAL = (0.025, 0.975)
# A gain smaller than this share of the deaths at baseline is none.
NO_GAIN = 1e-9


def total_gain(
    outcome: OutcomeModel, estimate: str, load: Caseload, values: Assumptions
) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    """Return the gain a year (number x configurations), and its parts by effect.

    Lives saved never exceed the deaths at baseline.
    """
    demand = outcome.demand_factor(values)[:, None]
    parts = {k: demand * v for k, v in outcome.gains(estimate, load, values).items()}
    shape = (values.number, len(load.number_open))
    total = np.sum([np.broadcast_to(part, shape) for part in parts.values()], axis=0)
    if estimate == "lives_saved":
        deaths = demand * outcome.baseline_deaths(values)[:, None] * load.cases
        total = np.minimum(total, deaths)
    return total, parts


def lives_saved(
    grid: Grid, opened: Collection[str], measures: Mapping[str, float]
) -> LivesSaved | None:
    """Return lives saved a year with interval, baseline and chance of no gain.

    measures: of the configuration; "lives_saved" among them is the central value. None where it is
    not, because the service has no model of them.
    """
    outcome = grid.service.outcome
    if outcome is None or "lives_saved" not in measures:
        return None
    sampled, middle = _values(grid)
    load = caseload(grid, [opened])
    draws = total_gain(outcome, "lives_saved", load, sampled)[0][:, 0]
    parts = total_gain(outcome, "lives_saved", load, middle)[1]
    deaths = float(outcome.baseline_deaths(middle)[0]) * load.cases
    low, high = np.quantile(draws, INTERVAL)
    return LivesSaved(
        central=measures["lives_saved"],
        low=float(low),
        high=float(high),
        baseline_deaths=deaths,
        probability_of_no_gain=float(np.mean(draws <= NO_GAIN * max(deaths, 1.0))),
        basis=outcome.basis,
        baseline=outcome.baseline,
        parts={name: float(np.ravel(part)[0]) for name, part in parts.items()},
    )


def _values(grid: Grid) -> tuple[Draws, Draws]:
    """Return the draws and the central values of the model's register, kept with the grid."""
    if "draws" not in grid.memo:
        assert grid.service.outcome is not None
        register = grid.service.outcome.register
        grid.memo["draws"] = (Draws.sample(register, DRAWS, SEED), Draws.central(register))
    found: tuple[Draws, Draws] = grid.memo["draws"]
    return found
