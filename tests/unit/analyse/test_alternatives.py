"""Alternatives are every configuration near the best; importance is what enumeration says.

On the tiny region, mean minutes of two sites: {A, C} 7.2, {A, B} and {B, C} 8.7.
"""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reconfig.analyse import alternatives, importance
from reconfig.core import (
    Close,
    Constraint,
    InputError,
    Keep,
    Objective,
    OpenSites,
    Problem,
    Solution,
    Status,
    close,
    keep,
    limit,
    maximise,
    minimise,
    open_sites,
)
from reconfig.solve import solve
from tests.instances import random_region, tiny_region, tiny_service
from tests.property.naive import Sites
from tests.property.strategies import Case, cases, constraints, examples, objectives

MODULE = importlib.import_module("reconfig.analyse.alternatives")


def problem(*constraints: Constraint, goal: Objective | None = None) -> Problem:
    """Return a problem on the tiny region."""
    region = tiny_region()
    return Problem(region, tiny_service(region), goal or minimise("mean_minutes"), constraints)


def values(case: Case, goal: Objective, chosen: list[Constraint]) -> dict[Sites, float]:
    """Return what is lost, against the best, by every configuration that is allowed."""
    allowed = {o: case.naive.value(goal.measure, o) for o in case.naive.allowed(chosen)}
    if not allowed:
        return {}
    sign = 1.0 if goal.sense == "minimise" else -1.0
    best = min(sign * value for value in allowed.values())
    return {opened: sign * value - best for opened, value in allowed.items()}


@pytest.mark.parametrize("listed", [0, 2_000], ids=["one after the other", "each appraised"])
@examples(40)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=8), goal=objectives())
def test_no_configuration_within_the_distance_is_left_out_and_none_beyond_it_is_in(
    listed: int, data: st.DataObject, case: Case, goal: Objective
) -> None:
    chosen = data.draw(constraints(case, most_limits=1))
    lost = values(case, goal, chosen)
    assume(lost)
    within = data.draw(st.sampled_from([0.0, *lost.values()])) * data.draw(
        st.sampled_from([0.5, 1.0])
    )
    ranking = importlib.import_module("reconfig.solve.ranking")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "MOST_LISTED", listed)
        found = alternatives(Problem(case.region, case.service, goal, chosen), within=within)
    assert found.complete
    assert found.within == within
    opened = found.table["open"].tolist()
    assert len(set(opened)) == len(opened)
    room = 4e-6 * max(1.0, *(abs(v) for v in found.table["objective"]))
    assert {o for o, loss in lost.items() if loss <= within - room} <= set(opened)
    assert set(opened) <= {o for o, loss in lost.items() if loss <= within + room}
    assert found.table["loss"].tolist() == pytest.approx([lost[o] for o in opened], abs=room)
    assert (np.diff(found.table["loss"]) >= -room).all()


@examples(40)
@given(st.data(), cases(most_candidates=5, most_zones=8), objectives())
def test_importance_is_the_best_with_each_site_locked_in_and_out(
    data: st.DataObject, case: Case, goal: Objective
) -> None:
    chosen = data.draw(constraints(case, most_limits=1))
    lost = values(case, goal, chosen)
    assume(lost)
    found = importance(Problem(case.region, case.service, goal, chosen))
    assert sorted(found.index) == sorted(case.service.candidates)
    assert found["proven"].all()
    best = {o for o, loss in lost.items() if loss <= 4e-6 * 100}
    for site, row in found.iterrows():
        for word, has in (("with", True), ("without", False)):
            kept = [loss for opened, loss in lost.items() if (site in opened) == has]
            expected = min(kept, default=math.nan)
            assert row[f"loss_{word}"] == pytest.approx(expected, rel=1e-5, abs=4e-4, nan_ok=True)
            assert math.isnan(row[f"objective_{word}"]) == (not kept)
        assert any((site in opened) == row["chosen"] for opened in best)


def test_the_configurations_within_a_distance_are_listed_best_first() -> None:
    found = alternatives(problem(open_sites(2)), within=1.5)
    assert found.table["open"].iloc[0] == ("A", "C")
    assert found.table["loss"].tolist() == pytest.approx([0.0, 1.5, 1.5])
    assert found.table["mean_minutes"].tolist() == pytest.approx([7.2, 8.7, 8.7])
    assert [s.open for s in found.solutions] == found.table["open"].tolist()
    assert len(alternatives(problem(open_sites(2)), within=1.4).table) == 1


def test_the_distance_is_a_share_of_the_best_unless_it_is_given() -> None:
    found = alternatives(problem(open_sites(2)), share=1.5 / 7.2)
    assert found.within == pytest.approx(1.5)
    assert len(found.table) == 3


def test_kept_and_closed_sites_and_limits_hold_in_every_alternative() -> None:
    found = alternatives(problem(keep("B"), close("C")), within=100)
    assert sorted(found.table["open"]) == [("A", "B"), ("B",)]
    found = alternatives(problem(limit("max_minutes", at_most=20), open_sites(1)), within=100)
    assert found.table["open"].tolist() == [("B",), ("A",)]


def test_how_often_each_site_is_open_is_a_share_of_the_configurations() -> None:
    frequency = alternatives(problem(open_sites(2)), within=1.5).frequency
    assert frequency.to_dict() == pytest.approx({"A": 2 / 3, "B": 2 / 3, "C": 2 / 3})
    frequency = alternatives(problem(open_sites(1)), within=2).frequency
    assert frequency.to_dict() == {"A": 0.5, "B": 0.5, "C": 0.0}
    assert frequency.index[-1] == "C"


