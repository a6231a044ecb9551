"""Ages by residents, and how densely they live."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from reconfig.appraise import (
    age_bands,
    compare,
    density_fifths,
    incomplete_bands,
    people_table,
    rural_column,
)
from reconfig.appraise.compare import Comparison
from reconfig.core import Configuration, Region, minimise, together
from reconfig.report.sections import equality
from tests.instances import MINUTES, SITES, ZONES, tiny_region, tiny_service
from tests.unit.report.places import square_region


def region_with(**columns: Any) -> Region:
    """Return the tiny region with more columns of its zones."""
    return Region.from_tables(ZONES.assign(**columns), SITES, MINUTES)


def change(region: Region) -> Comparison:
    """Return the change of the tiny region to one site."""
    service = tiny_service(region)
    after = Configuration.of("surgery", "C")
    return compare(region.today(service), after, region=region, service=service)


def test_a_band_is_weighted_by_its_residents_and_not_by_cases() -> None:
    """z1: 5 to 40, z2: 10 to 30, z3: 5 to 5, z4: 8 to 8."""
    found = people_table(change(region_with(pop_75_plus=[3, 0, 0, 1], population=[1, 1, 1, 1])))
    assert found is not None
    old = found.set_index("age").loc["75 and over"]
    assert old["people"] == 4
    assert old["mean_minutes_before"] == (3 * 5 + 8) / 4
    assert old["mean_minutes_after"] == (3 * 40 + 8) / 4
    assert old["people_20_longer"] == 3
    every = found.set_index("age").loc["all ages"]
    assert every["mean_minutes_after"] == (40 + 30 + 5 + 8) / 4
    assert list(found["age"]) == ["all ages", "75 and over"]


def test_people_of_75_and_over_are_the_bands_that_begin_there_and_leave_no_gap() -> None:
    bands = age_bands(region_with(pop_65_74=1, pop_75_84=[1, 2, 3, 4], pop_85_plus=[5, 6, 7, 8]))
    assert bands["75 and over"].tolist() == [6, 8, 10, 12]
    assert list(bands) == ["65 to 74", "75 to 84", "85 and over", "75 and over"]
    assert "75 and over" not in age_bands(region_with(pop_65_79=1, pop_80_plus=1))
    assert "75 and over" not in age_bands(region_with(pop_75_79=1, pop_85_plus=1))
    assert age_bands(region_with(age_75_plus=[1, 2, 3, 4]))["75 and over"].tolist() == [1, 2, 3, 4]


def test_zones_that_say_no_ages_have_no_table() -> None:
    assert people_table(change(tiny_region())) is None
    assert age_bands(region_with(pop_0_17=["few", "few", "some", "many"])) == {}


def test_residents_use_the_sites_of_their_zone_in_the_shares_of_its_cases() -> None:
    region = region_with(pop_75_plus=[4, 0, 0, 0])
    service = tiny_service(region).directed()
    flows = [("z1", "A", 0.5), ("z1", "C", 0.5), ("z2", "A", 1), ("z3", "C", 1), ("z4", "N", 1)]
    sent = Configuration.of("surgery", "AC", flows=flows)
    found = people_table(compare(region.today(service), sent, region=region, service=service))
    assert found is not None
    row = found.iloc[0]
    assert row["people"] == 4
    assert row["people_20_longer"] == 2
    assert row["mean_minutes_after"] == pytest.approx((5 + 40) / 2)


def test_residents_of_a_zone_without_cases_count_too() -> None:
    zones = ZONES.assign(cases=[0.0, 20.0, 30.0, 40.0], pop_75_plus=[4, 0, 0, 0])
    region = Region.from_tables(zones, SITES, MINUTES)
    service = tiny_service(region).with_choice(5.0, orders=2)
    after = Configuration.of("surgery", "C")
    found = people_table(compare(region.today(service), after, region=region, service=service))
    assert found is not None
    assert found.iloc[0]["people"] == 4
    assert found.iloc[0]["max_minutes_after"] >= 40


def test_of_several_services_nobody_is_counted_twice() -> None:
    region = region_with(pop_75_plus=[3, 0, 0, 1])
    other = region.define_service("other", demand="cases")
    problem = together(
        region, {tiny_service(region, outcome=False): [], other: []}, minimise("mean_minutes")
    )
    joint = problem.service
    after = Configuration.of(joint.id, ["surgery@C", "other@A"])
    found = people_table(
        compare(problem.region.today(joint), after, region=problem.region, service=joint)
    )
    assert found is not None
    assert found["people"].tolist() == [4, 4]
    assert dict(zip(found["service"], found["mean_minutes_after"], strict=True)) == {
        "surgery": (3 * 40 + 8) / 4,
        "other": (3 * 5 + 8) / 4,
    }


def test_fifths_of_density_hold_a_fifth_of_the_residents_each() -> None:
    region = square_region()
    people = pd.Series(range(1, 37), index=region.zones.index, dtype=float)
    region.zones["population"] = people
    fifths = density_fifths(region)
    assert fifths is not None
    of_each = people.groupby(fifths).sum() / people.sum()
    assert of_each.tolist() == pytest.approx([0.2] * 5, abs=0.06)
    # Every square has 400 hectares.
    lowest = sorted(fifths.unique())[0]
    assert lowest.startswith("1: 0.0 to 0.0 people a hectare")
    assert sorted(people[fifths == lowest]) == sorted(people)[: int((fifths == lowest).sum())]


def test_without_shapes_or_residents_nothing_is_said_of_density() -> None:
    assert density_fifths(square_region()) is None
    assert density_fifths(region_with(population=1)) is None


def test_a_column_of_town_and_country_is_picked_up_by_its_name() -> None:
    assert rural_column(region_with(rural_urban=["town", "town", "country", "town"])) == (
        "rural_urban"
    )
    assert rural_column(tiny_region()) is None


def with_blanks(**columns: Any) -> Region:
    """Return the tiny region with columns that its own reader would refuse."""
    region = tiny_region()
    added = {name: pd.Series(values, region.zones.index) for name, values in columns.items()}
    return replace(region, zones=region.zones.assign(**added))


def test_a_column_of_ages_with_a_blank_is_left_out_and_said_to_be() -> None:
    holed = with_blanks(
        pop_65_74=[1, 1, 1, 1], pop_75_plus=["3", "", "x", "1"], population=[1, None, 1, 1]
    )
    assert incomplete_bands(holed) == {"pop_75_plus": 2, "population": 1}
    assert list(age_bands(holed)) == ["65 to 74"]
    said = " ".join(equality(change(holed)).sentences)
    assert "The column pop_75_plus of the zones is left out: for 2 zones" in said
    assert "The column population of the zones is left out: for 1 zone it" in said
    alone = " ".join(equality(change(with_blanks(pop_75_plus=["3", "", "x", "1"]))).sentences)
    assert "do not say how old" not in alone
    assert "So nothing is said by age." in alone


def test_a_blank_in_a_band_that_another_column_has_whole_is_no_loss() -> None:
    assert incomplete_bands(with_blanks(age_75_plus=["", 1, 1, 1], pop_75_plus=[1, 1, 1, 1])) == {}
    assert incomplete_bands(with_blanks(pop_75_plus=[1, 1, 1, 1])) == {}
