"""The contents of a report: its sections in order, and that nothing in them has a name twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reconfig.analyse.findings import Findings
from reconfig.appraise import Comparison
from reconfig.core import Solution
from reconfig.report.sections import (
    Block,
    Part,
    Picture,
    Section,
    access,
    bodies,
    case_for_change,
    equality,
    flows,
    maps,
    options,
    outcomes,
    provenance,
    summary,
    trade_off,
)
from reconfig.report.workbook import LONGEST_SHEET_NAME

# The id of the section that the page adds by itself, after the maps.
EXPLORE, AFTER = "explore", "maps"


def sections_of(
    comparison: Comparison,
    *,
    solution: Solution | None = None,
    findings: Findings | None = None,
    notes: Sequence[str] = (),
    command: str | None = None,
    explorer: bool = True,
) -> list[Section]:
    """Return the eleven sections of a report in their order.

    explorer: whether the page will hold the map that can be played with, and so every zone's cases.
    Raises ValueError where an id, or the name of a table or a picture, is there twice.
    """
    found = [
        summary(comparison, solution=solution, notes=notes),
        case_for_change(comparison, solution=solution),
        options(comparison, findings=findings),
        maps(comparison),
        access(comparison),
        flows(comparison, solution=solution),
        outcomes(comparison, findings=findings),
        equality(comparison),
        bodies(comparison),
        trade_off(comparison, solution=solution, findings=findings),
        provenance(comparison, solution=solution, command=command, explorer=explorer),
    ]
    _refuse_twice("id", [EXPLORE, *(one for section in found for one in _ids(section))])
    _refuse_twice("table", [table.name.lower() for section in found for table in section.tables])
    _refuse_twice("picture", [one.name for section in found for one in section.pictures])
    names = [table.name for section in found for table in section.tables]
    long = [name for name in names if len(name) > LONGEST_SHEET_NAME]
    if long:
        raise ValueError(f"no sheet can be called that, it is too long: {', '.join(long)}")
    return found


def _ids(section: Section) -> Iterator[str]:
    yield section.id
    yield from _ids_in(section.blocks)


def _ids_in(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Part):
            yield block.id
            yield from _ids_in(block.blocks)
        elif isinstance(block, Picture):
            yield block.name


def _refuse_twice(what: str, names: Sequence[str]) -> None:
    again = [name for name, number in Counter(names).items() if number > 1]
    if again:
        raise ValueError(f"a report has each {what} once; twice: {', '.join(again)}")
