"""The integer program has the rows it needs and no more, and means what it says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
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
from reconfig.model import BuiltModel, build, projected
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


def test_a_row_a_set_is_enough_where_every_step_is_worse() -> None:
    model = built(minimise("mean_minutes"), open_sites(1))
    # At most two of three are closed: {A}, {A, B}, {C} and {B, C} can be, {A, B, C} cannot.
    assert rows(model, "set") == 4
    assert rows(model, "step") == rows(model, "nested") == rows(model, "closed") == 0


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
def test_set_variables_are_exact_where_a_larger_one_could_help(
    objective: Objective, constraints: list[Constraint]
) -> None:
    model = built(objective, open_sites(at_least=1), *constraints)
    assert rows(model, "closed") == rows(model, "nested") == rows(model, "step") > 0
    assert rows(model, "first") > 0
    assert rows(model, "set") == 0


def test_many_sets_are_left_to_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projected, "MOST_SETS", 0)
    model = built(minimise("mean_minutes"), open_sites(1))
    assert model.cuts is not None
    # One theta for the zones whose nearest site is A, one for C.
    assert len(model.cuts.thetas) == 2
    assert not [v for v in model.lp.variables() if v.name.startswith("z")]


def test_a_cut_is_true_everywhere_and_an_equation_where_it_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(projected, "MOST_SETS", 0)
    cuts = built(minimise("mean_minutes"), open_sites(1)).cuts
    assert cuts is not None
    points = np.random.default_rng(3).uniform(0.0, 1.0, (20, 4))
    points[:, 3] = 1.0  # the neighbour
    for made_at in points:
        made, truths = cuts.violated(made_at, None, 1e-9)
        for cut in made:
            assert cut.bound - cut.shares @ made_at == pytest.approx(truths[cut.theta])
            for other in points:
                _, elsewhere = cuts.violated(other, None, 1e-9)
                assert cut.bound - cut.shares @ other <= elsewhere[cut.theta] + 1e-9


def test_only_candidates_can_be_read_from_the_answer() -> None:
    assert sorted(built(minimise("mean_minutes")).opened) == ["A", "B", "C"]


@pytest.mark.parametrize("formulation", sorted(FORMULATIONS))
def test_all_formulations_give_the_value_worked_out_by_hand(formulation: FormulationName) -> None:
    # Two of three: {A, C} 7.2, {A, B} and {B, C} 8.7
    model = built(minimise("mean_minutes"), open_sites(2), formulation=formulation)
    raw = run_solver(model, time_limit=None, gap=0.0)
    assert raw.value == pytest.approx(7.2)
    assert raw.opened == frozenset("AC")


def test_the_longest_journey_is_not_one_program() -> None:
    with pytest.raises(ValueError, match="bisection"):
        built(minimise("max_minutes"))


def test_the_number_of_sites_is_an_objective() -> None:
    model = built(minimise("open_sites"), limit("max_minutes", at_most=10))
    raw = run_solver(model, time_limit=None, gap=0.0)
    # z1 has only A within 10, and z3 only B and C.
    assert raw.value == pytest.approx(2.0)
    assert raw.opened in (frozenset("AB"), frozenset("AC"))


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


@pytest.mark.parametrize(
    ("earlier", "reach", "best"),
    [(minimise("mean_minutes"), 8.0, "AC"), (minimise("max_minutes"), 10.0, "AB")],
)
def test_an_earlier_objective_is_held_within_reach(
    earlier: Objective, reach: float, best: str
) -> None:
    region = tiny_region()
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"), [open_sites(2)])
    # The longest mean journey: {A, B} and {B, C} 8.7, {A, C} 7.2; {B, C} sends z1 20 minutes.
    held = build(problem, maximise("mean_minutes"), within=[(earlier, reach)])
    assert run_solver(held, time_limit=None, gap=0.0).opened == frozenset(best)


def test_ten_sites_never_give_more_than_1023_sets() -> None:
    region = random_region(1, zones=400, candidates=10, neighbours=0)
    problem = Problem(region, tiny_service(region), minimise("mean_minutes"))
    model = build(problem, problem.objective, formulation="exact-sets")
    names = [v.name for v in model.lp.variables()]
    assert 500 < sum(n.startswith("z") for n in names) <= 1023
