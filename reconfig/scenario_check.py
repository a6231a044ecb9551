"""What is wrong with what a scenario asks for, each fault noted where the demand stands.

Demands are checked one by one: two limits on the same measure read alike, and only who checks them
in turn knows which of them a fault is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconfig.appraise import check_limit, check_stage, find_measure, known_measures
from reconfig.core import Constraint, Fault, Faults, Limit, Objective, Problem, suggestion
from reconfig.core.problem import check_between
from reconfig.data.toml_file import TomlFile, Where

# A constraint with where it stands in the file.
Placed = tuple[Where, Constraint]


def note_all(file: TomlFile, where: Where, faults: Iterable[Fault]) -> None:
    """Note faults at one place of the file."""
    for fault in faults:
        file.note(where, fault.found, fault.expected, fault.fix)


def check_each(
    file: TomlFile, problem: Problem, placed: Iterable[Placed], *, measures: bool = True
) -> Faults:
    """Note what is wrong with each constraint on a problem by itself; return what was found.

    measures: look at the measures of limits too, which takes a service with demand.
    """
    found = Faults()
    for where, constraint in placed:
        own = Faults()
        constraint.check(problem, own, file=file.file)
        if isinstance(constraint, Limit) and measures:
            check_limit(constraint, problem, own, file=file.file)
        for fault in own.found:
            by = isinstance(constraint, Limit) and fault.place.endswith(", by")
            note_all(file, (*where, "by") if by else where, [fault])
        found.found += own.found
    return found


def check_part(
    file: TomlFile, problem: Problem, placed: Iterable[Placed], part: Where, *, measures: bool
) -> None:
    """Note what is wrong with each constraint, and what those of a [[service]] cannot all keep."""
    checks = check_each(file, problem, placed, measures=measures)
    known = len(checks.found)
    check_between(problem, checks, file=file.file)
    for fault in checks.found[known:]:
        note_all(file, (*part, fault.place.partition(" / ")[0]), [fault])


def check_stages(file: TomlFile, problem: Problem) -> None:
    """Note what is wrong with each stage of a problem's objective."""
    for where, stage in _stages(problem.objective):
        faults = Faults()
        check_stage(stage, problem, faults, file=file.file)
        note_all(file, where, faults.found)


def check_names(file: TomlFile, objective: Objective | None, placed: Iterable[Placed]) -> None:
    """Note unknown measures: all that can be said of them without a service."""
    named = [(where, stage.measure) for where, stage in _stages(objective)]
    named += [(where, c.measure) for where, c in placed if isinstance(c, Limit)]
    for where, name in named:
        if find_measure(name) is None:
            hint = suggestion(name.partition("[")[0], known_measures())
            file.note(where, f"no measure '{name}'", "a known measure", hint)


def _stages(objective: Objective | None) -> Iterator[tuple[Where, Objective]]:
    """Give the stages of an objective, each with where it stands."""
    for number, stage in enumerate(objective.stages() if objective else ()):
        yield ("objective", *("then",) * number), stage
