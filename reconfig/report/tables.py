"""Tables for people: plain headings, units said, numbers only from the appraisal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from reconfig.appraise import Appraisal, Comparison, find_measure
from reconfig.core import Region
from reconfig.report.charts import FrontierLike
from reconfig.report.naming import table_name
from reconfig.report.words import (
    heading,
    listed,
    measure_label,
    measure_unit,
    not_complete,
    used_sites,
)

MINUTES, CASES, SHARE = "minutes", "cases a year", "share of cases"
TIMES = "Travel times"


@dataclass(frozen=True, eq=False)
class Table:
    """A table with its name (of the sheet and the file), its caption and its units.

    units: column -> unit. row_units: the unit of every row, for the columns without one.
    changes: columns that hold a change, shown with a sign. on_page, in_workbook: whether the page
    shows it, and whether it is a sheet of the workbook and a CSV file. rests_on_times: whether
    travel times stand behind it, so that a file of it says how these are known.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)
    row_units: Sequence[str] = ()
    changes: frozenset[str] = frozenset()
    on_page: bool = True
    in_workbook: bool = True
    rests_on_times: bool = True

    def unit(self, column: str, row: int) -> str:
        """Return the unit of one cell, "" if it has none."""
        if column in self.units:
            return self.units[column]
        return self.row_units[row] if self.row_units and column in NUMBERS else ""

    def heading(self, column: str) -> str:
        """Return a column's heading with its unit."""
        unit = self.units.get(column, "")
        if unit == CASES and CASES in column.lower():  # the column's name says it
            return column
        return f"{column} ({unit})" if unit else column


NUMBERS = ("Before", "After", "Change")


def measures_table(comparison: Comparison) -> Table:
    """Return every measure before, after and its change, one row each."""
    found = comparison.overall
    units = [str(unit) for unit in found["unit"]]
    frame = pd.DataFrame(
        {
            "Measure": [measure_label(str(name)) for name in found.index],
            "Before": found["before"].to_numpy(float),
            "After": found["after"].to_numpy(float),
            "Change": found["change"].to_numpy(float),
            "Unit": units,
        }
    )
    caption = "Every measure over all cases; the summary gives the interval of lives saved"
    return Table("Measures", caption, frame, {}, units, frozenset({"Change"}))


# What the effects of outcome models are called, by the name of the part.
EFFECT_WORDS = {
    "hub": "the effect of hubs",
    "delay": "longer and shorter journeys",
    "transfer": "transfers from a site that is closed",
    "volume": "the volumes of sites",
    "units": "care in a hyper-acute unit",
}


def lives_table(comparison: Comparison) -> Table | None:
    """Return lives saved with all that qualifies them; None where none are estimated."""
    rows: dict[str, list[float]] = {}
    for word, lives in (("Before", comparison.before.lives), ("After", comparison.after.lives)):
        if lives is None:
            return None
        rows[word] = [
            lives.central,
            lives.low,
            lives.high,
            lives.baseline_deaths,
            lives.probability_of_no_gain,
            *lives.parts.values(),
        ]
        parts, baseline = list(lives.parts), lives.baseline
    named = [f"Lives saved by {EFFECT_WORDS.get(part, part)}" for part in parts]
    head = [
        "Lives saved, expected",
        "Lives saved, lower end of the 95 % interval",
        "Lives saved, upper end of the 95 % interval",
        f"Deaths at baseline ({baseline})",
        "Chance of no gain or of harm",
        *named,
    ]
    units = ["lives a year"] * 3 + ["deaths a year", "share"] + ["lives a year"] * len(named)
    frame = pd.DataFrame({"Estimate": head, **rows, "Unit": units})
    caption = "Lives saved a year with interval, baseline and chance of no gain; all estimated"
    return Table("Lives saved", caption, frame, {}, units)


