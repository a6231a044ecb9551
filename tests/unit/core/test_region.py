"""A region hands out services, modes and groups by name."""

from __future__ import annotations

import dataclasses
import time
from functools import cache
from typing import Any

import pandas as pd
import pytest

from reconfig.core import InputError, InputWarning, Problem, Region, keep, minimise, open_sites
from reconfig.data import load_region
from tests.instances import MINUTES, SITES, ZONES, tiny_region


@cache
def greater_manchester() -> Region:
    """Return the embedded region."""
    return load_region("greater-manchester")


def test_a_service_defined_on_a_column_has_the_sites_in_scope_as_candidates() -> None:
    region = tiny_region()
    service = region.define_service("emergency-surgery", demand="cases")
    assert service.candidates == ("A", "B", "C")
    assert service.always_open == ("N",)
    assert service.name == "Emergency surgery"
    assert service.cases_per_year == 100.0  # 10 + 20 + 30 + 40
    assert region.today(service).sites("emergency-surgery") == ("A", "B", "C")


@pytest.mark.parametrize("column", ["strokes", "district"])
def test_demand_must_be_a_numeric_column(column: str) -> None:
    with pytest.raises(InputError, match=f"zone column '{column}'"):
        tiny_region().define_service("surgery", demand=column)


def test_unknown_modes_services_and_catchments_are_refused_by_name() -> None:
    region = tiny_region()
    with pytest.raises(InputError, match="'helicopter' is not there"):
        region.minutes("helicopter")
    with pytest.raises(InputError, match="'surgery' is not there"):
        region.service("surgery")
    with pytest.raises(InputError, match="'everyone' is not there"):
        region.for_catchment("everyone")


def test_groups_are_text_columns_with_more_than_one_value() -> None:
    zones = ZONES.assign(country="England", deprivation=["1", "2", "1", "2"])
    region = Region.from_tables(zones.astype({"deprivation": object}), SITES, MINUTES)
    assert "district" in region.groups
    assert "country" not in region.groups
    assert "cases" not in region.groups


def test_a_catchment_keeps_its_zones_in_every_table() -> None:
    zones = ZONES.assign(catchment=["in", "in", "out", "in"])
    region = Region.from_tables(zones, SITES, MINUTES, catchments={"inner": ("in",)})
    region = dataclasses.replace(
        region, services={"surgery": region.define_service("surgery", demand="cases")}
    )
    inner = region.for_catchment("inner")
    assert list(inner.zones.index) == ["z1", "z2", "z4"]
    assert list(inner.minutes().index) == ["z1", "z2", "z4"]
    assert inner.service("surgery").cases_per_year == 70.0  # 10 + 20 + 40
    assert inner.who_counts == "inner, 3 zones"


def test_minutes_from_site_to_site_are_those_from_the_zone_nearest_to_it() -> None:
    """A has z1 nearest, B z2 (z3 is as near, and comes later), C z3, N z4; 0 to itself."""
    between = tiny_region().between_sites()
    assert list(between.index) == list(between.columns) == ["A", "B", "C", "N"]
    assert between.to_numpy().tolist() == [
        [0.0, 20.0, 40.0, 60.0],
        [10.0, 0.0, 30.0, 50.0],
        [30.0, 10.0, 0.0, 20.0],
        [50.0, 30.0, 10.0, 0.0],
    ]


def test_minutes_from_site_to_site_are_kept_by_a_catchment() -> None:
    zones = ZONES.assign(catchment=["out", "in", "in", "out"])
    region = Region.from_tables(zones, SITES, MINUTES, catchments={"inner": ("in",)})
    inner = region.for_catchment("inner")
    assert inner.minutes()["A"].idxmin() == "z2"  # from where it would be 20 minutes less to C
    pd.testing.assert_frame_equal(inner.between_sites(), region.between_sites())
    pd.testing.assert_frame_equal(
        inner.for_catchment("inner").between_sites(), region.between_sites()
    )


