"""The trade-off on the tiny region, by hand.

                mean    p95   within 5   neighbour   lives
    {A}         11.7             10/100      70        1.5
    {B}         10.2              0/100      40        3.0
    {C}         14.7             30/100      40        3.0
    {A, B}       8.7             10/100      40        3.0
    {A, C}       7.2             40/100      40        3.0
    {B, C}       8.7             30/100      40        3.0

For one site, mean against within 5: {B} (10.2, 0), {A} (11.7, 0.1) and {C} (14.7, 0.3) are all
unbeaten; for two {A, C} beats both others.
"""

from __future__ import annotations

import importlib
import itertools
import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reconfig.analyse import frontier
from reconfig.analyse.efficient import _split
from reconfig.appraise import overall_values
from reconfig.core import (
    Configuration,
    Differ,
    InputError,
    Problem,
    Solution,
    Status,
    limit,
    minimise,
    open_sites,
    together,
)
from reconfig.solve import solve
from tests.instances import tiny_region, tiny_service


def problem(*constraints: Any) -> Problem:
    """Return a problem on the tiny region."""
    region = tiny_region()
    return Problem(region, tiny_service(region), minimise("mean_minutes"), constraints)


def test_the_frontier_is_as_worked_out_by_hand() -> None:
    found = frontier(problem(), "mean_minutes", "share_within_5", numbers=[1, 2])
    points = found.points
    assert points["number"].tolist() == [1, 1, 1, 2]
    assert points["open"].tolist() == [("B",), ("A",), ("C",), ("A", "C")]
    assert points["mean_minutes"].tolist() == pytest.approx([10.2, 11.7, 14.7, 7.2])
    assert points["share_within_5"].tolist() == pytest.approx([0.0, 0.1, 0.3, 0.4])
    assert set(points["status"]) == {"optimal"}
    assert [s.open for s in found.solutions] == points["open"].tolist()


def test_a_point_that_another_number_of_sites_beats_is_not_efficient() -> None:
    points = frontier(problem(), "mean_minutes", "share_within_5", numbers=[2, 1]).points
    assert points["efficient"].tolist() == [False, False, False, True]  # {A, C} beats them all


def test_every_allowed_number_is_taken_unless_told() -> None:
    found = frontier(problem(open_sites(at_least=1)), "mean_minutes", "neighbour_cases")
    assert sorted(set(found.points["number"])) == [1, 2, 3]


def test_limits_hold_along_the_frontier() -> None:
    limited = problem(limit("max_minutes", at_most=20))
    points = frontier(limited, "mean_minutes", "share_within_5", numbers=[1]).points
    assert points["open"].tolist() == [("B",), ("A",)]  # {C} sends z1 40 minutes away


def test_progress_is_told_for_each_number() -> None:
    told = []
    frontier(
        problem(),
        "mean_minutes",
        "share_within_5",
        numbers=[1, 3],
        on_progress=lambda done, of: told.append((done, of)),
    )
    assert told == [(1, 2), (2, 2)]


def test_a_number_without_any_configuration_has_no_points() -> None:
    limited = problem(limit("mean_minutes", at_most=10))
    points = frontier(limited, "mean_minutes", "share_within_5", numbers=[1, 2]).points
    assert points["number"].tolist() == [2]


def test_measures_that_cannot_be_traded_and_numbers_that_are_not_allowed_are_refused() -> None:
    with pytest.raises(InputError) as raised:
        frontier(problem(), "p95_minutes", "nothing")
    assert len(raised.value.faults) == 2
    with pytest.raises(InputError, match="7 sites; expected 0 to 3"):
        frontier(problem(), "mean_minutes", "share_within_5", numbers=[7])


def test_a_point_that_was_not_proven_says_so_and_ends_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dataclasses import replace

    def stopped(problem: Problem, **options: Any) -> Solution:
        return replace(solve(problem), status=Status.FEASIBLE, gap=0.25)

    monkeypatch.setattr(importlib.import_module("reconfig.analyse.efficient"), "solve", stopped)
    points = frontier(problem(), "mean_minutes", "share_within_5", numbers=[1]).points
    assert points["status"].tolist() == ["feasible"]
    assert points["gap"].tolist() == [0.25]


