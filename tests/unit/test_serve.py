"""The door of the local server: what is asked is read key by key, and only its own page may ask."""

from __future__ import annotations

import json
import pickle
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from reconfig.appraise import appraise
from reconfig.core import (
    Configuration,
    InputError,
    Keep,
    Limit,
    OpenSites,
    Problem,
    close,
    keep,
    limit,
    maximise,
    minimise,
    open_sites,
    second_tier,
    together,
)
from reconfig.data import load_region
from reconfig.scenario import Scenario, read_scenario
from reconfig.serve.answer import answer
from reconfig.serve.asked import read_asked
from reconfig.serve.desk import Desk
from reconfig.serve.door import Door, is_loopback
from reconfig.serve.jobs import BusyError, Jobs
from reconfig.serve.page import page
from reconfig.serve.worker import parcel
from reconfig.solve import solve
from tests.unit.report.places import SCRIPT, square_region, surgery
from tests.unit.serve_stand_in import of_squares, parts_of


@pytest.fixture(scope="module")
def desk() -> Desk:
    """Return the desk of the region of squares, with demands of its own."""
    free = next(iter(of_squares(square_region()).problems.values()))
    problem = Problem(
        free.region,
        free.service,
        minimise("max_minutes", then=minimise("mean_minutes")),
        [open_sites(2), keep("A"), limit("max_minutes", at_most=100)],
    )
    return Desk({problem.service.id: problem}, 30.0)


def read(desk: Desk, **content: Any) -> Problem:
    return read_asked(json.dumps(content).encode(), desk).problem


def faults_of(desk: Desk, body: bytes | dict[str, Any]) -> str:
    """Return the message that refuses a request."""
    with pytest.raises(InputError) as caught:
        read_asked(body if isinstance(body, bytes) else json.dumps(body).encode(), desk)
    return str(caught.value)


def test_what_is_not_said_is_as_the_scenario_asks(desk: Desk) -> None:
    asked = read_asked(b"{}", desk)
    own = next(iter(desk.problems.values()))
    assert asked.problem.objective == own.objective
    assert set(asked.problem.constraints) == set(own.constraints)
    assert asked.time_limit == desk.time_limit
    assert not asked.replace


def test_what_is_said_takes_the_place_of_what_the_scenario_asks(desk: Desk) -> None:
    problem = read(
        desk,
        service=next(iter(desk.problems)),
        objective={"measure": "mean_minutes", "sense": "minimise", "tolerance": 0.5},
        sites={"at_most": 2},
        keep=["B"],
        close=["C"],
        limits=[{"measure": "mean_minutes", "at_most_over_today": 5, "by": "district"}],
        asked=[],
        time_limit=5,
    )
    assert problem.objective == minimise("mean_minutes", tolerance=0.5)
    assert set(problem.constraints) == {
        OpenSites(at_most=2),
        keep("B"),
        close("C"),
        Limit("mean_minutes", by="district", at_most_over_today=5.0),
    }


def test_of_the_scenarios_demands_those_hold_that_are_ticked(desk: Desk) -> None:
    assert {type(c) for c in read(desk, asked=[0]).constraints} == {Keep, OpenSites}
    assert {type(c) for c in read(desk, asked=[1]).constraints} == {Limit, OpenSites}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b'{"time_limit": NaN}', "NaN is no number"),
        (b'{"time_limit": 1, "time_limit": 2}', "a key is given twice"),
        (b"[]", "a list"),
        ({"objectve": {}}, "Did you mean 'objective'?"),
        ({"service": "dentist"}, "no service 'dentist'"),
        ({"service": 4}, "service = 4"),
        ({"time_limit": 0}, "a number of seconds above 0"),
        ({"time_limit": "ten"}, "a number of seconds above 0"),
        ({"objective": {"measure": "mean_minutes"}}, "no 'sense'"),
        ({"objective": {"measure": "mean_minutes", "sense": "worse"}}, '"minimise" or "maximise"'),
        ({"objective": {"measure": "mean_minutes", "sense": ["minimise"]}}, 'or "maximise"'),
        ({"objective": {"measure": "happiness", "sense": "maximise"}}, "no measure 'happiness'"),
        ({"objective": {"measure": "max_minutes", "sense": "maximise"}}, "maximise max_minutes"),
        ({"sites": {"at_least": 2.5}}, "a whole number"),
        ({"sites": {"at_most": 99}}, "99 sites asked for"),
        ({"sites": 4}, "sites = 4"),
        ({"keep": "A"}, "a list of texts"),
        ({"keep": ["Z"]}, "Z"),
        ({"keep": ["B"], "close": ["B"]}, "both kept and closed"),
        ({"limits": [{"measure": "max_minutes"}]}, "no bound"),
        ({"limits": [{"measure": "share_within_30", "at_least": 95}]}, "Write 0.95 for 95 %"),
        ({"limits": [{"measure": "mean_minutes", "at_most": 5, "by": "x"}]}, "no zone column 'x'"),
        ({"limits": [{"measure": "mean_minutes", "at_least": 5, "at_most": 1}]}, "at_least 5"),
        ({"asked": [2]}, "numbers from 0 to 1"),
        ({"asked": [-1]}, "numbers from 0 to 1"),
        ({"asked": [True]}, "a list of whole numbers"),
        ({"replace": 1}, "true or false"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    desk: Desk, body: bytes | dict[str, Any], said: str
) -> None:
    assert said in faults_of(desk, body)