def test_a_new_site_has_minutes_from_and_to_the_others_in_a_catchment_too() -> None:
    zones = ZONES.assign(catchment=["in", "in", "in", "out"])
    region = Region.from_tables(zones, SITES, MINUTES, catchments={"inner": ("in",)})
    region = dataclasses.replace(region, network=Partial(z1=9.0, z2=3.0, z3=8.0, z4=7.0))
    inner = region.for_catchment("inner")
    inner = dataclasses.replace(inner, network=Partial(z1=9.0, z2=3.0, z3=8.0))
    between = inner.with_site("D", "Damson", easting=1.0, northing=2.0).between_sites()
    assert between.loc["D"].to_dict() == {"A": 10.0, "B": 10.0, "C": 30.0, "N": 50.0, "D": 0.0}
    assert between["D"].to_dict() == {"A": 9.0, "B": 3.0, "C": 8.0, "N": 8.0, "D": 0.0}
    # What is known of the others from beyond the catchment stays.
    known = ["A", "B", "C", "N"]
    pd.testing.assert_frame_equal(between.loc[known, known], region.between_sites())


def test_where_there_is_no_way_there_are_no_minutes_from_site_to_site() -> None:
    minutes = MINUTES.astype(dict.fromkeys("ABCN", object))
    minutes.loc[0, "C"] = "unreachable"
    between = Region.from_tables(ZONES, SITES, minutes).between_sites()
    assert between.isna().loc["A"].to_dict() == {"A": False, "B": False, "C": True, "N": False}
    assert int(between.isna().to_numpy().sum()) == 1


class Straight:
    """A road network for tests: every zone of the tiny region is seven minutes away."""

    def minutes_to(self, easting: float, northing: float) -> pd.Series[float]:
        """Return the minutes, or refuse a place in the sea."""
        if easting < 0:
            raise ValueError("that place is in the sea")
        return pd.Series(7.04, index=["z1", "z2", "z3", "z4"])


def test_a_new_site_becomes_a_candidate_with_estimated_times() -> None:
    region = dataclasses.replace(tiny_region(), network=Straight(), network_error_minutes=2.5)
    region = dataclasses.replace(
        region, services={"surgery": region.define_service("surgery", demand="cases")}
    )
    wider = region.with_site("D", "Damson", easting=1.0, northing=2.0)
    assert wider.service("surgery").candidates == ("A", "B", "C", "D")
    assert wider.service("surgery").today == ("A", "B", "C")
    assert wider.minutes()["D"].tolist() == pytest.approx([7.04] * 4, abs=0.05)
    assert wider.estimated_sites == ("D",)
    assert wider.sites.loc["D", "time_error_minutes"] == 2.5
    assert "D" not in region.sites.index


def test_a_new_site_needs_a_network_a_free_id_and_a_place_in_the_region() -> None:
    with pytest.raises(InputError) as raised:
        tiny_region().with_site("A", "Alder", easting=1.0, northing=2.0)
    assert len(raised.value.faults) == 2
    region = dataclasses.replace(tiny_region(), network=Straight())
    with pytest.raises(InputError, match="in the sea"):
        region.with_site("D", "Damson", easting=-1.0, northing=2.0)


def test_a_new_site_is_not_open_today_even_for_a_service_defined_later() -> None:
    region = dataclasses.replace(tiny_region(), network=Straight())
    wider = region.with_site("D", "Damson", easting=1.0, northing=2.0)
    service = wider.define_service("surgery", demand="cases")
    assert "D" in service.candidates
    assert service.today == ("A", "B", "C")


def test_a_region_with_a_new_site_makes_a_problem() -> None:
    region = dataclasses.replace(tiny_region(), network=Straight())
    wider = region.with_site("D", "Damson", easting=1.0, northing=2.0, short_name="Dam")
    service = wider.define_service("surgery", demand="cases")
    problem = Problem(wider, service, minimise("mean_minutes"), [open_sites(2), keep("D")])
    assert problem.kept == {"D"}
    assert wider.site_names(["D", "A"]) == ["Dam", "Alder"]
    assert wider.sites.dtypes.equals(region.sites.dtypes)
    assert wider.sites["time_error_minutes"].isna().all()


class Partial:
    """A road network for tests that knows only the zones it is told."""

    def __init__(self, **minutes: float) -> None:
        self.minutes = minutes

    def minutes_to(self, easting: float, northing: float) -> pd.Series[float]:
        """Return the minutes of the zones it knows."""
        return pd.Series(self.minutes)


