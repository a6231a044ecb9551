"""Two configurations side by side: today all three, after only B (numbers as worked out by hand).

Before: z1 A 5, z2 A 10, z3 C 5, z4 N 8. After: z1 B 20, z2 B 10, z3 B 10, z4 N 8.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconfig.appraise import Comparison, appraise, compare
from reconfig.core import Configuration, Problem, Region, close, limit, minimise, open_sites
from reconfig.solve import solve
from tests.instances import MINUTES, SITES, ZONES, tiny_region, tiny_service
from tests.unit.report.kinds import KINDS


def comparison(before: str = "ABC", after: str = "B") -> Comparison:
    """Compare two sets of open sites of the tiny region."""
    region = tiny_region()
    service = tiny_service(region)
    one, other = (Configuration.of("surgery", s) for s in (before, after))
    return compare(one, other, region=region, service=service)


def test_the_table_has_before_after_change_and_unit_of_every_measure() -> None:
    table = comparison().overall
    assert list(table.columns) == ["before", "after", "change", "unit"]
    row = table.T["mean_minutes"].to_dict()
    assert row.pop("unit") == "minutes"
    assert row == pytest.approx({"before": 7.2, "after": 10.2, "change": 3.0})
    assert table.loc["max_volume", "change"] == 30.0  # 30 at A before, 60 at B after
    assert table.loc["lives_saved", "change"] == pytest.approx(1.5)
    assert table.loc["share_within_15", "unit"] == "share of cases"


def test_what_a_problem_aims_at_or_limits_is_compared_whatever_stands_beside_it() -> None:
    region = tiny_region()
    service = tiny_service(region)
    worst, share = "worst_mean_minutes_by_district", "share_within_7"
    asked = Problem(region, service, minimise(worst), [open_sites(2), limit(share, at_least=0.1)])
    assert asked.measures == (worst, share)
    today = region.today(service)
    for before in (today, appraise(region, service, today)):
        table = compare(before, solve(asked)).overall
        # North (10 x 5 + 20 x 10) / 30 in both; south (30 x 5 + 40 x 8) / 70.
        for column in ("before", "after"):
            found = table[column].to_dict()
            assert found[worst] == pytest.approx(250 / 30)
            assert found[share] == pytest.approx(0.4)


def test_the_table_by_group_has_a_row_a_group_and_measure() -> None:
    table = comparison().by["district"].xs("mean_minutes", level="measure")
    assert table["change"].to_dict() == pytest.approx(
        {"north": 150 / 30, "south": 150 / 70}  # (250 -> 400) / 30, (470 -> 620) / 70
    )
    assert table["unit"].to_dict() == {"north": "minutes", "south": "minutes"}


def test_who_moves_is_who_goes_to_another_site() -> None:
    assert list(comparison().moved.index) == ["z1", "z2", "z3"]
    assert comparison("AB", "AB").moved.empty
    assert comparison("AB", "AB").flows.empty


def test_flows_have_cases_and_added_minutes_by_site() -> None:
    assert comparison().flows.to_dict("records") == [
        # (10 x 15 + 20 x 0) / 30
        {"site_before": "A", "site_after": "B", "cases": 30.0, "mean_added_minutes": 5.0},
        {"site_before": "C", "site_after": "B", "cases": 30.0, "mean_added_minutes": 5.0},
    ]


def test_the_sentences_say_who_moves_how_far_and_who_is_worst_hit() -> None:
    assert comparison().sentences() == [
        "If Alder stops, 30 cases a year travel 5 minutes further on average, "
        "mostly to Birch (100%).",
        "If Cedar stops, 30 cases a year travel 5 minutes further on average, "
        "mostly to Birch (100%).",
        "Over all cases the mean journey is 3.0 minutes longer: 10.2 minutes instead of 7.2.",
        "By district, the largest rise is in north: 5.0 minutes more on average.",
    ]


def test_a_site_that_opens_is_named_and_a_shorter_journey_is_called_shorter() -> None:
    said = comparison("B", "AB").sentences()
    assert "Alder opens." in said
    # {B} 10.2, {A, B} 8.7
    assert (
        "Over all cases the mean journey is 1.5 minutes shorter: 8.7 minutes instead of 10.2."
        in (said)
    )
    assert not any("largest rise" in s for s in said)


def test_a_site_that_nobody_uses_closes_without_a_sentence() -> None:
    # With A and C open nobody goes to B.
    assert comparison("ABC", "AC").sentences() == []


def test_solutions_and_appraisals_bring_their_region_and_service() -> None:
    region = tiny_region()
    service = tiny_service(region)
    best = solve(Problem(region, service, minimise("mean_minutes"), [open_sites(1), close("C")]))
    today = region.today(service)
    assert compare(today, best).overall.loc["mean_minutes", "after"] == pytest.approx(10.2)
    appraised = appraise(region, service, today)
    assert compare(appraised, best.found()).overall.loc["mean_minutes", "before"] == (
        pytest.approx(7.2)
    )
    with pytest.raises(ValueError, match="region= and service="):
        compare(today, today)


def test_a_notebook_shows_the_overall_table() -> None:
    assert "mean_minutes" in comparison()._repr_html_()


def test_figures_of_different_services_or_people_are_never_set_side_by_side() -> None:
    region = tiny_region()
    surgery = tiny_service(region)
    here = appraise(region, surgery, Configuration.of("surgery", ["A"]))
    stroke = region.define_service("stroke", demand="cases")
    other_service = appraise(region, stroke, Configuration.of("stroke", ["A"]))
    with pytest.raises(ValueError, match="one is about stroke, the other about surgery"):
        compare(here, other_service)
    fewer = Region.from_tables(ZONES.head(3), SITES, MINUTES.head(3))
    elsewhere = appraise(fewer, tiny_service(fewer), Configuration.of("surgery", ["A"]))
    with pytest.raises(ValueError, match="different people or cases count"):
        compare(here, elsewhere)


def test_a_solution_with_a_new_site_compares_both_ways_with_an_older_appraisal() -> None:
    older = Region.from_tables(ZONES, SITES.drop(index=1), MINUTES.drop(columns="B"))
    newer = tiny_region()
    old_service, new_service = tiny_service(older), tiny_service(newer)
    before = appraise(older, old_service, Configuration.of("surgery", ["A", "C"]))
    problem = Problem(newer, new_service, minimise("mean_minutes"), [open_sites(1)])
    after = solve(problem)  # B, which the older region does not know
    there, back = compare(before, after), compare(after, before)
    assert there.after.open == back.before.open == ("B",)
    assert set(there.before.region.sites.index) == set(newer.sites.index)
    for comparison_of, sign in ((there, 1.0), (back, -1.0)):
        change = comparison_of.overall["change"].to_dict()["mean_minutes"]
        assert change == pytest.approx(sign * 3.0)  # A and C: 7.2 minutes; B: 10.2


def test_a_rise_too_small_to_show_is_not_said_and_services_go_by_name() -> None:
    change = KINDS["several"]()
    services = [part.name for part in change.after.service.parts]
    said = [text for text in change.sentences() if text.startswith("By service")]
    assert len(said) == 1
    assert any(f"rise is in {name}:" in said[0] for name in services)
    tiny = change.by["service"].assign(change=0.04)
    small = replace(change, by={"service": tiny})
    assert not any(text.startswith("By service") for text in small.sentences())


def test_means_that_look_alike_are_not_set_against_each_other() -> None:
    change = KINDS["plain"]()
    overall = change.overall.copy()
    overall.loc["mean_minutes", ["before", "after", "change"]] = [17.86, 17.94, 0.08]
    said = replace(change, overall=overall).sentences()
    assert "Over all cases the mean journey stays at about 17.9 minutes." in said
