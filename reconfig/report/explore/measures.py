"""What the page is told of each measure, so that it works it out as an appraisal does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reconfig.appraise.grid import Grid
from reconfig.appraise.measures import MEASURES, SHARE_WITHIN, Measure
from reconfig.appraise.units import SHARE_APART, is_share, scale
from reconfig.core import Journeys
from reconfig.report.explore.binary import packed, packed_table
from reconfig.report.words import DECIMALS

# A measure whose table takes more bytes than these, before it is compressed, is not in the page.
MOST_BYTES = 4_000_000
# Entries of tables that are worked out to see whether they fit.
MOST_ENTRIES = 40_000_000
# As measures are looked for in the page: by what they are made of, not by their name.
STATISTICS = ("max_minutes", "p95_minutes", "min_volume", "max_volume", "open_sites")
# Numbers of open sites whose tables differ by a multiple of one table, to within this.
ALIKE = 1e-12
DECIMALS_UNKNOWN = 2


@dataclass(frozen=True)
class Told:
    """A measure for the page. worked_out: whether the page has it for every choice of sites."""

    content: dict[str, Any]
    worked_out: bool


def told(measure: Measure, grid: Grid) -> Told:
    """Return what the page needs to know of a measure of one service."""
    how = _how(measure, grid)
    content = {
        "name": measure.name,
        "label": measure.label,
        "unit": measure.unit,
        "better": measure.better,
        "estimated": measure.estimated,
        "by_group": measure.by_group,
        "average": measure.average,
        "share": is_share(measure.unit),
        "apart": measure.unit == SHARE_APART,
        "scale": scale(measure.unit),
        "decimals": DECIMALS.get(measure.unit, DECIMALS_UNKNOWN),
        "how": how or {"kind": "known"},
        "per_site": _per_site(measure, grid),
        "only": None if not measure.only else packed(grid.rows_of(measure.only).astype(np.uint8)),
    }
    return Told(content, how is not None)


def _how(measure: Measure, grid: Grid) -> dict[str, Any] | None:
    """Return how the page works a measure out; None where it cannot."""
    if measure.of_groups is not None:
        inner = _how(measure.of_groups.average, grid)
        if inner is None:
            return None
        return {
            "kind": "between",
            "column": measure.of_groups.column,
            "which": measure.of_groups.kind,
            "worst": "most" if measure.of_groups.average.better == "lower" else "least",
            "average": {"how": inner, "average": measure.of_groups.average.average},
        }
    if measure.statistic is not None:
        own = (name for name in STATISTICS if MEASURES[name].statistic is measure.statistic)
        name = next(own, None)
        return None if name is None else {"kind": name}
    if measure.table is MEASURES["mean_minutes"].table:
        return {"kind": "minutes"}
    if measure.table is MEASURES["neighbour_cases"].table:
        return {"kind": "neighbour"}
    if match := SHARE_WITHIN.fullmatch(measure.base):
        return {"kind": "within", "minutes": float(match.group(1))}
    return _amounts(measure, grid)


def _per_site(measure: Measure, grid: Grid) -> list[float] | None:
    return grid.of_sites(measure.per_site).tolist() if measure.per_site else None


def _amounts(measure: Measure, grid: Grid) -> dict[str, Any] | None:
    """Return a measure's own table, by number of open sites where it depends on that.

    None where it depends on the volumes of sites, or takes more room than a page has.
    """
    if measure.by_volume(grid.service):
        return None
    numbers: Sequence[int | None] = [None]
    if measure.by_number(grid.service):
        numbers = range(len(grid.service.candidates) + 1)
    if grid.minutes.size * len(numbers) > MOST_ENTRIES:
        return None
    tables = []
    for number in numbers:
        table = _table(measure, grid, number)
        if table is None:
            return None
        tables.append(table)
    parts, size = _parts(tables)
    if size > MOST_BYTES:
        return None
    return {"kind": "amounts", "parts": parts}


def _table(measure: Measure, grid: Grid, number: int | None) -> np.ndarray | None:
    """Return the amount per case of every journey; None where it is not cases times that."""
    assert measure.table is not None
    journeys = grid.every_journey(number)
    alone: Journeys = replace(journeys, cases=np.ones(journeys.cases.shape))
    shape = grid.minutes.shape
    there = np.isfinite(grid.minutes)
    per_case = np.where(there, np.broadcast_to(measure.table(alone), shape), 0.0)
    whole = np.where(there, np.broadcast_to(measure.table(journeys), shape), 0.0)
    made = grid.cases[:, None] * per_case
    return per_case if np.allclose(made, whole, rtol=ALIKE, atol=0.0) else None


def _parts(tables: Sequence[np.ndarray]) -> tuple[list[dict[str, Any]], int]:
    """Return tables, one a number of open sites, as sums of few of them times a number each.

    by_number: what a part is multiplied by for each number of open sites (one for any number).
    """
    first, change = tables[0], tables[-1] - tables[0]
    largest = float(np.abs(change).max(initial=0.0))
    if largest == 0.0 and all(np.array_equal(first, table) for table in tables):
        table, size = packed_table(first)
        return [{"table": table, "by_number": [1.0] * len(tables)}], size
    # What rounding left of a difference is taken off it, so that equals are equal again.
    unit = largest * ALIKE or 1.0
    change = np.round(change / unit) * unit
    at = np.unravel_index(np.abs(change).argmax(), change.shape)
    factors = [float((table[at] - first[at]) / (change[at] or 1.0)) for table in tables]
    room = ALIKE * 10 * float(max(np.abs(table).max(initial=0.0) for table in tables))
    if all(
        np.abs(first + f * change - table).max(initial=0.0) <= room
        for f, table in zip(factors, tables, strict=True)
    ):
        (base, size), (more, other) = packed_table(first), packed_table(change)
        ones = [1.0] * len(tables)
        parts = [{"table": base, "by_number": ones}, {"table": more, "by_number": factors}]
        return parts, size + other
    found = [packed_table(table) for table in tables]
    count = len(tables)
    return [
        {"table": table, "by_number": [float(n == k) for n in range(count)]}
        for k, (table, _) in enumerate(found)
    ], sum(size for _, size in found)
