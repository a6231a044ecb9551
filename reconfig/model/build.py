"""From problem to integer program: sites, number, limits and one objective, on a formulation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulp

from reconfig.appraise import JUDGES, Bounds, Grid
from reconfig.core import Objective, Problem
from reconfig.model.assembly import ROWS, Assembly, Formulation, measure_named
from reconfig.model.assignment import AssignmentFormulation
from reconfig.model.between_groups import between_groups
from reconfig.model.exact_sets import ExactSetFormulation
from reconfig.model.expression import Linear
from reconfig.model.measured import measured
from reconfig.model.projected import NotProjectableError, ProjectedFormulation
from reconfig.model.routes import column_variables
from reconfig.model.rows_limit import longest
from reconfig.model.rows_number import number_of_sites

FormulationName = Literal["nearest-sets", "exact-sets", "assignment"]


# "nearest-sets" is the projected one wherever that is exact, and the one with set variables else.
Maker = Callable[[Problem, Grid, Any, Sequence[Any], Callable[[], None]], Formulation]
FORMULATIONS: dict[str, Maker] = {
    "nearest-sets": ProjectedFormulation,
    "exact-sets": ExactSetFormulation,
    "assignment": AssignmentFormulation,
}


@dataclass(frozen=True, eq=False)
class BuiltModel:
    """A PuLP problem with what is needed to read its answer.

    opened: site id -> the variable that is 1 when a candidate is open. objective: the value that
    is optimised, in the measure's own unit. sites: the variables of all sites of the grid.
    cuts: the formulation that says what the program leaves out; None where it is whole.
    projected: the formulation, whole or not, where it is the projected one.
    sent: by row of the grid, column -> the variable that is the share of the row's cases sent
    there, where patients are directed; else none.
    """

    lp: Any
    opened: dict[str, Any]
    objective: Linear
    sites: tuple[Any, ...]
    cuts: ProjectedFormulation | None = None
    projected: ProjectedFormulation | None = None
    sent: Sequence[Mapping[int, Any]] = ()


def build(
    problem: Problem,
    stage: Objective,
    *,
    formulation: FormulationName = "nearest-sets",
    within: Sequence[tuple[Objective, float]] = (),
    check_time: Callable[[], None] = lambda: None,
) -> BuiltModel:
    """Return the integer program of one stage of a problem's objective.

    within: earlier objectives, each with the value that must still be reached. check_time: called
    now and then; what it raises ends the building. Where patients are directed the formulation is
    "assignment", whatever is asked for: the others know nearest sites only.
    Raises ValueError if a measure depends on staffing and the number of sites is left open, if a
    zone can reach no site, or for the longest journey, which is found by bisection over limits;
    TypeError for a constraint of a kind without rows (`rows_of`) or without a judge (`broken_by`).
    """
    grid = Grid.of(problem.region, problem.service)
    if problem.service.is_directed:
        formulation = "assignment"
    elif grid.ways is not None and formulation == "nearest-sets":  # routes are not projected
        formulation = "exact-sets"
    try:
        return _build(problem, stage, grid, formulation, within, check_time)
    except NotProjectableError:
        return _build(problem, stage, grid, "exact-sets", within, check_time)


def build_projected(
    problem: Problem,
    stage: Objective,
    *,
    within: Sequence[tuple[Objective, float]] = (),
    check_time: Callable[[], None] = lambda: None,
) -> BuiltModel | None:
    """Return the program of one stage in the projected form, None where that would not be exact.

    within, check_time, and what is raised: as for `build`.
    """
    grid = Grid.of(problem.region, problem.service)
    if problem.service.is_directed or grid.ways is not None:
        return None
    try:
        return _build(problem, stage, grid, "nearest-sets", within, check_time)
    except NotProjectableError:
        return None


def _build(
    problem: Problem,
    stage: Objective,
    grid: Grid,
    formulation: FormulationName,
    within: Sequence[tuple[Objective, float]],
    check_time: Callable[[], None],
) -> BuiltModel:
    sense = pulp.LpMinimize if stage.sense == "minimise" else pulp.LpMaximize
    lp = pulp.LpProblem("reconfig", sense)
    opened = _site_variables(lp, problem, grid)
    columns = column_variables(lp, problem, grid, opened)
    shape = FORMULATIONS[formulation](problem, grid, lp, columns, check_time)
    assembly = Assembly(problem, grid, lp, opened, shape, check_time, columns)
    objective = _objective(assembly, stage)
    lp.setObjective(pulp.LpAffineExpression(list(objective.terms)))
    for earlier, value in within:
        _reach(assembly, earlier, value)
    for constraint in problem.constraints:
        JUDGES.of(constraint)  # what nobody could judge afterwards is not solved for
        ROWS.of(constraint)(assembly, constraint)
    number_of_sites(assembly)
    shape.finish()
    projected = shape if isinstance(shape, ProjectedFormulation) else None
    cuts = projected if projected is not None and projected.sums else None
    directed = isinstance(shape, AssignmentFormulation) and shape.directed
    sent = shape.treated if isinstance(shape, AssignmentFormulation) and directed else ()
    return BuiltModel(lp, assembly.opened, objective, tuple(opened), cuts, projected, sent)


def _site_variables(lp: Any, problem: Problem, grid: Grid) -> list[Any]:
    """One 0/1 variable a site: fixed at 1 if kept or always open, at 0 if closed."""
    kept, closed = problem.kept, problem.closed
    return [
        lp.add_variable(
            f"y{k}",
            lowBound=1 if site in kept or not grid.is_candidate[k] else 0,
            upBound=0 if site in closed else 1,
            cat=pulp.LpInteger,
        )
        for k, site in enumerate(grid.sites)
    ]


def _objective(assembly: Assembly, stage: Objective) -> Linear:
    """Return what is optimised, as an expression in the measure's unit."""
    if stage.measure == "max_minutes":
        raise ValueError("max_minutes is minimised by bisection over limits on it")
    measure, small = measure_named(stage.measure), stage.sense == "minimise"
    if measure.base == "open_sites":
        return assembly.number(measure.only)
    if measure.of_groups is not None:
        return between_groups(assembly, measure)
    everyone = assembly.grid.everyone[""]
    expression = measured(assembly, measure, "", everyone, wants_small=small)
    if expression is None:
        raise ValueError(f"{measure.name}: no cases in any zone")
    return expression


def _reach(assembly: Assembly, earlier: Objective, value: float) -> None:
    """An objective of an earlier stage stays within reach of its best: f <= v or f >= v."""
    if earlier.measure == "max_minutes":
        longest(assembly, Bounds(assembly.grid.everyone[""], None, value))
        return
    expression = _objective(assembly, earlier)
    small = earlier.sense == "minimise"
    assembly.add(expression.at_most(value) if small else expression.at_least(value))
