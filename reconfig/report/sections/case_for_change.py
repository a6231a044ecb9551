"""Case for change: today by site, the standards that are met, and what the data do not say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from reconfig.appraise import Appraisal, Comparison, by_site, violations
from reconfig.core import (
    Among,
    Close,
    Constraint,
    Differ,
    Keep,
    OpenSites,
    Problem,
    Region,
    Service,
    Solution,
    apart,
)
from reconfig.report.sections.block import Block, Part, Prose, Section
from reconfig.report.tables import CASES, MINUTES, SHARE, TIMES, Table, site_states, time_kinds
from reconfig.report.words import (
    count_of,
    heading,
    listed,
    measure_unit,
    number,
    used_sites,
)

# Columns of the sites table that every region has, or that say where a site is and not what it has.
USUAL = (
    "name",
    "short_name",
    "in_scope",
    "proposed",
    "time_kind",
    "time_error_minutes",
    "easting",
    "northing",
    "service",
)
# Demands on the choice itself, which today's sites need not meet for care to be good today.
ON_THE_CHOICE = (OpenSites, Keep, Close, Among, Differ)


def case_for_change(comparison: Comparison, *, solution: Solution | None = None) -> Section:
    """Return today by site: volumes, journeys, baseline and standards, and what is not known.

    solution: with it, the demands of its problem are judged for today's sites too.
    """
    today = comparison.before
    blocks: list[Block] = [
        Prose(tuple(_baseline(today))),
        _sites_table(today),
        Part("case-for-change-standards", "Standards met today", _standards(today, solution)),
        Part("case-for-change-unknown", "What is not known", (Prose(tuple(_unknown(today))),)),
    ]
    return Section("case-for-change", "Case for change", tuple(blocks))


def _baseline(today: Appraisal) -> Iterator[str]:
    """Say how many cases there are, where they go, and how many die at baseline."""
    service, volumes = today.service, today.volumes.reindex(list(today.open)).fillna(0.0)
    whole = apart(today.configuration)
    for part in service.parts or (service,):
        sites = count_of(len(whole.sites(part.id)), "site")
        yield f"{part.name} has {part.cases_per_year:,.0f} cases a year, and is at {sites} today."
    if len(volumes):
        name = today.region.sites["name"]
        low, high = str(volumes.idxmin()), str(volumes.idxmax())
        yield (
            f"The smallest volume is {volumes[low]:,.0f} cases a year ({name[low]}), the largest "
            f"{volumes[high]:,.0f} ({name[high]})."
        )
    elsewhere = today.measures.get("neighbour_cases")
    if elsewhere and service.always_open:
        yield f"{elsewhere:,.0f} cases a year go to neighbours, which are always open."
    if today.lives is None:
        yield "No outcome model of deaths is given, so there is no baseline of deaths."
        return
    lives = today.lives
    yield (
        f"At baseline ({lives.baseline}) {lives.baseline_deaths:,.0f} deaths a year are expected "
        f"among these cases. That is one rate for all: it says nothing of any one site. "
        f"Basis: {lives.basis}."
    )
    if lives.central != 0:
        yield f"Saved of these, as things are today: {lives} (estimated)."


def _sites_table(today: Appraisal) -> Table:
    """Return every site of the service: what it is today, who comes, and from how far."""
    region, found, states = today.region, by_site(today), site_states(today)
    order = [*found.index, *(site for site in states if site not in found.index)]
    found, sites = found.reindex(order), region.sites.loc[order]
    frame = pd.DataFrame({"Site": list(sites["name"]), "Site id": order})
    if "trust" in sites:
        frame["Trust"] = list(sites["trust"])
    frame["State today"] = [states[site] for site in order]
    frame["Cases a year"] = found["cases"].fillna(0.0).to_numpy(float)
    frame["Share of all cases"] = found["share"].fillna(0.0).to_numpy(float)
    frame["Mean journey"] = found["mean_minutes"].to_numpy(float)
    frame["Longest journey"] = found["longest_minutes"].to_numpy(float)
    standards = found["standard_minutes"].dropna()
    if standards.nunique() > 1:
        frame["Standard of access"] = found["standard_minutes"].to_numpy(float)
    if len(standards):
        frame["Within the standard"] = found["within_standard"].to_numpy(float)
    for column in _own_columns(region):
        frame[heading(column)] = list(sites[column])
    frame[TIMES] = time_kinds(region, order)
    units = {
        "Cases a year": CASES,
        "Share of all cases": SHARE,
        "Mean journey": MINUTES,
        "Longest journey": MINUTES,
        "Standard of access": MINUTES,
        "Within the standard": SHARE,
    }
    units = {column: unit for column, unit in units.items() if column in frame}
    return Table("Sites today", "Today by site: volumes and journeys", frame, units)


def _own_columns(region: Region) -> list[str]:
    """Return the columns of numbers that the region's sites have of their own: beds, say."""
    numbers = region.sites.select_dtypes(include="number")
    return [str(column) for column in numbers if column not in USUAL]


