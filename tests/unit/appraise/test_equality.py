"""The concentration index in cases that are known, ranks of deprivation, gaps."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from reconfig.appraise import (
    access_table,
    appraise,
    compare,
    concentration_curve,
    concentration_index,
    contradicted_deprivation,
    deprivation_concentration,
    deprivation_order,
    deprivation_rank,
    gap_between,
    winners_and_losers,
)
from reconfig.appraise.compare import Comparison
from reconfig.core import Configuration, Region
from reconfig.report.sections import equality
from tests.instances import MINUTES, SITES, ZONES, tiny_region, tiny_service

EVEN = np.ones(5)
RANKS = np.arange(1.0, 6.0)


def change(zones: pd.DataFrame, after: str = "C") -> Comparison:
    """Return the change from all three sites of the tiny region to some, with other zones."""
    region = Region.from_tables(zones, SITES, MINUTES)
    configurations = [Configuration.of("surgery", sites) for sites in ("ABC", after)]
    return compare(*configurations, region=region, service=tiny_service(region))


def test_equal_minutes_have_no_concentration() -> None:
    assert concentration_index(np.full(5, 7.0), EVEN, RANKS) == pytest.approx(0.0)


def test_all_minutes_at_one_end_reach_the_bound_of_so_many_people() -> None:
    first, last = np.eye(5)[0], np.eye(5)[4]
    assert concentration_index(first, EVEN, RANKS) == pytest.approx(-(1 - 1 / 5))
    assert concentration_index(last, EVEN, RANKS) == pytest.approx(1 - 1 / 5)


def test_minutes_that_rise_evenly_have_the_index_of_the_formula() -> None:
    """Of minutes 1 to n by rank it is (n - 1 / n) / 3 / (n + 1): a third as n grows."""
    n = 5
    assert concentration_index(RANKS, EVEN, RANKS) == pytest.approx((n - 1 / n) / 3 / (n + 1))


def test_the_order_of_rows_and_splitting_a_row_change_nothing() -> None:
    minutes, cases = np.array([9.0, 3.0, 5.0]), np.array([2.0, 4.0, 1.0])
    ranks = np.array([2.0, 1.0, 2.0])
    whole = concentration_index(minutes, cases, ranks)
    order = [2, 0, 1]
    assert concentration_index(minutes[order], cases[order], ranks[order]) == pytest.approx(whole)
    halves = np.repeat(cases / 2, 2)
    split = concentration_index(np.repeat(minutes, 2), halves, np.repeat(ranks, 2))
    assert split == pytest.approx(whole)


def test_rows_without_a_rank_do_not_count() -> None:
    ranks = np.array([1.0, 2.0, np.nan])
    all_three = concentration_index(np.array([1.0, 3.0, 99.0]), np.ones(3), ranks)
    assert all_three == concentration_index(np.array([1.0, 3.0]), np.ones(2), ranks[:2])


def test_the_curve_encloses_half_the_index_with_the_even_line() -> None:
    found = change(ZONES.assign(imd_decile=[1, 2, 2, 5]))
    curve, index = concentration_curve(found), deprivation_concentration(found)
    assert curve is not None
    assert index is not None
    assert curve.iloc[0].tolist() == [0, 0, 0]
    assert curve.iloc[-1].tolist() == pytest.approx([1, 1, 1])
    for word in ("before", "after"):
        area = float(np.trapezoid(curve[word], curve["cases"]))
        assert index[word] == pytest.approx(1 - 2 * area)
    assert index["change"] == pytest.approx(index["after"] - index["before"])


def test_ranks_are_the_finest_that_there_are_and_text_is_read_by_its_number() -> None:
    zones = ZONES.assign(deprivation_fifth=["1 most deprived", "2", "fifth 3", "?"])
    found = deprivation_rank(change(zones).after.region)
    assert found is not None
    assert found[0] == "deprivation_fifth"
    assert found[1].tolist()[:3] == [1, 2, 3]
    assert math.isnan(found[1].iloc[3])
    finer = deprivation_rank(change(zones.assign(imd_decile=[4, 3, 2, 1])).after.region)
    assert finer is not None
    assert finer[1].tolist() == [4, 3, 2, 1]


def test_a_column_that_ranks_nobody_apart_is_no_rank() -> None:
    assert deprivation_rank(change(ZONES.assign(imd_decile=3)).after.region) is None
    assert deprivation_concentration(change(ZONES)) is None
    assert concentration_curve(change(ZONES)) is None


def test_where_only_zones_without_cases_have_a_rank_there_is_no_curve() -> None:
    fifths = ["1 most deprived", "2", "not known", "not known"]
    zones = ZONES.assign(deprivation_fifth=fifths, cases=[0.0, 0.0, 30.0, 40.0])
    found = change(zones)
    assert concentration_curve(found) is None
    index = deprivation_concentration(found)
    assert index is not None
    assert math.isnan(index["after"])


def test_a_change_of_exactly_one_minute_counts_as_none() -> None:
    minutes = MINUTES.assign(C=[6.0, 11.5, 3.0, 8.0])
    region = Region.from_tables(ZONES, SITES, minutes)
    configurations = [Configuration.of("surgery", sites) for sites in ("A", "C")]
    row = winners_and_losers(
        compare(*configurations, region=region, service=tiny_service(region))
    ).loc["all"]
    # z1: 5 to 6; z2: 10 to 11.5; z3: 20 (neighbour) to 3; z4: 8 either way
    assert [row[kind] for kind in ("shorter", "unchanged", "longer")] == [30, 10 + 40, 20]


def test_the_gap_is_the_measure_of_the_same_name() -> None:
    region = tiny_region()
    service = tiny_service(region)
    after = Configuration.of("surgery", "C")
    found = compare(region.today(service), after, region=region, service=service)
    names = {m: f"gap_{m}_by_district" for m in ("mean_minutes", "share_within_30")}
    wanted = appraise(region, service, after, measures=names.values()).measures
    table = access_table(found, "district")
    for measure, name in names.items():
        assert gap_between(table, measure)["after"] == pytest.approx(wanted[name])
        assert wanted[name] > 0


@pytest.mark.parametrize(
    ("labels", "order"),
    [
        (["1 most deprived", "2", "3", "4 least deprived"], "from the most"),
        (["1 least deprived", "2", "3", "4 most deprived"], "from the least"),
        (["1", "2", "3", "4 (Most deprived)"], "from the least"),
        (["1 most affluent", "2", "3", "4"], "from the least"),
        (["1 most disadvantaged", "2", "3", "4"], "from the most"),
        (["1", "2", "3", "4"], "from the most"),
        (["1 most deprived", "2", "3", "4 most deprived"], "contradicted"),
        (["1", "2 most deprived", "3", "4"], "contradicted"),
    ],
)
def test_labels_say_from_which_end_deprivation_counts(labels: list[str], order: str) -> None:
    comparison = change(ZONES.assign(deprivation_fifth=labels))
    region = comparison.after.region
    assert deprivation_order(region, "deprivation_fifth") == order
    found = deprivation_concentration(comparison)
    plain = deprivation_concentration(change(ZONES.assign(deprivation_fifth=[1, 2, 3, 4])))
    turned = deprivation_concentration(change(ZONES.assign(deprivation_fifth=[4, 3, 2, 1])))
    expected = {"from the most": plain, "from the least": turned, "contradicted": None}
    assert found == expected[order]
    assert plain != turned
    said = " ".join(equality(comparison).sentences)
    assert ("turned round" in said) == (order == "from the least")
    assert ("contradict each other" in said) == (order == "contradicted")
    assert contradicted_deprivation(region) == (
        ["deprivation_fifth"] if order == "contradicted" else []
    )
