"""Thrombectomy centres among stroke units: by hand, on Greater Manchester, from a scenario."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import reconfig as rc
from reconfig.cli import main
from reconfig.core import Region, Service
from reconfig.model.build import FORMULATIONS, FormulationName
from reconfig.outcomes import Draws
from reconfig.outcomes.stroke_times import gains_by_minutes
from tests.instances import random_region, tiny_region, tiny_service
from tests.unit.test_scenario import said_of, write_scenario

SHARE = "stroke.thrombectomy_rate"


@pytest.fixture(scope="module")
def manchester() -> Region:
    return rc.load_region("greater-manchester")


@pytest.fixture(scope="module")
def units(manchester: Region) -> Service:
    return manchester.service("stroke-times")


def tiers(straight: float = 0.0) -> tuple[Service, Service]:
    """Units A, B and C with neighbour N; centres A and C."""
    first = tiny_service(outcome=False)
    candidates = ["A", "C"]
    second = rc.second_tier(
        first, "centre", share=0.5, candidates=candidates, today=["A"], direct_within=straight
    )
    return first, second


def treated(straight: float, units: str, centres: str) -> dict[str, tuple[str, float]]:
    """Zone -> where those who need the centre are treated, and minutes to it."""
    first, second = tiers(straight)
    problem = rc.together(tiny_region(), {first: [], second: []}, rc.minimise("mean_minutes"))
    opened = {*(f"surgery@{s}" for s in units), *(f"centre@{s}" for s in centres)}
    found = rc.appraise(
        problem.region, problem.service, rc.Configuration.of(problem.service.id, opened)
    )
    rows = found.assignment
    return {
        z: (str(rows["site_id"][f"centre@{z}"]), float(rows["minutes"][f"centre@{z}"]))
        for z in ("z1", "z2", "z3", "z4")
    }


def test_patients_are_sent_on_from_their_nearest_unit() -> None:
    # From site to site as from the zone nearest to it: B as z2 (A 10, C 30), N as z4 (A 50, C 10).
    assert treated(0.0, "ABC", "AC") == {
        "z1": ("centre@A", 5.0),
        "z2": ("centre@A", 10.0),  # A and B equally near: A by its id, and a centre
        "z3": ("centre@C", 5.0),
        "z4": ("centre@C", 18.0),  # by way of the neighbour: 8, and 10 from there
    }
    assert treated(0.0, "ABC", "A")["z4"] == ("centre@A", 58.0)


def test_patients_go_straight_to_a_centre_that_is_little_further() -> None:
    assert treated(2.0, "ABC", "AC")["z4"] == ("centre@C", 10.0)  # 10 against 8 to the neighbour
    assert treated(1.0, "ABC", "AC")["z4"] == ("centre@C", 18.0)
    assert treated(math.inf, "ABC", "A")["z4"] == ("centre@A", 50.0)


def test_a_second_tier_by_itself_is_refused_in_plain_words() -> None:
    _, second = tiers()
    configuration = rc.Configuration.of("centre", ["A"])
    with pytest.raises(rc.InputError, match="both tiers at once"):
        rc.appraise(tiny_region(), second, configuration)
    with pytest.raises(rc.InputError, match="both tiers at once"):
        rc.solve(rc.Problem(tiny_region(), second, rc.minimise("mean_minutes")))
    other = replace(tiny_service(outcome=False), id="other")
    with pytest.raises(rc.InputError, match="its first tier 'surgery' is not among the services"):
        rc.together(tiny_region(), {other: [], second: []}, rc.minimise("mean_minutes"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"share": 0.0}, "a share above 0 and up to 1"),
        ({"share": 1.5}, "a share above 0 and up to 1"),
        ({"share": "no.such"}, "no assumption 'no.such'"),
        ({"direct_within": -1.0}, "minutes, 0 or more"),
        ({"direct_within": math.nan}, "minutes, 0 or more"),
        ({"candidates": ["X"]}, "ids of sites of surgery"),
        ({"candidates": []}, "a candidate at least"),
        ({"today": ["B"]}, "'B' is a centre today and no candidate"),
        ({"today": []}, "the sites that are centres today"),
        ({"always_open": ["A"]}, "ids of neighbours of surgery"),
        ({"service_id": "surgery"}, "another id"),
    ],
)
def test_what_cannot_be_a_second_tier_is_refused(changed: dict[str, object], said: str) -> None:
    good: dict[str, object] = {
        "service_id": "centre",
        "share": 0.5,
        "candidates": ["A", "C"],
        "today": ["A"],
    }
    with pytest.raises(rc.InputError, match=said):
        rc.second_tier(tiny_service(outcome=False), **{**good, **changed})  # type: ignore[arg-type]


def test_tiers_that_cannot_be_decided_together_are_refused() -> None:
    first, second = tiers()
    goal = rc.minimise("mean_minutes")
    third = rc.second_tier(first, "third", share=0.1, today=["A"])
    with pytest.raises(rc.InputError, match="one second tier a service"):
        rc.together(tiny_region(), {first: [], second: [], third: []}, goal)
    more = replace(first, demand=first.demand * 2.0)
    with pytest.raises(rc.InputError, match="of those of surgery"):
        rc.together(tiny_region(), {more: [], second: []}, goal)
    with pytest.raises(rc.InputError, match="do not all go to the nearest site"):
        rc.together(tiny_region(), {first.with_choice(3.0): [], second: []}, goal)
    saving = tiny_service()
    straight = rc.second_tier(saving, "centre", share=0.5, today=["A"], direct_within=5.0)
    with pytest.raises(rc.InputError, match="lives saved"):
        rc.together(tiny_region(), {saving: [], straight: []}, goal)


def test_lives_of_a_first_tier_are_those_of_the_service_alone() -> None:
    saving = tiny_service()
    second = rc.second_tier(saving, "centre", share=0.5, today=["A"])
    problem = rc.together(tiny_region(), {saving: [], second: []}, rc.minimise("mean_minutes"))
    opened = ["surgery@A", "surgery@C", "centre@C"]
    both = rc.appraise(
        problem.region, problem.service, rc.Configuration.of(problem.service.id, opened)
    )
    one = rc.appraise(tiny_region(), saving, rc.Configuration.of("surgery", ["A", "C"]))
    assert both.lives is not None
    assert one.lives is not None
    assert both.lives.central == pytest.approx(one.lives.central)
    assert (both.lives.low, both.lives.high) == pytest.approx((one.lives.low, one.lives.high))


def test_with_centres_as_they_are_units_are_decided_as_by_themselves(
    manchester: Region, units: Service
) -> None:
    second = rc.second_tier(units, "thrombectomy", share=SHARE, candidates=["RM301"])
    assert second.today == ("RM301",)
    own = {units: [rc.open_sites(3)], second: [rc.open_sites(1)]}
    both = rc.solve(rc.together(manchester, own, rc.maximise("qalys")))
    goal, asked = rc.maximise("qalys"), [rc.open_sites(3), rc.keep("RM301")]
    alone = rc.solve(rc.Problem(manchester, units, goal, asked))
    assert both.objective == pytest.approx(alone.objective, rel=1e-6)
    assert both.status is alone.status is rc.Status.OPTIMAL


def test_qalys_are_those_of_the_time_to_the_unit_and_on_to_the_centre(
    manchester: Region, units: Service
) -> None:
    second = rc.second_tier(units, "thrombectomy", share=SHARE, direct_within=15.0)
    problem = rc.together(manchester, {units: [], second: []}, rc.maximise("qalys"))
    central = Draws.central(units.outcome.register)  # type: ignore[union-attr]
    total = {}
    after = {"units": ("RM301", "R0A02", "RMP01"), "centres": ("R0A02",)}
    now = {"units": units.today, "centres": second.today}
    for when, opened in (("after", after), ("now", now)):
        ids = [f"stroke-times@{s}" for s in opened["units"]]
        ids += [f"thrombectomy@{s}" for s in opened["centres"]]
        found = rc.appraise(
            problem.region, problem.service, rc.Configuration.of(problem.service.id, ids)
        )
        rows = found.assignment
        first = rows[rows.index.str.startswith("stroke-times@")]
        whole = rows[rows.index.str.startswith("thrombectomy@")]
        transfer = whole["minutes"].to_numpy() - first["minutes"].to_numpy()
        transfer[transfer < 1e-9] = 0.0
        gain = gains_by_minutes(central, first["minutes"].to_numpy(), transfer_minutes=transfer)[
            "qalys"
        ][0]
        total[when] = float((gain * first["cases"].to_numpy()).sum())
        measured = found.measures["qalys"]
    assert measured == pytest.approx(0.0, abs=1e-9)  # today against itself
    ids = [f"stroke-times@{s}" for s in after["units"]] + ["thrombectomy@R0A02"]
    found = rc.appraise(
        problem.region, problem.service, rc.Configuration.of(problem.service.id, ids)
    )
    assert found.measures["qalys"] == pytest.approx(total["after"] - total["now"], rel=1e-9)


TEXT = """region = "region"

