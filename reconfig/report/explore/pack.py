"""One service's figures for the page: all that it takes to appraise any choice of its sites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from reconfig.analyse.findings import Findings
from reconfig.appraise import Comparison, find_measure, reported_measures
from reconfig.appraise.grid import Grid
from reconfig.appraise.many import lives_of_many, measure_of_many
from reconfig.appraise.measures import Measure
from reconfig.core import Problem, Region
from reconfig.report.explore.binary import packed, packed_codes, packed_minutes, packed_texts
from reconfig.report.explore.measures import told
from reconfig.report.explore.rules import rules
from reconfig.report.words import count_of, heading, name_of

# Up to so many choices of sites there are, each is known: its interval, and which is best.
MOST_CHOICES = 4_096
# Whose share of cases is shown first, where a service has no standard of its own.
STANDARD_MINUTES = 45


@dataclass(frozen=True)
class Point:
    """A choice of sites that is worth a look: ids that are open, what it is called, its verdict.

    kind: "before", "after" or "" for any other.
    """

    open: tuple[str, ...]
    label: str
    verdict: str = ""
    kind: str = ""


def packed_service(
    comparison: Comparison,
    findings: Findings | None = None,
    problem: Problem | None = None,
) -> dict[str, Any]:
    """Return all that the page is told of one service, of a comparison of that service alone."""
    region, service = comparison.before.region, comparison.before.service
    grid = Grid.of(region, service)
    wanted = _wanted(comparison, problem)
    said = [told(measure, grid) for measure in wanted]
    points = _points(comparison, findings)
    known = [m for m, one in zip(wanted, said, strict=True) if not one.worked_out]
    able = [one.content["name"] for one in said if one.worked_out]
    judged, unjudged = ([], []) if problem is None else rules(problem, grid, able)
    return {
        "id": service.id,
        "name": service.name,
        "sites": _sites(region, grid),
        "before": _columns(grid, comparison.before.open),
        "after": _columns(grid, comparison.after.open),
        "before_name": name_of(comparison.before.configuration, "Before"),
        "after_name": name_of(comparison.after.configuration, "After"),
        "names": packed_texts([str(n) for n in region.zones.get("name", region.zones.index)]),
        **_rows(grid),
        "groups": _groups(region, wanted),
        "measures": [one.content for one in said],
        "lives": _lives(comparison),
        "points": [
            {
                "open": _columns(grid, p.open),
                "label": p.label,
                "verdict": p.verdict,
                "kind": p.kind,
            }
            for p in points
        ],
        "axes": list(_axes(findings)),
        "standard": f"share_within_{service.standard_minutes or STANDARD_MINUTES:g}",
        "objective": _objective(problem),
        "known": _known(grid, known, points, lives=comparison.after.lives is not None),
        "rules": judged,
        "unjudged": unjudged,
    }


def _objective(problem: Problem | None) -> list[str]:
    """Return the measure that the problem optimises, and its sense."""
    return [] if problem is None else [problem.objective.measure, problem.objective.sense]


def _wanted(comparison: Comparison, problem: Problem | None) -> list[Measure]:
    """Return the measures of an appraisal, and those that the problem names beside them."""
    service, region = comparison.before.service, comparison.before.region
    names = dict.fromkeys([*comparison.overall.index, *(problem.measures if problem else ())])
    if set(names) <= set(comparison.overall.index):
        found = [find_measure(str(name)) for name in names]
        return [m for m in found if m is not None]
    return reported_measures(service, names, region=region)


def _sites(region: Region, grid: Grid) -> list[dict[str, Any]]:
    """Return the sites in the order of the grid's columns."""
    table = region.sites
    return [
        {
            "id": site,
            "name": str(table.loc[site, "short_name"]),
            "full_name": str(table.loc[site, "name"]),
            "candidate": bool(grid.is_candidate[k]),
            "proposed": bool(table.loc[site, "proposed"]),
            "times": str(table.loc[site, "time_kind"]),
        }
        for k, site in enumerate(grid.sites)
    ]


def _columns(grid: Grid, sites: Iterable[str]) -> list[int]:
    return [int(k) for k in grid.columns(frozenset(sites))]


