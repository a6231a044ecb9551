"""Access by hand: labels of groups, minutes to the hair, patients who are directed or choose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconfig.appraise import Comparison, access_by, access_table, compare, labels_by, longer_by
from reconfig.core import Configuration, InputError, Region
from tests.instances import MINUTES, SITES, ZONES, tiny_region, tiny_service


def change(region: Region, before: str = "ABC", after: str = "C") -> Comparison:
    """Return the change between two sets of the sites of the tiny region."""
    service = tiny_service(region)
    configurations = [Configuration.of("surgery", sites) for sites in (before, after)]
    return compare(*configurations, region=region, service=service)


def test_figures_of_the_tiny_region_are_those_worked_out_by_hand() -> None:
    """z1: 5 to 40, z2: 10 to 30, z3: 5 to 5, z4: 8 (the neighbour) to 8."""
    row = access_table(change(tiny_region())).loc["all"]
    assert row["cases"] == 100
    assert row["patient_minutes_before"] == 10 * 5 + 20 * 10 + 30 * 5 + 40 * 8
    assert row["patient_minutes_added"] == 10 * 35 + 20 * 20
    assert (row["median_minutes_before"], row["median_minutes_after"]) == (8, 8)
    assert (row["max_minutes_before"], row["max_minutes_after"]) == (10, 40)
    assert (row["cases_10_longer"], row["cases_20_longer"]) == (30, 30)
    assert row["share_within_30_after"] == pytest.approx(0.9)


def test_ten_minutes_more_count_whatever_the_last_bit_of_the_difference_says() -> None:
    minutes = MINUTES.assign(A=[6.4, 10.0, 30.0, 50.0], C=[16.4, 30.0, 5.0, 10.0], B=99.0, N=99.0)
    assert 16.4 - 6.4 < 10.0
    region = Region.from_tables(ZONES, SITES, minutes)
    found = change(region, "AC", "C")
    assert longer_by(found, 10) == 30
    assert longer_by(found, 10.1) == 20


def test_groups_are_in_the_order_of_their_values_and_none_is_lost() -> None:
    zones = ZONES.assign(code=[10.0, 2.0, 2.0, 10.0], kind=["b", "", "a", "b"])
    found = change(Region.from_tables(zones, SITES, MINUTES))
    assert list(access_table(found, "code").index) == ["2", "10"]
    table = access_table(found, "kind")
    assert list(table.index) == ["a", "b", "not stated"]
    assert table["cases"].to_dict() == {"a": 30, "b": 50, "not stated": 20}


def test_a_column_that_is_not_there_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(InputError, match=r"'distrct'.*district"):
        access_table(change(tiny_region()), "distrct")


def test_a_group_without_cases_has_no_average_and_nobody_who_travels_longer() -> None:
    zones = ZONES.assign(cases=[0.0, 0.0, 30.0, 40.0])
    row = access_table(change(Region.from_tables(zones, SITES, MINUTES)), "district").loc["north"]
    assert row[["mean_minutes_after", "share_within_30_change"]].isna().all()
    assert row[["cases", "cases_10_longer", "patient_minutes_added"]].sum() == 0


def test_shares_of_a_zone_that_are_sent_elsewhere_count_as_what_they_are() -> None:
    region = tiny_region()
    service = tiny_service(region).directed()
    flows = [("z1", "A", 0.5), ("z1", "C", 0.5), ("z2", "A", 1), ("z3", "C", 1), ("z4", "N", 1)]
    sent = Configuration.of("surgery", "AC", flows=flows)
    found = compare(region.today(service), sent, region=region, service=service)
    row = access_table(found, "district").loc["north"]
    assert row["cases_20_longer"] == 5
    assert row["patient_minutes_after"] == 5 * 5 + 5 * 40 + 20 * 10
    assert row["mean_minutes_after"] == pytest.approx(
        found.after.by["district"].loc["north", "mean_minutes"]
    )


def test_groups_of_rows_may_be_any_and_those_of_none_are_left_out() -> None:
    found = change(tiny_region())
    labels = found.rows["site_before"].map({"A": "one", "C": "other"})
    table = access_by(found.rows, labels)
    assert table["cases"].to_dict() == {"one": 30, "other": 30}


def test_labels_follow_the_zones_of_the_rows() -> None:
    region = tiny_region()
    service = replace(tiny_service(region).with_choice(5.0, orders=3), outcome=None)
    found = compare(
        region.today(service), Configuration.of("surgery", "B"), region=region, service=service
    )
    labels = labels_by(found, "district")
    assert len(labels) == len(found.rows) == 12
    assert set(labels[labels.index == "z1"]) == {"north"}
