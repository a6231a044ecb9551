"""What every outcome model must hold, merely by being one that a service file can ask for."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from reconfig.appraise import Grid, appraise, caseload, find_measure, overall_values, total_gain
from reconfig.core import Assumptions, Configuration, OutcomeModel
from reconfig.data import load_register
from reconfig.outcomes import Assumption, Draws, Register
from tests.contract.models import (
    DRAWS,
    LIVES,
    MODELS,
    PLACES,
    SEED,
    Watched,
    answers,
    at_home,
    every_lives_model,
    every_model,
    grid_of,
    journeys,
    outcome_of,
    reachable,
    with_register,
)


def test_there_is_a_model_of_every_kind() -> None:
    assert {"service emergency-surgery", "service stroke", "service stroke-times"} <= set(MODELS)
    assert len(MODELS) >= 25
    estimates = {estimate for model in MODELS.values() for estimate in model.estimates}
    assert estimates == {"lives_saved", "qalys", "independent"}


@every_model
def test_it_is_an_outcome_model_that_says_it_is_an_estimate(name: str) -> None:
    model = MODELS[name]
    assert isinstance(model, OutcomeModel)
    assert "estimated" in model.basis
    assert model.baseline
    assert model.estimates
    for estimate in model.estimates:
        measure = find_measure(estimate)
        assert measure is not None
        assert measure.estimated
        assert measure.better == "higher"


@every_model
def test_lives_and_disability_are_never_in_one_model(name: str) -> None:
    assert MODELS[name].estimates in (("lives_saved",), ("qalys", "independent"))


@every_model
def test_deaths_at_baseline_are_a_share_of_the_cases_in_every_draw(name: str) -> None:
    model = MODELS[name]
    for values in (Draws.central(model.register), Draws.sample(model.register, DRAWS, SEED)):
        deaths = model.baseline_deaths(values)
        assert deaths.shape == (values.number,)
        assert ((deaths >= 0) & (deaths <= 1)).all()
        assert (deaths > 0).mean() > 0.99


@every_model
def test_it_answers_in_the_shape_that_was_asked(name: str) -> None:
    grid = grid_of(name)
    model, opened = outcome_of(grid), reachable(grid)
    values, load = Draws.sample(model.register, 11, SEED), caseload(grid, opened)
    assert model.demand_factor(values).shape == (11,)
    for estimate in model.estimates:
        for gain in model.gains(estimate, load, values).values():
            assert gain.shape == (11, len(opened))
        for sites in opened:
            assert model.per_case(estimate, journeys(grid, sites)).shape == (len(grid.zones),)
        if not model.by_volume:
            every = model.per_case(estimate, grid.every_journey(2))
            assert every.shape == grid.minutes.shape
            assert np.isfinite(every).all()


@every_model
def test_demand_is_central_at_the_central_values_and_never_below_zero(name: str) -> None:
    model = MODELS[name]
    assert model.demand_factor(Draws.central(model.register)) == pytest.approx([1.0])
    assert (model.demand_factor(Draws.sample(model.register, DRAWS, SEED)) >= 0).all()


def check_never_more_than_all(grid: Grid, values: Assumptions) -> None:
    """Check that deaths saved never exceed those at baseline."""
    model = outcome_of(grid)
    load = caseload(grid, reachable(grid))
    total, _ = total_gain(model, "lives_saved", load, values)
    deaths = load.cases * model.demand_factor(values) * model.baseline_deaths(values)
    assert np.isfinite(total).all()
    assert (total <= deaths[:, None] * (1 + 1e-12)).all()


@every_lives_model
def test_deaths_saved_never_exceed_deaths_at_baseline_in_any_draw(name: str) -> None:
    for kind in PLACES:
        grid = grid_of(name, kind)
        check_never_more_than_all(grid, Draws.sample(LIVES[name].register, 2000, SEED))


def ends(assumption: Assumption) -> list[float]:
    """Return values at the ends of what is possible, and far out where there is no end."""
    far = [0.0, 1.0, -1.0, 3.0, -3.0, 10 * assumption.value, 1e4]
    if "log" in assumption.unit:
        far = [3.0, -3.0]
    return [value for value in far if not assumption.impossible(value)]


@every_lives_model
def test_deaths_saved_never_exceed_deaths_at_baseline_whatever_is_overridden(name: str) -> None:
    plain = load_register()
    watched = Watched(plain)
    answers(grid_of(name, model=with_register(LIVES[name], watched)))
    rng = np.random.default_rng(SEED)
    asked = [key for key in sorted(watched.asked) if "_weight_" not in key]
    changes: list[dict[str, float]] = [{k: v} for k in asked for v in ends(plain[k])]
    changes += [
        {k: float(rng.choice(ends(plain[k]))) for k in asked if rng.random() < 0.7}
        for _ in range(60)
    ]
    prefix = next(k for k in watched.asked if "baseline_mortality" in k).split(".")[0]
    strong = f"{prefix}.hub_weight_strong"
    if strong in watched.asked:
        changes += [{strong: 1.0, f"{prefix}.hub_weight_none": 0.0, **c} for c in changes[-30:]]
    for change in changes:
        grid = grid_of(name, model=with_register(LIVES[name], plain.replaced(change)))
        model = outcome_of(grid)
        central = Draws.central(model.register)
        check_never_more_than_all(grid, central)
        deaths = float(model.baseline_deaths(central)[0]) * grid.cases.sum()
        for sites in reachable(grid):
            gain = grid.cases * model.per_case("lives_saved", journeys(grid, sites))
            assert gain.sum() <= deaths * (1 + 1e-12), change


@every_model
def test_the_same_call_gives_the_same_answer(name: str) -> None:
    grid, model = grid_of(name), at_home(MODELS[name])
    one, other = (Draws.sample(model.register, 60, SEED) for _ in range(2))
    different = Draws.sample(model.register, 60, SEED + 1)
    first = answers(grid, one)
    assert answers(grid, different) != first
    # Whatever the model keeps from one call to the next, and in a copy of its own.
    assert answers(grid, one) == answers(grid, other) == first
    again = pickle.loads(pickle.dumps(model))
    assert answers(grid_of(name, model=again), other) == first


@every_model
def test_without_a_register_there_are_no_numbers(name: str) -> None:
    with pytest.raises(KeyError, match="no assumption"):
        answers(grid_of(name, model=with_register(MODELS[name], Register({}))))


@every_model
def test_every_number_follows_the_register_and_nothing_is_built_in(name: str) -> None:
    plain, model = load_register(), MODELS[name]
    watched = Watched(plain)
    before = answers(grid_of(name, model=with_register(model, watched)))
    assert len(watched.asked) >= 3
    assert any("baseline_mortality" in key for key in watched.asked)
    for key in watched.asked:
        value = plain.value(key)
        changed = plain.replaced({key: 0.9 * value if value else 0.1})
        assert answers(grid_of(name, model=with_register(model, changed))) != before, key
    # What it did not ask for it does not need.
    enough = Register({key: plain[key] for key in watched.asked})
    assert answers(grid_of(name, model=with_register(model, enough))) == before


@every_model
def test_what_it_asks_of_draws_is_what_it_asks_of_the_register(name: str) -> None:
    """So that tornado and value of information find every assumption that matters."""
    watched = Watched(load_register())
    grid = grid_of(name, model=with_register(MODELS[name], watched))
    answers(grid)
    model, values = outcome_of(grid), Draws.central(load_register())
    for estimate in model.estimates:
        total_gain(model, estimate, caseload(grid, [("s0", "s1"), ("s2",)]), values)
    unasked = watched.asked - values.asked
    # Deaths at baseline are asked for by what counts lives.
    assert unasked <= ({"stroke.baseline_mortality"} if "qalys" in model.estimates else set())


@every_model
@pytest.mark.parametrize("kind", PLACES)
def test_the_measure_and_the_estimate_are_the_same_number(name: str, kind: str) -> None:
    grid = grid_of(name, kind)
    model, opened = outcome_of(grid), reachable(grid)
    assert len(opened) >= 4
    values, load = Draws.central(model.register), caseload(grid, opened)
    # One in a million of the deaths (or of the cases) at baseline.
    size = grid.cases.sum() * float(model.baseline_deaths(values)[0])
    for estimate in model.estimates:
        total, parts = total_gain(model, estimate, load, values)
        assert np.sum(list(parts.values()), axis=0) == pytest.approx(total)
        for k, sites in enumerate(opened):
            configuration = Configuration.of("surgery", sites)
            measured = overall_values(grid.region, grid.service, configuration, [estimate])
            assert measured[estimate] == pytest.approx(total[0, k], abs=1e-6 * size)
            alone = total_gain(model, estimate, caseload(grid, [sites]), values)[0]
            assert alone[0, 0] == pytest.approx(total[0, k], abs=1e-9 * size)


@every_lives_model
@pytest.mark.parametrize("kind", ["plain", "unreachable"])
def test_an_appraisal_says_all_that_qualifies_lives_saved(name: str, kind: str) -> None:
    grid = grid_of(name, kind)
    model = outcome_of(grid)
    deaths = grid.cases.sum() * float(model.baseline_deaths(Draws.central(model.register))[0])
    for sites in reachable(grid)[::3]:
        found = appraise(grid.region, grid.service, Configuration.of("surgery", sites))
        lives = found.lives
        assert lives is not None
        assert lives.central == found.measures["lives_saved"]
        assert sum(lives.parts.values()) == pytest.approx(lives.central, abs=1e-6 * deaths)
        assert lives.low <= lives.high
        assert 0 <= lives.probability_of_no_gain <= 1
        assert lives.baseline_deaths == pytest.approx(deaths)
        assert lives.central <= lives.baseline_deaths
        assert np.isfinite([lives.central, lives.low, lives.high]).all()
        assert (lives.basis, lives.baseline) == (model.basis, model.baseline)
        if lives.probability_of_no_gain > 0.975:
            assert lives.high <= 1e-9 * max(deaths, 1.0)
        if lives.probability_of_no_gain < 0.025:
            assert lives.low > 0
