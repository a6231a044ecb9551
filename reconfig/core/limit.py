"""Limits: bounds on measures, overall or group by group. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconfig.core.constraints import Constraint
from reconfig.core.faults import Faults, suggestion
from reconfig.core.region import MOST_GROUPS, Region
from reconfig.core.service import Service

if TYPE_CHECKING:
    from reconfig.core.problem import Problem


@dataclass(frozen=True)
class Limit(Constraint):
    """A bound on a measure: overall, or in every group of a zone column (`by`).

    at_most_over_today: how much more than today's value it may be, in each group its own.
    """

    measure: str
    at_least: float | None = None
    at_most: float | None = None
    by: str | None = None
    at_most_over_today: float | None = None

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note a column that makes no groups, and a "today" that there is none of.

        The measure itself is checked by `reconfig.appraise.check_measures`, which knows them.
        """
        place = f"limit on {self.measure}"
        if self.by is not None:
            check_groups(self.by, problem.region, faults, file, f"{place}, by")
        if self.at_most_over_today is not None:
            _check_today(problem.region, problem.service, faults, file, place)

    def __str__(self) -> str:
        over = self.at_most_over_today
        parts = [
            f"{self.measure} at least {self.at_least:g}" if self.at_least is not None else "",
            f"{self.measure} at most {self.at_most:g}" if self.at_most is not None else "",
            f"{self.measure} at most {over:g} more than today" if over is not None else "",
        ]
        text = " and ".join(part for part in parts if part)
        return f"{text} in every {self.by}" if self.by else text


def limit(
    measure: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    at_most_over_today: float | None = None,
    by: str | None = None,
) -> Limit:
    """Return a bound on a measure, overall or in every group of a zone column.

    at_most_over_today: limit("mean_minutes", at_most_over_today=5, by="district") says that no
    district's mean journey gets longer by more than five minutes.
    """
    if at_least is None and at_most is None and at_most_over_today is None:
        raise ValueError(f"limit on {measure}: give at_least, at_most or at_most_over_today")
    return Limit(measure, at_least, at_most, by, at_most_over_today)


def within(minutes: int, *, share: float = 1.0, by: str | None = None) -> Limit:
    """Return the constraint that at least this share (0 to 1) of cases is within the minutes."""
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"within: share is {share:g}, expected 0 to 1 (0.95, not 95)")
    return Limit(f"share_within_{minutes}", at_least=share, by=by)


def check_groups(by: str, region: Region, faults: Faults, file: str, place: str) -> None:
    """Note a column, to compare groups by, that does not put the zones in a few groups."""
    hint = suggestion(by, region.groups)
    if by not in region.zones.columns:
        found = f"no zone column '{by}'"
        faults.add(file, place, found, "a zone column with a few groups", hint)
    elif region.zones[by].nunique() > MOST_GROUPS:
        found = f"'{by}' has {region.zones[by].nunique():,} different values"
        faults.add(file, place, found, f"a zone column with at most {MOST_GROUPS} groups", hint)


def _check_today(region: Region, service: Service, faults: Faults, file: str, place: str) -> None:
    """Note that there is no "today" to compare with: nobody hosts it, or some reach nobody."""
    hosts = [*service.today, *service.always_open]
    if not hosts or region.minutes()[hosts].isna().all(axis=1).any():
        faults.add(
            file,
            place,
            "at_most_over_today, but not every zone reaches a site that is open today",
            "sites open today that every zone can reach, to compare with",
            "Give at_most instead.",
        )
