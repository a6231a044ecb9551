"""The part of a scenario that decides several services together."""

from __future__ import annotations

from collections.abc import Sequence

from reconfig.core import (
    Constraint,
    InputError,
    Needs,
    Objective,
    Problem,
    Region,
    Service,
    of_part,
    together,
)
from reconfig.data.toml_file import TomlFile, Where
from reconfig.scenario_check import Placed, check_each, check_stages, note_all

# A [[service]] as read: where it stands, its problem alone, its constraints and where they stand.
Draft = tuple[Where, Problem, Sequence[Placed]]


def joint_problem(
    file: TomlFile,
    region: Region,
    drafts: Sequence[Draft],
    objective: Objective | None,
    shared: Sequence[Placed],
) -> Problem | None:
    """Return the problem of several services, every fault noted; None where there is none to give.

    shared: what is asked of all of them, with where it stands.
    """
    sound = not file.faults and _all_have_meaning(file, region, drafts)
    # Constraints with faults, which are noted, are left out, so that the faults of others show.
    own = {
        draft.service: [c for _, c in asked if sound and not isinstance(c, Needs)]
        for _, draft, asked in drafts
    }
    assumed = objective or Objective("mean_minutes", "minimise")
    try:
        joint = together(region, own, assumed)
    except InputError as problem:
        places = {draft.service.id: where for where, draft, _ in drafts}
        for fault in problem.faults:
            note_all(file, places.get(fault.place.strip("'"), ("service",)), [fault])
        return None
    needs = [
        (where, of_part(need, draft.service, region))
        for _, draft, asked in drafts
        for where, need in asked
        if isinstance(need, Needs)
    ]
    placed = (*needs, *shared)
    constraints = (*joint.constraints, *(constraint for _, constraint in placed))
    joint = Problem.unchecked(joint.region, joint.service, assumed, constraints)
    check_each(file, joint, placed)
    check_stages(file, joint)
    return joint if objective is not None else None


def _all_have_meaning(file: TomlFile, region: Region, drafts: Sequence[Draft]) -> bool:
    """Note constraints of one service that say nothing of several; say whether there are none."""
    known = [
        _has_meaning(file, where, constraint, draft.service, region)
        for _, draft, asked in drafts
        for where, constraint in asked
    ]
    return all(known)


def _has_meaning(
    file: TomlFile, where: Where, constraint: Constraint, part: Service, region: Region
) -> bool:
    try:
        of_part(constraint, part, region)
    except InputError as problem:
        note_all(file, where, problem.faults)
        return False
    return True
