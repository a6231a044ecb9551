"""Where volumes are bounded the optimum is the one of enumeration, however small the parts."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reconfig.appraise import Grid
from reconfig.core import (
    Capacity,
    Close,
    Constraint,
    InputError,
    Keep,
    Objective,
    Problem,
    Status,
    maximise,
    minimise,
)
from reconfig.model import projected
from reconfig.model.build import FORMULATIONS, FormulationName, build
from reconfig.solve import solve
from reconfig.solve.branching import Branching
from reconfig.solve.local_search import search
from reconfig.solve.neighbourhoods import Neighbourhood
from reconfig.solve.settings import Settings
from reconfig.solve.volumes import Arrivals, Volumes, without_volumes
from tests.property.strategies import (
    SUMS,
    Case,
    among,
    cases,
    comparisons,
    differ,
    examples,
    limits,
    numbers,
    objectives,
    resources,
)
from tests.property.test_optimum import assert_solves_as_enumerated, best, close_to

branching = importlib.import_module("reconfig.solve.branching")
volume_start = importlib.import_module("reconfig.solve.volume_start")
highs = importlib.import_module("reconfig.solve.highs")


@st.composite
def binding(draw: st.DrawFn, case: Case) -> list[Constraint]:
    """Draw bounds on volumes that configurations really have, with what goes beside them."""
    chosen: list[Constraint] = []
    for name in draw(
        st.sampled_from([["min_volume"], ["max_volume"], ["min_volume", "max_volume"]])
    ):
        chosen.append(draw(limits(case, on=name)))
    if draw(st.booleans()):
        chosen.append(draw(numbers(case)))
    if draw(st.integers(0, 2)) == 0:
        asked = draw(resources(case))
        chosen += [asked] if isinstance(asked, Capacity) else []
    some = st.frozensets(st.sampled_from(case.service.candidates), min_size=1, max_size=2)
    for kind in (Keep, Close):
        if draw(st.integers(0, 3)) == 0:
            chosen.append(kind(draw(some)))
    others: list[st.SearchStrategy[Constraint]] = [among(case), differ(case)]
    for other in others:
        if draw(st.integers(0, 3)) == 0:
            chosen.append(draw(other))
    return chosen


@contextmanager
def small_parts(sites: int, *, searched: bool, rows: bool = True) -> Iterator[None]:
    """Look at so few sites at a time that most cuts are seen from outside; search first or not.

    rows: whether sets may have rows of their own, as few have, or are all left to cuts.
    """
    with pytest.MonkeyPatch.context() as patch:
        if not rows:
            patch.setattr(projected, "MOST_SETS", 0)
        patch.setattr(branching, "SITES", sites)
        if not searched:
            patch.setattr(volume_start, "search", lambda *_, **__: None)
        yield


@pytest.mark.parametrize("searched", [True, False])
@pytest.mark.parametrize("sites", [1, 3, 14])
@examples(60)
@given(st.data(), cases(most_candidates=7, most_zones=25), objectives())
def test_the_optimum_within_volumes_is_the_best_of_every_configuration_that_keeps_them(
    sites: int, searched: bool, data: st.DataObject, case: Case, objective: Objective
) -> None:
    with small_parts(sites, searched=searched, rows=data.draw(st.booleans())):
        assert_solves_as_enumerated(case, objective, data.draw(binding(case)))


@pytest.mark.parametrize("formulation", FORMULATIONS)
@examples(30)
@given(data=st.data(), case=cases(most_candidates=6, most_zones=10), objective=objectives())
def test_every_formulation_keeps_volumes_alike(
    formulation: FormulationName, data: st.DataObject, case: Case, objective: Objective
) -> None:
    assert_solves_as_enumerated(case, objective, data.draw(binding(case)), formulation=formulation)


@examples(40)
@given(st.data(), cases(most_candidates=6, most_zones=15), objectives())
def test_the_second_objective_decides_among_the_best_within_volumes(
    data: st.DataObject, case: Case, first: Objective
) -> None:
    chosen = data.draw(binding(case))
    allowed = case.naive.allowed(chosen)
    assume(allowed and first.measure != "lives_saved")
    objective = Objective(first.measure, first.sense, minimise("mean_minutes"))
    with small_parts(3, searched=True):
        found = solve(Problem(case.region, case.service, objective, chosen))
    reached = best(case, first, allowed)
    room = 2e-6 * max(1.0, abs(reached))
    equal = [o for o in allowed if abs(case.naive.value(first.measure, o) - reached) <= room]
    assert found.status is Status.OPTIMAL
    assert found.open in equal
    assert found.measures["mean_minutes"] == close_to(best(case, minimise("mean_minutes"), equal))


@examples(150)
@given(
    st.data(),
    cases(most_candidates=7, most_zones=25),
    st.one_of(
        st.builds(Objective, st.sampled_from(SUMS[1:]), st.sampled_from(["minimise", "maximise"])),
        comparisons(),
    ),
    st.integers(0, 12),
    st.sampled_from([0.0, 0.1, 0.5]),
)
def test_wherever_a_solve_is_stopped_its_bound_is_true_and_its_choice_real(
    data: st.DataObject, case: Case, objective: Objective, runs: int, gap: float
) -> None:
    chosen = data.draw(binding(case))
    allowed = case.naive.allowed(chosen)
    ran = highs.run
    count = itertools.count()

    def stopping(program: object, time_limit: float | None) -> bool:
        if next(count) >= runs:
            raise KeyboardInterrupt
        return bool(ran(program, time_limit))

    try:
        problem = Problem(case.region, case.service, objective, chosen)
    except InputError:
        return
    searched, rows = data.draw(st.booleans()), data.draw(st.booleans())
    parts = small_parts(2, searched=searched, rows=rows)
    with parts, pytest.MonkeyPatch.context() as patch:
        patch.setattr(highs, "run", stopping)
        found = solve(problem, gap=gap)
    sign = 1.0 if objective.sense == "minimise" else -1.0
    if found.configuration is not None:
        assert found.open in allowed
        assert found.objective == close_to(case.naive.value(objective.measure, found.open))
    if found.status in (Status.OPTIMAL, Status.INFEASIBLE):
        assert (found.status is Status.INFEASIBLE) == (not allowed)
    elif not allowed:
        return
    if found.bound is not None:
        truth = best(case, objective, allowed)
        assert sign * (truth - found.bound) >= -2e-6 * max(1.0, abs(truth))
        if found.status is Status.OPTIMAL:
            assert found.objective == close_to(truth)


@examples(60)
@given(st.data(), cases(most_candidates=6, most_zones=15))
def test_what_explains_a_volume_does_so_whatever_the_other_sites_do(
    data: st.DataObject, case: Case
) -> None:
    grid, arrivals, _, _ = parts_of(Problem(case.region, case.service, minimise("mean_minutes")))
    opened = np.array([data.draw(st.booleans()) | (not c) for c in grid.is_candidate])
    assume(opened.any())
    volume = arrivals.volumes(opened)
    column = int(data.draw(st.sampled_from(list(np.flatnonzero(opened)))))
    rivals = arrivals.rivals(column, opened, float(volume[column]) + 0.5)
    gaps = arrivals.gaps(column, opened, float(volume[column]) - 0.5)
    assert arrivals.rivals(column, opened, float(volume[column])) is None
    assert arrivals.gaps(column, opened, float(volume[column])) is None
    assert rivals is not None
    for other in every_choice(grid):
        now = arrivals.volumes(other)
        if other[column] and other[rivals].all():
            assert now[column] < volume[column] + 0.5
        if gaps is not None and other[column] and not other[gaps].any():
            assert now[column] > volume[column] - 0.5


@examples(60)
@given(st.data(), cases(most_candidates=6, most_zones=15))
def test_arrivals_add_up_to_the_volumes_that_the_appraisal_counts(
    data: st.DataObject, case: Case
) -> None:
    grid, arrivals, _, _ = parts_of(Problem(case.region, case.service, minimise("mean_minutes")))
    for opened in every_choice(grid):
        treated = grid.nearest(
            [
                s
                for s, o in zip(grid.sites, opened, strict=True)
                if o and s in case.service.candidates
            ]
        )
        assert arrivals.volumes(opened) == pytest.approx(grid.volumes(treated))


@pytest.mark.parametrize("measure", ["mean_minutes", "share_within_20", "neighbour_cases"])
@examples(40)
@given(data=st.data(), case=cases(most_candidates=6, most_zones=15))
def test_no_choice_that_keeps_volumes_breaks_a_cut_of_a_neighbourhood(
    measure: str, data: st.DataObject, case: Case
) -> None:
    make = maximise if measure == "share_within_20" else minimise
    chosen = data.draw(binding(case))
    try:
        problem = Problem(case.region, case.service, make(measure), chosen)
    except InputError:
        return
    with small_parts(14, searched=False, rows=data.draw(st.booleans())):
        grid, arrivals, volumes, solving = parts_of(problem)
    assume((solving.low < solving.high).any())
    free = np.flatnonzero(solving.low < solving.high)
    size = data.draw(st.integers(1, len(free)))
    columns = np.sort(data.draw(st.permutations(list(free)))[:size])
    hood = Neighbourhood(columns, arrivals, volumes, solving.pieces, solving.ends, solving.numbers)
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    point = np.where(solving.low < solving.high, rng.uniform(size=len(grid.sites)), solving.low)
    values = np.zeros(len(solving.model.lp.variables()))
    openness = np.array([point[arrivals.sets.members(k)].sum() for k in range(len(arrivals.sets))])
    row = hood.cut(point, np.maximum(1.0 - openness, 0.0), values, 0.0)
    kept = [set(o) for o in case.naive.allowed(chosen)]
    for opened in every_choice(grid):
        ids = {s for s, o in zip(grid.sites, opened, strict=True) if o}
        if ids & set(case.service.candidates) not in kept or row is None:
            continue
        truth = values_at(solving, opened)
        total = row.factors @ truth[row.columns] + row.shares @ opened
        assert total >= row.bound - 1e-7 * max(1.0, abs(row.bound))


@examples(25)
@given(st.data(), cases(most_candidates=7, most_zones=25))
def test_local_search_is_the_same_by_seed_and_each_choice_is_better(
    data: st.DataObject, case: Case
) -> None:
    chosen: list[Constraint] = [data.draw(limits(case, on="min_volume"))]
    problem = Problem(case.region, case.service, minimise("mean_minutes"), chosen)
    grid, _, _, solving = parts_of(problem)
    runs: list[list[tuple[str, ...]]] = [[], []]
    for run in runs:

        def accept(opened: np.ndarray, run: list[tuple[str, ...]] = run) -> bool:
            run.append(
                tuple(
                    s
                    for s, o, c in zip(grid.sites, opened, grid.is_candidate, strict=True)
                    if o and c
                )
            )
            return True

        search(solving.start.task(), solving.start.first_choice(), accept, lambda: None, seed=5)
    assert runs[0] == runs[1]
    reaching = [o for o in runs[0] if case.naive.treated(o) is not None]
    values = [case.naive.value("mean_minutes", o) for o in reaching]
    assert all(a > b for a, b in itertools.pairwise(values))
    assert all(case.naive.keeps(chosen, o) for o in reaching)


def parts_of(problem: Problem) -> tuple[Grid, Arrivals, Volumes, Branching]:
    """Return grid, arrivals, volumes and a solve in the making."""
    grid = Grid.of(problem.region, problem.service)
    model = build(without_volumes(problem), problem.objective)
    assert model.projected is not None
    settings = Settings("HiGHS", 0.0, None, "nearest-sets")
    solving = Branching(problem, model, settings, lambda _: None, None)
    return grid, solving.arrivals, solving.volumes, solving


def every_choice(grid: Grid) -> Iterator[np.ndarray]:
    """Every choice of candidates that reaches everybody, by column; neighbours are open."""
    candidates = np.flatnonzero(grid.is_candidate)
    for picks in itertools.product([False, True], repeat=len(candidates)):
        opened = ~grid.is_candidate
        opened[candidates] = picks
        ids = [s for s, o, c in zip(grid.sites, opened, grid.is_candidate, strict=True) if o and c]
        if (grid.nearest(ids) >= 0).all():
            yield opened


def values_at(solving: Branching, opened: np.ndarray) -> np.ndarray:
    """Return what the terms of the objective must be at least at a choice, by column."""
    pieces = solving.pieces
    values = np.zeros(len(solving.model.lp.variables()))
    for number, weight, term in zip(pieces.sets, pieces.weights, pieces.term, strict=True):
        closed = not opened[solving.arrivals.sets.members(int(number))].any()
        values[pieces.columns[term]] += closed * weight / pieces.factors[term]
    return values
