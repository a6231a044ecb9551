"""The integer program has the rows it needs and no more, and means what it says."""

from __future__ import annotations

from itertools import pairwise

import pytest

from reconfig.core import (
    Constraint,
    Objective,
    Problem,
    keep,
    limit,
    maximise,
    minimise,
    open_sites,
)
from reconfig.model import BuiltModel, build
from reconfig.model.build import FORMULATIONS, FormulationName
from reconfig.solve import run_solver
from tests.instances import random_region, tiny_region, tiny_service


def built(
    objective: Objective, *constraints: Constraint, formulation: FormulationName = "nearest-sets"
) -> BuiltModel:
    """Build a problem on the tiny region."""
    region = tiny_region()
    problem = Problem(region, tiny_service(region), objective, constraints)
    return build(problem, objective, formulation=formulation)


def rows(model: BuiltModel, start: str) -> int:
    """Count the rows whose name starts so."""
    return sum(name.startswith(start) for name in model.lp._constraints)


def test_the_tiny_region_needs_five_sets_where_assignment_needs_sixteen_variables() -> None:
    sets = built(minimise("mean_minutes"))
    assert sum(v.name.startswith("z") for v in sets.lp.variables()) == 5
    assignment = built(minimise("mean_minutes"), formulation="assignment")
    assert sum(v.name.startswith("x") for v in assignment.lp.variables()) == 16


def test_one_row_a_step_is_enough_where_every_step_is_worse() -> None:
    model = built(minimise("mean_minutes"), open_sites(1))
    assert rows(model, "nested") == rows(model, "closed") == 0
    assert rows(model, "first") + rows(model, "step") > 0


@pytest.mark.parametrize(
    ("objective", "constraints"),
    [
        (maximise("mean_minutes"), []),
        (minimise("mean_minutes"), [limit("mean_minutes", at_least=8)]),
        (minimise("mean_minutes"), [limit("min_volume", at_least=20)]),
        (minimise("mean_minutes"), [limit("max_volume", at_most=50)]),
        (minimise("share_within_15"), []),
    ],
)
def test_the_exact_rows_are_added_where_a_larger_set_variable_could_help(
    objective: Objective, constraints: list[Constraint]
) -> None:
    model = built(objective, open_sites(at_least=1), *constraints)
    steps = rows(model, "first") + rows(model, "step")
    assert rows(model, "closed") == steps > 0


def test_only_candidates_can_be_read_from_the_answer() -> None:
    assert sorted(built(minimise("mean_minutes")).opened) == ["A", "B", "C"]


@pytest.mark.parametrize("formulation", sorted(FORMULATIONS))
def test_both_formulations_give_the_value_worked_out_by_hand(formulation: FormulationName) -> None:
    # Two of three: {A, C} 7.2, {A, B} and {B, C} 8.7
    model = built(minimise("mean_minutes"), open_sites(2), formulation=formulation)
    raw = run_solver(model, time_limit=None, gap=0.0)
    assert raw.value == pytest.approx(7.2)
    assert raw.opened == frozenset("AC")


@pytest.mark.parametrize("formulation", sorted(FORMULATIONS))
def test_the_longest_journey_is_as_worked_out_by_hand(formulation: FormulationName) -> None:
    # One of three: {A} 20 (z3 to N), {B} 20, {C} 40
    model = built(minimise("max_minutes"), open_sites(1), formulation=formulation)
    assert run_solver(model, time_limit=None, gap=0.0).value == pytest.approx(20.0)


def test_a_kept_site_and_a_neighbour_make_the_model_smaller() -> None:
    sizes = [
        len(built(minimise("mean_minutes"), *more).lp.variables())
        for more in ([], [keep("B")], [keep("A", "B", "C")])
    ]
    assert all(one > other for one, other in pairwise(sizes))


def test_a_measure_that_depends_on_staffing_needs_a_fixed_number() -> None:
    with pytest.raises(ValueError, match="fix the number of sites"):
        built(maximise("lives_saved"), open_sites(at_least=1))
    built(maximise("lives_saved"), open_sites(2))


def test_an_earlier_objective_is_held_within_reach() -> None:
    region = tiny_region()
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"), [open_sites(2)])
    # Fewest to the neighbour alone would be 40 everywhere; within a mean of 8 only {A, C}.
    second = minimise("max_minutes")
    free = run_solver(build(problem, second), time_limit=None, gap=0.0)
    held = build(problem, second, within=[(minimise("mean_minutes"), 8.0)])
    assert free.value == pytest.approx(10.0)
    assert run_solver(held, time_limit=None, gap=0.0).opened == frozenset("AC")


def test_ten_sites_never_give_more_than_1023_sets() -> None:
    region = random_region(1, zones=400, candidates=10, neighbours=0)
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"))
    names = [v.name for v in build(problem, problem.objective).lp.variables()]
    assert 500 < sum(n.startswith("z") for n in names) <= 1023
