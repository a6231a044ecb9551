"""The explorer's page: it stands alone, asks for nothing, and says what it cannot do."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

import reconfig as rc
from reconfig.analyse.findings import Findings
from reconfig.core import InputError, Region
from reconfig.report.explore import Explorer, explore, explorer
from reconfig.report.explore.page import as_json
from tests.instances import tiny_region, tiny_service
from tests.unit.report.places import SCRIPT, square_region, surgery

OUTSIDE = re.compile(
    r"""(?:src|href|action)["']?\s*[=:]\s*["'`]?\s*(?:https?:)?//[^\s"'`]"""
    r"""|url\(\s*["']?(?:https?:)?//|@import|(?:import|fetch)\(\s*["'`](?:https?:)?//""",
    re.IGNORECASE,
)
DATA = re.compile(r'<script type="application/json" id="explore-data">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def squares() -> Region:
    return square_region()


@pytest.fixture(scope="module")
def made(squares: Region) -> Explorer:
    today = rc.appraise(squares, surgery(squares), squares.today(surgery(squares)))
    return explorer(rc.compare(today, today))


def test_the_parts_hold_no_address_of_another_machine(made: Explorer) -> None:
    for part in (made.library, made.script, made.style, made.html):
        assert OUTSIDE.search(part) is None


def test_scripts_put_data_in_as_text_and_evaluate_none(made: Explorer) -> None:
    own = made.script.partition('"use strict"')[2]
    assert own
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert word not in own


def test_names_cannot_end_the_script_that_holds_them(made: Explorer) -> None:
    (data,) = DATA.findall(made.html)
    assert SCRIPT not in made.html
    assert "<" not in data
    names = [site["name"] for site in json.loads(data)["services"][0]["sites"]]
    assert SCRIPT in names


@pytest.mark.parametrize("text", ["</script>", "<!--", "a & b", "\u2028", "'\"`${x}`"])
def test_any_text_comes_out_of_the_data_as_it_went_in(text: str) -> None:
    written = as_json({"name": text})
    assert json.loads(written) == {"name": text}
    assert not set("<>&\u2028") & set(written)


def test_a_place_for_the_optimiser_is_left_only_where_there_is_a_server(squares: Region) -> None:
    today = rc.appraise(squares, surgery(squares), squares.today(surgery(squares)))
    comparison = rc.compare(today, today)
    place = '<div id="explore-optimise"></div>'
    assert place in explorer(comparison, server=True).html
    assert place not in explorer(comparison).html


def test_patients_who_are_directed_are_refused_in_a_sentence(squares: Region) -> None:
    service = surgery(squares).directed()
    today = rc.appraise(squares, service, squares.today(service))
    found = explorer(rc.compare(today, today))
    assert found.library == found.script == ""
    assert "directed" in found.html


def test_of_two_tiers_the_one_that_stands_by_itself_is_shown_and_the_other_named() -> None:
    region = tiny_region()
    first = replace(tiny_service(outcome=False), name="Units")
    for straight, shown in ((0.0, True), (5.0, False)):
        second = rc.second_tier(first, "centre", share=0.5, today=["A"], direct_within=straight)
        asked = {first: [rc.open_sites(2)], second: [rc.open_sites(1)]}
        problem = rc.together(region, asked, rc.minimise("mean_minutes"))
        today = rc.appraise(problem.region, problem.service, problem.region.today(problem.service))
        found = explorer(rc.compare(today, today))
        assert ("explore-data" in found.html) == shown
        if shown:
            assert "Not here, since where its patients go hangs on the others: Centre" in found.html
        else:
            assert "both tiers" in found.html


def test_the_trade_off_of_the_findings_and_their_rules_are_on_the_page(squares: Region) -> None:
    service = surgery(squares)
    rules = [rc.open_sites(at_least=1, at_most=2)]
    problem = rc.Problem(squares, service, rc.minimise("mean_minutes"), rules)
    frontier = rc.frontier(problem, "mean_minutes")
    today = rc.appraise(squares, service, squares.today(service))
    found = explorer(rc.compare(today, rc.solve(problem)), Findings(frontier=frontier))
    (data,) = DATA.findall(found.html)
    (told,) = json.loads(data)["services"]
    assert [rule["words"] for rule in told["rules"]] == ["at least 1 site and at most 2 sites"]
    labels = [point["label"] for point in told["points"]]
    assert sum("rade-off point" in label for label in labels) == len(frontier.points)
    assert told["axes"] == ["mean_minutes", "open_sites"]


def test_a_notebook_shows_a_frame_that_holds_the_whole_page(squares: Region) -> None:
    found = explore(squares, surgery(squares))
    shown = found._repr_html_()
    source = re.search(r'srcdoc="([^"]*)"', shown)
    assert source is not None
    assert unescape(source.group(1)) == found.html
    assert 'sandbox="allow-scripts allow-downloads"' in shown
    assert "default-src 'none'" in found.html


def test_the_page_is_saved_where_it_is_asked_for(squares: Region, tmp_path: Path) -> None:
    found = explore(squares, surgery(squares))
    path = found.save(tmp_path / "map.html")
    assert path.read_text(encoding="utf-8") == found.html


def test_the_same_data_give_the_same_figures_on_the_page(squares: Region) -> None:
    pages = [explore(squares, surgery(squares)).parts.html for _ in range(2)]
    assert DATA.findall(pages[0]) == DATA.findall(pages[1])


def test_a_problem_a_solution_and_a_proposal_can_be_explored(squares: Region) -> None:
    service = surgery(squares)
    problem = rc.Problem(squares, service, rc.minimise("mean_minutes"), [rc.open_sites(2)])
    best = rc.solve(problem)
    proposal = rc.Configuration.of("surgery", ["A"], name="One")
    assert explore(problem).comparison.after.open == service.today
    assert explore(best).comparison.after.open == best.open
    assert explore(problem, after=best).comparison.after.open == best.open
    assert explore(squares, service, after=proposal).comparison.after.open == ("A",)


def test_a_region_without_a_service_is_refused(squares: Region) -> None:
    with pytest.raises(InputError, match="no service"):
        explore(squares)
    with pytest.raises(InputError, match="is not there"):
        explore(squares, "nothing")
