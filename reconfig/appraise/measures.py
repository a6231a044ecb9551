"""Measures: each a zones x sites table, used alike by the appraisal and by the model.

A measure's table says how much of it there is a year if a zone's cases are treated at a site. Its
value is the sum over who is treated where; divided by the cases where it is an average. Only what
is not such a sum (the longest journey, a percentile, a volume) has a statistic instead, and what
compares groups with each other (the worst district, the gap between fifths) their averages.

A table is written as a function of journeys, so that the model can ask it of every zone and site
and the appraisal only of those journeys that are made.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from reconfig.appraise.units import SHARE, amount, apart
from reconfig.core import Faults, Journeys, Region, Service
from reconfig.core.resources import check_costs

# journeys -> amount a year of each: zones x sites, or by zone where each zone has one journey
Table = Callable[[Journeys], np.ndarray]
# minutes and cases by zone, and cases by open candidate -> a number
Statistic = Callable[[np.ndarray, np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class OfGroups:
    """An average compared between the groups of a zone column; groups without cases do not count.

    kind: "worst" (the largest where lower is better, else the smallest) or "gap" (largest less
    smallest).
    """

    average: Measure
    column: str
    kind: str

    def value(self, averages: Iterable[float]) -> float:
        """Return the value, given the average of each group (NaN in one without cases)."""
        known = [a for a in averages if not math.isnan(a)]
        if not known:
            return float("nan")
        if self.kind == "gap":
            return max(known) - min(known)
        return max(known) if self.average.better == "lower" else min(known)


@dataclass(frozen=True)
class Measure:
    """One measure: `table` (zones x sites, amount a year), `statistic` or `of_groups` is given.

    average: divide the sum by the cases. estimated: the outcome model of the service gives it.
    per_site: column of the sites table with what each open candidate adds to the sum, "" for none.
    columns: of the sites table; without any of them there is no such measure in a region.
    better: which way is good, "lower" or "higher". only: columns of the zones, each with a value:
    counted are the zones that have them all (and, where one is of a service, its sites).
    """

    name: str
    label: str
    unit: str
    better: str
    table: Table | None = None
    statistic: Statistic | None = None
    of_groups: OfGroups | None = None
    average: bool = False
    estimated: bool = False
    by_group: bool = True
    only: tuple[tuple[str, str], ...] = ()
    per_site: str = ""
    columns: tuple[str, ...] = ()

    def is_known_in(self, region: Region | None, service: Service) -> bool:
        """Say whether the sites of a region have the columns, with numbers, that it needs."""
        if not self.columns or region is None:
            return not self.columns
        faults = Faults()
        check_costs(region, service, faults, file="", place="")
        return not faults

    def applies_to(self, service: Service) -> bool:
        """Say whether the service, or one of several that it stands for, has what it needs."""
        parts = self.parts(service)
        if parts != [service]:
            return any(self.applies_to(part) for part in parts)
        outcome = service.outcome
        return not self.estimated or (outcome is not None and self.base in outcome.estimates)

    @property
    def base(self) -> str:
        """The name without what follows in brackets."""
        return self.name.partition("[")[0]

    def parts(self, service: Service) -> list[Service]:
        """Return the services whose patients are counted, of several decided together."""
        if not service.parts:
            return [service]
        asked = {value for column, value in self.only if column == "service"}
        return [part for part in service.parts if asked <= {part.id}]

    def can_be(self, sense: str) -> bool:
        """Say whether the measure can be optimised in a sense: "minimise" or "maximise"."""
        good = "minimise" if self.better == "lower" else "maximise"
        return self.table is not None or (
            sense == good and (self.of_groups is not None or self._is_minimised)
        )

    @property
    def _is_minimised(self) -> bool:
        """Whether it is no sum and can be minimised: the longest journey only of everybody."""
        return self.base in ALSO_MINIMISED and (self.base == "open_sites" or not self.only)

    def by_number(self, service: Service) -> bool:
        """Say whether a journey's amount depends on how many candidates are open."""
        models = [part.outcome for part in self.parts(service)]
        return self.estimated and any(m is not None and m.by_number for m in models)

    def by_volume(self, service: Service) -> bool:
        """Say whether a journey's amount depends on how many others go to the same site."""
        models = [part.outcome for part in self.parts(service)]
        return self.estimated and any(m is not None and m.by_volume for m in models)


def _estimate(name: str) -> Table:
    """Return the table of what the outcome model estimates: cases x gain per case."""

    def gains(to: Journeys) -> np.ndarray:
        assert to.outcome is not None
        return np.asarray(to.cases * to.outcome.per_case(name, to))

    return gains


def _case_minutes(to: Journeys) -> np.ndarray:
    # Where there is no way nobody is ever treated, so the entry is never read.
    return to.cases * np.where(np.isfinite(to.minutes), to.minutes, 0.0)


def _neighbour_cases(to: Journeys) -> np.ndarray:
    return to.cases * np.where(to.is_candidate, 0.0, 1.0)


