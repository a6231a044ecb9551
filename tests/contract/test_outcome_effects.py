"""What the effects of every outcome model must hold: who gains, who loses, and what it goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from reconfig.appraise import Grid, appraise, caseload, total_gain
from reconfig.core import Caseload, Configuration, Journeys
from reconfig.data import load_register
from reconfig.outcomes import Draws
from tests.contract.models import (
    DRAWS,
    MODELS,
    SEED,
    at_home,
    every_model,
    grid_of,
    outcome_of,
    place,
    reachable,
    with_register,
)


@every_model
def test_where_neighbours_have_no_effect_nobody_treated_at_a_site_gains_nothing_from_sites(
    name: str,
) -> None:
    none = {key: 0.0 for key in load_register() if key.endswith(".neighbour_effect")}
    grid = grid_of(name, model=with_register(MODELS[name], load_register().replaced(none)))
    model, load = outcome_of(grid), caseload(grid, [()])
    assert load.at_candidates.tolist() == [0.0]
    assert load.at_neighbours.tolist() == [load.cases]
    values = Draws.sample(model.register, DRAWS, SEED)
    parts = {
        part: gain
        for estimate in model.estimates
        for part, gain in model.gains(estimate, load, values).items()
    }
    from_sites = {"hub", "units"}
    assert all((parts[part] == 0).all() for part in from_sites & set(parts))
    if set(parts) <= from_sites:
        lives = appraise(grid.region, grid.service, Configuration.of("surgery", ())).lives
        assert lives is not None
        assert (lives.central, lives.low, lives.high) == (0.0, 0.0, 0.0)
        assert lives.probability_of_no_gain == 1.0
        assert lives.baseline_deaths > 0


@every_model
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_neighbour_gives_the_share_of_a_staffed_site_that_the_register_says(
    name: str, share: float
) -> None:
    """One case that stays at a site, one sent to a neighbour; nobody goes there today."""
    values = {key: share for key in load_register() if key.endswith(".neighbour_effect")}
    model = with_register(MODELS[name], load_register().replaced(values))
    one, nobody = np.array([1.0]), np.array([0.0])
    load = replace(caseload(grid_of(name), [("s0",)]), at_neighbours_today=0.0)
    here = replace(load, at_candidates=one, at_neighbours=nobody)
    there = replace(load, at_candidates=nobody, at_neighbours=one)
    drawn = Draws.sample(model.register, DRAWS, SEED)
    for estimate in model.estimates:
        stays, sent = (model.gains(estimate, some, drawn) for some in (here, there))
        for part in {"hub", "units"} & set(stays):
            assert sent[part] == pytest.approx(share * stays[part], abs=1e-15)


@every_model
def test_no_cases_are_no_gain(name: str) -> None:
    region, service = place("plain")
    nobody = replace(service, demand=service.demand * 0, outcome=at_home(MODELS[name]))
    grid = Grid.of(region, nobody)
    model, load = outcome_of(grid), caseload(grid, [("s1",), ()])
    for estimate in model.estimates:
        total, _ = total_gain(model, estimate, load, Draws.sample(model.register, 5, SEED))
        assert (total == 0).all()


@every_model
def test_staying_as_today_gains_nothing_from_time_transfers_or_volume(name: str) -> None:
    grid = grid_of(name)
    model, load = outcome_of(grid), caseload(grid, [grid.service.today])
    for estimate in model.estimates:
        gains = model.gains(estimate, load, Draws.sample(model.register, DRAWS, SEED))
        for part, gain in gains.items():
            if part in ("delay", "transfer", "volume", "time"):
                assert gain == pytest.approx(np.zeros_like(gain), abs=1e-12)


@pytest.mark.parametrize(
    ("name", "within"),
    [("service stroke", 0.02), ("egs delay", 0.01), ("service ppci", 0.05)],
)
def test_the_mean_of_the_draws_is_the_central_value_where_the_model_is_linear(
    name: str, within: float
) -> None:
    """Linear in each assumption, and those that are multiplied are independent."""
    grid = grid_of(name)
    model, load = outcome_of(grid), caseload(grid, reachable(grid))
    central = total_gain(model, "lives_saved", load, Draws.central(model.register))[0][0]
    for seed in (1, 2):
        values = Draws.sample(model.register, 20_000, seed)
        mean = total_gain(model, "lives_saved", load, values)[0].mean(axis=0)
        assert mean == pytest.approx(central, rel=within, abs=1e-9)


DELAYED = [name for name, m in MODELS.items() if "delay" in getattr(m, "effects", ())]


@pytest.mark.parametrize("name", DELAYED)
def test_longer_journeys_and_transfers_never_help_where_delay_harms(name: str) -> None:
    grid = grid_of(name)
    model: Any = outcome_of(grid)
    opened = reachable(grid)
    values = Draws.sample(model.register, DRAWS, SEED)
    harmful = values[f"{model.prefix}.delay_ln_rr_per_hour"] >= 0
    assert harmful.mean() > 0.8
    parts = model.gains("lives_saved", caseload(grid, opened), values)
    assert ("transfer" in parts) == ("transfer" in model.effects)
    pairs = [(a, b) for a in opened for b in opened if set(a) < set(b)]
    assert pairs
    for fewer, more in pairs:
        for part in {"delay", "transfer"} & set(parts):
            gain = parts[part][harmful]
            change = gain[:, opened.index(fewer)] - gain[:, opened.index(more)]
            assert (change <= 1e-12).all()
    if "transfer" in parts:
        assert (parts["transfer"][harmful] <= 0).all()
        assert (parts["transfer"] < 0).any()


@pytest.mark.parametrize("name", [*DELAYED, "service stroke-times"])
def test_a_minute_more_never_gains_a_case_anything(name: str) -> None:
    grid = grid_of(name)
    model = outcome_of(grid)
    minutes = np.linspace(0.0, 900.0, 400)
    still = np.full_like(minutes, 30.0)
    yes = np.ones(len(minutes), dtype=bool)
    made = Journeys(
        outcome=model,
        minutes=minutes,
        cases=yes * 1.0,
        is_candidate=yes,
        minutes_today=still,
        candidate_today=yes,
        displaced=minutes > still,
        reference_minutes=30.0,
        number_open=2,
        volume=yes * 9.0,
        volume_today=yes * 9.0,
        onward=0 * still,
        onward_today=0 * still,
    )
    for estimate in model.estimates:
        assert (np.diff(model.per_case(estimate, made)) <= 1e-12).all()
        if model.centres:
            sent_on = replace(made, minutes=still, onward=minutes)
            assert (np.diff(model.per_case(estimate, sent_on)) <= 1e-12).all()


def scaled(load: Caseload, times: float) -> Caseload:
    """Return a caseload with so many times the cases everywhere."""
    same = {"number_open", "minutes", "reference_minutes", "onward"}
    names = {field.name for field in fields(load)} - same
    return replace(load, **{name: times * getattr(load, name) for name in names})


def gains(name: str, load: Caseload) -> Mapping[str, np.ndarray]:
    """Return all gains by estimate and effect, drawn."""
    model = outcome_of(grid_of(name))
    values = Draws.sample(model.register, 50, SEED)
    return {
        f"{estimate} {part}": gain
        for estimate in model.estimates
        for part, gain in model.gains(estimate, load, values).items()
    }


@every_model
def test_it_says_truly_whether_it_depends_on_volumes_and_on_the_number_of_sites(name: str) -> None:
    model = MODELS[name]
    load = caseload(grid_of(name), [("s2",), ("s0", "s2"), ("s0", "s1", "s2", "s3")])
    before = gains(name, load)
    others = gains(name, replace(load, number_open=load.number_open + 7))
    same = [bool((others[key] == gain).all()) for key, gain in before.items()]
    assert all(same) == (not model.by_number)
    tenfold = gains(name, scaled(load, 10.0))
    linear = [
        bool(np.allclose(tenfold[key], 10.0 * gain, rtol=1e-9, atol=1e-12))
        for key, gain in before.items()
    ]
    assert all(linear) == (not model.by_volume)
