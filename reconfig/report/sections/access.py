"""Access: how long journeys are and for how many they grow, for everybody and by group."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from reconfig.appraise import Comparison, access_table, amount
from reconfig.core import Region
from reconfig.report.access_charts import groups_chart, journeys_chart
from reconfig.report.naming import slug, table_name
from reconfig.report.sections.block import Block, Part, Picture, Prose, Section
from reconfig.report.tables import CASES, MINUTES, Table
from reconfig.report.words import (
    catchment_words,
    heading,
    listed,
    measure_label,
    measure_unit,
    minutes_by,
    number,
    times_label,
)

# Groups that the page has room for; of more the table is in the workbook alone.
MOST_ON_PAGE = 40
STANDARDS = ("share_within_15", "share_within_30", "share_within_45", "share_within_60")
LENGTHS = ("mean_minutes", "median_minutes", "p95_minutes", "max_minutes")
PATIENT_MINUTES = "patient-minutes a year"
EVERYBODY = "Access, everybody"


def access(comparison: Comparison) -> Section:
    """Return access before and after: for everybody, by every group of zones, and by fringe."""
    everybody = access_table(comparison)
    taken = {EVERYBODY.lower()}
    anchors: set[str] = set()
    blocks: list[Block] = [
        Prose(tuple(access_sentences(comparison))),
        Picture(
            "access-journeys",
            journeys_chart(comparison),
            "Share of cases within so many minutes, before and after",
            _curve_words(everybody.iloc[0]),
        ),
        everybody_table(everybody.iloc[0], EVERYBODY),
    ]
    for column in comparison.after.region.groups:
        blocks.append(_by_column(comparison, column, taken, anchors))
    return Section("access", "Access", tuple(blocks))


def access_sentences(comparison: Comparison) -> list[str]:
    """Return access in sentences: everybody, how many travel longer, the fringe, the times."""
    region, row = comparison.after.region, access_table(comparison).iloc[0]
    if not row["cases"] > 0:
        return ["No cases count here, so there are no journeys to speak of."]

    def pair(name: str) -> str:
        before, after = (number(row[f"{name}_{word}"], MINUTES) for word in ("before", "after"))
        return f"{after} minutes instead of {before}"

    added = row["patient_minutes_added"]
    all_in_all = [number(row[f"patient_minutes_{w}"], CASES) for w in ("after", "before")]
    return [
        f"Of {cases_words(row['cases'])} the mean journey would take {pair('mean_minutes')}.",
        f"Half of them would be within {pair('median_minutes')}, 95 in 100 within "
        f"{pair('p95_minutes')}; the longest journey would take {pair('max_minutes')}.",
        longer_sentence(row),
        f"All journeys there together would take {all_in_all[0]} patient-minutes a year instead of "
        f"{all_in_all[1]}: {number(abs(added), CASES)} {'more' if added >= 0 else 'fewer'}.",
        *_of_several(comparison),
        fringe_sentence(region),
        f"All times are {minutes_by(region)}; travel times: "
        f"{times_label(region, comparison.after.service)}.",
    ]


def _of_several(comparison: Comparison) -> list[str]:
    """Say whose cases are added up where several services are decided together."""
    parts = comparison.after.service.parts
    if not parts:
        return []
    names = listed([part.name for part in parts])
    said = [f"These are the cases of {names} together; the table by service sets them apart."]
    if any(part.tier is not None for part in parts):
        said.append("Who needs both tiers counts once in each, with the whole way to either.")
    return said


def longer_sentence(row: pd.Series[float]) -> str:
    """Say of a group how many cases travel 10 minutes longer, and how many 20."""
    if not row["cases_10_longer"] > 0:
        return "For nobody would the journey be longer by 10 minutes or more."
    return (
        f"For {cases_words(row['cases_10_longer'])} the journey would be longer by 10 minutes or "
        f"more; among them for {_or_none(row['cases_20_longer'])} by 20 minutes or more."
    )


def _or_none(value: float) -> str:
    return number(value, CASES) if value > 0 else "none"


def cases_words(value: float) -> str:
    """Return a number of cases with its unit: "1 case a year", "under 1 case a year"."""
    if 0 < value < 0.5:
        return "under 1 case a year"
    return amount(number(value, CASES), CASES)


def fringe_sentence(region: Region) -> str:
    """Say whether people outside the catchment are counted, and how they could be."""
    if "catchment" in region.groups:
        return "The table by catchment sets people of the fringe apart from the others."
    others = [name for name in region.catchments if name not in (region.catchment, "default")]
    if not others:
        return "The region names no fringe: the people of all its zones count alike."
    counted = f"Only the people of {catchment_words(region)}" if region.catchment else "All"
    return (
        f"{counted} are counted, so there is no table of the fringe; load the region with the "
        f"catchment {listed(others)} to see it."
    )


def everybody_table(row: pd.Series[float], name: str, whose: str = "all cases") -> Table:
    """Return the figures of one group as a table: a row each, before, after and change.

    whose: whose cases they are of, for the caption.
    """
    found = []
    for measure in (*LENGTHS, *STANDARDS):
        values = [float(row[f"{measure}_{word}"]) for word in ("before", "after", "change")]
        found.append([_label(measure), *values, _unit(measure)])
    minutes = [float(row[f"patient_minutes_{word}"]) for word in ("before", "after", "added")]
    found.append(["Time of all journeys", *minutes, PATIENT_MINUTES])
    frame = pd.DataFrame(found, columns=["Measure", "Before", "After", "Change", "Unit"])
    caption = f"Access before and after, over {whose}"
    return Table(name, caption, frame, {}, list(frame["Unit"]), frozenset({"Change"}))


def _by_column(comparison: Comparison, column: str, taken: set[str], anchors: set[str]) -> Part:
    """Return the tables and the chart by one column of the zones."""
    words = heading(column)
    table = access_table(comparison, column)
    part = slug(f"access by {words}", anchors)
    full = _table(table, words, table_name(f"Access by {words.lower()}", taken), _columns())
    if len(table) > MOST_ON_PAGE:
        said = (
            f"{len(table):,} groups are too many for a page: the sheet '{full.name}' of the "
            "workbook has them all."
        )
        return Part(part, f"By {words.lower()}", (Prose((said, _extremes(table))), full))
    title = f"Mean journey before and after, by {words.lower()}"
    lengths = [c for c in _columns() if c[0] in ("cases", *LENGTHS, "patient_minutes")]
    lengths = [c for c in lengths if c[1] != "change" or c[0] == "mean_minutes"]
    lengths = [c for c in lengths if c[0] != "patient_minutes" or c[1] == "added"]
    within = [c for c in _columns() if c[0] in STANDARDS and c[1] != "change"]
    within += [("cases_10_longer", ""), ("cases_20_longer", "")]
    shown = [
        _table(table, words, table_name(f"Journeys by {words.lower()}", taken), lengths),
        _table(table, words, table_name(f"Standards by {words.lower()}", taken), within),
    ]
    name = slug(f"mean journey by {words}", anchors)
    picture = Picture(name, groups_chart(comparison, table, title), title, _extremes(table))
    on_page = [_only(t, page=True) for t in shown]
    return Part(
        part,
        f"By {words.lower()}",
        (Prose((_extremes(table),)), picture, *on_page, _only(full, page=False)),
    )


def _columns() -> list[tuple[str, str]]:
    """Return every figure of an access table as (measure, before, after or change)."""
    found = [("cases", "")]
    found += [(m, w) for m in (*LENGTHS, *STANDARDS) for w in ("before", "after", "change")]
    found += [("cases_10_longer", ""), ("cases_20_longer", "")]
    return found + [("patient_minutes", word) for word in ("before", "after", "added")]


def _table(table: pd.DataFrame, words: str, name: str, columns: list[tuple[str, str]]) -> Table:
    frame = pd.DataFrame({words: [str(group) for group in table.index]})
    units, changes = {}, set()
    for measure, word in columns:
        head = f"{_label(measure)}, {word}" if word else _label(measure)
        frame[head] = table[f"{measure}_{word}" if word else measure].to_numpy(float)
        units[head] = _unit(measure)
        if word in ("change", "added"):
            changes.add(head)
    caption = f"Access before and after, by {words.lower()}"
    return Table(name, caption, frame, units, (), frozenset(changes), on_page=False)


def _only(table: Table, *, page: bool) -> Table:
    """Return a table for the page alone, or for the workbook alone."""
    return replace(table, on_page=page, in_workbook=not page)


LABELS = {
    "cases": "Cases a year",
    "median_minutes": "Median journey",
    "cases_10_longer": "Cases a year with 10 minutes or more added",
    "cases_20_longer": "Cases a year with 20 minutes or more added",
    "patient_minutes": "Time of all journeys",
}


def _label(measure: str) -> str:
    return LABELS.get(measure) or measure_label(measure)


def _unit(measure: str) -> str:
    if measure.startswith("cases"):
        return CASES
    if measure == "patient_minutes":
        return PATIENT_MINUTES
    return MINUTES if measure == "median_minutes" else measure_unit(measure)


def _extremes(table: pd.DataFrame) -> str:
    """Say in which group the mean journey grows most, and in which it is longest after."""
    known = table[table["cases"] > 0]
    if known.empty:
        return "No group has any cases."
    change, after = known["mean_minutes_change"], known["mean_minutes_after"]
    most, longest = str(change.idxmax()), str(after.idxmax())
    rise, length = float(change.max()), float(after.max())
    earlier = float(known["mean_minutes_before"].iloc[int(after.to_numpy().argmax())])
    if round(rise, 1) > 0:
        said = f"The mean journey grows most in {most}: by {number(rise, MINUTES)} minutes"
    else:
        said = "The mean journey grows in no group"
    return (
        f"{said}. Afterwards it is longest in {longest}: {number(length, MINUTES)} minutes, "
        f"instead of {number(earlier, MINUTES)}."
    )


def _curve_words(row: pd.Series[float]) -> str:
    """Say in words what the curve of journeys shows."""
    said = [
        f"{measure_label(m).lower()} {number(row[f'{m}_before'], measure_unit(m))} before and "
        f"{number(row[f'{m}_after'], measure_unit(m))} after"
        for m in STANDARDS
    ]
    return f"Two curves of the share of cases by minutes: {listed(said)}."