def test_a_notebook_shows_names_and_not_ids() -> None:
    found = frontier(problem(), "mean_minutes", "share_within_5", numbers=[2])
    assert "Alder, Cedar" in found._repr_html_()


def test_a_frontier_that_ran_out_of_time_says_for_which_numbers() -> None:
    cut = frontier(problem(), "mean_minutes", "share_within_5", numbers=[1, 2], time_limit=1e-6)
    assert cut.unfinished == (1, 2)
    assert len(cut.points) == 0
    assert "Not complete" in cut._repr_html_()
    assert frontier(problem(), "mean_minutes", "share_within_5", numbers=[1]).unfinished == ()


def test_the_seconds_for_all_solves_together_end_the_frontier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    given: list[float] = []

    def ten_seconds_long(asked: Problem, *, time_limit: float) -> Solution:
        given.append(time_limit)
        clock[0] += 10.0
        return solve(asked)

    monkeypatch.setattr(
        importlib.import_module("reconfig.analyse.frontier"), "monotonic", lambda: clock[0]
    )
    monkeypatch.setattr(
        importlib.import_module("reconfig.analyse.efficient"), "solve", ten_seconds_long
    )
    found = frontier(problem(), "mean_minutes", time_limit=12, total_time_limit=25)
    # A solve for the point, and one that proves that there is no other.
    assert given == [12, 12, 5]
    assert found.points["number"].tolist() == [1, 2, 3]
    assert found.unfinished == ()
    cut = frontier(problem(), "mean_minutes", total_time_limit=15)
    assert given[3:] == [15, 5]
    assert cut.points["number"].tolist() == [1, 2]
    assert cut.unfinished == (3,)
    with pytest.raises(InputError, match="total_time_limit: 0; expected seconds, more than zero"):
        frontier(problem(), "mean_minutes", total_time_limit=0)


def test_over_the_number_of_sites_there_is_one_point_a_number() -> None:
    found = frontier(problem(), "mean_minutes")
    assert found.measures == ("mean_minutes", "open_sites")
    assert found.points["number"].tolist() == found.points["open_sites"].tolist() == [1, 2, 3]
    assert found.points["mean_minutes"].tolist() == pytest.approx([10.2, 7.2, 7.2])
    # Three sites are no better than two.
    assert found.points["efficient"].tolist() == [True, True, False]
    assert found.unfinished == ()


def test_any_measure_that_can_be_optimised_has_a_frontier_over_the_number_of_sites() -> None:
    points = frontier(problem(), "max_minutes").points
    assert points["max_minutes"].tolist() == pytest.approx([20.0, 10.0, 10.0])
    points = frontier(problem(), "lives_saved", "open_sites").points
    assert points["lives_saved"].tolist() == pytest.approx([3.0, 3.0, 1.5])
    # Lives saved are never shown without what qualifies them.
    assert points["lives_low"].tolist() == pytest.approx([3.0, 3.0, 1.5])
    assert points["lives_baseline_deaths"].tolist() == pytest.approx([10.0] * 3)
    assert (points["lives_probability_of_no_gain"] == 0).all()


def test_a_number_of_sites_that_cannot_keep_a_limit_has_no_point() -> None:
    found = frontier(problem(limit("max_minutes", at_most=10)), "mean_minutes")
    assert found.points["number"].tolist() == [2, 3]
    assert found.unfinished == ()


