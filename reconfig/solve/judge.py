"""What a choice of sites is worth, by appraisal: for whatever looks for the best one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reconfig.appraise import find_measure, overall_values, violations
from reconfig.core import Configuration, Limit, Objective, Problem
from reconfig.solve.settings import AGREEMENT

# ids of open candidates -> the appraised value, or None where they break a constraint
Judge = Callable[[frozenset[str]], float | None]


def judge_of(problem: Problem, stage: Objective, within: list[tuple[Objective, float]]) -> Judge:
    """Return what appraises a choice of sites: its value, or None where it breaks a constraint."""

    def judge(chosen: frozenset[str]) -> float | None:
        configuration = Configuration.of(problem.service.id, chosen)
        if violations(problem, configuration):
            return None
        values = measured_by(problem, configuration, stage)
        if any(short_of(values[e.measure], e, reach) > 0 for e, reach in within):
            return None
        value = values[stage.measure]
        return None if np.isnan(value) else value

    return judge


def holds_volumes(
    problem: Problem, stage: Objective, within: list[tuple[Objective, float]]
) -> bool:
    """Say whether the program of a stage holds a measure that depends on the volumes of sites."""
    names = [stage.measure, *(earlier.measure for earlier, _ in within)]
    names += [c.measure for c in problem.constraints if isinstance(c, Limit)]
    return any(m is not None and m.by_volume(problem.service) for m in map(find_measure, names))


def measured_by(
    problem: Problem, configuration: Configuration, *objectives: Objective
) -> dict[str, float]:
    """Return the measures that the problem names, and those of more objectives, by appraisal."""
    names = [*problem.measures, *(objective.measure for objective in objectives)]
    return overall_values(problem.region, problem.service, configuration, names)


def short_of(value: float, earlier: Objective, reach: float) -> float:
    """Return by how much an earlier objective is missed, beyond what rounding explains."""
    short = value - reach if earlier.sense == "minimise" else reach - value
    return short - AGREEMENT * max(1.0, abs(reach))
