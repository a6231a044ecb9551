"""The door: tables of zones, sites and minutes are checked here, once, and every fault listed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconfig.core.faults import Faults, InputWarning, listing, suggestion

# A median journey longer than this is far more likely to be seconds than minutes.
SUSPICIOUS_MEDIAN_MINUTES = 300.0
# Nobody drives faster than this on a straight line for a whole journey.
FASTEST_KM_PER_HOUR = 160.0
# A column where at least this share of the filled cells are numbers is meant to be one of numbers.
NUMERIC_FROM = 0.9
TRUE_WORDS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True)
class CheckedTables:
    """Tables that agree with each other: zones and sites by id, minutes in the same order."""

    zones: pd.DataFrame
    sites: pd.DataFrame
    travel_times: Mapping[str, pd.DataFrame]


def check_region(
    zones: pd.DataFrame,
    sites: pd.DataFrame,
    travel_times: Mapping[str, pd.DataFrame],
    faults: Faults,
    *,
    crs: str | None = None,
    files: Mapping[str, str] | None = None,
) -> CheckedTables:
    """Check tables as they come (text or typed) and return them typed and aligned.

    Every fault is noted in `faults`; the tables returned are of use only if there is none.
    files: what to call each table in messages ("zones", "sites", mode -> file name).
    Row labels that are line numbers ("line 7") are used in messages as they are.
    """
    names = {"zones": "zones table", "sites": "sites table"} | dict(files or {})
    zones = _by_id(zones, "zone_id", names["zones"], faults)
    sites = _by_id(sites, "site_id", names["sites"], faults)
    zones = _typed_columns(zones, names["zones"], faults)
    sites = _typed_sites(sites, names["sites"], faults)
    if not travel_times:
        faults.add("region", "travel_times", "no travel-time table", "one at least")
    tables = {}
    for mode, table in travel_times.items():
        name = names.get(mode, f"travel times by {mode}")
        tables[mode] = _check_minutes(table, zones.index, sites.index, name, faults)
    if not faults:
        for mode, table in tables.items():
            name = names.get(mode, f"travel times by {mode}")
            _check_reach(table, name, faults)
            _check_coordinates(zones, sites, table, names, crs, faults)
            _warn_if_seconds(table, name)
    return CheckedTables(zones, sites, tables)


def _by_id(table: pd.DataFrame, key: str, file: str, faults: Faults) -> pd.DataFrame:
    """Return the table indexed by its ids, as text; note missing and duplicate ids."""
    if table.index.name == key:
        table = table.reset_index()
    if key not in table.columns:
        faults.add(
            file,
            "header",
            f"no column '{key}'",
            f"a column '{key}' with unique ids",
            suggestion(key, map(str, table.columns)),
        )
        return table.set_index(pd.Index([str(i) for i in range(len(table))], name=key))
    if table.empty:
        faults.add(file, "", "no rows", "one row at least", "The file may be empty or cut short.")
    ids = table[key].map(lambda value: "" if pd.isna(value) else str(value).strip())
    for place in table.index[ids == ""]:
        faults.add(file, _row(place), f"blank {key}", "an id in every row")
    for value in ids[ids.duplicated() & (ids != "")].unique():
        places = listing(_row(p) for p in table.index[ids == value])
        faults.add(
            file,
            places,
            f"{key} '{value}' more than once",
            "each id once",
            "Rename or remove the repeated row.",
        )
    return (
        table.drop(columns=key)
        .set_index(pd.Index(ids, name=key))
        .set_axis([str(c).strip() for c in table.columns if c != key], axis=1)
    )


def _row(place: object) -> str:
    return place if isinstance(place, str) else f"row {place}"


def _typed_columns(table: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Turn columns that hold numbers into numbers; note cells that break a numeric column."""
    columns = {}
    for name in table.columns:
        column = table[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            numbers, blank = column.astype(float), column.isna()
        else:
            text = column.map(lambda v: "" if pd.isna(v) else str(v).strip())
            blank = text == ""
            numbers = pd.to_numeric(text.where(~blank), errors="coerce").astype(float)
            if numbers.notna().sum() < NUMERIC_FROM * max((~blank).sum(), 1):
                columns[name] = text
                continue
        _note_bad_numbers(column, numbers, blank, f"column '{name}'", file, faults)
        columns[name] = numbers
    return pd.DataFrame(columns, index=table.index)


def _note_bad_numbers(
    column: pd.Series[float],
    numbers: pd.Series[float],
    blank: pd.Series[bool],
    place: str,
    file: str,
    faults: Faults,
) -> None:
    infinite = np.isinf(numbers.to_numpy())
    for bad, found in (
        (blank.to_numpy(), "blank"),
        ((numbers.isna() & ~blank).to_numpy(), "not a number"),
        (infinite, "infinite"),
        ((numbers < 0).to_numpy() & (place not in _SIGNED), "negative"),
    ):
        where = column.index[bad]
        if len(where):
            values = listing((repr(str(v)) for v in column[bad].unique()), most=3)
            shown = "" if found == "blank" else f" ({values})"
            faults.add(
                file,
                f"{place}, {listing(where)}",
                f"{found}{shown}",
                "a number in every row" if found != "negative" else "no negative number",
            )


_SIGNED = {"column 'easting'", "column 'northing'"}


def _typed_sites(sites: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Give the sites table its standard columns and types."""
    typed = sites.copy()
    for name in typed.columns:
        if name in ("easting", "northing", "time_error_minutes"):
            text = typed[name].map(lambda v: "" if pd.isna(v) else str(v).strip())
            numbers = pd.to_numeric(text.where(text != ""), errors="coerce").astype(float)
            blank = text == ""
            if name == "time_error_minutes":
                blank &= False
                numbers = numbers.where(text != "", 0.0)
            _note_bad_numbers(typed[name], numbers, blank, f"column '{name}'", file, faults)
            typed[name] = numbers
        elif name != "in_scope":
            typed[name] = typed[name].map(lambda v: "" if pd.isna(v) else str(v).strip())
    if "name" not in typed:
        typed["name"] = typed.index
    if "short_name" not in typed:
        typed["short_name"] = typed["name"]
    if "time_kind" not in typed:
        typed["time_kind"] = "as supplied"
    if "time_error_minutes" not in typed:
        typed["time_error_minutes"] = float("nan")
    if "in_scope" not in typed:
        typed["in_scope"] = True
    words = typed["in_scope"].map(lambda v: str(v).strip().lower())
    for site in typed.index[~words.isin(TRUE_WORDS)]:
        faults.add(
            file, f"site '{site}', column 'in_scope'", f"'{typed['in_scope'][site]}'", "yes or no"
        )
    typed["in_scope"] = words.map(TRUE_WORDS).fillna(False).astype(bool)
    if len(typed) and not typed["in_scope"].any():
        faults.add(file, "column 'in_scope'", "no site in scope", "one candidate at least")
    return typed


def _check_minutes(
    table: pd.DataFrame, zones: pd.Index[str], sites: pd.Index[str], file: str, faults: Faults
) -> pd.DataFrame:
    """Return minutes as numbers, rows and columns in the order of zones and sites."""
    table = _by_id(table, "zone_id", file, faults)
    for column in table.columns[table.columns.duplicated()].unique():
        faults.add(file, f"column '{column}'", "more than once", "one column a site")
    for site in sites.difference(table.columns):
        faults.add(
            file,
            "header",
            f"no column for site '{site}'",
            "one column a site",
            suggestion(site, table.columns.difference(sites)),
        )
    extra = table.columns.difference(sites)
    if len(extra):
        faults.add(
            file,
            "header",
            f"columns {listing(extra)} are not sites",
            "site ids of the sites table",
            "Add the site to the sites table, or remove it.",
        )
    missing = zones.difference(table.index)
    if len(missing):
        faults.add(
            file,
            "rows",
            f"no row for {len(missing)} zones: {listing(missing)}",
            "one row a zone",
            "The file may be cut short.",
        )
    strange = table.index.difference(zones)
    if len(strange):
        faults.add(
            file,
            "rows",
            f"{len(strange)} zones not in the zones table: {listing(strange)}",
            "zone ids of the zones table",
        )
    numbers = {}
    once = table.loc[:, ~table.columns.duplicated()]
    for site in once.columns.intersection(sites):
        numbers[str(site)] = _minutes_column(once[site], str(site), file, faults)
    typed = pd.DataFrame(numbers, index=table.index)
    if faults:
        return typed
    return typed.loc[zones, list(sites)]


def _minutes_column(
    column: pd.Series[float], site: str, file: str, faults: Faults
) -> pd.Series[float]:
    """Return a site's minutes; the word "unreachable" is the one way to say "no way there"."""
    if pd.api.types.is_numeric_dtype(column):
        numbers, unreachable = column.astype(float), column.isna() & False
    else:
        text = column.map(lambda v: "" if pd.isna(v) else str(v).strip())
        unreachable = text.str.lower() == "unreachable"
        numbers = pd.to_numeric(text.where(~unreachable & (text != "")), errors="coerce")
        numbers = numbers.astype(float)
    place = f"column '{site}', zone"
    for bad, found, expected in (
        ((numbers.isna() & ~unreachable).to_numpy(), "missing or not a number", "minutes"),
        ((numbers < 0).to_numpy(), "negative", "minutes, zero or more"),
        (np.isinf(numbers.to_numpy()), "infinite", "minutes"),
    ):
        where = column.index[bad]
        if len(where):
            values = listing((repr(str(v)) for v in column[bad].unique()), most=3)
            fix = "Write 'unreachable' where there is no way." if "missing" in found else ""
            faults.add(file, f"{place} {listing(where)}", f"{found} ({values})", expected, fix)
    return numbers


def _check_reach(table: pd.DataFrame, file: str, faults: Faults) -> None:
    stranded = table.index[table.isna().all(axis=1)]
    if len(stranded):
        faults.add(
            file,
            f"zone {listing(stranded)}",
            "no site can be reached",
            "one reachable site at least for every zone",
        )


def _warn_if_seconds(table: pd.DataFrame, file: str) -> None:
    median = float(np.nanmedian(table.to_numpy()))
    if median > SUSPICIOUS_MEDIAN_MINUTES:
        warnings.warn(
            f"{file}: the median journey is {median:,.0f} minutes; are these seconds? "
            "Divide by 60 if so.",
            InputWarning,
            stacklevel=2,
        )


def _check_coordinates(
    zones: pd.DataFrame,
    sites: pd.DataFrame,
    minutes: pd.DataFrame,
    names: Mapping[str, str],
    crs: str | None,
    faults: Faults,
) -> None:
    """Refuse degrees for metres, and coordinates that would need impossible speeds."""
    for table, key in ((zones, "zones"), (sites, "sites")):
        have = {"easting", "northing"} & set(table.columns)
        if len(have) == 1:
            faults.add(
                names[key],
                "header",
                f"only column '{have.pop()}'",
                "both easting and northing, or neither",
            )
    if faults or not all({"easting", "northing"} <= set(t.columns) for t in (zones, sites)):
        return
    geographic = crs is not None and crs.upper() in ("EPSG:4326", "OGC:CRS84")
    for table, key in ((zones, "zones"), (sites, "sites")):
        _check_units(table, names[key], geographic=geographic, faults=faults)
    if not faults:
        _check_speeds(zones, sites, minutes, names["sites"], geographic=geographic, faults=faults)


def _check_units(table: pd.DataFrame, file: str, *, geographic: bool, faults: Faults) -> None:
    largest_east, largest_north = table["easting"].abs().max(), table["northing"].abs().max()
    if geographic:
        if largest_north > 90 or largest_east > 180:
            faults.add(
                file,
                "columns 'easting' and 'northing'",
                f"values up to {largest_east:g} and {largest_north:g}",
                "longitude (easting) and latitude (northing) in degrees",
                "Latitude and longitude may be swapped.",
            )
    elif largest_east <= 180 and largest_north <= 180 and len(table) > 1:
        faults.add(
            file,
            "columns 'easting' and 'northing'",
            f"values up to {largest_east:g} and {largest_north:g} look like degrees",
            "metres",
            'Convert them, or set crs = "EPSG:4326" in region.toml.',
        )


def straight_line_km(
    east_a: np.ndarray, north_a: np.ndarray, east_b: float, north_b: float, *, geographic: bool
) -> np.ndarray:
    """Return straight-line kilometres from points (n) to one point; degrees or metres."""
    if not geographic:
        return np.asarray(np.hypot(east_a - east_b, north_a - north_b)) / 1000.0
    east_km = 111.32 * (east_a - east_b) * np.cos(np.radians((north_a + north_b) / 2.0))
    return np.asarray(np.hypot(east_km, 110.57 * (north_a - north_b)))


def _check_speeds(
    zones: pd.DataFrame,
    sites: pd.DataFrame,
    minutes: pd.DataFrame,
    file: str,
    *,
    geographic: bool,
    faults: Faults,
) -> None:
    """A site whose straight-line speeds are impossible is in the wrong place."""
    east, north = zones["easting"].to_numpy(float), zones["northing"].to_numpy(float)

    def speed(site: str, site_east: float, site_north: float) -> float:
        km = straight_line_km(east, north, site_east, site_north, geographic=geographic)
        hours = minutes[site].to_numpy(float) / 60.0
        far = (km > 1.0) & (hours > 0)
        return float(np.nanmedian(km[far] / hours[far])) if far.any() else 0.0

    for site in sites.index:
        site_east, site_north = float(sites["easting"][site]), float(sites["northing"][site])
        found = speed(site, site_east, site_north)
        if found > FASTEST_KM_PER_HOUR:
            swapped = speed(site, site_north, site_east) <= FASTEST_KM_PER_HOUR
            fix = (
                "They seem to be swapped (latitude and longitude, or northing and easting)."
                if swapped
                else "Check the coordinates and the units of the minutes."
            )
            faults.add(
                file,
                f"site '{site}', easting and northing",
                f"a typical journey would run at {found:,.0f} km/h in a straight line",
                f"coordinates that fit the minutes (under {FASTEST_KM_PER_HOUR:.0f} km/h)",
                fix,
            )
