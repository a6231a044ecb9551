"""The door: tables of zones, sites and minutes are checked here, once, and every fault listed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconfig.core.check_coordinates import check_coordinates
from reconfig.core.check_minutes import check_minutes
from reconfig.core.columns import (
    Numbers,
    Table,
    checked_numbers,
    checked_yes_or_no,
    identified,
    meant_as_numbers,
    text_column,
)
from reconfig.core.faults import Faults, listing, suggestion

COORDINATES = ("easting", "northing")
# Zone columns that may be below zero; every other one is an amount, of people or cases say.
SIGNED = {*COORDINATES, "x", "y", "lat", "latitude", "lon", "long", "longitude", "lng"}
# Zone columns that are labels even where all of them are digits.
LABELS = ("name", "catchment")
OPTIONAL_SITE_COLUMNS = (
    "name",
    "short_name",
    "in_scope",
    "proposed",
    "time_kind",
    "time_error_minutes",
    *COORDINATES,
)
TIME_KINDS = ("observed", "estimated", "as supplied")


@dataclass(frozen=True)
class CheckedTables:
    """Tables that agree with each other: zones and sites by id, minutes in the same order."""

    zones: pd.DataFrame
    sites: pd.DataFrame
    travel_times: Mapping[str, pd.DataFrame]


def check_region(
    zones: pd.DataFrame | None,
    sites: pd.DataFrame | None,
    travel_times: Mapping[str, pd.DataFrame | None],
    faults: Faults,
    *,
    crs: str | None = None,
    files: Mapping[str, str] | None = None,
) -> CheckedTables:
    """Check tables as they come (text or typed) and return them typed and aligned.

    Every fault is noted in `faults`; the tables returned are of use only if there is none.
    None stands for a table that could not be read, whose fault is noted already.
    files: what to call each table in messages ("zones", "sites", "travel_times", mode -> file).
    """
    names = {"zones": "zones table", "sites": "sites table"} | dict(files or {})
    zone_table = identified(zones, "zone_id", names["zones"], faults)
    site_table = identified(sites, "site_id", names["sites"], faults)
    typed_zones = None if zone_table is None else _typed_zones(zone_table, faults)
    typed_sites = None if site_table is None else _typed_sites(site_table, faults)
    if not travel_times:
        faults.add(
            names.get("travel_times", "travel times"),
            "",
            "no travel-time table",
            "one at least: a row for each zone, a column for each site, minutes",
        )
    tables = {}
    for mode, table in travel_times.items():
        name = names.get(mode, f"travel times by {mode}")
        minutes = identified(table, "zone_id", name, faults)
        if minutes is not None:
            tables[mode] = check_minutes(minutes, zone_table, site_table, faults)
    check_coordinates(typed_zones, typed_sites, tables, names, crs, faults)
    nothing = pd.DataFrame()
    return CheckedTables(
        nothing if typed_zones is None else typed_zones,
        nothing if typed_sites is None else typed_sites,
        tables,
    )


def _typed_zones(table: Table, faults: Faults) -> pd.DataFrame:
    """Turn columns that hold numbers into numbers; note cells that break a numeric column."""
    _note_near_misses(table, COORDINATES, faults)
    columns: dict[str, object] = {}
    for name in map(str, table.data.columns):
        if name in LABELS or not (name in COORDINATES or meant_as_numbers(table.data[name])):
            columns[name] = text_column(table.data[name])
            continue
        columns[name], _ = checked_numbers(
            table,
            name,
            faults,
            negative=name.lower() in SIGNED,
            fix="Correct the cell; or, if the column is one of labels, write them all as words.",
        )
    return pd.DataFrame(columns, index=table.data.index)


def _typed_sites(table: Table, faults: Faults) -> pd.DataFrame:
    """Give the sites table its standard columns and types; the others stay text."""
    _note_near_misses(table, OPTIONAL_SITE_COLUMNS, faults)
    data = table.data
    typed = pd.DataFrame(
        {str(name): text_column(data[name]) for name in data.columns}, index=data.index
    )
    ids = data.index.to_series()
    for name, otherwise in (
        ("name", ids),
        ("short_name", typed["name"].where(typed["name"] != "", ids) if "name" in typed else ids),
        ("time_kind", pd.Series("as supplied", index=data.index)),
    ):
        given = typed[name] if name in typed else pd.Series("", index=data.index)
        typed[name] = given.where(given != "", otherwise)
    _check_time_kinds(table, typed["time_kind"], faults)
    for name in COORDINATES:
        if name in data:
            typed[name], _ = checked_numbers(table, name, faults, negative=True)
    typed["time_error_minutes"] = np.nan
    if "time_error_minutes" in data:
        # A blank says that the error is not known, which is not an error of zero.
        typed["time_error_minutes"], _ = checked_numbers(
            table, "time_error_minutes", faults, expected="minutes", blank=True
        )
    for name, value in (("in_scope", True), ("proposed", False)):
        typed[name] = checked_yes_or_no(table, name, faults) if name in data else value
    if not faults.about(table.file) and not typed["in_scope"].any():
        faults.add(
            table.file, "column 'in_scope'", "no site in scope", "yes at one candidate at least"
        )
    return typed


def _check_time_kinds(table: Table, kinds: pd.Series[str], faults: Faults) -> None:
    strange = ~kinds.isin(TIME_KINDS).to_numpy()
    if strange.any():
        found = kinds[strange].unique()
        faults.add(
            table.file,
            f"column 'time_kind', {table.places(strange)}",
            listing((f"'{v}'" for v in found), most=3),
            "observed, estimated or as supplied",
            suggestion(found[0], TIME_KINDS),
        )


def _note_near_misses(table: Table, known: Iterable[str], faults: Faults) -> None:
    """Note columns that are a known one misspelt: they would be left unread without a word."""
    for name in known:
        if name in table.data.columns:
            continue
        for column in map(str, table.data.columns):
            if _squeezed(column) == _squeezed(name) or (
                len(name) > 6 and difflib.SequenceMatcher(None, column, name).ratio() > 0.9
            ):
                faults.add(
                    table.file,
                    "header",
                    f"unknown column '{column}'",
                    f"'{name}', spelt so",
                    f"Did you mean '{name}'?",
                )


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def check_catchments(
    catchments: Mapping[str, Iterable[str]],
    zones: pd.DataFrame,
    faults: Faults,
    *,
    file: str,
    zones_file: str = "zones table",
) -> None:
    """Note catchments that no zone can be in. catchments: name -> values of zone column."""
    if catchments and "catchment" not in zones.columns:
        faults.add(
            zones_file,
            "header",
            "no column 'catchment'",
            "the column that the catchments choose by",
            suggestion("catchment", zones.columns),
        )
        return
    for name, values in catchments.items():
        if not values:
            faults.add(file, f"catchments, {name}", "no values", "one value at least")
        for value in values:
            if not (zones["catchment"] == value).any():
                faults.add(
                    file,
                    f"catchments, {name}",
                    f"no zone has '{value}'",
                    "values of the zone column 'catchment'",
                    suggestion(str(value), zones["catchment"].unique()),
                )


def check_demand(
    zones: pd.DataFrame, column: str, faults: Faults, *, file: str, place: str
) -> pd.Series[float] | None:
    """Return a zone column as cases a year; note why it cannot be if it cannot."""
    numeric = [c for c in zones.select_dtypes("number").columns if c not in COORDINATES]
    if column not in zones.columns:
        faults.add(
            file,
            place,
            f"no zone column '{column}'",
            "a column of numbers of the zones table",
            suggestion(column, numeric),
        )
        return None
    read = Numbers.of(zones[column])
    if column not in numeric or np.isnan(read.values).any():
        bad = zones.index[np.isnan(read.values)]
        values = listing((f"'{v}'" for v in zones[column].loc[bad].unique()), most=3)
        faults.add(
            file,
            place,
            f"zone column '{column}' is not one of numbers"
            + (f": {values} at zone {listing(bad)}" if len(bad) else ""),
            "cases a year in every zone",
            suggestion(column, [c for c in numeric if c != column]),
        )
    elif (read.values < 0).any():
        bad = zones.index[read.values < 0]
        faults.add(
            file, place, f"column '{column}' is negative at zone {listing(bad)}", "cases a year"
        )
    elif not read.values.sum() > 0:
        faults.add(file, place, f"column '{column}' adds up to nothing", "some cases in some zone")
    else:
        return zones[column].astype(float)
    return None
