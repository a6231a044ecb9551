"""The last section says what all rests on, in enough detail to do it again."""

from __future__ import annotations

from typing import Any

import pandas as pd

from reconfig.appraise import appraise, assumptions_used, compare
from reconfig.core import Configuration
from reconfig.data import load_region
from reconfig.report.results import versions
from reconfig.report.sections import Section, Terms, provenance
from reconfig.report.sections.block import Part
from reconfig.scenario import read_scenario
from tests.unit.report.places import solved, square_region, surgery


def of(region: Any, service: Any, sites: list[str], **options: Any) -> Section:
    """Return the section of some sites against today."""
    chosen = Configuration.of(service.id, sites)
    comparison = compare(region.today(service), chosen, region=region, service=service)
    return provenance(comparison, **options)


def table(section: Section, name: str) -> pd.DataFrame:
    """Return one of its tables."""
    return next(one.frame for one in section.tables if one.name == name)


def test_every_assumption_used_stands_there_with_value_spread_source_and_confidence() -> None:
    region = load_region("greater-manchester", assumptions={"egs.share_moved": 0.5})
    service = region.service("emergency-surgery")
    frame = table(of(region, service, ["RM301"]), "Assumptions").set_index("Assumption")
    assert frame.index.is_unique
    rows = frame.to_dict("index")
    after = appraise(region, service, Configuration.of(service.id, ["RM301"]))
    (used,) = assumptions_used(after).values()
    assert set(frame.index) == set(used)
    for key, one in used.items():
        row = rows[key]
        assert float(row["Value"]) == float(f"{one.value:g}")
        assert (row["Source"], row["Confidence"]) == (one.source, one.confidence)
        assert row["Spread"].startswith(one.distribution)
    assert set(frame.index[frame["Changed"] == "yes"]) == {"egs.share_moved"}


def test_the_times_of_every_site_are_said_to_be_observed_or_estimated() -> None:
    region = load_region("greater-manchester")
    service = region.service("emergency-surgery")
    frame = table(of(region, service, ["RM301"]), "Travel times").set_index("Site id")
    assert set(frame.index) == {*service.candidates, *service.always_open}
    expected = region.sites.loc[frame.index, "time_kind"]
    assert frame["Travel times"].to_dict() == expected.to_dict()


def test_command_versions_and_hashes_are_those_of_the_run() -> None:
    region = load_region("greater-manchester")
    service = region.service("emergency-surgery")
    section = of(region, service, ["RM301"], command="reconfig run 'a b.toml' --out x")
    shown = section._repr_html_()
    assert "reconfig run &#39;a b.toml&#39; --out x" in shown
    for package, number in versions().items():
        assert f"{package} {number}" in shown
    inputs = table(section, "Inputs")
    assert dict(zip(inputs["File"], inputs["SHA-256"], strict=True)) == dict(region.sha256)


def test_a_report_made_in_python_says_that_there_is_no_command() -> None:
    region = square_region()
    section = of(region, surgery(region), ["A"])
    assert any("no command to repeat" in sentence for sentence in section.sentences)
    assert any("looks nothing up" in sentence for sentence in section.sentences)


def test_the_licences_of_the_data_stand_beside_where_they_come_from() -> None:
    region = load_region("greater-manchester")
    frame = table(of(region, region.service("stroke"), ["RM301"]), "Sources")
    assert list(frame["Licence"]) == [source.get("licence", "") for source in region.sources]
    grown = load_region("greater-manchester", year=2035)
    said = of(grown, grown.service("emergency-surgery"), ["RM301"]).sentences
    assert "Demand was grown to 2035." in said


def test_every_zone_is_in_the_files_and_not_on_the_page() -> None:
    region = square_region()
    zones = next(t for t in of(region, surgery(region), ["A"]).tables if t.name == "Zones")
    assert len(zones.frame) == len(region.zones)
    assert zones.in_workbook
    assert not zones.on_page


def test_what_is_not_known_comes_first() -> None:
    first = provenance(compare(solved().problem.region.today(surgery(square_region())), solved()))
    part = first.blocks[0]
    assert isinstance(part, Part)
    (terms,) = part.blocks
    assert isinstance(terms, Terms)
    assert "Travel times" in dict(terms.rows)
    assert "Left out" in dict(terms.rows)


def test_of_two_tiers_each_service_has_its_assumptions_and_each_site_its_times() -> None:
    problem = read_scenario("stroke-two-tiers").problem
    today = problem.region.today(problem.service)
    section = provenance(compare(today, today, region=problem.region, service=problem.service))
    frame = table(section, "Travel times")
    assert len(set(frame["Site id"])) == len(frame)
    assert not [site for site in frame["Site id"] if "@" in site]
