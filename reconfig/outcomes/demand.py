"""Expected cases a year by zone and age: spread over people by age, then grown to a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reconfig.core import Assumptions
from reconfig.outcomes.draws import Draws
from reconfig.outcomes.register import Register


def needy(people: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return people x weight of their age: what cases are in proportion to (zones x ages).

    people: persons (zones x ages). weights: age -> relative rate of cases; only ratios matter.
    """
    return people.mul(pd.Series({age: weights[age] for age in people.columns}), axis="columns")


def cases_by_age(
    people: pd.DataFrame,
    weights: Mapping[str, float],
    totals: pd.Series[float],
    groups: pd.Series[str],
) -> pd.DataFrame:
    """Return expected cases a year (zones x ages), each group of zones with its own total.

    cases_ia = people_ia w_a x total_g / sum over the zones j of the group and ages b of
    people_jb w_b, for a zone i of group g: so that a zone's own small count is never needed.
    people: persons (zones x ages). weights: age -> relative rate. totals: cases a year by group.
    groups: the group of each zone.
    Raises ValueError for a group that has cases but nobody of an age with a weight.
    """
    need = needy(people, weights)
    by_group = need.sum(axis="columns").groupby(groups).sum()
    nobody = by_group.index[(by_group <= 0) & (totals.reindex(by_group.index) > 0)]
    if len(nobody):
        raise ValueError(f"cases but nobody who could have them: {', '.join(map(str, nobody))}")
    # A group without people has no cases either; the divisor is then of no matter.
    per_need = totals.reindex(by_group.index) / by_group.where(by_group > 0, other=1.0)
    return need.mul(groups.map(per_need), axis="index")


def grown(cases: pd.DataFrame, growth: Mapping[str, float], years: int) -> pd.DataFrame:
    """Return cases by age so many years later: x (1 + growth of the age) ** years.

    cases: a year (zones x ages). growth: age -> growth of the number of people, a share a year:
    the rate of cases at each age is taken to stay what it is.
    """
    factors = pd.Series({age: (1.0 + growth[age]) ** years for age in cases.columns})
    return cases.mul(factors, axis="columns")


@dataclass(frozen=True)
class DemandFactor:
    """Cases a year over the central cases a year, as the assumptions behind them vary.

    rate: id of the rate of cases, "" for a column of cases, taken as known. growth: id of the
    growth of an age -> cases a year of that age in the base year. years: since the base year.
    central: what all is relative to. The mix of ages is that of all the region's zones.
    """

    rate: str
    growth: Mapping[str, float]
    years: int
    central: float

    @classmethod
    def of(
        cls,
        register: Register,
        rate: str = "",
        growth: Mapping[str, float] | None = None,
        years: int = 0,
    ) -> DemandFactor:
        """Return the factor that is 1 where every assumption is at its value in the register."""
        raw = cls(rate, dict(growth or {}), years, 1.0)
        return replace(raw, central=float(raw(Draws.central(register))[0]))

    def __call__(self, values: Assumptions) -> np.ndarray:
        """Return the factor for each value of the assumptions (shape: number)."""
        found = np.ones(values.number)
        if self.rate:
            found = found * values[self.rate]
        if self.growth and self.years:
            found = found * sum(
                cases * (1.0 + values[name]) ** self.years for name, cases in self.growth.items()
            )
        return np.asarray(found / self.central)
