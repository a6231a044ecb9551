"""Journeys by what is known of residents: their age, and whether they live in town or country.

Cases are not known by age, so ages are weighted by residents: what the journey would be for each
of them, not for those who fall ill.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from reconfig.appraise.access import access_by
from reconfig.appraise.compare import Comparison
from reconfig.core import Region
from reconfig.core.columns import Numbers

# Columns of residents by age: pop_65_79, pop_80_plus; or age_75_plus.
BAND = re.compile(r"(?:pop|age)_(\d{1,3})_(\d{1,3}|plus)")
OLD = 75
OLDER = f"{OLD} and over"
EVERY_AGE = "all ages"
# Columns that say whether a zone is rural, the first that is there.
RURAL = ("rural_urban", "rural")
FIFTHS = 5
HECTARE = 1e4
EQUAL_AREA = "EPSG:6933"


def age_bands(region: Region) -> dict[str, pd.Series[float]]:
    """Return band of age -> residents by zone, youngest first; empty where the zones say none.

    From columns such as pop_65_79 and pop_80_plus (people). "75 and over" is among them where it is
    a column (age_75_plus, pop_75_plus), or the sum of bands that begin at 75 and leave no gap.
    A column that is blank, or no number of people, for any zone gives no band: `incomplete_bands`.
    """
    found: dict[tuple[int, int | None], pd.Series[float]] = {}
    for _, band, people in _band_columns(region):
        if not _unknown(people).any():
            found.setdefault(band, people)
    order = sorted(found, key=lambda band: (band[0], band[1] is None, band[1] or 0))
    named = {_band_name(*band): found[band] for band in order}
    if OLDER not in named:
        parts = _from(OLD, list(found))
        if parts:
            named[OLDER] = sum((found[band] for band in parts[1:]), found[parts[0]])
    return named


def incomplete_bands(region: Region) -> dict[str, int]:
    """Return column -> number of zones for which it does not say how many people, if any.

    Of the columns by age, and `population`; without those whose band another column has whole.
    """
    whole = age_bands(region)
    found = {
        column: int(_unknown(people).sum())
        for column, band, people in _band_columns(region)
        if _band_name(*band) not in whole
    }
    if "population" in region.zones.columns:
        found["population"] = int(_unknown(_people(region, "population")).sum())
    return {column: zones for column, zones in found.items() if zones}


def _band_columns(
    region: Region,
) -> Iterator[tuple[str, tuple[int, int | None], pd.Series[float]]]:
    """Yield every column of residents by age: its name, its band, and people by zone."""
    for column in region.zones.columns:
        match = BAND.fullmatch(str(column))
        if match is not None:
            end = None if match.group(2) == "plus" else int(match.group(2))
            yield str(column), (int(match.group(1)), end), _people(region, str(column))


def _people(region: Region, column: str) -> pd.Series[float]:
    """Return a column of people as numbers, NaN where it is blank or text."""
    return pd.Series(Numbers.of(region.zones[column]).values, region.zones.index)


def _unknown(people: pd.Series[float]) -> np.ndarray:
    """Return where a column says no number of people (boolean, by zone)."""
    values = people.to_numpy(float)
    return ~(np.isfinite(values) & (values >= 0))


def people_table(comparison: Comparison) -> pd.DataFrame | None:
    """Return journeys by age, weighted by residents; None where the zones say no ages.

    One row a band, of several services one a service and band (columns `service`, `age`); then the
    columns of `access_table`, with people in place of cases: `people`, people_10_longer and so on,
    without patient-minutes. "all ages" is the column `population`, if it is there. Where a zone's
    cases use several sites, so do its residents, in the same shares.
    """
    region = comparison.after.region
    bands = age_bands(region)
    if not bands:
        return None
    if "population" in region.zones.columns:
        everybody = _people(region, "population")
        if not _unknown(everybody).any():
            bands = {EVERY_AGE: everybody, **bands}
    shares = _shares(comparison)
    parts = [part.id for part in comparison.after.service.parts] or [""]
    found = []
    for part in parts:
        own = shares
        if part:
            own = shares[(region.zones["service"] == part).reindex(shares.index).to_numpy()]
        for name, people in bands.items():
            weighted = own.assign(cases=own["share"] * people.reindex(own.index))
            row = access_by(weighted, pd.Series(name, index=own.index))
            found.append(row.assign(age=name, service=part))
    table = pd.concat(found, ignore_index=True)
    table = table.drop(columns=[c for c in table if str(c).startswith("patient_minutes")])
    table.columns = [str(c).replace("cases", "people") for c in table.columns]
    first = ["service", "age", "people"] if parts != [""] else ["age", "people"]
    return table[first + [c for c in table.columns if c not in ("service", "age", "people")]]


def rural_column(region: Region) -> str | None:
    """Return the column of the zones that says which are rural; None where there is none."""
    there = [c for c in RURAL if c in region.zones.columns and region.zones[c].nunique() > 1]
    return there[0] if there else None


def density_fifths(region: Region) -> pd.Series[str] | None:
    """Return which fifth of the residents each zone is in, by people per hectare.

    From the zones' shapes and their column `population`: the first fifth lives least densely. It
    says nothing of the official classes of town and country. A zone is in the fifth in which the
    middle of its residents lies. None where the region has no such shapes or column.
    """
    base = region.physical or region
    shapes: Any = base.boundaries.get("zones") if "population" in base.zones.columns else None
    if shapes is None or shapes.crs is None:
        return None
    people = Numbers.of(base.zones["population"]).values
    flat = shapes.to_crs(EQUAL_AREA) if shapes.crs.is_geographic else shapes
    hectares = flat.geometry.area.reindex(base.zones.index).to_numpy(float) / HECTARE
    if not (np.isfinite(people).all() and people.sum() > 0 and (hectares > 0).all()):
        return None
    density = people / hectares
    order = np.argsort(density, kind="stable")
    running = np.empty(len(people))
    running[order] = np.cumsum(people[order]) - people[order] / 2
    fifth = np.minimum((FIFTHS * running / people.sum()).astype(int), FIFTHS - 1)
    names = {}
    for k in np.unique(fifth).tolist():
        own = density[fifth == k]
        names[k] = f"{k + 1}: {own.min():,.1f} to {own.max():,.1f} people a hectare"
    labels = pd.Series([names[k] for k in fifth.tolist()], index=base.zones.index)
    if region.physical is None:
        return labels
    places = [str(zone).partition("@")[2] for zone in region.zones.index]
    return labels.reindex(places).set_axis(region.zones.index)


def _shares(comparison: Comparison) -> pd.DataFrame:
    """Return the rows of a comparison with the share of its zone's cases that each is.

    A zone without cases is one row, with the mean minutes that its appraisal has.
    """
    zones = comparison.zones
    if comparison.rows is zones:
        return zones.assign(share=1.0)
    rows = comparison.rows[comparison.rows["cases"] > 0]
    whole = rows["cases"].groupby(level=0).sum()
    used = rows.assign(share=rows["cases"] / whole.reindex(rows.index))
    return pd.concat([used, zones[~zones.index.isin(used.index)].assign(share=1.0)])


def _band_name(start: int, end: int | None) -> str:
    return f"{start} and over" if end is None else f"{start} to {end}"


def _from(start: int, bands: list[tuple[int, int | None]]) -> list[tuple[int, int | None]]:
    """Return the bands that together are everybody from an age on; [] if there are none."""
    chosen: list[tuple[int, int | None]] = []
    at = start
    while True:
        here = [band for band in bands if band[0] == at]
        if not here:
            return []
        chosen.append(min(here, key=lambda band: (band[1] is None, band[1] or 0)))
        if chosen[-1][1] is None:
            return chosen
        at = chosen[-1][1] + 1
