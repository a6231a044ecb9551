"""Two tiers: the optimum is the one that enumeration of units and centres finds.

The judge knows nothing of routes: it sends every patient by the rule as it is told.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.appraise import appraise, violations
from reconfig.core import (
    Assumptions,
    Caseload,
    Configuration,
    Constraint,
    InputError,
    Journeys,
    Limit,
    Needs,
    Objective,
    OpenSites,
    Problem,
    Region,
    Service,
    Status,
    apart,
    joined,
    maximise,
    minimise,
    second_tier,
    together,
)
from reconfig.model.build import FORMULATIONS, FormulationName
from reconfig.outcomes import Register
from reconfig.solve import solve
from tests.instances import random_region
from tests.property.strategies import examples

SHARE = 0.25
DELAY = 20.0
Sites = tuple[str, ...]
Pair = tuple[Sites, Sites]
# unit where a patient goes, centre where those who need it are treated, minutes to either
Way = tuple[str, str, float, float]


@dataclass(frozen=True, eq=False)
class ByTotalTime:
    """An outcome model for tests: a bend in the time to the unit, and one in that to the centre."""

    register: Register = field(default_factory=lambda: Register({}))
    estimates = ("qalys",)
    centres: tuple[str, ...] = ()
    by_volume = False
    by_number = False
    basis = "made up for tests"
    baseline = "today's journeys"

    def baseline_deaths(self, values: Assumptions) -> np.ndarray:
        """None."""
        return np.zeros(values.number)

    def demand_factor(self, values: Assumptions) -> np.ndarray:
        """No more and no fewer cases than expected."""
        return np.ones(values.number)

    def per_case(self, estimate: str, to: Journeys) -> np.ndarray:
        """The larger of two gains, against the one of today."""
        assert to.onward is not None
        assert to.onward_today is not None
        now = _gain(to.minutes_today, to.onward_today)
        return np.asarray(_gain(to.minutes, to.onward) - now)

    def gains(self, estimate: str, load: Caseload, values: Assumptions) -> Mapping[str, np.ndarray]:
        """Nobody asks for draws of them."""
        raise NotImplementedError


def _gain(minutes: np.ndarray, onward: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        total = minutes + onward + np.where(onward > 0, DELAY, 0.0)
    small = np.where(np.isfinite(minutes), np.maximum(60.0 - minutes, 0.0), 0.0)
    large = np.where(np.isfinite(total), 1.5 * np.maximum(90.0 - total, 0.0), 0.0)
    return np.asarray(np.maximum(small, large))


@dataclass(frozen=True)
class Tiers:
    """A random region, units, centres among them, and what the rule needs as plain tables."""

    region: Region
    units: Service
    centres: Service
    home: dict[tuple[str, str], float]
    transfer: dict[tuple[str, str], float]

    @property
    def straight(self) -> float:
        assert self.centres.tier is not None
        return self.centres.tier.direct_within

    def pairs(self) -> list[Pair]:
        """Every choice of units and of centres."""
        return list(itertools.product(_subsets(self.units), _subsets(self.centres)))

    def way(self, zone: str, pair: Pair) -> Way | None:
        """Where a patient of a zone goes, by the rule; None where no open unit leads anywhere."""
        units = sorted({*pair[0], *self.units.always_open})
        centres = sorted({*pair[1], *self.centres.always_open})
        units = [
            u
            for u in units
            if (zone, u) in self.home and any((u, c) in self.transfer for c in centres)
        ]
        if not units:
            return None
        near = units[0]
        for unit in units:
            if self.home[zone, unit] < self.home[zone, near]:
                near = unit
        if self.straight > 0:
            reached = [c for c in centres if (zone, c) in self.home and c in units]
            if reached:
                best = reached[0]
                for centre in reached:
                    if self.home[zone, centre] < self.home[zone, best]:
                        best = centre
                further = round(self.home[zone, best] - self.home[zone, near], 6)
                if further <= self.straight:
                    there = self.home[zone, best]
                    return best, best, there, there
        onward = [c for c in centres if (near, c) in self.transfer]
        last = onward[0]
        for centre in onward:
            if self.transfer[near, centre] < self.transfer[near, last]:
                last = centre
        first = self.home[zone, near]
        return near, last, first, first + self.transfer[near, last]

    def ways(self, pair: Pair) -> dict[str, Way] | None:
        """Zone -> where its patients go; None where some cannot go anywhere."""
        found = {}
        for zone in self.region.zones.index:
            way = self.way(zone, pair)
            if way is None:
                return None
            found[zone] = way
        return found

    def value(self, measure: str, pair: Pair) -> float:
        """A measure by its definition."""
        ways = self.ways(pair)
        assert ways is not None
        cases = self.units.demand.to_dict()
        base, _, service = measure.rstrip("]").partition("[service=")
        at = 1 if service == "centres" else 0
        if base == "qalys":
            now = self.ways((self.units.today, self.centres.today))
            anyhow = (self.units.candidates, self.centres.candidates)
            total = 0.0
            for zone, way in ways.items():
                before = self.way(zone, (self.units.today, self.centres.today))
                before = before or self.way(zone, anyhow)
                assert before is not None or now is None
                gain = _gain(np.array(way[2]), np.array(way[3] - way[2]))
                then = (
                    0.0
                    if before is None
                    else _gain(np.array(before[2]), np.array(before[3] - before[2]))
                )
                total += cases[zone] * float(gain - then)
            return total
        if base in ("min_volume", "max_volume"):
            share = SHARE if service == "centres" else 1.0
            chosen = pair[at]
            volumes = [share * sum(cases[z] for z in ways if ways[z][at] == s) for s in chosen]
            if not volumes:
                return math.nan
            return min(volumes) if base == "min_volume" else max(volumes)
        journeys = [(_minutes(ways[z])[at], cases[z]) for z in ways]
        if base == "max_minutes":
            if not service:  # nobody's way to the centre is shorter than to the unit
                journeys = [(_minutes(ways[z])[1], cases[z]) for z in ways]
            return max(m for m, c in journeys if c > 0)
        if base == "mean_minutes" and not service:
            both = [
                (_minutes(ways[z])[k], cases[z] * (SHARE if k else 1.0))
                for z in ways
                for k in (0, 1)
            ]
            return sum(m * c for m, c in both) / sum(c for _, c in both)
        total = sum(c for _, c in journeys)
        if base == "mean_minutes":
            return sum(m * c for m, c in journeys) / total
        most = float(base.removeprefix("share_within_"))
        return sum(c for m, c in journeys if m <= most) / total


def _minutes(way: Way) -> tuple[float, float]:
    return way[2], way[3]


def _subsets(service: Service) -> list[Sites]:
    sizes = range(len(service.candidates) + 1)
    return [s for size in sizes for s in itertools.combinations(service.candidates, size)]


@st.composite
def two_tiers(draw: st.DrawFn) -> Tiers:
    """Draw a region with units, centres, neighbours that are always one or both, ties, no ways."""
    region = random_region(
        draw(st.integers(0, 99_999)),
        zones=draw(st.integers(2, 7)),
        candidates=4,
        neighbours=draw(st.integers(0, 2)),
        ties=draw(st.booleans()),
        unreachable=draw(st.sampled_from([0.0, 0.0, 0.3])),
        without_cases=draw(st.sampled_from([0.0, 0.3])),
    )
    units = replace(region.define_service("units", demand="cases"), outcome=ByTotalTime())
    now = draw(st.lists(st.sampled_from(units.candidates), min_size=1, unique=True))
    units = replace(units, today=tuple(sorted(now)))
    candidates = draw(
        st.lists(st.sampled_from(units.candidates), min_size=1, max_size=3, unique=True)
    )
    neighbours = (
        draw(st.lists(st.sampled_from(units.always_open), unique=True))
        if (units.always_open)
        else []
    )
    hosts = [c for c in candidates if c in now]
    today = hosts[: draw(st.integers(0, len(hosts)))]
    if not today and not neighbours:
        today = candidates[:1]
    centres = second_tier(
        units,
        "centres",
        share=SHARE,
        candidates=candidates,
        always_open=neighbours,
        today=today,
        direct_within=draw(st.sampled_from([0.0, 10.0, 15.0, math.inf])),
    )
    minutes, between = region.minutes(), region.between_sites()
    home = {
        (z, s): float(minutes.loc[z, s])
        for z in minutes.index
        for s in minutes.columns
        if not math.isnan(minutes.loc[z, s])
    }
    sites = [*centres.candidates, *centres.always_open]
    transfer = {
        (u, c): float(between.loc[u, c])
        for u in between.index
        for c in sites
        if not math.isnan(between.loc[u, c])
    }
    transfer |= {(c, c): 0.0 for c in sites}
    return Tiers(region, units, centres, home, transfer)


OBJECTIVES = (
    maximise("qalys"),
    minimise("mean_minutes[service=centres]"),
    minimise("mean_minutes[service=units]"),
    minimise("mean_minutes"),
    maximise("share_within_45[service=centres]"),
    minimise("max_minutes"),
)
LIMITED = {
    "min_volume[service=units]": "at_least",
    "min_volume[service=centres]": "at_least",
    "max_volume[service=units]": "at_most",
    "max_volume[service=centres]": "at_most",
    "max_minutes[service=centres]": "at_most",
    "max_minutes[service=units]": "at_most",
    "mean_minutes[service=centres]": "at_most",
    "share_within_45[service=centres]": "at_least",
}


@st.composite
def drawn_limits(draw: st.DrawFn, tiers: Tiers) -> list[Limit]:
    """Draw limits on either tier, with bounds at values that choices really have."""
    found = []
    for measure in draw(st.lists(st.sampled_from(sorted(LIMITED)), max_size=2, unique=True)):
        values = [tiers.value(measure, p) for p in tiers.pairs() if tiers.ways(p) is not None]
        known = sorted(v for v in values if not math.isnan(v))
        if known:
            bound = draw(st.sampled_from(known))
            bound = min(bound, 1.0) if "share" in measure else bound
            low = LIMITED[measure] == "at_least"
            found.append(Limit(measure, bound, None) if low else Limit(measure, None, bound))
    return found


@st.composite
def drawn_numbers(draw: st.DrawFn, service: Service) -> list[Constraint]:
    """Draw how many sites of a tier are open, or leave it free."""
    most = len(service.candidates)
    low = draw(st.integers(0, most))
    high = draw(st.integers(low, most))
    kinds: list[list[Constraint]] = [[], [OpenSites(low, high)], [OpenSites(high, high)]]
    return draw(st.sampled_from(kinds))


def is_allowed(
    tiers: Tiers,
    pair: Pair,
    own: Mapping[Service, list[Constraint]],
    limits: list[Limit],
    *,
    anywhere: bool,
) -> bool:
    """Whether a choice of units and centres keeps everything; anywhere: a centre needs no unit."""
    for service, opened in zip((tiers.units, tiers.centres), pair, strict=True):
        if not opened and not service.always_open:
            return False
        for asked in own[service]:
            assert isinstance(asked, OpenSites)
            low, high = asked.at_least or 0, asked.at_most
            if len(opened) < low or (high is not None and len(opened) > high):
                return False
    if not anywhere and not set(pair[1]) <= {*pair[0], *tiers.units.always_open}:
        return False
    if tiers.ways(pair) is None:
        return False
    for limit in limits:
        value = tiers.value(limit.measure, pair)
        if math.isnan(value):
            continue
        if limit.at_most is not None and value > limit.at_most + 1e-6 * max(1.0, limit.at_most):
            return False
        if limit.at_least is not None and value < limit.at_least - 1e-6 * max(1.0, limit.at_least):
            return False
    return True


@pytest.mark.parametrize("formulation", FORMULATIONS)
@examples(60)
@given(data=st.data(), tiers=two_tiers(), objective=st.sampled_from(OBJECTIVES))
def test_units_and_centres_are_decided_as_enumeration_decides(
    formulation: FormulationName, data: st.DataObject, tiers: Tiers, objective: Objective
) -> None:
    own = {
        tiers.units: data.draw(drawn_numbers(tiers.units)),
        tiers.centres: data.draw(drawn_numbers(tiers.centres)),
    }
    limits = data.draw(drawn_limits(tiers))
    # As an analysis may leave that demand out, to find which of them cannot hold together.
    anywhere = data.draw(st.integers(0, 3)) == 0
    allowed = [p for p in tiers.pairs() if is_allowed(tiers, p, own, limits, anywhere=anywhere)]
    known = [v for v in (tiers.value(objective.measure, p) for p in allowed) if not math.isnan(v)]
    try:
        problem = together(tiers.region, own, objective, limits)
        if anywhere:
            kept = [c for c in problem.constraints if not isinstance(c, Needs)]
            problem = Problem(problem.region, problem.service, objective, kept)
        solution = solve(problem, formulation=formulation)
    except InputError:  # refused at the door: then nothing can keep it, or nobody is counted
        assert not known
        return
    if not allowed:
        assert solution.status is Status.INFEASIBLE
        return
    assert solution.status is Status.OPTIMAL
    found = apart(solution.found())
    assert (tuple(found.sites("units")), tuple(found.sites("centres"))) in allowed
    pick = min if objective.sense == "minimise" else max
    assert solution.objective == pytest.approx(pick(known), rel=2e-6, abs=2e-6)
    assert solution.bound == pytest.approx(solution.objective, rel=2e-6, abs=2e-6)


@examples(60)
@given(data=st.data(), tiers=two_tiers())
def test_every_patient_is_treated_where_the_rule_says(data: st.DataObject, tiers: Tiers) -> None:
    own: dict[Service, list[Constraint]] = {tiers.units: [], tiers.centres: []}
    problem = together(tiers.region, own, minimise("mean_minutes"))
    centred = [p for p in tiers.pairs() if set(p[1]) <= {*p[0], *tiers.units.always_open}]
    pair = data.draw(st.sampled_from(centred))
    plain = Configuration({"units": frozenset(pair[0]), "centres": frozenset(pair[1])})
    whole = joined(plain, problem.service)
    ways = tiers.ways(pair)
    if ways is None:
        assert violations(problem, whole) == ["some zones cannot reach an open site"]
        return
    names = ["min_volume[service=centres]", "mean_minutes[service=centres]"]
    found = appraise(problem.region, problem.service, whole, measures=names)
    for zone, (unit, centre, first, total) in ways.items():
        for service, site, minutes in (("units", unit, first), ("centres", centre, total)):
            row = found.assignment.loc[f"{service}@{zone}"]
            assert row["site_id"] == f"{service}@{site}"
            assert row["minutes"] == pytest.approx(minutes)
    for name in (*names, "qalys"):
        expected = tiers.value(name, pair)
        assert found.measures[name] == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)
    for tier, at in ((tiers.units, 0), (tiers.centres, 1)):
        for site in (*pair[at], *tier.always_open):
            cases = sum(float(tier.demand[z]) for z, way in ways.items() if way[at] == site)
            assert found.volumes[f"{tier.id}@{site}"] == pytest.approx(cases, abs=1e-9)