def gains_tables(comparison: Comparison) -> list[Table]:
    """Return one table a group column: what is estimated beside lives, one row a group.

    Lives saved are in none: they are never without an interval, which no group has.
    """
    gains = [name for name in comparison.after.measures if _is_gain(name)]
    if not gains:
        return []
    taken = set[str]()
    names = [table_name(f"Gains by {heading(c).lower()}", taken) for c in comparison.by]
    return [
        _gains_table(comparison, column, gains, name)
        for column, name in zip(comparison.by, names, strict=True)
    ]


def _is_gain(name: str) -> bool:
    measure = find_measure(name)
    return measure is not None and measure.estimated and measure.by_group and not measure.only


def _gains_table(comparison: Comparison, column: str, gains: Sequence[str], sheet: str) -> Table:
    before, after = comparison.before.by[column], comparison.after.by[column]
    columns: dict[str, Any] = {heading(column): list(before.index), "Cases a year": before["cases"]}
    units, changes = {"Cases a year": CASES}, set()
    for name in gains:
        label = measure_label(name)
        values = {
            "before": before[name],
            "after": after[name],
            "change": after[name] - before[name],
        }
        for word, found in values.items():
            columns[f"{label}, {word}"] = found
            units[f"{label}, {word}"] = measure_unit(name)
        changes.add(f"{label}, change")
    frame = pd.DataFrame({k: list(v) for k, v in columns.items()})
    words = heading(column).lower()
    caption = f"Gains a year by {words}, at the central values of the assumptions; estimated"
    return Table(sheet, caption, frame, units, (), frozenset(changes))


def sites_table(comparison: Comparison) -> Table:
    """Return every candidate and neighbour: open or not, volumes, and how its times are known."""
    before, after = comparison.before, comparison.after
    region, service = before.region, before.service
    used = used_sites(service)
    sites = region.sites.loc[used]
    frame = pd.DataFrame({"Site": list(sites["name"]), "Site id": used})
    if "trust" in sites:
        frame["Trust"] = list(sites["trust"])
    frame["In scope"] = ["yes" if flag else "no" for flag in sites["in_scope"]]
    frame["State before"] = list(site_states(before).values())
    frame["State after"] = list(site_states(after).values())
    cases = [a.volumes.reindex(used).fillna(0.0).to_numpy(float) for a in (before, after)]
    frame["Cases a year before"], frame["Cases a year after"] = cases
    frame["Change in cases a year"] = cases[1] - cases[0]
    frame[TIMES] = list(sites["time_kind"])
    frame["Typical error"] = sites["time_error_minutes"].to_numpy(float)
    candidate = frame["Site id"].isin(service.candidates)
    frame = pd.concat([frame[candidate], frame[~candidate]], ignore_index=True)
    units = {str(c): CASES for c in frame.columns if "ases a year" in str(c)}
    units["Typical error"] = MINUTES
    caption = "Cases a year by site before and after, neighbours included"
    return Table("Sites", caption, frame, units, (), frozenset({"Change in cases a year"}))


def site_states(appraisal: Appraisal) -> dict[str, str]:
    """Return site -> "open", "closed", "proposed" or "neighbour, open", for every site used."""
    proposed = appraisal.region.sites["proposed"]

    def state(site: str) -> str:
        if site in appraisal.service.always_open:
            return "neighbour, open"
        if site in appraisal.open:
            return "open"
        return "proposed" if proposed[site] else "closed"

    return {site: state(site) for site in used_sites(appraisal.service)}


def flows_table(comparison: Comparison) -> Table:
    """Return the cases that move from one site to another, the largest flow first."""
    flows = comparison.flows.sort_values("cases", ascending=False)
    region = comparison.before.region
    frame = pd.DataFrame(
        {
            "From": region.site_names(flows["site_before"]),
            "To": region.site_names(flows["site_after"]),
            "Cases a year": flows["cases"].to_numpy(float),
            "Added minutes, mean": flows["mean_added_minutes"].to_numpy(float),
        }
    )
    units = {"Cases a year": CASES, "Added minutes, mean": MINUTES}
    caption = "Cases that would go to another site, and how much longer they would travel"
    return Table("Flows", caption, frame, units, (), frozenset({"Added minutes, mean"}))


