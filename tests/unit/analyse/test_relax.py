"""Each relaxation can be met as it is named, and nothing nearer to what was asked for can."""

from __future__ import annotations

import importlib
import math
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reconfig.analyse import explain_conflict, relaxations
from reconfig.analyse.relax import PARTLY
from reconfig.appraise import violations
from reconfig.core import (
    Among,
    Budget,
    Capacity,
    Close,
    Constraint,
    Differ,
    InputError,
    Keep,
    Limit,
    OpenSites,
    Problem,
    Solution,
    Status,
    among,
    close,
    differ,
    keep,
    limit,
    minimise,
    open_sites,
    within,
)
from reconfig.solve import solve
from tests.instances import every_configuration, tiny_region, tiny_service
from tests.property.strategies import Case, cases, constraints, examples, numbers

MODULE = importlib.import_module("reconfig.analyse.relax")


def solved(*constraints: Constraint) -> Solution:
    """Solve a problem on the tiny region."""
    region = tiny_region()
    return solve(Problem(region, tiny_service(region), minimise("mean_minutes"), constraints))


def said(*constraints: Constraint) -> list[str]:
    """Return the sentences on a conflict on the tiny region."""
    return [str(way) for way in relaxations(solved(*constraints))]


def tighter(asked: Constraint, instead: Constraint, sentence: str) -> list[Constraint]:
    """Return the demands next nearer to what was asked for than what is offered."""
    match asked, instead:
        case ((OpenSites() | Among()), (OpenSites() | Among())):
            low, high = asked.at_least or 0, asked.at_most
            if high is not None and instead.at_most is not None and instead.at_most > high:
                return [replace(asked, at_most=n) for n in range(high, instead.at_most)]
            assert instead.at_least is not None
            return [replace(asked, at_least=n) for n in range(instead.at_least + 1, low + 1)]
        case Differ(), Differ():
            return [replace(asked, by=n) for n in range(instead.by + 1, asked.by + 1)]
        case ((Keep() | Close()), _):
            return [asked]  # one site fewer is the next there is
        case Limit(), Limit():
            if instead.measure != asked.measure:
                minutes = int(instead.measure.removeprefix("share_within_"))
                return [replace(instead, measure=f"share_within_{minutes - 1}")]
            return [nearer_limit(asked, instead)]
        case ((Budget() | Capacity()), _):
            return []  # see test_relax_resources
    raise AssertionError(sentence)


def nearer_limit(asked: Limit, instead: Limit) -> Limit:
    """Return a limit that is nearer by one in the last decimal place of what is offered."""
    for end in ("at_least", "at_most", "at_most_over_today"):
        old, new = getattr(asked, end), getattr(instead, end)
        if old != new:
            factor = 100.0 if "share" in asked.measure else 1.0
            shown = abs(new) * factor
            place = 1 if shown >= 1 or shown < 1e-9 else 1 - math.floor(math.log10(shown))
            step = 10.0**-place / factor * (1.0 if old > new else -1.0)
            changes: dict[str, Any] = {end: old if abs(step) >= abs(old - new) else new + step}
            return replace(instead, **changes)
    raise AssertionError(f"{instead} is what was asked for")


def can_hold(problem: Problem, chosen: list[Constraint]) -> bool:
    """Say whether constraints can hold together, by solving."""
    try:
        asked = Problem(problem.region, problem.service, minimise("open_sites"), chosen)
    except InputError:
        return False
    return solve(asked).status is Status.OPTIMAL


def assert_least_changes(solution: Solution) -> int:
    """Check every relaxation of a conflict by solving; return how many name something."""
    explained = explain_conflict(solution)
    ways = relaxations(explained)
    assert {way.asked for way in ways} == set(explained.conflict)
    named = 0
    for way in ways:
        # All the other demands, or those of the conflict where the others cannot hold either.
        others = list(solution.problem.constraints)
        others.remove(way.asked)
        if not can_hold(solution.problem, others):
            assert str(way).endswith(PARTLY)
            others = [c for c in explained.conflict if c is not way.asked]
        assert can_hold(solution.problem, others)
        if way.instead is None:
            continue
        named += 1
        assert can_hold(solution.problem, [*others, way.instead]), way
        for nearer in tighter(way.asked, way.instead, str(way).removesuffix(PARTLY)):
            assert not can_hold(solution.problem, [*others, nearer]), (way, nearer)
    return named


@examples(20)
@given(st.data(), cases(most_candidates=5, most_zones=8))
def test_what_is_named_can_be_met_and_anything_nearer_cannot(
    data: st.DataObject, case: Case
) -> None:
    chosen = [data.draw(numbers(case)), *data.draw(constraints(case))]
    assume(not case.naive.allowed(chosen))
    try:
        problem = Problem(case.region, case.service, minimise("mean_minutes"), chosen)
    except InputError:
        assume(False)
        raise
    solution = solve(problem)
    assert solution.status is Status.INFEASIBLE
    conflict = explain_conflict(solution).conflict
    # The explanation itself: it cannot hold, and any proper part of it can.
    assert not case.naive.allowed(conflict)
    for k in range(len(conflict)):
        assert case.naive.allowed([c for n, c in enumerate(conflict) if n != k])
    assert_least_changes(solution)