@pytest.mark.parametrize("measures", [("mean_minutes",), ("open_sites", "mean_minutes")])
def test_a_problem_that_fixes_the_number_of_sites_has_no_frontier_against_that_number(
    measures: tuple[str, ...],
) -> None:
    with pytest.raises(InputError, match=r"fixes the number of sites: 2.*Leave open_sites out"):
        frontier(problem(open_sites(2)), *measures)
    # Two other measures, or the one number asked for by name, are another matter.
    assert len(frontier(problem(open_sites(2)), "mean_minutes", "lives_saved").points) == 1
    assert len(frontier(problem(open_sites(2)), "mean_minutes", numbers=[2]).points) == 1


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("mean_minutes[district=nroth]", "Did you mean 'north'?"),
        ("mean_minutes[distict=north]", "Did you mean 'district'?"),
        ("mean_minuts[district=north]", "Did you mean 'mean_minutes'?"),
        ("worst_mean_minutes_by_distict", "Did you mean 'district'?"),
        ("max_minutes[district=north]", "can be limited, not optimised; expected max_minutes"),
        ("p95_minutes", "'p95_minutes' cannot be optimised"),
    ],
)
def test_a_measure_that_cannot_be_traded_is_refused_in_words_that_help(
    measure: str, words: str
) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as refused:
        frontier(problem(), measure, "mean_minutes")
    assert f"Did you mean '{measure}'" not in str(refused.value)


def test_the_sites_of_one_service_are_an_axis() -> None:
    region = tiny_region()
    one = tiny_service(region)
    other = replace(one, id="other", name="Other", demand=one.demand * 2)
    joint = together(region, {one: [], other: []}, minimise("mean_minutes"))
    names = ["mean_minutes", "open_sites[service=other]"]
    found = frontier(joint, *names, numbers=[3]).points
    every = [
        tuple(overall_values(joint.region, joint.service, choice, names).values())
        for sites in itertools.combinations(joint.service.candidates, 3)
        for choice in [Configuration.of(joint.service.id, sites)]
    ]
    unbeaten = {
        v for v in every if not any(o != v and o[0] <= v[0] and o[1] <= v[1] for o in every)
    }
    assert len(unbeaten) > 1
    assert sorted(map(tuple, found[names].to_numpy())) == [
        pytest.approx(value) for value in sorted(unbeaten)
    ]


def test_a_measure_against_itself_is_refused() -> None:
    with pytest.raises(InputError, match="two different measures"):
        frontier(problem(), "mean_minutes", "mean_minutes")
    with pytest.raises(InputError, match="three different measures"):
        frontier(problem(), "mean_minutes", "max_minutes", "mean_minutes")


def test_stopped_by_hand_it_returns_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("reconfig.analyse.efficient")
    done: list[int] = []

    def stopped_at_the_third(asked: Problem, **options: Any) -> Solution:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(asked.most)
        return solve(asked, **options)

    monkeypatch.setattr(module, "solve", stopped_at_the_third)
    found = frontier(problem(), "mean_minutes")
    assert found.points["number"].tolist() == [1, 2]
    assert found.unfinished == (3,)
    assert "Not complete: stopped early for 3 sites" in found._repr_html_()


def test_a_solve_that_was_stopped_by_hand_ends_the_frontier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = importlib.import_module("reconfig.analyse.efficient")

    def stopped(asked: Problem, **options: Any) -> Solution:
        found = solve(asked, **options)
        cut = replace(found.stages[0], status=Status.FEASIBLE, stopped="interrupted")
        return replace(found, status=Status.FEASIBLE, stages=(cut,))

    monkeypatch.setattr(module, "solve", stopped)
    found = frontier(problem(), "mean_minutes")
    assert found.points["status"].tolist() == ["feasible"]
    assert found.unfinished == (1, 2, 3)


def test_a_bar_is_drawn_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    counted: list[tuple[int, int]] = []
    frontier(
        problem(),
        "mean_minutes",
        progress=True,
        on_progress=lambda done, total: counted.append((done, total)),
    )
    assert counted == [(1, 3), (2, 3), (3, 3)]
    frontier(problem(), "mean_minutes", progress=False)


