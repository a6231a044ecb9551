"""What depends on volumes is optimised and limited as enumeration says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconfig.appraise import appraise, violations
from reconfig.core import (
    Configuration,
    Constraint,
    Limit,
    Objective,
    Problem,
    Service,
    Status,
    close,
    keep,
    maximise,
    minimise,
    open_sites,
)
from reconfig.model import FormulationName, build
from reconfig.outcomes import RiskModel
from reconfig.solve import run_solver, solve
from tests.instances import shipped_register, with_values
from tests.property.naive import Sites
from tests.property.strategies import Case, cases, examples, limits, numbers, resources

# The effect of volume alone, in either direction and strong or weak, and beside others.
MODELS = {
    "more is better": ("vascular", ("volume",), {}),
    "more is worse": ("vascular", ("volume",), {"vascular.volume_ln_or": 0.4}),
    "much better": ("vascular", ("volume",), {"vascular.volume_ln_or": -1.3}),
    "with delay": ("ppci", ("delay", "volume"), {"ppci.volume_ln_or": -0.5}),
    "with rota": ("egs", ("hub", "rota", "volume"), {"egs.volume_ln_or": -0.3}),
}
FORMULATIONS: list[FormulationName] = ["nearest-sets", "exact-sets", "assignment"]


@st.composite
def services(draw: st.DrawFn, case: Case) -> Service:
    """Draw an outcome model with an effect of volume, and volumes round the reference or below."""
    prefix, effects, values = MODELS[draw(st.sampled_from(sorted(MODELS)))]
    register = with_values(shipped_register(), values) if values else shipped_register()
    model = RiskModel(register, prefix, effects, "deaths")
    factor = draw(st.sampled_from([0.2, 1.0, 20.0]))
    return replace(case.service, outcome=model, demand=case.service.demand * factor)


def lives(case: Case, service: Service, opened: Sites) -> float:
    """Return lives saved, by appraisal."""
    found = appraise(case.region, service, Configuration.of("care", opened))
    return found.measures["lives_saved"]


def kept(problem: Problem, case: Case) -> list[Sites]:
    """Return every choice that keeps the constraints, by appraisal."""
    found = [Configuration.of("care", opened) for opened in case.naive.subsets()]
    least = 0 if case.naive.neighbours else 1
    return [
        c.sites("care")
        for c in found
        if len(c.sites("care")) >= least and not violations(problem, c)
    ]


@pytest.mark.parametrize("formulation", FORMULATIONS)
@examples(25)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=9))
def test_the_best_of_what_depends_on_volumes_is_the_best_of_every_configuration(
    formulation: FormulationName, data: st.DataObject, case: Case
) -> None:
    service = data.draw(services(case))
    objective = Objective("lives_saved", data.draw(st.sampled_from(["maximise", "minimise"])))
    chosen: list[Constraint] = [data.draw(numbers(case))]
    if data.draw(st.booleans()):
        chosen.append(data.draw(limits(case, on="mean_minutes")))
    problem = Problem.unchecked(case.region, service, objective, chosen)
    allowed = kept(problem, case)
    if problem.fewest > problem.most:
        return
    found = solve(problem, formulation=formulation)
    if not allowed:
        assert found.status is Status.INFEASIBLE
        return
    pick = max if objective.sense == "maximise" else min
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(
        pick(lives(case, service, opened) for opened in allowed), rel=2e-6, abs=2e-6
    )
    assert found.bound == pytest.approx(found.objective, rel=2e-6, abs=2e-6)


@examples(25)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=9))
def test_the_program_of_what_depends_on_volumes_is_never_too_strict(
    data: st.DataObject, case: Case
) -> None:
    service = data.draw(services(case))
    sense = data.draw(st.sampled_from(["maximise", "minimise"]))
    for opened in case.naive.subsets():
        if not opened or case.naive.treated(opened) is None:
            continue
        objective = Objective("lives_saved", sense)  # type: ignore[arg-type]
        closed = [s for s in case.naive.candidates if s not in opened]
        rules = [keep(opened), open_sites(len(opened)), *([close(closed)] if closed else [])]
        model = build(Problem(case.region, service, objective, rules), objective)
        raw = run_solver(model, time_limit=None, gap=0.0)
        value = lives(case, service, opened)
        assert raw.bound is not None
        short = value - raw.bound if sense == "maximise" else raw.bound - value
        assert short <= 1e-6 * max(1.0, abs(value))


@pytest.mark.parametrize("formulation", FORMULATIONS[:2])
@examples(25)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=9))
def test_a_limit_on_what_depends_on_volumes_is_kept_exactly(
    formulation: FormulationName, data: st.DataObject, case: Case
) -> None:
    service = data.draw(services(case))
    reaching = [o for o in case.naive.subsets() if o and case.naive.treated(o) is not None]
    bound = lives(case, service, data.draw(st.sampled_from(reaching)))
    word = data.draw(st.sampled_from(["at_least", "at_most"]))
    chosen: list[Constraint] = [
        Limit("lives_saved", **{word: bound}, by=None),
        data.draw(resources(case)),
    ]
    problem = Problem.unchecked(case.region, service, minimise("mean_minutes"), chosen)
    allowed = kept(problem, case)
    found = solve(problem, formulation=formulation)
    if not allowed:
        assert found.status is Status.INFEASIBLE
        return
    assert found.status is Status.OPTIMAL
    best = min(case.naive.value("mean_minutes", opened) for opened in allowed)
    assert found.objective == pytest.approx(best, rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("formulation", FORMULATIONS[:2])
@examples(20)
@given(data=st.data(), case=cases(most_candidates=5, most_zones=9))
def test_what_depends_on_volumes_may_be_first_or_second_of_two_objectives(
    formulation: FormulationName, data: st.DataObject, case: Case
) -> None:
    service = data.draw(services(case))
    rules: list[Constraint] = [data.draw(numbers(case))]
    tolerance = data.draw(st.sampled_from([0.0, 0.01, 1.0]))
    order = data.draw(st.sampled_from(["lives first", "minutes first", "longest first"]))
    objective = {
        "lives first": maximise("lives_saved", then=minimise("mean_minutes"), tolerance=tolerance),
        "minutes first": minimise("mean_minutes", then=maximise("lives_saved"), tolerance=5.0),
        "longest first": minimise("max_minutes", then=maximise("lives_saved"), tolerance=5.0),
    }[order]
    problem = Problem.unchecked(case.region, service, objective, rules)
    if problem.fewest > problem.most:
        return
    allowed = kept(problem, case)
    found = solve(problem, formulation=formulation)
    if not allowed:
        assert found.status is Status.INFEASIBLE
        return

    def value(measure: str, opened: Sites) -> float:
        if measure == "lives_saved":
            return lives(case, service, opened)
        return case.naive.value(measure, opened)

    assert found.status is Status.OPTIMAL
    first, second = objective.stages()
    pick, other = (max, min) if order == "lives first" else (min, max)
    best = pick(value(first.measure, opened) for opened in allowed)
    room = max(first.tolerance, 1e-6 * max(1.0, abs(best))) + 1e-6
    equal = [o for o in allowed if abs(value(first.measure, o) - best) <= room]
    assert found.open in equal
    assert found.measures[second.measure] == pytest.approx(
        other(value(second.measure, o) for o in equal), rel=2e-6, abs=2e-6
    )
