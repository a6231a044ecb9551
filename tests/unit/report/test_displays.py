"""What a notebook shows of a region, a problem, a solution and a frontier."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reconfig.analyse import frontier
from reconfig.appraise import appraise, overall_values
from reconfig.core import (
    Configuration,
    Constraint,
    Problem,
    Region,
    Service,
    Solution,
    Status,
    close,
    keep,
    limit,
    maximise,
    minimise,
    needs,
    open_sites,
    second_tier,
    together,
    within,
)
from reconfig.data import load_region
from reconfig.report import displays, small_map
from reconfig.report.problem_words import constraint_words, objective_words
from reconfig.report.words import measure_label, number
from reconfig.solve import solve
from tests.instances import MINUTES, ZONES
from tests.instances import SITES as TINY_SITES
from tests.unit.report.places import SITES, TwoPoints, degree_region, solved, square_region, surgery

MOST_BYTES = 150_000
IMAGE = re.compile(r'<img alt="([^"]*)"[^>]* src="data:image/png;base64,([^"]+)">')


def tiny_region(minutes: pd.DataFrame = MINUTES) -> Region:
    """Return four zones and four sites without coordinates."""
    return Region.from_tables(ZONES, TINY_SITES, minutes)


def tiny_problem(*constraints: Any) -> Problem:
    region = tiny_region()
    service = region.define_service("surgery", demand="cases")
    return Problem(region, service, minimise("mean_minutes"), constraints)


def two_services(region: Region) -> Problem:
    """Return the problem of two services, one needing the other."""
    first = region.define_service("surgery", demand="cases")
    second = region.define_service("stroke", demand="cases")
    services: dict[Service, list[Constraint]] = {
        first: [open_sites(2)],
        second: [open_sites(1), keep("A")],
    }
    return together(region, services, minimise("mean_minutes"), [needs("surgery", by="stroke")])


def two_tiers() -> Problem:
    """Return the problem of stroke units and the centres among them."""
    region = load_region("greater-manchester")
    units = region.service("stroke-times")
    centres = second_tier(units, "thrombectomy", share="stroke.thrombectomy_rate", direct_within=15)
    return together(region, {units: [open_sites(3)], centres: [open_sites(1)]}, maximise("qalys"))


def pictures(html: str) -> list[tuple[str, bytes]]:
    """Return the alternative text and the bytes of every picture in a page."""
    return [(alt, base64.b64decode(data)) for alt, data in IMAGE.findall(html)]


@pytest.fixture(scope="module")
def manchester() -> Solution:
    region = load_region("greater-manchester")
    goal = maximise("lives_saved", tolerance=0.1, then=minimise("mean_minutes"))
    rules = [open_sites(4), within(45), keep("RM301")]
    return solve(Problem(region, region.service("emergency-surgery"), goal, rules))


@pytest.fixture(scope="module")
def tiers() -> Solution:
    return solve(two_tiers())


def shown_by(case: str, manchester: Solution, tiers: Solution) -> Any:
    """Return what a case is about; made when asked, since some have to be solved."""
    problem = manchester.problem
    made: dict[str, Callable[[], Any]] = {
        "region": lambda: problem.region,
        "problem": lambda: problem,
        "solution": lambda: manchester,
        "frontier": lambda: frontier(problem, "lives_saved", "mean_minutes"),
        "tiers problem": lambda: tiers.problem,
        "tiers region": lambda: tiers.problem.region,
        "tiers solution": lambda: tiers,
        "joint problem": lambda: two_services(square_region()),
        "joint solution": lambda: solve(two_services(square_region())),
        "points": lambda: solve(two_sites_of(square_region(shapes=False))),
        "degrees": lambda: solve(two_sites_of(degree_region())),
        "by hand": solved,
    }
    return made[case]()


def two_sites_of(region: Region) -> Problem:
    """Return the problem of the two sites with the shortest mean journey."""
    return Problem(region, surgery(region), minimise("mean_minutes"), [open_sites(2)])


@pytest.mark.parametrize(
    "case",
    [
        "region",
        "problem",
        "solution",
        "frontier",
        "tiers problem",
        "tiers region",
        "tiers solution",
        "joint problem",
        "joint solution",
        "points",
        "degrees",
        "by hand",
    ],
)
def test_it_has_a_table_and_one_small_picture_described_in_words_and_no_script(
    case: str, manchester: Solution, tiers: Solution
) -> None:
    html = shown_by(case, manchester, tiers)._repr_html_()
    ((alt, data),) = pictures(html)
    assert data.startswith(b"\x89PNG")
    assert len(data) < MOST_BYTES
    assert len(alt) > 20
    assert "<table" in html
    assert "<script" not in html


@pytest.mark.parametrize("names", ["sites", "districts"])
def test_names_are_text_and_never_markup(names: str) -> None:
    region = square_region()
    if names == "sites":
        html = solved(region)._repr_html_()
        assert "&lt;script&gt;" in html
    else:
        html = Problem(
            region,
            surgery(region),
            minimise("mean_minutes[district=East & <b>bold</b>]"),
        )._repr_html_()
        assert "&lt;b&gt;bold" in html
    assert SITES["A"][0] not in html
    assert "<b>bold" not in html


@pytest.mark.parametrize(
    "shown",
    [
        tiny_region(),
        tiny_problem(),
        solve(tiny_problem(open_sites(2))),
        two_services(tiny_region()),
        solve(two_services(tiny_region())),
    ],
    ids=["region", "problem", "solution", "joint problem", "joint solution"],
)
def test_without_coordinates_there_is_the_table_and_a_sentence(shown: Any) -> None:
    html = shown._repr_html_()
    assert not pictures(html)
    assert "no coordinates" in html
    assert "<table" in html


@pytest.mark.parametrize("status", [Status.INFEASIBLE, Status.NO_SOLUTION])
def test_a_solution_without_a_configuration_says_what_is_proven(status: Status) -> None:
    problem = two_sites_of(square_region())
    html = Solution(problem, None, status, None, None, None, 0.1, "HiGHS")._repr_html_()
    assert "No choice found" in html
    assert "Open:" not in html
    assert Solution(problem, None, status, None, None, None, 0.1, "HiGHS").verdict in html
    assert not pictures(html)


def test_a_solution_is_set_against_today_in_the_measures_that_the_problem_is_about(
    manchester: Solution,
) -> None:
    html = manchester._repr_html_()
    problem = manchester.problem
    today = problem.region.today(problem.service)
    for name in ("mean_minutes", "share_within_45", "max_minutes"):
        unit = "share of cases" if name.startswith("share") else "minutes"
        before = overall_values(problem.region, problem.service, today, [name])[name]
        values = [number(value, unit) for value in (manchester.measures[name], before)]
        row = re.search(rf"<tr><td[^>]*>{measure_label(name)}</td>(.*?)</tr>", html)
        assert row is not None
        assert re.findall(r">([^<>]+)</td>", row.group(1))[:2] == values


def test_lives_saved_of_today_are_not_shown_without_what_qualifies_them(
    manchester: Solution,
) -> None:
    row = re.search(r"Lives saved \(estimated\)</td>(.*?)</tr>", manchester._repr_html_())
    assert row is not None
    assert re.findall(r">([^<>]*)</td>", row.group(1))[1] == ""


def test_where_some_reach_no_site_of_today_there_is_no_today_to_set_it_against() -> None:
    minutes = MINUTES.astype({"A": object})
    minutes.loc[3, "A"] = "unreachable"
    region = tiny_region(minutes)
    service = region.define_service("surgery", demand="cases")
    alone = replace(service, today=("A",), always_open=())
    problem = Problem(region, alone, minimise("mean_minutes"), [keep("B")])
    assert "Today" not in solve(problem)._repr_html_()
    usual = Problem(region, service, minimise("mean_minutes"), [keep("B")])
    assert "Today" in solve(usual)._repr_html_()


def test_a_problem_says_its_rules_with_names_and_units() -> None:
    region = tiny_region()
    said = {
        keep("A", "C"): "keep Alder and Cedar",
        close("B"): "close Birch",
        within(45, share=0.9): "Within 45 minutes: at least 90%",
        limit("mean_minutes", at_most_over_today=1, by="district"): (
            "Mean journey: at most 1 minute more than today, in every district"
        ),
        open_sites(2): "exactly 2 sites",
    }
    for constraint, words in said.items():
        assert constraint_words(constraint, region) == words


def test_a_problem_says_how_many_sites_each_service_may_have_and_has_today() -> None:
    html = two_services(tiny_region())._repr_html_()
    assert "Surgery: 2 of 3 candidates, today 3" in html
    assert "Stroke: 1 of 3 candidates, today 3" in html
    some = tiny_problem(open_sites(at_least=1, at_most=2))
    assert "1 to 2 of 3 candidates, today 3" in some._repr_html_()


def test_an_objective_is_said_in_words_with_the_room_that_counts_as_equal() -> None:
    goal = maximise("lives_saved", tolerance=0.1, then=minimise("mean_minutes"))
    assert objective_words(goal) == (
        "Maximise lives saved (within 0.1 lives a year counts as equal); then minimise mean journey"
    )


def test_each_service_decided_together_has_a_panel_with_its_own_sites_and_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(displays, "small_map", lambda region, panels, unit: drawn.extend(panels))
    solution = solve(two_services(square_region()))
    solution._repr_html_()
    problem = solution.problem
    found = appraise(problem.region, problem.service, solution.found()).assignment["minutes"]
    assert [panel.title for panel in drawn] == ["Surgery: 2 sites", "Stroke: 1 site"]
    for panel, service in zip(drawn, ("surgery", "stroke"), strict=True):
        assert [f"{service}@{s}" for s in panel.sites["open"]] == [
            s for s in solution.open if s.startswith(service)
        ]
        assert all(
            panel.minutes[zone] == found[f"{service}@{zone}"] for zone in panel.minutes.index
        )
        assert set(panel.minutes.index) == set(square_region().zones.index)


class Unread(Mapping[str, Any]):
    """Boundaries that must not be asked for."""

    def __getitem__(self, name: str) -> Any:
        raise AssertionError(f"the shapes of {name} were read")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_the_shapes_of_very_many_zones_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    region = square_region()
    monkeypatch.setattr(small_map, "MOST_SHAPES", len(region.zones) - 1)
    assert pictures(replace(region, boundaries=Unread())._repr_html_())


def test_zones_that_cannot_be_reached_have_a_colour_and_a_word_of_their_own() -> None:
    region = square_region()
    sites = {"open": ["A"]}
    minutes = region.minutes()["A"].copy()
    every = small_map.small_map(region, [small_map.Panel("all", sites, minutes)], "minutes")
    minutes.iloc[:2] = [np.nan, np.inf]
    some = small_map.small_map(region, [small_map.Panel("some", sites, minutes)], "minutes")
    none = small_map.small_map(
        region, [small_map.Panel("none", sites, minutes * np.nan)], "minutes"
    )
    for figure, said in ((every, False), (some, True)):
        assert figure is not None
        legends = [t.get_text() for legend in figure.legends for t in legend.get_texts()]
        assert ("no way there" in legends) is said
    assert none is not None


def test_a_region_of_proposals_only_has_a_map_all_the_same() -> None:
    assert pictures(square_region(proposed=("A", "B", "C"))._repr_html_())


def test_a_long_frontier_shows_the_points_that_none_beats_and_says_how_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(displays, "MOST_POINTS", 1)
    region = square_region()
    html = displays.frontier_display(TwoPoints(), region, surgery(region))
    assert "1 of 2 points" in html
    assert "feasible" not in html
    monkeypatch.setattr(displays, "MOST_POINTS", 2)
    whole = displays.frontier_display(TwoPoints(), region, surgery(region))
    assert "another number of sites beats it" in whole
    assert "1 of 2 points" not in whole


def test_lives_in_a_frontier_have_interval_baseline_and_chance_of_no_gain(
    manchester: Solution,
) -> None:
    found = frontier(manchester.problem, "lives_saved", "mean_minutes")
    html = found._repr_html_()
    point = found.points.iloc[0]
    unit = "lives a year"
    assert f"{number(point['lives_low'], unit)} to {number(point['lives_high'], unit)}" in html
    assert f"{point['lives_probability_of_no_gain']:.0%}" in html
    assert all(word in html for word in displays.QUALIFIERS)


def test_of_very_many_open_sites_the_number_is_said_and_the_names_are_folded_away() -> None:
    zones = pd.DataFrame({"zone_id": ["z"], "cases": [1.0]})
    ids = [f"s{k}" for k in range(displays.MOST_SITES + 1)]
    sites = pd.DataFrame({"site_id": ids, "name": [f"Site {k}" for k in ids], "in_scope": "yes"})
    minutes = pd.DataFrame({"zone_id": ["z"], **{k: [5.0] for k in ids}})
    region = Region.from_tables(zones, sites, minutes)
    service: Service = region.define_service("surgery", demand="cases")
    problem = Problem(region, service, minimise("mean_minutes"), [open_sites(len(ids))])
    html = solve(problem)._repr_html_()
    assert f"Open: {len(ids)} sites" in html
    folded = html[html.index("<details>") :]
    assert all(f"Site {k}" in folded for k in ids)


def test_a_configuration_by_hand_is_shown_by_its_appraisal() -> None:
    problem = two_sites_of(square_region())
    chosen = Configuration.of("surgery", ["A", "C"])
    values = appraise(problem.region, problem.service, chosen).measures
    shown = Solution(
        problem, chosen, Status.FEASIBLE, None, None, None, 0.1, "HiGHS", measures=values
    )
    assert number(values["mean_minutes"], "minutes") in shown._repr_html_()
