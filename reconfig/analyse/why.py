"""Why this, why not that: the best choice with a site, what it costs, what would let it win."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape

from reconfig.analyse.conflict import explain_conflict
from reconfig.appraise import (
    SHARE,
    Comparison,
    Measure,
    amount,
    apart,
    compare,
    find_measure,
    is_share,
    overall_values,
    scale,
    violations,
)
from reconfig.core import (
    Configuration,
    Faults,
    InputError,
    Keep,
    Objective,
    Problem,
    Region,
    Service,
    Solution,
    Status,
    joined,
    suggestion,
)
from reconfig.core.problem import EQUAL_WITHIN
from reconfig.solve import solve

# The factor on journeys at which a choice would win is sought to this precision.
PRECISION = 1e-4
# Minutes on average that are worth a word.
WORTH_SAYING = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class WhyNot:
    """Why a choice was not made. asked: what was asked about, in words.

    solution: the choice that was made. rival: the best choice with the sites asked about, or the
    one given; None where there is none. comparison: solution (before) against rival (after).
    factor: on the minutes to the sites asked about, the largest at which the rival would be as good
    in the first objective that tells the two apart; None where there is no such factor, or no need.
    """

    asked: str
    solution: Solution
    rival: Solution | Configuration | None
    comparison: Comparison | None
    said: tuple[str, ...]
    factor: float | None = None

    def sentences(self) -> list[str]:
        """Return the answer in sentences that can be read aloud."""
        return list(self.said)

    def __repr__(self) -> str:
        return f"<Why not {self.asked}? {' '.join(self.said)}>"

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.said)
        return f"<b>Why not {escape(self.asked)}?</b><ul>{items}</ul>"


def why_not(
    solution: Solution,
    sites: str | Iterable[str] | Configuration,
    *,
    time_limit: float | None = None,
) -> WhyNot:
    """Say why some sites, or a whole configuration, were not chosen.

    sites: ids or names of candidates that should be open, or a configuration. The best choice with
    them is found (time_limit: seconds for each solve), and set against the one that was made: what
    it costs in the objective, who would travel further or less far, and by how much journeys to the
    sites asked about would have to shrink for it to be as good. Where no choice has them, or the
    configuration breaks a constraint, that is the answer.
    Raises InputError for sites that are no candidates, ValueError for a solution without a choice
    or of a service whose patients are directed.
    """
    chosen = solution.found()
    problem = solution.problem
    if problem.service.is_directed:
        raise ValueError(
            f"patients of {problem.service.id} are directed: why not is not answered for them yet. "
            "Solve again with rc.keep(site), and set the two side by side with rc.compare"
        )
    if isinstance(sites, Configuration):
        return _why_not_all(solution, sites)
    wanted = _ids(problem.region, sites, problem.service.candidates)
    asked = _and(problem.region, wanted)
    if wanted <= set(solution.open):
        said = f"{asked} {'is' if len(wanted) == 1 else 'are'} chosen already."
        return WhyNot(asked, solution, solution, None, (said,))
    rival = _best_with(problem, wanted, time_limit)
    it = "it" if len(wanted) == 1 else "them"
    if isinstance(rival, str):
        return WhyNot(asked, solution, None, None, (f"No choice with {asked}: {rival}.",))
    best = "best" if rival.status is Status.OPTIMAL else "best found"
    comparison = compare(chosen, rival.found(), region=problem.region, service=problem.service)
    subject = f"The {best} choice with {it} ({_and(problem.region, rival.open)})"
    return _answer(asked, solution, rival, comparison, subject, wanted)


def _why_not_all(solution: Solution, given: Configuration) -> WhyNot:
    """Say why a whole configuration was not chosen."""
    problem = solution.problem
    given = joined(given, problem.service)
    opened = given.sites(problem.service.id)
    _ids(problem.region, opened, problem.service.candidates, none=True)
    asked = _and(problem.region, opened) or "no site"
    if opened == solution.open:
        return WhyNot(asked, solution, given, None, (f"{asked}: this is the choice.",))
    broken = violations(problem, given)
    said = tuple(f"It is not allowed: {sentence}." for sentence in broken)
    free = Problem(problem.region, problem.service, problem.objective)
    if broken and violations(free, given):  # somebody is left without a site: nothing to compare
        return WhyNot(asked, solution, given, None, said)
    comparison = compare(solution.found(), given, region=problem.region, service=problem.service)
    found = _answer(asked, solution, given, comparison, "This choice", frozenset(opened))
    return replace(found, said=(*said, *found.said))


def _ids(
    region: Region, sites: str | Iterable[str], candidates: tuple[str, ...], *, none: bool = False
) -> frozenset[str]:
    """Return the ids of sites given by id, short name or name. none: no site at all will do."""
    given = [sites] if isinstance(sites, str) else [str(site) for site in sites]
    known = {site: site for site in candidates}
    for column in ("name", "short_name"):
        known |= {str(region.sites.loc[s, column]).casefold(): s for s in candidates}
    faults = Faults()
    for one in given or ([] if none else [""]):
        if one not in known and one.casefold() not in known:
            words = [*candidates, *region.site_names(candidates)]
            expected = "ids or names of candidates"
            faults.add("why_not", "sites", f"'{one}'", expected, suggestion(one, words))
    faults.raise_if_any()
    return frozenset(known.get(one, known.get(one.casefold(), "")) for one in given)


def _best_with(
    problem: Problem, wanted: frozenset[str], time_limit: float | None
) -> Solution | str:
    """Return the best choice with some sites, or why there is none."""
    try:
        asked = problem.having(Keep(wanted))
    except InputError as refused:  # closed, or more than may be open
        return "; ".join(fault.found for fault in refused.faults)
    found = solve(asked, time_limit=time_limit)
    if found.configuration is not None:
        return found
    if found.status is not Status.INFEASIBLE:
        return "none was found before time ran out"
    against = explain_conflict(found, time_limit=time_limit).conflict
    return f"it cannot be had with: {'; '.join(str(c) for c in against if c != Keep(wanted))}"


def _answer(
    asked: str,
    solution: Solution,
    rival: Solution | Configuration,
    comparison: Comparison,
    subject: str,
    wanted: frozenset[str],
) -> WhyNot:
    """Say what the rival loses, who would lose and gain, and what would have to change."""
    cost, stage = _cost(solution, comparison, subject)
    change, factor = [], None
    fresh = wanted - set(solution.open)
    service = solution.problem.service
    # Of two tiers shorter journeys say nothing: they come with shorter transfers, or change routes.
    tiers = any(part.tier is not None for part in service.parts)
    grows = stage is not None and not tiers and _grows_with_minutes(_measure(stage), service)
    if stage is not None and fresh and grows:
        factor = _winning_factor(comparison, stage, fresh)
        change = [_what_would_change(comparison.after.region, stage, fresh, factor)]
        if factor is not None:
            nearer = _nearer(comparison.after.region, fresh, factor)
            change += _in_the_way(solution.problem, comparison, nearer)
    said = (*cost, *_who(comparison), *change)
    return WhyNot(asked, solution, rival, comparison, said, factor)


def _cost(
    solution: Solution, comparison: Comparison, subject: str
) -> tuple[list[str], Objective | None]:
    """Say what the rival loses in the objectives, in turn, and in which it is worse (or None)."""
    said = []
    for stage in solution.problem.objective.stages():
        measure = _measure(stage)
        unit = measure.unit
        before, after = _values(comparison, stage)
        worse = _worse(stage, after - before)
        if abs(worse) <= _room(stage, before):
            within = (
                "is as good in"
                if abs(worse) <= EQUAL_WITHIN * max(1.0, abs(before))
                else f"is within {_amount(apart(unit), stage.tolerance)}, which counts as equal, in"
            )
            said.append(f"{subject} {within} {_label(measure)} ({_amount(unit, after)}).")
            subject = "It"
            continue
        values = f"{_amount(unit, after, before)} instead of {_amount(unit, before, after)}"
        word = "worse" if worse > 0 else "better"
        said.append(f"{subject} is {word} in {_label(measure)}: {values}.")
        if worse < 0 and solution.status is not Status.OPTIMAL:
            said.append("The choice that was made is not proven best.")
        return said, stage if worse > 0 else None
    said.append("Which of the two is chosen is arbitrary.")
    return said, None


def _who(comparison: Comparison) -> list[str]:
    """Say how many would travel further, and how many less far, and which groups lose and gain."""
    change, cases = comparison.rows["minutes_change"], comparison.rows["cases"]
    said = []
    for word, rows in (("further", change > EQUAL_WITHIN), ("less far", change < -EQUAL_WITHIN)):
        number = float(cases[rows].sum())
        if number > 0:
            mean = float((cases[rows] * change[rows].abs()).sum() / number)
            said.append(
                f"{number:,.0f} cases a year would travel {mean:.1f} minutes {word} on average."
            )
    for column, table in comparison.by.items():
        groups = table["change"].xs("mean_minutes", level="measure").dropna()
        if len(groups) < 2:
            continue
        most, least = float(groups.max()), float(groups.min())
        parts = []
        if most > WORTH_SAYING:
            parts.append(f"{groups.idxmax()} loses most ({most:.1f} minutes longer on average)")
        if least < -WORTH_SAYING:
            parts.append(f"{groups.idxmin()} gains most ({-least:.1f} minutes shorter on average)")
        if parts:
            said.append(f"By {column.replace('_', ' ')}, {' and '.join(parts)}.")
    return said


def _what_would_change(
    region: Region, stage: Objective, wanted: frozenset[str], factor: float | None
) -> str:
    """Say by how much journeys to the sites asked about would have to shrink for a tie."""
    names, label = _and(region, wanted), _label(_measure(stage))
    if factor is None:
        return (
            f"Even if nobody had to travel to {names} at all, it would not be as good in {label}."
        )
    percent = math.ceil(100.0 * (1.0 - factor) - 1e-9)
    return (
        f"It would be as good in {label} if every journey to {names} were {percent}% shorter, all "
        "else equal."
    )


def _in_the_way(problem: Problem, comparison: Comparison, nearer: Region) -> list[str]:
    """Say which constraints the rival would break if journeys to it were so much shorter.

    Shorter journeys bring more patients, who may be more than a site can take. What it breaks as
    things are is said already.
    """
    rival = comparison.after.configuration
    if violations(problem, rival):
        return []
    there = Problem.unchecked(nearer, problem.service, problem.objective, problem.constraints)
    broken = violations(there, rival)
    return [f"But then it would break a constraint: {sentence}." for sentence in broken]


def _grows_with_minutes(measure: Measure, service: Service) -> bool:
    """Say whether shorter journeys only ever make it better.

    Not so for a gap between groups, nor where it matters at which site cases are treated.
    """
    gap = measure.of_groups is not None and measure.of_groups.kind == "gap"
    by_site = bool(measure.per_site or measure.columns) or measure.by_volume(service)
    return not gap and not by_site and measure.base != "open_sites"


def _nearer(region: Region, sites: Iterable[str], factor: float) -> Region:
    """Return the region with the minutes to some sites multiplied by a factor."""
    minutes = region.minutes().copy()
    minutes[sorted(sites)] *= factor
    times = {**region.travel_times, region.default_mode: minutes}
    return replace(region, travel_times=times)


def _winning_factor(
    comparison: Comparison, stage: Objective, wanted: frozenset[str]
) -> float | None:
    """Return the largest factor on minutes to some sites at which the rival is as good."""
    region, service = comparison.after.region, comparison.after.service

    def wins(factor: float) -> bool:
        nearer = _nearer(region, wanted, factor)
        # Both of them: what is gained against today moves with the minutes of today.
        before, after = (
            overall_values(nearer, service, a.configuration, [stage.measure])[stage.measure]
            for a in (comparison.before, comparison.after)
        )
        return _worse(stage, after - before) <= _room(stage, before)

    if not wins(0.0):
        return None
    low, high = 0.0, 1.0
    while high - low > PRECISION:
        middle = (low + high) / 2
        low, high = (middle, high) if wins(middle) else (low, middle)
    return low


def _values(comparison: Comparison, stage: Objective) -> tuple[float, float]:
    """Return the values of an objective in the choice that was made and in the rival."""
    one, other = (
        overall_values(a.region, a.service, a.configuration, [stage.measure])[stage.measure]
        for a in (comparison.before, comparison.after)
    )
    return one, other


def _room(stage: Objective, value: float) -> float:
    return max(stage.tolerance, EQUAL_WITHIN * max(1.0, abs(value)))


def _worse(stage: Objective, change: float) -> float:
    return change if stage.sense == "minimise" else -change


def _measure(stage: Objective) -> Measure:
    measure = find_measure(stage.measure)
    assert measure is not None
    return measure


def _label(measure: Measure) -> str:
    label = f"{measure.label[0].lower()}{measure.label[1:]}"
    return f"the share {label}" if measure.unit == SHARE else label


def _amount(unit: str, value: float, other: float = math.nan) -> str:
    """Return a value with its unit, to as many decimals as tell it from another."""
    shown, beside = value * scale(unit), other * scale(unit)
    places = 1 if is_share(unit) else 2
    while places < 6 and f"{shown:.{places}f}" == f"{beside:.{places}f}":
        places += 1
    text = f"{shown:,.{places}f}".rstrip("0").rstrip(".")
    return amount(text, unit)


def _and(region: Region, sites: Iterable[str]) -> str:
    return " and ".join(", ".join(region.site_names(sorted(sites))).rsplit(", ", 1))
