"""A service: what a site may host, who needs it, and what it does for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

import pandas as pd

from reconfig.core.outcome import OutcomeModel


@dataclass(frozen=True, eq=False, repr=False)
class Service:
    """A service with its demand, its sites and, where evidence allows, its outcome model.

    demand: cases a year by zone (index: zone ids, in the region's order, none negative).
    candidates: ids of the sites that may host it. always_open: ids of the neighbours that take
    patients whatever is decided. today: ids of the candidates that host it now.
    demand_basis: one sentence that says where the demand comes from. standard_minutes: the
    standard of access, None where it has none. parts: the services that this one stands for, where
    several are decided together (see `together`); its ids are then "service@site". same_patients:
    ids of services that count the same people another way, never to be decided on beside it.
    """

    id: str
    name: str
    demand: pd.Series[float]
    candidates: tuple[str, ...]
    always_open: tuple[str, ...] = ()
    today: tuple[str, ...] = ()
    outcome: OutcomeModel | None = None
    demand_basis: str = ""
    standard_minutes: float | None = None
    parts: tuple[Service, ...] = ()
    same_patients: frozenset[str] = frozenset()

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
