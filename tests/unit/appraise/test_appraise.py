"""Every number of the tiny region, worked out by hand.

      A    B    C    N
z1    5   20   40   60    10 cases, north
z2   10   10   30   50    20        north    A and B equally near: A, the first by id
z3   30   10    5   20    30        south
z4   50   30   10    8    40        south    nearest the neighbour N, always open
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reconfig.appraise import Appraisal, Grid, appraise
from reconfig.appraise.measures import weighted_percentile
from reconfig.core import Configuration, Region
from tests.instances import MINUTES, SITES, ZONES, tiny_region, tiny_service


def of(*sites: str, measures: tuple[str, ...] = ()) -> Appraisal:
    """Appraise some open sites of the tiny region."""
    region = tiny_region()
    return appraise(
        region, tiny_service(region), Configuration.of("surgery", sites), measures=measures
    )


def test_every_measure_with_all_three_open_is_as_worked_out_by_hand() -> None:
    found = of("A", "B", "C", measures=("share_within_5", "share_within_8"))
    # z1 to A 5, z2 to A 10 (tie with B), z3 to C 5, z4 to N 8
    assert found.assignment["site_id"].to_dict() == {"z1": "A", "z2": "A", "z3": "C", "z4": "N"}
    assert found.assignment["minutes"].tolist() == [5.0, 10.0, 5.0, 8.0]
    assert found.measures["mean_minutes"] == pytest.approx(7.2)  # (50 + 200 + 150 + 320) / 100
    # 5 minutes: 40 cases; 8: 80; 10: 100, so 95 % are within 10
    assert found.measures["p95_minutes"] == 10.0
    assert found.measures["max_minutes"] == 10.0
    assert found.measures["share_within_5"] == pytest.approx(0.4)  # z1 and z3
    assert found.measures["share_within_8"] == pytest.approx(0.8)  # and z4, exactly 8
    assert found.measures["share_within_15"] == 1.0
    assert found.volumes.to_dict() == {"A": 30.0, "B": 0.0, "C": 30.0, "N": 40.0}
    assert found.measures["min_volume"] == 0.0  # B is open and nobody goes there
    assert found.measures["max_volume"] == 30.0  # the neighbour's 40 do not count
    assert found.measures["neighbour_cases"] == 40.0
    # 60 cases at chosen sites x 0.05 x half staffed at three sites
    assert found.measures["lives_saved"] == pytest.approx(1.5)
    assert found.open == ("A", "B", "C")


def test_every_measure_with_one_open_is_as_worked_out_by_hand() -> None:
    found = of("B")
    # z1 to B 20, z2 to B 10, z3 to B 10, z4 to N 8
    assert found.measures["mean_minutes"] == pytest.approx(10.2)  # (200 + 200 + 300 + 320) / 100
    assert found.measures["p95_minutes"] == 20.0  # 90 cases within 10, all within 20
    assert found.measures["max_minutes"] == 20.0
    assert found.measures["share_within_15"] == pytest.approx(0.9)
    assert found.measures["min_volume"] == found.measures["max_volume"] == 60.0
    assert found.measures["lives_saved"] == pytest.approx(3.0)  # 60 x 0.05, fully staffed
    assert found.lives is not None
    assert found.lives.central == pytest.approx(3.0)
    assert found.lives.baseline_deaths == pytest.approx(10.0)  # 100 x 0.1


def test_values_by_group_are_as_worked_out_by_hand() -> None:
    table = of("B").by["district"]
    assert table["cases"].to_dict() == {"north": 30.0, "south": 70.0}
    assert table.loc["north", "mean_minutes"] == pytest.approx(400 / 30)  # (200 + 200) / 30
    assert table.loc["south", "mean_minutes"] == pytest.approx(620 / 70)  # (300 + 320) / 70
    assert table["max_minutes"].to_dict() == {"north": 20.0, "south": 10.0}
    # south: 40 cases within 8 and 70 within 10; 95 % of 70 is 66.5
    assert table.loc["south", "p95_minutes"] == 10.0
    assert table["neighbour_cases"].to_dict() == {"north": 0.0, "south": 40.0}
    assert table.loc["north", "share_within_15"] == pytest.approx(2 / 3)
    # What is estimated with an interval has none by group, so it is not shown without.
    assert "lives_saved" not in table
    assert "min_volume" not in table


def test_with_nothing_open_everybody_goes_to_the_neighbour_that_is_always_open() -> None:
    found = of()
    # (60 x 10 + 50 x 20 + 20 x 30 + 8 x 40) / 100
    assert found.measures["mean_minutes"] == pytest.approx(25.2)
    assert found.measures["neighbour_cases"] == 100.0
    assert found.measures["lives_saved"] == 0.0
    assert math.isnan(found.measures["min_volume"])
    assert found.volumes.to_dict() == {"N": 100.0}


def test_equally_near_sites_are_taken_in_the_order_of_their_ids() -> None:
    assert of("A", "B").assignment.loc["z2", "site_id"] == "A"
    shuffled = Region.from_tables(ZONES, SITES.iloc[::-1], MINUTES[["zone_id", "N", "C", "B", "A"]])
    found = appraise(shuffled, tiny_service(shuffled), Configuration.of("surgery", ["B", "A"]))
    assert found.assignment.loc["z2", "site_id"] == "A"


def test_somebody_who_reaches_no_open_site_is_named() -> None:
    minutes = MINUTES.astype({"N": object, "A": object})
    minutes.loc[0, ["A", "N"]] = "unreachable"
    region = Region.from_tables(ZONES, SITES, minutes)
    with pytest.raises(ValueError, match="no open site can be reached from 1 zones: z1"):
        appraise(region, tiny_service(region), Configuration.of("surgery", ["A"]))


def test_a_site_that_is_not_a_candidate_is_refused() -> None:
    with pytest.raises(ValueError, match="N: not a candidate for surgery"):
        of("A", "N")


def test_a_service_without_outcome_model_has_no_lives_saved() -> None:
    region = tiny_region()
    service = tiny_service(region, outcome=False)
    found = appraise(region, service, Configuration.of("surgery", ["A"]))
    assert found.lives is None
    assert "lives_saved" not in found.measures


def test_a_zone_without_cases_counts_for_nothing_but_must_still_reach_a_site() -> None:
    region = tiny_region()
    service = tiny_service(region)
    empty = replace(service, demand=service.demand.where(service.demand.index != "z1", 0.0))
    found = appraise(region, empty, Configuration.of("surgery", ["B"]))
    assert found.measures["max_minutes"] == 10.0  # z1's 20 minutes are nobody's
    assert found.measures["mean_minutes"] == pytest.approx(820 / 90)


def test_an_average_over_no_cases_is_not_a_number_rather_than_nought() -> None:
    region = tiny_region()
    service = tiny_service(region)
    nobody = service.demand.where(~service.demand.index.isin(["z1", "z2"]), 0.0)
    table = appraise(
        region, replace(service, demand=nobody), Configuration.of("surgery", ["B"])
    ).by["district"]
    for name in ("mean_minutes", "p95_minutes", "max_minutes", "share_within_15"):
        assert math.isnan(table[name].to_dict()["north"])
    assert table.loc["north", "neighbour_cases"] == 0.0


def test_the_grid_reads_the_mode_that_is_asked_for() -> None:
    slow = MINUTES.set_index("zone_id") * 2
    region = Region.from_tables(
        ZONES, SITES, {"car": MINUTES, "bus": slow.reset_index()}, name="Tiny"
    )
    service = tiny_service(region)
    assert Grid.of(region, service).minutes[0, 0] == 5.0
    assert Grid.of(region, service, "bus").minutes[0, 0] == 10.0


@pytest.mark.parametrize(
    ("share", "expected"), [(0.1, 1.0), (0.25, 1.0), (0.26, 2.0), (0.95, 4.0), (1.0, 4.0)]
)
def test_a_percentile_is_the_smallest_value_that_the_share_is_within(
    share: float, expected: float
) -> None:
    values, weights = np.array([4.0, 2.0, 1.0, 3.0]), np.ones(4)
    assert weighted_percentile(values, weights, share) == expected


def test_a_percentile_of_nobody_is_not_a_number() -> None:
    assert math.isnan(weighted_percentile(np.array([1.0]), np.array([0.0]), 0.95))


def test_a_notebook_shows_names_of_the_open_sites() -> None:
    assert "Alder, Cedar" in of("A", "C")._repr_html_()
    assert isinstance(of("A").assignment, pd.DataFrame)
