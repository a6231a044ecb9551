"""The [demand] of a service file: a column or a rate, by age where it gives ages, at a year."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reconfig.core import Faults, suggestion
from reconfig.core.checks import check_demand
from reconfig.core.faults import listing
from reconfig.data.toml_file import TABLE, TEXT, Kind, TomlFile, Where
from reconfig.outcomes import Register
from reconfig.outcomes.demand import DemandFactor, cases_by_age, grown

SCHEMA: dict[str, Kind] = {
    "column": TEXT,
    "rate": TEXT,
    "population": TEXT,
    "ages": TABLE,
    "calibrate_by": TEXT,
}
PLACE: Where = ("demand",)
FORMS = (
    {"column"},
    {"rate", "population"},
    {"column", "ages"},
    {"rate", "ages"},
    {"column", "ages", "calibrate_by"},
    {"rate", "ages", "calibrate_by"},
)
AGE_WEIGHT = re.compile(r"[\w-]+\.age_weight_(?P<band>\w+)")
BASE_YEAR = "demand.base_year"
# So far ahead a steady growth says nothing any more.
MOST_YEARS = 50


@dataclass(frozen=True, eq=False)
class Demand:
    """Expected cases a year by zone, and one sentence that says where they come from.

    factor: cases a year over these, as assumptions vary; None where they are taken as known.
    """

    cases: pd.Series[float]
    basis: str
    factor: DemandFactor | None


@dataclass(frozen=True, eq=False)
class _Ages:
    """People by zone column of age, with the relative rate and the band of each."""

    people: pd.DataFrame
    weights: Mapping[str, float]
    bands: Mapping[str, str]


def check_year(year: int, register: Register, faults: Faults, *, file: str) -> None:
    """Note why demand cannot be grown to a year, if it cannot."""
    if BASE_YEAR not in register:
        faults.add(
            file, "year", f"{year}, but no assumption '{BASE_YEAR}'", "the year of the population"
        )
        return
    first = int(register.value(BASE_YEAR))
    if isinstance(year, bool) or not isinstance(year, int):
        faults.add(file, "year", f"{year!r}", f"a whole number, such as {first + 1}")
    elif not first <= year <= first + MOST_YEARS:
        expected = f"a year from {first} ({BASE_YEAR}) to {first + MOST_YEARS}"
        faults.add(file, "year", f"{year}", expected)


def read_demand(
    file: TomlFile, keys: Mapping[str, Any], zones: pd.DataFrame, register: Register
) -> _Source | None:
    """Return where a service's cases come from, or None with every fault noted.

    keys: the good keys of [demand]. With ages, a rate is of all the people of those ages, and the
    cases of the region (or of each group of zones in the column `calibrate_by`) are shared among
    its zones by their people x weights; a column's sums are kept in the same way.
    """
    before = len(file.faults.found)
    if set(keys) not in FORMS:
        expected = "column, or rate and population; either column or rate where there are ages"
        file.note(PLACE, ", ".join(keys) or "nothing given", expected)
    ages = _ages(file, keys["ages"], zones, register) if "ages" in keys else None
    counted = _counted(file, keys, zones)
    rate = assumption(file, (*PLACE, "rate"), keys["rate"], register) if "rate" in keys else None
    groups = _groups(file, keys.get("calibrate_by"), zones)
    if len(file.faults.found) > before or groups is None:
        return None
    return _Source(file, keys, counted, rate, ages, groups, register)


def assumption(file: TomlFile, where: Where, name: str, register: Register) -> float | None:
    """Return the value of an assumption that a file names, zero or more; note a fault if none."""
    if name not in register:
        expected = "an id of assumptions.csv"
        file.note(where, f"no assumption '{name}'", expected, suggestion(name, register))
        return None
    value = register.value(name)
    if value < 0:
        file.note(where, f"'{name}' is {value:g}", "zero or more")
        return None
    return value


@dataclass(frozen=True, eq=False)
class _Source:
    """Where cases come from, checked.

    counted: the column's cases, or people where a rate is of a population; None where ages count.
    """

    file: TomlFile
    keys: Mapping[str, Any]
    counted: pd.Series[float] | None
    rate: float | None
    ages: _Ages | None
    groups: pd.Series[str]
    register: Register

    def demand(self, what: str, year: int | None) -> Demand | None:
        """Return cases a year, grown to a year if one is given; None, with a fault noted, if not.

        what: the cases in words, such as "acute strokes".
        """
        if self.ages is None:
            if year is not None:
                self._note_no_ages(year)
                return None
            return self._without_ages(what)
        found = self._by_age(self.ages)
        if found is None:
            return None
        basis, factor = self._basis(what), self._factor({}, 0)
        if year is not None:
            ids = self._growth_ids(self.ages)
            if ids is None:
                return None
            years = year - int(self.register.value(BASE_YEAR))
            factor = self._factor({i: float(found[c].sum()) for c, i in ids.items()}, years)
            found = grown(found, {c: self.register.value(i) for c, i in ids.items()}, years)
            basis += f"; grown to {year} with the number of people of each age (demand.growth_*)"
        return Demand(found.sum(axis="columns").rename("cases_per_year"), basis, factor)

    def _without_ages(self, what: str) -> Demand:
        assert self.counted is not None
        cases = self.counted if self.rate is None else self.counted * self.rate
        return Demand(cases.rename("cases_per_year"), self._basis(what), self._factor({}, 0))

    def _by_age(self, ages: _Ages) -> pd.DataFrame | None:
        """Return cases a year (zones x ages); None, with a fault noted, if nobody can have them."""
        if self.counted is not None:
            totals = self.counted.groupby(self.groups).sum()
        else:
            assert self.rate is not None
            totals = ages.people.sum(axis="columns").groupby(self.groups).sum() * self.rate
        try:
            return cases_by_age(ages.people, ages.weights, totals, self.groups)
        except ValueError as problem:
            where = (*PLACE, "calibrate_by") if "calibrate_by" in self.keys else PLACE
            self.file.note(where, str(problem), "people of those ages wherever there are cases")
            return None

    def _factor(self, growth: Mapping[str, float], years: int) -> DemandFactor | None:
        rate = self.keys.get("rate", "")
        if self.rate == 0 or (not rate and not years):
            return None
        return DemandFactor.of(self.register, rate, growth, years)

    def _growth_ids(self, ages: _Ages) -> dict[str, str] | None:
        """Return age column -> id of the growth of its people; None, with faults noted, if none."""
        ids = {column: f"demand.growth_{band}" for column, band in ages.bands.items()}
        before = len(self.file.faults.found)
        for column, name in ids.items():
            where = (*PLACE, "ages", column)
            if name not in self.register:
                expected = "the growth of every age, where a year is given"
                hint = suggestion(name, self.register)
                self.file.note(where, f"no assumption '{name}'", expected, hint)
            elif not -1.0 < self.register.value(name) <= 1.0:
                found = f"'{name}' is {self.register.value(name):g}"
                self.file.note(where, found, "a share a year above -1 and up to 1")
        return ids if len(self.file.faults.found) == before else None

    def _note_no_ages(self, year: int) -> None:
        service_id = self.file.content.get("id", "")
        self.file.faults.add(
            self.file.file,
            "year",
            f"{year}, but service '{service_id}' ({self.file.file}) has no ages",
            "ages under [demand] of every service, as growth is by age",
            "Leave out the year, or the service.",
        )

    def _basis(self, what: str) -> str:
        if self.rate is None:
            text = (
                f"{what}: column '{self.keys['column']}' of the zones table, expected cases a year"
            )
        else:
            found = self.register[self.keys["rate"]]
            people = f" (column '{self.keys['population']}')" if self.ages is None else ""
            text = (
                f"{what}: {found.value * 1e5:g} a year per 100,000 people{people}, "
                f"{found.confidence}: {found.source}"
            )
        if self.ages is None:
            return text
        by = self.keys.get("calibrate_by")
        return text + (
            f"; shared among the zones {f'of each {by}' if by else 'of the region'} by people of "
            f"each age (weights {', '.join(_shortened(self.keys['ages'].values()))})"
        )


def _shortened(ids: Any) -> list[str]:
    """Return "egs.age_weight_*" for egs.age_weight_0_17 and its like."""
    return list(dict.fromkeys(re.sub(r"(age_weight_)\w+", r"\1*", name) for name in ids))


def _counted(
    file: TomlFile, keys: Mapping[str, Any], zones: pd.DataFrame
) -> pd.Series[float] | None:
    """Return the column of cases, or of the people that a rate is of."""
    name = keys.get("column", keys.get("population"))
    if name is None:
        return None
    return check_demand(zones, name, file.faults, file=file.file, place=file.place(PLACE))


def _ages(
    file: TomlFile, given: Mapping[str, Any], zones: pd.DataFrame, register: Register
) -> _Ages | None:
    """Return people, weight and band of every age; None, with faults noted, if one is wrong."""
    inside: Where = (*PLACE, "ages")
    if not given:
        file.note(inside, "no ages", 'ages, such as pop_0_17 = "egs.age_weight_0_17"')
        return None
    people, weights, bands = {}, {}, {}
    for column, name in given.items():
        where = (*inside, column)
        match = AGE_WEIGHT.fullmatch(name) if isinstance(name, str) else None
        if match is None:
            file.note(where, f"{column} = {name}", 'an id such as "egs.age_weight_0_17"')
            continue
        place = file.place(where)
        found = check_demand(zones, column, file.faults, file=file.file, place=place)
        weight = assumption(file, where, name, register)
        if found is not None and weight is not None:
            people[column], weights[column], bands[column] = found, weight, match["band"]
    if len(people) < len(given):
        return None
    return _Ages(pd.DataFrame(people), weights, bands)


def _groups(file: TomlFile, column: str | None, zones: pd.DataFrame) -> pd.Series[str] | None:
    """Return the group of zones that keeps its own total: all of them where no column is given."""
    if column is None:
        return pd.Series("the region", index=zones.index)
    where = (*PLACE, "calibrate_by")
    if column not in zones.columns:
        text = [str(c) for c in zones.select_dtypes(exclude="number").columns]
        expected = "a column of the zones table, such as district"
        file.note(where, f"no zone column '{column}'", expected, suggestion(column, text))
        return None
    groups = zones[column].astype(str)
    blank = zones.index[groups == ""]
    if len(blank):
        file.note(where, f"column '{column}' is blank at zone {listing(blank)}", "a group each")
        return None
    return groups
