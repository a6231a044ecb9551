"""Lives saved of a configuration, and gains of a change, with what qualifies them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from reconfig.appraise.caseload import caseload
from reconfig.appraise.grid import Grid
from reconfig.appraise.joint import parts_of, plain
from reconfig.core import Assumptions, Caseload, LivesSaved, OutcomeModel
from reconfig.outcomes import Draws

# Enough for the ends of a 95 % interval to be steady to the figures shown.
DRAWS = 5_000
# Draws of models that take long: of quality-adjusted life years and of independence.
FEWER_DRAWS = 1_000
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
    found = _by_service(grid, opened)
    if not found:
        return None
    draws = np.sum([one.draws for one in found.values()], axis=0)
    return _qualified(grid, found, measures["lives_saved"], draws)


def lives_between(
    before: tuple[Grid, Collection[str]], after: tuple[Grid, Collection[str]], central: float
) -> LivesSaved | None:
    """Return the lives a year that one choice of sites saves beyond another, draw by draw.

    before, after: grid and open sites. central: the difference of the central values. What is
    assumed is the same in both, so the interval is narrower than those of the two taken apart.
    None without a model of lives.
    """
    between = _between(before, after, "lives_saved", DRAWS)
    if not between:
        return None
    draws = np.sum([one.draws for one in between.values()], axis=0)
    return _qualified(after[0], between, central, draws)


@dataclass(frozen=True, eq=False)
class Gained:
    """What a change itself gains a year in one estimate: after less before, on the same draws.

    draws: the gain of each. low, high: ends of their 95 % interval. parts: effect -> its share of
    the central value; with the service's name before it where it is of several services.
    """

    estimate: str
    central: float
    low: float
    high: float
    probability_of_no_gain: float
    draws: np.ndarray
    parts: Mapping[str, float]


def gained_between(
    before: tuple[Grid, Collection[str]],
    after: tuple[Grid, Collection[str]],
    estimate: str,
    *,
    of: str = "",
    draws: int = DRAWS,
) -> Gained | None:
    """Return what one choice of sites gains beyond another in an estimate, draw by draw.

    before, after: grid and open sites. of: id of one of several services; without it all services
    with the estimate are added up. None where no such model can be asked for draws.
    """
    between = _between(before, after, estimate, draws, of)
    if not between:
        return None
    found = np.sum([one.draws for one in between.values()], axis=0)
    low, high = np.quantile(found, INTERVAL)
    deaths = sum(one.deaths for one in between.values())
    return Gained(
        estimate,
        sum(one.central for one in between.values()),
        float(low),
        float(high),
        float(np.mean(found <= NO_GAIN * max(deaths, 1.0))),
        found,
        _parts(between, bool(after[0].service.parts) and not of),
    )


def _between(
    before: tuple[Grid, Collection[str]],
    after: tuple[Grid, Collection[str]],
    estimate: str,
    draws: int,
    of: str = "",
) -> dict[str, _Drawn]:
    """Return service name -> what is gained between two choices of sites."""
    was, now = (_by_service(*one, estimate, draws, of) for one in (before, after))
    return {
        name: replace(
            one,
            draws=one.draws - was[name].draws,
            central=one.central - was[name].central,
            parts={k: v - was[name].parts.get(k, 0.0) for k, v in one.parts.items()},
        )
        for name, one in now.items()
    }


def _by_service(
    grid: Grid,
    opened: Collection[str],
    estimate: str = "lives_saved",
    draws: int = DRAWS,
    of: str = "",
) -> dict[str, _Drawn]:
    """Return service name -> its gain, of each (or of one, by id) that has a model of it."""
    found: dict[str, _Drawn] = {}
    for part, _, _ in parts_of(grid):
        outcome = part.service.outcome
        if of and part.service.id != of:
            continue
        if outcome is not None and estimate in outcome.estimates:
            found[part.service.name] = _drawn(
                part, outcome, plain(grid, part, opened), estimate, draws
            )
    return found


def _qualified(
    grid: Grid, found: Mapping[str, _Drawn], central: float, draws: np.ndarray
) -> LivesSaved:
    deaths = sum(one.deaths for one in found.values())
    low, high = np.quantile(draws, INTERVAL)
    several = bool(grid.service.parts)
    return LivesSaved(
        central=central,
        low=float(low),
        high=float(high),
        baseline_deaths=deaths,
        probability_of_no_gain=float(np.mean(draws <= NO_GAIN * max(deaths, 1.0))),
        basis=_said({name: one.outcome.basis for name, one in found.items()}, several),
        baseline=_said({name: one.outcome.baseline for name, one in found.items()}, several),
        parts=_parts(found, several),
    )


def _parts(found: Mapping[str, _Drawn], several: bool) -> dict[str, float]:
    """Return effect -> central value, with the service's name where there are several."""
    return {
        f"{name}: {effect}" if several else effect: value
        for name, one in found.items()
        for effect, value in one.parts.items()
    }


@dataclass(frozen=True, eq=False)
class _Drawn:
    """One service's gain: by draw, and the central value with its parts by effect."""

    outcome: OutcomeModel
    draws: np.ndarray
    deaths: float
    central: float
    parts: Mapping[str, float]


def _drawn(
    grid: Grid, outcome: OutcomeModel, opened: Collection[str], estimate: str, draws: int
) -> _Drawn:
    sampled, middle = _values(grid, draws)
    if grid.ways is not None:  # a first tier whose lives are estimated: everybody to the nearest
        grid = Grid.of(grid.region, grid.service)
    load = caseload(grid, [opened])
    central, parts = total_gain(outcome, estimate, load, middle)
    lives = estimate == "lives_saved"
    return _Drawn(
        outcome,
        total_gain(outcome, estimate, load, sampled)[0][:, 0],
        float(outcome.baseline_deaths(middle)[0]) * load.cases if lives else 0.0,
        float(central[0, 0]),
        {name: float(np.ravel(part)[0]) for name, part in parts.items()},
    )


def _said(sentences: Mapping[str, str], several: bool) -> str:
    """Return what each service's model says; with the service's name where there are several."""
    if not several:
        return next(iter(sentences.values()))
    return "; ".join(f"{name}: {sentence}" for name, sentence in sentences.items())


def _values(grid: Grid, draws: int) -> tuple[Draws, Draws]:
    """Return the draws and the central values of the model's register, kept with the grid."""
    key = ("draws", draws)
    if key not in grid.memo:
        assert grid.service.outcome is not None
        register = grid.service.outcome.register
        grid.memo[key] = (Draws.sample(register, draws, SEED), Draws.central(register))
    found: tuple[Draws, Draws] = grid.memo[key]
    return found
