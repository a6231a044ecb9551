"""What would have to give: for each demand of a conflict, the least change that lets all hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from reconfig.analyse.conflict import explain_conflict
from reconfig.analyse.relax_needs import needs_ways
from reconfig.analyse.relax_resources import resource_ways
from reconfig.analyse.relax_words import figure, plainly, subject
from reconfig.appraise import (
    Grid,
    Measure,
    apart,
    bounds_by_group,
    find_measure,
    measure_values,
)
from reconfig.appraise.measures import SHARE_WITHIN
from reconfig.core import (
    Among,
    Budget,
    Capacity,
    Close,
    Constraint,
    Differ,
    InputError,
    Keep,
    Limit,
    Needs,
    Objective,
    OpenSites,
    Problem,
    Solution,
    Status,
    Workforce,
)
from reconfig.core.faults import listing
from reconfig.solve import solve

FEWEST = Objective("open_sites", "minimise")
# A bound is pushed on by this share of it: just more than appraisal takes to be the same.
STEP = 2e-6
MOST_NAMED = 8
End = Literal["at_least", "at_most", "at_most_over_today"]


# Added where more demands than those of the conflict cannot be met together.
PARTLY = " (This leaves aside demands that cannot all be met even so.)"


@dataclass(frozen=True, repr=False)
class Relaxation:
    """One way out of a conflict: a demand that gives way, the others as they are.

    asked: the demand. instead: what can be met in its place, as near to it as the figure in the
    sentence tells; None where it is taken away altogether, or where time ran out.
    """

    asked: Constraint
    instead: Constraint | None
    sentence: str

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        return f"<{self.sentence}>"


def relaxations(solution: Solution, *, time_limit: float | None = None) -> list[Relaxation]:
    """Return how far each demand of a conflict must give way, the others as they are.

    Each is the least change, proven by solving: what it names can be met, and nothing nearer to
    what was asked for. The others are all the problem's other demands; where those cannot be met
    together even without this one, they are those of the conflict, and the sentence says so. Empty
    for a solution that is not infeasible. time_limit: seconds for each solve; a demand whose solve
    ran out of time says so.
    """
    explained = solution if solution.conflict else explain_conflict(solution, time_limit=time_limit)
    if explained.status is not Status.INFEASIBLE:
        return []
    problem = explained.problem
    found = []
    for number, asked in enumerate(explained.conflict):
        kept = [c for other, c in enumerate(explained.conflict) if other != number]
        every = list(problem.constraints)
        every.remove(asked)  # once, should it be stated twice
        try:
            for demands, note in ((every, ""), (kept, PARTLY)):
                others = _Others(
                    Problem(problem.region, problem.service, problem.objective, demands), time_limit
                )
                if others.keeping() is None:
                    continue  # the conflict too may hold too much, where it was cut short
                ways = list(_ways(others, asked)) or [_without(asked)]
                found += [replace(way, sentence=f"{way.sentence}{note}") for way in ways]
                break
        except TimeoutError:
            said = f"How far '{asked}' must give way is not known: time ran out."
            found.append(Relaxation(asked, None, said))
    return found


@dataclass(frozen=True, eq=False)
class _Others:
    """The other demands, which are kept."""

    problem: Problem
    time_limit: float | None

    def keeping(self, *more: Constraint, goal: Objective = FEWEST) -> Solution | None:
        """Return the best choice that keeps the others, and more; None where there is none.

        Raises TimeoutError if neither is proven in time.
        """
        try:
            asked = self.problem.having(*more).aiming(goal)
        except InputError:  # numbers of sites that contradict each other are refused unsolved
            return None
        found = solve(asked, time_limit=self.time_limit)
        if found.status is Status.INFEASIBLE:
            return None
        if found.configuration is None or (goal is not FEWEST and found.status != Status.OPTIMAL):
            raise TimeoutError
        return found

    def named(self, sites: Iterable[str]) -> str:
        """Return the names of some sites."""
        return listing(self.problem.region.site_names(sorted(sites)), most=MOST_NAMED)


def _ways(others: _Others, asked: Constraint) -> Iterator[Relaxation]:
    """Yield every way in which one demand can give way by less than altogether."""
    match asked:
        case OpenSites() | Among():
            yield from _numbers(others, asked)
        case Keep() | Close():
            yield _fixed(others, asked)
        case Differ():
            yield _difference(others, asked)
        case Needs():
            for nearer, said in needs_ways(asked, others.keeping):
                yield Relaxation(asked, nearer, said)
        case Limit() if asked.measure.partition("[")[0] == "open_sites":
            for way in _numbers(others, _as_number(others, asked)):
                yield replace(way, asked=asked)
        case Budget() | Capacity() | Workforce():
            for instead, said in resource_ways(asked, others.keeping):
                yield Relaxation(asked, instead, said)
        case Limit():
            yield from _bounds(others, asked)
            yield from _standard(others, asked)


def _as_number(others: _Others, asked: Limit) -> OpenSites | Among:
    """Return a limit on the number of sites, or on that of one service's, as the number itself."""
    problem, measure = others.problem, find_measure(asked.measure)
    assert measure is not None
    grid = Grid.of(problem.region, problem.service)
    bounds = bounds_by_group(grid, asked)[""]  # what is asked over today is in them
    low = None if bounds.low is None else max(math.ceil(bounds.low), 0)
    high = None if bounds.high is None else math.floor(bounds.high)
    if not measure.only:
        return OpenSites(low, high)
    sites = frozenset(
        grid.sites[j] for j in grid.columns_of(problem.service.candidates, measure.only)
    )
    return Among(sites, low, high, named=f"for {', '.join(value for _, value in measure.only)}")