def test_the_number_and_the_bound_each_say_how_far_they_must_give_way() -> None:
    assert said(open_sites(1), limit("mean_minutes", at_most=10)) == [
        "With 2 sites the other demands can be met; with 1 they cannot.",
        "Mean journey can be no lower than 10.2 minutes with the other demands kept, not 10 "
        "minutes.",
    ]


def test_a_share_says_how_much_and_within_how_many_minutes() -> None:
    assert said(open_sites(1), within(15, share=0.95)) == [
        "With 2 sites the other demands can be met; with 1 they cannot.",
        "The share within 15 minutes can be at most 90% with the other demands kept, not 95%.",
        "95% within 20 minutes can be met with the other demands kept; within 19 it cannot.",
    ]


def test_a_bound_in_every_group_names_the_group() -> None:
    found = said(open_sites(1), limit("mean_minutes", at_most=9, by="district"))
    assert found[1] == (
        "Mean journey can be held to 13.2 minutes or less in every district with the other "
        "demands kept, not to 9 minutes."
    )  # {A}: 8.3 in the north, 13.14 in the south


def test_a_volume_says_what_can_be_reached() -> None:
    found = said(open_sites(2), limit("min_volume", at_least=35))
    assert found[-1] == (
        "Smallest volume of an open site can be at most 30 cases a year with the other demands "
        "kept, not 35 cases a year."
    )


def test_too_many_sites_name_the_next_number_below() -> None:
    assert said(open_sites(3), limit("lives_saved", at_least=2))[0] == (
        "With 2 sites the other demands can be met; with 3 they cannot."
    )
    lower = said(open_sites(at_least=3), limit("lives_saved", at_least=2))[0]
    assert lower == "With 2 sites the other demands can be met; with more they cannot."


def test_a_number_with_room_on_both_sides_names_both() -> None:
    # One site saves 1.5 ({A}) or 3 lives, two save 3, and three save 1.5.
    most = limit("lives_saved", at_most=2)
    assert said(open_sites(2), most, keep("A"))[:2] == [
        "With 3 sites the other demands can be met; with 2 they cannot.",
        "With 1 site the other demands can be met; with 2 they cannot.",
    ]


def test_sites_that_are_kept_or_closed_are_named_with_those_that_are_enough() -> None:
    mean = limit("mean_minutes", at_most=8)  # only {A, C} and {A, B, C} have it
    assert said(keep("B"), open_sites(2), mean)[0] == (
        "The other demands can be met if Birch need not be kept open."
    )
    assert said(close("A", "C"), mean)[0] == (
        "The other demands can be met only if several of Alder, Cedar need not be closed."
    )
    assert said(close("B", "C"), limit("mean_minutes", at_most=9))[0] == (
        "The other demands can be met if Birch or Cedar need not be closed."
    )


def test_among_and_differ_say_what_can_be() -> None:
    mean = limit("mean_minutes", at_most=8)
    assert said(among(["A", "C"], at_most=1), mean)[0] == (
        "With 2 of Alder, Cedar open the other demands can be met; with fewer they cannot."
    )
    assert said(differ(["A", "C"], by=2), mean)[0] == (
        "With the other demands kept a choice can differ from Alder, Cedar by 1 site at most, "
        "not by 2."
    )


def test_a_limit_on_the_number_of_sites_is_a_number_of_sites() -> None:
    asked = limit("open_sites", at_most=1.5)
    way = relaxations(solved(asked, limit("mean_minutes", at_most=10)))[0]
    assert way.sentence.startswith("With 2 sites the other demands can be met")
    assert way.asked == asked
    assert way.instead == OpenSites(None, 2)


def test_a_rise_in_the_number_of_sites_over_today_is_a_number_of_sites() -> None:
    # Today all three are open; {A, C} and {A, B, C} have a mean of 8 minutes at most.
    asked, mean = limit("open_sites", at_most_over_today=-2), limit("mean_minutes", at_most=8)
    way = next(way for way in relaxations(solved(asked, mean)) if way.asked == asked)
    assert way.sentence == ("With 2 sites the other demands can be met; with fewer they cannot.")
    assert way.instead == OpenSites(None, 2)
    kept = solved(mean).problem
    every = every_configuration(kept.service, range(1, 4))
    assert min(len(c.sites("surgery")) for c in every if not violations(kept, c)) == 2


def test_one_of_a_unit_is_said_in_the_singular() -> None:
    assert said(limit("mean_minutes", at_most=1))[0].endswith("not 1 minute.")
    assert said(limit("neighbour_cases", at_most=1))[0].endswith("not 1 case a year.")
    share, minutes = said(within(1, share=1.0))
    assert share.startswith("The share within 1 minute can be at most 0%")
    assert minutes.startswith("100% within 10 minutes can be met")


