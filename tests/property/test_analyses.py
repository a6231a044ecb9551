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

MEASURES = (
    ("mean_minutes", "share_within_20"),
    ("share_within_45", "mean_minutes"),
    ("lives_saved", "mean_minutes"),
    ("neighbour_cases", "mean_minutes"),
    ("mean_minutes", "neighbour_cases"),
    ("max_minutes", "share_within_20"),
    ("mean_minutes", "share_within_20", "neighbour_cases"),
    ("share_within_20", "share_within_45", "mean_minutes"),
    ("lives_saved", "mean_minutes", "max_minutes"),
    ("max_minutes", "neighbour_cases", "share_within_45"),
    ("mean_minutes", "lives_saved", "open_sites"),
)
HIGHER_IS_BETTER = {"share_within_20", "share_within_45", "lives_saved"}
Point = tuple[float, ...]


def beats(one: Point, other: Point) -> bool:
    """Say whether one point (costs) is no worse in all and better in one, beyond rounding."""
    room = [3e-6 * max(1.0, abs(x)) for x in other]
    no_worse = all(a <= b + r for a, b, r in zip(one, other, room, strict=True))
    return no_worse and any(a < b - r for a, b, r in zip(one, other, room, strict=True))


def same(one: Point, other: Point) -> bool:
    """Say whether two points are the same, but for rounding."""
    return one == pytest.approx(other, rel=3e-6, abs=3e-6)


def unbeaten(points: list[Point]) -> list[Point]:
    """Return the points that none beats, each once."""
    once: list[Point] = []
    for point in points:
        if not any(beats(q, point) for q in points) and not any(same(point, q) for q in once):
            once.append(point)
    return once


def costs(case: Case, measures: tuple[str, ...], opened: tuple[str, ...]) -> Point:
    """Return the values of a configuration as costs: lower is better."""
    found = []
    for name in measures:
        value = len(opened) if name == "open_sites" else case.naive.value(name, opened)
        found.append(-value if name in HIGHER_IS_BETTER else value)
    return tuple(found)


@examples(60)
@given(st.data(), cases(most_candidates=5, most_zones=8), st.sampled_from(MEASURES), st.booleans())
def test_the_frontier_is_what_enumeration_leaves_unbeaten(
    data: st.DataObject, case: Case, measures: tuple[str, ...], every: bool
) -> None:
    chosen = data.draw(constraints(case, most_limits=1))
    allowed = case.naive.allowed(chosen)
    assume(allowed)
    problem = Problem(case.region, case.service, minimise("mean_minutes"), chosen)
    numbers = range(problem.fewest, problem.most + 1)
    result = frontier(problem, *measures, numbers=numbers, every=every)
    by_number: dict[int, dict[tuple[str, ...], Point]] = {}
    for opened in allowed:
        by_number.setdefault(len(opened), {})[opened] = costs(case, measures, opened)
    everything = [p for points in by_number.values() for p in points.values()]

    assert result.unfinished == ()
    found: dict[int, dict[tuple[str, ...], int]] = {}
    for row in result.points.to_dict("records"):
        point = costs(case, measures, row["open"])
        assert same(point, tuple(-row[m] if m in HIGHER_IS_BETTER else row[m] for m in measures))
        assert row["status"] == "optimal"
        assert row["efficient"] == (not any(beats(p, point) for p in everything))
        assert row["open"] in by_number[row["number"]]
        here = found.setdefault(row["number"], {})
        assert row["open"] not in here
        here[row["open"]] = row["point"]
    assert sorted(found) == sorted(by_number)
    for number, points in by_number.items():
        expected = unbeaten(list(points.values()))
        assert len(set(found[number].values())) == len(expected)
        for value in expected:
            ids = {k for o, k in found[number].items() if same(points[o], value)}
            assert len(ids) == 1
        if every:
            at_one = {o for o, p in points.items() if any(same(p, value) for value in expected)}
            assert set(found[number]) == at_one
        else:
            assert len(found[number]) == len(expected)


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