def _without(asked: Constraint) -> Relaxation:
    return Relaxation(asked, None, f"Without '{asked}' the other demands can be met.")


def _numbers(others: _Others, asked: OpenSites | Among) -> Iterator[Relaxation]:
    """Yield the nearest number of sites above the ones asked for that can be, and below."""
    if isinstance(asked, Among):
        sites, fewest, most = asked.sites, 0, len(asked.sites)
    else:
        sites = frozenset(others.problem.service.candidates)
        fewest, most = others.problem.fewest, others.problem.most
    low = asked.at_least or 0
    high = most if asked.at_most is None else asked.at_most

    def between(least: int, greatest: int) -> Solution | None:
        return others.keeping(replace(asked, at_least=least, at_most=greatest))

    def count(found: Solution) -> int:
        return len(sites.intersection(found.open))

    def of(number: int) -> str:
        if isinstance(asked, OpenSites):
            return _sites(number)
        if asked.named:
            return f"{_sites(number)} {asked.named}"
        return f"{number or 'none'} of {others.named(sites)} open"

    least, greatest = max(high + 1, fewest), min(low - 1, most)
    above = between(least, most) if least <= most else None
    if above is not None:
        more = _least(least - 1, count(above), lambda n: between(least, n) is not None)
        short = "fewer" if low == 0 else _range(low, more - 1)
        said = f"With {of(more)} the other demands can be met; with {short} they cannot."
        yield Relaxation(asked, replace(asked, at_most=more), said)
    below = between(fewest, greatest) if fewest <= greatest else None
    if below is not None:
        fewer = -_least(-low, -count(below), lambda n: between(-n, greatest) is not None)
        beyond = "more" if asked.at_most is None else _range(fewer + 1, high)
        said = f"With {of(fewer)} the other demands can be met; with {beyond} they cannot."
        yield Relaxation(asked, replace(asked, at_least=fewer), said)


def _fixed(others: _Others, asked: Keep | Close) -> Relaxation:
    """Return which of some sites need not be kept, or closed: one that is enough, if one is."""
    state = "be kept open" if isinstance(asked, Keep) else "be closed"
    enough = [
        site
        for site in sorted(asked.sites)
        if len(asked.sites) == 1 or others.keeping(type(asked)(asked.sites - {site}))
    ]
    if not enough:
        said = f"The other demands can be met only if several of {others.named(asked.sites)} need "
        return Relaxation(asked, None, f"{said}not {state}.")
    free = " or ".join(others.problem.region.site_names(enough[:MOST_NAMED]))
    rest = asked.sites - {enough[0]}
    said = f"The other demands can be met if {free} need not {state}."
    return Relaxation(asked, type(asked)(rest) if rest else None, said)


def _difference(others: _Others, asked: Differ) -> Relaxation:
    """Return by how many sites a choice can differ from another at most."""
    most = -_least(
        -asked.by, 0, lambda n: others.keeping(replace(asked, by=-n)) is not None
    )  # by 0 is no demand at all
    said = (
        f"With the other demands kept a choice can differ from {others.named(asked.sites)} by "
        f"{_sites(most)} at most, not by {asked.by}."
    )
    return Relaxation(asked, replace(asked, by=most), said)


def _bounds(others: _Others, asked: Limit) -> Iterator[Relaxation]:
    """Yield how far a measure can be brought towards each end, the other ends kept."""
    measure = find_measure(asked.measure)
    assert measure is not None
    for end in get_args(End):
        wanted = getattr(asked, end)
        if wanted is None:
            continue
        rest, kept = _with(asked, end, None), others
        if any(getattr(rest, other) is not None for other in get_args(End)):
            kept = replace(others, problem=others.problem.having(rest))
        best = _nearest(kept, asked, measure, end)
        if best is None:  # another end is to blame
            continue
        unit = apart(measure.unit) if end == "at_most_over_today" else measure.unit
        bound, text = figure(best, unit, up=end != "at_least")
        said = _bound_said(asked, measure, end, text, plainly(float(wanted), unit))
        yield Relaxation(asked, _with(asked, end, bound), said)


