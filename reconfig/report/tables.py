"""Tables for people: plain headings, units said, numbers only from the appraisal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from reconfig.appraise import Appraisal, Comparison
from reconfig.core import Region
from reconfig.report.charts import FrontierLike
from reconfig.report.words import (
    heading,
    listed,
    measure_label,
    measure_unit,
    not_complete,
    used_sites,
)

# Measures that a table by group leaves out or puts elsewhere.
LEFT_OUT_BY_GROUP = (
    "share_within_60",
    "mean_minutes",  # comes first, with its change
    "neighbour_cases",
    "lives_saved",  # never without its interval and baseline, which no group has
)
MINUTES, CASES, SHARE = "minutes", "cases a year", "share of cases"
TIMES = "Travel times"


@dataclass(frozen=True, eq=False)
class Table:
    """A table with its name (of the sheet and the file), its caption and its units.

    units: column -> unit. row_units: the unit of every row, for the columns without one.
    changes: columns that hold a change, shown with a sign.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)
    row_units: Sequence[str] = ()
    changes: frozenset[str] = frozenset()

    def unit(self, column: str, row: int) -> str:
        """Return the unit of one cell, "" if it has none."""
        if column in self.units:
            return self.units[column]
        return self.row_units[row] if self.row_units and column in NUMBERS else ""

    def heading(self, column: str) -> str:
        """Return a column's heading with its unit."""
        unit = self.units.get(column, "")
        if unit == CASES:  # such a column's name says it
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


def group_tables(comparison: Comparison) -> list[Table]:
    """Return one table a group column: access before and after, one row a group."""
    return [_group_table(comparison, column) for column in comparison.by]


def _group_table(comparison: Comparison, column: str) -> Table:
    before, after = comparison.before.by[column], comparison.after.by[column]
    columns: dict[str, Any] = {heading(column): list(before.index), "Cases a year": before["cases"]}
    units = {"Cases a year": CASES}
    changes = set()
    change = comparison.by[column]["change"].unstack("measure").reindex(before.index)
    for name in _measures_by_group(comparison, before):
        label = measure_label(name)
        columns[f"{label}, before"] = before[name]
        columns[f"{label}, after"] = after[name]
        units[f"{label}, before"] = units[f"{label}, after"] = measure_unit(name)
        if name == "mean_minutes":
            columns[f"{label}, change"] = change[name]
            units[f"{label}, change"] = measure_unit(name)
            changes.add(f"{label}, change")
    frame = pd.DataFrame({k: list(v) for k, v in columns.items()})
    words = heading(column).lower()
    return Table(
        f"By {words}",
        f"Journeys before and after, by {words}",
        frame,
        units,
        (),
        frozenset(changes),
    )


def _measures_by_group(comparison: Comparison, table: pd.DataFrame) -> list[str]:
    known = [str(name) for name in comparison.overall.index if name in table.columns]
    return ["mean_minutes", *(name for name in known if name not in LEFT_OUT_BY_GROUP)]


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
    return [str(region.sites.loc[site, "time_kind"]) for site in sites]


def with_times_label(table: Table, label: str) -> Table:
    """Return a table whose last column says how the travel times behind it are known.

    A table that says so for every row of its own stays as it is.
    """
    if TIMES in table.frame:
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
    return Table("Sources", "Where the data come from", frame)


def notes_table(notes: Sequence[tuple[str, str]]) -> Table:
    """Return sentences with their topics, for the first sheet of the workbook."""
    frame = pd.DataFrame({"Topic": [t for t, _ in notes], "Text": [text for _, text in notes]})
    return Table("Summary", "Summary", frame)
