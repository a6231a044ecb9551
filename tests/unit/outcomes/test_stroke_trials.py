"""The stroke times recover the odds ratios of the trials at their times."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from reconfig.outcomes.draws import Draws
from reconfig.outcomes.stroke_times import mrs_distribution, untreated_distribution
from tests.instances import shipped_register

REGISTER = shipped_register()
CENTRAL = Draws.central(REGISTER)
PAGE = Path(__file__).resolve().parents[3] / "docs" / "evidence.md"

# The odds ratios that the model gives, by minutes from onset to treatment.
THROMBOLYSIS_TO_180 = {90: 1.63, 135: 1.51, 180: 1.39}
THROMBOLYSIS_TO_270 = {181: 1.39, 225: 1.29, 270: 1.19}
THROMBOLYSIS_BEYOND_270 = {271: 1.19, 315: 1.10, 360: 1.01}
THROMBECTOMY = {180: 2.33, 360: 1.32, 480: 0.92}


def odds(share: np.ndarray) -> np.ndarray:
    return np.asarray(share / (1 - share))


def interval(check: str) -> tuple[float, float]:
    """Return the ends of a trial's 95 % interval as odds ratios."""
    found = REGISTER[f"stroke.check_{check}"]
    margin = 1.96 * found.parameters["sd"]
    return float(np.exp(found.value - margin)), float(np.exp(found.value + margin))


def thrombolysis_odds_ratio(minutes: float) -> float:
    """Return the odds ratio of mRS 0-1 in a mix of strokes as in the register."""
    lvo = CENTRAL["stroke.share_lvo"][0]
    treated, untreated = np.zeros(1), np.zeros(1)
    for group, share in (("nlvo", 1 - lvo), ("lvo", lvo)):
        treated += share * mrs_distribution(CENTRAL, group, "ivt", [minutes])[0, :, :2].sum(axis=1)
        untreated += share * untreated_distribution(CENTRAL, group)[:, :2].sum(axis=1)
    return float((odds(treated) / odds(untreated))[0])


@pytest.mark.parametrize(
    ("check", "model"),
    [
        ("ivt_ln_or_to_180", THROMBOLYSIS_TO_180),
        ("ivt_ln_or_to_270", THROMBOLYSIS_TO_270),
        ("ivt_ln_or_beyond_270", THROMBOLYSIS_BEYOND_270),
    ],
)
def test_embersons_odds_ratios_are_recovered_at_their_times(
    check: str, model: dict[int, float]
) -> None:
    """mRS 0-1, at the start, middle and end of each window of Emberson 2014.

    Each is inside the trials' interval, and within 2 % of what the model is known to give.
    """
    low, high = interval(check)
    for minutes, known in model.items():
        found = thrombolysis_odds_ratio(minutes)
        assert low <= found <= high
        assert found == pytest.approx(known, rel=0.02)


def test_the_trial_intervals_in_the_register_are_the_published_ones() -> None:
    published = {
        "ivt_ln_or_to_180": (1.35, 2.27),
        "ivt_ln_or_to_270": (1.05, 1.51),
        "ivt_ln_or_beyond_270": (0.95, 1.40),
        "ivt_ln_or_at_60": (1.4, 2.6),
        "mt_ln_cor_at_180": (1.96, 3.98),
        "mt_ln_cor_at_360": (1.30, 3.00),
        "mt_ln_cor_at_480": (0.86, 2.88),
        "mt_ln_cor_per_hour": (0.76, 0.93),
    }
    for check, ends in published.items():
        assert interval(check) == pytest.approx(ends, abs=0.02)


def test_embersons_line_runs_from_1_9_at_one_hour_to_1_at_6_3_hours() -> None:
    """Log odds of mRS 0-1 against treatment at the time of no effect: a straight line.

    Against no treatment it ends a little below 1, as the deaths by treatment are in it.
    """
    minutes = np.array([60.0, 120.0, 219.0, 378.0])
    shares = mrs_distribution(CENTRAL, "nlvo", "ivt", minutes)[0, :, :2].sum(axis=1)
    line = np.log(odds(shares) / odds(shares[-1:]))
    assert np.exp(line[0]) == pytest.approx(1.9, abs=0.01)
    assert np.exp(line[0]) == pytest.approx(
        np.exp(CENTRAL["stroke.check_ivt_ln_or_at_60"][0]), 0.01
    )
    assert line[-1] == 0
    slopes = np.diff(line) / np.diff(minutes) * 60
    assert slopes == pytest.approx(np.full(3, -np.log(1.9) / 5.3), rel=0.01)
    assert 0.97 < thrombolysis_odds_ratio(378) < 1


def thrombectomy_common_odds_ratio(minutes: float) -> float:
    """Return the mean over the six cut points of the ratio of odds of mRS <= k to untreated."""
    treated = mrs_distribution(CENTRAL, "lvo", "mt", [minutes])[0, 0].cumsum()[:-1]
    untreated = untreated_distribution(CENTRAL, "lvo")[0].cumsum()[:-1]
    return float((odds(treated) / odds(untreated)).mean())


@pytest.mark.parametrize("minutes", THROMBECTOMY)
def test_savers_common_odds_ratios_are_recovered_at_their_times(minutes: int) -> None:
    """Inside each interval, always below the centre: the model is the more cautious.

    Against untreated patients; most controls of the trials had thrombolysis.
    """
    low, high = interval(f"mt_ln_cor_at_{minutes}")
    found = thrombectomy_common_odds_ratio(minutes)
    assert low <= found <= high
    assert found == pytest.approx(THROMBECTOMY[minutes], rel=0.02)
    assert found < np.exp(CENTRAL[f"stroke.check_mt_ln_cor_at_{minutes}"][0])


def test_an_hour_to_thrombectomy_costs_what_saver_says() -> None:
    low, high = interval("mt_ln_cor_per_hour")
    a, b = thrombectomy_common_odds_ratio(180), thrombectomy_common_odds_ratio(360)
    assert low <= (b / a) ** (1 / 3) <= high


def test_the_page_says_how_far_the_model_is_from_the_trials() -> None:
    text = PAGE.read_text(encoding="utf-8")
    row = r"^\| (Emberson|Saver) \d+ \| (\d+) \| ([\d.]+) \(.+\) \| ([\d.]+) \| ([+-]\d+) % \|$"
    said = re.findall(row, text, flags=re.M)
    known = THROMBOLYSIS_TO_180 | THROMBOLYSIS_TO_270 | THROMBOLYSIS_BEYOND_270
    assert [int(minutes) for _, minutes, *_ in said] == [*known, *THROMBECTOMY]
    for trial, minutes, middle, model, apart in said:
        found = (thrombectomy_common_odds_ratio, thrombolysis_odds_ratio)[trial == "Emberson"]
        assert float(model) == pytest.approx(found(int(minutes)), abs=0.006)
        assert int(apart) == pytest.approx(100 * (float(model) / float(middle) - 1), abs=1)
