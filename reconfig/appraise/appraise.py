"""Appraise a configuration: every measure, overall and by group, without a solver."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np
import pandas as pd

from reconfig.appraise.grid import Grid
from reconfig.appraise.joint import amounts_made
from reconfig.appraise.lives import lives_saved
from reconfig.appraise.measures import Measure, OfGroups, find_measure, reported_measures
from reconfig.core import Configuration, Faults, LivesSaved, Region, Service, joined
from reconfig.core.limit import check_groups
from reconfig.core.resources import check_costs


@dataclass(frozen=True, eq=False, repr=False)
class Appraisal:
    """Every measure of one configuration.

    assignment: one row a zone: site_id where its cases (most of them, if they do not all go to one
    site) are treated, minutes (their mean), cases (a year).
    measures: name -> value, overall. by: zone column -> table of groups x measures.
    volumes: cases a year by site id, every open candidate and neighbour.
    lives: lives saved with baseline, interval and chance of no gain; None without outcome model.
    rows: as assignment, by row of the grid: the assignment itself, unless the service has a choice
    of site; index: zone ids.
    """

    region: Region
    service: Service
    configuration: Configuration
    assignment: pd.DataFrame
    measures: Mapping[str, float]
    by: Mapping[str, pd.DataFrame]
    volumes: pd.Series[float]
    lives: LivesSaved | None
    rows: pd.DataFrame

    @cached_property
    def flows(self) -> pd.DataFrame:
        """One row a zone and site that its cases use: site_id, minutes, cases; index: zone ids."""
        if self.rows is self.assignment:
            return self.assignment
        used = self.rows[self.rows["cases"] > 0]
        alike = used.groupby([used.index, "site_id"], sort=False)
        table = alike.agg(minutes=("minutes", "first"), cases=("cases", "sum"))
        return table.reset_index("site_id")

    @property
    def open(self) -> tuple[str, ...]:
        """Ids of the open candidates, sorted."""
        return self.configuration.sites(self.service.id)

    def __repr__(self) -> str:
        names = ", ".join(self.region.site_names(self.open))
        return f"<Appraisal of {names}: mean journey {self.measures['mean_minutes']:.1f} minutes>"

    def _repr_html_(self) -> str:
        frame = pd.DataFrame({"value": pd.Series(dict(self.measures))})
        names = ", ".join(self.region.site_names(self.open))
        lives = "" if self.lives is None else f"<br>{escape(str(self.lives))} (estimated)"
        return f"<b>{escape(names)}</b>{lives}{frame.to_html(float_format='{:,.2f}'.format)}"


def appraise(
    region: Region,
    service: Service,
    configuration: Configuration,
    *,
    measures: Collection[str] = (),
) -> Appraisal:
    """Return every measure of a configuration, patients going to their nearest open site.

    Where the service has a choice of site, they go where that sends them; where it is directed,
    where the flows of the configuration do, if it has any.
    measures: names of measures wanted beside the usual ones.
    Raises ValueError naming the zones from which no open site can be reached, or a site that is
    not a candidate; InputError if a measure compares groups by a column that is not there.
    """
    configuration = joined(configuration, service)
    grid = Grid.of(region, service).under(configuration)
    open_sites = frozenset(configuration.sites(service.id))
    treated_at = grid.nearest(open_sites)
    _refuse_stranded(grid, treated_at)
    wanted = reported_measures(service, measures, region=region)
    _refuse_columns(region, service, wanted)
    overall = measure_values(grid, wanted, treated_at, open_sites, grid.everyone)[""]
    grouped = [m for m in wanted if m.by_group]
    by = {}
    for column in region.groups:
        groups = grid.rows_by(column)
        values = measure_values(grid, grouped, treated_at, open_sites, groups)
        table = pd.DataFrame(values).T.rename_axis(column)
        table.insert(0, "cases", [float(grid.cases[rows].sum()) for rows in groups.values()])
        by[column] = table
    rows = _rows(grid, treated_at)
    assignment = _by_zone(grid, treated_at, rows)
    volumes = grid.volumes(treated_at)
    used = grid.columns({*open_sites, *service.always_open})
    by_site = pd.Series(volumes[used], index=[grid.sites[k] for k in used], name="cases_per_year")
    lives = lives_saved(grid, open_sites, overall)
    return Appraisal(region, service, configuration, assignment, overall, by, by_site, lives, rows)


def _rows(grid: Grid, treated_at: np.ndarray) -> pd.DataFrame:
    """Return where the cases of each row of the grid are treated (index: zone ids)."""
    return pd.DataFrame(
        {
            "site_id": np.array(grid.sites, dtype=object)[grid.places(treated_at)],
            "minutes": grid.minutes[np.arange(len(treated_at)), treated_at],
            "cases": grid.cases,
        },
        index=grid.region.zones.index[grid.zone],
    )


def _by_zone(grid: Grid, treated_at: np.ndarray, rows: pd.DataFrame) -> pd.DataFrame:
    """Return where most cases of each zone are treated, their mean minutes, and all its cases.

    In a zone without cases every row counts as much as another. Of equals the first site by id.
    """
    number = len(grid.region.zones)
    if not grid.service.is_directed and np.array_equal(grid.zone, np.arange(number)):
        return rows
    cases = np.bincount(grid.zone, weights=grid.cases, minlength=number)
    weights = np.where(cases[grid.zone] > 0, grid.cases, 1.0)
    total = np.bincount(grid.zone, weights=weights, minlength=number)
    place = grid.zone * len(grid.sites) + grid.places(treated_at)
    by_site = np.bincount(place, weights=weights, minlength=number * len(grid.sites))
    most = by_site.reshape(number, -1).argmax(axis=1)
    minutes = np.bincount(
        grid.zone, weights=weights * rows["minutes"].to_numpy(float), minlength=number
    )
    return pd.DataFrame(
        {
            "site_id": np.array(grid.sites, dtype=object)[most],
            "minutes": minutes / total,
            "cases": cases,
        },
        index=grid.region.zones.index,
    )


def overall_values(
    region: Region, service: Service, configuration: Configuration, names: Collection[str]
) -> dict[str, float]:
    """Return some measures of a configuration, overall: an appraisal without its tables.

    Raises ValueError as `appraise` does.
    """
    configuration = joined(configuration, service)
    grid = Grid.of(region, service).under(configuration)
    open_sites = frozenset(configuration.sites(service.id))
    treated_at = grid.nearest(open_sites)
    _refuse_stranded(grid, treated_at)
    found = [m for m in map(find_measure, dict.fromkeys(names)) if m is not None]
    _refuse_columns(region, service, found)
    return measure_values(grid, found, treated_at, open_sites, grid.everyone)[""]


def estimate_of(appraisal: Appraisal, part: Service, name: str) -> float:
    """Return what one service's outcome model estimates, alone where several are decided together.

    Without "[service=...]" a measure of several services is of all of them.
    """
    if not appraisal.service.parts:
        return float(appraisal.measures[name])
    own = f"{name}[service={part.id}]"
    if own in appraisal.measures:
        return float(appraisal.measures[own])
    whole = appraisal.region, appraisal.service, appraisal.configuration
    return overall_values(*whole, [own])[own]


def measure_values(
    grid: Grid,
    measures: Collection[Measure],
    treated_at: np.ndarray,
    open_sites: Collection[str],
    groups: Mapping[str, np.ndarray],
) -> dict[str, dict[str, float]]:
    """Return group -> measure -> value, given who goes where. An average over no cases is NaN.

    treated_at: column of the site where each row of the grid is treated. groups: group -> which
    rows are in it (boolean).
    """
    minutes = grid.minutes[np.arange(len(treated_at)), treated_at]
    places = grid.places(treated_at)
    amounts = {
        m.name: amounts_made(grid, m, treated_at, open_sites)
        for m in measures
        if m.table is not None
    }
    found = {}
    for group, members in groups.items():
        values = {}
        for measure in measures:
            rows = members & grid.rows_of(measure.only)
            cases = grid.cases[rows]
            if measure.of_groups is not None:
                values[measure.name] = _between_groups(
                    grid, measure.of_groups, treated_at, open_sites, rows
                )
                continue
            chosen = grid.columns_of(open_sites, measure.only)
            if measure.statistic is not None:
                volumes = np.bincount(places[rows], weights=cases, minlength=len(grid.sites))
                values[measure.name] = measure.statistic(minutes[rows], cases, volumes[chosen])
                continue
            amount = float(amounts[measure.name][rows].sum())
            if measure.per_site and not group:
                amount += float(grid.of_sites(measure.per_site)[chosen].sum())
            if measure.average:
                total = float(cases.sum())
                amount = amount / total if total > 0 else float("nan")
            values[measure.name] = amount
        found[group] = values
    return found


def _refuse_columns(region: Region, service: Service, measures: Collection[Measure]) -> None:
    faults = Faults()
    for measure in measures:
        if measure.columns:
            check_costs(region, service, faults, file="appraise", place=measure.name)
        if measure.of_groups is not None:
            check_groups(measure.of_groups.column, region, faults, "appraise", measure.name)
    faults.raise_if_any()


def _between_groups(
    grid: Grid,
    asked: OfGroups,
    treated_at: np.ndarray,
    open_sites: Collection[str],
    rows: np.ndarray,
) -> float:
    """Return the worst average of some rows' groups, or the gap between them."""
    groups = {name: rows & own for name, own in grid.rows_by(asked.column).items()}
    values = measure_values(grid, [asked.average], treated_at, open_sites, groups)
    return asked.value(of_group[asked.average.name] for of_group in values.values())


def _refuse_stranded(grid: Grid, treated_at: np.ndarray) -> None:
    stranded = list(dict.fromkeys(grid.zones[k] for k in np.flatnonzero(treated_at < 0)))
    if stranded:
        raise ValueError(
            f"no open site can be reached from {len(stranded)} zones: {', '.join(stranded[:5])}"
        )