def test_what_parts_two_shares_is_said_in_percentage_points() -> None:
    # Within 5 minutes: A 10 of 30 cases in the north, none of 70 in the south; A and C 1/3 and 3/7.
    gap = limit("gap_share_within_5_by_district", at_most=0.01)
    assert said(gap, open_sites(2))[0] == (
        "Within 5 minutes, gap by district can be no lower than 9.6 percentage points with the "
        "other demands kept, not 1 percentage point."
    )
    # Today all three are open: 40 of 100 cases.
    assert said(limit("share_within_5", at_most_over_today=-0.5))[0] == (
        "The share within 5 minutes can be held to a rise of -40 percentage points with the other "
        "demands kept, not of -50 percentage points."
    )


def test_only_the_end_that_is_to_blame_is_relaxed() -> None:
    found = said(open_sites(1), limit("mean_minutes", at_least=1, at_most=10))
    assert [s for s in found if s.startswith("Mean")] == [
        "Mean journey can be no lower than 10.2 minutes with the other demands kept, not 10 "
        "minutes."
    ]


def test_a_rise_over_today_says_what_rise_can_be_had() -> None:
    # Today all three are open: 7.2 minutes.
    found = said(open_sites(1), limit("mean_minutes", at_most_over_today=1.0))
    assert found[1] == (
        "Mean journey can be held to a rise of 3 minutes with the other demands kept, not of 1 "
        "minute."
    )


def test_a_figure_is_rounded_to_the_side_on_which_it_can_be_met() -> None:
    found = said(open_sites(1), limit("mean_minutes", at_most=10.19))
    assert "no lower than 10.2 minutes" in found[1]
    assert "not 10.19 minutes" in found[1]
    assert not re.search(r"\d0%|\.0 ", found[1])


def test_a_solution_that_is_not_infeasible_has_none() -> None:
    assert relaxations(solved(open_sites(1))) == []


def test_the_conflict_is_not_sought_again_where_it_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    explained = explain_conflict(solved(open_sites(1), limit("mean_minutes", at_most=10)))

    def never(*_: object, **__: object) -> Solution:
        raise AssertionError

    monkeypatch.setattr(MODULE, "explain_conflict", never)
    assert len(relaxations(explained)) == 2


def test_a_demand_whose_solve_ran_out_of_time_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(asked: Problem, **options: Any) -> Solution:
        return replace(solve(asked), status=Status.NO_SOLUTION, configuration=None)

    explained = explain_conflict(solved(open_sites(1), limit("mean_minutes", at_most=10)))
    monkeypatch.setattr(MODULE, "solve", stopped)
    assert [str(way) for way in relaxations(explained, time_limit=1)] == [
        "How far 'exactly 1 site' must give way is not known: time ran out.",
        "How far 'mean_minutes at most 10' must give way is not known: time ran out.",
    ]


def test_a_bound_that_is_found_but_not_proven_is_not_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def loose(asked: Problem, **options: Any) -> Solution:
        found = solve(asked)
        unproven = asked.objective.measure == "mean_minutes" and found.status is Status.OPTIMAL
        return replace(found, status=Status.FEASIBLE) if unproven else found

    explained = explain_conflict(solved(open_sites(1), limit("mean_minutes", at_most=10)))
    monkeypatch.setattr(MODULE, "solve", loose)
    assert relaxations(explained)[1].instead is None
    assert "time ran out" in str(relaxations(explained)[1])


def test_it_reads_as_its_sentence() -> None:
    way = relaxations(solved(open_sites(1), limit("mean_minutes", at_most=10)))[0]
    assert str(way) == way.sentence
    assert repr(way) == f"<{way.sentence}>"


def test_every_other_demand_is_kept_and_not_those_of_the_conflict_only() -> None:
    # Within 7 minutes only two thirds can ever be: the limit conflicts by itself, {B} or not.
    asked = within(7, share=0.95)
    found = solved(open_sites(1), asked)
    assert explain_conflict(found).conflict == (asked,)
    ways = [way for way in relaxations(found) if way.instead is not None]
    assert ways
    for way in ways:
        assert can_hold(found.problem, [open_sites(1), way.instead or asked]), str(way)


def test_what_leaves_other_demands_aside_says_so() -> None:
    # Two conflicts that have nothing to do with each other: no single demand resolves both.
    found = solved(within(7, share=0.95), limit("max_minutes", at_most=1))
    assert all(str(way).endswith(PARTLY) for way in relaxations(found))


def test_a_bound_that_rounding_holds_back_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    found = solved(open_sites(1), limit("mean_minutes", at_most=9, by="district"))
    first = solved(open_sites(1))  # short of what is asked
    asked: list[int] = []

    def always(self: Any, *more: Constraint, **options: Any) -> Solution:
        asked.append(1)
        assert len(asked) < 50, "the search does not end"
        return first  # a solver that calls the same choice a better one

    monkeypatch.setattr(MODULE._Others, "keeping", always)
    assert relaxations(found)
