"""The exact trade-off between two or three measures, for every number of sites."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np
import pandas as pd

from reconfig.analyse.efficient import STEP, efficient
from reconfig.analyse.progress import Progress, bar
from reconfig.analyse.weights import Weights, weights
from reconfig.appraise import can_be_optimised, check_name
from reconfig.core import Faults, Objective, Problem, Solution, Status
from reconfig.core.problem import Sense

NUMBER = "open_sites"


@dataclass(frozen=True, eq=False, repr=False)
class Frontier:
    """Solutions none of which is beaten on every measure by another with as many sites.

    points: one row a configuration: number (of sites), point (rows that share it have the same
    values; more than one only with every=True), the measures, open (site ids), status, gap (of the
    first measure), efficient (beaten by no other of the points found); with lives saved also what
    qualifies them (lives_low and the like; see LivesSaved). measures: their names, two or three.
    solutions: in the order of the rows. unfinished: the numbers of sites for which not every point
    was found and proven, because time ran out or the work was stopped; empty where the frontier is
    complete.
    """

    problem: Problem
    measures: tuple[str, ...]
    points: pd.DataFrame
    solutions: tuple[Solution, ...]
    unfinished: tuple[int, ...] = ()

    def plot(self, **options: Any) -> Any:
        """Return a matplotlib figure of the trade-off.

        Two measures: one colour a number of sites. Three: the third as colour, with its scale.
        """
        from reconfig.report import frontier_chart

        return frontier_chart(self, **options)

    def weights(self, *, number: int | None = None) -> Weights:
        """Return which weights on the measures choose which configuration.

        number: of sites, to weigh only the points with so many; by default all efficient points
        are weighed. Each measure is first scaled from 0 (its best among these points) to 1 (its
        worst). Raises InputError where there is no point to weigh.
        """
        points = self.points
        rows = points["efficient"] if number is None else points["number"] == number
        return weights(
            self.problem.region, self.measures, points[rows], complete=not self._open(number)
        )

    def _open(self, number: int | None) -> bool:
        """Say whether points of a number of sites, or of any, may be missing."""
        return bool(self.unfinished) if number is None else number in self.unfinished

    def __repr__(self) -> str:
        return f"<Frontier of {_and(self.measures)}: {len(self.points)} points>"

    def _repr_html_(self) -> str:
        from reconfig.report.displays import frontier_display

        return frontier_display(self, self.problem.region, self.problem.service)


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]])


def frontier(
    problem: Problem,
    first: str,
    second: str = NUMBER,
    third: str | None = None,
    *,
    numbers: Iterable[int] | None = None,
    every: bool = False,
    time_limit: float | None = None,
    total_time_limit: float | None = None,
    on_progress: Progress | None = None,
    progress: bool | None = None,
) -> Frontier:
    """Return every efficient point of two or three measures, exactly, for each number of sites.

    first, second, third: names of measures; each is made as good as can be (its `better`
    direction). Where one of two is the number of sites, as the second is unless told, there is one
    point a number: the best of the other; the problem must then allow several numbers. Of three,
    the other two have a frontier for each number. numbers: how many sites (default: every number
    from one that the problem's constraints allow). every: list every configuration at each point,
    each once, and not one of them. time_limit: seconds for each solve, of which every point needs
    one and every number another; a point that was not proven says so in `status`, and ends its
    number. total_time_limit: seconds for all solves together; what they leave undone is in
    `unfinished`. on_progress: called with (numbers done, numbers in all). progress: whether
    to show a bar; by default in a terminal, and in a notebook that can.

    Ctrl-C, or the stop button of a notebook, ends the work and returns what is done, the rest in
    `unfinished`.

    Method: epsilon-constraint over zones, each point proven efficient and not weakly so; see
    `reconfig.analyse.efficient`. Values that differ by less than 2e-6 of their size (of 1, where
    they are smaller) count as the same. Raises InputError for a measure that is unknown or cannot
    be optimised, and for a problem that fixes the number of sites against which it is to be drawn;
    ValueError for two measures of a service whose patients are directed, whose points never end.
    """
    names = (first, second) if third is None else (first, second, third)
    goals = _goals(problem, names)
    allowed = range(max(problem.fewest, 1), problem.most + 1)
    if numbers is None and NUMBER in names:
        _refuse_one_number(problem)
    chosen = sorted(set(allowed if numbers is None else numbers))
    _check_numbers(problem, chosen)
    # The number of sites is given in each run: what is left is the best of the others.
    sought = [goal for goal in goals if goal.measure != NUMBER]
    if problem.service.is_directed and len(sought) > 1:
        raise ValueError(
            f"patients of {problem.service.id} are directed, so that the points of a frontier of "
            "two measures never end: draw one measure against the number of sites, or limit one "
            "of them and solve"
        )
    found: list[Found] = []
    done = 0
    unfinished = []
    seconds = _seconds(time_limit, total_time_limit)
    with bar(" against ".join(names), len(chosen), on_progress, progress) as advance:
        try:
            for number in chosen:
                asked = problem.with_number(number)
                for point, solution in efficient(asked, sought, every=every, seconds=seconds):
                    if solution.configuration is not None:
                        found.append(Found(number, point, solution))
                    if solution.status is not Status.OPTIMAL:
                        unfinished.append(number)
                    if solution.stopped == "interrupted":
                        raise KeyboardInterrupt
                done += 1
                advance(done)
        except (KeyboardInterrupt, TimeoutError):
            unfinished = sorted({*unfinished, *chosen[done:]})
    return Frontier(
        problem, names, _table(found, goals), tuple(f.solution for f in found), tuple(unfinished)
    )


def _seconds(each: float | None, total: float | None) -> Callable[[], float | None]:
    """Return what says how many seconds the next solve may take: None for no limit.

    each, total: seconds for each solve and for all of them. It raises TimeoutError where none are
    left. Raises InputError for a total that is no time.
    """
    if total is None:
        return lambda: each
    if not total > 0:
        faults = Faults()
        faults.add("frontier", "total_time_limit", f"{total:g}", "seconds, more than zero")
        faults.raise_if_any()
    end = monotonic() + total

    def left() -> float:
        seconds = end - monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds if each is None else min(each, seconds)

    return left


@dataclass(frozen=True, eq=False)
class Found:
    """One configuration: its number of sites, and which point of that number it is at."""

    number: int
    point: int
    solution: Solution


def _goals(problem: Problem, names: Sequence[str]) -> list[Objective]:
    goals = []
    faults = Faults()
    twice = [name for k, name in enumerate(names) if name in names[:k]]
    for name in dict.fromkeys(twice):
        expected = "two different measures" if len(names) == 2 else "three different measures"
        faults.add("frontier", "measures", f"'{name}' twice", expected)
    for name in names:
        place = f"measure '{name}'"
        measure = check_name(name, problem, place, faults, file="frontier")
        if measure is None:
            continue
        sense: Sense = "maximise" if measure.better == "higher" else "minimise"
        if can_be_optimised(measure, place, faults, file="frontier"):
            goals.append(Objective(name, sense))
    faults.raise_if_any()
    return goals


def _refuse_one_number(problem: Problem) -> None:
    """Refuse a trade-off against the number of sites where there is nothing to trade."""
    if problem.fewest != problem.most:
        return
    faults = Faults()
    faults.add(
        "frontier",
        NUMBER,
        f"the problem fixes the number of sites: {problem.most}",
        "a problem that allows several numbers of sites",
        "Leave open_sites out of the problem, or give a range: "
        "rc.open_sites(at_least=..., at_most=...).",
    )
    faults.raise_if_any()


def _check_numbers(problem: Problem, numbers: list[int]) -> None:
    faults = Faults()
    for number in numbers:
        if not problem.fewest <= number <= problem.most:
            faults.add(
                "frontier",
                "numbers",
                f"{number} sites",
                f"{problem.fewest} to {problem.most}, as the constraints allow",
            )
    faults.raise_if_any()


def _table(found: list[Found], goals: list[Objective]) -> pd.DataFrame:
    solutions = [one.solution for one in found]
    names = [goal.measure for goal in goals]
    which = list(dict.fromkeys((one.number, one.point) for one in found))
    table = pd.DataFrame(
        {
            "number": [one.number for one in found],
            "point": [which.index((one.number, one.point)) for one in found],
            **{name: [s.measures[name] for s in solutions] for name in names},
            "open": [s.open for s in solutions],
            "status": [s.status.value for s in solutions],
            "gap": [s.gap for s in solutions],
        }
    )
    signs = [1.0 if g.sense == "minimise" else -1.0 for g in goals]
    table = table.assign(efficient=unbeaten(table[names].to_numpy(float) * signs))
    if "lives_saved" in names:
        lives = [s.lives.qualifiers() for s in solutions if s.lives is not None]
        table = table.join(pd.DataFrame(lives, index=table.index))
    return table


def unbeaten(costs: np.ndarray) -> np.ndarray:
    """Return which points (a row each, lower is better) no other point beats."""
    room = STEP * np.maximum(1.0, np.abs(costs))
    unbeaten = np.ones(len(costs), dtype=bool)
    for k, point in enumerate(costs):
        no_worse = (costs <= point + room[k]).all(axis=1)
        better = (costs < point - room[k]).any(axis=1)
        unbeaten[k] = not (no_worse & better).any()
    return unbeaten
