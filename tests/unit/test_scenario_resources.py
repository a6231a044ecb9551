"""Capacity, budget, what compares groups and what is added to today, in a scenario file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconfig.core import Budget, Capacity, Limit, Workforce, minimise
from reconfig.scenario import read_scenario
from tests.unit.data.folders import SITES
from tests.unit.test_scenario import GOOD, read, said_of, write_scenario


def test_capacity_and_budget_are_tables_of_the_service_or_columns_of_the_sites(
    tmp_path: Path,
) -> None:
    asked = """capacity = {B = 60.5, A = 300}
budget = {at_most = 1e6, fixed = "fixed_cost_gbp", per_case = "case_cost_gbp"}"""
    lines = SITES.splitlines()
    costs = [lines[0] + ",fixed_cost_gbp,case_cost_gbp,most", *(f"{s},9,2.5,70" for s in lines[1:])]
    text = GOOD.replace("open = 1", asked)
    problem = read_scenario(write_scenario(tmp_path, text, sites="\n".join([*costs, ""]))).problem
    assert Capacity((("A", 300.0), ("B", 60.5))) in problem.constraints
    assert Budget(1e6, "fixed_cost_gbp", "case_cost_gbp") in problem.constraints
    text = GOOD.replace("open = 1", 'capacity = "most"')
    problem = read_scenario(write_scenario(tmp_path, text, sites="\n".join([*costs, ""]))).problem
    assert Capacity(column="most") in problem.constraints
    of_sites = Capacity(column="most").at(problem.region, problem.service)
    assert of_sites == {"A": 70.0, "B": 70.0, "N": 70.0}


def test_several_capacities_and_budgets_and_staff_hold_side_by_side(tmp_path: Path) -> None:
    asked = """capacity = [{B = 60.5}, "most"]
budget = [{at_most = 50, fixed = 10}, {at_most = 1e6, per_case = "case_cost_gbp"}]
workforce = [{pool = 45, each = 8}, {pool = 20, each = "most"}]"""
    lines = SITES.splitlines()
    costs = [lines[0] + ",case_cost_gbp,most", *(f"{s},2.5,7" for s in lines[1:])]
    text = GOOD.replace("open = 1", asked)
    found = read_scenario(write_scenario(tmp_path, text, sites="\n".join([*costs, ""]))).problem
    for constraint in (
        Capacity((("B", 60.5),)),
        Capacity(column="most"),
        Budget(50.0, fixed_each=10.0),
        Budget(1e6, "", "case_cost_gbp"),
        Workforce(45.0, 8.0),
        Workforce(20.0, column="most"),
    ):
        assert constraint in found.constraints


def test_cost_is_an_objective_where_sites_have_one(tmp_path: Path) -> None:
    lines = SITES.splitlines()
    costs = [lines[0] + ",fixed_cost_gbp", *(f"{s},9" for s in lines[1:])]
    text = GOOD.replace('minimise = "mean_minutes"', 'minimise = "cost_gbp"')
    found = read_scenario(write_scenario(tmp_path, text, sites="\n".join([*costs, ""]))).problem
    assert found.objective == minimise("cost_gbp")


def test_a_limit_may_be_on_what_is_added_to_today(tmp_path: Path) -> None:
    text = GOOD.replace("at_least = 0.5", "at_most_over_today = 0.25")
    limit = Limit("share_within_45", by="district", at_most_over_today=0.25)
    assert limit in read(tmp_path, text).problem.constraints


# What stands in the good scenario, what is put instead, and what is said of it.
ONE_FAULT = {
    "over today of text": ("at_least = 0.5", 'at_most_over_today = "5"', r"line 15.*a number"),
    "over today too far": (
        "at_least = 0.5",
        "at_most_over_today = 5",
        r"line 13.*= 5; expected a s",
    ),
    "worst by unknown": (
        '"mean_minutes"',
        '"worst_mean_minutes_by_distict"',
        r"line 10, objective: no zone column 'distict'.*Did you mean 'district'",
    ),
    "widest gap": (
        'minimise = "mean_minutes"',
        'maximise = "gap_mean_minutes_by_district"',
        r"objective: maximise gap_mean_minutes_by_district; expected minimise",
    ),
    "compared twice": (
        '"share_within_45"',
        '"worst_share_within_45_by_district"',
        r"line 13, limit: by = 'district'; expected no 'by': it compares groups already",
    ),
    "capacity number": (
        "open = 1",
        "capacity = 5",
        r"line 7, service, capacity: capacity = 5; exp",
    ),
    "capacity of text": (
        "open = 1",
        'capacity = {A = "5"}',
        r"line 7.*A = \"5\"; expected a number",
    ),
    "capacity of none": ("open = 1", "capacity = {}", r"line 7, service, capacity: no site"),
    "capacity of whom": ("open = 1", "capacity = {Z = 5}", r"line 7.*'Z' takes no cases of this"),
    "capacity below zero": (
        "open = 1",
        "capacity = {A = -5}",
        r"line 7.*A: -5; expected cases a y",
    ),
    "capacity column": ("open = 1", 'capacity = "beds"', r"line 7.*no sites column 'beds'"),
    "capacity words": (
        "open = 1",
        'capacity = "name"',
        r"'name' is no such number at A .'Alder'., B",
    ),
    "budget number": ("open = 1", "budget = 5", r"line 7, service, budget: budget = 5; expected a"),
    "budget unknown key": ("open = 1", "budget = {most = 5}", r"line 7, service, budget, most"),
    "budget of nothing": ("open = 1", "budget = {at_most = 5}", r"line 7.*no column of costs"),
    "capacities of nothing": (
        "open = 1",
        "capacity = []",
        r"line 7.*capacity = \[\]; expected a t",
    ),
    "second budget": (
        "open = 1",
        "budget = [{at_most = 5, fixed = 1}, {fixed = 1}]",
        r"line 7, service, budget: no 'at_most'",
    ),
    "budget below zero": ("open = 1", "budget = {at_most = 5, fixed = -1}", r"line 7.*-1 a site"),
    "workforce number": ("open = 1", "workforce = 45", r"line 7.*workforce = 45; expected a tab"),
    "workforce without pool": ("open = 1", "workforce = {each = 8}", r"line 7.*no 'pool'"),
    "workforce without need": ("open = 1", "workforce = {pool = 45}", r"line 7.*no 'each'"),
    "workforce of text": (
        "open = 1",
        'workforce = {pool = "45", each = 8}',
        r"line 7, service, workforce, pool: pool = \"45\"; expected a number",
    ),
    "workforce column": (
        "open = 1",
        'workforce = {pool = 45, each = "rota"}',
        r"line 7, service, workforce: no sites column 'rota'",
    ),
    "cost without columns": (
        'minimise = "mean_minutes"',
        'minimise = "cost_gbp"',
        r"line 10, objective: no sites column 'fixed_cost_gbp' or 'case_cost_gbp'",
    ),
    "budget column": (
        "open = 1",
        'budget = {at_most = 5, fixed = "cost"}',
        r"line 7, service, budget: no sites column 'cost'",
    ),
}


@pytest.mark.parametrize(("good", "bad", "said"), ONE_FAULT.values(), ids=ONE_FAULT.keys())
def test_one_fault_gives_one_message_with_its_line(
    tmp_path: Path, good: str, bad: str, said: str
) -> None:
    assert good in GOOD
    messages = said_of(tmp_path, GOOD.replace(good, bad, 1))
    assert len(messages) == 1, messages
    assert re.search(said, messages[0]), messages[0]
