"""Patients who are told where to go: the optimum is that of a transport program for every choice.

For each set of open candidates a small linear program sends the cases of every zone to open sites;
written out here once more from the definitions, and solved by scipy.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from reconfig.appraise import appraise, compare, violations
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
    Objective,
    OpenSites,
    Problem,
    Status,
)
from reconfig.solve import solve
from tests.property.naive import LIVES_PER_CASE, STAFFED, Naive, Sites
from tests.property.strategies import (
    SUMS,
    Case,
    among,
    cases,
    differ,
    examples,
    limits,
    numbers,
    resources,
)
from tests.property.test_optimum import close_to

# Measures of which limits are asked; those of SUMS are objectives too.
LIMITED = (
    *SUMS,
    "max_minutes",
    "p95_minutes",
    "min_volume",
    "max_volume",
    "worst_mean_minutes_by_district",
    "gap_share_within_45_by_district",
)
ROOM = 1e-7


class Transport:
    """The linear program of one set of open candidates: variables are cases sent on each way."""

    def __init__(self, naive: Naive, opened: Sites) -> None:
        self.naive, self.opened = naive, opened
        sites = (*opened, *naive.neighbours)
        self.ways = [(z, s) for z in naive.cases for s in sites if (z, s) in naive.minutes]
        self.rows: list[np.ndarray] = []
        self.bounds: list[float] = []
        self.most = {way: naive.cases[way[0]] for way in self.ways}
        self.possible = {z for z, _ in self.ways} == set(naive.cases)

    def amounts(self, measure: str, district: str | None = None) -> np.ndarray:
        """What a case on each way adds to a measure, which must be a sum; averages divided."""
        naive = self.naive
        mine = [z for z in naive.cases if district is None or naive.group[z] == district]
        total = sum(naive.cases[z] for z in mine)

        def of(zone: str, site: str) -> float:
            if zone not in mine:
                return 0.0
            if measure == "lives_saved":
                return (site in self.opened) * LIVES_PER_CASE * STAFFED.get(len(self.opened), 0.0)
            if measure == "neighbour_cases":
                return float(site in naive.neighbours)
            if measure == "mean_minutes":
                return naive.minutes[zone, site] / total
            return (naive.minutes[zone, site] <= float(measure.rpartition("_")[2])) / total

        return np.array([of(z, s) for z, s in self.ways])

    def at_most(self, row: np.ndarray, bound: float) -> None:
        self.rows.append(row)
        self.bounds.append(bound + ROOM * max(1.0, abs(bound)))

    def at(self, site: str) -> np.ndarray:
        return np.array([float(s == site) for _, s in self.ways])

    def keep(self, constraint: Constraint) -> None:
        """Add a constraint: on sites by looking at them, on cases by rows."""
        naive, opened = self.naive, self.opened
        if isinstance(constraint, OpenSites | Keep | Close | Among | Differ):
            self.possible &= naive._keeps_one(constraint, opened)
        elif isinstance(constraint, Capacity):
            for site, most in constraint.cases:
                self.at_most(self.at(site), most)
        elif isinstance(constraint, Budget):
            fixed, per_case = constraint.fixed_column, constraint.per_case_column
            spent = sum(naive.costs[fixed, s] for s in opened) if fixed else 0.0
            row = [naive.costs[per_case, s] if per_case else 0.0 for _, s in self.ways]
            self.at_most(np.array(row), constraint.total - spent)
        else:
            assert isinstance(constraint, Limit)
            self.limit(constraint)

    def limit(self, asked: Limit) -> None:
        for district in self.naive.districts if asked.by else [None]:
            high = asked.at_most
            if asked.at_most_over_today is not None:
                high = asked.at_most_over_today + self.naive.value(
                    asked.measure, self.naive.today, district
                )
            self.bound(asked.measure, district, asked.at_least, high)

    def bound(
        self, measure: str, district: str | None, low: float | None, high: float | None
    ) -> None:
        naive = self.naive
        mine = [z for z in naive.cases if district is None or naive.group[z] == district]
        total = sum(naive.cases[z] for z in mine)
        if measure in ("min_volume", "max_volume"):
            for site in self.opened:
                if low is not None:
                    self.at_most(-self.at(site), -low)
                if high is not None:
                    self.at_most(self.at(site), high)
            return
        if total <= 0 and measure not in ("lives_saved", "neighbour_cases"):
            return
        if measure == "max_minutes":
            assert high is not None
            for zone, site in self.ways:
                if zone in mine and naive.minutes[zone, site] > high + ROOM * max(1.0, high):
                    self.most[zone, site] = 0.0
        elif measure == "p95_minutes":
            assert high is not None
            near = [naive.minutes[w] <= high * (1 + ROOM) and w[0] in mine for w in self.ways]
            self.at_most(-np.array(near, dtype=float), -0.95 * total)
        elif measure.startswith("worst_mean"):
            for one in naive.districts:
                self.bound("mean_minutes", one, low, high)
        elif measure.startswith("gap_share"):
            assert high is not None
            known = [d for d in naive.districts if self.cases_of(d) > 0]
            rows = {d: self.amounts("share_within_45", d) for d in known}
            for one in known:
                for other in known:
                    self.at_most(rows[one] - rows[other], high)
        else:
            row = self.amounts(measure, district)
            if low is not None:
                self.at_most(-row, -low)
            if high is not None:
                self.at_most(row, high)

    def cases_of(self, district: str) -> float:
        return sum(c for z, c in self.naive.cases.items() if self.naive.group[z] == district)

    def best(self, objective: Objective) -> float | None:
        """The best value that sending cases about can give; None where nothing keeps the rows."""
        if not self.possible:
            return None
        sign = 1.0 if objective.sense == "minimise" else -1.0
        zones = list(self.naive.cases)
        sent = np.array([[float(w[0] == z) for w in self.ways] for z in zones])
        found = linprog(
            sign * self.amounts(objective.measure),
            A_ub=np.array(self.rows) if self.rows else None,
            b_ub=self.bounds or None,
            A_eq=sent,
            b_eq=[self.naive.cases[z] for z in zones],
            bounds=[(0.0, self.most[w]) for w in self.ways],
            method="highs",
        )
        assert found.status in (0, 2), found.message
        return None if found.status == 2 else sign * float(found.fun)


def directed(case: Case) -> Case:
    """The same case with patients who are directed."""
    return replace(case, service=case.service.directed())


def assert_solves_as_transport(case: Case, objective: Objective, chosen: list[Constraint]) -> None:
    """Solve, and compare feasibility, objective and who goes where with every transport program."""
    values: list[tuple[float, Sites]] = []
    for opened in case.naive.subsets():
        program = Transport(case.naive, opened)
        for constraint in chosen:
            program.keep(constraint)
        value = program.best(objective)
        if value is not None:
            values.append((value, opened))
    try:
        problem = Problem(case.region, case.service, objective, chosen)
    except InputError:
        assert not values
        return
    solution = solve(problem)
    if not values:
        assert solution.status is Status.INFEASIBLE
        return
    assert solution.status is Status.OPTIMAL
    pick = min if objective.sense == "minimise" else max
    assert solution.objective == close_to(pick(v for v, _ in values))
    assert solution.open in [opened for _, opened in values]
    assert violations(problem, solution.found()) == []
    flows = solution.flows
    sums = flows.groupby(level=0)["cases"].sum()
    assert sums.to_dict() == pytest.approx(case.service.demand.to_dict())
    assert set(flows["site_id"]) <= {*solution.open, *case.naive.neighbours}


@pytest.mark.parametrize("measure", LIMITED)
@examples(15)
@given(data=st.data(), case=cases(most_candidates=4, most_zones=6))
def test_a_limit_on_each_measure_alone_is_kept_by_directing(
    measure: str, data: st.DataObject, case: Case
) -> None:
    objective = Objective(
        data.draw(st.sampled_from(SUMS)), data.draw(st.sampled_from(["minimise", "maximise"]))
    )
    chosen: list[Constraint] = [data.draw(numbers(case)), data.draw(limits(case, on=measure))]
    assert_solves_as_transport(directed(case), objective, chosen)


@examples(80)
@given(data=st.data(), case=cases(most_candidates=4, most_zones=6))
def test_constraints_in_any_combination_are_kept_and_infeasible_means_no_transport_does(
    data: st.DataObject, case: Case
) -> None:
    objective = Objective(
        data.draw(st.sampled_from(SUMS)), data.draw(st.sampled_from(["minimise", "maximise"]))
    )
    chosen: list[Constraint] = [data.draw(numbers(case))]
    chosen += data.draw(st.lists(resources(case), max_size=2))
    for measure in data.draw(st.lists(st.sampled_from(LIMITED), max_size=2)):
        chosen.append(data.draw(limits(case, on=measure)))
    others: list[st.SearchStrategy[Constraint]] = [among(case), differ(case)]
    chosen += data.draw(st.lists(st.one_of(others), max_size=1))
    assert_solves_as_transport(directed(case), objective, chosen)


@examples(40)
@given(data=st.data(), case=cases(most_candidates=4, most_zones=6))
def test_the_shortest_longest_journey_is_the_least_that_a_transport_keeps(
    data: st.DataObject, case: Case
) -> None:
    chosen: list[Constraint] = [data.draw(numbers(case)), data.draw(resources(case))]
    case = directed(case)
    try:
        problem = Problem(case.region, case.service, Objective("max_minutes", "minimise"), chosen)
    except InputError:
        return
    solution = solve(problem)
    longest = sorted({m for (z, _), m in case.naive.minutes.items() if case.naive.cases[z] > 0})

    def kept(most: float) -> bool:
        for opened in case.naive.subsets():
            program = Transport(case.naive, opened)
            for constraint in [*chosen, Limit("max_minutes", at_most=most)]:
                program.keep(constraint)
            if program.best(Objective("mean_minutes", "minimise")) is not None:
                return True
        return False

    least = next((m for m in longest if kept(m)), None)
    if least is None:
        assert solution.status is Status.INFEASIBLE
    else:
        assert solution.status is Status.OPTIMAL
        assert solution.objective == close_to(least)


@examples(30)
@given(case=cases(most_candidates=4, most_zones=6), number=st.integers(1, 2))
def test_without_anything_to_bind_everybody_is_sent_to_the_nearest_site(
    case: Case, number: int
) -> None:
    chosen = [OpenSites(number, number)]
    objective = Objective("mean_minutes", "minimise")
    free = solve(Problem(case.region, case.service, objective, chosen))
    sent = solve(Problem(case.region, directed(case).service, objective, chosen))
    assert sent.status == free.status
    if free.objective is not None:
        assert sent.objective == close_to(free.objective)


@examples(30)
@given(data=st.data(), case=cases(most_candidates=4, most_zones=6))
def test_an_appraisal_and_a_comparison_are_of_the_flows_and_lose_nobody(
    data: st.DataObject, case: Case
) -> None:
    case = directed(case)
    chosen: list[Constraint] = [data.draw(resources(case))]
    solution = solve(
        Problem(case.region, case.service, Objective("mean_minutes", "minimise"), chosen)
    )
    if solution.configuration is None or case.naive.treated(case.naive.today) is None:
        return
    found = appraise(case.region, case.service, solution.configuration)
    flows = solution.flows
    total = float(flows["cases"].sum())
    mean = float((flows["cases"] * flows["minutes"]).sum() / total)
    assert found.measures["mean_minutes"] == pytest.approx(mean)
    used = flows[flows["cases"] > 0].groupby("site_id")["cases"].sum().to_dict()
    assert {s: v for s, v in found.volumes.items() if v > 0} == pytest.approx(used)
    against = compare(case.region.today(case.service), solution)
    assert against.rows["cases"].sum() == pytest.approx(total)
    before = against.rows.groupby("site_before")["cases"].sum().to_dict()
    volumes = {s: v for s, v in against.before.volumes.items() if v > 0}
    assert before == pytest.approx(volumes)
    after = against.rows.groupby("site_after")["cases"].sum().to_dict()
    assert after == pytest.approx(used)