def weighted_percentile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Return the smallest value that at least this share (0 to 1) of the weight is within."""
    order = np.argsort(values, kind="stable")
    running = np.cumsum(weights[order])
    if not running.size or running[-1] <= 0:
        return float("nan")
    # A hair below the share, so that rounding in the sum does not push to the next value.
    return float(values[order][np.searchsorted(running, share * running[-1] * (1 - 1e-12))])


def _longest(minutes: np.ndarray, cases: np.ndarray, volumes: np.ndarray) -> float:
    used = minutes[cases > 0]
    return float(used.max()) if used.size else float("nan")


def _p95(minutes: np.ndarray, cases: np.ndarray, volumes: np.ndarray) -> float:
    return weighted_percentile(minutes, cases, 0.95)


# What outcome models can estimate: name, label, unit.
ESTIMATES = (
    ("lives_saved", "Lives saved", "lives"),
    ("qalys", "Quality-adjusted life years gained", "QALYs"),
    ("independent", "More people independent", "people"),
)
MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        *(
            Measure(
                name,
                label,
                f"{unit} a year",
                "higher",
                _estimate(name),
                estimated=True,
                by_group=name != "lives_saved",  # never without an interval, which no group has
            )
            for name, label, unit in ESTIMATES
        ),
        Measure("mean_minutes", "Mean journey", "minutes", "lower", _case_minutes, average=True),
        Measure("p95_minutes", "95th percentile journey", "minutes", "lower", statistic=_p95),
        Measure("max_minutes", "Longest journey", "minutes", "lower", statistic=_longest),
        Measure(
            "neighbour_cases", "Cases to neighbours", "cases a year", "lower", _neighbour_cases
        ),
        Measure(
            "min_volume",
            "Smallest volume of an open site",
            "cases a year",
            "higher",
            statistic=lambda m, c, v: float(v.min()) if v.size else float("nan"),
            by_group=False,
        ),
        Measure(
            "max_volume",
            "Largest volume of an open site",
            "cases a year",
            "lower",
            statistic=lambda m, c, v: float(v.max()) if v.size else float("nan"),
            by_group=False,
        ),
        Measure(
            "open_sites",
            "Sites open",
            "sites",
            "lower",
            statistic=lambda m, c, v: float(v.size),
            by_group=False,
        ),
    )
}
# Measures that are no sums and can be made as small as can be all the same.
ALSO_MINIMISED = ("max_minutes", "open_sites")
# Statistics that the model has rows for, so that they can be limited.
ALSO_LIMITED = (*ALSO_MINIMISED, "p95_minutes", "min_volume", "max_volume")
SHARE_WITHIN = re.compile(r"share_within_(\d{1,4})")
REPORTED_STANDARDS = (15, 30, 45, 60)
PAIR = re.compile(r"\[([^\[\]=]+)=([^\[\]]+)\]")
ONLY = re.compile(rf"([^\[\]]+)((?:{PAIR.pattern})+)")
BETWEEN_GROUPS = re.compile(r"(worst|gap)_(mean_minutes|share_within_\d{1,4})_by_(.+)")


def share_within(minutes: int) -> Measure:
    """Return the measure "share of cases whose journey is at most so many minutes" (0 to 1)."""

    def cases_within(to: Journeys) -> np.ndarray:
        return to.cases * (to.minutes <= minutes)

    return Measure(
        f"share_within_{minutes}",
        f"Within {amount(str(minutes), 'minutes')}",
        SHARE,
        "higher",
        cases_within,
        average=True,
    )


def between_groups(kind: str, average: Measure, column: str) -> Measure:
    """Return the worst group's average, or the gap between groups, by a column of the zones."""
    group = column.replace("_", " ")
    words = f"worst {group}" if kind == "worst" else f"gap by {group}"
    return Measure(
        f"{kind}_{average.name}_by_{column}",
        f"{average.label}, {words}",
        apart(average.unit) if kind == "gap" else average.unit,
        average.better if kind == "worst" else "lower",
        of_groups=OfGroups(average, column, kind),
        by_group=False,
    )


def of_zones(measure: Measure, *only: tuple[str, str]) -> Measure:
    """Return a measure of the zones alone that have values in columns: ("service", "stroke")."""
    return replace(
        measure,
        name=measure.name + "".join(f"[{column}={value}]" for column, value in only),
        label=f"{measure.label} ({', '.join(value for _, value in only)})",
        only=only,
    )


def find_measure(name: str) -> Measure | None:
    """Return a measure by name; None if unknown.

    Beside those in MEASURES: `share_within_<any whole number>`; `worst_` or `gap_` before a mean or
    a share and `_by_<zone column>` after it; any of them with `[<zone column>=<value>]` at its end,
    once or more, of those zones alone: `mean_minutes[district=Wigan][service=stroke]`.
    """
    if match := ONLY.fullmatch(name):
        found = find_measure(match.group(1))
        return None if found is None else of_zones(found, *PAIR.findall(match.group(2)))
    if match := SHARE_WITHIN.fullmatch(name):
        return share_within(int(match.group(1)))
    if match := BETWEEN_GROUPS.fullmatch(name):
        kind, base, column = match.groups()
        average = find_measure(base)
        assert average is not None
        return between_groups(kind, average, column)
    return MEASURES.get(name)


def known_measures(groups: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the measures, with the usual standards of access.

    groups: zone columns to compare groups by, such as those of `region.groups`.
    """
    averages = ("mean_minutes", *(f"share_within_{t}" for t in REPORTED_STANDARDS))
    between = [f"{k}_{a}_by_{g}" for g in groups for k in ("worst", "gap") for a in averages]
    return (*MEASURES, *averages[1:], *between)


def reported_measures(
    service: Service, more: Iterable[str] = (), *, region: Region | None = None
) -> list[Measure]:
    """Return the measures that an appraisal reports, those asked for beside the usual ones.

    region: where it is; without it there is no measure that rests on columns of the sites. Among
    the usual ones is the share within the service's own standard, where that is of whole minutes.
    """
    minutes = service.standard_minutes
    standard = (
        [] if minutes is None or minutes != int(minutes) else [f"share_within_{int(minutes)}"]
    )
    asked = tuple(more)
    names = dict.fromkeys([*known_measures(), *standard, *asked])
    found = [m for m in map(find_measure, names) if m is not None and m.applies_to(service)]
    return [m for m in found if m.name in asked or m.is_known_in(region, service)]
