"""Lives saved of a configuration, with what qualifies them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from reconfig.appraise.caseload import caseload
from reconfig.appraise.grid import Grid
from reconfig.appraise.joint import parts_of, plain
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
    not, because the service has no model of them. Of several services they are added up draw by
    draw: what two models assume alike goes up and down together.
    """
    if "lives_saved" not in measures:
        return None
    found: dict[str, _Drawn] = {}
    for part, _, _ in parts_of(grid):
        outcome = part.service.outcome
        if outcome is not None and "lives_saved" in outcome.estimates:
            found[part.service.name] = _drawn(part, outcome, plain(grid, part, opened))
    if not found:
        return None
    draws = np.sum([one.draws for one in found.values()], axis=0)
    deaths = sum(one.deaths for one in found.values())
    low, high = np.quantile(draws, INTERVAL)
    several = bool(grid.service.parts)
    return LivesSaved(
        central=measures["lives_saved"],
        low=float(low),
        high=float(high),
        baseline_deaths=deaths,
        probability_of_no_gain=float(np.mean(draws <= NO_GAIN * max(deaths, 1.0))),
        basis=_said({name: one.outcome.basis for name, one in found.items()}, several),
        baseline=_said({name: one.outcome.baseline for name, one in found.items()}, several),
        parts={
            f"{name}: {effect}" if several else effect: value
            for name, one in found.items()
            for effect, value in one.parts.items()
        },
    )


@dataclass(frozen=True, eq=False)
class _Drawn:
    """One service's lives saved: by draw, and the central value's parts by effect."""

    outcome: OutcomeModel
    draws: np.ndarray
    deaths: float
    parts: Mapping[str, float]


def _drawn(grid: Grid, outcome: OutcomeModel, opened: Collection[str]) -> _Drawn:
    sampled, middle = _values(grid)
    if grid.ways is not None:  # a first tier whose lives are estimated: everybody to the nearest
        grid = Grid.of(grid.region, grid.service)
    load = caseload(grid, [opened])
    parts = total_gain(outcome, "lives_saved", load, middle)[1]
    return _Drawn(
        outcome,
        total_gain(outcome, "lives_saved", load, sampled)[0][:, 0],
        float(outcome.baseline_deaths(middle)[0]) * load.cases,
        {name: float(np.ravel(part)[0]) for name, part in parts.items()},
    )


def _said(sentences: Mapping[str, str], several: bool) -> str:
    """Return what each service's model says; with the service's name where there are several."""
    if not several:
        return next(iter(sentences.values()))
    return "; ".join(f"{name}: {sentence}" for name, sentence in sentences.items())


def _values(grid: Grid) -> tuple[Draws, Draws]:
    """Return the draws and the central values of the model's register, kept with the grid."""
    if "draws" not in grid.memo:
        assert grid.service.outcome is not None
        register = grid.service.outcome.register
        grid.memo["draws"] = (Draws.sample(register, DRAWS, SEED), Draws.central(register))
    found: tuple[Draws, Draws] = grid.memo["draws"]
    return found
