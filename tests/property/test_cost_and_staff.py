"""Cost as objective, limit and frontier, staff and several capacities: as enumeration says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.analyse import frontier
from reconfig.appraise import appraise, violations
from reconfig.core import (
    Budget,
    Capacity,
    Configuration,
    Constraint,
    Limit,
    Objective,
    Problem,
    Region,
    Status,
    Workforce,
    minimise,
)
from reconfig.model import FORMULATIONS, FormulationName
from reconfig.solve import solve
from tests.property.naive import Sites
from tests.property.strategies import Case, cases, constraints, examples, numbers

# What sites cost in `tests.instances.random_region`, and the same in millions.
SCALES = [1.0, 1e5]
COSTS = ("fixed_cost_gbp", "case_cost_gbp")


def cost(case: Case, opened: Sites, scale: float = 1.0) -> float:
    """Return what open sites and cases cost, written out."""
    return scale * case.naive.cost(Budget(0.0, *COSTS), opened)


def costing(case: Case, scale: float) -> Region:
    """Return the region with all costs so many times as large."""
    sites = case.region.sites.reset_index()
    sites = sites.assign(**{column: sites[column].astype(float) * scale for column in COSTS})
    minutes = case.region.minutes().astype(object)
    minutes = minutes.where(minutes.notna(), "unreachable").reset_index()
    return Region.from_tables(case.region.zones.reset_index(), sites, minutes)


def reaching(case: Case) -> list[Sites]:
    """Return every choice that reaches everybody."""
    return [opened for opened in case.naive.subsets() if case.naive.treated(opened) is not None]


@examples(30)
@given(cases())
def test_the_cost_is_that_of_open_sites_and_of_cases_where_they_go(case: Case) -> None:
    for opened in reaching(case):
        found = appraise(case.region, case.service, Configuration.of("care", opened))
        assert found.measures["cost_gbp"] == pytest.approx(cost(case, opened))


@pytest.mark.parametrize("formulation", FORMULATIONS)
@examples(40)
@given(
    data=st.data(),
    case=cases(most_candidates=5, most_zones=9),
    sense=st.sampled_from(["minimise", "maximise"]),
)
def test_the_cheapest_and_the_dearest_choice_are_those_that_enumeration_finds(
    formulation: FormulationName, data: st.DataObject, case: Case, sense: str
) -> None:
    chosen = data.draw(constraints(case, most_limits=1))
    allowed = case.naive.allowed(chosen)
    if not allowed:
        return
    objective = Objective("cost_gbp", sense)  # type: ignore[arg-type]
    found = solve(Problem(case.region, case.service, objective, chosen), formulation=formulation)
    pick = min if sense == "minimise" else max
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(pick(cost(case, o) for o in allowed), rel=2e-6)


@pytest.mark.parametrize("scale", SCALES)
@examples(40)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=9))
def test_a_limit_on_cost_is_kept_exactly(scale: float, data: st.DataObject, case: Case) -> None:
    bound = cost(case, data.draw(st.sampled_from(reaching(case))), scale)
    word = data.draw(st.sampled_from(["at_least", "at_most"]))
    limit = Limit("cost_gbp", **{word: bound}, by=None)
    room = 1e-6 * max(1.0, bound)
    sign = 1.0 if word == "at_most" else -1.0
    allowed = [o for o in reaching(case) if sign * (cost(case, o, scale) - bound) <= room]
    allowed = [o for o in allowed if o or case.naive.neighbours]
    problem = Problem(costing(case, scale), case.service, minimise("mean_minutes"), [limit])
    found = solve(problem)
    assert found.status is Status.OPTIMAL
    best = min(case.naive.value("mean_minutes", opened) for opened in allowed)
    assert found.objective == pytest.approx(best, rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("scale", SCALES)
@examples(15)
@given(case=cases(most_candidates=5, most_zones=9))
def test_the_frontier_of_lives_against_cost_has_every_efficient_point(
    scale: float, case: Case
) -> None:
    problem = Problem(costing(case, scale), case.service, minimise("mean_minutes"))
    allowed = [o for o in reaching(case) if o]
    if not allowed:
        return
    fewest = min(len(o) for o in allowed)
    found = frontier(problem, "lives_saved", "cost_gbp", numbers=range(fewest, fewest + 2))
    assert not found.unfinished
    for number in sorted({len(o) for o in allowed} & {fewest, fewest + 1}):
        points = {
            (round(-case.naive.value("lives_saved", o), 6), round(cost(case, o), 6))
            for o in allowed
            if len(o) == number
        }
        efficient = {
            p for p in points if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in points)
        }
        rows = found.points[found.points["number"] == number]
        got = {
            (round(-float(a), 6), round(float(b) / scale, 6))
            for a, b in zip(rows["lives_saved"], rows["cost_gbp"], strict=True)
        }
        assert len(got) == len(efficient)
        for ours, expected in zip(sorted(got), sorted(efficient), strict=True):
            assert ours == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("formulation", FORMULATIONS)
@examples(40)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=9))
def test_staff_several_budgets_and_several_capacities_are_kept_all_at_once(
    formulation: FormulationName, data: st.DataObject, case: Case
) -> None:
    some = data.draw(st.sampled_from(reaching(case)))
    site = data.draw(st.sampled_from([*case.naive.candidates, *case.naive.neighbours]))
    volume = case.naive.volume(site, some)
    each = data.draw(st.sampled_from([0.0, 30.0]))
    need = {s: each + case.naive.costs["fixed_cost_gbp", s] for s in case.naive.candidates}
    pool = sum(need[s] for s in some)
    capital = 7.5 * len(some)
    running = cost(case, some)
    rules: list[Constraint] = [
        data.draw(numbers(case)),
        Capacity(((site, volume * 1.5),)),
        Capacity(((site, volume),)),
        Workforce(pool, each, "fixed_cost_gbp"),
        Budget(capital, fixed_each=7.5),
        Budget(running, *COSTS),
    ]

    def keeps(opened: Sites) -> bool:
        def within(value: float, bound: float) -> bool:
            return value <= bound + 1e-6 * max(1.0, bound)

        return (
            case.naive.keeps(rules[:1], opened)
            and within(case.naive.volume(site, opened), volume)
            and within(sum(need[s] for s in opened), pool)
            and within(7.5 * len(opened), capital)
            and within(cost(case, opened), running)
        )

    allowed = [o for o in reaching(case) if keeps(o) and (o or case.naive.neighbours)]
    problem = Problem.unchecked(case.region, case.service, minimise("mean_minutes"), rules)
    if problem.fewest > problem.most:
        return
    for opened in reaching(case):
        assert (not violations(problem, Configuration.of("care", opened))) == keeps(opened)
    found = solve(problem, formulation=formulation)
    if not allowed:
        assert found.status is Status.INFEASIBLE
        return
    assert found.status is Status.OPTIMAL
    best = min(case.naive.value("mean_minutes", opened) for opened in allowed)
    assert found.objective == pytest.approx(best, rel=2e-6, abs=2e-6)
