"""Deaths by risk: a baseline, and effects on it. One model for every service that needs no other.

Effects, of which a service file names those that apply (register: <assumptions>.<effect>_*):

- hub: odds of death at a chosen site, a mixture of no, a moderate and a strong effect, for the
  share of cases to whom it applies;
- rota: how much of the hub effect can be staffed at so many sites;
- delay: risk grows with the minutes of the journey, for the share of cases to whom it applies;
- transfer: those whose site of today is closed present there all the same, in part, and are moved:
  a further delay for the same share of cases;
- volume: odds of death fall or rise with the logarithm of a site's cases a year.

Effects are added up, which leaves out their products: at the sizes of the register that is less
than a fortieth of the sum for a laparotomy a quarter of an hour further away, and a 25th at forty
minutes. Odds ratios are turned into risk ratios at the baseline risk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reconfig.core import Assumptions, Caseload, Journeys
from reconfig.outcomes.draws import Draws
from reconfig.outcomes.register import Register

EFFECTS = ("hub", "rota", "delay", "transfer", "volume")
KINDS = ("none", "moderate", "strong")
MINUTES_PER_HOUR = 60.0
TINY = 1e-12


def risk_ratio(odds_ratio: np.ndarray, baseline_risk: np.ndarray | float) -> np.ndarray:
    """Return the risk ratio that an odds ratio means at a baseline risk (0 to 1).

    RR = OR / (1 - p + p OR): odds ratios are never used as risk ratios.
    """
    return np.asarray(odds_ratio / (1.0 - baseline_risk + baseline_risk * odds_ratio))


@dataclass(frozen=True, eq=False)
class RiskModel:
    """Deaths avoided by effects on a baseline risk, against today's care and today's journeys.

    prefix: ids of the register begin with it. effects: those of EFFECTS that apply. deaths: what is
    counted, in words ("30-day deaths after emergency laparotomy"). factor: cases a year over the
    central cases a year, for some values of assumptions.
    """

    register: Register
    prefix: str
    effects: tuple[str, ...]
    deaths: str
    factor: Callable[[Assumptions], np.ndarray] | None = None
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    estimates = ("lives_saved",)
    centres = ()

    @property
    def baseline(self) -> str:
        """The care that lives saved are counted against, in words."""
        if "hub" in self.effects and "rota" not in self.effects:
            return "care at no such centre"  # the sites of today have the effect already
        return "today's standard of care"

    @property
    def by_volume(self) -> bool:
        """Whether a case's risk depends on how many others go to the same site."""
        return "volume" in self.effects

    @property
    def by_number(self) -> bool:
        """Whether a case's risk depends on how many sites are open."""
        return "rota" in self.effects

    @property
    def basis(self) -> str:
        """One sentence that says what the estimate rests on."""
        said = [self.deaths]
        if "hub" in self.effects:
            none = float(self._central.weights(self._id("hub"), KINDS)[0, 0])
            said.append(
                "the effect of a hub is contested, so the range gives "
                f"{none:.0%} weight to no effect at all"
            )
        if "rota" in self.effects:
            said.append("it is reached by as many sites as today's consultants can staff")
        if "delay" in self.effects:
            said.append("longer journeys cost lives among those for whom delay matters")
        if "transfer" in self.effects:
            said.append("so do transfers from a site that is closed")
        if "volume" in self.effects:
            said.append("risk follows the volume of a site, by an association")
        if not set(self.effects) - {"hub"}:
            said.append("it is the same wherever the sites are")
        return "; ".join([*said, "estimated"])

    def baseline_deaths(self, values: Assumptions) -> np.ndarray:
        """Return deaths per case at today's standard (shape: number)."""
        return np.asarray(np.clip(values[self._id("baseline_mortality")], 0.0, 1.0))

    def demand_factor(self, values: Assumptions) -> np.ndarray:
        """Return cases a year over the central cases a year (shape: number)."""
        return np.ones(values.number) if self.factor is None else self.factor(values)

    def per_case(self, estimate: str, to: Journeys) -> np.ndarray:
        """Return central deaths avoided per case of each journey, against the one of today.

        Never more than the deaths per case at baseline.
        """
        values = self._central
        gain = np.zeros(np.broadcast_shapes(to.minutes.shape, to.is_candidate.shape))
        if "hub" in self.effects:
            staffed = 1.0
            if "rota" in self.effects:
                assert to.number_open is not None
                staffed = float(self._staffed(values, np.array([to.number_open]))[0, 0])
            at_neighbour = (~to.is_candidate).astype(float)
            if "rota" in self.effects:  # who goes to a neighbour today gains nothing by doing so
                at_neighbour = at_neighbour - ~to.candidate_today
            hub, share = self._hub(values)[0], self._neighbour_share(values)[0]
            gain = gain + hub * (staffed * to.is_candidate + share * at_neighbour)
        if "delay" in self.effects:
            before, after = (
                np.where(np.isfinite(m), m, to.reference_minutes)
                for m in (to.minutes_today, to.minutes)
            )
            risk = [
                self._delay(values, m.ravel(), to.reference_minutes)[0].reshape(m.shape)
                for m in (before, after)
            ]
            gain = gain + (risk[0] - risk[1])
            if "transfer" in self.effects:
                lost = self._transfer(values, risk[1].reshape(1, -1)).reshape(risk[1].shape)
                gain = gain - lost * to.displaced
        if "volume" in self.effects:
            assert to.volume is not None
            assert to.volume_today is not None
            now, then = (self._volume(values, v[None, :])[0] for v in (to.volume, to.volume_today))
            gain = gain + np.where(to.is_candidate, now, 0.0) - then
        return np.asarray(np.minimum(gain, self.baseline_deaths(values)[0]))

    def at_volume(self, estimate: str, volumes: np.ndarray) -> np.ndarray:
        """Return central deaths avoided per case at candidates of some volumes (cases a year)."""
        if "volume" not in self.effects:
            return np.zeros(volumes.shape)
        return np.asarray(self._volume(self._central, volumes[None])[0])

    def gains(self, estimate: str, load: Caseload, values: Assumptions) -> Mapping[str, np.ndarray]:
        """Return effect -> deaths avoided a year (number x configurations).

        The effect of the hub includes how much of it can be staffed.
        """
        found: dict[str, np.ndarray] = {}
        if "hub" in self.effects:
            staffed, away = np.ones((1, 1)), load.at_neighbours
            if "rota" in self.effects:
                staffed = self._staffed(values, load.number_open)
                away = away - load.at_neighbours_today
            at_sites = staffed * load.at_candidates + self._neighbour_share(values)[:, None] * away
            found["hub"] = self._hub(values)[:, None] * at_sites
        if "delay" in self.effects:
            risk = self._delay_on_grid(values, load)
            found["delay"] = risk @ (load.today_by_minutes - load.by_minutes).T
            if "transfer" in self.effects:
                found["transfer"] = -self._transfer(values, risk) @ load.displaced_by_minutes.T
        if "volume" in self.effects:
            found["volume"] = self._volume_gain(values, load)
        return found

    def staffed_share(self, number_open: int) -> float:
        """Return the share of the hub effect that today's consultants can staff, over today's."""
        return float(self._staffed(self._central, np.array([number_open]))[0, 0])

    def rota(self) -> tuple[float, float]:
        """Return the consultants at hand for all sites, and those that a compliant rota needs.

        As the register has them: sites x rota - those lacking, and the rota of one site.
        """
        each, sites, short = (
            float(self._central[self._id(name)][0])
            for name in ("rota_consultants", "rota_sites", "rota_short")
        )
        return max(each * sites - short, 0.0), each

    def _id(self, name: str) -> str:
        return f"{self.prefix}.{name}"

    @property
    def _central(self) -> Draws:
        if "central" not in self.memo:
            self.memo["central"] = Draws.central(self.register)
        found: Draws = self.memo["central"]
        return found

    def _hub(self, values: Assumptions) -> np.ndarray:
        """Return deaths avoided per case at a fully staffed hub (shape: number)."""
        risk = self.baseline_deaths(values)
        weights = values.weights(self._id("hub"), KINDS)
        cut = np.zeros(values.number)
        for k, kind in enumerate(KINDS[1:], start=1):
            odds = np.exp(values[self._id(f"hub_ln_or_{kind}")])
            cut += weights[:, k] * (1.0 - risk_ratio(odds, risk))
        share = np.clip(values[self._id("share_moved")], 0.0, 1.0)
        return np.asarray(risk * share * cut)

    def _neighbour_share(self, values: Assumptions) -> np.ndarray:
        """Return the share of a hub's effect that a neighbour has (shape: number)."""
        return np.asarray(np.clip(values[self._id("neighbour_effect")], 0.0, 1.0))

    def _transfer(self, values: Assumptions, risk: np.ndarray) -> np.ndarray:
        """Return what transfers add to the deaths of those who lose their site.

        Share who present there all the same x risk x (RR^hours of the transfer - 1). risk: deaths
        per case by journey, of those for whom delay matters (number x minutes), as is what is
        returned.
        """
        share = np.clip(values[self._id("transfer_share")], 0.0, 1.0)[:, None]
        slope = values[self._id("delay_ln_rr_per_hour")] / MINUTES_PER_HOUR
        more = np.expm1(slope * values[self._id("transfer_minutes")])[:, None]
        still_alive = np.clip(values[self._id("delay_share")], 0.0, 1.0)[:, None] - risk
        return np.asarray(share * np.minimum(risk * more, still_alive))

    def _staffed(self, values: Assumptions, number_open: np.ndarray) -> np.ndarray:
        """Return the share of the hub effect gained over today (number x configurations).

        Consultants at hand = sites x rota - those lacking. At n sites, the share of sites with a
        compliant rota is at most what they can fill; what the sites of today reach is the baseline.
        """
        each = values[self._id("rota_consultants")]
        sites = values[self._id("rota_sites")]
        pool = np.maximum(each * sites - values[self._id("rota_short")], 0.0)

        def filled(number: np.ndarray) -> np.ndarray:
            needed = each[:, None] * number
            # Where no consultant is needed, every site is staffed.
            return np.where(needed > pool[:, None], pool[:, None] / np.maximum(needed, TINY), 1.0)

        today = filled(sites[:, None])
        room = np.where(today < 1.0, 1.0 - today, np.inf)
        return np.asarray((filled(np.maximum(number_open, 1)[None, :]) - today) / room)

    def _delay(self, values: Assumptions, minutes: np.ndarray, reference: float) -> np.ndarray:
        """Return deaths per case by journey, of those for whom delay matters (number x minutes).

        Their risk x share x RR^(hours over today's mean journey). Their risk is the baseline where
        the register has none of their own (delay_mortality).
        """
        share = np.clip(values[self._id("delay_share")], 0.0, 1.0)
        slope = values[self._id("delay_ln_rr_per_hour")] / MINUTES_PER_HOUR
        own = self._id("delay_mortality")
        risk = np.clip(values[own], 0.0, 1.0) if own in self.register else None
        risk = self.baseline_deaths(values) if risk is None else risk
        at_reference = (risk * share)[:, None]
        deaths = at_reference * np.exp(np.outer(slope, minutes - reference))
        return np.asarray(np.minimum(deaths, share[:, None]))

    def _delay_on_grid(self, values: Assumptions, load: Caseload) -> np.ndarray:
        """Return the same on a caseload's grid, kept for the next one on the same values."""
        key = (len(load.minutes), load.minutes[-1], load.reference_minutes)
        kept = self.memo.get("delay")
        if kept is None or kept[0] is not values or kept[1] != key:
            kept = (values, key, self._delay(values, load.minutes, load.reference_minutes))
            self.memo["delay"] = kept
        risk: np.ndarray = kept[2]
        return risk

    def _volume(self, values: Assumptions, volumes: np.ndarray) -> np.ndarray:
        """Return deaths avoided per case at sites of some volumes (number x volumes), 0 at none.

        Odds ratio = (volume / reference) ** slope, against the baseline at the reference.
        """
        risk = self.baseline_deaths(values)[:, None]
        reference = np.maximum(values[self._id("volume_reference")], TINY)[:, None]
        some = np.where(volumes > 0, volumes, np.nan)
        odds = np.exp(values[self._id("volume_ln_or")][:, None] * np.log(some / reference))
        return np.nan_to_num(risk * (1.0 - risk_ratio(odds, risk)), nan=0.0)

    def _volume_gain(self, values: Assumptions, load: Caseload) -> np.ndarray:
        total = np.zeros((values.number, len(load.number_open)))
        for volumes, today in zip(load.volumes.T, load.volumes_today, strict=True):
            total += volumes * self._volume(values, volumes[None, :])
            total -= today * self._volume(values, np.array([[today]]))
        return total
