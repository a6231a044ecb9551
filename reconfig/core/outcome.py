"""What an outcome model is asked, and what it answers: plain data and one protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

import numpy as np

# A harm of fewer lives than this is what rounding left.
ROUNDING = 1e-6


@dataclass(frozen=True)
class LivesSaved:
    """Deaths avoided a year against a baseline of care, with all that qualifies them.

    central: at the central value of every assumption. low, high: 95 % uncertainty interval from
    sampled assumptions. baseline_deaths: deaths a year among the same cases at baseline, which no
    estimate may exceed. baseline: what care that is, in words. probability_of_no_gain: share of the
    draws in which nobody is saved, or more die. basis: one sentence that says what the estimate
    rests on. parts: what the central value is the sum of, by effect.
    """

    central: float
    low: float
    high: float
    baseline_deaths: float
    probability_of_no_gain: float
    basis: str
    baseline: str
    parts: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", MappingProxyType(dict(self.parts)))

    def __reduce__(self) -> tuple[object, ...]:
        values = [getattr(self, name) for name in list(self.__dataclass_fields__)[:-1]]
        return (LivesSaved, (*values, dict(self.parts)))

    def qualifiers(self) -> dict[str, float]:
        """Return what the central value is never shown without, as columns of a table."""
        return {
            "lives_low": self.low,
            "lives_high": self.high,
            "lives_baseline_deaths": self.baseline_deaths,
            "lives_probability_of_no_gain": self.probability_of_no_gain,
        }

    def __str__(self) -> str:
        return (
            f"{_figure(self.central, 1)} lives a year (95 % interval {_end(self.low)} to "
            f"{_end(self.high)}; "
            f"{self.probability_of_no_gain:.0%} chance of no gain or of harm) "
            f"of {self.baseline_deaths:.0f} deaths at baseline ({self.baseline})"
        )


def _end(value: float) -> str:
    """Return an end of an interval: whole lives, tenths below one."""
    return _figure(value, 0 if abs(value) >= 1 or abs(value) < 0.05 else 1)


def _figure(value: float, decimals: int) -> str:
    """Return lives as text, never a harm that is rounded away."""
    text = f"{value:.{decimals}f}"
    if value >= 0 or float(text):
        return text
    return f"{value:.1g}" if value < -ROUNDING else text.removeprefix("-")


@dataclass(frozen=True, eq=False)
class Journeys:
    """Journeys to be measured, as arrays that broadcast against each other.

    minutes: infinite where there is no way. cases: a year. is_candidate: whether the site is a
    candidate (not a neighbour). minutes_today: the zone's journey today. Either every zone to every
    site (zones x sites, zones x 1 and 1 x sites), or every zone to where it is treated (by zone).
    candidate_today: whether the zone is treated at a candidate today. displaced: whether the
    journey is a longer one, that the zone makes only where its site of today is closed.
    reference_minutes: today's mean journey. number_open: how many candidates are open, None where
    that is not known. volume, volume_today: cases a year at the site of the journey and at the one
    of today, None where nobody knows them (in a program that has yet to choose). onward,
    onward_today: minutes from the site of the journey, and from the one of today, to the nearest of
    the outcome model's centres (0 at a centre); None for models that have none. case_cost: pounds
    that a case costs at the site of the journey, 0 where the sites have no such column.
    """

    outcome: OutcomeModel | None
    minutes: np.ndarray
    cases: np.ndarray
    is_candidate: np.ndarray
    minutes_today: np.ndarray
    candidate_today: np.ndarray
    displaced: np.ndarray
    reference_minutes: float
    number_open: int | None = None
    volume: np.ndarray | None = None
    volume_today: np.ndarray | None = None
    onward: np.ndarray | None = None
    onward_today: np.ndarray | None = None
    case_cost: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Caseload:
    """Who is treated where under some configurations, as the sums that outcome models need.

    cases: all cases a year. number_open, at_candidates, at_neighbours: open candidates, and cases
    treated at one and at a neighbour (by configuration); at_neighbours_today: today's. minutes: a
    grid of minutes; by_minutes: cases by it (configurations x grid), displaced_by_minutes: those
    whose site of today is closed (likewise), today_by_minutes: today's (by grid). Cases between two
    minutes of the grid are shared between them, so that sums of what is linear between them are
    exact. volumes: cases at each candidate (configurations x candidates), volumes_today: today's
    (by candidate). reference_minutes: today's mean journey. onward: the minutes from a site to the
    nearest of the outcome model's centres that occur; by_onward: cases by them and by the grid
    (configurations x onward x grid), today_by_onward: today's (onward x grid); all empty for models
    without centres.
    """

    cases: float
    number_open: np.ndarray
    at_candidates: np.ndarray
    at_neighbours: np.ndarray
    at_neighbours_today: float
    minutes: np.ndarray
    by_minutes: np.ndarray
    displaced_by_minutes: np.ndarray
    today_by_minutes: np.ndarray
    volumes: np.ndarray
    volumes_today: np.ndarray
    reference_minutes: float
    onward: np.ndarray
    by_onward: np.ndarray
    today_by_onward: np.ndarray


class Assumptions(Protocol):
    """Values of assumptions, one or many: what `reconfig.outcomes.Draws` is."""

    @property
    def number(self) -> int:
        """How many values there are of each assumption."""

    def __getitem__(self, assumption_id: str) -> np.ndarray:
        """Return the values of an assumption (shape: number)."""

    def weights(self, prefix: str, kinds: Sequence[str]) -> np.ndarray:
        """Return the weight of each kind of a mixture (number x kinds; rows sum to 1)."""


@runtime_checkable
class OutcomeModel(Protocol):
    """What a service's patients gain by where they are treated.

    Everything is linear in who is treated where, for a known number of open sites; what depends on
    a site's volume too says so (`by_volume`).
    """

    @property
    def register(self) -> Any:
        """The assumptions that it rests on, by id: what values are drawn from."""

    @property
    def estimates(self) -> tuple[str, ...]:
        """The measures that it estimates: "lives_saved", or "qalys" and "independent"."""

    @property
    def centres(self) -> tuple[str, ...]:
        """Ids of the sites that some patients are sent on to; empty where nobody is."""

    @property
    def by_volume(self) -> bool:
        """Whether the gain of a case depends on how many others go to the same site."""

    @property
    def by_number(self) -> bool:
        """Whether the gain of a case depends on how many sites are open."""

    @property
    def basis(self) -> str:
        """One sentence that says what the estimate rests on."""

    @property
    def baseline(self) -> str:
        """The care that gains are counted against, in words."""

    def baseline_deaths(self, values: Assumptions) -> np.ndarray:
        """Return expected deaths per case at baseline, between 0 and 1 (shape: number)."""

    def demand_factor(self, values: Assumptions) -> np.ndarray:
        """Return cases a year over the central cases a year (shape: number)."""

    def per_case(self, estimate: str, to: Journeys) -> np.ndarray:
        """Return the central gain per case of each journey (shape: as the journeys broadcast)."""

    def gains(self, estimate: str, load: Caseload, values: Assumptions) -> Mapping[str, np.ndarray]:
        """Return effect -> gain a year at the central demand (number x configurations)."""


@runtime_checkable
class VolumeCurve(Protocol):
    """What an outcome model with `by_volume` has too, so that it can be optimised and limited.

    The gain of a case at a candidate is what its journey gives plus `at_volume` of the site's
    volume, or where that is less, a cap that no volume changes; at a neighbour volume adds nothing.
    """

    def at_volume(self, estimate: str, volumes: np.ndarray) -> np.ndarray:
        """Return what a site's volume (cases a year) adds to the central gain per case there.

        Shape: that of volumes. 0 at none; above that smooth, and rising or falling throughout.
        """
