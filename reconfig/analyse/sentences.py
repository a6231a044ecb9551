"""What a board should be told beside the answer: its nearest rival, what more sites would do."""

from __future__ import annotations

from collections.abc import Iterable

from reconfig.analyse.frontier import Frontier
from reconfig.appraise import (
    SHARE,
    Measure,
    amount,
    apart,
    appraise,
    find_measure,
    scale,
    violations,
)
from reconfig.core import Configuration, Limit, Problem, Region, Solution, Status
from reconfig.outcomes import RiskModel
from reconfig.solve import runner_up

# Of a choice of more sites than these only what is different is named.
MOST_NAMED = 10


def rival_sentences(solution: Solution, *, time_limit: float | None = None) -> list[str]:
    """Say which other choice of as many sites comes next, by how much, and whether that is real.

    Nothing is said of a solution that is not proven, nor of a rival that was not proven within
    time_limit (seconds): what comes next would be a guess.
    """
    if solution.status is not Status.OPTIMAL:
        return []
    rival = runner_up(solution, time_limit=time_limit)
    if rival is None or rival.status is not Status.OPTIMAL:
        return []
    region = solution.problem.region
    stages = solution.problem.objective.stages()
    gaps = [_difference(s.measure, solution, rival) for s in stages]
    names = _named(region, solution.open, rival.open)
    many = _how_many(rival)
    tied = all(gap.endswith("the same") for gap in gaps)
    said = [
        f"Another choice of {many} is equally good, and others may be too: {names}. "
        "Which of them is shown is arbitrary."
        if tied
        else f"The next best choice of {many} is {names}: {', '.join(gaps)}."
    ]
    error = _error_between(region, set(solution.open) ^ set(rival.open))
    apart = abs(rival.measures["mean_minutes"] - solution.measures["mean_minutes"])
    if error is not None and apart < error:
        said.append(
            f"The mean journeys of the two differ by {apart:.2f} minutes, less than the "
            f"{error:.1f} minutes that the estimated times to a site may be out: by mean "
            "journey they cannot be told apart on these data."
        )
    outcome = solution.problem.service.outcome
    if outcome is not None and "lives_saved" in outcome.estimates and not outcome.by_volume:
        by_delay = isinstance(outcome, RiskModel) and "delay" in outcome.effects
        delay = ", and by what longer journeys and transfers cost" if by_delay else ""
        said.append(
            "Between choices of as many sites, lives saved differ only by how many cases go to "
            f"neighbours outside the decision{delay}."
        )
    return said


def _how_many(solution: Solution) -> str:
    """Return "4", or of several services "4 + 3": how many sites each of them has."""
    service = solution.problem.service
    counts = [
        sum(site.startswith(f"{part.id}@") for site in solution.open) for part in service.parts
    ]
    return " + ".join(map(str, counts)) if counts else str(len(solution.open))


def _named(region: Region, chosen: tuple[str, ...], other: tuple[str, ...]) -> str:
    """Return the sites of another choice; of many, only those that are different."""
    if len(other) <= MOST_NAMED:
        return _and(region, other)
    comes, goes = sorted(set(other) - set(chosen)), sorted(set(chosen) - set(other))
    return f"the same with {_and(region, comes)} in place of {_and(region, goes)}"


def _and(region: Region, sites: Iterable[str]) -> str:
    return " and ".join(", ".join(region.site_names(sites)).rsplit(", ", 1))


def _difference(name: str, solution: Solution, rival: Solution) -> str:
    """Return "Mean journey 0.02 minutes more" of the rival against the solution."""
    measure = find_measure(name)
    assert measure is not None
    change = rival.measures[name] - solution.measures[name]
    if abs(change) < 5e-4:
        return f"{measure.label.lower()} the same"
    unit = measure.unit
    shown = f"{scale(unit) * abs(change):,.2f}"
    size = amount(shown if float(shown.replace(",", "")) else "less than 0.01", apart(unit))
    return f"{measure.label.lower()} {size} {'more' if change > 0 else 'less'}"


def _amount(measure: Measure, value: float) -> str:
    """Return a value with its unit: "17.3 minutes", "23.7 % of cases"."""
    text = f"{scale(measure.unit) * value:,.1f}"
    return f"{text} % of cases" if measure.unit == SHARE else amount(text, measure.unit)


def _error_between(region: Region, sites: set[str]) -> float | None:
    """Return the largest error (minutes) of the estimated times to some sites, None if none is."""
    guessed = sorted(sites.intersection(region.estimated_sites))
    errors = region.sites.loc[guessed, "time_error_minutes"].dropna()
    return float(errors.max()) if len(errors) else None


def more_sites_sentences(frontier: Frontier, solution: Solution) -> list[str]:
    """Say which smallest larger number of sites would do better on every measure, if one would."""
    measures = [m for m in map(find_measure, frontier.measures) if m is not None]
    problem = solution.problem
    here = appraise(
        problem.region, problem.service, solution.found(), measures=frontier.measures
    ).measures
    better = frontier.points[frontier.points["number"] > len(solution.open)]
    for measure in measures:
        sign = 1.0 if measure.better == "higher" else -1.0
        better = better[sign * (better[measure.name] - here[measure.name]) > 0]
    if better.empty:
        return []
    point = better.iloc[0]
    region = problem.region
    named = ", ".join(region.site_names(point["open"]))
    values = " and ".join(f"{m.label.lower()} {_amount(m, float(point[m.name]))}" for m in measures)
    counts = "both counts" if len(measures) == 2 else "every count"
    return [
        f"{point['number']} sites would do better on {counts} in this model: {named}, with "
        f"{values}. The number of sites was given, not found: what argues for fewer is staff and "
        "money, of which the model knows only a judgement on staffing."
    ]


# No choice makes these better than every candidate open; nor shares, nor the worst group's.
BEST_WITH_ALL = ("mean_minutes", "p95_minutes", "max_minutes", "max_volume", "neighbour_cases")


def out_of_reach(problem: Problem, limit: Limit) -> list[str]:
    """Say where a limit cannot be met even with every candidate open, one sentence a place.

    Nothing of a measure for which more sites may be worse, such as the smallest volume.
    """
    if problem.service.is_directed:  # somebody may be sent elsewhere than to the nearest
        return []
    measure = find_measure(limit.measure)
    if measure is None:
        return []
    worst = measure.of_groups is not None and measure.of_groups.kind == "worst"
    if not (worst or measure.base in BEST_WITH_ALL or measure.unit == SHARE):
        return []
    everything = set(problem.service.candidates) - problem.closed
    alone = Problem(problem.region, problem.service, problem.objective, [limit])
    return violations(alone, Configuration.of(problem.service.id, everything))
