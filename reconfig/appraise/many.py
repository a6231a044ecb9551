"""Many configurations of one service at once: what each is worth, without a table of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from reconfig.appraise.appraise import measure_values
from reconfig.appraise.caseload import caseload
from reconfig.appraise.grid import Grid
from reconfig.appraise.lives import DRAWS, INTERVAL, NO_GAIN, SEED, total_gain
from reconfig.appraise.measures import Measure
from reconfig.outcomes import Draws

# Configurations whose draws are held at once.
BLOCK = 100
# What `lives_of_many` returns of each: ends of the 95 % interval, and the chance of no gain.
QUALIFIERS = ("low", "high", "probability_of_no_gain")


def lives_of_many(grid: Grid, configurations: Sequence[Collection[str]]) -> np.ndarray:
    """Return what qualifies the lives saved of configurations (configurations x QUALIFIERS).

    As `lives_saved` works them out of one; NaN where a zone can reach no open site, which
    `appraise` refuses. Of one service by itself, whose outcome model estimates lives.
    """
    outcome = grid.service.outcome
    assert outcome is not None
    values, middle = (
        Draws.sample(outcome.register, DRAWS, SEED),
        Draws.central(outcome.register),
    )
    found = np.full((len(configurations), len(QUALIFIERS)), np.nan)
    able = [k for k, one in enumerate(configurations) if reaches(grid, one)]
    for begin in range(0, len(able), BLOCK):
        these = able[begin : begin + BLOCK]
        load = caseload(grid, [configurations[k] for k in these])
        total = total_gain(outcome, "lives_saved", load, values)[0]
        deaths = float(outcome.baseline_deaths(middle)[0]) * load.cases
        found[these, :2] = np.quantile(total, INTERVAL, axis=0).T
        found[these, 2] = np.mean(total <= NO_GAIN * max(deaths, 1.0), axis=0)
    return found


def measure_of_many(
    grid: Grid, measure: Measure, configurations: Sequence[Collection[str]]
) -> np.ndarray:
    """Return a measure of configurations, overall; NaN where a zone can reach no open site."""
    found = np.full(len(configurations), np.nan)
    for k, opened in enumerate(configurations):
        treated_at = grid.nearest(opened)
        if not (treated_at < 0).any():
            values = measure_values(grid, [measure], treated_at, opened, grid.everyone)
            found[k] = values[""][measure.name]
    return found


def reaches(grid: Grid, opened: Collection[str]) -> bool:
    """Say whether every zone can reach a site that is open."""
    columns = grid.columns({*opened, *grid.service.always_open})
    return bool(len(columns)) and bool(np.isfinite(grid.minutes[:, columns]).any(axis=1).all())
