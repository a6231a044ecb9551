"""Minutes at the door: every zone and every site, no gaps, no impossible numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd

from reconfig.core.columns import Table, checked_numbers
from reconfig.core.faults import Faults, InputWarning, listing, suggestion

# A median journey longer than this is far more likely to be seconds than minutes.
SUSPICIOUS_MEDIAN_MINUTES = 300.0
UNREACHABLE = "unreachable"


def check_minutes(
    table: Table, zones: Table | None, sites: Table | None, faults: Faults
) -> pd.DataFrame:
    """Return minutes as numbers, rows and columns in the order of zones and sites.

    A missing value of the result means "cannot be reached"; where faults were noted it may also
    be a bad cell. zones, sites: None if their ids are not known.
    """
    columns = [str(c) for c in table.data.columns]
    if sites is not None:
        _check_sites(table, columns, sites, faults)
        columns = [c for c in columns if c in sites.ids]
    if zones is not None:
        _check_zones(table, zones, faults)
    numbers, unreachable = {}, {}
    for site in columns:
        numbers[site], unreachable[site] = checked_numbers(
            table,
            site,
            faults,
            expected="minutes",
            fix=f"Write '{UNREACHABLE}' where there is no way.",
            besides=UNREACHABLE,
        )
    minutes = pd.DataFrame(numbers, index=table.data.index)
    _check_reach(table, pd.DataFrame(unreachable, index=table.data.index), faults)
    _warn_if_seconds(minutes, table.file)
    if zones is None or sites is None or faults.about(table.file):
        return minutes
    if zones.data.index.has_duplicates or sites.data.index.has_duplicates:
        return minutes
    return minutes.reindex(index=zones.data.index, columns=list(sites.data.index))


def _check_sites(table: Table, columns: list[str], sites: Table, faults: Faults) -> None:
    extra = [c for c in columns if c not in sites.ids and sites.whole]
    missing = [s for s in sites.ids if s not in columns]
    if missing:
        faults.add(
            table.file,
            "header",
            f"no column for site {listing(missing)}",
            f"one column for each site of {sites.file}",
            _lost_zeros(missing, extra) or (suggestion(missing[0], extra) if extra else ""),
        )
    if extra:
        named = listing(f"'{c}'" if c else "without a name" for c in extra)
        faults.add(
            table.file,
            "header",
            f"column {named}: no such site",
            f"the site ids of {sites.file} and no other column",
            f"Add the site to {sites.file}, or remove the column.",
        )


def _check_zones(table: Table, zones: Table, faults: Faults) -> None:
    missing = zones.ids.difference(table.ids, sort=False)
    strange = table.ids.difference(zones.ids, sort=False)
    hint = _lost_zeros(missing, strange)
    if len(missing) and table.whole:
        faults.add(
            table.file,
            "rows",
            f"no row for {len(missing):,} zones: {listing(missing)}",
            f"one row for each zone of {zones.file}",
            hint or "The file may be cut short.",
        )
    if len(strange) and zones.whole:
        faults.add(
            table.file,
            "rows",
            f"{len(strange):,} zones that are not in {zones.file}: {listing(strange)}",
            f"the zone ids of {zones.file} and no others",
            hint or f"Add them to {zones.file}, which may be cut short, or remove the rows.",
        )


def _lost_zeros(missing: Iterable[str], strange: Iterable[str]) -> str:
    bare = {name.lstrip("0") for name in missing}
    if bare & {name.lstrip("0") for name in strange}:
        return "Leading zeros seem to be lost: in Excel give the column the format Text."
    return ""


def _check_reach(table: Table, unreachable: pd.DataFrame, faults: Faults) -> None:
    if not unreachable.size:
        return
    stranded = unreachable.all(axis=1).to_numpy()
    if stranded.any():
        faults.add(
            table.file,
            table.places(stranded),
            "no site can be reached",
            "one site at least that can be reached from every zone",
            "Give minutes to a site, or leave the zone out of every table.",
        )


def _warn_if_seconds(minutes: pd.DataFrame, file: str) -> None:
    values = minutes.to_numpy(dtype=float)
    known = values[np.isfinite(values)]
    if known.size and float(np.median(known)) > SUSPICIOUS_MEDIAN_MINUTES:
        warnings.warn(
            f"{file}: the median journey is {np.median(known):,.0f} minutes; are these seconds? "
            "Divide by 60 if so.",
            InputWarning,
            stacklevel=2,
        )
