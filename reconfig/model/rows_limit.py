"""Rows of limits: a bound on a sum, a share, the longest journey, a volume, between groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reconfig.appraise import Bounds, Measure, bounds_by_group
from reconfig.core import Limit
from reconfig.model.assembly import Assembly, label, measure_named, rows_of
from reconfig.model.assignment import AssignmentFormulation
from reconfig.model.between_groups import between_groups
from reconfig.model.chosen import not_chosen_rows
from reconfig.model.expression import linear
from reconfig.model.measured import measured
from reconfig.model.projected import smallest
from reconfig.model.sets import bits, distinct


@rows_of(Limit)
def limit(assembly: Assembly, asked: Limit) -> None:
    """Add the rows of a bound on a measure, one a group."""
    measure = measure_named(asked.measure)
    for group, all_of_it in bounds_by_group(assembly.grid, asked).items():
        rows = all_of_it.rows & assembly.grid.rows_of(measure.only)
        bounds = replace(all_of_it, rows=rows)
        if measure.table is not None:
            _on_sum(assembly, measure, label(asked.by, group), bounds)
        elif measure.of_groups is not None:
            _between_groups(assembly, measure, bounds)
        elif measure.base == "max_minutes":
            longest(assembly, bounds)
        elif measure.base == "p95_minutes":
            _on_percentile(assembly, label(asked.by, group), bounds)
        elif measure.base == "open_sites":
            assembly.bound(assembly.number(measure.only), bounds.low, bounds.high)
        elif measure.base in ("min_volume", "max_volume"):
            _on_volume(assembly, measure, bounds)
        else:
            raise ValueError(f"{measure.name} is reported only: there are no rows to limit it")


def _on_sum(assembly: Assembly, measure: Measure, group: str, bounds: Bounds) -> None:
    """Row (9): sum over who is treated where <= or >= bound (x cases for an average)."""
    for low, high in ((None, bounds.high), (bounds.low, None)):
        if low is None and high is None:
            continue
        small = high is not None
        expression = measured(assembly, measure, group, bounds.rows, wants_small=small)
        if expression is not None:
            assembly.bound(expression, low, high)


def _between_groups(assembly: Assembly, measure: Measure, bounds: Bounds) -> None:
    """Rows: every group's average within the bound on the worst; or those of a gap."""
    compared = measure.of_groups
    assert compared is not None
    if compared.kind == "gap":
        assembly.bound(between_groups(assembly, measure), bounds.low, bounds.high)
        return
    for group, rows in assembly.grid.rows_by(compared.column).items():
        own = Bounds(rows & bounds.rows, bounds.low, bounds.high)
        _on_sum(assembly, compared.average, label(compared.column, group), own)


def longest(assembly: Assembly, bounds: Bounds) -> None:
    """Row (10) a distinct set of sites within T of a zone, unless it holds another: one is open.

    Where cases do not all go to the nearest site, rows (36) too, against going past those within T.
    """
    grid = assembly.grid
    counted = bounds.rows & (grid.cases > 0)
    if bounds.high is None or not counted.any():
        return
    near = grid.minutes[counted] <= bounds.high
    near = near[distinct(bits(near))[0]]
    for row in smallest(near[~near[:, grid.through(~grid.is_candidate)].any(axis=1)]):
        sites = linear(0.0, ((assembly.columns[j], 1.0) for j in np.flatnonzero(row)))
        assembly.add(sites.at_least(1))
    if isinstance(assembly.shape, AssignmentFormulation) and assembly.shape.directed:
        assembly.shape.forbid(counted[:, None] & (grid.minutes > bounds.high))
    if not grid.by_minutes:
        for row in not_chosen_rows(grid, counted, bounds.high, assembly.columns):
            assembly.add(row)


def _on_percentile(assembly: Assembly, group: str, bounds: Bounds) -> None:
    """Row (11): p95 <= T means that at least 95 % of cases have a site within T."""
    grid, most, rows = assembly.grid, bounds.high, bounds.rows
    cases = float(grid.cases[rows].sum())
    if most is None or cases <= 0:
        return
    expression = assembly.shape.expression(
        lambda: grid.cases[:, None] * (grid.minutes <= most),
        rows,
        key=f"cases within {most!r}, {group}",
        scale=1.0 / cases,
        wants_small=False,
    )
    assembly.add(expression.at_least(0.95 * (1 - 1e-12)))


def _on_volume(assembly: Assembly, measure: Measure, bounds: Bounds) -> None:
    """Row (12) a candidate: volume >= bound x y(j), or volume <= bound."""
    for site in assembly.candidates(measure.only):
        volume, opened = assembly.volume(site), assembly.opened[site]
        if measure.base == "max_volume" and bounds.high is not None:
            assembly.add(volume.at_most(bounds.high))
        elif measure.base == "min_volume" and bounds.low is not None:
            terms = [*volume.terms, (opened, -bounds.low)]
            assembly.add(linear(volume.constant, terms).at_least(0))
