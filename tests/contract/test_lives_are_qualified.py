"""Wherever lives saved are shown, interval, baseline and chance of no gain stand beside them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from reconfig.analyse import alternatives, frontier, importance, sensitivity, structural
from reconfig.appraise import appraise, compare
from reconfig.core import LivesSaved, Problem, Solution, maximise, minimise, open_sites
from reconfig.data import load_region
from reconfig.solve import solve

QUALIFIERS = ("low", "high", "baseline_deaths", "probability_of_no_gain")


def problem() -> Problem:
    region = load_region("greater-manchester")
    goal = maximise("lives_saved")
    return Problem(region, region.service("emergency-surgery"), goal, [open_sites(4)])


PROBLEM = problem()
SOLVED: Solution = solve(PROBLEM)


def lives() -> LivesSaved:
    found = appraise(PROBLEM.region, PROBLEM.service, SOLVED.found()).lives
    assert found is not None
    return found


@pytest.mark.parametrize(
    "shown",
    [
        SOLVED,
        appraise(PROBLEM.region, PROBLEM.service, SOLVED.found()),
        compare(PROBLEM.region.today(PROBLEM.service), SOLVED),
        sensitivity(PROBLEM.region, [SOLVED, PROBLEM.region.today(PROBLEM.service)]),
    ],
    ids=lambda shown: type(shown).__name__,
)
def test_what_a_notebook_shows_says_it_all(shown: Any) -> None:
    assert str(lives()) in shown._repr_html_().replace("&#x27;", "'")
    assert "estimated" in shown._repr_html_()


def test_a_solution_has_the_lives_of_its_appraisal() -> None:
    assert SOLVED.lives == lives()
    assert SOLVED.measures["lives_saved"] == lives().central


@pytest.mark.parametrize(
    "table",
    [
        frontier(PROBLEM, "lives_saved", "mean_minutes", numbers=[4]).points,
        alternatives(PROBLEM.aiming(minimise("mean_minutes")), most=3).table,
    ],
    ids=["frontier", "alternatives"],
)
def test_a_table_of_configurations_has_a_column_for_each(table: pd.DataFrame) -> None:
    for _, row in table.iterrows():
        sites = PROBLEM.region.today(PROBLEM.service).of(PROBLEM.service.id, row["open"])
        found = appraise(PROBLEM.region, PROBLEM.service, sites).lives
        assert found is not None
        for name in QUALIFIERS:
            assert row[f"lives_{name}"] == pytest.approx(getattr(found, name))


def test_the_worth_of_a_site_in_lives_is_qualified_too() -> None:
    table = importance(PROBLEM)
    for word in ("without", "with"):
        for name in QUALIFIERS:
            assert table[f"lives_{name}_{word}"].notna().all()


def test_each_view_of_the_world_has_interval_and_baseline() -> None:
    table = structural(PROBLEM.region, [SOLVED], draws=50).table
    assert table[["usual_low", "usual_high", "baseline_deaths"]].notna().all(axis=None)
