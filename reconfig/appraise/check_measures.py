"""What is refused of objectives and limits: measures that are unknown, or mean nothing there."""

from __future__ import annotations

import math

from reconfig.appraise.check_volume import check_volume
from reconfig.appraise.measures import ALSO_LIMITED, Measure, find_measure, known_measures
from reconfig.appraise.units import SHARE, SHARE_APART
from reconfig.core import Faults, Limit, Problem, suggestion
from reconfig.core.limit import check_groups
from reconfig.core.resources import check_costs


def check_measures(problem: Problem, faults: Faults, *, file: str) -> None:
    """Note every objective or limit that names no measure, or one that cannot be used there."""
    if not problem.service.cases_per_year > 0:
        faults.add(file, "demand", "no cases in any zone", "cases a year in one zone at least")
    for stage in problem.objective.stages():
        measure = _check_name(stage.measure, problem, "objective", faults, file)
        if measure is not None and not (measure.can_be("minimise") or measure.can_be("maximise")):
            faults.add(
                file,
                "objective",
                f"'{stage.measure}' cannot be optimised",
                "a measure that is a sum, the longest journey or the number of sites",
                "Put it in a limit, and optimise mean_minutes or share_within_<minutes>.",
            )
        elif measure is not None and not measure.can_be(stage.sense):
            faults.add(
                file,
                "objective",
                f"{stage.sense} {stage.measure}",
                f"{GOOD_SENSE[measure.better]} for {NOT_SUMS[measure.better]}",
            )
        if measure is not None:
            check_volume(measure, problem, "objective", faults, file)
        if not 0 <= stage.tolerance < math.inf:
            faults.add(file, "objective", f"tolerance {stage.tolerance:g}", "zero or more")
    for limit in (c for c in problem.constraints if isinstance(c, Limit)):
        _check_limit(limit, problem, faults, file)


# What is no sum can be optimised in the sense that is better only.
GOOD_SENSE = {"lower": "minimise", "higher": "maximise"}
NOT_SUMS = {
    "lower": "the longest journey or the number of sites, a worst mean or a gap",
    "higher": "a worst share",
}


def _check_limit(limit: Limit, problem: Problem, faults: Faults, file: str) -> None:
    place = f"limit on {limit.measure}"
    measure = _check_name(limit.measure, problem, place, faults, file)
    if measure is None:
        return
    if measure.statistic is not None and measure.base not in ALSO_LIMITED:
        expected = f"a measure that is a sum, or one of {', '.join(ALSO_LIMITED)}"
        faults.add(file, place, f"'{limit.measure}' is reported only", expected)
    check_volume(measure, problem, place, faults, file, by=limit.by)
    if limit.by is not None and not measure.by_group:
        why = "it compares groups already" if measure.of_groups else "it is known overall only"
        faults.add(file, place, f"by = '{limit.by}'", f"no 'by': {why}")
    for word, bound, opposed in (
        ("at_least", limit.at_least, "lower"),
        ("at_most", limit.at_most, "higher"),
        ("at_most_over_today", limit.at_most_over_today, "higher"),
    ):
        if bound is None:
            continue
        if not math.isfinite(bound):
            faults.add(file, place, f"{word} = {bound:g}", "a number")
            continue
        lowest = -1 if word == "at_most_over_today" else 0
        if measure.unit in (SHARE, SHARE_APART) and not lowest <= bound <= 1:
            faults.add(
                file, place, f"{word} = {bound:g}", "a share from 0 to 1", "Write 0.95 for 95 %."
            )
        if measure.table is None and measure.better == opposed and measure.base != "open_sites":
            faults.add(
                file,
                place,
                f"{word} = {bound:g}",
                "at_most for journeys, gaps and largest volumes, at_least for smallest ones",
            )


def _check_name(
    name: str, problem: Problem, place: str, faults: Faults, file: str
) -> Measure | None:
    service, groups = problem.service, problem.region.groups
    measure = find_measure(name)
    if measure is None:
        faults.add(
            file,
            place,
            f"no measure '{name}'",
            "a known measure",
            suggestion(name, known_measures(groups)),
        )
        return None
    if measure.only is not None and not _check_only(measure, problem, place, faults, file):
        return None
    if measure.of_groups is not None:
        before = len(faults.found)
        check_groups(measure.of_groups.column, problem.region, faults, file, place)
        return measure if len(faults.found) == before else None
    if measure.columns and not measure.is_known_in(problem.region, service):
        check_costs(problem.region, service, faults, file=file, place=place)
        return None
    if not measure.applies_to(service):
        faults.add(
            file,
            place,
            f"'{name}' is not estimated for this service",
            "a service whose outcome model estimates it",
            f"That of '{service.id}' does not; use a measure of access.",
        )
        return None
    return measure


def _check_only(measure: Measure, problem: Problem, place: str, faults: Faults, file: str) -> bool:
    """Note brackets that name no column, or a value that no zone has; say whether all is well."""
    assert measure.only is not None
    column, value = measure.only
    before, zones = len(faults.found), problem.region.zones
    if column not in zones.columns:
        hint = suggestion(column, zones.columns)
        faults.add(file, place, f"no zone column '{column}'", "a column of the zones", hint)
    elif value not in (values := set(zones[column].astype(str))):
        hint = suggestion(value, values)
        faults.add(file, place, f"no zone with {column} '{value}'", "a value that occurs", hint)
    elif not measure.by_group and measure.of_groups is None and column != "service":
        found = f"'{measure.base}' of some zones only"
        faults.add(file, place, found, "no brackets: it is known of services only")
    return len(faults.found) == before