[[service]]
id = "centre"
second_tier_of = "surgery"
share = 0.5
direct_within = 5
candidates = ["A", "B"]
today = ["A"]
open = 1

[[service]]
id = "surgery"
demand = "cases"
open = 2

[objective]
minimise = "mean_minutes"
service = "centre"
"""


def test_two_tiers_in_a_scenario_are_solved_and_reported(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for text, own in ((TEXT, set()), (TEXT.replace("direct_within = 5", ""), {"surgery"})):
        path = write_scenario(tmp_path, text)
        assert main(["run", str(path), "--out", str(out)]) == 0
        result = json.loads((out / "result.json").read_text())
        assert set(result["open"]) == {"surgery", "centre"}
        assert set(result["open"]["centre"]) <= set(result["open"]["surgery"])
        # No report of a service whose patients it could not send where they go.
        assert {p.parent.name for p in out.glob("*/report.html")} == own
        assert "is a second tier of" in (out / "report.html").read_text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('second_tier_of = "surgery"', 'second_tier_of = "surgry"', "no [[service]] 'surgry'"),
        ('second_tier_of = "surgery"', 'second_tier_of = "centre"', "no [[service]] 'centre'"),
        ('second_tier_of = "surgery"\n', "", "share of a service that is no second tier"),
        ("share = 0.5\n", "", "no 'share'"),
        ("share = 0.5", "share = 2", "a share above 0 and up to 1"),
        ("share = 0.5", 'share = "stroke.thrombectomy"', "no assumption 'stroke.thrombectomy'"),
        ("direct_within = 5", "direct_within = -5", "-5"),
        ('today = ["A"]', 'today = ["N"]', "'N' is a centre today and no candidate"),
        ('candidates = ["A", "B"]', 'candidates = ["A", "X"]', "'X'"),
        ("share = 0.5", 'share = 0.5\ndemand = "cases"', "demand of a second tier"),
    ],
)
def test_faults_of_a_second_tier_are_said_in_their_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in TEXT
    assert any(said in one for one in said_of(tmp_path, TEXT.replace(old, new)))


def enumerated(problem: rc.Problem) -> list[float]:
    """The objective of every choice that keeps the constraints, by appraisal."""
    found = []
    candidates = problem.service.candidates
    for number in range(1, len(candidates) + 1):
        for opened in combinations(candidates, number):
            configuration = rc.Configuration.of(problem.service.id, opened)
            if not rc.violations(problem, configuration):
                named = [problem.objective.measure]
                appraisal = rc.appraise(
                    problem.region, problem.service, configuration, measures=named
                )
                found.append(appraisal.measures[problem.objective.measure])
    return found


@pytest.mark.parametrize("formulation", FORMULATIONS)
@pytest.mark.parametrize("straight", [0.0, 10.0])
def test_capacity_and_cost_are_counted_where_either_tier_is_treated(
    formulation: FormulationName, straight: float
) -> None:
    region = random_region(7, zones=8, candidates=3, neighbours=1)
    first = region.define_service("unit", demand="cases")
    second = rc.second_tier(first, "centre", share=0.5, today=["s0"], direct_within=straight)
    goal = rc.minimise("mean_minutes[service=centre]")
    free = rc.together(region, {first: [], second: []}, goal)
    best = rc.solve(free)
    appraisal = rc.appraise(free.region, free.service, best.found())
    (busiest,) = appraisal.volumes.filter(like="centre@").nlargest(1).index
    most = 0.95 * float(appraisal.volumes[busiest])
    cost = rc.budget(1e9, per_case="case_cost_gbp")
    price = free.region.sites["case_cost_gbp"].astype(float)
    spent = float((price.loc[appraisal.volumes.index] * appraisal.volumes).sum())
    for asked in (
        [rc.capacity({busiest: most})],
        [replace(cost, total=0.95 * spent)],
        [rc.capacity({busiest: most}), replace(cost, total=1.1 * spent)],
    ):
        problem = free.having(*asked)
        known, solution = enumerated(problem), rc.solve(problem, formulation=formulation)
        assert known
        assert solution.objective == pytest.approx(min(known), rel=1e-6)
        assert best.objective is not None
        assert min(known) > best.objective


def test_a_third_service_beside_two_tiers_changes_nothing_of_them() -> None:
    first, second = tiers(2.0)
    third = replace(tiny_service(outcome=False), id="other").with_choice(5.0)
    goal = rc.minimise("mean_minutes[service=centre]")
    own = {first: [rc.open_sites(2)], second: [rc.open_sites(1)]}
    two = rc.solve(rc.together(tiny_region(), own, goal))
    three = rc.solve(rc.together(tiny_region(), {third: [rc.open_sites(1)], **own}, goal))
    assert three.objective == pytest.approx(two.objective)
    wider = rc.together(tiny_region(), {third: [], **own}, goal)
    more = rc.Configuration.of(wider.service.id, {*two.open, "other@B"})
    names = ["mean_minutes[service=surgery]", "min_volume[service=centre]", goal.measure]
    beside = rc.appraise(wider.region, wider.service, more, measures=names)
    alone = rc.appraise(two.problem.region, two.problem.service, two.found(), measures=names)
    assert [beside.measures[n] for n in names] == pytest.approx([alone.measures[n] for n in names])


def test_why_not_says_nothing_of_shorter_journeys_of_two_tiers() -> None:
    first, second = tiers(2.0)
    goal = rc.minimise("mean_minutes[service=centre]")
    own = {first: [rc.open_sites(2)], second: [rc.open_sites(1)]}
    best = rc.solve(rc.together(tiny_region(), own, goal))
    (other,) = {"centre@A", "centre@C"} - set(best.open)
    said = " ".join(rc.why_not(best, other).sentences())
    assert "is worse in mean journey (centre)" in said
    assert "shorter, all else equal" not in said
    assert "Even if nobody had to travel" not in said


def test_exactly_so_many_minutes_further_is_within_them() -> None:
    # 25.1 - 15 is a hair more than 10.1 in floating point.
    zones = pd.DataFrame({"zone_id": ["z"], "cases": [10.0], "district": ["d"]})
    sites = pd.DataFrame({"site_id": ["far", "near"], "name": ["Far", "Near"]})
    minutes = pd.DataFrame({"zone_id": ["z"], "far": [25.1], "near": [10.1]})
    region = Region.from_tables(zones, sites, minutes)
    first = region.define_service("units", demand="cases")
    for straight, expected in ((15.0, 25.1), (14.9, 10.1)):
        second = rc.second_tier(
            first, "centre", share=0.5, candidates=["far"], today=["far"], direct_within=straight
        )
        problem = rc.together(region, {first: [], second: []}, rc.minimise("mean_minutes"))
        opened = ["units@far", "units@near", "centre@far"]
        every = rc.Configuration.of(problem.service.id, opened)
        found = rc.appraise(problem.region, problem.service, every).assignment["minutes"]
        assert found["units@z"] == pytest.approx(expected)


def test_what_a_second_tier_needs_is_asked_once_and_not_offered_to_be_relaxed() -> None:
    first, second = tiers()
    asked: dict[Service, Any] = {
        first: [rc.close("C")],
        second: [rc.keep("C"), rc.needs("surgery")],
    }
    problem = rc.together(tiny_region(), asked, rc.minimise("mean_minutes"))
    said = [str(c) for c in problem.constraints]
    assert said.count("centre needs surgery at the same site") == 1
    told = rc.explain_conflict(rc.solve(problem))
    assert not any("can have surgery within" in str(way) for way in rc.relaxations(told))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"direct_within": "15"}, "minutes, without quotes"),
        ({"candidates": "A"}, "a list of ids"),
        ({"share": True}, "a share above 0"),
    ],
)
def test_values_of_another_kind_are_refused_in_plain_words(
    wrong: dict[str, Any], words: str
) -> None:
    with pytest.raises(rc.InputError, match=words):
        rc.second_tier(tiny_service(outcome=False), "centre", **({"share": 0.5} | wrong))
