"""What the property tests draw: small random regions, objectives and constraints on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reconfig.core import (
    Among,
    Budget,
    Capacity,
    Close,
    Constraint,
    Differ,
    Keep,
    Limit,
    Objective,
    OpenSites,
    Region,
    Service,
)
from tests.instances import HalfTheDeaths, random_region
from tests.property.naive import Naive

SUMS = ("lives_saved", "mean_minutes", "neighbour_cases", "share_within_20", "share_within_45")
ONE_SIDED = {
    "max_minutes": "at_most",
    "p95_minutes": "at_most",
    "min_volume": "at_least",
    "max_volume": "at_most",
    "worst_mean_minutes_by_district": "at_most",
    "worst_share_within_20_by_district": "at_least",
    "gap_mean_minutes_by_district": "at_most",
    "gap_share_within_45_by_district": "at_most",
}


def examples(number: int) -> Callable[[Any], Any]:
    """Run a test on so many examples, the same ones every time and however slow the machine."""
    return settings(
        max_examples=number,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


@dataclass(frozen=True)
class Case:
    """A random region with one service, and the naive judge of it."""

    region: Region
    service: Service
    naive: Naive


@st.composite
def cases(
    draw: st.DrawFn,
    *,
    ties: bool | None = None,
    most_candidates: int = 6,
    most_zones: int = 12,
    choosing: bool = False,
) -> Case:
    """Draw a small region: neighbours or none, ties or none, ways and cases missing or not.

    choosing: whether patients do not all go to the nearest site.
    """
    region = random_region(
        draw(st.integers(0, 99_999)),
        zones=draw(st.integers(2, most_zones)),
        candidates=draw(st.integers(2, most_candidates)),
        neighbours=draw(st.integers(0, 2)),
        ties=draw(st.booleans()) if ties is None else ties,
        unreachable=draw(st.sampled_from([0.0, 0.3])),
        without_cases=draw(st.sampled_from([0.0, 0.3])),
    )
    service = replace(region.define_service("care", demand="cases"), outcome=HalfTheDeaths())
    today = draw(st.lists(st.sampled_from(service.candidates), min_size=1, unique=True))
    service = replace(service, today=tuple(sorted(today)))
    if choosing:
        service = service.with_choice(
            draw(st.sampled_from([5.0, 20.0, 100.0])),
            orders=draw(st.integers(1, 3)),
            seed=draw(st.integers(0, 99)),
        )
    return Case(region, service, Naive.of(region, service))


def objectives() -> st.SearchStrategy[Objective]:
    """Draw any measure that can be optimised, in either sense where that means something."""
    sums = st.builds(Objective, st.sampled_from(SUMS), st.sampled_from(["minimise", "maximise"]))
    return st.one_of(sums, st.just(Objective("max_minutes", "minimise")), comparisons())


def comparisons() -> st.SearchStrategy[Objective]:
    """Draw a measure that compares groups, in the sense that is better."""
    return st.sampled_from(
        [
            Objective(m, "maximise" if ONE_SIDED[m] == "at_least" else "minimise")
            for m in ONE_SIDED
            if "_by_" in m
        ]
    )


@st.composite
def numbers(draw: st.DrawFn, case: Case) -> OpenSites:
    """Draw an exact number of sites, a range, or a bound on one end."""
    most = len(case.service.candidates)
    low = draw(st.integers(0, most))
    high = draw(st.integers(low, most))
    kind = draw(st.sampled_from(["exact", "range", "low", "high"]))
    return {
        "exact": OpenSites(low, low),
        "range": OpenSites(low, high),
        "low": OpenSites(low, None),
        "high": OpenSites(None, high),
    }[kind]


@st.composite
def limits(draw: st.DrawFn, case: Case, *, on: str | None = None) -> Limit:
    """Draw a limit whose bound lies at, or between, values that configurations really have."""
    measure = on or draw(st.sampled_from([*SUMS, *ONE_SIDED]))
    whole = measure.endswith("_volume") or "_by_" in measure or measure == "lives_saved"
    by = None if whole else draw(st.sampled_from([None, "district"]))
    values = {
        case.naive.value(measure, opened, district)
        for opened in case.naive.subsets()
        if case.naive.treated(opened) is not None
        for district in (case.naive.districts if by else [None])
    }
    known = sorted(v for v in values if not math.isnan(v)) or [1.0]
    place = draw(st.integers(0, len(known) - 1))
    bound = known[place]
    if draw(st.booleans()) and place + 1 < len(known):
        bound = (bound + known[place + 1]) / 2
    if "share_within" in measure:
        bound = min(bound, 1.0)  # sums of shares may pass 1 by a rounding error
    word = ONE_SIDED.get(measure) or draw(st.sampled_from(["at_least", "at_most"]))
    if word == "at_most" and case.naive.treated(case.naive.today) and draw(st.booleans()):
        today = case.naive.value(measure, case.naive.today, case.naive.districts[0] if by else None)
        if not math.isnan(today):
            over = bound - today
            if "share_within" in measure:
                over = min(max(over, -1.0), 1.0)
            return Limit(measure, at_most_over_today=over, by=by)
    return Limit(measure, **{word: bound}, by=by)


@st.composite
def among(draw: st.DrawFn, case: Case) -> Among:
    """Draw bounds, one or both, on how many of some candidates are open."""
    sites = draw(st.frozensets(st.sampled_from(case.service.candidates), min_size=1))
    low = draw(st.integers(0, len(sites)))
    high = draw(st.integers(low, len(sites)))
    return draw(
        st.sampled_from([Among(sites, low, high), Among(sites, low), Among(sites, None, high)])
    )


@st.composite
def differ(draw: st.DrawFn, case: Case) -> Differ:
    """Draw a choice, none at all included, to differ from by some sites."""
    sites = draw(st.frozensets(st.sampled_from(case.service.candidates)))
    return Differ(sites, draw(st.integers(0, len(case.service.candidates))))


@st.composite
def resources(draw: st.DrawFn, case: Case) -> Capacity | Budget:
    """Draw a capacity of some sites or a budget, with amounts that configurations really have."""
    reaching = [o for o in case.naive.subsets() if case.naive.treated(o) is not None]
    opened = draw(st.sampled_from(reaching))
    factor = draw(st.sampled_from([0.9, 1.0, 1.1]))
    if draw(st.booleans()):
        some = st.sampled_from([*case.naive.candidates, *case.naive.neighbours])
        sites = sorted(draw(st.lists(some, min_size=1, max_size=3, unique=True)))
        return Capacity(tuple((s, factor * case.naive.volume(s, opened)) for s in sites))
    fixed, per_case = draw(
        st.sampled_from(
            [("fixed_cost_gbp", "case_cost_gbp"), ("fixed_cost_gbp", ""), ("", "case_cost_gbp")]
        )
    )
    total = case.naive.cost(Budget(0.0, fixed, per_case), opened)
    return Budget(factor * total, fixed, per_case)


@st.composite
def constraints(draw: st.DrawFn, case: Case, *, most_limits: int = 3) -> list[Constraint]:
    """Draw some of each kind of constraint."""
    some_sites = st.frozensets(st.sampled_from(case.service.candidates), min_size=1, max_size=2)
    drawn: list[Constraint] = []
    if draw(st.booleans()):
        drawn.append(draw(numbers(case)))
    for kind in (Keep, Close):
        if draw(st.integers(0, 3)) == 0:
            drawn.append(kind(draw(some_sites)))
    of_sites: list[st.SearchStrategy[Constraint]] = [among(case), differ(case)]
    for others in of_sites:
        if draw(st.integers(0, 3)) == 0:
            drawn.append(draw(others))
    drawn += draw(st.lists(limits(case), max_size=most_limits))
    if draw(st.integers(0, 3)) == 0:
        drawn.append(draw(resources(case)))
    return drawn
