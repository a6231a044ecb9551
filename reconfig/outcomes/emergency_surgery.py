"""Emergency surgery: baseline deaths x effect of a hub x share of cases it applies to."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from reconfig.core import LivesSaved
from reconfig.outcomes.mixture import DRAWS, SEED, SampledEffect, choose_component, shares
from reconfig.outcomes.register import Register

# Standard normal nodes and weights: exact for the smooth mean taken here.
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(21)


def risk_ratio(odds_ratio: np.ndarray, baseline_risk: np.ndarray | float) -> np.ndarray:
    """Return the risk ratio that an odds ratio means at a baseline risk (0 to 1).

    RR = OR / (1 - p + p OR): odds ratios are never used as risk ratios.
    """
    return np.asarray(odds_ratio / (1.0 - baseline_risk + baseline_risk * odds_ratio))


class EmergencySurgery:
    """Deaths within 30 days of emergency laparotomy avoided by treatment at a hub.

    Per case: baseline mortality x (1 - risk ratio) x share moved, with the odds ratio a mixture of
    no effect, a moderate and a strong one (register: egs.hub_*). All at up to egs.hubs_full sites,
    none at egs.hubs_none, in a straight line between.
    """

    baseline = "today's standard of care"

    def __init__(self, register: Register) -> None:
        self.register = register

    @property
    def basis(self) -> str:
        """One sentence that says what the estimate rests on."""
        none = self._weights["none"]
        return (
            "30-day deaths after emergency laparotomy; the effect of a hub is contested, so the "
            f"range gives {none:.0%} weight to no effect at all; estimated"
        )

    @cached_property
    def _weights(self) -> dict[str, float]:
        return shares(self.register, "egs.hub_weight", ("none", "moderate", "strong"))

    @property
    def baseline_deaths_per_case(self) -> float:
        """Deaths within 30 days per laparotomy at today's standard."""
        return self.register.value("egs.baseline_mortality")

    @cached_property
    def deaths_avoided_per_case(self) -> float:
        """Expected deaths avoided per case at a fully staffed hub."""
        risk, value = self.baseline_deaths_per_case, self.register.value
        expected = 0.0
        for kind in ("moderate", "strong"):
            effect = self.register[f"egs.hub_ln_or_{kind}"]
            odds = np.exp(effect.value + effect.parameters.get("sd", 0.0) * NODES)
            mean_ratio = np.average(risk_ratio(odds, risk), weights=WEIGHTS)
            expected += self._weights[kind] * (1.0 - mean_ratio)
        return float(risk * expected * value("egs.share_moved"))

    def staffed_share(self, number_open: int) -> float:
        """Share of the full effect that can be staffed at that many hubs (0 to 1)."""
        full, none = self.register.value("egs.hubs_full"), self.register.value("egs.hubs_none")
        return float(np.interp(number_open, [full, none], [1.0, 0.0]))

    @cached_property
    def _effect(self) -> SampledEffect:
        rng = np.random.default_rng(SEED)
        draw = {
            key: a.draws(rng, DRAWS) for key, a in self.register.items() if key.startswith("egs.")
        }
        component = choose_component(list(self._weights.values()), rng, DRAWS)
        ln_odds = np.choose(
            component,
            [np.zeros(DRAWS), draw["egs.hub_ln_or_moderate"], draw["egs.hub_ln_or_strong"]],
        )
        risk = draw["egs.baseline_mortality"]
        demand = draw["egs.laparotomy_rate"] / self.register.value("egs.laparotomy_rate")
        avoided = demand * risk * (1.0 - risk_ratio(np.exp(ln_odds), risk))
        return SampledEffect(
            self.deaths_avoided_per_case,
            self.baseline_deaths_per_case,
            avoided * draw["egs.share_moved"],
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


def upper_bound_scenario(register: Register) -> str:
    """Say what the claim of 300 lives a year is: a ceiling, never a forecast."""
    deaths = register.value("egs.upper_bound_deaths")
    ratio = register.value("egs.upper_bound_risk_ratio")
    return (
        f"Upper-bound scenario, not a forecast: {deaths:,.0f} general-surgery deaths a year "
        f"x (1 - {ratio:g}) = {deaths * (1 - ratio):,.0f} lives a year, "
        "the figure claimed in 2014. "
        f"It would need every hospital to match the best in the country: a cut of {1 - ratio:.0%} "
        "in all such deaths, more than the whole difference between the best and the worst fifth "
        "of hospitals."
    )