def test_the_diverse_ones_begin_with_the_best_and_are_as_far_apart_as_can_be() -> None:
    region = random_region(3, zones=12, candidates=6, neighbours=0)
    service = region.define_service("care", demand="cases")
    asked = Problem(region, service, minimise("mean_minutes"), [open_sites(3)])
    found = alternatives(asked, within=1000)
    assert len(found.table) == 20
    few = found.diverse(3)
    opened = [frozenset(o) for o in found.table["open"]]
    picked = [frozenset(o) for o in few["open"]]
    assert picked[0] == opened[0]
    assert picked[1] == service_complement(service.candidates, opened[0])
    least = [min(len(o ^ p) for p in picked[:2]) for o in opened]
    assert min(len(picked[2] ^ p) for p in picked[:2]) == max(least)
    assert picked[2] == opened[least.index(max(least))]  # the best of those equally far
    assert len(found.diverse(99)) == 20
    assert len(found.diverse(0)) == 0


def service_complement(candidates: tuple[str, ...], opened: frozenset[str]) -> frozenset[str]:
    """Return the candidates that are not open."""
    return frozenset(candidates) - opened


def test_so_many_at_most_says_that_there_may_be_more() -> None:
    cut = alternatives(problem(open_sites(2)), within=1.5, most=2)
    assert len(cut.table) == 2
    assert not cut.complete
    assert "At least 2 configurations are within 1.5 minutes" in cut.sentences()[0]
    assert "there may be more" in cut.sentences()[0]
    # Exactly as many as there are: nothing was cut.
    whole = alternatives(problem(open_sites(2)), within=1.5, most=3)
    assert whole.complete
    assert "there is no other" in whole.sentences()[0]


def test_a_search_that_ran_out_of_time_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    solved: list[int] = []

    def slower(asked: Problem, **options: Any) -> Solution:
        solved.append(1)
        found = solve(asked, **options)
        return found if len(solved) < 3 else replace(found, status=Status.FEASIBLE)

    monkeypatch.setattr(MODULE, "solve", slower)
    monkeypatch.setattr(MODULE, "every_choice", lambda *_: None)  # as where there are many choices
    found = alternatives(problem(open_sites(2)), within=1.5, time_limit=60)
    assert len(found.table) == 2
    assert not found.complete
    assert "the search was stopped" in repr(found)


def test_a_best_that_is_not_proven_gives_no_alternatives_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped(asked: Problem, **options: Any) -> Solution:
        return replace(solve(asked), status=Status.FEASIBLE)

    monkeypatch.setattr(MODULE, "solve", stopped)
    found = alternatives(problem(open_sites(2)))
    assert found.table.empty
    assert not found.complete
    assert found.sentences() == ["The search was stopped before the best configuration was proven."]
    assert len(found.diverse(2)) == 0
    assert "stopped" in found._repr_html_()
    assert not importance(problem(open_sites(2)))["proven"].any()


def test_the_sentences_name_sites_in_all_in_most_and_in_none() -> None:
    found = alternatives(problem(open_sites(1)), within=0.1)
    assert found.sentences() == [
        "1 configuration is within 0.1 minutes of the best, the best included; there is no other.",
        "Open in every one: Birch.",
        "Open in none: Alder, Cedar.",
    ]
    said = alternatives(problem(open_sites(2)), within=1.5).sentences()
    assert said[1] == "Open in more than half: Alder (67%), Birch (67%), Cedar (67%)."
    share = alternatives(problem(open_sites(1), goal=maximise("share_within_5")), within=0.2)
    assert "within 20 percentage points of the best" in share.sentences()[0]
    assert "Alder" in share._repr_html_()


def test_only_the_first_objective_counts_for_the_distance() -> None:
    goal = maximise("lives_saved", tolerance=0.1, then=minimise("mean_minutes"))
    found = alternatives(problem(open_sites(1), goal=goal), within=0.0)
    assert sorted(found.table["open"]) == [("B",), ("C",)]  # 3.0 lives each


def test_progress_is_told_for_each_that_is_found() -> None:
    told: list[tuple[int, int]] = []
    alternatives(
        problem(open_sites(2)),
        within=1.5,
        most=5,
        on_progress=lambda done, of: told.append((done, of)),
    )
    assert told == [(1, 5), (2, 5), (3, 5)]


def test_distances_and_numbers_that_make_no_sense_are_all_refused_at_once() -> None:
    with pytest.raises(InputError) as raised:
        alternatives(problem(), within=-1.0, share=math.nan, most=0)
    assert len(raised.value.faults) == 3


def test_a_problem_without_a_configuration_has_neither_alternatives_nor_importance() -> None:
    impossible = problem(limit("mean_minutes", at_most=1))
    for ask in (alternatives, importance):
        with pytest.raises(ValueError, match="the problem is infeasible"):
            ask(impossible)


def test_a_site_that_is_kept_or_closed_has_no_other_side() -> None:
    found = importance(problem(Keep(frozenset("A")), Close(frozenset("C")), OpenSites(1, 2)))
    assert found["loss_without"].isna()["A"]
    assert found["loss_with"].isna()["C"]
    assert found.loc["B", "loss_without"] == pytest.approx(3.0)  # {A} 11.7, {A, B} 8.7
    assert found.loc["A", "name"] == "Alder"
