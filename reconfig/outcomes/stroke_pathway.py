"""From minutes of travel to minutes from onset of a stroke to treatment, and who is treated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reconfig.core import Assumptions, Faults


@dataclass(frozen=True, eq=False)
class Pathway:
    """Minutes of a stroke pathway beside the journeys, one value a draw (shape: draws, 1).

    before_journey: onset to the ambulance and its time at the scene; to_needle, to_puncture: from
    arrival to thrombolysis and to thrombectomy; transfer_delay: what a transfer costs beside its
    journey. Source: register, stroke.onset_to_ambulance and the like.
    """

    before_journey: np.ndarray
    to_needle: np.ndarray
    to_puncture: np.ndarray
    transfer_delay: np.ndarray

    @classmethod
    def of(cls, draws: Assumptions) -> Pathway:
        """Return the pathway of each draw."""
        before = draws["stroke.onset_to_ambulance"] + draws["stroke.ambulance_scene"]
        return cls(
            before[:, None],
            draws["stroke.arrival_to_needle"][:, None],
            draws["stroke.arrival_to_puncture"][:, None],
            draws["stroke.transfer_delay"][:, None],
        )

    def to_thrombolysis(self, minutes: np.ndarray | Sequence[float]) -> np.ndarray:
        """Return onset to thrombolysis at a unit that many minutes away (draws, minutes).

        onset to ambulance + scene + journey + arrival to needle.
        """
        return np.asarray(self.before_journey + _checked("minutes", minutes) + self.to_needle)

    def to_thrombectomy(
        self,
        minutes: np.ndarray | Sequence[float],
        *,
        transfer_minutes: float | np.ndarray = 0.0,
    ) -> np.ndarray:
        """Return onset to thrombectomy (draws, minutes).

        Direct, where transfer_minutes is 0: onset to ambulance + scene + journey to the centre +
        arrival to puncture. Drip and ship, where it is above 0: onset to ambulance + scene +
        journey to the first unit + net delay + transfer + arrival to puncture at the centre.
        """
        onward = _checked("transfer_minutes", transfer_minutes)
        journey = _checked("minutes", minutes) + onward
        delay = np.where(onward > 0, self.transfer_delay, 0)
        return np.asarray(self.before_journey + journey + delay + self.to_puncture)


@dataclass(frozen=True, eq=False)
class Treated:
    """Shares of all stroke cases by kind and treatment (each of shape: draws, 1).

    nlvo_ivt: thrombolysis without a large-vessel occlusion; lvo_ivt, lvo_mt, lvo_both: with one,
    and thrombolysis, thrombectomy or both. Strokes that are not ischaemic are never treated.
    """

    nlvo_ivt: np.ndarray
    lvo_ivt: np.ndarray
    lvo_mt: np.ndarray
    lvo_both: np.ndarray

    @classmethod
    def of(cls, draws: Assumptions) -> Treated:
        """Return the shares of each draw.

        Thrombolysis reaches the same share of ischaemic strokes of either kind, thrombectomy only
        those with a large-vessel occlusion; who has both is as if the two were independent.
        """
        ischaemic = draws["stroke.share_ischaemic"]
        lvo = ischaemic * draws["stroke.share_lvo"]
        thrombolysed = np.minimum(draws["stroke.thrombolysis_rate"] / ischaemic, 1)
        with_thrombectomy = np.minimum(draws["stroke.thrombectomy_rate"], lvo)
        shares = (
            (ischaemic - lvo) * thrombolysed,
            (lvo - with_thrombectomy) * thrombolysed,
            with_thrombectomy * (1 - thrombolysed),
            with_thrombectomy * thrombolysed,
        )
        return cls(*(share[:, None] for share in shares))

    def per_case(self, nlvo_ivt: np.ndarray, lvo_ivt: np.ndarray, lvo_mt: np.ndarray) -> np.ndarray:
        """Return the gain per stroke case of any kind from the gains per treated patient.

        Whoever has both treatments has the larger of the two gains, never their sum.
        """
        both = np.maximum(lvo_ivt, lvo_mt)
        return np.asarray(
            self.nlvo_ivt * nlvo_ivt
            + self.lvo_ivt * lvo_ivt
            + self.lvo_mt * lvo_mt
            + self.lvo_both * both
        )


def _checked(name: str, minutes: float | np.ndarray | Sequence[float]) -> np.ndarray:
    faults, found = Faults(), np.atleast_1d(np.asarray(minutes, dtype=float))
    if not (found >= 0).all():
        count = int((~(found >= 0)).sum())
        faults.add("stroke times", name, f"{count} blank or below zero", "minutes of zero or more")
    faults.raise_if_any()
    return found
