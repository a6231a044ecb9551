"""Stroke: deaths avoided by admission to a hyper-acute unit, from before-and-after studies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from reconfig.core import Assumptions, Caseload, Journeys
from reconfig.outcomes.draws import Draws
from reconfig.outcomes.register import Register

TINY = 1e-12
STUDIES = ("none", "gm2015", "london")


@dataclass(frozen=True, eq=False)
class StrokeUnits:
    """Deaths within 90 days avoided by care in a hyper-acute unit.

    Per case: share admitted x (mixture of the effects seen in Greater Manchester 2015, London and
    none; register: stroke.hasu_*). London's effect was measured on all patients, so it is divided
    by the share admitted there. The effect is a difference in risk, travel included, so no
    effect of travel time is ever added to it.
    """

    register: Register
    factor: Callable[[Assumptions], np.ndarray] | None = None

    estimates = ("lives_saved",)
    centres = ()
    by_volume = False
    by_number = False
    basis = (
        "90-day deaths after stroke against care without hyper-acute units, from the "
        "difference-in-differences studies of London and Greater Manchester; the same wherever and "
        "however many the units are, so choose among sites by access and volumes; estimated"
    )
    baseline = "care without hyper-acute units"

    def baseline_deaths(self, values: Assumptions) -> np.ndarray:
        """Return deaths per stroke without hyper-acute units (shape: number)."""
        return np.asarray(np.clip(values["stroke.baseline_mortality"], 0.0, 1.0))

    def demand_factor(self, values: Assumptions) -> np.ndarray:
        """Return cases a year over the central cases a year (shape: number)."""
        return np.ones(values.number) if self.factor is None else self.factor(values)

    def per_case(self, estimate: str, to: Journeys) -> np.ndarray:
        """Return central deaths avoided per case: at a unit of the region, none elsewhere."""
        central = Draws.central(self.register)
        shape = np.broadcast_shapes(to.minutes.shape, to.is_candidate.shape)
        at_unit = np.broadcast_to(to.is_candidate, shape)
        away = self._neighbour_share(central)[0]
        return np.asarray(self._avoided(central)[0] * np.where(at_unit, 1.0, away))

    def gains(self, estimate: str, load: Caseload, values: Assumptions) -> Mapping[str, np.ndarray]:
        """Return "units" -> deaths avoided a year (number x configurations)."""
        away = self._neighbour_share(values)[:, None] * load.at_neighbours
        return {"units": self._avoided(values)[:, None] * (load.at_candidates + away)}

    def _neighbour_share(self, values: Assumptions) -> np.ndarray:
        """Return the share of the effect at a neighbour that has a unit (shape: number)."""
        return np.asarray(np.clip(values["stroke.neighbour_effect"], 0.0, 1.0))

    def _avoided(self, values: Assumptions) -> np.ndarray:
        """Return deaths avoided per case of a unit's catchment (shape: number)."""
        weights = values.weights("stroke.hasu", STUDIES)
        there = np.maximum(values["stroke.london_share_admitted"], TINY)
        london = values["stroke.hasu_effect_london"] / there
        effect = weights[:, 1] * values["stroke.hasu_effect_gm2015"] + weights[:, 2] * london
        admitted = np.clip(values["stroke.share_admitted"], 0.0, 1.0)
        return np.asarray(np.minimum(admitted * effect, self.baseline_deaths(values)))
