"""Trade-offs and conflicts are what enumeration says they are."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reconfig.analyse import explain_conflict, frontier
from reconfig.core import Constraint, Limit, Objective, OpenSites, Problem, Status, minimise
from reconfig.solve import solve
from tests.property.strategies import Case, cases, constraints, examples

PAIRS = (
    ("mean_minutes", "share_within_20"),
    ("share_within_45", "mean_minutes"),
    ("lives_saved", "mean_minutes"),
    ("neighbour_cases", "mean_minutes"),
    ("mean_minutes", "neighbour_cases"),
)
HIGHER_IS_BETTER = {"share_within_20", "share_within_45", "lives_saved"}
Point = tuple[float, float]


def beats(one: Point, other: Point) -> bool:
    """Say whether one point (costs) is no worse in both and better in one, beyond rounding."""
    room = [3e-6 * max(1.0, abs(x)) for x in other]
    no_worse = all(a <= b + r for a, b, r in zip(one, other, room, strict=True))
    return no_worse and any(a < b - r for a, b, r in zip(one, other, room, strict=True))


def unbeaten(points: list[Point]) -> list[Point]:
    """Return the points that none beats, sorted, each once."""
    best = sorted(p for p in points if not any(beats(q, p) for q in points))
    once: list[Point] = []
    for point in best:
        if not once or point != pytest.approx(once[-1], rel=3e-6, abs=3e-6):
            once.append(point)
    return once


def costs(measures: tuple[str, str], values: Point) -> Point:
    """Turn values into costs: lower is better."""
    signs = [-1.0 if m in HIGHER_IS_BETTER else 1.0 for m in measures]
    return (signs[0] * values[0], signs[1] * values[1])


@examples(30)
@given(st.data(), cases(most_candidates=5, most_zones=8), st.sampled_from(PAIRS))
def test_the_frontier_is_what_enumeration_leaves_unbeaten(
    data: st.DataObject, case: Case, measures: tuple[str, str]
) -> None:
    chosen = data.draw(constraints(case, most_limits=1))
    allowed = case.naive.allowed(chosen)
    assume(allowed)
    problem = Problem(case.region, case.service, minimise(measures[0]), chosen)
    numbers = range(problem.fewest, problem.most + 1)
    result = frontier(problem, *measures, numbers=numbers)
    by_number: dict[int, list[Point]] = {}
    for opened in allowed:
        values = (case.naive.value(measures[0], opened), case.naive.value(measures[1], opened))
        by_number.setdefault(len(opened), []).append(costs(measures, values))
    everything = [p for points in by_number.values() for p in points]

    found: dict[int, list[Point]] = {}
    for row in result.points.to_dict("records"):
        point = costs(measures, (row[measures[0]], row[measures[1]]))
        found.setdefault(row["number"], []).append(point)
        assert row["status"] == "optimal"
        assert row["open"] in allowed
        assert len(row["open"]) == row["number"]
        assert row["efficient"] == (not any(beats(p, point) for p in everything))
    assert sorted(found) == sorted(by_number)
    for number, points in by_number.items():
        expected = unbeaten(points)
        assert len(found[number]) == len(expected)
        for one, other in zip(sorted(found[number]), expected, strict=True):
            assert one == pytest.approx(other, rel=3e-6, abs=3e-6)


def best_mean(case: Case, number: int) -> float:
    """Return the shortest mean journey with at most so many sites, without other constraints."""
    allowed = case.naive.allowed([OpenSites(None, number)])
    return min((case.naive.value("mean_minutes", o) for o in allowed), default=math.inf)


@examples(40)
@given(st.data(), cases(most_candidates=5, most_zones=8))
def test_a_conflict_cannot_hold_together_and_any_one_taken_away_frees_the_rest(
    data: st.DataObject, case: Case
) -> None:
    number = data.draw(st.integers(1, len(case.service.candidates) - 1))
    bound = best_mean(case, number + 1)
    assume(math.isfinite(bound))
    demanding: list[Constraint] = [
        OpenSites(None, number),
        Limit("mean_minutes", at_most=bound * data.draw(st.sampled_from([0.9, 1.0, 1.1]))),
    ]
    chosen = data.draw(st.permutations([*demanding, *data.draw(constraints(case))]))
    assume(not case.naive.allowed(chosen))
    kept = {s for c in chosen if hasattr(c, "sites") and str(c).startswith("keep") for s in c.sites}
    assume(len(kept) <= number)
    try:
        problem = Problem(case.region, case.service, Objective("mean_minutes", "minimise"), chosen)
    except ValueError:  # refused at the door
        return
    solution = solve(problem)
    assert solution.status is Status.INFEASIBLE
    conflict = explain_conflict(solution).conflict
    assert set(conflict) <= set(chosen)
    assert not case.naive.allowed(conflict)
    for position in range(len(conflict)):
        rest = conflict[:position] + conflict[position + 1 :]
        assert case.naive.allowed(rest), f"{conflict[position]} is not needed"
