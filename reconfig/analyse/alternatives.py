"""Alternatives: every configuration that is nearly as good, and what each site is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape

import numpy as np
import pandas as pd

from reconfig.analyse.progress import Progress, bar
from reconfig.appraise import amount, apart, find_measure, reported_measures, scale
from reconfig.core import (
    Close,
    Differ,
    Faults,
    InputError,
    Keep,
    Objective,
    Problem,
    Solution,
    Status,
)
from reconfig.core.problem import EQUAL_WITHIN
from reconfig.solve import every_choice, solution_of, solve

MOST = 100


@dataclass(frozen=True, eq=False, repr=False)
class Alternatives:
    """Configurations within a stated distance of the best, the best first.

    table: one row a configuration: objective, loss (against the best, never below zero), open
    (site ids), every measure, and what qualifies lives saved (see LivesSaved). complete: whether no
    other is within the distance, proven; otherwise more may be. within: the distance, in the
    objective's unit.
    """

    problem: Problem
    within: float
    table: pd.DataFrame
    solutions: tuple[Solution, ...]
    complete: bool

    @property
    def frequency(self) -> pd.Series[float]:
        """Share of the configurations in which each candidate is open, the largest first."""
        sites = self.problem.service.candidates
        opened = pd.DataFrame({s: [s in row for row in self.table["open"]] for s in sites})
        return opened.mean().sort_values(ascending=False, kind="stable").rename("share open")

    def diverse(self, number: int) -> pd.DataFrame:
        """Return so many rows that are as different as can be, the best first.

        Each next one has the largest least difference (sites open in one only) from those before;
        of equals, the better.
        """
        opened = [frozenset(row) for row in self.table["open"]]
        chosen = [0] if opened and number > 0 else []
        while len(chosen) < min(number, len(opened)):
            apart = [min(len(one ^ opened[k]) for k in chosen) for one in opened]
            chosen.append(int(np.argmax(apart)))
        return self.table.iloc[chosen]

    def sentences(self) -> list[str]:
        """Say how many there are, and which sites are open in all, most and none of them."""
        if self.table.empty:
            return ["The search was stopped before the best configuration was proven."]
        measure = find_measure(self.problem.objective.measure)
        assert measure is not None
        many = len(self.table)
        number = f"{many:,} configuration{' is' if many == 1 else 's are'}"
        distance = amount(f"{scale(measure.unit) * self.within:.3g}", apart(measure.unit))
        within = f"within {distance} of the best, the best included"
        said = [
            f"{number} {within}; there is no other."
            if self.complete
            else f"At least {number} {within}; the search was stopped, and there may be more."
        ]
        names = self.problem.region.sites["short_name"].astype(str)
        shares = self.frequency
        for word, chosen in (
            ("in every one", shares == 1),
            ("in more than half", (shares < 1) & (shares > 0.5)),
            ("in none", shares == 0),
        ):
            sites = shares.index[chosen]
            percent = [f" ({shares[s]:.0%})" if 0 < shares[s] < 1 else "" for s in sites]
            if len(sites) and (many > 1 or word != "in more than half"):
                listed = ", ".join(f"{names[s]}{p}" for s, p in zip(sites, percent, strict=True))
                said.append(f"Open {word}: {listed}.")
        return said

    def __repr__(self) -> str:
        return f"<Alternatives: {' '.join(self.sentences())}>"

    def _repr_html_(self) -> str:
        names = [", ".join(self.problem.region.site_names(s)) for s in self.table["open"]]
        table = self.table.assign(open=names).to_html(float_format="{:,.3f}".format)
        return f"<p>{escape(' '.join(self.sentences()))}</p>{table}"


def alternatives(
    problem: Problem,
    *,
    within: float | None = None,
    share: float = 0.01,
    most: int = MOST,
    time_limit: float | None = None,
    on_progress: Progress | None = None,
    progress: bool | None = None,
) -> Alternatives:
    """Return every configuration whose first objective is within a distance of the best.

    within: the distance, in the objective's unit (default: `share` of the best value). most: stop
    after so many (the best ones; `complete` is then false). time_limit: seconds for each solve.
    Where there are few choices each is appraised; else each is found as the best that differs from
    all before. Either way none is left out in between.
    Raises ValueError if the problem has no configuration, InputError for an impossible distance.
    """
    _check(within, share, most)
    first = Objective(problem.objective.measure, problem.objective.sense)
    asked = problem.aiming(first)
    best = solve(asked, time_limit=time_limit)
    if best.objective is None:
        raise ValueError(f"there is no configuration: the problem is {best.status.value}")
    reach = abs(best.objective) * share if within is None else within
    found: list[Solution] = []
    complete = False
    with bar("alternatives", most, on_progress, progress) as advance:
        for solution in _in_turn(asked, best, time_limit):
            if solution.objective is None or solution.status is not Status.OPTIMAL:
                complete = solution.status is Status.INFEASIBLE
                break
            if _loss(first, solution.objective, best.objective) > reach + _room(best.objective):
                complete = True
                break
            if len(found) == most:
                break
            found.append(solution)
            advance(len(found))
    return Alternatives(problem, reach, _table(found, first), tuple(found), complete)


def _check(within: float | None, share: float, most: int) -> None:
    """Refuse distances and numbers that make no sense, all at once."""
    faults = Faults()
    for name, value in (("within", within), ("share", share)):
        if value is not None and not 0 <= value < math.inf:
            faults.add("alternatives", name, f"{value:g}", "a distance, zero or more")
    if most < 1:
        faults.add("alternatives", "most", f"{most}", "one configuration at least")
    faults.raise_if_any()


def importance(problem: Problem, *, time_limit: float | None = None) -> pd.DataFrame:
    """Return what each candidate is worth: the best without it, and the best with it.

    One row a candidate: name, chosen (in the best), objective_without and loss_without (the best
    with it closed, and what that loses), objective_with and loss_with (with it open), proven (all
    solves); for lives saved also what qualifies them. NaN where there is no such configuration.
    time_limit: seconds for each solve.
    Raises ValueError if the problem has no configuration.
    """
    first = Objective(problem.objective.measure, problem.objective.sense)
    asked = problem.aiming(first)
    best = solve(asked, time_limit=time_limit)
    if best.objective is None:
        raise ValueError(f"there is no configuration: the problem is {best.status.value}")
    names = problem.region.sites["short_name"]
    rows = {}
    for site in problem.service.candidates:
        chosen = site in best.open
        row: dict[str, object] = {"name": names[site], "chosen": chosen}
        proven = best.status is Status.OPTIMAL
        for word, change, already in (
            ("without", Close(frozenset({site})), not chosen),
            ("with", Keep(frozenset({site})), chosen),
        ):
            found = best if already else _solved(asked, change, time_limit)
            value = float("nan")
            if found is not None and found.objective is not None:
                value = found.objective
            proven &= found is None or found.status in (Status.OPTIMAL, Status.INFEASIBLE)
            row[f"objective_{word}"] = value
            row[f"loss_{word}"] = _loss(first, value, best.objective)
            if first.measure == "lives_saved" and found is not None and found.lives is not None:
                row |= {f"{k}_{word}": v for k, v in found.lives.qualifiers().items()}
        rows[site] = row | {"proven": proven}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("site_id")
    return table.sort_values("loss_without", ascending=False, kind="stable")


def _solved(problem: Problem, change: Close | Keep, time_limit: float | None) -> Solution | None:
    """Return the best with a site fixed; None where the constraints on sites do not allow that."""
    try:
        asked = problem.having(change)
    except InputError:  # fixed the other way, or too many kept or closed
        return None
    return solve(asked, time_limit=time_limit)


def _in_turn(problem: Problem, best: Solution, time_limit: float | None) -> Iterator[Solution]:
    """Yield the best, the best other than that, and so on."""
    none = replace(best, configuration=None, objective=None)
    try:
        listed = every_choice(problem, time_limit) if best.status is Status.OPTIMAL else None
    except KeyboardInterrupt:
        yield best
        yield replace(none, status=Status.NO_SOLUTION)
        return
    if listed is not None:
        yield from (solution_of(problem, ranked) for ranked in listed)
        yield replace(none, status=Status.INFEASIBLE)
        return
    solution = best
    while solution.configuration is not None:
        yield solution
        problem = problem.having(Differ(frozenset(solution.open)))
        solution = solve(problem, time_limit=time_limit)
    yield solution


def _loss(objective: Objective, value: float, best: float) -> float:
    """Return what a value loses against the best, in the objective's unit; never below zero."""
    worse = value - best if objective.sense == "minimise" else best - value
    return max(worse, 0.0) if not np.isnan(worse) else float("nan")


def _room(value: float) -> float:
    return EQUAL_WITHIN * max(1.0, abs(value))


def _table(found: list[Solution], objective: Objective) -> pd.DataFrame:
    if not found:
        return pd.DataFrame(columns=["objective", "loss", "open"])
    best = found[0].objective
    assert best is not None
    problem = found[0].problem
    usual = [m.name for m in reported_measures(problem.service, region=problem.region)]
    rows = [
        {
            "objective": s.objective,
            "loss": _loss(objective, s.objective or 0.0, best),
            "open": s.open,
            **{name: s.measures[name] for name in usual},
            **({} if s.lives is None else s.lives.qualifiers()),
        }
        for s in found
    ]
    return pd.DataFrame(rows)