def test_a_zone_without_a_way_to_a_new_site_is_unreachable_and_never_left_out() -> None:
    inf = float("inf")
    region = dataclasses.replace(tiny_region(), network=Partial(z1=1.0, z2=2.0, z3=3.0, z4=inf))
    minutes = region.with_site("D", "Damson", easting=1.0, northing=2.0).minutes()["D"]
    assert minutes.isna().to_dict() == {"z1": False, "z2": False, "z3": False, "z4": True}
    for network, said in (
        (Partial(z1=1.0, z2=2.0, z3=3.0), "the road network lacks zone z4"),
        (Partial(z1=inf, z2=inf, z3=inf, z4=inf), "no zone can reach it"),
    ):
        region = dataclasses.replace(tiny_region(), network=network)
        with pytest.raises(InputError, match=said):
            region.with_site("D", "Damson", easting=1.0, northing=2.0)


@pytest.mark.parametrize(
    ("site_id", "east", "north", "said"),
    [
        ("R0A02", 381_000.0, 400_000.0, "the id is taken"),
        (" ", 381_000.0, 400_000.0, "no id for the new site"),
        ("new", 530_000.0, 180_000.0, "km from the nearest area"),
        ("new", float("nan"), 400_000.0, "must both be numbers"),
        ("new", -2.2, 53.4, "degrees"),
        ("new", 415_671.0, 335_373.0, "swapped"),
        ("new", "a park", 400_000.0, "could not convert"),
    ],
)
def test_a_new_site_outside_or_by_a_taken_id_is_refused(
    site_id: str, east: float, north: float, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        greater_manchester().with_site(site_id, "New", easting=east, northing=north)


def test_a_new_site_has_the_times_of_the_network_and_its_error_within_a_second() -> None:
    region = greater_manchester()
    assert region.network is not None
    expected = region.network.minutes_to(381_000.0, 400_000.0)
    start = time.process_time()
    wider = region.with_site("new", "New hospital", easting=381_000, northing=400_000)
    assert time.process_time() - start < 1.0
    assert wider.minutes()["new"].to_dict() == expected.reindex(region.zones.index).to_dict()
    new = wider.sites.loc["new"]
    assert (new["easting"], new["northing"], new["time_kind"]) == (381_000, 400_000, "estimated")
    assert new["time_error_minutes"] == region.network_error_minutes


def test_a_new_site_leaves_only_the_mode_that_its_minutes_are_of() -> None:
    region = Region.from_tables(
        ZONES, SITES, {"car": MINUTES, "bus": MINUTES}, network=Straight(), default_mode="bus"
    )
    wider = region.with_site("D", "Damson", easting=1.0, northing=2.0, mode="car")
    assert list(wider.travel_times) == ["car"]
    assert wider.default_mode == "car"


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ([0.0, 0.0, 0.0, 0.0], "adds up to nothing"),
        (["few", "none", "12", "many"], "is not one of numbers: 'few', 'none', 'many' at zone z1"),
    ],
)
def test_a_demand_without_cases_or_in_words_is_refused(cases: list[Any], said: str) -> None:
    region = Region.from_tables(ZONES.assign(strokes=cases), SITES, MINUTES)
    with pytest.raises(InputError, match=said):
        region.define_service("stroke", demand="strokes")


def test_the_tables_of_a_region_cannot_be_swapped() -> None:
    region = tiny_region()
    with pytest.raises(TypeError):
        region.travel_times["car"] = region.minutes()  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        region.name = "other"  # type: ignore[misc]


def test_a_narrowed_region_cannot_be_widened_again() -> None:
    """The zones left out are gone, so a wider catchment would silently be the narrow one."""
    zones = ZONES.assign(catchment=["inside", "inside", "inside", "fringe"])
    catchments = {"small": ("inside",), "large": ("inside", "fringe")}
    region = Region.from_tables(zones, SITES, MINUTES, catchments=catchments)
    small = region.for_catchment("small")
    assert len(small.for_catchment("small").zones) == 3
    with pytest.raises(InputError, match="holds the zones of 'small' only"):
        small.for_catchment("large")


def test_names_are_escaped_in_a_notebook() -> None:
    region = Region.from_tables(ZONES, SITES, MINUTES, name="<script>alert(1)</script>")
    service = region.define_service("<b>surgery", demand="cases", name="<script>x")
    problem = Problem(region, service, minimise("mean_minutes"), [open_sites(1)])
    for shown in (region, service, problem):
        assert "<script>" not in shown._repr_html_()


def test_a_service_taken_before_a_site_was_added_is_warned_about() -> None:
    before = greater_manchester()
    service = before.service("stroke")
    region = before.with_site("NEW", "New hospital", easting=379000, northing=394500)
    with pytest.warns(InputWarning, match="taken before"):
        Problem(region, service, minimise("mean_minutes"), [open_sites(3)])
