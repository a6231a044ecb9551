"""The case for change says what is today, and says of what it knows nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest

from reconfig.appraise import Comparison, appraise, by_site, compare
from reconfig.core import (
    Capacity,
    Configuration,
    Constraint,
    Problem,
    Region,
    Workforce,
    keep,
    limit,
    minimise,
    open_sites,
)
from reconfig.data import load_region
from reconfig.report.sections import Section, case_for_change
from reconfig.scenario import read_scenario
from reconfig.solve import solve
from tests.instances import tiny_region, tiny_service
from tests.unit.report.kinds import of_several
from tests.unit.report.places import SITES, square_region, surgery


def section_of(region: Region, demands: Sequence[Constraint] = ()) -> Section:
    """Return the section for a tiny service, with the demands of a problem."""
    service = tiny_service(region)
    best = solve(Problem(region, service, minimise("mean_minutes"), [open_sites(2), *demands]))
    return case_for_change(compare(region.today(service), best), solution=best)


def table(section: Section, name: str) -> pd.DataFrame:
    """Return one of its tables."""
    return next(one.frame for one in section.tables if one.name == name)


def test_today_by_site_has_the_figures_of_the_appraisal() -> None:
    region = load_region("greater-manchester")
    service = region.service("emergency-surgery")
    today = appraise(region, service, region.today(service))
    frame = table(case_for_change(compare(today, today)), "Sites today").set_index("Site id")
    expected = by_site(today)
    assert set(frame.index) == {*service.candidates, *service.always_open}
    assert frame["Cases a year"].to_dict() == pytest.approx(expected["cases"].to_dict())
    assert frame["Share of all cases"].sum() == pytest.approx(1.0)
    assert "Trust" in frame
    assert set(frame["Travel times"]) == {"observed", "estimated"}


def test_deaths_at_baseline_are_said_with_what_they_are_counted_under() -> None:
    region = square_region()
    service = surgery(region)
    today = appraise(region, service, region.today(service))
    assert today.lives is not None
    said = " ".join(case_for_change(compare(today, today)).sentences)
    assert "At baseline (no care at all) 99 deaths a year" in said
    assert f"{today.lives.baseline_deaths:,.0f} deaths a year" in said
    assert "it says nothing of any one site" in said


def test_each_demand_is_judged_for_today_but_not_those_on_the_choice_itself() -> None:
    demands = [
        keep("A"),
        limit("max_minutes", at_most=25),
        Capacity((("B", 5.0),)),
        Workforce(pool=16, each=8),
    ]
    frame = table(section_of(tiny_region(), demands), "Demands today")
    assert list(frame["Demand"]) == [str(demand) for demand in demands[1:]]
    judged = dict(zip(frame["Demand"], frame["Met today"], strict=True))
    assert judged[str(demands[1])] == "yes"
    assert judged[str(demands[3])] == "no"
    assert all((frame["Where not"] != "") == (frame["Met today"] == "no"))


def test_without_demands_that_is_said() -> None:
    section = section_of(tiny_region())
    assert [one.name for one in section.tables] == ["Sites today"]
    assert any("makes no demand on volumes" in sentence for sentence in section.sentences)


def test_a_standard_of_access_is_said_with_the_share_that_it_is_met_for() -> None:
    region = load_region("greater-manchester")
    service = region.service("stroke")
    today = appraise(region, service, region.today(service))
    section = case_for_change(compare(today, today))
    share = 100 * today.measures[f"share_within_{service.standard_minutes:g}"]
    said = f"{share:.1f}% of cases are within the standard of {service.standard_minutes:g} minutes"
    assert any(said in sentence for sentence in section.sentences)
    none = case_for_change(_tiny())
    assert any("No standard of access is given" in sentence for sentence in none.sentences)


def _tiny() -> Comparison:
    region = tiny_region()
    service = tiny_service(region)
    return compare(region.today(service), region.today(service), region=region, service=service)


def test_columns_of_the_sites_are_shown_and_gaps_in_the_data_are_named() -> None:
    region = tiny_region()
    wider = replace(region, sites=region.sites.assign(beds=[10, 20, 30, 40]))
    section = section_of(wider)
    frame = table(section, "Sites today").set_index("Site id")
    assert frame["Beds"].to_dict() == {"A": 10, "B": 20, "C": 30, "N": 40}
    assert any("gaps in rotas" in sentence for sentence in section.sentences)


def test_several_services_have_each_its_own_standard() -> None:
    problem = read_scenario("stroke-two-tiers").problem
    today = problem.region.today(problem.service)
    comparison = compare(today, today, region=problem.region, service=problem.service)
    section = case_for_change(comparison)
    said = " ".join(section.sentences)
    for part in problem.service.parts:
        assert f"{part.name}: " in said
    frame = table(section, "Sites today")
    assert set(frame["Site id"]) == {*problem.service.candidates, *problem.service.always_open}


def test_of_several_services_each_has_its_own_cases_sites_and_share_in_time() -> None:
    problem = read_scenario("surgery-and-stroke").problem
    today = problem.region.today(problem.service)
    joint = compare(today, today, region=problem.region, service=problem.service)
    said = " ".join(case_for_change(joint).sentences)
    region = load_region("greater-manchester")
    for part in problem.service.parts:
        alone = region.service(part.id)
        own = compare(region.today(alone), region.today(alone), region=region, service=alone)
        first, *_ = case_for_change(own).sentences
        assert first in said
        share = own.before.measures[f"share_within_{alone.standard_minutes:g}"]
        assert f"{part.name}: {share:.1%} of cases are within the standard" in said


def test_names_of_sites_are_shown_as_text() -> None:
    region = square_region()
    service = surgery(region)
    chosen = Configuration.of("surgery", ["A"])
    section = case_for_change(compare(chosen, chosen, region=region, service=service))
    shown = section._repr_html_()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert not [name for name, *_ in SITES.values() if "<" in name and name in shown]


def test_a_site_of_two_services_is_not_counted_as_two_sites() -> None:
    both = of_several()
    said = case_for_change(both).sentences[:2]
    assert not any(f"is at {len(both.before.open)} sites" in sentence for sentence in said)
    assert all("is at 3 sites today" in sentence for sentence in said)
