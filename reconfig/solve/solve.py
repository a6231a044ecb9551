"""Solve a problem stage by stage, then appraise the answer without the solver."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from reconfig.appraise import Grid, appraise, check_measures, find_measure, violations
from reconfig.core import (
    Close,
    Configuration,
    Faults,
    Limit,
    Objective,
    Problem,
    ReconfigError,
    Solution,
    Stage,
    Status,
)
from reconfig.core.problem import EQUAL_WITHIN
from reconfig.model import build
from reconfig.model.build import FORMULATIONS, FormulationName
from reconfig.solve.solvers import RawResult, agree, relative_gap, run_solver

# How far the solver's own value and the appraisal may differ before it counts as an error.
AGREEMENT = 1e-5


class SolutionMismatchError(ReconfigError):
    """The solver's answer does not stand up to appraisal: a fault in the model, never hidden."""


@dataclass(frozen=True)
class _Settings:
    solver: str
    gap: float
    deadline: float | None
    formulation: FormulationName

    def seconds_left(self) -> float | None:
        """Return the seconds that are left, None without a limit; never negative."""
        if self.deadline is None:
            return None
        return max(self.deadline - time.perf_counter(), 0.0)


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
    formulation: "nearest-sets", or "assignment" for the classic model, slower and for checking.
    Raises InputError for unknown measures or solvers, SolutionMismatchError if the answer does not
    agree with its appraisal.
    """
    faults = Faults()
    check_measures(problem, faults, file="problem")
    if time_limit is not None and not time_limit > 0:
        faults.add("solve", "time_limit", f"{time_limit:g}", "seconds, more than zero")
    if not 0 <= gap < 1:
        faults.add("solve", "gap", f"{gap:g}", "a share from 0 up to 1, such as 0.01")
    if formulation not in FORMULATIONS:
        faults.add("solve", "formulation", f"'{formulation}'", f"one of {', '.join(FORMULATIONS)}")
    faults.raise_if_any()
    start = time.perf_counter()
    deadline = None if time_limit is None else start + time_limit
    settings = _Settings(solver, gap, deadline, formulation)
    solution = _solve_stages(problem, _by_staffing(problem), settings)
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
    usable = len(problem.service.candidates) - len(problem.closed)
    if not sites or usable <= number:
        return None
    parts = [problem.with_number(number).having(Close(frozenset({site}))) for site in sites]
    settings = _Settings(solution.solver, 0.0, deadline, "nearest-sets")
    found = _solve_stages(problem, parts, settings)
    if found.configuration is None:
        return None
    return replace(found, seconds=time.perf_counter() - start)


def _by_staffing(problem: Problem) -> list[Problem]:
    """Return the problem once for each number of sites if a measure depends on staffing.

    What a hub achieves depends on how many there are, so the best is taken over the numbers.
    """
    names = [s.measure for s in problem.objective.stages()]
    names += [c.measure for c in problem.constraints if isinstance(c, Limit)]
    staffed = any(m is not None and m.staffed for m in map(find_measure, names))
    if not staffed or problem.fewest == problem.most:
        return [problem]
    return [problem.with_number(n) for n in range(problem.fewest, problem.most + 1)]


def _solve_stages(problem: Problem, parts: list[Problem], settings: _Settings) -> Solution:
    """Solve each stage of the objective in turn, each within reach of those before it.

    parts: the problem once for each number of sites, or as it is; the best is taken over them.
    """
    stages: list[Stage] = []
    within: list[tuple[Objective, float]] = []
    opened: frozenset[str] | None = None
    for stage in problem.objective.stages():
        started = time.perf_counter()
        raws = [_run_stage(part, stage, within, settings) for part in parts]
        parts = [p for p, r in zip(parts, raws, strict=True) if r.status is not Status.INFEASIBLE]
        raw = _best_of(stage, raws)
        if within and raw.status is Status.INFEASIBLE:
            raise SolutionMismatchError(f"no configuration reaches {within[-1][0].measure} again")
        stages.append(_stage_report(stage, raw, time.perf_counter() - started))
        if raw.opened is None or raw.value is None:
            break
        opened = raw.opened
        room = max(stage.tolerance, EQUAL_WITHIN * max(1.0, abs(raw.value)))
        reach = raw.value + room if stage.sense == "minimise" else raw.value - room
        within.append((stage, reach))
    return _report(problem, opened, stages, settings)


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
        return RawResult(Status.NO_SOLUTION, None, bound, None)
    best = pick(found, key=lambda r: r.value or 0.0)
    # One part may be unproven and yet unable to beat the best of another.
    proven = all(r.status is Status.OPTIMAL for r in live) or (
        best.value is not None and bound is not None and agree(best.value, bound)
    )
    return RawResult(Status.OPTIMAL if proven else Status.FEASIBLE, best.value, bound, best.opened)


def _run_stage(
    problem: Problem,
    stage: Objective,
    within: list[tuple[Objective, float]],
    settings: _Settings,
) -> RawResult:
    left = settings.seconds_left()
    if left is not None and left <= 0:
        return RawResult(Status.NO_SOLUTION, None, None, None)
    if _somebody_stranded(problem):
        return RawResult(Status.INFEASIBLE, None, None, None)
    model = build(problem, stage, formulation=settings.formulation, within=within)
    left = settings.seconds_left()
    if left is not None and left <= 0:
        return RawResult(Status.NO_SOLUTION, None, None, None)
    raw = run_solver(model, solver=settings.solver, time_limit=left, gap=settings.gap)
    if raw.opened is None:
        return raw
    value = _check(problem, stage, raw, within)
    # Of a solver that was stopped the appraisal knows better how good its answer is.
    return replace(raw, value=value) if raw.status is Status.FEASIBLE else raw


def _somebody_stranded(problem: Problem) -> bool:
    """Say whether a zone reaches no site even with every site open that may be."""
    grid = Grid.of(problem.region, problem.service)
    return bool((grid.nearest({*problem.service.candidates} - problem.closed) < 0).any())


def _stage_report(stage: Objective, raw: RawResult, seconds: float) -> Stage:
    gap = relative_gap(raw.value, raw.bound)
    return Stage(stage.measure, stage.sense, raw.status, raw.value, raw.bound, gap, seconds)


def _check(
    problem: Problem, stage: Objective, raw: RawResult, within: list[tuple[Objective, float]]
) -> float:
    """Return the appraised value; raise unless the solver's answer stands up to appraisal."""
    assert raw.opened is not None
    assert raw.value is not None
    configuration = Configuration.of(problem.service.id, raw.opened)
    broken = violations(problem, configuration)
    if broken:
        raise SolutionMismatchError(f"the solver's answer breaks a constraint: {broken[0]}")
    measured = _measured(problem, configuration)
    for earlier, reach in within:
        short = measured[earlier.measure] - reach
        if (short if earlier.sense == "minimise" else -short) > AGREEMENT * max(1.0, abs(reach)):
            raise SolutionMismatchError(
                f"the solver's answer gives up {earlier.measure}: "
                f"{measured[earlier.measure]:g}, not {reach:g}"
            )
    value = measured[stage.measure]
    room = AGREEMENT * max(1.0, abs(value))
    worse = value - raw.value if stage.sense == "minimise" else raw.value - value
    # A solver that was stopped may not have finished its sums: then better is possible.
    if worse > room or (raw.status is Status.OPTIMAL and worse < -room):
        raise SolutionMismatchError(
            f"the solver says {stage.measure} = {raw.value:g}, the appraisal says {value:g}"
        )
    if raw.bound is not None:
        beyond = raw.bound - value if stage.sense == "minimise" else value - raw.bound
        if beyond > room:
            raise SolutionMismatchError(
                f"{stage.measure} = {value:g} is beyond the solver's bound of {raw.bound:g}"
            )
    return value


