"""The exact trade-off between two measures, for every number of sites."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from reconfig.analyse.progress import Progress, bar
from reconfig.appraise import ALSO_MINIMISED, appraise, find_measure, known_measures
from reconfig.core import (
    Faults,
    LivesSaved,
    Objective,
    Problem,
    Solution,
    Status,
    limit,
    maximise,
    minimise,
    suggestion,
)
from reconfig.core.faults import listing
from reconfig.solve import solve

# The next point must be better than the last by this share of its value: far below anything
# that can be told apart in practice, and above the room of 1e-6 that `violations` allows a limit,
# without which the same point would be found again.
STEP = 2e-6

NUMBER = "open_sites"
# What lives saved are never shown without.
LIVES = ("low", "high", "baseline_deaths", "probability_of_no_gain")


@dataclass(frozen=True, eq=False, repr=False)
class Frontier:
    """Solutions none of which is beaten on both measures by another with as many sites.

    points: one row a solution: number (of sites), the two measures, open (site ids), status, gap
    (of the first measure), efficient (beaten by no other of the points found); with lives saved
    also what qualifies them (lives_low and the like; see LivesSaved). measures: their names.
    solutions: in the order of the rows. unfinished: the numbers of sites for which not every point
    was found and proven, because time ran out or the work was stopped; empty where the frontier is
    complete.
    """

    problem: Problem
    measures: tuple[str, str]
    points: pd.DataFrame
    solutions: tuple[Solution, ...]
    unfinished: tuple[int, ...] = ()

    def plot(self, **options: Any) -> Any:
        """Return a matplotlib figure of the trade-off, one colour a number of sites."""
        from reconfig.report import frontier_chart

        return frontier_chart(self, **options)

    def __repr__(self) -> str:
        return f"<Frontier of {' and '.join(self.measures)}: {len(self.points)} points>"

    def _repr_html_(self) -> str:
        names = [", ".join(self.problem.region.site_names(sites)) for sites in self.points["open"]]
        table = self.points.assign(open=names).to_html(float_format="{:,.3f}".format)
        if not self.unfinished:
            return str(table)
        numbers = listing(self.unfinished)
        return f"<b>Not complete: stopped early for {numbers} sites.</b>{table}"


def frontier(
    problem: Problem,
    first: str,
    second: str = NUMBER,
    *,
    numbers: Iterable[int] | None = None,
    time_limit: float | None = None,
    on_progress: Progress | None = None,
    progress: bool | None = None,
) -> Frontier:
    """Return every efficient pair of two measures, exactly, for each number of sites.

    first, second: names of measures; each is made as good as can be (its `better` direction).
    Where the second is the number of sites, as it is unless told, one point a number: the best of
    the first; the problem must then allow several numbers. numbers: how many sites (default: every
    number from one that the problem's constraints allow). time_limit: seconds for each solve; a
    point that was not proven says so in `status`. on_progress: called with (numbers done, numbers
    in all). progress: whether to show a bar; by default in a terminal, and in a notebook that can.

    Ctrl-C, or the stop button of a notebook, ends the work and returns what is done, the rest in
    `unfinished`.

    Method: epsilon-constraint. For each number the best of the first measure, then of the second
    among those; then the same with the second required to be better than it was, until nothing is
    left. Raises InputError for a measure that is unknown or cannot be optimised, and for a problem
    that fixes the number of sites against which it is to be drawn.
    """
    goals = _goals(problem, first, second)
    allowed = range(max(problem.fewest, 1), problem.most + 1)
    if numbers is None and NUMBER in (first, second):
        _refuse_one_number(problem)
    chosen = sorted(set(allowed if numbers is None else numbers))
    _check_numbers(problem, chosen)
    found: list[tuple[int, Solution]] = []
    done = 0
    unfinished = []
    with bar(f"{first} against {second}", len(chosen), on_progress, progress) as advance:
        try:
            for number in chosen:
                for solution in _efficient(problem.with_number(number), goals, time_limit):
                    if solution.configuration is not None:
                        found.append((number, solution))
                    if solution.status is not Status.OPTIMAL:
                        unfinished.append(number)
                    if solution.stopped == "interrupted":
                        raise KeyboardInterrupt
                done += 1
                advance(done)
        except KeyboardInterrupt:
            unfinished = sorted({*unfinished, *chosen[done:]})
    return Frontier(
        problem,
        (first, second),
        _table(found, goals),
        tuple(s for _, s in found),
        tuple(unfinished),
    )


def _goals(problem: Problem, first: str, second: str) -> tuple[Objective, Objective]:
    goals = []
    faults = Faults()
    if first == second:
        faults.add("frontier", "measures", f"'{first}' twice", "two different measures")
    for name in (first, second):
        measure = find_measure(name)
        optimised = measure is not None and (measure.table is not None or name in ALSO_MINIMISED)
        if measure is None or not optimised or not measure.applies_to(problem.service):
            faults.add(
                "frontier",
                f"measure '{name}'",
                "cannot be optimised here",
                "a measure that is a sum or an average, the longest journey or the number of sites",
                suggestion(name, known_measures()),
            )
            continue
        goals.append(maximise(name) if measure.better == "higher" else minimise(name))
    faults.raise_if_any()
    return goals[0], goals[1]


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


def _efficient(
    problem: Problem, goals: tuple[Objective, Objective], time_limit: float | None
) -> Iterator[Solution]:
    """Yield the efficient solutions of one number of sites, from the best of the first measure.

    The last one yielded is not optimal where time ran out: feasible, or without a configuration.
    """
    first, second = goals
    if NUMBER in (first.measure, second.measure):
        # The number is given: what is left is the best of the other measure.
        objective = second if first.measure == NUMBER else first
        solution = solve(problem.aiming(objective), time_limit=time_limit)
        if solution.status is not Status.INFEASIBLE:
            yield solution
        return
    objective = Objective(first.measure, first.sense, then=second)
    tightened = problem.aiming(objective)
    seen = set()
    while True:
        solution = solve(tightened, time_limit=time_limit)
        # Seen before: the solver's precision is reached, so nothing better is left.
        if solution.status is Status.INFEASIBLE or solution.open in seen:
            return
        seen.add(solution.open)
        yield solution
        if solution.status is not Status.OPTIMAL:
            return
        reached = solution.measures[second.measure]
        step = STEP * max(1.0, abs(reached))
        bound = (
            limit(second.measure, at_most=reached - step)
            if second.sense == "minimise"
            else limit(second.measure, at_least=reached + step)
        )
        if not _possible(second.measure, reached - step, reached + step):
            return
        tightened = problem.aiming(objective).having(bound)


def _possible(measure_name: str, lower: float, higher: float) -> bool:
    """Say whether a share can still get better: none is below 0 or above 1."""
    measure = find_measure(measure_name)
    assert measure is not None
    if measure.unit != "share of cases":
        return True
    return higher <= 1.0 if measure.better == "higher" else lower >= 0.0


def _table(found: list[tuple[int, Solution]], goals: tuple[Objective, Objective]) -> pd.DataFrame:
    first, second = goals
    table = pd.DataFrame(
        {
            "number": [number for number, _ in found],
            first.measure: [s.measures[first.measure] for _, s in found],
            second.measure: [s.measures[second.measure] for _, s in found],
            "open": [s.open for _, s in found],
            "status": [s.status.value for _, s in found],
            "gap": [s.gap for _, s in found],
        }
    )
    signs = [1.0 if g.sense == "minimise" else -1.0 for g in goals]
    costs = table[[first.measure, second.measure]].to_numpy(float) * signs
    table = table.assign(efficient=_unbeaten(costs))
    if "lives_saved" in (first.measure, second.measure):
        lives = [_lives(solution) for _, solution in found]
        for name in LIVES:
            table[f"lives_{name}"] = [getattr(one, name) for one in lives]
    return table


def _lives(solution: Solution) -> LivesSaved:
    problem = solution.problem
    lives = appraise(problem.region, problem.service, solution.found()).lives
    assert lives is not None
    return lives


def _unbeaten(costs: np.ndarray) -> np.ndarray:
    """Return which points (n x 2, lower is better) no other point beats."""
    room = 1e-9 * np.maximum(1.0, np.abs(costs))
    unbeaten = np.ones(len(costs), dtype=bool)
    for k, point in enumerate(costs):
        no_worse = (costs <= point + room[k]).all(axis=1)
        better = (costs < point - room[k]).any(axis=1)
        unbeaten[k] = not (no_worse & better).any()
    return unbeaten
