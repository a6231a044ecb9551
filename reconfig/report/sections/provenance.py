"""Assumptions, data and their age, how times are known, versions, hashes, and the exact command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from reconfig.appraise import Comparison, assumptions_used
from reconfig.core import Region, Service, Solution
from reconfig.report.layers import map_layers
from reconfig.report.results import versions
from reconfig.report.sections.block import Block, Part, Prose, Section, Terms
from reconfig.report.summary import changed_assumptions, limits_of_knowledge
from reconfig.report.tables import MINUTES, Table, sources_table, zones_table
from reconfig.report.words import estimated_times, used_sites

CONFIDENCE = (
    "Confidence: found (read in the source named), recalled (remembered, not read again), derived "
    "(worked out from others), judgement (this project's own view)."
)


def provenance(
    comparison: Comparison,
    *,
    solution: Solution | None = None,
    command: str | None = None,
    explorer: bool = True,
) -> Section:
    """Return what the report rests on, what it does not know, and how to make it again.

    explorer: whether the page holds the map that can be played with, and so every zone's cases.
    """
    region, service = comparison.after.region, comparison.after.service
    limits = Terms(tuple(limits_of_knowledge(region, service)))
    parts = (
        Part("provenance-limits", "What this does not know", (limits,)),
        Part("provenance-assumptions", "Assumptions used", tuple(_assumptions(comparison))),
        Part("provenance-data", "Data, their age and licences", _data(region)),
        Part("provenance-times", "Travel times: observed or estimated", _times(region, service)),
        Part("provenance-zones", "Every zone", _zones(comparison, explorer)),
        Part("provenance-again", "How to do it again", _again(region, solution, command)),
    )
    return Section("provenance", "Assumptions, data and how to do it again", parts)


def _assumptions(comparison: Comparison) -> list[Block]:
    """Return every assumption that the estimates ask for, and those that were changed."""
    used = assumptions_used(comparison.after)
    if not used:
        return [Prose(("No outcome model is given, so no clinical assumption is used.",))]
    blocks: list[Block] = []
    changed = comparison.after.region.assumptions
    if any(used.values()):
        blocks += [Prose((CONFIDENCE,)), _assumptions_table(used, changed)]
    else:
        blocks.append(Prose(("The outcome model looks nothing up in the register.",)))
    said = changed_assumptions(comparison.after.region)
    if said:
        blocks += [Prose(("Changed for this report:",), lines=False), Terms(tuple(said))]
    else:
        blocks.append(Prose(("No assumption was changed: all are as the register has them.",)))
    return blocks


def _assumptions_table(
    used: Mapping[str, Mapping[str, Any]], changed: Mapping[str, tuple[float, float]]
) -> Table:
    """Return one row an assumption: value, spread, source and how far to trust it."""
    rows = []
    for service, found in used.items():
        for key, one in found.items():
            row = {"Service": service} if len(used) > 1 else {}
            spread = "; ".join(f"{name} {value:g}" for name, value in one.parameters.items())
            row |= {
                "Assumption": key,
                "What": one.what,
                "Value": f"{one.value:g}",
                "Unit": one.unit,
                "Spread": f"{one.distribution} ({spread})" if spread else one.distribution,
                "Source": one.source,
                "Confidence": one.confidence,
                "Note": one.note,
                "Changed": "yes" if key in changed else "no",
            }
            rows.append(row)
    caption = "Every assumption that the estimates rest on"
    return Table("Assumptions", caption, pd.DataFrame(rows), rests_on_times=False)


def _data(region: Region) -> tuple[Block, ...]:
    """Return the sources with their licences, and to which year demand was grown."""
    year = "Demand is that of the data, grown to no other year."
    if region.year is not None:
        year = f"Demand was grown to {region.year}."
    sources = sources_table(region)
    if sources.frame.empty:
        return (Prose(("The region states no sources.", year)),)
    return (Prose((year,)), sources)


def _times(region: Region, service: Service) -> tuple[Block, ...]:
    """Return how the times to each site are known, and how far they may be out."""
    physical = region.physical or region
    parts = service.parts or (service,)
    used = sorted({site for part in parts for site in used_sites(part)})
    said = []
    for part in parts:
        of = f"{part.name}: " if service.parts else ""
        said.append(f"{of}{estimated_times(physical, part)}")
    sites = physical.sites.loc[used]
    frame = pd.DataFrame(
        {
            "Site": list(sites["name"]),
            "Site id": used,
            "Travel times": [str(kind) for kind in sites["time_kind"]],
            "Typical error": sites["time_error_minutes"].to_numpy(float),
        }
    )
    caption = "How the travel times to each site are known; no figure means that it is not stated"
    return (Prose(tuple(said)), Table("Travel times", caption, frame, {"Typical error": MINUTES}))


def _zones(comparison: Comparison, explorer: bool) -> tuple[Block, ...]:
    has_maps = map_layers(comparison.after.region, comparison.after.service) is not None
    said = (
        "Each zone with its site and its minutes before and after is in tables.xlsx (sheet Zones) "
        f"and csv/zones.csv; they {'and map.gpkg ' if has_maps else ''}leave its cases out."
    )
    if explorer:
        held = (
            "The map on this page that sites can be opened and closed on works with the cases of "
            "each zone, so the file report.html holds them, though it shows none. Where these are "
            "real patients and small numbers must not be passed on, do not pass on that file: make "
            "the report without that map (--no-explorer, or explorer=False in Python), print it "
            "(--pdf), or send the workbook."
        )
    else:
        held = (
            "The map that sites can be opened and closed on was left out (--no-explorer), so the "
            "file report.html does not hold the cases of each zone."
        )
    groups = (
        "Figures by group are in every file; of a group of few people they are small numbers too."
    )
    said_of_cases = _cases_known(comparison.after.service)
    blocks = Prose((said, held, groups, *said_of_cases))
    return (blocks, replace(zones_table(comparison), on_page=False))


def _cases_known(service: Service) -> list[str]:
    """Say, as far as the services do, whether their cases are a model's or counts of patients."""
    said = []
    for part in service.parts or (service,):
        of = f"{part.name}: " if service.parts else ""
        if part.demand_basis:
            said.append(f"Where the cases come from: {of}{part.demand_basis}.")
        else:
            said.append(
                f"{of}The data do not say whether the cases are a model's or counts of patients: "
                "treat them as counts."
            )
    if any(part.demand_basis for part in service.parts or (service,)):
        said.append(
            "Cases worked out from a rate and the number of people are a model, and count no "
            "patient; admissions, and a column of cases, may be counts of real patients."
        )
    return said


def _again(region: Region, solution: Solution | None, command: str | None) -> tuple[Block, ...]:
    """Return the exact command, the versions and the hashes of the inputs."""
    rows = [("Command", command)] if command else []
    if solution is not None:
        rows.append(("Solver", solution.solver))
    packages = ", ".join(f"{name} {number}" for name, number in versions().items())
    rows.append(("Versions", packages))
    said = (
        "The scenario, the hashes of every input and output and the versions are in manifest.json; "
        "the answer for programs is in result.json."
    )
    blocks: tuple[Block, ...] = (Terms(tuple(rows)), Prose((said,)))
    if not command:
        no = "This report was made from Python (rc.report), so there is no command to repeat."
        blocks = (*blocks, Prose((no,)))
    if not region.sha256:
        return (*blocks, Prose(("The region was made in memory, so no input file has a hash.",)))
    frame = pd.DataFrame({"File": list(region.sha256), "SHA-256": list(region.sha256.values())})
    caption = "Inputs of the region with their SHA-256"
    return (*blocks, Table("Inputs", caption, frame, rests_on_times=False))
