"""Solve a problem stage by stage, then appraise the answer without the solver."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from reconfig.appraise import (
    Grid,
    check_measures,
    every_amount,
    find_measure,
)
from reconfig.core import (
    Close,
    Faults,
    InputError,
    Keep,
    Objective,
    OpenSites,
    Problem,
    Solution,
    Stage,
    Status,
)
from reconfig.core.problem import EQUAL_WITHIN
from reconfig.model import BuiltModel, FormulationName, build, build_projected
from reconfig.solve.answer import SolutionMismatchError, appraised, report, stage_report
from reconfig.solve.branching import Branching
from reconfig.solve.by_appraisal import best_appraised, best_of_each, few_choices
from reconfig.solve.by_centres import by_centres
from reconfig.solve.center import shortest_longest
from reconfig.solve.costs import Costs, nearest_costs
from reconfig.solve.cutting import Cutting
from reconfig.solve.directed import check_formulation
from reconfig.solve.judge import Judge, holds_volumes, judge_of
from reconfig.solve.settings import (
    RawResult,
    Settings,
    SolverError,
    agree,
)
from reconfig.solve.solvers import check_solver, run_solver
from reconfig.solve.volumes import about_volumes, without_volumes

T = TypeVar("T")


def solve(
    problem: Problem,
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    solver: str = "HiGHS",
    formulation: FormulationName = "nearest-sets",
) -> Solution:
    """Return the best configuration of a problem, with status, bound and gap as they are.

    time_limit: seconds of wall time, building included. gap: relative gap at which a solver may
    stop; 0 asks for proof. solver: HiGHS, or any solver that PuLP knows and finds.
    formulation: "nearest-sets"; or, slower and for checking, "exact-sets" (a variable for every
    set) or "assignment" (the classic model, which is taken in any case where patients are directed:
    `Service.directed`). Ctrl-C, or the stop button of a notebook, ends the
    solve and returns the best found so far; `stopped` then says so. (CBC and other programs of
    their own lose what they had; the choices that reconfig found itself are kept.) A solver other
    than HiGHS is given the final program; what leads there, the relaxation, is always HiGHS's.
    Where few choices of a measure that depends on volumes are appraised one by one, a time limit
    leaves the best so far without a bound; so it does of two tiers, until each set of centres was
    begun.
    Raises InputError for unknown measures or solvers, SolverError if a solver breaks down or runs
    out of memory, SolutionMismatchError if the answer does not agree with its appraisal.
    """
    faults = Faults()
    check_measures(problem, faults, file="problem")
    if time_limit is not None and not time_limit > 0:
        faults.add("solve", "time_limit", f"{time_limit:g}", "seconds, more than zero")
    if not 0 <= gap < 1:
        faults.add("solve", "gap", f"{gap:g}", "a share from 0 up to 1, such as 0.01")
    check_formulation(problem, formulation, faults)
    check_solver(solver, faults)
    faults.raise_if_any()
    start = time.perf_counter()
    deadline = None if time_limit is None else start + time_limit
    settings = Settings(solver, gap, deadline, formulation)
    parts = _by_number(problem)
    if formulation == "nearest-sets":
        parts = [each for part in parts for each in by_centres(part)]
    solution = _solve_stages(problem, parts, settings)
    return replace(solution, seconds=time.perf_counter() - start)


def runner_up(solution: Solution, *, time_limit: float | None = None) -> Solution | None:
    """Return the best other choice of as many sites; None where there is no other.

    Any other choice of as many sites lacks one of the chosen, so the best is taken over the
    problems in which one of them is closed. time_limit: seconds of wall time; status, bound and gap
    say what was proven.
    """
    start = time.perf_counter()
    deadline = None if time_limit is None else start + time_limit
    problem = solution.problem
    number = len(solution.open)
    sites = [site for site in solution.open if site not in problem.kept]
    others = [_without(problem.with_number(number), site) for site in sites]
    numbers = [part for other in others if other is not None for part in _by_number(other)]
    parts = [each for part in numbers for each in by_centres(part)]
    if not parts:
        return None
    settings = Settings(solution.solver, 0.0, deadline, "nearest-sets")
    found = _solve_stages(problem, parts, settings)
    if found.configuration is None:
        return None
    return replace(found, seconds=time.perf_counter() - start)


def _without(problem: Problem, site: str) -> Problem | None:
    """Return the problem with a site closed; None where too few are then left to be open."""
    try:
        return problem.having(Close(frozenset({site})))
    except InputError:
        return None


def _by_number(problem: Problem) -> list[Problem]:
    """Return the problem once for each number of sites if a measure depends on it.

    What a hub achieves depends on how many there are, so the best is taken over the numbers.
    """
    names = problem.measures
    measures = [measure for measure in map(find_measure, names) if measure is not None]
    numbers = problem.numbers()
    counted = {
        part.id
        for measure in measures
        for part in measure.parts(problem.service)
        if measure.by_number(part)
    }
    ranges = [range(low, high + 1) for low, high in (numbers[s] for s in sorted(counted))]
    if all(len(span) == 1 for span in ranges):
        return [problem]
    found = []
    for choice in itertools.product(*ranges):
        try:
            found.append(problem.with_numbers(dict(zip(sorted(counted), choice, strict=True))))
        except InputError:  # so many cannot be, with what is said of all sites together
            continue
    return found


def _solve_stages(problem: Problem, parts: list[Problem], settings: Settings) -> Solution:
    """Solve each stage of the objective in turn, each within reach of those before it.

    parts: the problem once for each number of sites, or as it is; the best is taken over them.
    """
    stages: list[Stage] = []
    within: list[tuple[Objective, float]] = []
    chosen: RawResult | None = None
    for stage in problem.objective.stages():
        started = time.perf_counter()
        raws = [_run_stage(part, stage, within, settings) for part in parts]
        raws = raws or [RawResult(Status.INFEASIBLE, None, None, None)]
        parts = [p for p, r in zip(parts, raws, strict=False) if r.status is not Status.INFEASIBLE]
        raw = _best_of(stage, raws)
        if within and raw.status is Status.INFEASIBLE:
            raise SolutionMismatchError(f"no configuration reaches {within[-1][0].measure} again")
        stages.append(stage_report(stage, raw, time.perf_counter() - started))
        if raw.opened is None or raw.value is None:
            break
        chosen = raw
        room = max(stage.tolerance, EQUAL_WITHIN * max(1.0, abs(raw.value)))
        reach = raw.value + room if stage.sense == "minimise" else raw.value - room
        within.append((stage, reach))
    return _whole(lambda: report(problem, chosen, stages, settings), settings)


def _whole(work: Callable[[], T], settings: Settings) -> T:
    """Return what a short work gives; a Ctrl-C meanwhile is noted, and the work done again."""
    try:
        return work()
    except KeyboardInterrupt:
        settings.interrupted = True
        return work()


def _best_of(stage: Objective, raws: list[RawResult]) -> RawResult:
    """Return the best of the results for each number of sites, with a bound for them all."""
    live = [r for r in raws if r.status is not Status.INFEASIBLE]
    if not live:
        return raws[0]
    pick = min if stage.sense == "minimise" else max
    bounds = [r.bound for r in live if r.bound is not None]
    bound = pick(bounds) if len(bounds) == len(live) else None
    found = [r for r in live if r.value is not None]
    if not found:
        stopped = next((r.stopped for r in live if r.stopped), "")
        return RawResult(Status.NO_SOLUTION, None, bound, None, stopped)
    best = pick(found, key=lambda r: r.value or 0.0)
    # One part may be unproven and yet unable to beat the best of another.
    proven = all(r.status is Status.OPTIMAL for r in live) or (
        best.value is not None and bound is not None and agree(best.value, bound)
    )
    reasons = [r.stopped for r in live if r.stopped == "interrupted" or not proven]
    stopped = next(filter(None, reasons), "")
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    return replace(best, status=status, bound=bound, stopped=stopped)


def _run_stage(
    problem: Problem,
    stage: Objective,
    within: list[tuple[Objective, float]],
    settings: Settings,
) -> RawResult:
    """Return the best of one stage; a solve that is over has no more than its words for why."""
    if settings.over:
        return RawResult(Status.NO_SOLUTION, None, None, None, settings.stopped)
    try:
        raw = _optimise(problem, stage, within, settings)
    except TimeoutError:
        return RawResult(Status.NO_SOLUTION, None, None, None, settings.stopped)
    except KeyboardInterrupt:
        settings.interrupted = True
        return RawResult(Status.NO_SOLUTION, None, None, None, settings.stopped)
    except MemoryError as problem_of_memory:
        raise SolverError(
            "out of memory: the program is too large for this machine. Use the formulation "
            "'nearest-sets', fewer candidates or zones, or a machine with more memory."
        ) from problem_of_memory
    if raw.opened is None:
        return raw
    value = _whole(lambda: appraised(problem, stage, raw, within), settings)
    # Of a solver that was stopped the appraisal knows better how good its answer is.
    return replace(raw, value=value) if raw.status is Status.FEASIBLE else raw


def _optimise(
    problem: Problem,
    stage: Objective,
    within: list[tuple[Objective, float]],
    settings: Settings,
) -> RawResult:
    if _somebody_stranded(problem):
        return RawResult(Status.INFEASIBLE, None, None, None)
    if stage.measure == "max_minutes":
        return shortest_longest(
            problem,
            settings,
            lambda limited, fewest: _optimise(limited, fewest, within, settings),
        )
    by_volume = holds_volumes(problem, stage, within)
    judge = judge_of(problem, stage, within)
    if by_volume and few_choices(problem) and settings.usual:
        return best_of_each(problem, stage, settings, judge)
    if settings.usual and not by_volume and any(map(about_volumes, problem.constraints)):
        loose = without_volumes(problem)
        projected = build_projected(loose, stage, within=within, check_time=settings.check)
        if projected is not None:
            return _cut(problem, stage, projected, settings, judge, free=not within)
    model = build(
        problem,
        stage,
        formulation=settings.formulation,
        within=within,
        check_time=settings.check,
    )
    settings.check()
    if by_volume:
        return best_appraised(model, stage, settings, lambda m: _run(m, settings), judge)
    if model.cuts is not None:
        return _cut(problem, stage, model, settings, judge, free=not within)
    return _run(model, settings)


def _run(model: BuiltModel, settings: Settings) -> RawResult:
    """Run the solver on a program that leaves nothing out."""
    raw = run_solver(
        model,
        solver=settings.solver,
        time_limit=settings.seconds_left(),
        gap=settings.gap,
        check_time=settings.check,
    )
    settings.interrupted |= raw.stopped == "interrupted"
    settings.timed_out |= raw.stopped == "time limit"
    return raw


def _cut(
    problem: Problem,
    stage: Objective,
    model: BuiltModel,
    settings: Settings,
    judge: Judge,
    *,
    free: bool,
) -> RawResult:
    """Solve a projected program (of the problem without its volumes), judging by appraisal.

    free: of earlier objectives.
    """
    grid = Grid.of(problem.region, problem.service)
    sites = np.array(grid.sites, dtype=object)
    measure = find_measure(stage.measure)
    assert measure is not None
    # What open sites add is no sum over the zones.
    is_sum = measure.table is not None and not measure.per_site
    sign = 1.0 if stage.sense == "minimise" else -1.0

    def judge_columns(opened: np.ndarray) -> float | None:
        return judge(frozenset(sites[opened & grid.is_candidate]))

    def costs() -> Costs:
        amounts = sign * every_amount(grid, measure, problem.exact_numbers())
        return nearest_costs(grid, np.where(grid.rows_of(measure.only)[:, None], amounts, 0.0))

    costs_of = costs if is_sum else None
    if any(map(about_volumes, problem.constraints)):
        return Branching(problem, model, settings, judge_columns, costs_of).solve()
    free &= all(isinstance(c, OpenSites | Keep | Close) for c in problem.constraints)
    return Cutting(model, settings, judge_columns, costs_of, any_choice=free).solve()


def _somebody_stranded(problem: Problem) -> bool:
    """Say whether a zone reaches no site even with every site open that may be."""
    grid = Grid.of(problem.region, problem.service)
    return bool((grid.nearest({*problem.service.candidates} - problem.closed) < 0).any())
