"""The part of a scenario that decides several services together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconfig.appraise import check_measures
from reconfig.core import (
    Constraint,
    Faults,
    InputError,
    Needs,
    Objective,
    Problem,
    Region,
    together,
)
from reconfig.core.problem import check_constraints
from reconfig.data.toml_file import NUMBER, TABLE, TEXTS, Kind, TomlFile, Where

KEYS: dict[str, Kind] = {"needs": TEXTS, "needs_within": TABLE}


def read_needs(file: TomlFile, keys: Mapping[str, Any], where: Where) -> Iterator[Needs]:
    """Give what a [[service]] needs beside it: needs = ["critical-care"], needs_within = {...}."""
    for needed in keys.get("needs", ()):
        yield Needs(needed)
    inside = (*where, "needs_within")
    given = keys.get("needs_within", {})
    for needed, minutes in file.table(given, inside, dict.fromkeys(given, NUMBER)).items():
        yield Needs(needed, within=float(minutes))


def joint_problem(
    file: TomlFile,
    region: Region,
    drafts: Sequence[tuple[Where, Problem, Sequence[Needs]]],
    objective: Objective | None,
    limits: Sequence[Constraint],
) -> tuple[Problem | None, Faults]:
    """Return the problem of several services, None where a part of it is missing.

    drafts: each service's place in the file, its own problem and what it needs, faults of the first
    two noted. Also returned: the faults of what is common to them, for who knows where it stands.
    """
    common = Faults()
    assumed = objective or Objective("mean_minutes", "minimise")
    alone = {draft.service: draft.constraints for _, draft, _ in drafts}
    try:
        joint = together(region, alone, assumed)
    except InputError as problem:
        for fault in problem.faults:
            file.note(("service",), fault.found, fault.expected, fault.fix)
        return None, common
    for where, draft, asked in drafts:
        for need in asked:
            whole = Needs(need.needed, draft.service.id, need.within)
            own = Faults()
            joint = _having(joint, whole)
            check_constraints(_only(joint, whole), own, file=file.file)
            for fault in own.found:
                key = "needs_within" if need.within else "needs"
                file.note((*where, key), fault.found, fault.expected, fault.fix)
    check_constraints(_only(joint, *limits), common, file=file.file)
    joint = _having(joint, *limits)
    check_measures(joint, common, file=file.file)
    return (joint if objective is not None else None), common


def _having(joint: Problem, *more: Constraint) -> Problem:
    constraints = (*joint.constraints, *more)
    return Problem.unchecked(joint.region, joint.service, joint.objective, constraints)


def _only(joint: Problem, *constraints: Constraint) -> Problem:
    return Problem.unchecked(joint.region, joint.service, joint.objective, constraints)
