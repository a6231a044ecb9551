"""The stroke estimate reproduces the published effect when only that study has weight."""

from __future__ import annotations

import pytest

from reconfig.outcomes import Register, Stroke
from tests.instances import shipped_register, with_values

CASES = 4252.0  # strokes a year in Greater Manchester


def weighted(none: float, gm2015: float, london: float) -> Register:
    """Return the register with other weights of belief."""
    return with_values(
        shipped_register(),
        {
            "stroke.hasu_weight_none": none,
            "stroke.hasu_weight_gm2015": gm2015,
            "stroke.hasu_weight_london": london,
        },
    )


def lives_of(register: Register) -> tuple[float, float, float, float]:
    """Return central, low, high and chance of none for all strokes at three units."""
    lives = Stroke(register).lives_saved(cases_at_sites=CASES, cases=CASES, number_open=3)
    return lives.central, lives.low, lives.high, lives.probability_of_no_gain


def test_the_greater_manchester_effect_alone_saves_about_66_lives() -> None:
    central, low, high, none = lives_of(weighted(0, 1, 0))
    assert central == pytest.approx(66, abs=0.5)  # 4,252 x 0.86 x 1.8 points
    # The study's own interval, -3.4 to -0.2 points: 7 to 124
    assert low == pytest.approx(7, abs=4)
    assert high == pytest.approx(124, abs=5)
    assert 0 < none < 0.05


def test_the_london_effect_is_per_case_admitted_there() -> None:
    """Measured on all patients, of whom 93 % were admitted to a hyper-acute unit."""
    assert lives_of(weighted(0, 0, 1))[0] == pytest.approx(4252 * 0.86 * 0.011 / 0.93)


def test_the_chance_of_none_holds_at_least_the_weight_of_no_effect() -> None:
    *_, none = lives_of(shipped_register())
    assert 0.15 <= none < 0.20
    assert lives_of(weighted(1, 0, 0)) == (0.0, 0.0, 0.0, 1.0)


def test_the_central_value_is_the_weighted_one() -> None:
    # 4,252 x 0.86 x (0.50 x 1.8 + 0.35 x 1.1 / 0.93 + 0.15 x 0) points
    expected = 4252 * 0.86 * (0.50 * 0.018 + 0.35 * 0.011 / 0.93)
    assert lives_of(shipped_register())[0] == pytest.approx(expected)


def test_the_number_of_units_does_not_change_what_each_achieves() -> None:
    model = Stroke(shipped_register())
    assert {model.staffed_share(n) for n in range(12)} == {1.0}


def test_no_draw_avoids_more_deaths_than_there_are() -> None:
    enormous = with_values(shipped_register(), {"stroke.hasu_effect_gm2015": 0.9})
    lives = Stroke(enormous).lives_saved(cases_at_sites=CASES, cases=CASES, number_open=3)
    assert lives.high <= 1.15 * lives.baseline_deaths
