"""What is refused of objectives and limits: measures that are unknown, or mean nothing there."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from reconfig.appraise.check_volume import check_volume
from reconfig.appraise.measures import ALSO_LIMITED, Measure, find_measure, known_measures
from reconfig.appraise.units import SHARE, SHARE_APART
from reconfig.core import Faults, Limit, Objective, Problem, suggestion
from reconfig.core.limit import check_groups
from reconfig.core.resources import check_costs


def check_measures(problem: Problem, faults: Faults, *, file: str) -> None:
    """Note every objective or limit that names no measure, or one that cannot be used there."""
    check_demand(problem, faults, file=file)
    for stage in problem.objective.stages():
        check_stage(stage, problem, faults, file=file)
    for limit in (c for c in problem.constraints if isinstance(c, Limit)):
        check_limit(limit, problem, faults, file=file)


def check_demand(problem: Problem, faults: Faults, *, file: str) -> None:
    """Note a service that nobody needs."""
    if not problem.service.cases_per_year > 0:
        faults.add(file, "demand", "no cases in any zone", "cases a year in one zone at least")


def check_stage(stage: Objective, problem: Problem, faults: Faults, *, file: str) -> None:
    """Note a stage of an objective that names no measure, or one that cannot be optimised so."""
    measure = check_name(stage.measure, problem, "objective", faults, file=file)
    if measure is not None:
        if can_be_optimised(measure, "objective", faults, file=file) and not measure.can_be(
            stage.sense
        ):
            faults.add(
                file,
                "objective",
                f"{stage.sense} {stage.measure}",
                f"{GOOD_SENSE[measure.better]} for {NOT_SUMS[measure.better]}",
            )
        check_volume(measure, problem, "objective", faults, file)
    if not 0 <= stage.tolerance < math.inf:
        faults.add(file, "objective", f"tolerance {stage.tolerance:g}", "zero or more")


def can_be_optimised(measure: Measure, place: str, faults: Faults, *, file: str) -> bool:
    """Say whether a measure can be optimised in one sense at least, and note it if not."""
    if measure.can_be("minimise") or measure.can_be("maximise"):
        return True
    if measure.base == "max_minutes":
        found = f"'{measure.name}' can be limited, not optimised"
        expected = "max_minutes, the longest journey of all zones and services together"
        fix = f"Or put {measure.name} in a limit, and optimise another measure."
    else:
        found = f"'{measure.name}' cannot be optimised"
        expected = "a measure that is a sum, the longest journey or the number of sites"
        fix = "Put it in a limit, and optimise mean_minutes or share_within_<minutes>."
    faults.add(file, place, found, expected, fix)
    return False


# What is no sum can be optimised in the sense that is better only.
GOOD_SENSE = {"lower": "minimise", "higher": "maximise"}
NOT_SUMS = {
    "lower": "the longest journey or the number of sites, a worst mean or a gap",
    "higher": "a worst share",
}


def check_limit(limit: Limit, problem: Problem, faults: Faults, *, file: str) -> None:
    """Note a limit on no measure, or with a bound that means nothing for it."""
    place = f"limit on {limit.measure}"
    measure = check_name(limit.measure, problem, place, faults, file=file)
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


def check_name(
    name: str, problem: Problem, place: str, faults: Faults, *, file: str
) -> Measure | None:
    """Return a measure that there is for a problem; note it and return None for any other name."""
    service, groups = problem.service, problem.region.groups
    measure = find_measure(name)
    if measure is None:
        hint = suggestion(name.partition("[")[0], known_measures(groups))
        faults.add(file, place, f"no measure '{name}'", "a known measure", _in_brackets(name, hint))
        return None
    if not _check_only(measure, problem, place, faults, file):
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


def _in_brackets(name: str, hint: str) -> str:
    """Return what to do about an unknown name: of a known measure the brackets are to blame."""
    base, bracket, _ = name.partition("[")
    if not bracket or find_measure(base) is None:
        return hint
    return (
        f"Write {base}[<column>=<value>], with a column of the zones and a value that occurs in it."
    )


def _check_only(measure: Measure, problem: Problem, place: str, faults: Faults, file: str) -> bool:
    """Note brackets that name no column, or a value that no zone has; say whether all is well."""
    before, zones = len(faults.found), problem.region.zones
    named = [column for column, _ in measure.only]
    for column in sorted({c for c in named if named.count(c) > 1}):
        faults.add(file, place, f"'{measure.name}' has '{column}' twice", "each column once")
    for column, value in measure.only:
        if column not in zones.columns:
            hint = suggestion(column, zones.columns)
            faults.add(file, place, f"no zone column '{column}'", "a column of the zones", hint)
        elif value not in (values := set(zones[column].astype(str))):
            hint = suggestion(value, values)
            faults.add(file, place, f"no zone with {column} '{value}'", "a value that occurs", hint)
        elif not measure.by_group and measure.of_groups is None and column != "service":
            found = f"'{measure.base}' of some zones only"
            faults.add(file, place, found, "no brackets: it is known of services only")
    if len(faults.found) == before and not _zones_have(measure.only, zones):
        found = f"no zone with {' and '.join(f'{c} {v!r}' for c, v in measure.only)}"
        faults.add(file, place, found, "values that occur together")
    return len(faults.found) == before


def _zones_have(only: Iterable[tuple[str, str]], zones: pd.DataFrame) -> bool:
    """Say whether a zone has every one of some values in its columns."""
    rows = np.ones(len(zones), dtype=bool)
    for column, value in only:
        rows &= (zones[column].astype(str) == value).to_numpy(dtype=bool)
    return bool(rows.any())