def zones_table(comparison: Comparison) -> Table:
    """Return every zone: its groups, its site and minutes before and after; never its cases."""
    region, found = comparison.before.region, comparison.zones
    zones = region.zones
    frame = pd.DataFrame({"Zone id": list(zones.index)})
    if "name" in zones:
        frame["Name"] = list(zones["name"])
    for column in region.groups:
        frame[heading(column)] = list(zones[column])
    for word in ("before", "after"):
        frame[f"Site {word}"] = region.site_names(found[f"site_{word}"])
        frame[f"Site id {word}"] = list(found[f"site_{word}"])
        frame[f"Times {word}"] = time_kinds(region, found[f"site_{word}"])
    for word in ("before", "after", "change"):
        frame[f"Minutes {word}"] = found[f"minutes_{word}"].to_numpy(float)
    units = {f"Minutes {word}": MINUTES for word in ("before", "after", "change")}
    site = "nearest open site"
    if any(part.tier is not None for part in comparison.after.service.parts):
        site = "site where its cases are treated, of a second tier by way of its first,"
    if comparison.rows is not comparison.zones:
        site = "site where most of its cases go, of them all the mean"
    caption = f"Every zone: {site} and minutes before and after"
    return Table("Zones", caption, frame, units, (), frozenset({"Minutes change"}))


def time_kinds(region: Region, sites: Iterable[str]) -> list[str]:
    """Return how the times to sites are known, in the order of the ids given."""
    kinds = region.sites["time_kind"].to_dict()
    return [str(kinds[site]) for site in sites]


def with_times_label(table: Table, label: str) -> Table:
    """Return a table whose last column says how the travel times behind it are known.

    A table that says so for every row of its own, or rests on no travel times, stays as it is.
    """
    if TIMES in table.frame or not table.rests_on_times:
        return table
    return replace(table, frame=table.frame.assign(**{TIMES: label}))


# Columns of a frontier that qualify lives saved -> heading and unit.
LIVES_COLUMNS = {
    "lives_low": ("Lower end of the 95 % interval", "lives a year"),
    "lives_high": ("Upper end of the 95 % interval", "lives a year"),
    "lives_baseline_deaths": ("Deaths at baseline", "deaths a year"),
    "lives_probability_of_no_gain": ("Chance of no gain or of harm", "share"),
}


def frontier_table(frontier: FrontierLike, region: Region) -> Table:
    """Return the points of a trade-off, one row a configuration."""
    points = frontier.points
    frame = pd.DataFrame({"Open sites": [int(n) for n in points["number"]]})
    units: dict[str, str] = {}
    for name in frontier.measures:
        frame[measure_label(name)] = points[name].to_numpy(float)
        units[measure_label(name)] = measure_unit(name)
    for name, (label, unit) in LIVES_COLUMNS.items():
        if name in points:
            frame[label] = points[name].to_numpy(float)
            units[label] = unit
    frame["Sites"] = [listed(region.site_names(sites)) for sites in points["open"]]
    frame["Status"] = [str(status) for status in points["status"]]
    frame["Gap"] = [float("nan") if gap is None else float(gap) for gap in points["gap"]]
    frame["Beaten by no other"] = ["yes" if flag else "no" for flag in points["efficient"]]
    units["Gap"] = "share"
    caption = "The trade-off: one row a configuration"
    if "lives_saved" in frontier.measures:
        caption += "; lives saved are estimated"
    if frontier.unfinished:
        caption += f". {not_complete(frontier.unfinished)}"
    return Table("Frontier", caption, frame, units)


def sources_table(region: Region) -> Table:
    """Return where the data come from, with their licences."""
    columns = {"What": "what", "From": "from", "Licence": "licence", "Attribution": "attribution"}
    frame = pd.DataFrame(
        {word: [str(s.get(key, "")) for s in region.sources] for word, key in columns.items()}
    )
    return Table("Sources", "Where the data come from", frame, rests_on_times=False)
