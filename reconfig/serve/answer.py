"""A solution as the page is told of it: plain values, ready for JSON, and sentences."""

from __future__ import annotations

import math
from typing import Any

from reconfig.appraise import violations
from reconfig.core import Solution
from reconfig.report import measure_label, measure_unit, number


def answer(solution: Solution, *, ways: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what is known of a solution. ways: how far demands that conflict must give way.

    objective and bound are in the measure's unit, gap is a share of the objective; each is None
    where it is not known. violations: sentences, none if every constraint is kept.
    """
    problem, first = solution.problem, solution.problem.objective
    unit = measure_unit(first.measure)
    found = solution.configuration
    broken = [] if found is None else [str(b) for b in violations(problem, found)]
    return {
        "service": problem.service.id,
        "status": solution.status.value,
        "verdict": solution.verdict,
        "stopped": solution.stopped,
        "open": list(solution.open),
        "names": problem.region.site_names(solution.open),
        "measure": first.measure,
        "sense": first.sense,
        "label": measure_label(first.measure),
        "unit": unit,
        "objective": _known(solution.objective),
        "bound": _known(solution.bound),
        "gap": _known(solution.gap),
        "figures": _figures(solution, unit),
        "lives": None if solution.lives is None else f"{solution.lives} (estimated)",
        "seconds": solution.seconds,
        "measures": {name: _known(value) for name, value in solution.measures.items()},
        "asked": [str(constraint) for constraint in problem.constraints],
        "conflict": [str(constraint) for constraint in solution.conflict],
        "ways": list(ways),
        "violations": broken,
    }


def _known(value: float | None) -> float | None:
    """Return a number that JSON knows."""
    return None if value is None or not math.isfinite(value) else float(value)


def _figures(solution: Solution, unit: str) -> list[list[str]]:
    """Return value, bound and gap as pairs of what it is and how much."""
    label = measure_label(solution.problem.objective.measure)
    rows = []
    for what, value in ((label, solution.objective), ("Bound", solution.bound)):
        if _known(value) is not None:
            assert value is not None
            words = number(value, unit)
            rows.append([what, f"{words} {unit}" if unit and "%" not in words else words])
    if _known(solution.gap) is not None:
        rows.append(["Gap", f"{solution.gap:.2%}"])
    return rows
