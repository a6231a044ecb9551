"""What options are scored by, and how hurdles are said to people."""

from __future__ import annotations

from collections.abc import Sequence

from reconfig.analyse.relax_words import plainly, subject
from reconfig.appraise import COST, Measure, amount, apart, find_measure, scale
from reconfig.core import (
    Among,
    Close,
    Constraint,
    Differ,
    Keep,
    Limit,
    OpenSites,
    Problem,
    Region,
)

# Of outcome models, what comes first is the criterion; zone columns, how groups are compared.
ESTIMATES = ("lives_saved", "qalys")
BETWEEN_GROUPS = (
    ("worst_mean_minutes_by_district", "district"),
    ("gap_mean_minutes_by_deprivation_fifth", "deprivation_fifth"),
)


def criteria_of(problem: Problem) -> tuple[str, ...]:
    """Return the names of the measures that options are scored by, unless told.

    Lives saved, or QALYs; what the objective names first; the mean journey; the share within the
    service's standard, or where there is none, or a limit on it is a hurdle, the 95th percentile;
    the worst district, the gap between deprivation fifths, and cost, where the region has them.
    """
    region, service = problem.region, problem.service
    names = [e for e in ESTIMATES if _applies(e, problem)][:1]
    names += [problem.objective.measure, "mean_minutes"]
    minutes = service.standard_minutes
    standard = "" if minutes is None or minutes != int(minutes) else f"share_within_{int(minutes)}"
    limited = {c.measure for c in problem.constraints if isinstance(c, Limit)}
    names.append(standard if standard and standard not in limited else "p95_minutes")
    names += [name for name, column in BETWEEN_GROUPS if column in region.groups]
    if COST.is_known_in(region, service):
        names.append(COST.name)
    return tuple(dict.fromkeys(names))


def _applies(name: str, problem: Problem) -> bool:
    measure = find_measure(name)
    return measure is not None and measure.applies_to(problem.service)


def better_of(problem: Problem, name: str) -> str:
    """Return which way is good, "lower" or "higher"; the objective's own sense comes first."""
    for stage in problem.objective.stages():
        if stage.measure == name:
            return "lower" if stage.sense == "minimise" else "higher"
    measure = find_measure(name)
    assert measure is not None
    return measure.better


def hurdle_label(constraint: Constraint, region: Region) -> str:
    """Return a constraint as the name of a hurdle, with names of sites in place of ids."""
    if isinstance(constraint, Limit):
        return _limit_label(constraint)
    if isinstance(constraint, Keep | Close):
        word = "Keeps" if isinstance(constraint, Keep) else "Closes"
        return f"{word} {_names(constraint.sites, region)}"
    if isinstance(constraint, Among):
        bounds = str(OpenSites(constraint.at_least, constraint.at_most))
        return _capital(
            f"{bounds} {constraint.named or 'among ' + _names(constraint.sites, region)}"
        )
    if isinstance(constraint, Differ):
        many = f"{constraint.by} site{'' if constraint.by == 1 else 's'}"
        return f"Differs by at least {many} from {_names(constraint.sites, region) or 'no site'}"
    return _capital(str(constraint))


def _limit_label(limit: Limit) -> str:
    measure = find_measure(limit.measure)
    assert measure is not None
    over = limit.at_most_over_today
    parts = [
        "" if limit.at_least is None else f"at least {plainly(limit.at_least, measure.unit)}",
        "" if limit.at_most is None else f"at most {plainly(limit.at_most, measure.unit)}",
        "" if over is None else f"at most {plainly(over, apart(measure.unit))} more than today",
    ]
    bounds = " and ".join(part for part in parts if part)
    where = f" in every {limit.by.replace('_', ' ')}" if limit.by else ""
    return f"{subject(measure)}: {bounds}{where}"


def reason(sentence: str, constraint: Constraint, region: Region) -> str:
    """Return what `violations` says of a broken constraint in words, with names of sites."""
    if isinstance(constraint, Limit):
        measure = find_measure(constraint.measure)
        assert measure is not None
        begin, end = f"{constraint.measure} is ", f", against {constraint}"
        if sentence.startswith(begin) and sentence.endswith(end):
            return _beyond(measure, sentence.removeprefix(begin).removesuffix(end))
        return sentence
    first, space, rest = sentence.partition(" ")
    rest = rest.replace(str(constraint), _small(hurdle_label(constraint, region)))
    name = region.site_names([first])[0] if first in region.sites.index else first
    return f"{name}{space}{rest}"


def _beyond(measure: Measure, found: str) -> str:
    """Return "Mean journey in Wigan is 23.4 minutes" for "23.4123 in Wigan"."""
    text, _, where = found.partition(" ")
    value = amount(f"{scale(measure.unit) * float(text):,.4g}", measure.unit)
    return f"{subject(measure)}{f' {where}' if where else ''} is {value}"


def _names(sites: Sequence[str] | frozenset[str], region: Region) -> str:
    return " and ".join(", ".join(region.site_names(sorted(sites))).rsplit(", ", 1))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _small(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
