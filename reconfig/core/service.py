"""A service: what a site may host, who needs it, and what it does for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Protocol, runtime_checkable

import pandas as pd


@dataclass(frozen=True)
class LivesSaved:
    """Deaths avoided a year against a baseline of care, with all that qualifies them.

    central: expected value. low, high: 95 % uncertainty interval from sampled assumptions.
    baseline_deaths: deaths a year among the same cases at baseline, which no estimate may exceed.
    baseline: what care that is, in words. probability_of_no_gain: share of the draws in which
    nobody is saved, or more die. basis: one sentence that says what the estimate rests on.
    """

    central: float
    low: float
    high: float
    baseline_deaths: float
    probability_of_no_gain: float
    basis: str
    baseline: str

    def __str__(self) -> str:
        low, high = (round(end) for end in (self.low, self.high))
        return (
            f"{self.central:.1f} lives a year (95 % interval {low} to {high}; "
            f"{self.probability_of_no_gain:.0%} chance of no gain or of harm) "
            f"of {self.baseline_deaths:.0f} deaths at baseline ({self.baseline})"
        )


@runtime_checkable
class OutcomeModel(Protocol):
    """What a service's patients gain by being treated at one of the chosen sites."""

    @property
    def basis(self) -> str:
        """One sentence that says what the estimate rests on."""

    @property
    def baseline(self) -> str:
        """The care that lives saved are counted against, in words."""

    @property
    def baseline_deaths_per_case(self) -> float:
        """Expected deaths per case at baseline, between 0 and 1."""

    @property
    def deaths_avoided_per_case(self) -> float:
        """Expected deaths avoided per case treated at a chosen site, when fully staffed."""

    def staffed_share(self, number_open: int) -> float:
        """Share (0 to 1) of the full effect that can be staffed at that many sites."""

    def lives_saved(self, *, cases_at_sites: float, cases: float, number_open: int) -> LivesSaved:
        """Return lives saved a year with its interval.

        cases_at_sites: cases a year treated at a chosen site; cases: all cases a year counted.
        """


@dataclass(frozen=True, eq=False, repr=False)
class Service:
    """A service with its demand, its sites and, where evidence allows, its outcome model.

    demand: cases a year by zone (index: zone ids, in the region's order, none negative).
    candidates: ids of the sites that may host it. always_open: ids of the neighbours that take
    patients whatever is decided. today: ids of the candidates that host it now.
    demand_basis: one sentence that says where the demand comes from.
    """

    id: str
    name: str
    demand: pd.Series[float]
    candidates: tuple[str, ...]
    always_open: tuple[str, ...] = ()
    today: tuple[str, ...] = ()
    outcome: OutcomeModel | None = None
    demand_basis: str = ""

    def __post_init__(self) -> None:
        cases = self.demand.to_numpy(dtype=float).copy()
        cases.flags.writeable = False
        frozen = pd.Series(cases, index=self.demand.index, name=self.demand.name, copy=False)
        object.__setattr__(self, "demand", frozen)

    def with_always_open(self, *sites: str) -> Service:
        """Return the service with some candidates as neighbours: open whatever is decided.

        They take patients of their own and are not counted among the sites that are chosen.
        Raises ValueError if one of them is not a candidate.
        """
        unknown = sorted(set(sites).difference(self.candidates))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: not a candidate for {self.id}")
        return replace(
            self,
            candidates=tuple(s for s in self.candidates if s not in sites),
            always_open=tuple(sorted({*self.always_open, *sites})),
            today=tuple(s for s in self.today if s not in sites),
        )

    @property
    def cases_per_year(self) -> float:
        """All cases a year of the zones that count."""
        return float(self.demand.sum())

    def __repr__(self) -> str:
        return (
            f"<Service {self.id}: {self.cases_per_year:,.0f} cases a year, "
            f"{len(self.candidates)} candidates>"
        )

    def _repr_html_(self) -> str:
        return (
            f"<b>{escape(self.name)}</b>: {self.cases_per_year:,.0f} cases a year, "
            f"{len(self.candidates)} candidate sites, {len(self.today)} today, "
            f"{len(self.always_open)} neighbours always open"
        )
