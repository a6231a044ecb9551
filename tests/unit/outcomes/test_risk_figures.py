"""The risk model by the figures its assumptions come from, and the size of what it leaves out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.special import expit, logit

from reconfig.core import Journeys
from reconfig.outcomes import Draws, RiskModel
from tests.instances import shipped_register
from tests.unit.outcomes.loads import CASES, HUBS, central, drawn, load, surgery

# The size of what is left out ------------------------------------------------------------------


def exact(
    model: RiskModel, *, minutes: float, today: float, volume: float, displaced: bool
) -> float:
    """Return deaths avoided per case at a hub by multiplying, over all kinds of cases and beliefs.

    Hub and volume by the logistic form, p = expit(logit p0 + their sum), the hub for those it
    applies to; what that is of p0, times the risk of those for whom delay matters or does not,
    times the risk ratios of the delay and of a transfer.
    """
    value = {key.removeprefix("egs."): model.register.value(key) for key in model.register}
    p0, delayed = value["baseline_mortality"], value["delay_share"]
    theirs = value["delay_mortality"]
    others = (p0 - delayed * theirs) / (1 - delayed)
    beliefs = [
        (value["hub_weight_none"], 0.0),
        (value["hub_weight_moderate"], value["hub_ln_or_moderate"]),
        (value["hub_weight_strong"], value["hub_ln_or_strong"]),
    ]
    volume_effect = value["volume_ln_or"] * math.log(volume / value["volume_reference"])
    hours, slope = (minutes - today) / 60, value["delay_ln_rr_per_hour"]
    moved_on = value["transfer_share"] * displaced * ("transfer" in model.effects)
    later = math.exp(slope * hours) if "delay" in model.effects else 1.0
    later *= 1 - moved_on + moved_on * math.exp(slope * value["transfer_minutes"] / 60)
    mean = 0.0
    for (belief, ln_or), reached in itertools.product(beliefs, (0, 1)):
        weight = belief * (value["share_moved"] if reached else 1 - value["share_moved"])
        effects = ln_or * reached * ("hub" in model.effects)
        effects += volume_effect * ("volume" in model.effects)
        ratio = float(expit(logit(p0) + effects)) / p0
        mean += weight * ratio * (delayed * theirs * later + (1 - delayed) * others)
    return p0 - mean


@pytest.mark.parametrize(
    ("effects", "most"),
    [
        (("hub",), (1e-9, 1e-9, 1e-9)),
        (("hub", "delay"), (1e-9, 0.005, 0.015)),
        (("hub", "delay", "transfer"), (1 / 60, 1 / 40, 1 / 25)),
        (("hub", "delay", "transfer", "volume"), (1 / 60, 1 / 40, 1 / 25)),
    ],
)
@pytest.mark.parametrize(
    ("minutes", "volume", "row"), [(20.0, 288.0, 0), (35.0, 288.0, 1), (60.0, 150.0, 2)]
)
@pytest.mark.parametrize("displaced", [False, True])
def test_adding_up_leaves_out_less_than_a_fortieth_or_a_25th_forty_minutes_further(
    effects: tuple[str, ...],
    most: tuple[float, ...],
    minutes: float,
    volume: float,
    row: int,
    displaced: bool,
) -> None:
    """1,150 cases at four hubs are 288 each; today's mean journey is about 20 minutes."""
    model = surgery(*effects)
    made = Journeys(
        outcome=model,
        minutes=np.array([minutes]),
        cases=np.ones(1),
        is_candidate=np.array([True]),
        minutes_today=np.array([20.0]),
        candidate_today=np.array([True]),
        displaced=np.array([displaced]),
        reference_minutes=20.0,
        number_open=4,
        volume=np.array([volume]),
        volume_today=np.array([model.register.value("egs.volume_reference")]),
    )
    added = float(model.per_case("lives_saved", made)[0])
    truth = exact(model, minutes=minutes, today=20.0, volume=volume, displaced=displaced)
    assert added > 0
    assert abs(added - truth) < most[row] * added
    if "volume" not in effects:
        assert added <= truth + 1e-12  # what is left out is a gain


# Published figures -----------------------------------------------------------------------------


def test_the_prior_for_hubs_gives_about_eight_lives_from_0_to_28_and_38_percent_of_none() -> None:
    """115 deaths of 1,150 cases, fully staffed; computed in the evidence by another program."""
    found = drawn(surgery("hub"), HUBS)
    assert float(found.mean()) == pytest.approx(8.0, abs=0.5)
    low, high = np.quantile(found, [0.025, 0.975])
    assert low == pytest.approx(0.0, abs=0.5)
    assert high == pytest.approx(28.0, abs=1.0)
    assert float((found <= 0).mean()) == pytest.approx(0.38, abs=0.01)
    assert central(surgery("hub"), HUBS) == pytest.approx(8.0, abs=0.5)
    deaths = CASES * surgery("hub").baseline_deaths(Draws.central(shipped_register()))[0]
    assert deaths == pytest.approx(115.0)


def test_the_mean_risk_ratio_is_about_0885() -> None:
    reached = 115 * shipped_register().value("egs.share_moved")
    assert 1 - drawn(surgery("hub"), HUBS).mean() / reached == pytest.approx(0.885, abs=0.002)
    # At the central values a little below, as a risk ratio is no straight line in its logarithm.
    assert 1 - central(surgery("hub"), HUBS) / reached == pytest.approx(0.882, abs=0.001)


def test_the_harm_of_delay_is_small_in_a_conurbation() -> None:
    """5.5 minutes more for all: 1,150 x 0.27 x 0.265 x (1.024^(5.5 / 60) - 1) = 0.18 deaths."""
    further = load(minutes={36: 575.0, 35: 575.0}, minutes_today={30: CASES}, cases=CASES)
    expected = CASES * 0.27 * 0.265 * (1.024 ** (5.5 / 60) - 1)
    assert central(surgery("delay"), further) == pytest.approx(-expected, rel=0.01)
    assert expected == pytest.approx(0.18, abs=0.005)


def test_the_harm_of_transfers_is_that_of_an_hour_and_a_half_more_for_half_of_who_lose_a_site() -> (
    None
):
    """Of 600 who lose their site 300 are moved: 300 x 0.27 x 0.265 x (1.024^1.5 - 1) = 0.8."""
    lost = load(minutes={30: CASES}, minutes_today={30: CASES}, displaced={30: 600.0}, cases=CASES)
    expected = 300 * 0.27 * 0.265 * (1.024**1.5 - 1)
    assert central(surgery("delay", "transfer"), lost) == pytest.approx(-expected, rel=0.01)
    assert expected == pytest.approx(0.78, abs=0.01)


def test_the_effect_of_volume_may_go_either_way() -> None:
    larger = load(at_sites=CASES, volumes=[CASES / 4] * 4, volumes_today=[CASES / 10] * 4)
    found = drawn(surgery("volume"), larger)
    assert 0.2 < float((found < 0).mean()) < 0.5


def test_full_belief_in_no_effect_saves_nobody() -> None:
    doubting = {"hub_weight_none": 1.0, "hub_weight_moderate": 0.0, "hub_weight_strong": 0.0}
    assert central(surgery("hub", **doubting), HUBS) == 0.0
    assert (drawn(surgery("hub", **doubting), HUBS) == 0).all()


def test_a_stronger_effect_saves_more() -> None:
    assert central(surgery("hub", hub_ln_or_moderate=-0.5), HUBS) > central(surgery("hub"), HUBS)