def test_three_measures_are_as_worked_out_by_hand() -> None:
    """Of one site, A sends 70 cases a year to the neighbour, B and C 40."""
    found = frontier(problem(), "mean_minutes", "share_within_5", "neighbour_cases", numbers=[1])
    assert found.measures == ("mean_minutes", "share_within_5", "neighbour_cases")
    points = found.points
    assert points["open"].tolist() == [("B",), ("A",), ("C",)]
    assert points["neighbour_cases"].tolist() == pytest.approx([40.0, 70.0, 40.0])
    assert set(points["status"]) == {"optimal"}
    assert repr(found) == (
        "<Frontier of mean_minutes, share_within_5 and neighbour_cases: 3 points>"
    )
    # With lives saved in place of minutes C is as good as B, and A worse in two.
    pair = frontier(problem(), "lives_saved", "share_within_5", "neighbour_cases", numbers=[1])
    assert pair.points["open"].tolist() == [("C",)]


def test_ties_in_the_first_measure_are_settled_by_the_others() -> None:
    """B and C save as many lives: C is only weakly efficient, and no point."""
    for measures in (("lives_saved", "mean_minutes"), ("neighbour_cases", "mean_minutes")):
        points = frontier(problem(), *measures, numbers=[1]).points
        assert points["open"].tolist() == [("B",)]
    found = frontier(problem(), "lives_saved", "neighbour_cases", "mean_minutes", numbers=[1])
    assert found.points["open"].tolist() == [("B",)]


def test_every_configuration_of_a_point_is_listed_once_where_asked_for() -> None:
    found = frontier(problem(), "lives_saved", "neighbour_cases", numbers=[1, 2], every=True)
    points = found.points
    assert sorted(points["open"][points["number"] == 1]) == [("B",), ("C",)]
    assert sorted(points["open"][points["number"] == 2]) == [("A", "B"), ("A", "C"), ("B", "C")]
    assert points["point"].tolist() == [0, 0, 1, 1, 1]
    assert points["efficient"].all()
    assert [s.open for s in found.solutions] == points["open"].tolist()
    assert len(frontier(problem(), "lives_saved", "neighbour_cases", numbers=[1, 2]).points) == 2


def test_of_three_measures_one_may_be_the_number_of_sites() -> None:
    found = frontier(problem(), "mean_minutes", "share_within_5", "open_sites")
    assert found.points["open_sites"].tolist() == [1, 1, 1, 2, 3]
    # No longer beaten by two sites, which are more; three are no better than two.
    assert found.points["efficient"].tolist() == [True] * 4 + [False]


def test_three_measures_stopped_in_time_keep_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("reconfig.analyse.efficient")
    done: list[int] = []

    def stopped(asked: Problem, **options: Any) -> Solution:
        if len(done) == 3:  # B; nothing with fewer cases to neighbours; A
            raise KeyboardInterrupt
        done.append(asked.most)
        return solve(asked, **options)

    monkeypatch.setattr(module, "solve", stopped)
    measures = ("mean_minutes", "share_within_5", "neighbour_cases")
    found = frontier(problem(), *measures, numbers=[1, 2])
    assert found.points["open"].tolist() == [("B",), ("A",)]
    assert found.unfinished == (1, 2)


def test_a_list_of_every_configuration_that_ran_out_of_time_is_not_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = importlib.import_module("reconfig.analyse.efficient")

    def slow(asked: Problem, **options: Any) -> Solution:
        listing = any(isinstance(c, Differ) for c in asked.constraints)
        return solve(asked, time_limit=1e-6 if listing else None)

    monkeypatch.setattr(module, "solve", slow)
    found = frontier(problem(), "lives_saved", "neighbour_cases", numbers=[1], every=True)
    assert len(found.points) == 1
    assert found.unfinished == (1,)


def test_a_zone_is_cut_into_zones_that_hold_neither_the_point_nor_what_it_beats() -> None:
    zones = _split([(math.inf,) * 3], (2.0, 3.0, 4.0))
    assert np.sort(np.array(zones), axis=0) == pytest.approx(
        np.array(
            [
                [2.0 - 4e-6, 3.0 - 6e-6, 4.0 - 8e-6],
                [math.inf, math.inf, math.inf],
                [math.inf, math.inf, math.inf],
            ]
        )
    )
    # One zone lies within another and is left out: n points leave 2 n + 1 zones at the most.
    assert len(_split(zones, (1.0, 5.0, 5.0))) == 5
    assert len(_split(zones, (2.0, 3.0, 4.0))) == 3
