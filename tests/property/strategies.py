"""What the property tests draw: small random regions, objectives and constraints on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reconfig.core import (
    Close,
    Constraint,
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
    draw: st.DrawFn, *, ties: bool | None = None, most_candidates: int = 6, most_zones: int = 12
) -> Case:
    """Draw a small region: neighbours or none, ties or none, ways and cases missing or not."""
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
    return Case(region, service, Naive.of(region, service))


def objectives() -> st.SearchStrategy[Objective]:
    """Draw any measure that can be optimised, in either sense where that means something."""
    sums = st.builds(Objective, st.sampled_from(SUMS), st.sampled_from(["minimise", "maximise"]))
    return st.one_of(sums, st.just(Objective("max_minutes", "minimise")))


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
    overall_only = measure.endswith("_volume") or measure == "lives_saved"
    by = None if overall_only else draw(st.sampled_from([None, "district"]))
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
    if measure.startswith("share_within"):
        bound = min(bound, 1.0)  # sums of shares may pass 1 by a rounding error
    word = ONE_SIDED.get(measure) or draw(st.sampled_from(["at_least", "at_most"]))
    return Limit(measure, **{word: bound}, by=by)


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
    drawn += draw(st.lists(limits(case), max_size=most_limits))
    return drawn
