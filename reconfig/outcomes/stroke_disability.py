"""Stroke: quality of life and independence by the time it takes to be treated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from reconfig.core import Assumptions, Caseload, Journeys
from reconfig.outcomes.draws import Draws
from reconfig.outcomes.register import Register
from reconfig.outcomes.stroke_times import gains_by_minutes


@dataclass(frozen=True, eq=False)
class StrokeDisability:
    """QALYs and independence gained over today by shorter journeys to treatment.

    Patients go to their nearest unit for thrombolysis; those who need a thrombectomy are sent on
    from there, unless it is one of the centres. centres: ids of the thrombectomy centres, which
    are not decided on. utilities: "wang" or "dijkland". Lives are not estimated, on purpose: see
    `reconfig.outcomes.stroke_times.deaths`.
    """

    register: Register
    centres: tuple[str, ...]
    factor: Callable[[Assumptions], np.ndarray] | None = None
    utilities: str = "wang"

    estimates = ("qalys", "independent")
    by_volume = False
    by_number = False
    baseline = "today's journeys"
    basis = (
        "disability at 90 days by time to thrombolysis and thrombectomy, from mRS distributions "
        "at onset and at the time of no effect; estimated, and never added to the deaths avoided "
        "by hyper-acute units in the difference-in-differences studies, which already hold the "
        "effect of travel; deaths by time to thrombolysis are not headlined, as trials found no "
        "net effect on mortality"
    )

    def baseline_deaths(self, values: Assumptions) -> np.ndarray:
        """Return deaths per stroke without hyper-acute units (shape: number); for context only."""
        return np.asarray(np.clip(values["stroke.baseline_mortality"], 0.0, 1.0))

    def demand_factor(self, values: Assumptions) -> np.ndarray:
        """Return cases a year over the central cases a year (shape: number)."""
        return np.ones(values.number) if self.factor is None else self.factor(values)

    def per_case(self, estimate: str, to: Journeys) -> np.ndarray:
        """Return the central gain per case of each journey, against the one of today."""
        assert to.onward is not None
        assert to.onward_today is not None
        central = Draws.central(self.register)
        shape = np.broadcast_shapes(to.minutes.shape, to.onward.shape)
        after, before = (
            gains_by_minutes(
                central,
                np.broadcast_to(minutes, wanted).ravel(),
                transfer_minutes=np.broadcast_to(onward, wanted).ravel(),
                utilities=self.utilities,
            )[estimate][0].reshape(wanted)
            for minutes, onward, wanted in (
                (to.minutes, to.onward, shape),
                (to.minutes_today, to.onward_today, to.minutes_today.shape),
            )
        )
        return np.asarray(after - before)

    def gains(self, estimate: str, load: Caseload, values: Assumptions) -> Mapping[str, np.ndarray]:
        """Return "time" -> gain a year (number x configurations)."""
        total = np.zeros((values.number, len(load.number_open)))
        for k, onward in enumerate(load.onward):
            moved = load.by_onward[:, k] - load.today_by_onward[k]
            if moved.any():
                gain = gains_by_minutes(
                    values, load.minutes, transfer_minutes=float(onward), utilities=self.utilities
                )
                total += gain[estimate] @ moved.T
        return {"time": total}
