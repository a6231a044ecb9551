"""Congestion: every minute of a region multiplied, and said so wherever assumptions are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import reconfig as rc
from reconfig.core import InputError
from reconfig.data import CONGESTION
from reconfig.scenario import read_scenario
from tests.batch.sweeps import BASE, write_base

FACTOR = 1.3


def busy(region: str | Path = "greater-manchester", factor: float = FACTOR) -> rc.Region:
    return rc.load_region(region, assumptions={CONGESTION: factor})


def test_every_journey_takes_so_much_longer() -> None:
    usual, slow = rc.load_region("greater-manchester"), busy()
    pd.testing.assert_frame_equal(slow.minutes(), usual.minutes() * FACTOR)
    pd.testing.assert_frame_equal(slow.between_sites(), usual.between_sites() * FACTOR)
    errors = slow.sites["time_error_minutes"], usual.sites["time_error_minutes"] * FACTOR
    pd.testing.assert_series_equal(*errors)


def test_so_do_those_to_a_new_candidate() -> None:
    usual, slow = (
        region.with_site("NEW", "New", easting=379_000.0, northing=394_500.0)
        for region in (rc.load_region("greater-manchester"), busy())
    )
    minutes = slow.minutes()["NEW"], usual.minutes()["NEW"] * FACTOR
    assert minutes[0].to_numpy() == pytest.approx(minutes[1].to_numpy())
    assert slow.network_error_minutes == pytest.approx((usual.network_error_minutes or 0) * FACTOR)


def test_it_is_among_the_assumptions_that_were_changed() -> None:
    assert dict(busy().assumptions) == {CONGESTION: (1.0, FACTOR)}
    assert not rc.load_region("greater-manchester", assumptions={CONGESTION: 1.0}).assumptions


def test_a_scenario_has_a_short_name_for_it(tmp_path: Path) -> None:
    folder = write_base(tmp_path)
    path = folder / "base.toml"
    path.write_text(f"congestion = {FACTOR}\n{BASE}", encoding="utf-8")
    region = read_scenario(path).problem.region
    usual = rc.load_region(folder / "region", catchment="all")
    pd.testing.assert_frame_equal(region.minutes(), usual.minutes() * FACTOR)
    assert CONGESTION in region.assumptions


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("congestion = 0", "a number above 0"),
        ('congestion = "busy"', "a number above 0"),
        ('assumptions = {"travel.congestion" = 0}', "1 leaves the minutes as they are"),
        ('congestion = 1.3\nassumptions = {"travel.congestion" = 1.3}', "a second time"),
    ],
)
def test_a_factor_that_cannot_be_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = write_base(tmp_path) / "base.toml"
    path.write_text(f"{text}\n{BASE}", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_scenario(path)


def test_named_alternatives_are_multiples_of_midday_whatever_the_region_is_loaded_at() -> None:
    """Else a busy hour on busy roads would count twice."""

    def means(region: rc.Region, service: rc.Service | None = None) -> dict[str, float]:
        fours = [
            rc.Configuration.of("emergency-surgery", sites)
            for sites in (
                ["RM301", "RW603", "RW601", "R0A07"],
                ["RM301", "RW603", "RW601", "RWJ09"],
            )
        ]
        table = rc.structural(region, fours, service=service, draws=20).table
        roads = table[table["group"] == "Roads"]
        return dict(zip(roads["alternative"], roads["mean"], strict=True))

    midday = rc.load_region("greater-manchester")
    usual, slow = means(midday), means(busy())
    assert set(usual) == {"busy", "at the worst hour"}
    assert slow == pytest.approx(usual)
    # A service that was made at midday knows nothing of the region's roads.
    assert means(busy(), midday.service("emergency-surgery")) == pytest.approx(usual)
    assert usual["busy"] != pytest.approx(usual["at the worst hour"])


def test_no_minutes_are_called_observed_that_nobody_has_observed() -> None:
    usual, slow = rc.load_region("greater-manchester"), busy()
    assert "observed" in set(usual.sites["time_kind"])
    assert "observed" not in set(slow.sites["time_kind"])
