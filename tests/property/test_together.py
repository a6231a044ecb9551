"""Several services decided together: the optimum is the one that enumeration of both finds."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.appraise import appraise, violations
from reconfig.core import (
    Configuration,
    Constraint,
    InputError,
    Limit,
    Needs,
    Objective,
    Service,
    Status,
    apart,
    joined,
    maximise,
    minimise,
    together,
)
from reconfig.model.build import FORMULATIONS, FormulationName
from reconfig.solve import solve
from tests.property.naive import Naive, Sites
from tests.property.strategies import Case, cases, constraints, examples, numbers

OBJECTIVES = (
    maximise("lives_saved"),
    maximise("lives_saved[service=other]"),
    minimise("mean_minutes"),
    minimise("mean_minutes[service=care]"),
    maximise("share_within_20"),
    minimise("worst_mean_minutes_by_service"),
    minimise("gap_mean_minutes_by_district[service=other]"),
    minimise("mean_minutes[district=north]"),
    minimise("mean_minutes[district=north][service=other]"),
    minimise("open_sites[service=care]"),
)
Pair = tuple[Sites, Sites]


@dataclass(frozen=True)
class Two:
    """A random region with two services, and a naive judge of each."""

    care: Case
    other: Case

    @property
    def judges(self) -> dict[str, Naive]:
        return {"care": self.care.naive, "other": self.other.naive}


@st.composite
def pairs(draw: st.DrawFn) -> Two:
    """Draw a second service on the region of the first, needed by other people."""
    care = draw(cases(most_candidates=4, most_zones=8))
    other: Service = replace(care.service, id="other", name="Other")
    weights = draw(st.lists(st.integers(0, 3), min_size=8, max_size=8))
    demand = other.demand * [weights[k % 8] for k in range(len(other.demand))]
    today = draw(st.lists(st.sampled_from(other.candidates), min_size=1, unique=True))
    other = replace(other, demand=demand + 1.0, today=tuple(sorted(today)))
    return Two(care, Case(care.region, other, Naive.of(care.region, other)))


def value(two: Two, measure: str, pair: Pair) -> float:
    """A measure over both services, or of one, from what each judge says."""
    if measure == "worst_mean_minutes_by_service":
        named = (value(two, f"mean_minutes[service={s}]", pair) for s in two.judges)
        return max(v for v in named if not math.isnan(v))
    base, *brackets = measure.replace("]", "").split("[")
    only = dict(bracket.split("=") for bracket in brackets)
    asked = dict(zip(two.judges, pair, strict=True))
    district = only.get("district")
    if base == "open_sites":
        return len(asked[only["service"]])
    if "service" in only:
        return two.judges[only["service"]].value(base, asked[only["service"]], district)
    parts = [(two.judges[s].value(base, opened, district), s) for s, opened in asked.items()]
    if base == "lives_saved":
        return sum(v for v, _ in parts)
    weighted = [
        (
            v,
            sum(
                c
                for z, c in two.judges[s].cases.items()
                if district in (None, two.judges[s].group[z])
            ),
        )
        for v, s in parts
    ]
    total = sum(c for v, c in weighted if not math.isnan(v))
    return sum(v * c for v, c in weighted if not math.isnan(v)) / total if total else math.nan


def supported(two: Two, need: Needs, pair: Pair) -> bool:
    """Whether every open site of the service that needs another has that near enough."""
    asked = dict(zip(two.judges, pair, strict=True))
    table = two.care.region.between_sites()
    minutes = {(a, b): float(str(v)) for a, row in table.iterrows() for b, v in row.items()}
    having = [*asked[need.needed], *two.judges[need.needed].neighbours]
    return all(
        any(
            place == site or (need.within > 0 and minutes[site, place] <= need.within)
            for place in having
        )
        for site in asked[need.by]
    )


@pytest.mark.parametrize("formulation", FORMULATIONS)
@examples(40)
@given(data=st.data(), two=pairs(), objective=st.sampled_from(OBJECTIVES))
def test_two_services_are_decided_as_enumeration_of_both_decides(
    formulation: FormulationName, data: st.DataObject, two: Two, objective: Objective
) -> None:
    own: dict[Service, list[Constraint]] = {
        case.service: [
            c
            for c in [data.draw(numbers(case)), *data.draw(constraints(case, most_limits=1))]
            if type(c).__name__ != "Differ"
        ]
        for case in (two.care, two.other)
    }
    by, needed = data.draw(st.permutations(["care", "other"]))
    needs = Needs(needed, by, data.draw(st.sampled_from([0.0, 25.0, 60.0])))
    district = data.draw(st.sampled_from(two.other.naive.districts))
    both = f"mean_minutes[service=other][district={district}]"
    limits = [Limit(name, at_most=30.0) for name in ("mean_minutes", both)]
    shared = data.draw(st.sampled_from([[], limits[:1], limits[1:]]))
    allowed = [
        pair
        for pair in itertools.product(two.care.naive.subsets(), two.other.naive.subsets())
        if all(
            len(opened) > 0 or judge.neighbours
            for judge, opened in zip(two.judges.values(), pair, strict=True)
        )
        and all(
            judge.keeps(asked, opened)
            for judge, asked, opened in zip(two.judges.values(), own.values(), pair, strict=True)
        )
        and supported(two, needs, pair)
        and all(value(two, limit.measure, pair) <= 30.0 + 1e-6 for limit in shared)
    ]
    known = [v for v in (value(two, objective.measure, p) for p in allowed) if not math.isnan(v)]
    try:
        problem = together(two.care.region, own, objective, [needs, *shared])
        solution = solve(problem, formulation=formulation)
    except InputError:  # refused at the door: then nothing can keep it, or nobody is counted
        assert not known
        return
    if not allowed:
        assert solution.status is Status.INFEASIBLE
        return
    assert solution.status is Status.OPTIMAL
    found = apart(solution.found())
    assert (tuple(found.sites("care")), tuple(found.sites("other"))) in allowed
    pick = min if objective.sense == "minimise" else max
    assert solution.objective == pytest.approx(pick(known), rel=2e-6, abs=2e-6)
    assert solution.bound == pytest.approx(solution.objective, rel=2e-6, abs=2e-6)


@examples(40)
@given(data=st.data(), two=pairs())
def test_a_joint_appraisal_is_that_of_each_service(data: st.DataObject, two: Two) -> None:
    own: dict[Service, list[Constraint]] = {two.care.service: [], two.other.service: []}
    problem = together(two.care.region, own, minimise("mean_minutes"))
    pair = [
        data.draw(st.sampled_from([o for o in judge.subsets() if judge.treated(o) is not None]))
        for judge in two.judges.values()
    ]
    plain = Configuration(dict(zip(two.judges, map(frozenset, pair), strict=True)))
    whole = joined(plain, problem.service)
    assert apart(whole) == plain
    names = ["mean_minutes[service=care]", "lives_saved[service=other]", "max_volume[service=care]"]
    together_ = appraise(problem.region, problem.service, whole, measures=names)
    care, other = (
        appraise(two.care.region, c.service, Configuration.of(c.service.id, opened))
        for c, opened in zip((two.care, two.other), pair, strict=True)
    )
    assert together_.measures["mean_minutes[service=care]"] == pytest.approx(
        care.measures["mean_minutes"], nan_ok=True
    )
    assert together_.measures["max_volume[service=care]"] == pytest.approx(
        care.measures["max_volume"], nan_ok=True
    )
    assert together_.measures["lives_saved[service=other]"] == pytest.approx(
        other.measures["lives_saved"]
    )
    assert together_.measures["lives_saved"] == pytest.approx(
        care.measures["lives_saved"] + other.measures["lives_saved"]
    )
    assert together_.lives is not None
    assert together_.lives.central == pytest.approx(together_.measures["lives_saved"])
    reaching = [j.treated(o) is not None for j, o in zip(two.judges.values(), pair, strict=True)]
    assert all(reaching)
    assert not [v for v in violations(problem, whole) if "reach" in v]
