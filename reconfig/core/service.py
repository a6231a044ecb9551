"""A service: what a site may host, who needs it, and what it does for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

import pandas as pd

from reconfig.core.choice import CHOICE_MINUTES, Choice
from reconfig.core.faults import Faults
from reconfig.core.outcome import OutcomeModel
from reconfig.core.tiers import Tier


@dataclass(frozen=True, eq=False, repr=False)
class Service:
    """A service with its demand, its sites and, where evidence allows, its outcome model.

    demand: cases a year by zone (index: zone ids, in the region's order, none negative).
    candidates: ids of the sites that may host it. always_open: ids of the neighbours that take
    patients whatever is decided. today: ids of the candidates that host it now.
    demand_basis: one sentence that says where the demand comes from. standard_minutes: the
    standard of access, None where it has none. choice: how patients choose their site; None where
    all go to the nearest open one. is_directed: whether they are told where to go instead.
    parts: the services that this one stands for, where
    several are decided together (see `together`); its ids are then "service@site". same_patients:
    ids of services that count the same people another way, never to be decided on beside it.
    tier: how patients come to a service that some sites of another have; None for all others.
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
    choice: Choice | None = None
    is_directed: bool = False
    parts: tuple[Service, ...] = ()
    same_patients: frozenset[str] = frozenset()
    tier: Tier | None = None

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

    def with_choice(
        self, minutes: float | None = None, *, orders: int = Choice.orders, seed: int = Choice.seed
    ) -> Service:
        """Return the service with patients who do not all go to the nearest open site.

        minutes, orders, seed: see `Choice`. Where no minutes are given they are those of the
        assumption travel.choice_minutes, from the register of the service's outcome model (which
        is the region's). `rc.calibrate_choice` finds them for a share of patients.
        Raises InputError for numbers that cannot be, or where there is no register to ask.
        """
        register = {} if self.outcome is None else self.outcome.register
        if minutes is None and CHOICE_MINUTES in register:
            minutes = float(register[CHOICE_MINUTES].value)
        if minutes is None:
            faults = Faults()
            faults.add(
                self.id,
                "choice",
                "no minutes, and no outcome model whose register says them",
                "minutes that divide the odds of a further site by e",
                "Write with_choice(3.0), or take them from rc.calibrate_choice(region, service).",
            )
            faults.raise_if_any()
        assert minutes is not None
        if self.is_directed:
            raise ValueError(f"{self.id}: patients are directed, and so choose no site")
        return replace(self, choice=Choice(minutes, orders, seed))

    def directed(self) -> Service:
        """Return the service with patients who are told where to go: the optimiser decides.

        The cases of a zone may be split over several open sites, the nearest or not. Where a
        configuration does not say who goes where (`Configuration.flows`), and today, all go to the
        nearest open site. Raises ValueError where the service has a choice of site.
        """
        if self.choice is not None:
            raise ValueError(f"{self.id}: patients choose their site, and so are not directed")
        return replace(self, is_directed=True)

    @property
    def way_of_choosing(self) -> str:
        """How patients come to their site, in words."""
        return "patients are directed" if self.is_directed else str(self.choice or Choice(0.0))

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
