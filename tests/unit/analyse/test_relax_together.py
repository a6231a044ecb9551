"""What binds several services gives way by the least that lets the other demands be met."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reconfig as rc
from reconfig.analyse import Relaxation, relaxations
from reconfig.appraise import violations
from reconfig.core import Configuration, Constraint, Needs, Problem, Status
from reconfig.solve import solve
from tests.property.strategies import examples
from tests.unit.core.test_together import region, two

SITES = ("A", "B", "C")


def joint(*constraints: Constraint) -> Problem:
    """Return the joint problem of two services, of which neither has a number of sites."""
    where = region()
    surgery, stroke = two(where)
    return rc.together(where, {surgery: [], stroke: []}, rc.minimise("mean_minutes"), constraints)


def ways(problem: Problem) -> list[Relaxation]:
    """Return every way out of a conflict."""
    found = solve(problem)
    assert found.status is Status.INFEASIBLE
    return relaxations(found)


def can_be(problem: Problem) -> bool:
    """Whether any choice of sites for both services keeps every constraint, by enumeration."""
    subsets = [s for n in range(4) for s in itertools.combinations(SITES, n)]
    return any(
        not violations(
            problem,
            Configuration.of(
                problem.service.id, [*(f"surgery@{s}" for s in a), *(f"stroke@{s}" for s in b)]
            ),
        )
        for a, b in itertools.product(subsets, subsets)
    )


def test_a_share_of_one_service_says_within_how_many_minutes_it_can_be_met() -> None:
    asked = rc.limit("share_within_8[service=stroke]", at_least=1.0)
    (way,) = (w for w in ways(joint(asked)) if "can be met with" in str(w))
    least = next(
        t
        for t in range(9, 60)
        if can_be(joint(rc.limit(f"share_within_{t}[service=stroke]", at_least=1.0)))
    )
    assert way.instead == rc.limit(f"share_within_{least}[service=stroke]", at_least=1.0)
    assert str(way) == (
        f"100% within {least} minutes (stroke) can be met with the other demands kept; within "
        f"{least - 1} it cannot."
    )


def test_the_number_of_sites_of_a_service_gives_way_in_its_name() -> None:
    where = region()
    surgery, stroke = two(where)
    asked = {surgery: [rc.open_sites(1)], stroke: [rc.open_sites(2)]}
    needs = rc.needs("surgery", by="stroke")
    problem = rc.together(where, asked, rc.minimise("mean_minutes"), [needs])
    said = [str(way) for way in ways(problem)]
    assert said[:2] == [
        "With 2 sites for surgery the other demands can be met; with 1 they cannot.",
        "With 1 site for stroke the other demands can be met; with 2 they cannot.",
    ]


@pytest.mark.parametrize("asked", [3, 50])
def test_a_limit_on_the_number_of_sites_of_a_service_is_a_number_of_its_sites(asked: int) -> None:
    where = region()
    surgery, stroke = two(where)
    limit = rc.limit("open_sites[service=stroke]", at_least=asked)
    own = {surgery: [rc.open_sites(2)], stroke: [rc.open_sites(at_most=2)]}
    problem = rc.together(where, own, rc.minimise("mean_minutes"), [limit])
    (way,) = (way for way in ways(problem) if way.asked == limit)
    assert str(way).startswith("With 2 sites for stroke the other demands can be met; ")
    assert way.instead is not None
    assert can_be(Problem(problem.region, problem.service, problem.objective, [way.instead]))


@examples(15)
@given(
    st.sampled_from([0.0, 5.0, 15.0]),
    st.sets(st.sampled_from(SITES), min_size=1),
    st.sets(st.sampled_from(SITES), min_size=1),
)
def test_needs_say_the_least_transfer_that_will_do(
    within: float, closed: set[str], kept: set[str]
) -> None:
    needs = Needs("surgery", "stroke", within)
    others = [
        rc.close(f"surgery@{s}" for s in closed),
        rc.keep(f"stroke@{s}" for s in kept),
        rc.limit("open_sites", at_most=4),
    ]
    if solve(joint(*others, needs)).status is not Status.INFEASIBLE:
        return
    transfers = np.unique(region().between_sites().to_numpy(float))
    enough = [
        float(t)
        for t in transfers
        if math.isfinite(t) and t > within and can_be(joint(*others, Needs("surgery", "stroke", t)))
    ]
    for way in ways(joint(*others, needs)):
        if way.asked != needs or "leaves aside" in str(way):
            continue
        if not enough:
            assert way.instead is None
            continue
        assert way.instead == Needs("surgery", "stroke", enough[0])  # whole minutes, so not rounded
        was = f"within {within:g} minutes" if within else "at the same site"
        assert str(way) == (
            f"stroke can have surgery within {enough[0]:g} minutes with the other demands kept, "
            f"not {was}."
        )
