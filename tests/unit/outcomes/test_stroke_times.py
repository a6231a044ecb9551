"""Stroke disability by time to treatment, against the independent package and by its properties."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconfig.core import InputError
from reconfig.outcomes.draws import Draws
from reconfig.outcomes.stroke_times import (
    SCORES,
    deaths,
    excellent,
    independent,
    mrs_distribution,
    untreated_distribution,
    utility,
)
from tests.instances import shipped_register

REGISTER = shipped_register()
CENTRAL = Draws.central(REGISTER)

COHORTS = [("nlvo", "ivt"), ("lvo", "ivt"), ("lvo", "mt")]
# On the times of no effect too, where the package changes from one rule to the other.
GRID = np.unique(np.append(np.arange(0.0, 601.0, 7.5), [377.9, 378.0, 378.1, 480.0, 600.0]))


def given_values(**values: list[float] | float) -> Draws:
    """Return draws with some stroke assumptions given and the others central."""
    return Draws.at(REGISTER, {f"stroke.{k}": np.atleast_1d(v) for k, v in values.items()})


# The independent package ------------------------------------------------------------------------


@cache
def package_results(
    group: str, treatment: str, utilities: str = "Wang2020"
) -> dict[str, np.ndarray]:
    """Return what the package says of the grid: mRS distributions and utility gained."""
    from stroke_outcome.continuous_outcome import Continuous_outcome
    from stroke_outcome.outcome_utilities import import_utility_dists_from_file

    weights = import_utility_dists_from_file().loc[utilities].to_numpy(dtype=float)
    model = Continuous_outcome(utility_weights=weights)
    model.assign_patients_to_trial(
        pd.DataFrame(
            {
                "stroke_type_code": np.full(len(GRID), 1 if group == "nlvo" else 2),
                "onset_to_needle_mins": GRID,
                "ivt_chosen_bool": np.full(len(GRID), int(treatment == "ivt")),
                "onset_to_puncture_mins": GRID,
                "mt_chosen_bool": np.full(len(GRID), int(treatment == "mt")),
            }
        )
    )
    results = model.calculate_outcomes()[1]
    cohort = f"{group}_{treatment}"
    return {
        "cumulative": results[f"{cohort}_each_patient_mrs_dist_post_stroke"],
        "utility": results[f"{cohort}_each_patient_utility_shift"],
    }


@pytest.mark.parametrize(("group", "treatment"), COHORTS)
def test_distributions_are_those_of_the_independent_package(group: str, treatment: str) -> None:
    """To rounding of floating point: the package rounds nothing."""
    ours = mrs_distribution(CENTRAL, group, treatment, GRID)[0].cumsum(axis=1)
    theirs = package_results(group, treatment)["cumulative"]
    # The package takes 1e-10 off P(mRS <= 6) = 1 where it is past the time of no effect.
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-10)


@pytest.mark.parametrize(
    ("utilities", "theirs"), [("wang", "Wang2020"), ("dijkland", "Dijkland2018")]
)
@pytest.mark.parametrize(("group", "treatment"), COHORTS)
def test_utilities_are_those_of_the_independent_package(
    group: str, treatment: str, utilities: str, theirs: str
) -> None:
    """Where the package has a gain; where it has a loss, ours leaves the patient untreated."""
    shift = package_results(group, treatment, theirs)["utility"]
    ours = utility(CENTRAL, group, treatment, GRID, utilities=utilities)[0]
    np.testing.assert_allclose(ours, np.maximum(shift, 0), rtol=0, atol=1e-9)
    assert (shift < 0).any()
    assert (shift > 0.05).any()


# The evidence's own table and anchors -----------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "gains", "dead"),
    [
        (90, (0.124, 0.064, 0.210), (0.042, 0.174, 0.103)),
        (120, (0.112, 0.055, 0.192), (0.046, 0.178, 0.109)),
        (180, (0.087, 0.039, 0.156), (0.054, 0.187, 0.124)),
        (240, (0.060, 0.023, 0.121), (0.064, 0.195, 0.140)),  # 0.19549: often printed as 0.196
        (300, (0.032, 0.008, 0.086), (0.075, 0.205, 0.157)),
    ],
)
def test_gains_by_time_are_those_of_the_evidence_to_its_digits(
    minutes: float, gains: tuple[float, ...], dead: tuple[float, ...]
) -> None:
    half_a_digit = 0.0005
    for (group, treatment), gain, share in zip(COHORTS, gains, dead, strict=True):
        found = utility(CENTRAL, group, treatment, [minutes])[0, 0]
        assert found == pytest.approx(gain, abs=half_a_digit)
        died = mrs_distribution(CENTRAL, group, treatment, [minutes])[0, 0, -1]
        assert died == pytest.approx(share, abs=half_a_digit)


def test_untreated_deaths_are_those_of_the_evidence() -> None:
    assert untreated_distribution(CENTRAL, "nlvo")[0, -1] == pytest.approx(0.082)
    assert untreated_distribution(CENTRAL, "lvo")[0, -1] == pytest.approx(0.189)


def test_a_minute_costs_what_the_evidence_says() -> None:
    """Utility and deaths a minute between 120 and 150 minutes."""
    per_minute = [(-0.00042, 0.00013), (-0.00027, 0.00014), (-0.00060, 0.00023)]
    for (group, treatment), (utility_slope, death_slope) in zip(COHORTS, per_minute, strict=True):
        gain = np.diff(utility(CENTRAL, group, treatment, [120, 150])[0])[0] / 30
        died = np.diff(deaths(CENTRAL, group, treatment, [120, 150])[0])[0] / 30
        assert gain == pytest.approx(utility_slope, abs=6e-6)
        assert died == pytest.approx(death_slope, abs=6e-6)


@pytest.mark.parametrize(
    ("group", "treatment", "minutes", "said"),
    [
        ("nlvo", "mt", [10.0], "'nlvo' with treatment 'mt'"),
        ("lvo", "tpa", [10.0], "'tpa'"),
        ("lvo", "mt", [10.0, -1.0, np.nan], "2 blank or below zero"),
        ("lvo", "mt", np.zeros((3, 2)), "shape (3, 2)"),
    ],
)
def test_what_cannot_be_worked_out_is_refused(
    group: str, treatment: str, minutes: list[float], said: str
) -> None:
    with pytest.raises(InputError) as error:
        mrs_distribution(CENTRAL, group, treatment, minutes)
    assert said in str(error.value)


# Properties -------------------------------------------------------------------------------------

any_minutes = st.lists(st.floats(0, 900), min_size=2, max_size=12).map(sorted)
any_effect = st.floats(0.2, 3.0)
any_limit = st.floats(120, 900)


@pytest.mark.parametrize(("group", "treatment"), COHORTS)
@given(minutes=any_minutes, effect=any_effect, limit=any_limit)
@settings(max_examples=60, deadline=None)
def test_later_treatment_never_helps(
    group: str, treatment: str, minutes: list[float], effect: float, limit: float
) -> None:
    """At any effect and time of no effect, for every outcome; deaths stay shares of patients."""
    draws = given_values(**{f"{treatment}_effect": effect, f"{treatment}_no_effect_minutes": limit})
    shares = mrs_distribution(draws, group, treatment, minutes)
    assert shares.shape == (1, len(minutes), len(SCORES))
    assert (shares >= 0).all()
    assert shares.sum(axis=-1) == pytest.approx(np.ones((1, len(minutes))))
    assert (shares[..., -1] <= 1).all()
    cumulative = shares.cumsum(axis=-1)
    assert (np.diff(cumulative, axis=1) <= 1e-12).all()
    assert (np.diff(deaths(draws, group, treatment, minutes)) >= -1e-12).all()
    late = np.asarray(minutes) >= limit
    for gain in (
        utility(draws, group, treatment, minutes),
        utility(draws, group, treatment, minutes, utilities="dijkland"),
        independent(draws, group, treatment, minutes),
        excellent(draws, group, treatment, minutes),
    ):
        assert (gain >= 0).all()
        assert (gain <= 1).all()
        assert (np.diff(gain) <= 1e-12).all()
        assert (gain[0, late] == 0).all()


def test_a_row_of_minutes_for_each_draw_is_read_row_by_row() -> None:
    draws = Draws.sample(REGISTER, 3, seed=1)
    rows = np.array([[60.0, 90.0], [120.0, 150.0], [200.0, 400.0]])
    together = utility(draws, "lvo", "mt", rows)
    apart = [utility(draws, "lvo", "mt", row)[i] for i, row in enumerate(rows)]
    assert together == pytest.approx(np.stack(apart))
