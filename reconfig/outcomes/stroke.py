"""Stroke: deaths avoided by admission to a hyper-acute unit, from before-and-after studies."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from reconfig.core import LivesSaved
from reconfig.outcomes.mixture import DRAWS, SEED, SampledEffect, choose_component, shares
from reconfig.outcomes.register import Register


class Stroke:
    """Deaths within 90 days avoided by care in a hyper-acute unit.

    Per case: share admitted x (mixture of the effects seen in Greater Manchester 2015, London and
    none; register: stroke.hasu_*). London's effect was measured on all patients, so it is divided
    by the share admitted there. The effect is a difference in risk, travel included, so no
    effect of travel time is ever added to it.
    """

    basis = (
        "90-day deaths after stroke against care without hyper-acute units, from the "
        "difference-in-differences studies of London and Greater Manchester; estimated"
    )

    baseline = "care without hyper-acute units"

    def __init__(self, register: Register) -> None:
        self.register = register

    @cached_property
    def _weights(self) -> dict[str, float]:
        return shares(self.register, "stroke.hasu_weight", ("none", "gm2015", "london"))

    @property
    def baseline_deaths_per_case(self) -> float:
        """Deaths within 90 days per stroke without hyper-acute units."""
        return self.register.value("stroke.baseline_mortality")

    @cached_property
    def deaths_avoided_per_case(self) -> float:
        """Expected deaths avoided per case at a hyper-acute unit."""
        value, weights = self.register.value, self._weights
        london = value("stroke.hasu_effect_london") / value("stroke.london_share_admitted")
        effect = weights["gm2015"] * value("stroke.hasu_effect_gm2015")
        return value("stroke.share_admitted") * (effect + weights["london"] * london)

    def staffed_share(self, number_open: int) -> float:
        """Every unit is taken to be fully staffed."""
        return 1.0

    @cached_property
    def _effect(self) -> SampledEffect:
        rng = np.random.default_rng(SEED)
        draw = {
            key: a.draws(rng, DRAWS)
            for key, a in self.register.items()
            if key.startswith("stroke.")
        }
        component = choose_component(list(self._weights.values()), rng, DRAWS)
        effect = np.choose(
            component,
            [
                np.zeros(DRAWS),
                draw["stroke.hasu_effect_gm2015"],
                draw["stroke.hasu_effect_london"] / draw["stroke.london_share_admitted"],
            ],
        )
        avoided = np.minimum(
            draw["stroke.share_admitted"] * effect, draw["stroke.baseline_mortality"]
        )
        return SampledEffect(
            self.deaths_avoided_per_case,
            self.baseline_deaths_per_case,
            avoided,
            self.basis,
            self.baseline,
        )

    def lives_saved(self, *, cases_at_sites: float, cases: float, number_open: int) -> LivesSaved:
        """Return lives saved a year among those cases, with interval and chance of no gain."""
        return self._effect.lives_saved(
            cases_at_sites=cases_at_sites,
            cases=cases,
            staffed_share=self.staffed_share(number_open),
        )
