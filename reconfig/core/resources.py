"""What sites can take and what they cost: capacity and budget as constraints. Plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconfig.core.columns import Numbers
from reconfig.core.constraints import Constraint
from reconfig.core.faults import Faults, listing, suggestion
from reconfig.core.region import Region
from reconfig.core.service import Service

if TYPE_CHECKING:
    from reconfig.core.problem import Problem

DAYS_PER_YEAR = 365.0

# Columns of the sites table that give the measure cost_gbp: pounds a year that a candidate costs
# when it is open, beside its cases; and pounds that a case costs at a candidate or neighbour.
FIXED_COST = "fixed_cost_gbp"
CASE_COST = "case_cost_gbp"


@dataclass(frozen=True)
class Capacity(Constraint):
    """At most so many cases a year at a site: given by site id, or by a column of the sites table.

    Sites that are not named, or blank in the column, take as many as come.
    """

    cases: tuple[tuple[str, float], ...] = ()
    column: str = ""

    def at(self, region: Region, service: Service) -> dict[str, float]:
        """Return the capacity (cases a year) of each site that has one: candidates, neighbours."""
        used = [*service.candidates, *service.always_open]
        if not self.column:
            return {site: float(most) for site, most in self.cases if site in used}
        return numbers_of(region, used, self.column)

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note sites that are not there, columns that are not numbers, capacities below zero."""
        used = [*problem.service.candidates, *problem.service.always_open]
        if self.column:
            check_column(self.column, problem.region, used, "capacity", faults, file, blanks=True)
            return
        if not self.cases:
            faults.add(file, "capacity", "no site", "site ids with cases a year, or a column")
        for site, most in self.cases:
            if site not in used:
                found = f"'{site}' takes no cases of this service"
                expected = "ids of candidates or neighbours"
                faults.add(file, "capacity", found, expected, suggestion(site, used))
            if not 0 <= most < math.inf:
                faults.add(file, "capacity", f"{site}: {most:g}", "cases a year, 0 or more")

    def __str__(self) -> str:
        if self.column:
            return f"at most {self.column} cases a year at every site"
        first, *others = [(f"{most:,.12g}", site) for site, most in self.cases] or [
            ("0", "no site")
        ]
        parts = [f"{first[0]} cases a year at {first[1]}"]
        return f"at most {listing([*parts, *(f'{most} at {site}' for most, site in others)])}"