def _measured(problem: Problem, configuration: Configuration) -> dict[str, float]:
    names = [s.measure for s in problem.objective.stages()]
    names += [c.measure for c in problem.constraints if isinstance(c, Limit)]
    found = appraise(problem.region, problem.service, configuration, measures=names)
    return dict(found.measures)


def _report(
    problem: Problem, opened: frozenset[str] | None, stages: list[Stage], settings: _Settings
) -> Solution:
    first = stages[0]
    if opened is None:
        return Solution(
            problem,
            None,
            first.status,
            None,
            first.bound,
            None,
            0.0,
            settings.solver,
            tuple(stages),
        )
    complete = len(stages) == len(problem.objective.stages())
    proven = complete and all(s.status is Status.OPTIMAL for s in stages)
    configuration = Configuration.of(problem.service.id, opened, name="Chosen")
    measures = _measured(problem, configuration)
    objective = measures[first.measure]
    gaps = [relative_gap(objective, first.bound), *(s.gap for s in stages[1:])]
    known = [g for g in gaps if g is not None]
    # Of several objectives the one that is least proven counts.
    gap = max(known) if complete and len(known) == len(gaps) else None
    return Solution(
        problem,
        configuration,
        Status.OPTIMAL if proven else Status.FEASIBLE,
        objective,
        first.bound,
        gap,
        0.0,
        settings.solver,
        tuple(stages),
        measures,
    )