def _standards(today: Appraisal, solution: Solution | None) -> tuple[Block, ...]:
    """Return which standards of access, and which demands of the problem, today meets."""
    said = list(_access(today))
    blocks: list[Block] = [Prose(tuple(said))]
    if solution is None:
        return tuple(blocks)
    rows = list(_judged(solution.problem, today))
    if not rows:
        missing = "The problem makes no demand on volumes, capacity, staff, money or journeys."
        return (*blocks, Prose((missing,)))
    frame = pd.DataFrame(rows, columns=["Demand", "Met today", "Where not"])
    caption = "What is asked of the choice, judged for today's sites"
    return (*blocks, Table("Demands today", caption, frame))


def _access(today: Appraisal) -> Iterator[str]:
    service: Service = today.service
    for part in service.parts or (service,):
        of = f"{part.name}: " if service.parts else ""
        standard = part.standard_minutes
        if standard is None:
            yield f"{of}No standard of access is given for this service."
            continue
        name = f"share_within_{standard:g}"
        share = number(_within(today, part, standard), measure_unit(name))
        yield f"{of}{share} of cases are within the standard of {standard:g} minutes today."


def _within(today: Appraisal, part: Service, standard: float) -> float:
    """Return the share of a service's cases (0 to 1) within its standard, NaN if it has none."""
    own = {f"{part.id}@{site}" if today.service.parts else site for site in used_sites(part)}
    flows = today.flows[today.flows["site_id"].isin(own)]
    total = float(flows["cases"].sum())
    within = float(flows.loc[flows["minutes"] <= standard, "cases"].sum())
    return within / total if total > 0 else float("nan")


def _judged(problem: Problem, today: Appraisal) -> Iterator[tuple[str, str, str]]:
    """Yield each demand beyond those on the choice itself, whether today meets it, and why not."""
    for constraint in problem.constraints:
        if isinstance(constraint, ON_THE_CHOICE):
            continue
        broken = _broken(problem, constraint, today)
        yield str(constraint), "no" if broken else "yes", "; ".join(broken)


def _broken(problem: Problem, constraint: Constraint, today: Appraisal) -> list[str]:
    alone = replace(problem, constraints=(constraint,))
    return violations(alone, today.configuration)


def _unknown(today: Appraisal) -> Iterator[str]:
    """Say which things a case for change usually rests on are not in the region's data."""
    region = today.region.physical or today.region
    own = [heading(column).lower() for column in _own_columns(region)]
    if own:
        yield f"Of the sites the data also say: {listed(own)}."
    yield (
        "Not in the data, and so not said here: gaps in rotas, vacancies, waits, how full beds and "
        "theatres are, the state of buildings, and how patients of each site fare."
    )
    yield (
        "What stands in a column of sites.csv is shown in the table above; beds and theatre hours "
        "can be turned into cases a year (rc.beds_to_cases, rc.theatre_to_cases)."
    )