def test_objectives_that_never_end_are_refused(desk: Desk) -> None:
    objective: dict[str, Any] = {"measure": "mean_minutes", "sense": "minimise"}
    for _ in range(40):
        objective = {"measure": "mean_minutes", "sense": "minimise", "then": objective}
    assert "in turn at most" in faults_of(desk, {"objective": objective})


def test_every_fault_is_said_at_once(desk: Desk) -> None:
    said = faults_of(desk, {"colour": "red", "time_limit": -1, "limits": [{"by": "district"}]})
    for part in ("'colour'", "time_limit = -1", "no 'measure'", "no bound"):
        assert part in said


def test_every_goal_and_limit_of_the_form_may_be_asked(desk: Desk) -> None:
    (form,) = desk.form()["services"]
    assert len(form["goals"]) > 5
    for goal in form["goals"]:
        read(desk, objective={"measure": goal["measure"], "sense": goal["sense"]})
    assert [entry["measure"] for entry in form["limits"]].count("max_minutes") == 1
    for entry in form["limits"]:
        by = {} if entry["by"] is None else {"by": entry["by"]}
        bound = 0.1 if entry["percent"] else 1
        read(desk, limits=[{"measure": entry["measure"], entry["end"]: bound, **by}])


def test_the_form_says_what_the_scenario_asks(desk: Desk) -> None:
    (form,) = desk.form()["services"]
    assert form["sites"] == {"at_least": 2, "at_most": 2}
    assert form["asked"] == ["keep A", "max_minutes at most 100"]
    assert [stage["measure"] for stage in form["objective"]] == ["max_minutes", "mean_minutes"]


def test_of_services_decided_together_each_is_asked_for_alone() -> None:
    scenario = read_scenario("surgery-and-stroke")
    desk = Desk.of_scenario(scenario)
    parts = scenario.problem.service.parts
    assert set(desk.problems) == {part.id for part in parts}
    for problem in desk.problems.values():
        assert problem.region is scenario.problem.region.physical
    assert "leaves aside what the scenario asks for" in desk.notes[0]
    assert "no 'service'" in faults_of(desk, {})


def test_a_second_tier_is_not_decided_alone() -> None:
    region = load_region("greater-manchester")
    units = region.service("stroke-times")
    centres = second_tier(units, "thrombectomy", share="stroke.thrombectomy_rate")
    both = together(region, {units: [open_sites(3)], centres: [open_sites(2)]}, maximise("qalys"))
    with pytest.raises(InputError, match="second tier"):
        Desk.of_scenario(Scenario("Tiers", both, None, 0.0, "HiGHS", ""))


# ---- who may ask -----------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["127.0.0.1:8642", "localhost:8642", "LOCALHOST:8642"])
def test_the_servers_own_address_is_answered(header: str) -> None:
    assert Door("127.0.0.1", 8642).refuses_host(header) == ""


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "evil.example",
        "evil.example:8642",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1:8642.evil.example",
        "127.0.0.1.evil.example:8642",
        "192.168.0.1:8642",
        "localhost:²",
    ],
)
def test_any_other_name_is_refused(header: str | None) -> None:
    assert "does not answer" in Door("127.0.0.1", 8642).refuses_host(header)


