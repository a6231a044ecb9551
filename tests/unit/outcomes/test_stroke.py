"""Deaths avoided by hyper-acute units: the published effects when only that study has weight."""

from __future__ import annotations

import numpy as np
import pytest

from reconfig.core import Journeys
from reconfig.outcomes import Register, StrokeUnits
from tests.instances import shipped_register, with_values
from tests.unit.outcomes.loads import central, drawn, load

GREATER_MANCHESTER = 4252.0  # strokes a year, hospital records of 2013 to 2015
# Not counted: as many strokes as make 168 fewer deaths in 21 months 1.1 percentage points.
LONDON = 168 / 21 * 12 / 0.011  # 8,727 a year
UNITS = load(at_sites=GREATER_MANCHESTER, number_open=3)


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


# Published figures -----------------------------------------------------------------------------


def test_the_effect_seen_in_greater_manchester_avoids_66_to_69_deaths_a_year_there() -> None:
    """Morris 2019: 69 fewer a year; 4,252 x 0.86 x 1.8 points = 66."""
    found = central(StrokeUnits(weighted(0, 1, 0)), UNITS)
    assert found == pytest.approx(4252 * 0.86 * 0.018)
    assert 65.5 <= found <= 69.5


def test_its_interval_is_the_one_of_the_study() -> None:
    """Of -3.4 to -0.2 points: 7 to 124 deaths, and nearly no chance of none."""
    draws = drawn(StrokeUnits(weighted(0, 1, 0)), UNITS)
    low, high = np.quantile(draws, [0.025, 0.975])
    assert low == pytest.approx(7, abs=4)
    assert high == pytest.approx(124, abs=5)
    assert 0 < float((draws <= 0).mean()) < 0.05


def test_the_effect_seen_in_london_avoids_about_96_deaths_a_year_there() -> None:
    """Morris 2014: 168 fewer (19 to 316) in 21 months, of all patients, 93 % of them admitted."""
    register = weighted(0, 0, 1)
    share = register.value("stroke.london_share_admitted")
    there = StrokeUnits(with_values(register, {"stroke.share_admitted": share}))
    units = load(at_sites=LONDON, number_open=8)
    assert pytest.approx(8727, abs=1) == LONDON
    assert central(there, units) == pytest.approx(96.0, abs=0.5)
    low, high = np.quantile(drawn(there, units), [0.025, 0.975])
    assert low == pytest.approx(19 / 21 * 12, abs=5)
    assert high == pytest.approx(316 / 21 * 12, abs=7)


def test_the_london_effect_is_per_case_admitted_there() -> None:
    """Measured on all patients, of whom 93 % were admitted to a hyper-acute unit."""
    found = central(StrokeUnits(weighted(0, 0, 1)), UNITS)
    assert found == pytest.approx(4252 * 0.86 * 0.011 / 0.93)


def test_the_model_of_2010_avoids_no_death() -> None:
    """Morris 2014: no significant change where only some of the patients were admitted."""
    assert central(StrokeUnits(weighted(1, 0, 0)), UNITS) == 0.0
    assert (drawn(StrokeUnits(weighted(1, 0, 0)), UNITS) == 0).all()


# The mixture -----------------------------------------------------------------------------------


def test_the_central_value_is_the_weighted_one() -> None:
    # 4,252 x 0.86 x (0.50 x 1.8 + 0.35 x 1.1 / 0.93 + 0.15 x 0) points
    expected = 4252 * 0.86 * (0.50 * 0.018 + 0.35 * 0.011 / 0.93)
    assert central(StrokeUnits(shipped_register()), UNITS) == pytest.approx(expected)


def test_the_mean_of_the_draws_is_the_central_value() -> None:
    model = StrokeUnits(shipped_register())
    assert float(drawn(model, UNITS).mean()) == pytest.approx(central(model, UNITS), rel=0.02)


def test_the_chance_of_none_holds_at_least_the_weight_of_no_effect() -> None:
    draws = drawn(StrokeUnits(shipped_register()), UNITS)
    assert 0.15 <= float((draws <= 0).mean()) < 0.20


def test_only_who_is_admitted_gains() -> None:
    half = with_values(shipped_register(), {"stroke.share_admitted": 0.43})
    found = central(StrokeUnits(half), UNITS)
    assert found == pytest.approx(central(StrokeUnits(shipped_register()), UNITS) / 2)


@pytest.mark.parametrize("number", [1, 3, 9])
def test_the_number_of_units_does_not_change_what_each_achieves(number: int) -> None:
    model = StrokeUnits(shipped_register())
    other = load(at_sites=GREATER_MANCHESTER, number_open=number)
    assert central(model, other) == central(model, UNITS)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_neighbour_with_a_unit_has_its_share_of_the_effect(share: float) -> None:
    """Whoever goes there, today or not: the baseline is care without units anywhere."""
    register = with_values(shipped_register(), {"stroke.neighbour_effect": share})
    model = StrokeUnits(register)
    away = load(at_sites=3000.0, at_neighbours=1000.0, at_neighbours_today=400.0, number_open=3)
    one = central(model, load(at_sites=1.0))
    assert central(model, away) == pytest.approx(one * (3000 + share * 1000))
    made = Journeys(
        outcome=model,
        minutes=np.array([9.0, 9.0, 9.0]),
        cases=np.ones(3),
        is_candidate=np.array([True, False, False]),
        minutes_today=np.array([9.0, 9.0, 9.0]),
        candidate_today=np.array([True, True, False]),
        displaced=np.array([False, True, False]),
        reference_minutes=9.0,
    )
    assert model.per_case("lives_saved", made) == pytest.approx([one, share * one, share * one])


def test_where_neighbours_are_units_lives_do_not_depend_on_who_is_sent_there() -> None:
    model = StrokeUnits(shipped_register())
    found = [
        central(model, load(at_sites=4000.0 - a, at_neighbours=a, number_open=n))
        for a, n in ((0.0, 9), (700.0, 3), (4000.0, 0))
    ]
    assert found == pytest.approx([found[0]] * 3)


def test_journeys_are_in_the_effect_and_never_counted_again() -> None:
    model = StrokeUnits(shipped_register())
    further = load(
        at_sites=GREATER_MANCHESTER,
        number_open=3,
        minutes={90: GREATER_MANCHESTER},
        minutes_today={10: GREATER_MANCHESTER},
    )
    assert central(model, further) == central(model, UNITS)


# Limits ----------------------------------------------------------------------------------------


def test_no_draw_avoids_more_deaths_than_there_are() -> None:
    enormous = StrokeUnits(with_values(weighted(0, 1, 0), {"stroke.hasu_effect_gm2015": 0.9}))
    assert central(enormous, UNITS) == pytest.approx(4252 * 0.22)
    draws = drawn(enormous, UNITS)
    assert float(draws.max()) <= 4252 * 0.30
    assert float(draws.mean()) == pytest.approx(4252 * 0.22, rel=0.01)


def test_a_share_of_none_in_london_is_no_crash() -> None:
    nobody = with_values(weighted(0, 0, 1), {"stroke.london_share_admitted": 0.0})
    assert central(StrokeUnits(nobody), UNITS) == pytest.approx(4252 * 0.22)


def test_it_says_what_it_is_counted_against() -> None:
    model = StrokeUnits(shipped_register())
    assert model.baseline == "care without hyper-acute units"
    assert "difference-in-differences" in model.basis
    assert "the same wherever and however many the units are" in model.basis