def _rows(grid: Grid) -> dict[str, Any]:
    """Return minutes by zone, and the rows of the grid: their zone, cases and order of sites."""
    zones = len(grid.region.zones)
    first = np.searchsorted(grid.zone, np.arange(zones))
    minutes = grid.minutes[first]
    assert np.array_equal(minutes[grid.zone], grid.minutes)
    plain = np.array_equal(grid.zone, np.arange(zones))
    order = grid.visiting_order
    return {
        "zones": zones,
        "rows": len(grid.zone),
        "minutes": packed_minutes(minutes),
        "zone": None if plain else packed_codes(grid.zone, zones),
        "order": None if grid.by_minutes else packed_codes(order, len(grid.sites)),
        "cases": packed(grid.cases),
    }


def _groups(region: Region, measures: Iterable[Measure]) -> list[dict[str, Any]]:
    """Return the groups of zones: those that are reported, and those that a measure compares."""
    asked = [m.of_groups.column for m in measures if m.of_groups is not None]
    found = []
    for column in dict.fromkeys([*region.groups, *asked]):
        codes, names = pd.factorize(region.zones[column], sort=True)
        found.append(
            {
                "column": column,
                "label": heading(column),
                "names": [str(name) for name in names],
                "of": packed_codes(np.where(codes < 0, len(names), codes), len(names) + 1),
                "shown": column in region.groups,
            }
        )
    return found


def _lives(comparison: Comparison) -> dict[str, Any] | None:
    """Return what lives saved are never said without and is the same whatever is open."""
    found = comparison.after.lives
    if found is None:
        return None
    return {
        "baseline_deaths": found.baseline_deaths,
        "baseline": found.baseline,
        "basis": found.basis,
    }


def _points(comparison: Comparison, findings: Findings | None) -> list[Point]:
    """Return the choices of sites that the analyses found, each once."""
    before, after = comparison.before, comparison.after
    found = [
        Point(before.open, name_of(before.configuration, "Before"), kind="before"),
        Point(after.open, name_of(after.configuration, "After"), kind="after"),
    ]
    frontier = findings.frontier if findings else None
    if frontier is not None:
        for number, row in enumerate(frontier.points.to_dict("records"), start=1):
            label = f"Trade-off point {number}: {count_of(row['number'], 'site')}"
            proof = "proven" if row["status"] == "optimal" else str(row["status"])
            found.append(Point(tuple(row["open"]), label, proof))
    others = findings.alternatives if findings else None
    if others is not None:
        for number, row in enumerate(others.table.to_dict("records"), start=1):
            found.append(Point(tuple(row["open"]), f"Near-tie {number}"))
    return _each_once(found, frozenset(before.service.candidates))


def _each_once(points: list[Point], candidates: frozenset[str]) -> list[Point]:
    """Return each choice of candidates once, with every name that it has."""
    found: dict[frozenset[str], Point] = {}
    for point in points:
        key = frozenset(point.open)
        if not key <= candidates:
            continue
        first = found.get(key)
        if first is None:
            found[key] = point
        elif point.label not in first.label:
            label = f"{first.label}; {point.label[:1].lower()}{point.label[1:]}"
            found[key] = replace(first, label=label, verdict=first.verdict or point.verdict)
    return list(found.values())


def _axes(findings: Findings | None) -> tuple[str, ...]:
    """Return the measures that the trade-off was drawn of."""
    frontier = findings.frontier if findings else None
    return () if frontier is None else tuple(frontier.measures)


def _known(
    grid: Grid, measures: list[Measure], points: list[Point], *, lives: bool
) -> dict[str, Any]:
    """Return what the page does not work out: intervals of lives, and measures by volume.

    Of every choice of sites where they are few (choice number k has candidate j open where bit j of
    k is 1), else of the points alone.
    """
    candidates = [grid.sites[k] for k in np.flatnonzero(grid.is_candidate)]
    every = 2 ** len(candidates) <= MOST_CHOICES
    if every:
        chosen = [
            frozenset(s for s, on in zip(candidates, reversed(bits), strict=True) if on)
            for bits in product((0, 1), repeat=len(candidates))
        ]
    else:
        chosen = [frozenset(p.open) for p in points]
    columns: Mapping[str, np.ndarray] = {
        measure.name: measure_of_many(grid, measure, chosen) for measure in measures
    }
    return {
        "every": every,
        "lives": packed(lives_of_many(grid, chosen)) if lives else None,
        "measures": {name: packed(values) for name, values in columns.items()},
    }