def test_on_all_addresses_any_address_is_answered_but_no_name_from_elsewhere() -> None:
    door = Door("0.0.0.0", 8642)
    assert door.refuses_host("192.168.0.1:8642") == ""
    assert door.refuses_host("[fe80::1]:8642") == ""
    assert door.refuses_host("evil.example:8642") != ""
    assert Door("::1", 80).refuses_host("[::1]") == ""


def test_a_post_needs_the_pages_origin_and_token() -> None:
    door = Door("127.0.0.1", 8642)
    host, origin = "127.0.0.1:8642", "http://127.0.0.1:8642"
    assert door.refuses_post(host, origin, door.token) == ""
    for bad in (None, "null", "http://evil.example", "https://127.0.0.1:8642", f"{origin}/"):
        assert door.refuses_post(host, bad, door.token) != ""
    for wrong in (None, "", "ü", Door("127.0.0.1", 8642).token):
        assert door.refuses_post(host, origin, wrong) != ""


def test_only_addresses_of_this_machine_are_loopback() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.8.9.1", "::1", "localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "", "192.168.0.1", "my-machine"]))


# ---- the page and the answer -----------------------------------------------------------------


def test_no_name_in_the_form_ends_a_script(desk: Desk) -> None:
    named = replace(next(iter(desk.problems.values())).service, name=f"</script>{SCRIPT}&")
    own = next(iter(desk.problems.values()))
    problem = Problem(own.region, named, own.objective, own.constraints)
    tricky = Desk({named.id: problem}, notes=("<!--<script>",))
    text = page(replace(parts_of(desk), title=SCRIPT), tricky.form(), "t", "n")
    assert SCRIPT not in text
    found = re.search(r'id="optimise-data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    assert json.loads(found.group(1)) == {"token": "t", "form": tricky.form()}


def test_the_answer_is_the_solution_in_plain_values() -> None:
    region = square_region()
    service = surgery(region)
    solution = solve(Problem(region, service, minimise("mean_minutes"), [open_sites(2)]))
    told = json.loads(json.dumps(answer(solution), allow_nan=False))
    best = min(
        appraise(region, service, Configuration.of(service.id, pair)).measures["mean_minutes"]
        for pair in combinations(service.candidates, 2)
    )
    assert told["objective"] == pytest.approx(best)
    assert told["open"] == list(solution.open)
    assert told["status"] == "optimal"
    assert told["violations"] == []
    assert told["gap"] == 0.0
    assert "interval" in told["lives"]


def test_a_problem_travels_without_shapes_and_arrives_the_same() -> None:
    region = load_region("greater-manchester")
    problem = Problem(region, region.service("stroke"), minimise("mean_minutes"), [open_sites(3)])
    arrived, seconds = pickle.loads(parcel(problem, 7.0))
    assert seconds == 7.0
    assert not arrived.region.boundaries
    here, there = solve(problem), solve(arrived)
    assert there.open == here.open
    assert there.measures == here.measures


def test_a_second_solve_is_refused_unless_it_is_to_take_the_place_of_the_first() -> None:
    closed: list[bool] = []

    class Running:
        ended = False

        def close(self) -> None:
            closed.append(True)

    jobs = Jobs()
    jobs.last = Running()  # type: ignore[assignment]
    asked = read_asked(b"{}", of_squares(square_region()))
    with pytest.raises(BusyError, match="Another solve is running"):
        jobs.start(asked)
    assert closed == []
    try:
        job = jobs.start(replace(asked, replace=True))
        assert closed == [True]
        assert jobs.find(job.id) is job
        assert jobs.find("another") is None
    finally:
        jobs.close()
    assert job.view()["state"] == "stopped"
    assert "before any configuration" in job.view()["messages"][-1]


def test_the_form_and_the_server_have_nothing_put_in_as_html() -> None:
    folder = Path(__file__).resolve().parents[2] / "reconfig" / "report" / "explore"
    code = (folder / "optimise.js").read_text(encoding="utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert way not in code
