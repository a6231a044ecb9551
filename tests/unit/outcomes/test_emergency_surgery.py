"""The hub estimate reproduces the figures it was derived from, and says how unsure it is."""

from __future__ import annotations

import numpy as np
import pytest

from reconfig.outcomes import EmergencySurgery, upper_bound_scenario
from reconfig.outcomes.emergency_surgery import risk_ratio
from tests.instances import shipped_register, with_values

CASES = 1150.0  # emergency laparotomies a year in Greater Manchester


@pytest.fixture(scope="module")
def model() -> EmergencySurgery:
    """The model on the shipped assumptions."""
    return EmergencySurgery(shipped_register())


def test_four_hubs_save_about_eight_lives_with_a_wide_interval_and_a_third_chance_of_none(
    model: EmergencySurgery,
) -> None:
    lives = model.lives_saved(cases_at_sites=CASES, cases=CASES, number_open=4)
    assert lives.central == pytest.approx(8.0, abs=0.5)
    assert lives.low == pytest.approx(0.0, abs=0.5)
    assert lives.high == pytest.approx(28.0, abs=1.0)
    assert lives.probability_of_no_gain == pytest.approx(0.38, abs=0.01)
    assert lives.baseline_deaths == pytest.approx(115.0)  # 1,150 x 10 %


def test_the_mean_risk_ratio_is_about_0885(model: EmergencySurgery) -> None:
    reached = model.baseline_deaths_per_case * model.register.value("egs.share_moved")
    assert 1 - model.deaths_avoided_per_case / reached == pytest.approx(0.885, abs=0.002)


def test_the_expected_value_is_the_mean_of_its_own_draws(model: EmergencySurgery) -> None:
    mean = float(model._effect.draws.mean())
    assert model.deaths_avoided_per_case == pytest.approx(mean, rel=0.01)


@pytest.mark.parametrize(
    ("odds", "risk", "expected"),
    [
        (0.5, 0.1, 0.5 / 0.95),  # 0.5 / (1 - 0.1 + 0.05)
        (0.5, 0.5, 0.5 / 0.75),
        (1.0, 0.3, 1.0),
        (2.0, 0.5, 2.0 / 1.5),
    ],
)
def test_an_odds_ratio_becomes_a_risk_ratio_at_the_baseline_risk(
    odds: float, risk: float, expected: float
) -> None:
    assert float(risk_ratio(np.array(odds), risk)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("number", "share"), [(0, 1), (4, 1), (5, 1), (6, 0.8), (7, 0.6), (9, 0.2), (10, 0), (12, 0)]
)
def test_the_effect_is_whole_to_five_hubs_and_gone_at_ten(
    model: EmergencySurgery, number: int, share: float
) -> None:
    assert model.staffed_share(number) == pytest.approx(share)


def test_ten_sites_save_nobody_and_the_chance_of_none_is_certain(model: EmergencySurgery) -> None:
    lives = model.lives_saved(cases_at_sites=CASES, cases=CASES, number_open=10)
    assert (lives.central, lives.low, lives.high) == (0.0, 0.0, 0.0)
    assert lives.probability_of_no_gain == 1.0


def test_full_belief_in_no_effect_saves_nobody() -> None:
    doubting = with_values(
        shipped_register(),
        {"egs.hub_weight_none": 1, "egs.hub_weight_moderate": 0, "egs.hub_weight_strong": 0},
    )
    lives = EmergencySurgery(doubting).lives_saved(cases_at_sites=CASES, cases=CASES, number_open=4)
    assert lives.central == 0.0
    assert lives.high == 0.0
    assert lives.probability_of_no_gain == 1.0


def test_a_stronger_effect_saves_more(model: EmergencySurgery) -> None:
    stronger = EmergencySurgery(with_values(shipped_register(), {"egs.hub_ln_or_moderate": -0.5}))
    assert stronger.deaths_avoided_per_case > model.deaths_avoided_per_case


def test_the_basis_says_that_the_effect_is_contested_and_how_much_weight_none_has(
    model: EmergencySurgery,
) -> None:
    assert "contested" in model.basis
    assert "35% weight to no effect" in model.basis


def test_the_claim_of_300_lives_is_an_upper_bound_and_not_a_forecast() -> None:
    said = upper_bound_scenario(shipped_register())
    assert "301 lives a year" in said  # 537 x (1 - 0.44) = 300.7
    assert "not a forecast" in said
    assert said.startswith("Upper-bound scenario")
    other = with_values(shipped_register(), {"egs.upper_bound_deaths": 100.0})
    assert "= 56 lives a year" in upper_bound_scenario(other)
