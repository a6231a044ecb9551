"""The constraints of a problem as the page can judge them, and the names of those it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from reconfig.appraise import find_measure
from reconfig.appraise.bounds import bounds_by_group
from reconfig.appraise.check import TOLERANCE
from reconfig.appraise.grid import Grid
from reconfig.core import (
    Among,
    Budget,
    Capacity,
    Close,
    Constraint,
    Differ,
    Keep,
    Limit,
    Needs,
    OpenSites,
    Problem,
    Workforce,
)
from reconfig.report.words import heading, listed, measure_label, measure_unit, number

Rule = dict[str, Any]


def rules(problem: Problem, grid: Grid, known: Iterable[str]) -> tuple[list[Rule], list[str]]:
    """Return the constraints for the page, and in words those that it does not judge.

    grid: of the problem's service; sites are given by their columns in it. known: the measures that
    the page works out for any choice of sites.
    """
    found, left = [], []
    for constraint in problem.constraints:
        rule = _rule(constraint, problem, grid, frozenset(known))
        if rule is None:
            left.append(_in_words(constraint, problem))
        else:
            found.append(rule | {"words": _in_words(constraint, problem)})
    return found, left


def _rule(asked: Constraint, problem: Problem, grid: Grid, known: frozenset[str]) -> Rule | None:
    """Return one constraint for the page; None where it is of a kind that the page cannot judge."""
    if isinstance(asked, Limit):
        return _limit(asked, grid, known)
    make = _KINDS.get(type(asked))
    return None if make is None else make(asked, problem, grid)


def _number(asked: OpenSites, problem: Problem, grid: Grid) -> Rule:
    return _so_many(grid, problem.service.candidates, asked.at_least, asked.at_most)


def _among(asked: Among, problem: Problem, grid: Grid) -> Rule:
    return _so_many(grid, asked.sites, asked.at_least, asked.at_most)


def _keep(asked: Keep, problem: Problem, grid: Grid) -> Rule:
    return _so_many(grid, asked.sites, len(asked.sites), None)


def _close(asked: Close, problem: Problem, grid: Grid) -> Rule:
    return _so_many(grid, asked.sites, None, 0)


def _so_many(grid: Grid, sites: Iterable[str], low: int | None, high: int | None) -> Rule:
    return {"kind": "number", "sites": _columns(grid, sites), "low": low, "high": high}


def _differ(asked: Differ, problem: Problem, grid: Grid) -> Rule:
    return {"kind": "differ", "sites": _columns(grid, asked.sites), "by": asked.by}


def _needs(asked: Needs, problem: Problem, grid: Grid) -> Rule:
    near = asked.supporters(grid.region, grid.service)
    wanted = {s: _columns(grid, found) for s, found in near.items() if found is not None}
    return {"kind": "needs", "near": [[_column(grid, s), found] for s, found in wanted.items()]}


def _capacity(asked: Capacity, problem: Problem, grid: Grid) -> Rule:
    most = asked.at(grid.region, grid.service)
    pairs = [[_column(grid, site), value, room(value)] for site, value in most.items()]
    return {"kind": "capacity", "most": pairs}


def _workforce(asked: Workforce, problem: Problem, grid: Grid) -> Rule:
    need = asked.need(grid.region, grid.service)
    return {
        "kind": "spend",
        "fixed": _by_column(grid, need),
        "per_case": [0.0] * len(grid.sites),
        "total": asked.pool,
        "room": room(asked.pool),
        "says": "staff needed",
    }


def _budget(asked: Budget, problem: Problem, grid: Grid) -> Rule:
    return {
        "kind": "spend",
        "fixed": _by_column(grid, asked.fixed(grid.region, grid.service)),
        "per_case": _by_column(grid, asked.per_case(grid.region, grid.service)),
        "total": asked.total,
        "room": room(asked.total),
        "says": "the cost",
    }


def _limit(asked: Limit, grid: Grid, known: frozenset[str]) -> Rule | None:
    """Return a limit, group by group, where the page works its measure out."""
    measure = find_measure(asked.measure)
    groups = (*grid.region.groups, "")
    if measure is None or asked.measure not in known or (asked.by or "") not in groups:
        return None
    if asked.by and not measure.by_group:
        return None
    bounds = [
        [group, bound.low, bound.high, room(bound.low or 0.0), room(bound.high or 0.0)]
        for group, bound in bounds_by_group(grid, asked).items()
    ]
    return {"kind": "limit", "measure": asked.measure, "by": asked.by or "", "bounds": bounds}


def _columns(grid: Grid, sites: Iterable[str]) -> list[int]:
    return [int(k) for k in grid.columns(frozenset(sites))]


def _column(grid: Grid, site: str) -> int:
    return grid.sites.index(site)


def _by_column(grid: Grid, amounts: dict[str, float]) -> list[float]:
    return [float(amounts.get(site, 0.0)) for site in grid.sites]


def room(bound: float) -> float:
    """Return by how much a bound may be missed for rounding alone, as `violations` has it."""
    return TOLERANCE * max(1.0, abs(bound))


def _in_words(asked: Constraint, problem: Problem) -> str:
    """Return a constraint as a board reads it: sites by name, measures by label."""
    names = problem.region.site_names
    if isinstance(asked, Keep | Close):
        word = "keep" if isinstance(asked, Keep) else "close"
        return f"{word} {listed(names(sorted(asked.sites)))}"
    if isinstance(asked, Limit):
        return _limit_in_words(asked)
    return str(asked)


def _limit_in_words(asked: Limit) -> str:
    unit, over = measure_unit(asked.measure), asked.at_most_over_today
    said = [
        f"at least {number(asked.at_least, unit)}" if asked.at_least is not None else "",
        f"at most {number(asked.at_most, unit)}" if asked.at_most is not None else "",
        f"at most {number(over, unit)} more than today" if over is not None else "",
    ]
    text = f"{measure_label(asked.measure)} {' and '.join(s for s in said if s)}"
    if unit == "minutes":
        text += " minutes" if over is None else ", in minutes"
    return f"{text}, in every {heading(asked.by).lower()}" if asked.by else text


_KINDS: dict[type[Constraint], Callable[[Any, Problem, Grid], Rule]] = {
    OpenSites: _number,
    Among: _among,
    Keep: _keep,
    Close: _close,
    Differ: _differ,
    Needs: _needs,
    Capacity: _capacity,
    Workforce: _workforce,
    Budget: _budget,
}