def _bound_said(asked: Limit, measure: Measure, end: End, best: str, wanted: str) -> str:
    """Say how far a measure can be brought towards one end."""
    said_of, kept = subject(measure), "with the other demands kept"
    where = f" in every {asked.by.replace('_', ' ')}" if asked.by else ""
    if end == "at_most_over_today":
        return f"{said_of} can be held to a rise of {best}{where} {kept}, not of {wanted}."
    if where:
        side = "more" if end == "at_least" else "less"
        return f"{said_of} can be held to {best} or {side}{where} {kept}, not to {wanted}."
    edge = "at most" if end == "at_least" else "no lower than"
    return f"{said_of} can be {edge} {best} {kept}, not {wanted}."


def _nearest(others: _Others, asked: Limit, measure: Measure, end: End) -> float | None:
    """Return the bound nearest to the one asked for that can be met; None if none can."""
    sense: Literal["maximise", "minimise"] = "maximise" if end == "at_least" else "minimise"
    straight = measure.can_be(sense)
    if asked.by is None and straight and end != "at_most_over_today":
        found = others.keeping(goal=Objective(asked.measure, sense))
        return None if found is None else found.objective
    alone = Limit(asked.measure, by=asked.by)

    def reached(bound: float) -> float | None:
        kept = others.keeping(_with(alone, end, bound))
        return None if kept is None else _reached(kept, asked, end)

    first = others.keeping()
    if first is None:
        return None
    sign = 1.0 if end == "at_least" else -1.0
    near, far = _reached(first, asked, end), float(getattr(asked, end))
    while True:
        step = near + sign * STEP * max(1.0, abs(near))
        better = None if sign * (far - step) <= 0 else reached(step)
        if better is None or sign * (better - near) <= 0:  # or no more than rounding allows
            return near
        middle = (better + far) / 2.0
        further = reached(middle)
        gone = further is not None and sign * (further - better) > 0
        near, far = (further, far) if further is not None and gone else (better, middle)


def _reached(found: Solution, asked: Limit, end: End) -> float:
    """Return the bound that every group reaches: the value of the worst one."""
    grid = Grid.of(found.problem.region, found.problem.service).under(found.found())
    measure = find_measure(asked.measure)
    assert measure is not None
    over = 0.0 if end == "at_most_over_today" else None
    bounds = bounds_by_group(grid, Limit(asked.measure, by=asked.by, at_most_over_today=over))
    groups = {group: bound.rows for group, bound in bounds.items()}
    values = measure_values(grid, [measure], grid.nearest(found.open), found.open, groups)
    reached = []
    for group, bound in bounds.items():
        value = values[group][measure.name]
        if end == "at_most_over_today":
            value -= math.nan if bound.high is None else bound.high
        if not math.isnan(value):
            reached.append(value)
    return min(reached) if end == "at_least" else max(reached)


def _standard(others: _Others, asked: Limit) -> Iterator[Relaxation]:
    """For a share within some minutes: yield at how many minutes that share can be reached."""
    base, bracket, only = asked.measure.partition("[")
    match = SHARE_WITHIN.fullmatch(base)
    if match is None or asked.at_least is None or asked.at_most is not None:
        return
    grid = Grid.of(others.problem.region, others.problem.service)
    longest = math.ceil(float(grid.minutes[grid.minutes < math.inf].max()))

    def within(minutes: int) -> Limit:
        return replace(asked, measure=f"share_within_{minutes}{bracket}{only}")

    least = _least(int(match.group(1)), longest, lambda n: others.keeping(within(n)) is not None)
    measure = find_measure(within(least).measure)
    assert measure is not None
    where = f" in every {asked.by.replace('_', ' ')}" if asked.by else ""
    share = f"{100 * asked.at_least:.10g}%"
    said = (
        f"{share} {measure.label[0].lower()}{measure.label[1:]}{where} can be met with the other "
        f"demands kept; within {least - 1} it cannot."
    )
    yield Relaxation(asked, within(least), said)


def _least(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the least whole number above `low` at which it holds; it holds at `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _with(limit: Limit, end: End, bound: float | None) -> Limit:
    changed: dict[str, Any] = {end: bound}
    return replace(limit, **changed)


def _sites(number: int) -> str:
    return f"{number} site{'' if number == 1 else 's'}"


def _range(low: int, high: int) -> str:
    return " or ".join(map(str, range(low, high + 1))) if high - low < 2 else f"{low} to {high}"
