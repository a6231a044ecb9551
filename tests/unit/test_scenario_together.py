"""Several services in a scenario file: read, checked with every fault in its place, solved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import reconfig as rc
from reconfig.cli import main
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
        ('minimise = "mean_minutes"', 'minimise = "p95_minutes"', "objective", "cannot be optim"),
    ],
)
def test_a_fault_is_noted_where_it_stands(
    tmp_path: Path, old: str, new: str, place: str, words: str
) -> None:
    said = said_of(tmp_path, GOOD.replace(old, new, 1))
    assert any(place in fault and words in fault for fault in said), said


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
