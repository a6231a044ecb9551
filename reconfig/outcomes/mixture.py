"""What the two first outcome models share: a sampled effect per case, scaled to a service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reconfig.core import LivesSaved
from reconfig.outcomes.register import Register

# Enough for the ends of a 95 % interval to be steady to the figures shown.
DRAWS = 20_000
SEED = 20150615


@dataclass(frozen=True, eq=False)
class SampledEffect:
    """An effect per case: its expected value and its draws.

    deaths_avoided_per_case, baseline_deaths_per_case: expected values.
    draws: deaths avoided per case of the central demand, one a draw (shape: draws), each with the
    demand, baseline and effect of the same draw.
    """

    deaths_avoided_per_case: float
    baseline_deaths_per_case: float
    draws: np.ndarray
    basis: str
    baseline: str

    def lives_saved(
        self, *, cases_at_sites: float, cases: float, staffed_share: float
    ) -> LivesSaved:
        """Return lives saved a year at that many cases, with interval and chance of no gain."""
        scale = cases_at_sites * staffed_share
        low, high = np.quantile(self.draws, [0.025, 0.975]) * scale
        none = float(np.mean(self.draws <= 0)) if scale > 0 else 1.0
        return LivesSaved(
            central=self.deaths_avoided_per_case * scale,
            low=float(low),
            high=float(high),
            baseline_deaths=self.baseline_deaths_per_case * cases,
            probability_of_no_gain=none,
            basis=self.basis,
            baseline=self.baseline,
        )


def shares(register: Register, prefix: str, kinds: Sequence[str]) -> dict[str, float]:
    """Return the weight of each kind (register: <prefix>_<kind>), as shares that sum to 1."""
    weights = {kind: register.value(f"{prefix}_{kind}") for kind in kinds}
    total = sum(weights.values())
    return {kind: weight / total for kind, weight in weights.items()}


def choose_component(weights: Sequence[float], rng: np.random.Generator, number: int) -> np.ndarray:
    """Return which component of a mixture each draw comes from (shape: number).

    Stratified: the shares are exact to one draw, so that the interval is steady.
    """
    edges = np.cumsum(weights) / np.sum(weights)
    uniform = (np.arange(number) + 0.5) / number
    return rng.permutation(np.searchsorted(edges, uniform))
