"""Several services in a scenario file: read, checked with every fault in its place, solved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import reconfig as rc
from reconfig.cli import main
from reconfig.core import Budget, Constraint, Fault, InputError, Region, Service
from tests.unit.test_scenario import read, said_of, write_scenario

GOOD = """region = "region"

[[service]]
id = "surgery"
demand = "cases"
open = 2

[[service]]
id = "stroke"
demand = "cases"
open = 1
needs = ["surgery"]

[objective]
minimise = "mean_minutes"
service = "stroke"

[[limit]]
measure = "max_minutes"
service = "stroke"
at_most = 60
"""


def test_several_services_become_one_problem(tmp_path: Path) -> None:
    problem = read(tmp_path, GOOD).problem
    assert [part.id for part in problem.service.parts] == ["surgery", "stroke"]
    assert problem.objective.measure == "mean_minutes[service=stroke]"
    said = [str(c) for c in problem.constraints]
    assert "exactly 2 sites for surgery" in said
    assert "stroke needs surgery at the same site" in said
    assert "max_minutes[service=stroke] at most 60" in said
    assert rc.solve(problem).status is rc.Status.OPTIMAL


def test_needs_may_be_within_minutes_of_transfer(tmp_path: Path) -> None:
    text = GOOD.replace('needs = ["surgery"]', "needs_within = {surgery = 12.5}")
    said = [str(c) for c in read(tmp_path, text).problem.constraints]
    assert "stroke needs surgery within 12.5 minutes" in said


def test_one_service_may_be_named_all_the_same(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index('[[service]]\nid = "stroke"')] + GOOD[GOOD.index("[objective]") :]
    text = text.replace('service = "stroke"', 'service = "surgery"')
    problem = read(tmp_path, text).problem
    assert problem.objective.measure == "mean_minutes"


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ('needs = ["surgery"]', 'needs = ["surgrey"]', "line 12, service 2, needs", "'surgrey'"),
        ('needs = ["surgery"]', 'keep = ["Q"]', "line 12, service 2, keep", "'Q'"),
        ('service = "stroke"\nat', 'service = "strok"\nat', "limit, service", "'strok'"),
        ('"max_minutes"', '"max_minute"', "limit", "no measure 'max_minute[service=stroke]'"),
        ("at_most = 60", "at_least = 60", "limit", "at_least = 60"),
        ('"max_minutes"', '"max_minutes[district=nroth]"', "line 18, limit", "'nroth'"),
        ('"max_minutes"', '"max_minutes[service=stroke]"', "line 18, limit", "'service' twice"),
        (
            'service = "stroke"\n\n[[limit]]',
            'then = {minimise = "mean_minuts"}\n\n[[limit]]',
            "line 16, objective, then",
            "'mean_minuts'",
        ),
        (
            'needs = ["surgery"]',
            "needs_within = {surgery = 20, surgrey = 20}",
            "line 12, service 2, needs_within, surgrey",
            "'surgrey'",
        ),
        ('id = "stroke"', 'id = "surgery"', "line 9, service 2, id", "'surgery' twice"),
        (
            "[objective]",
            '[[budget]]\nat_most = 9e6\nfixed = "capital"\n\n[objective]',
            "line 14, budget",
            "no sites column 'capital'",
        ),
        (
            "[objective]",
            "[budget]\nat_most = 9e6\nfixed = 1.0\n\n[objective]",
            "line 14, budget",
            "tables, each headed [[budget]]",
        ),
        ('minimise = "mean_minutes"', 'minimise = "p95_minutes"', "objective", "cannot be optim"),
    ],
)
def test_a_fault_is_noted_where_it_stands(
    tmp_path: Path, old: str, new: str, place: str, words: str
) -> None:
    said = said_of(tmp_path, GOOD.replace(old, new, 1))
    assert any(place in fault and words in fault for fault in said), said


def test_each_of_two_limits_on_a_measure_has_its_own_faults(tmp_path: Path) -> None:
    first = '[[limit]]\nmeasure = "share_within_30"\nservice = "stroke"\nat_least = 0.9\n'
    for service in ("", 'service = "stroke"\n', 'service = "surgery"\n'):
        second = f'[[limit]]\nmeasure = "share_within_30"\n{service}at_least = 95\n'
        text = GOOD[: GOOD.index("[[limit]]")] + first + second
        said = said_of(tmp_path, text)
        assert len(said) == 1, said
        line = text[: text.index(second)].count("\n") + 1
        assert f"line {line}, limit 2: at_least = 95" in said[0]


def test_a_typo_in_what_the_only_service_needs_is_noted_at_its_key(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index('[[service]]\nid = "stroke"')] + GOOD[GOOD.index("[objective]") :]
    text = text.replace('service = "stroke"\n', "")
    text = text.replace("open = 2", "open = 2\nneeds_within = {in_scoop = 5}")
    (said,) = said_of(tmp_path, text)
    assert "line 7, service, needs_within, in_scoop: 'in_scoop'" in said


def test_the_faults_of_one_service_hide_none_of_what_is_shared(tmp_path: Path) -> None:
    text = GOOD.replace("open = 2", "open = 2\nkeep = ['Q']").replace('surgery"]', 'surgrey"]')
    said = said_of(tmp_path, text.replace("at_most = 60", 'at_most = 60\nby = "distict"'))
    assert len(said) == 3
    for words in ("service 1, keep: 'Q'", "service 2, needs: 'surgrey'", "limit, by: no zone"):
        assert any(words in fault for fault in said), said


def test_what_a_service_asks_for_that_several_do_not_know_is_noted_at_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_part(constraint: Constraint, part: Service, where: Region) -> Constraint:
        raise InputError([Fault("together", part.id, "OpenSites", "another kind")])

    monkeypatch.setattr("reconfig.scenario_together.of_part", of_part)
    text = GOOD.replace('needs = ["surgery"]\n', "")
    said = said_of(tmp_path, text)
    for place in ("line 6, service 1, open: OpenSites", "line 11, service 2, open: OpenSites"):
        assert any(place in fault for fault in said), said


def test_a_limit_with_brackets_may_name_its_service(tmp_path: Path) -> None:
    text = GOOD.replace('"max_minutes"', '"max_minutes[district=north]"')
    said = [str(c) for c in read(tmp_path, text).problem.constraints]
    assert "max_minutes[district=north][service=stroke] at most 60" in said


@pytest.mark.parametrize(
    ("most", "status"), [(300, rc.Status.OPTIMAL), (299, rc.Status.INFEASIBLE)]
)
def test_a_shared_budget_counts_each_service_and_site(
    tmp_path: Path, most: int, status: rc.Status
) -> None:
    # Two sites of surgery and one of stroke, at 100 each, though stroke is where surgery is.
    text = GOOD + f"\n[[budget]]\nat_most = {most}\nfixed = 100\n"
    assert rc.solve(read(tmp_path, text).problem).status is status


def test_a_budget_at_the_top_is_that_of_the_only_service(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index('[[service]]\nid = "stroke"')] + GOOD[GOOD.index("[objective]") :]
    text = text.replace('service = "stroke"\n', "") + "\n[[budget]]\nat_most = 5\nfixed = 2\n"
    assert Budget(5.0, fixed_each=2.0) in read(tmp_path, text).problem.constraints


def test_three_typos_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("open = 2", "opne = 2").replace('"max_minutes"', '"max_minuets"')
    said = said_of(tmp_path, text.replace('needs = ["surgery"]', 'needs = "surgery"'))
    for words in ("opne", "max_minuets", 'needs = "surgery"'):
        assert any(words in fault for fault in said), said


def test_run_writes_a_report_of_all_and_one_of_each(tmp_path: Path) -> None:
    path = write_scenario(tmp_path, GOOD)
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 0
    whole = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert sorted(whole["open"]) == ["stroke", "surgery"]
    assert set(whole["open"]["stroke"]) <= set(whole["open"]["surgery"])
    for service in ("stroke", "surgery"):
        own = json.loads((tmp_path / "out" / service / "result.json").read_text(encoding="utf-8"))
        assert own["open"][service] == whole["open"][service]
        assert (tmp_path / "out" / service / "report.html").is_file()
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 0  # replaces its own


def test_an_infeasible_plan_is_explained(tmp_path: Path) -> None:
    text = GOOD.replace("open = 2", 'open = 1\nclose = ["A"]').replace(
        'needs = ["surgery"]', 'keep = ["A"]\nneeds = ["surgery"]'
    )
    path = write_scenario(tmp_path, text)
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 3
    told = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert "stroke needs surgery at the same site" in told["conflict"]
    assert told["open"] == {"surgery": [], "stroke": []}


def test_the_report_of_all_says_of_each_service_where_it_would_be(tmp_path: Path) -> None:
    path = write_scenario(tmp_path, GOOD)
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert "Surgery is at 2 sites today. That would not change." in page
    assert "Stroke is at 2 sites today. It would be at 1: " in page
    zones = len(rc.read_scenario(path).problem.region.zones) // 2
    assert f"{zones} zones" in page  # each once, although there is a row for each service
    assert told["who_counts"] == f"{zones} zones"
