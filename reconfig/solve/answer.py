"""What is reported of a solve: held against the appraisal, which has the last word."""

from __future__ import annotations

from reconfig.appraise import Grid, lives_saved, overall_values, reported_measures, violations
from reconfig.core import Objective, Problem, ReconfigError, Solution, Stage, Status
from reconfig.solve.directed import configuration_of
from reconfig.solve.judge import measured_by, short_of
from reconfig.solve.settings import AGREEMENT, RawResult, Settings, relative_gap


class SolutionMismatchError(ReconfigError):
    """The solver's answer does not stand up to appraisal: a fault in the model, never hidden."""


def stage_report(stage: Objective, raw: RawResult, seconds: float) -> Stage:
    """Return what is known of one stage, the solver's own figures included."""
    gap = relative_gap(raw.value, raw.bound)
    return Stage(
        stage.measure, stage.sense, raw.status, raw.value, raw.bound, gap, seconds, raw.stopped
    )


def appraised(
    problem: Problem, stage: Objective, raw: RawResult, within: list[tuple[Objective, float]]
) -> float:
    """Return the appraised value; raise unless the solver's answer stands up to appraisal."""
    assert raw.opened is not None
    assert raw.value is not None
    configuration = configuration_of(problem, raw)
    broken = violations(problem, configuration)
    if broken:
        raise SolutionMismatchError(f"the solver's answer breaks a constraint: {broken[0]}")
    measured = measured_by(problem, configuration)
    for earlier, reach in within:
        if short_of(measured[earlier.measure], earlier, reach) > 0:
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


def report(
    problem: Problem, chosen: RawResult | None, stages: list[Stage], settings: Settings
) -> Solution:
    """Return the solution of all stages, every measure by appraisal; its seconds are left at 0."""
    first = stages[0]
    if chosen is None:
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
    configuration = configuration_of(problem, chosen, name="Chosen")
    usual = [m.name for m in reported_measures(problem.service, region=problem.region)]
    measures = measured_by(problem, configuration) | overall_values(
        problem.region, problem.service, configuration, usual
    )
    grid = Grid.of(problem.region, problem.service).under(configuration)
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
        lives=lives_saved(grid, configuration.sites(problem.service.id), measures),
    )