@dataclass(frozen=True)
class Budget(Constraint):
    """The fixed cost of the candidates that are open, and of each case where it is treated.

    total: the most that may be spent, in the unit of the columns (pounds a year, say).
    fixed_column, per_case_column: columns of the sites table, "" for none. fixed_each: what every
    open candidate costs beside that. Cases that go to a neighbour cost what they cost there; a
    neighbour is open whatever is decided, so that it is open costs nothing here. Of several
    services decided together every service and site counts, or those of one `service` alone.
    """

    total: float
    fixed_column: str = ""
    per_case_column: str = ""
    fixed_each: float = 0.0
    service: str = ""

    def fixed(self, region: Region, service: Service) -> dict[str, float]:
        """Return what it costs that each candidate is open."""
        sites = list(service.candidates)
        column = self.fixed_column
        own = numbers_of(region, sites, column) if column else dict.fromkeys(sites, 0.0)
        costs = {site: self.fixed_each + amount for site, amount in own.items()}
        return of_service(self.service, costs)

    def per_case(self, region: Region, service: Service) -> dict[str, float]:
        """Return what a case costs at each candidate and neighbour."""
        sites = [*service.candidates, *service.always_open]
        column = self.per_case_column
        own = numbers_of(region, sites, column) if column else dict.fromkeys(sites, 0.0)
        return of_service(self.service, own)

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note columns that are not there or not numbers, and a total that is none."""
        service = problem.service
        if not math.isfinite(self.total):
            faults.add(file, "budget", f"total {self.total:g}", "a number")
        if not 0 <= self.fixed_each < math.inf:
            faults.add(file, "budget", f"{self.fixed_each:g} a site", "a number, 0 or more")
        if not self.fixed_column and not self.per_case_column and not self.fixed_each:
            expected = "a column of costs by site, by case or both"
            faults.add(file, "budget", "no column of costs", expected)
        used = [*service.candidates, *service.always_open]
        for column, sites in (
            (self.fixed_column, list(service.candidates)),
            (self.per_case_column, used),
        ):
            if column:
                check_column(column, problem.region, sites, "budget", faults, file, blanks=False)

    def __str__(self) -> str:
        parts = [
            f"{self.fixed_column} a site" if self.fixed_column else "",
            f"{self.fixed_each:,.12g} a site" if self.fixed_each else "",
            f"{self.per_case_column} a case" if self.per_case_column else "",
        ]
        where = f" for {self.service}" if self.service else ""
        spent = " and ".join(part for part in parts if part)
        return f"spend at most {self.total:,.12g}{where}: {spent}"


def of_service(service: str, amounts: dict[str, float]) -> dict[str, float]:
    """Return amounts by site with nothing at sites of other services; as they are for ""."""
    if not service:
        return amounts
    return {s: a if s.startswith(f"{service}@") else 0.0 for s, a in amounts.items()}


def capacity(most: Mapping[str, float] | pd.Series[float] | str) -> Capacity:
    """Return the constraint that sites have at most so many cases a year.

    most: site id -> cases a year (missing values are left out), or the name of a column of the
    sites table that holds them. From beds: `beds_to_cases`.
    """
    if isinstance(most, str):
        return Capacity(column=most)
    pairs = [(str(site), float(cases)) for site, cases in most.items()]
    return Capacity(tuple(sorted(pair for pair in pairs if not math.isnan(pair[1]))))


def budget(total: float, *, fixed: str | float = "", per_case: str = "") -> Budget:
    """Return the constraint that open sites, and cases, cost no more than a total.

    fixed: column of the sites table with what it costs that a site is open, or a number that holds
    for every site. per_case: column with what a case costs there. One of them at least; several
    budgets hold side by side (capital and running cost). Of several services decided together every
    service and site counts: two services at one site cost its fixed cost twice.
    """
    if not fixed and not per_case:
        raise ValueError(
            "budget: give fixed (a column of the sites table or a number above 0), per_case or both"
        )
    if isinstance(fixed, str):
        return Budget(float(total), fixed, per_case)
    return Budget(float(total), "", per_case, float(fixed))


def beds_to_cases(beds: float, *, days_per_case: float, occupancy: float) -> float:
    """Return the cases a year that so many beds can take: beds x 365 x occupancy / days a case.

    days_per_case: mean length of stay, days. occupancy: share of the beds in use on average, above
    0 and up to 1: 0.85, say, which leaves beds free for busy days. Raises InputError for values
    that cannot be.
    """
    faults = Faults()
    for name, value, fits, expected in (
        ("beds", beds, 0 <= beds < math.inf, "a number of beds, 0 or more"),
        ("days_per_case", days_per_case, 0 < days_per_case < math.inf, "days, more than 0"),
        ("occupancy", occupancy, 0 < occupancy <= 1, "a share above 0 and up to 1, such as 0.85"),
    ):
        if not fits:
            faults.add("beds_to_cases", name, f"{value:g}", expected)
    faults.raise_if_any()
    return beds * DAYS_PER_YEAR * occupancy / days_per_case


def check_costs(region: Region, service: Service, faults: Faults, *, file: str, place: str) -> None:
    """Note what keeps the sites from having a cost: neither column, or one without a number."""
    here = [column for column in (FIXED_COST, CASE_COST) if column in region.sites.columns]
    if not here:
        found = f"no sites column '{FIXED_COST}' or '{CASE_COST}'"
        expected = "one of them or both, in pounds a year and in pounds a case"
        faults.add(file, place, found, expected)
    sites = {
        FIXED_COST: list(service.candidates),
        CASE_COST: [*service.candidates, *service.always_open],
    }
    for column in here:
        check_column(column, region, sites[column], place, faults, file, blanks=False)


def check_column(
    column: str,
    region: Region,
    sites: list[str],
    place: str,
    faults: Faults,
    file: str,
    *,
    blanks: bool,
) -> None:
    """Note a column that is not there, or in which a site has no number or one below zero."""
    if column not in region.sites.columns:
        hint = suggestion(column, region.sites.columns)
        faults.add(file, place, f"no sites column '{column}'", "a column of numbers", hint)
        return
    read = Numbers.of(region.sites.loc[sites, column])
    good = np.isfinite(read.values) & (read.values >= 0)
    wrong = [f"{sites[k]} ('{read.text[k]}')" for k in np.flatnonzero(~good & ~read.blank)]
    if wrong:
        found = f"'{column}' is no such number at {listing(wrong)}"
        faults.add(file, place, found, "a number, 0 or more, at every site")
    if read.blank.any() and not blanks:
        found = f"'{column}' is blank at {listing(sites[k] for k in np.flatnonzero(read.blank))}"
        fix = "Write 0 where there is none."
        faults.add(file, place, found, "a number at every site", fix)
    if blanks and read.blank.all():
        faults.add(file, place, f"'{column}' is blank for every site", "cases a year")


def numbers_of(region: Region, sites: list[str], column: str) -> dict[str, float]:
    """Return the numbers of a column of the sites table by site; blanks are left out."""
    values = Numbers.of(region.sites.loc[sites, column]).values.tolist()
    return {s: v for s, v in zip(sites, values, strict=True) if not math.isnan(v)}
